"""The identity of findings."""

from __future__ import annotations

import random

from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.triage.fingerprint import fingerprints
from tests.reporting.report_builders import at, finding


def test_place_message_and_severity_are_not_part_of_it():
    moved = finding(at("other/compose.yaml", 90, 1, 5), message="reworded", severity=Severity.LOW)
    assert fingerprints([finding()]) == fingerprints([moved])


def test_document_index_and_environments_are_not_part_of_it():
    other = finding(resource=ResourceRef("service", "web", None, "web", 7), environments=("prod",))
    assert fingerprints([finding()]) == fingerprints([other])


def test_rule_resource_field_and_item_are_part_of_it():
    base = finding()
    others = [
        finding(rule="privileged"),
        finding(field="image"),
        finding(item="8080"),
        *(
            finding(resource=ResourceRef(*parts))
            for parts in (
                ("Deployment", "web", None, "web"),
                ("service", "db", None, "web"),
                ("service", "web", "prod", "web"),
                ("service", "web", None, "app"),
                ("service", "web", None, None),
            )
        ),
    ]
    values = {fingerprints([one])[0] for one in [base, *others]}
    assert len(values) == len(others) + 1


def test_findings_of_equal_identity_are_numbered_whatever_their_order():
    findings = [finding(at(path, line, 1, 5)) for path in ("b.yaml", "a.yaml") for line in (9, 3, 7)]
    expected = dict(zip(findings, fingerprints(findings), strict=True))
    assert len(set(expected.values())) == len(findings)
    shuffled = findings[:]
    random.Random(1).shuffle(shuffled)
    assert dict(zip(shuffled, fingerprints(shuffled), strict=True)) == expected


def test_a_separator_in_a_name_does_not_give_the_identity_of_another():
    one = finding(resource=ResourceRef("service", "a\x1fb", None, "c"))
    two = finding(resource=ResourceRef("service", "a", None, "b\x1fc"))
    assert fingerprints([one]) != fingerprints([two])


def test_the_value_is_stable_across_versions():
    assert fingerprints([finding()]) == ("34cae946647560a97cfe6685654f70cf",)


def test_undecodable_names_are_no_trouble():
    assert fingerprints([finding(resource=ResourceRef("service", "\udc80", None, None))])
