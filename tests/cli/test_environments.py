"""`--environment` and the configuration's `environments`: what is judged, and how severe it is."""

from __future__ import annotations

import json

import pytest

from tests.environment_trees import CHART, COMPOSE, DEPLOYMENT, KUSTOMIZE
from tests.support import hullcheck, write_tree

ALL = {**COMPOSE, **KUSTOMIZE, **CHART, "plain.yaml": DEPLOYMENT.replace("true", "false")}
RULES = "privileged,read-only-rootfs,host-network"


def scan(root, *options, rules=RULES):
    """Return the exit code, the findings as `path:line rule severity environments`, and the ledger."""
    ran = hullcheck("scan", str(root), "--select", rules, "--format", "json", *options)
    told = json.loads(ran.out)
    found = [
        f"{one['path']}:{one['line']} {one['rule']} {one['severity']} {' '.join(one['environments'])}"
        for one in told["findings"]
    ]
    return ran.code, found, {line["path"]: line for line in told["coverage"]}


def test_without_a_choice_every_environment_is_judged(tmp_path):
    _, found, _ = scan(write_tree(tmp_path, ALL))
    assert found == [
        "base/web.yaml:11 read-only-rootfs medium prod",
        "chart/templates/web.yaml:11 read-only-rootfs medium default dev prod",
        "chart/templates/web.yaml:12 privileged critical prod",
        "compose.prod.yaml:3 privileged critical prod",
        "compose.yaml:8 read-only-rootfs medium default dev prod",
        "overlays/prod/kustomization.yaml:10 host-network high prod",
        "plain.yaml:12 read-only-rootfs medium default",
    ]


def test_one_environment_is_that_of_each_project_and_what_belongs_to_all(tmp_path):
    _, found, ledger = scan(write_tree(tmp_path, ALL), "--environment", "dev")
    assert found == [
        "chart/templates/web.yaml:11 read-only-rootfs medium dev",
        "compose.yaml:8 read-only-rootfs medium dev",
        "plain.yaml:12 read-only-rootfs medium default",
    ]
    for path in ("compose.prod.yaml", "overlays/prod/kustomization.yaml"):
        assert ledger[path]["status"] == "ignored"
        assert ledger[path]["reason"] == "belongs to the environment 'prod', which was not asked for"
    assert "prod" in ledger["chart/values-prod.yaml"]["reason"]
    assert ledger["base/web.yaml"]["status"] == "evaluated"


def test_several_environments_are_given_one_by_one_or_in_a_list(tmp_path):
    root = write_tree(tmp_path, ALL)
    both = scan(root, "--environment", "dev", "--environment", "prod")
    assert both[:2] == scan(root, "--environment", "dev,prod")[:2]
    assert "compose.yaml:8 read-only-rootfs medium dev prod" in both[1]


def test_a_project_without_the_environment_is_judged_by_its_default(tmp_path):
    files = {
        **COMPOSE,
        "chart/Chart.yaml": CHART["chart/Chart.yaml"],
        "chart/values.yaml": "privileged: true\ntag: x\n",
    }
    files["chart/templates/web.yaml"] = CHART["chart/templates/web.yaml"]
    _, found, _ = scan(write_tree(tmp_path, files), "--environment", "prod", rules="privileged")
    assert found == [
        "chart/templates/web.yaml:12 privileged critical default",
        "compose.prod.yaml:3 privileged critical prod",
    ]


def test_an_overlay_called_by_its_path_goes_by_its_last_part(tmp_path):
    files = {f"{shop}/{path}": text for shop in ("a", "b") for path, text in KUSTOMIZE.items()}
    _, found, _ = scan(write_tree(tmp_path, files), "--environment", "prod", rules="host-network")
    assert found == [
        "a/overlays/prod/kustomization.yaml:10 host-network high a/overlays/prod",
        "b/overlays/prod/kustomization.yaml:10 host-network high b/overlays/prod",
    ]


def test_a_kustomization_that_is_no_overlay_belongs_to_every_environment(tmp_path):
    files = {**KUSTOMIZE, "monitoring/kustomization.yaml": "resources: [web.yaml]\n"}
    files["monitoring/web.yaml"] = DEPLOYMENT.replace("true", "false")
    _, found, _ = scan(write_tree(tmp_path, files), "--environment", "dev")
    assert found == ["monitoring/web.yaml:12 read-only-rootfs medium monitoring"]


def test_an_unknown_environment_is_told_with_those_there_are(tmp_path):
    ran = hullcheck("scan", str(write_tree(tmp_path, ALL)), "--environment", "prd")
    assert ran.code == 2
    assert "unknown environment 'prd'; did you mean 'prod'? there are default, dev, prod" in ran.err


def test_what_the_environment_is_built_on_is_known_though_not_judged(tmp_path):
    root = write_tree(tmp_path, {**COMPOSE, **KUSTOMIZE, **CHART})
    _, found, _ = scan(root, "--environment", "prod", rules="override-weakens-base")
    assert found == [
        "chart/templates/web.yaml:12 override-weakens-base high prod",
        "compose.prod.yaml:3 override-weakens-base high prod",
        "compose.prod.yaml:4 override-weakens-base high prod",
        "overlays/prod/kustomization.yaml:6 override-weakens-base high prod",
        "overlays/prod/kustomization.yaml:10 override-weakens-base high prod",
    ]


CONFIG = """\
environments:
  prod:
    severity: {read-only-rootfs: high}
  dev:
    severity: {read-only-rootfs: info}
    ignore: [privileged]
"""


def test_a_finding_is_as_severe_as_in_the_worst_of_its_environments(tmp_path):
    root = write_tree(tmp_path, {**ALL, ".hullcheck.yaml": CONFIG})
    _, found, _ = scan(root)
    assert "compose.yaml:8 read-only-rootfs high default dev prod" in found
    assert "plain.yaml:12 read-only-rootfs medium default" in found


def test_what_belongs_to_every_environment_is_judged_as_in_the_one_that_is_asked_for(tmp_path):
    root = write_tree(tmp_path, {**ALL, ".hullcheck.yaml": CONFIG})
    code, found, _ = scan(root, "--environment", "dev")
    assert code == 0
    assert {one.split()[2] for one in found} == {"info"}


def test_what_is_ignored_in_one_environment_counts_in_the_others(tmp_path):
    prod = COMPOSE["compose.prod.yaml"]
    files = {**COMPOSE, "compose.dev.yaml": prod, ".hullcheck.yaml": CONFIG}
    _, found, _ = scan(write_tree(tmp_path, files), rules="privileged")
    assert found == ["compose.prod.yaml:3 privileged critical prod"]


def test_environments_can_be_made_of_any_files(tmp_path):
    files = {
        "deploy/stack.yml": "services:\n  web:\n    image: example.com/web:1\n  db:\n    image: postgres:17\n",
        "deploy/live.yml": "services:\n  web:\n    image: example.com/web:1\n    privileged: true\n",
        "chart/Chart.yaml": CHART["chart/Chart.yaml"],
        "chart/values.yaml": CHART["chart/values.yaml"],
        "chart/templates/web.yaml": CHART["chart/templates/web.yaml"],
        "other/Chart.yaml": CHART["chart/Chart.yaml"],
        "other/values.yaml": CHART["chart/values.yaml"],
        "other/templates/web.yaml": CHART["chart/templates/web.yaml"],
        "chart/settings/live.yaml": "privileged: true\n",
        "clusters/one/kustomization.yaml": "resources: [web.yaml]\n",
        "clusters/one/web.yaml": DEPLOYMENT.replace("readOnlyRootFilesystem", "privileged"),
        ".hullcheck.yaml": (
            "environments:\n  live:\n    compose: [deploy/stack.yml, deploy/live.yml]\n"
            "    values: [chart/settings/live.yaml]\n    kustomize: [clusters/one]\n"
        ),
    }
    _, found, _ = scan(write_tree(tmp_path, files), rules="privileged")
    assert found == [
        "chart/templates/web.yaml:12 privileged critical live",
        "clusters/one/web.yaml:12 privileged critical live",
        "deploy/live.yml:4 privileged critical live",
    ]


def test_several_compose_projects_can_make_one_environment(tmp_path):
    service = "services:\n  web:\n    image: example.com/web:1\n    privileged: true\n"
    files = {
        "a.yml": service,
        "b.yml": service,
        ".hullcheck.yaml": "environments:\n  live:\n    compose: [[a.yml], [b.yml]]\n",
    }
    _, found, _ = scan(write_tree(tmp_path, files), rules="privileged")
    assert found == ["a.yml:4 privileged critical live", "b.yml:4 privileged critical live"]


def test_declared_files_outside_of_what_is_scanned_are_no_part_of_it(tmp_path):
    files = {**COMPOSE, "sub/compose.yaml": COMPOSE["compose.yaml"]}
    files[".hullcheck.yaml"] = "environments:\n  live:\n    compose: [compose.yaml, compose.prod.yaml]\n"
    root = write_tree(tmp_path, files)
    _, found, _ = scan(root / "sub", rules="read-only-rootfs")
    assert found == ["compose.yaml:8 read-only-rootfs medium default"]


@pytest.mark.parametrize(
    "text,told",
    [
        (
            "prod: {kompose: [compose.yaml]}",
            "3:10: unknown key 'kompose' in environment 'prod'; did you mean",
        ),
        (
            "prod: {compose: [compose.prd.yaml]}",
            "there is no file 'compose.prd.yaml'; did you mean 'compose.",
        ),
        ("prod: {kustomize: [overlays/prd]}", "there is no folder 'overlays/prd'; did you mean 'prod'?"),
        ("prod: {kustomize: [base/web.yaml]}", "there is no folder 'base/web.yaml'"),
        ("prod: {values: [../outside.yaml]}", "'../outside.yaml' lies outside the folder"),
        ("prod: {compose: []}", "expected Compose files"),
        ("prod: {severity: {privileged: hihg}}", "unknown severity 'hihg'; did you mean 'high'?"),
        ("prod: {severity: {privilged: high}}", "unknown rule 'privilged'; did you mean 'privileged'?"),
        ("prod: {ignore: [privilged]}", "'privilged'"),
        ("[prod]", "expected a mapping for environments"),
    ],
)
def test_nonsense_in_the_configuration_is_told(tmp_path, text, told):
    config = f"environments:\n  # which there are\n  {text}\n"
    root = write_tree(tmp_path, {**ALL, ".hullcheck.yaml": config})
    ran = hullcheck("scan", str(root))
    assert ran.code == 2
    assert told in ran.err
