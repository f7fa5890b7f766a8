"""Rules with cases: a finding for each case that holds, which points at and names what that one is about."""

from __future__ import annotations

from textwrap import dedent

from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from scanner.reporting.shared.where import sentence
from scanner.triage.fingerprint import fingerprints
from tests.environment_trees import COMPOSE, KUSTOMIZE
from tests.support import write_tree

RULE = dedent(
    """\
    id: own-rule
    title: A title
    severity: high
    confidence: high
    tier: core
    applies_to: container
    formats: [compose, kubernetes]
    when: {field: role, equals: main}
    message: "container '{name}' is bad"
    cases:
    %s
    description: Why.
    remediation: Do this.
    examples: []
    """
)


def findings(root, files, *cases):
    rules = root / "rules"
    listed = "\n".join(f"  - {case}" for case in cases)
    write_tree(rules, {"own-rule.yaml": RULE % listed})
    tree = write_tree(root / "tree", files)
    settings = Settings(paths=(tree,), rule_folders=(rules,), selection=Selection(select=("own-rule",)))
    return scan(settings)


def told(report):
    return [f"{one.location.path}:{one.location.span.line} {sentence(one)}" for one in report.findings]


PRIVILEGED = "{name: one, when: {field: privileged, equals: true}, at: privileged}"


def test_two_cases_at_one_place_are_two_findings_of_different_identity(tmp_path):
    same = PRIVILEGED.replace("one", "two")
    report = findings(tmp_path, {"compose.yaml": "services:\n  a:\n    privileged: true\n"}, PRIVILEGED, same)
    assert told(report) == ["compose.yaml:3 container 'a' is bad"] * 2
    assert [one.item for one in report.findings] == ["one", "two"]
    assert len(set(fingerprints(report.findings))) == 2


def test_a_finding_points_at_the_item_that_its_condition_means(tmp_path):
    case = (
        "{name: one, when: {field: ports, any_of: {field: published, equals: 22}}, "
        "at: ports.published, message: \"port '{ports.published}' of '{name}'\"}"
    )
    text = 'services:\n  a:\n    ports:\n      - "80:80"\n      - "22:22"\n'
    assert told(findings(tmp_path, {"compose.yaml": text}, case)) == ["compose.yaml:5 port '22' of 'a'"]


def test_a_message_names_the_resource_that_the_condition_holds_for(tmp_path):
    case = (
        "{name: one, when: {all: [{related: siblings, exists: true}, {related: siblings, any_of: "
        "{field: privileged, equals: true}}]}, message: \"not as in '{siblings.workload.environment}'\"}"
    )
    files = {**COMPOSE, "compose.aaa.yaml": COMPOSE["compose.dev.yaml"]}
    assert told(findings(tmp_path, files, case)) == [
        "compose.yaml:2 not as in 'prod' (only in aaa, dev)",
    ]


def test_a_finding_on_a_field_that_an_environment_took_out_points_at_what_did_so(tmp_path):
    case = (
        "{name: one, when: {all: [{field: read_only_root, exists: false}, {related: base-variants, "
        "exists: true}]}, at: [read_only_root, name]}"
    )
    assert told(findings(tmp_path, KUSTOMIZE, case)) == [
        "overlays/prod/kustomization.yaml:6 container 'web' is bad (only in prod)",
    ]
