"""What could not be read whole is a finding, so that reports of findings alone tell of it."""

from __future__ import annotations

import json

from tests.support import hullcheck, scan_tree, write_tree


def gaps(root):
    return [
        f"{one.location.path}:{one.location.span.line}:{one.location.span.column} {one.message}"
        for one in scan_tree(root, "coverage-gap").findings
    ]


def test_a_file_that_does_not_parse_points_at_what_stops_it(tmp_path):
    write_tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: [a\n",
            "pod.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\n  x: 1\n",
        },
    )
    first, second = gaps(tmp_path)
    assert first.startswith("compose.yaml:4:1 the file was not evaluated (compose): YAML syntax")
    assert second.startswith("pod.yaml:7:4 the file was evaluated in part (kubernetes): line 7: YAML syntax")


def test_a_file_that_cannot_be_decoded_is_a_gap_in_its_first_line(tmp_path):
    write_tree(tmp_path, {"Dockerfile": b"FROM a\0b\n"})
    assert gaps(tmp_path) == ["Dockerfile:1:1 the file was not evaluated (dockerfile): the file is binary"]


def test_a_rule_that_is_left_open_is_no_gap(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services:\n  web:\n    image: a:1\n    privileged: ${P}\n"})
    report = scan_tree(tmp_path, "privileged", "coverage-gap")
    assert report.unknown == 1
    assert report.findings == ()


def test_files_that_nobody_means_to_scan_are_no_gaps(tmp_path):
    write_tree(
        tmp_path,
        {"notes.yaml": "a: [\n", "values.yaml": "a: 1\n", "compose.yaml": "services: {a: {image: b}}\n"},
    )
    assert gaps(tmp_path) == []


def test_it_is_in_sarif_and_decides_no_exit_code_of_its_own(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services: [\n"})
    ran = hullcheck("scan", str(tmp_path), "--format", "sarif", "--allow-partial")
    assert ran.code == 0
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("coverage-gap", "note")


def test_it_can_be_ignored_as_any_rule(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services: [\n", ".hullcheck.yaml": "ignore: [coverage-gap]\n"})
    assert json.loads(hullcheck("scan", str(tmp_path), "--format", "json").out)["findings"] == []


def test_a_secret_in_what_stops_the_reading_is_not_shown(tmp_path):
    value = "kV93hd82LqpX"
    text = f"services:\n  web:\n    image: a:1\n    environment: {{DB_PASSWORD: {value}}}\n    ports: ['{value}:x:y:z']\n"
    write_tree(tmp_path, {"compose.yaml": text})
    ran = hullcheck("scan", str(tmp_path), "--profile", "all", "--format", "json")
    assert value not in ran.out
