"""What is said to make several findings go does so: each edit is made, and the tree is scanned again."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.model.report import Action, Report
from scanner.model.resources import Format
from scanner.triage.settings import SETTINGS
from tests.support import scan_tree, write_tree
from tests.triage.editing import do, identities, of_group

ANCHOR = """\
x-common: &common
  logging: {driver: local}
services:
  web:
    <<: *common
    image: example.com/web:1@sha256:0000000000000000000000000000000000000000000000000000000000000000
  api:
    <<: *common
    image: example.com/api:1@sha256:0000000000000000000000000000000000000000000000000000000000000000
  db:
    image: example.com/db:1@sha256:0000000000000000000000000000000000000000000000000000000000000000
"""
EXTENDED = """\
services:
  base:
    image: example.com/base:1
  worker:
    extends: base
  clock:
    extends: {service: worker}
    read_only: false
"""
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - name: prepare
          image: example.com/prepare:1
      containers:
        - name: web
          image: example.com/web:1
        - name: proxy
          image: example.com/proxy:1
          securityContext: {runAsNonRoot: false}
"""
SHARED_LINE = """\
x-common: &common
  privileged: true
services:
  web:
    <<: *common
    image: example.com/web:1
  api:
    <<: *common
    image: example.com/api:1
"""


def actions_of(report: Report, start: str) -> list[Action]:
    return [action for action in report.actions if action.what.startswith(start)]


def prove(root: Path, action: Action, before: Report, *select: str, profile: str = "all") -> Report:
    """Make an edit and check that its findings are gone, and no others came."""
    cured = of_group(before, action)
    assert len(cured) == action.findings > 1
    do(action, root)
    after = scan_tree(root, *select, profile=profile)
    assert not identities(cured) & identities(list(after.findings))
    assert not after.is_incomplete()
    return after


@pytest.mark.parametrize("profile", ["core", "all"])
def test_keys_in_a_merged_anchor_cure_every_service_that_merges_it(tmp_path, profile):
    root = write_tree(tmp_path, {"compose.yaml": ANCHOR})
    before = scan_tree(root, profile=profile)
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("compose.yaml", 1)
    assert "cap_drop: [ALL]" in action.lines
    assert 'user: "10001:10001"' in action.lines
    assert {finding.resource.name for finding in of_group(before, action)} == {"web", "api"}
    after = prove(root, action, before, profile=profile)
    assert len(after.findings) <= len(before.findings) - action.findings


def test_every_setting_of_the_table_is_offered_and_cures(tmp_path):
    files = {"compose.yaml": ANCHOR, "deploy.yaml": POD.replace("{runAsNonRoot: false}", "{}")}
    root = write_tree(tmp_path, files)
    before = scan_tree(root)
    by_path = {action.place.path: action for action in before.actions}
    for path, form in (("compose.yaml", Format.COMPOSE), ("deploy.yaml", Format.KUBERNETES)):
        wanted = {line for setting in SETTINGS[form] for line in setting.lines}
        offered = {line.strip() for line in by_path[path].lines} - {"securityContext:"}
        assert wanted - offered <= {"runAsGroup: 10001"}  # which a parameter has to ask for
        prove(root, by_path[path], before)
        write_tree(root, files)


def test_keys_in_an_extended_service_cure_it_and_all_that_extend_it(tmp_path):
    root = write_tree(tmp_path, {"compose.yaml": EXTENDED})
    before = scan_tree(root, profile="core")
    (action,) = actions_of(before, "in service 'base'")
    cured = of_group(before, action)
    assert {finding.resource.name for finding in cured} == {"base", "worker", "clock"}
    assert "clock" not in {one.resource.name for one in cured if one.rule == "read-only-rootfs"}
    prove(root, action, before, profile="core")


def test_an_extended_service_of_another_file_is_where_to_edit(tmp_path):
    files = {
        "compose.yaml": "services:\n"
        "  a: {extends: {file: common/base.yaml, service: base}}\n"
        "  b: {extends: {file: common/base.yaml, service: base}}\n",
        "common/base.yaml": "services:\n  base:\n    image: example.com/base:1\n",
    }
    root = write_tree(tmp_path, files)
    before = scan_tree(root, "caps-drop-all-missing", "read-only-rootfs")
    (action,) = actions_of(before, "in service 'base'")
    assert action.place.path == "common/base.yaml"
    prove(root, action, before, "caps-drop-all-missing", "read-only-rootfs")


@pytest.mark.parametrize("context", ["", "      securityContext:\n        fsGroup: 10\n"])
def test_one_pod_level_security_context_cures_several_containers(tmp_path, context):
    root = write_tree(tmp_path, {"deploy.yaml": POD + context})
    before = scan_tree(root)
    (action,) = before.actions
    lines = [line.strip() for line in action.lines if line != "securityContext:"]
    assert lines[:3] == ["runAsNonRoot: true", "runAsUser: 10001", "seccompProfile: {type: RuntimeDefault}"]
    names = {one.resource.container for one in of_group(before, action) if one.rule == "seccomp-unset"}
    assert names == {"prepare", "web", "proxy"}
    says_so_itself = {one.resource.container for one in of_group(before, action) if one.rule == "run-as-root"}
    assert says_so_itself == {"prepare", "web"}
    prove(root, action, before)


def test_a_line_that_several_services_merge_is_changed_once(tmp_path):
    root = write_tree(tmp_path, {"compose.yaml": SHARED_LINE})
    before = scan_tree(root, "privileged")
    (action,) = before.actions
    assert (action.place.span.line, action.findings, action.lines) == (2, 2, ())
    (root / "compose.yaml").write_text(SHARED_LINE.replace("privileged: true", "privileged: false"))
    assert scan_tree(root, "privileged").findings == ()


def test_the_same_line_of_a_kustomize_base_is_one_finding_of_several_environments(tmp_path):
    kustomization = "resources: [../../base]\nnamePrefix: {}-\n"
    files = {
        "base/kustomization.yaml": "resources: [deploy.yaml]\n",
        "base/deploy.yaml": POD,
        "overlays/dev/kustomization.yaml": kustomization.format("dev"),
        "overlays/prod/kustomization.yaml": kustomization.format("prod"),
    }
    root = write_tree(tmp_path, files)
    before = scan_tree(root, "seccomp-unset")
    (action,) = before.actions
    assert action.place.path == "base/deploy.yaml"
    assert {len(one.environments) for one in of_group(before, action)} == {
        max(len(one.environments) for one in before.findings)
    }
    after = prove(root, action, before, "seccomp-unset")
    assert after.findings == ()


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "values.yaml": "web:\n  securityContext: {}\nreplicas: 2\n",
    "templates/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.com/web:1
          securityContext:
            {{- toYaml .Values.web.securityContext | nindent 12 }}
""",
}
HELPER = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "templates/_helpers.tpl": '{{- define "shop.extra" }}\n          tty: true\n{{- end }}\n',
    **{
        f"templates/{name}.yaml": f"""\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
    - name: app
      image: example.com/{name}:1
      securityContext:
{{{{- include "shop.security" . | nindent 8 }}}}
"""
        for name in ("one", "two")
    },
}


def test_keys_of_one_mapping_of_values_are_one_edit(tmp_path):
    pytest.importorskip("helm_python")
    root = write_tree(tmp_path, CHART)
    rules = ("caps-drop-all-missing", "privilege-escalation", "read-only-rootfs")
    before = scan_tree(root, *rules)
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("values.yaml", 2)
    assert action.lines == (
        "allowPrivilegeEscalation: false",
        'capabilities: {drop: ["ALL"]}',
        "readOnlyRootFilesystem: true",
    )
    assert prove(root, action, before, *rules).findings == ()


def test_a_line_of_a_chart_wide_helper_is_one_edit(tmp_path):
    pytest.importorskip("helm_python")
    helper = '{{- define "shop.security" -}}\nprivileged: true\nrunAsUser: 0\n{{- end }}\n'
    root = write_tree(tmp_path, {**HELPER, "templates/_helpers.tpl": helper})
    before = scan_tree(root, "privileged")
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("templates/_helpers.tpl", 2)
    (root / "templates/_helpers.tpl").write_text(helper.replace("privileged: true", "privileged: false"))
    assert scan_tree(root, "privileged").findings == ()


IMAGE = """\
FROM golang:1.24 AS build
RUN true

FROM debian:12
COPY --from=build /a /a
CMD ["/a"]
"""
BUILT = """\
services:
  web:
    build: app
  worker:
    build: app
  other:
    build: app
    user: "10001"
"""
USER_RULES = ("run-as-root", "dockerfile-user-missing", "dockerfile-user-root")


def test_one_user_in_a_dockerfile_cures_all_that_its_image_runs(tmp_path):
    root = write_tree(tmp_path, {"compose.yaml": BUILT, "app/Dockerfile": IMAGE})
    before = scan_tree(root, *USER_RULES)
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("app/Dockerfile", 4)
    assert action.lines == ("USER 10001:10001",)
    cured = [(one.rule, one.resource.name) for one in of_group(before, action)]
    assert sorted(cured) == [
        ("dockerfile-user-missing", "app"),
        ("run-as-root", "web"),
        ("run-as-root", "worker"),
    ]
    assert prove(root, action, before, *USER_RULES).findings == ()


def test_one_user_in_a_base_image_of_the_repository_cures_what_is_built_on_it(tmp_path):
    files = {
        "compose.yaml": "services:\n"
        "  base: {build: base, image: example.com/shop/base}\n"
        "  web: {build: web}\n"
        "  worker: {build: worker}\n",
        "base/Dockerfile": "FROM debian:12\nRUN true\n",
        "web/Dockerfile": 'FROM example.com/shop/base\nCMD ["/web"]\n',
        "worker/Dockerfile": 'FROM example.com/shop/base\nCMD ["/worker"]\n',
    }
    root = write_tree(tmp_path, files)
    before = scan_tree(root, *USER_RULES)
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("base/Dockerfile", 1)
    assert {one.resource.name for one in of_group(before, action) if one.rule == "run-as-root"} == {
        "base",
        "web",
        "worker",
    }
    prove(root, action, before, *USER_RULES)


def test_a_user_that_is_root_is_changed_where_it_stands(tmp_path):
    files = {"compose.yaml": BUILT, "app/Dockerfile": IMAGE + "USER root\n"}
    root = write_tree(tmp_path, files)
    before = scan_tree(root, *USER_RULES)
    (action,) = before.actions
    assert (action.place.path, action.place.span.line) == ("app/Dockerfile", 7)
    prove(root, action, before, *USER_RULES)


# What looks like one root cause and is none.


def test_two_stages_of_a_dockerfile_are_two_edits(tmp_path):
    files = {
        "compose.yaml": "services:\n  web: {build: {context: app, target: build}}\n",
        "app/Dockerfile": IMAGE,
    }
    root = write_tree(tmp_path, files)
    before = scan_tree(root, *USER_RULES)
    assert len(before.findings) == 3
    (action,) = before.actions
    assert (action.place.span.line, action.findings) == (1, 2)
    assert len(prove(root, action, before, *USER_RULES).findings) == 1


def test_an_image_that_only_its_name_links_to_a_dockerfile_is_not_promised_anything(tmp_path):
    pods = "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\n"
        "spec: {containers: [{name: c, image: registry.example.com/shop/checkout:1}]}\n"
        for number in range(2)
    )
    files = {"pods.yaml": pods, "src/checkout/Dockerfile": IMAGE}
    report = scan_tree(write_tree(tmp_path, files), *USER_RULES)
    assert [one.rule for one in report.findings].count("run-as-root") == 2
    assert report.actions == ()


def test_two_dockerfiles_are_two_edits(tmp_path):
    files = {
        "compose.yaml": "services:\n  web: {build: web}\n  api: {build: api}\n",
        "web/Dockerfile": IMAGE,
        "api/Dockerfile": IMAGE,
    }
    report = scan_tree(write_tree(tmp_path, files), *USER_RULES)
    assert {action.place.path for action in report.actions} == {"web/Dockerfile", "api/Dockerfile"}


def test_a_service_that_names_root_is_not_cured_by_its_dockerfile(tmp_path):
    named = BUILT.replace("  worker:\n", "  worker:\n    user: root\n")
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": named, "app/Dockerfile": IMAGE}), *USER_RULES)
    (action,) = report.actions
    assert "worker" not in {one.resource.name for one in of_group(report, action)}


def test_services_that_have_nothing_in_common_have_no_edit_in_common(tmp_path):
    services = "services:\n  a: {image: example.com/a:1}\n  b: {image: example.com/b:1}\n"
    assert scan_tree(write_tree(tmp_path, {"compose.yaml": services})).actions == ()


def test_a_pod_with_one_container_has_no_shared_place(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a}]}\n"
    assert scan_tree(write_tree(tmp_path, {"pod.yaml": pod})).actions == ()


def test_a_key_that_a_service_sets_itself_is_not_cured_by_the_anchor(tmp_path):
    own = ANCHOR.replace("  api:\n", "  api:\n    cap_drop: [NET_RAW]\n")
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": own}), "caps-drop-all-missing")
    assert report.actions == ()
    assert len(report.findings) == 3


def test_a_key_without_a_value_keeps_out_what_is_merged(tmp_path):
    empty = ANCHOR.replace("  api:\n", "  api:\n    cap_drop:\n")
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": empty}), "caps-drop-all-missing")
    assert report.actions == ()


def test_a_key_that_an_override_resets_is_not_cured_by_the_anchor(tmp_path):
    reset = "services:\n  api:\n    cap_drop: !reset null\n"
    files = {"compose.yaml": ANCHOR, "compose.override.yaml": reset}
    report = scan_tree(write_tree(tmp_path, files), "caps-drop-all-missing")
    assert report.actions == ()


def test_security_options_of_its_own_replace_those_of_the_anchor(tmp_path):
    own = ANCHOR.replace("  api:\n", '  api:\n    security_opt: ["apparmor:web"]\n')
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": own}), "privilege-escalation")
    assert report.actions == ()


def test_what_makes_a_finding_go_and_a_pod_worse_is_no_cure(tmp_path):
    pytest.importorskip("helm_python")
    templates = {
        f"templates/{name}.yaml": "apiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}}}\nspec:\n  hostNetwork: {{{{ .Values.hostNetwork }}}}\n"
        f"  containers:\n    - name: app\n      image: example.com/{name}:1\n"
        for name in ("one", "two")
    }
    files = {"Chart.yaml": CHART["Chart.yaml"], "values.yaml": "hostNetwork: false\n", **templates}
    report = scan_tree(write_tree(tmp_path, files), "network-policy-missing")
    assert len(report.findings) == 2
    assert report.actions == ()


def test_a_tag_of_several_images_cannot_hold_the_digest_of_each(tmp_path):
    pytest.importorskip("helm_python")
    templates = {
        f"templates/{name}.yaml": "apiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}}}\nspec:\n  containers:\n    - name: app\n"
        f"      image: example.com/{name}:{{{{ .Values.tag }}}}\n"
        for name in ("one", "two")
    }
    files = {"Chart.yaml": CHART["Chart.yaml"], "values.yaml": "tag: v1\n", **templates}
    report = scan_tree(write_tree(tmp_path, files), "image-digest-missing")
    assert len(report.findings) == 2
    assert report.actions == ()


def test_a_rule_that_asks_for_more_is_not_said_to_be_content(tmp_path):
    rule = """\
id: groups-are-named
title: Containers name their group
severity: low
confidence: high
tier: core
applies_to: container
formats: [compose]
when: {all: [{not: {field: cap_drop, contains: EVERYTHING}}]}
at: [cap_drop, name]
message: "container '{name}' keeps something"
description: A rule of our own that no list of capabilities satisfies.
remediation: Drop more.
references: [https://example.com/]
tags: [own]
examples: []
"""
    from scanner.pipeline import Settings, scan
    from scanner.policy.catalog import Selection

    write_tree(tmp_path / "rules", {"groups-are-named.yaml": rule})
    root = write_tree(tmp_path / "project", {"compose.yaml": ANCHOR})
    chosen = Selection(profile="all", select=("groups-are-named",))
    report = scan(Settings((root,), chosen, rule_folders=(tmp_path / "rules",)))
    assert len(report.findings) == 3
    assert report.actions == ()


# What a group's name is made of.


def test_a_group_keeps_its_name_when_lines_move(tmp_path):
    root = write_tree(tmp_path, {"compose.yaml": ANCHOR})
    before = [action.group for action in scan_tree(root).actions]
    (root / "compose.yaml").write_text("# a comment\n\n" + ANCHOR)
    after = scan_tree(root)
    assert [action.group for action in after.actions] == before
    assert {finding.group for finding in after.findings} == {None, *before}


def test_groups_do_not_depend_on_the_order_of_findings(tmp_path):
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": ANCHOR, "deploy.yaml": POD}))
    assert len(report.actions) == 2
    assert [action.severity.rank for action in report.actions] == sorted(
        (action.severity.rank for action in report.actions), reverse=True
    )
    assert sum(action.findings for action in report.actions) == sum(
        finding.group is not None for finding in report.findings
    )
