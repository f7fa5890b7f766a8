"""The JSON format: the contract of interface.md."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import scanner.reporting
from scanner.model.finding import RelatedLocation, Suppression, ValuesKey
from scanner.model.report import Report
from scanner.model.rule import Confidence
from scanner.reporting.base import RenderOptions, load_reporter
from tests.reporting.report_builders import at, finding, grouped_report, report, rich_report

SCHEMA = json.loads((Path(scanner.reporting.__file__).parent / "report.schema.json").read_text())


def rendered(of: Report, **options: Any) -> dict[str, Any]:
    document = json.loads(load_reporter("json").render(of, RenderOptions(**options)))
    errors = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]
    assert errors == []
    return document


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_finds_a_wrong_document():
    document = rendered(rich_report())
    document["findings"][0]["line"] = 0
    del document["findings"][1]["resource"]["document"]
    document["coverage"][0]["status"] = "maybe"
    assert len(list(Draft202012Validator(SCHEMA).iter_errors(document))) == 3


def test_a_finding_has_every_member_of_the_contract():
    document = rendered(rich_report())
    entry = next(one for one in document["findings"] if one["rule"] == "runtime-socket-mounted")
    assert entry == {
        "rule": "runtime-socket-mounted",
        "severity": "high",
        "message": "container 'web' mounts the Docker socket",
        "path": "compose.yaml",
        "line": 5,
        "column": 9,
        "end_line": 5,
        "end_column": 50,
        "resource": {"kind": "service", "name": "web", "namespace": None, "container": "web", "document": 0},
        "related": [
            {
                "path": "Dockerfile",
                "line": 1,
                "column": 6,
                "message": "no USER in any stage, so it runs as uid 0",
            }
        ],
        "flow": [],
        "values_key": None,
        "environments": ["dev", "prod"],
        "fingerprint": "34cae946647560a97cfe6685654f70cf",
        "group": None,
        "confidence": "high",
        "suppressed": None,
        "fix": None,
    }


def test_summary_counts_what_is_there():
    summary = rendered(rich_report())["summary"]
    assert summary["findings"] == {"critical": 1, "high": 1, "medium": 0, "low": 1, "info": 1}
    assert (summary["rules"], summary["resources"], summary["files"]) == (5, 3, 2)


def test_every_evaluated_rule_is_told_with_its_controls():
    rules = rendered(rich_report())["rules"]
    assert set(rules) >= {"never-met", "runtime-socket-mounted"}
    assert rules["runtime-socket-mounted"]["frameworks"] == {
        "cis-docker": ["5.32"],
        "pss-baseline": ["HostPath"],
    }


def test_findings_keep_the_order_of_the_report_and_coverage_is_sorted():
    document = rendered(rich_report())
    places = [(one["path"], one["line"], one["column"]) for one in document["findings"]]
    assert places == sorted(places)
    paths = [one["path"] for one in document["coverage"]]
    assert paths == sorted(paths)


def test_keys_are_sorted_and_a_run_repeats_itself():
    text = load_reporter("json").render(rich_report(), RenderOptions())
    assert text == load_reporter("json").render(rich_report(), RenderOptions())
    for entry in json.loads(text, object_pairs_hook=list)[2][1]:
        names = [name for name, _value in entry]
        assert names == sorted(names)


def test_suppressed_findings_are_entries_only_when_asked_for():
    suppressed = finding(suppressed=Suppression("reviewed", at("compose.yaml", 4, 1, 9), "2027-01-31"))
    of = replace(report(), suppressed=(suppressed,))
    assert rendered(of)["findings"] == []
    assert rendered(of)["summary"]["suppressed"] == 1
    (entry,) = rendered(of, show_suppressed=True)["findings"]
    expected = {"reason": "reviewed", "path": "compose.yaml", "line": 4, "until": "2027-01-31"}
    assert entry["suppressed"] == expected


def test_suppressing_a_finding_keeps_the_fingerprints_of_the_others():
    first, second = finding(at("a.yaml", 1, 1, 2)), finding(at("b.yaml", 1, 1, 2))
    both = rendered(report(first, second))["findings"]
    rest = rendered(replace(report(second), suppressed=(first,)))["findings"]
    assert rest[0]["fingerprint"] == both[1]["fingerprint"]


def test_values_key_is_told():
    one = finding(values_key=ValuesKey("chart/values.yaml", None, "image.tag"))
    (entry,) = rendered(report(one))["findings"]
    assert entry["values_key"] == {"path": "chart/values.yaml", "line": None, "key": "image.tag"}


def test_an_empty_report_is_a_whole_document():
    document = rendered(Report())
    assert (document["findings"], document["coverage"], document["rules"]) == ([], [], {})


def test_a_flow_is_a_list_of_places_in_its_order():
    steps = (
        RelatedLocation(at("compose.yaml", 5, 9, 50), "the socket is mounted"),
        RelatedLocation(at("Dockerfile", 1, 6, 16), "root it is"),
    )
    (entry,) = rendered(report(finding(flow=steps)))["findings"]
    assert entry["flow"] == [
        {"path": "compose.yaml", "line": 5, "column": 9, "message": "the socket is mounted"},
        {"path": "Dockerfile", "line": 1, "column": 6, "message": "root it is"},
    ]


def test_the_confidence_is_that_of_the_finding_where_it_is_lower():
    low = finding(confidence=Confidence.LOW)
    entries = rendered(report(low, finding(at("compose.yaml", 7, 1, 5))))["findings"]
    assert [entry["confidence"] for entry in entries] == ["low", "high"]


def test_actions_name_the_group_of_the_findings_that_go():
    document = rendered(grouped_report())
    (action,) = document["actions"]
    assert action == {
        "group": "0123456789abcdef",
        "path": "compose.yaml",
        "line": 1,
        "column": 1,
        "message": "in 'x-common', which services merge, add",
        "lines": ["cap_drop: [ALL]", "read_only: true"],
        "findings": 2,
        "rules": ["caps-drop-all-missing", "read-only-rootfs"],
        "severity": "high",
    }
    assert [one["group"] for one in document["findings"]] == ["0123456789abcdef", "0123456789abcdef", None]
