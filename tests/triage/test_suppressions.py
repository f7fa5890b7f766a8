"""Suppressions in files: which findings they take out, and what becomes of these."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from scanner.model.report import Report
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from tests.support import hullcheck, scan_tree, write_tree

RULES = ("privileged", "host-network", "host-pid", "image-tag-latest", "suppression-stale", "coverage-gap")


def scanned(root: Path, files: dict[str, str], *select: str) -> Report:
    write_tree(root, {name: textwrap.dedent(text).lstrip("\n") for name, text in files.items()})
    return scan_tree(root, *(select or RULES))


def still(report: Report) -> list[str]:
    return [f"{one.location.path}:{one.location.span.line} {one.rule}" for one in report.findings]


def out(report: Report) -> list[str]:
    return [f"{one.location.path}:{one.location.span.line} {one.rule}" for one in report.suppressed]


POD = """
    apiVersion: v1
    kind: Pod
    metadata:
      name: web{annotations}
    spec:
      hostNetwork: true
      containers:
        - name: app
          image: nginx:latest
          securityContext:
            privileged: true
    """


def test_a_suppressed_finding_says_why_where_and_until_when(tmp_path):
    report = scanned(
        tmp_path,
        {
            "compose.yaml": """
            services:
              # hullcheck: ignore[privileged, host-network] reason="it loads a module" until=2999-01-31
              web:
                image: nginx:latest
                privileged: true
                network_mode: host
              db:
                image: postgres:17
                privileged: true
            """
        },
    )
    assert still(report) == ["compose.yaml:4 image-tag-latest", "compose.yaml:9 privileged"]
    assert out(report) == ["compose.yaml:5 privileged", "compose.yaml:6 host-network"]
    why = report.suppressed[0].suppressed
    assert why is not None
    assert (why.reason, why.until) == ("it loads a module", "2999-01-31")
    assert why.location is not None
    assert (why.location.path, why.location.span.line) == ("compose.yaml", 2)


def test_a_service_is_covered_where_an_anchor_gives_it_the_value(tmp_path):
    report = scanned(
        tmp_path,
        {
            "compose.yaml": """
            x-base: &base
              privileged: true
            services:
              # hullcheck: ignore[privileged] reason="known"
              one:
                <<: *base
                image: a:1
              two:
                <<: *base
                image: a:1
            """
        },
    )
    assert [one.resource.name for one in report.suppressed] == ["one"]
    assert [one.resource.name for one in report.findings] == ["two"]


def test_a_comment_at_the_anchor_covers_all_who_take_it_over(tmp_path):
    report = scanned(
        tmp_path,
        {
            "compose.yaml": """
            x-base: &base
              privileged: true # hullcheck: ignore[privileged] reason="known"
            services:
              one: {<<: *base, image: a:1}
              two: {<<: *base, image: a:1}
            """
        },
    )
    assert report.findings == ()
    assert sorted(one.resource.name for one in report.suppressed) == ["one", "two"]


def test_labels_of_a_service_suppress_as_annotations_do(tmp_path):
    report = scanned(
        tmp_path,
        {
            "compose.yaml": """
            services:
              one:
                image: a:1
                privileged: true
                labels:
                  hullcheck.dev/ignore.privileged: known until=2999-01-01
              two:
                image: a:1
                privileged: true
                labels: ["hullcheck.dev/ignore.privileged=known"]
              three:
                image: a:1
                privileged: true
                labels: ["hullcheck.dev/ignore.privileged="]
            """
        },
    )
    assert out(report) == ["compose.yaml:4 privileged", "compose.yaml:9 privileged"]
    assert still(report) == ["compose.yaml:13 privileged", "compose.yaml:14 suppression-stale"]


def test_an_annotation_covers_its_object_and_no_other(tmp_path):
    annotated = POD.format(annotations="\n      annotations: {hullcheck.dev/ignore.privileged: known}")
    report = scanned(tmp_path, {"a.yaml": annotated, "b.yaml": POD.format(annotations="")})
    assert out(report) == ["a.yaml:12 privileged"]
    assert "b.yaml:11 privileged" in still(report)


def test_annotations_of_a_pod_template_count_too(tmp_path):
    report = scanned(
        tmp_path,
        {
            "a.yaml": """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: a}
            spec:
              jobTemplate:
                spec:
                  template:
                    metadata:
                      annotations: {hullcheck.dev/ignore.host-pid: it watches}
                    spec:
                      hostPID: true
                      containers: [{name: c, image: "a:1"}]
            """
        },
    )
    assert still(report) == []
    assert out(report) == ["a.yaml:11 host-pid"]


BASE = {
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "base/pod.yaml": POD.format(annotations=""),
    "prod/kustomization.yaml": "resources: [../base]\npatches:\n  - path: patch.yaml\n",
}


def test_a_comment_in_a_patch_covers_what_the_patch_sets(tmp_path):
    patch = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec:
      # hullcheck: ignore[host-pid] reason="it watches processes"
      hostPID: true
    """
    report = scanned(tmp_path, {**BASE, "prod/patch.yaml": patch})
    assert out(report) == ["prod/patch.yaml:6 host-pid"]


def test_an_annotation_of_one_environment_leaves_the_finding_of_the_other(tmp_path):
    patch = """
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      annotations: {hullcheck.dev/ignore.privileged: known}
    """
    files = {**BASE, "prod/patch.yaml": patch}
    files["dev/kustomization.yaml"] = "resources: [../base]\n"
    report = scanned(tmp_path, files)
    assert "base/pod.yaml:11 privileged" in still(report)
    kustomization = files["prod/kustomization.yaml"]
    both = {**files, "dev/patch.yaml": patch, "dev/kustomization.yaml": kustomization}
    assert "base/pod.yaml:11 privileged" in out(scanned(tmp_path / "both", both))


CHART = {
    "chart/Chart.yaml": "{apiVersion: v2, name: web, version: 1.0.0}\n",
    "chart/values.yaml": "privileged: true\nhostPID: true\n",
    "chart/templates/pod.yaml": """
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
    spec:
      {{- /* hullcheck: ignore[host-pid] reason="it watches" */}}
      hostPID: {{ .Values.hostPID }}
      containers:
        # hullcheck: ignore[image-tag-latest] reason="a mirror pins it"
        - name: c
          image: nginx:latest
          securityContext:
            privileged: {{ .Values.privileged }}
    """,
}


def test_comments_in_templates_and_values_of_a_chart(tmp_path):
    pytest.importorskip("helm_python", reason="the extra [helm] is not installed")
    report = scanned(tmp_path, CHART)
    assert still(report) == ["chart/templates/pod.yaml:13 privileged"]
    assert out(report) == [
        "chart/templates/pod.yaml:7 host-pid",
        "chart/templates/pod.yaml:11 image-tag-latest",
    ]
    values = '# hullcheck: ignore[privileged] reason="until the driver is replaced"\nprivileged: true\nhostPID: true\n'
    silent = scanned(tmp_path / "silent", {**CHART, "chart/values.yaml": values})
    assert still(silent) == []
    assert silent.suppressed[-1].suppressed.location.path == "chart/values.yaml"


def test_ignore_file_and_every_rule(tmp_path):
    report = scanned(
        tmp_path,
        {
            "a.yaml": '# hullcheck: ignore-file[*] reason="a fixture"\n'
            + textwrap.dedent(POD.format(annotations="")).lstrip(),
            "b.yaml": '# hullcheck: ignore-file[*] reason="a fixture"\na: [\napiVersion: v1\nkind: Pod\n',
        },
    )
    assert {one.rule for one in report.suppressed} == {"privileged", "host-network", "image-tag-latest"}
    assert [one.rule for one in report.findings] == ["coverage-gap"]


def test_a_gap_can_be_suppressed_by_its_name(tmp_path):
    text = '# hullcheck: ignore-file[coverage-gap] reason="a template of ours"\na: [\napiVersion: v1\nkind: Pod\n'
    report = scanned(tmp_path, {"b.yaml": text})
    assert report.findings == ()
    assert out(report) == ["b.yaml:4 coverage-gap"]


def test_suppressing_renumbers_no_other_and_actions_speak_of_open_findings(tmp_path):
    text = """
    x-base: &base
      image: a:1
    services:
      one:
        <<: *base
        MARK
      two:
        <<: *base
    """
    rules = ("read-only-rootfs", "suppression-stale")
    before = scanned(
        tmp_path / "a", {"compose.yaml": text.replace("MARK", "{}").replace("{}", "tty: false")}, *rules
    )
    comment = "# hullcheck: ignore-file[read-only-rootfs] reason=x\n"
    assert before.actions
    after = scanned(
        tmp_path / "b",
        {"compose.yaml": comment + textwrap.dedent(text.replace("MARK", "tty: false"))},
        *rules,
    )
    assert len(after.suppressed) == 2
    assert after.actions == ()
    assert all(one.group is None for one in after.suppressed)

    def prints(folder: Path, *more: str) -> set[str]:
        ran = hullcheck("scan", str(folder), "--select", "read-only-rootfs", "--format", "json", *more)
        return {one["fingerprint"] for one in json.loads(ran.out)["findings"]}

    assert prints(tmp_path / "a") == prints(tmp_path / "b", "--show-suppressed")


BAD = (
    'services:\n  web:\n    image: a:1\n    privileged: true # hullcheck: ignore[privileged] reason="known"\n'
)


def test_suppressed_findings_decide_no_exit_code_and_are_told_when_asked_for(tmp_path):
    write_tree(tmp_path, {"compose.yaml": BAD})
    asked = ("scan", str(tmp_path), "--select", "privileged")
    plain = hullcheck(*asked)
    assert plain.code == 0
    assert "(1 suppressed)" in plain.out
    assert "[privileged]" not in plain.out
    shown = hullcheck(*asked, "--show-suppressed")
    assert shown.code == 0
    assert "suppressed: known" in shown.out
    assert "[suppressed: known]" in hullcheck(*asked, "--show-suppressed", "-q").out
    report = json.loads(hullcheck(*asked, "--format", "json").out)
    assert report["findings"] == []
    assert report["summary"]["suppressed"] == 1
    (entry,) = json.loads(hullcheck(*asked, "--format", "json", "--show-suppressed").out)["findings"]
    assert entry["suppressed"] == {"reason": "known", "path": "compose.yaml", "line": 4, "until": None}
    sarif = json.loads(hullcheck(*asked, "--format", "sarif", "--show-suppressed").out)
    assert sarif["runs"][0]["results"] == []


def test_a_suppressed_finding_can_be_explained(tmp_path, monkeypatch):
    write_tree(tmp_path, {"compose.yaml": BAD})
    monkeypatch.chdir(tmp_path)
    assert "privileged fires on" in hullcheck("explain", "compose.yaml:4").out


def test_no_secret_gets_out_through_a_reason(tmp_path):
    value = "kV93hd82LqpX"
    write_tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: a:1\n    environment:\n"
            f"      DB_PASSWORD: {value}\n"
            f'    # hullcheck: ignore[privileged] reason="the password is {value}"\n    privileged: true\n'
        },
    )
    asked = ("scan", str(tmp_path), "--select", "privileged,secret-literal-env", "--show-suppressed")
    for more in (("-q",), ("--format", "json")):
        ran = hullcheck(*asked, *more)
        assert "the password is ***" in ran.out
        assert value not in ran.out


def test_a_file_in_utf_16_is_read_for_suppressions(tmp_path):
    (tmp_path / "compose.yaml").write_bytes(BAD.encode("utf-16"))
    assert [one.rule for one in scan_tree(tmp_path, "privileged").suppressed] == ["privileged"]


def test_standard_input_may_hold_suppressions():
    ran = hullcheck("scan", "-", "--stdin-name", "compose.yaml", "--select", "privileged", stdin=BAD.encode())
    assert ran.code == 0
    assert "(1 suppressed)" in ran.out


def test_nothing_of_it_is_loaded_where_no_file_has_a_suppression(tmp_path):
    from tests.test_architecture import loaded_by

    write_tree(tmp_path, {"pod.yaml": textwrap.dedent(POD.format(annotations=""))})
    modules = loaded_by("scan", str(tmp_path))
    assert not {name for name in modules if name.startswith("scanner.triage.suppressing")}


def test_report_only_restricts_suppressed_findings_too(tmp_path, monkeypatch):
    write_tree(tmp_path, {"a/compose.yaml": BAD, "b/compose.yaml": BAD})
    monkeypatch.chdir(tmp_path)
    report = scan(
        Settings(paths=(Path(),), report_only=(Path("a"),), selection=Selection(select=("privileged",)))
    )
    assert out(report) == ["a/compose.yaml:4 privileged"]
