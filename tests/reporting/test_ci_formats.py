"""GitHub annotations, Markdown summaries, JUnit and GitLab reports."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from scanner.model.finding import RelatedLocation, ValuesKey
from scanner.model.report import Diagnostic, Report
from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions, blob_url, load_reporter
from scanner.reporting.markdown import MARKER
from tests.reporting.report_builders import at, finding, flowing_report, grouped_report, report, rich_report


def rendered(name: str, of: Report, **options: Any) -> str:
    return load_reporter(name).render(of, RenderOptions(**options))


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return what GitHub's runner reads from the log."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"\s*::([a-z]+) ?(.*?)::(.*)$", line):
            pairs = (pair.split("=", 1) for pair in match[2].split(",") if pair)
            found.append((match[1], {key: unescaped(value) for key, value in pairs}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_an_annotation_has_its_place_its_title_and_its_fix():
    one = finding(
        related=(RelatedLocation(at("Dockerfile", 1, 6, 16), "no USER"),),
        values_key=ValuesKey("v.yaml", 1, "image.tag"),
    )
    ((level, properties, message),) = commands(rendered("github", report(one), base_path="app"))
    assert level == "error"
    assert properties == {
        "file": "app/compose.yaml",
        "line": "5",
        "endLine": "5",
        "col": "9",
        "endColumn": "50",
        "title": "high: Runtime socket mounted [runtime-socket-mounted]",
    }
    assert message.split("\n") == [
        "container 'web' mounts the Docker socket",
        "no USER (app/Dockerfile:1)",
        "set 'image.tag' in app/v.yaml:1",
        "Fix: Remove the mount.",
    ]


def test_names_are_escaped_for_the_runner():
    one = finding(at("a,b:c%41.yaml", 1, 1, 2), message="100%25 of\nit")
    ((_level, properties, message),) = commands(rendered("github", report(one, texts={})))
    assert properties["file"] == "a,b:c%41.yaml"
    assert message.startswith("100%25 of\\nit\n")


def test_findings_of_one_rule_in_one_file_are_one_annotation():
    of = report(*(finding(at("f", line, 1, 2)) for line in range(1, 41)))
    ((_level, properties, message),) = commands(rendered("github", of))
    assert properties["line"] == "1"
    assert "39 more findings of this rule in this file, at line 2, 3, 4" in message
    assert "and 19 more" in message


def test_ten_of_each_level_are_kept_worst_first_and_the_rest_counted():
    findings = [
        finding(at(f"f{number}", 1, 1, 2), f"{severity.value}-rule", severity=severity)
        for severity in Severity
        for number in range(8)
    ]
    text = rendered("github", report(*findings))
    levels = [level for level, _properties, _message in commands(text)]
    assert [levels.count(level) for level in ("error", "warning", "notice")] == [10, 8, 10]
    titles = [properties["title"] for _level, properties, _message in commands(text)]
    assert sum(title.startswith("critical") for title in titles) == 8
    assert "40 findings" in text
    assert "12 more without an annotation" in text


def test_errors_of_the_scan_are_annotations_too():
    ((level, properties, message), *_rest) = commands(rendered("github", rich_report()))
    assert (level, properties["file"], properties["line"]) == ("error", "bad.yaml", "6")
    assert message == "mapping values are not allowed here"


def test_places_of_several_lines_have_no_columns():
    ((_level, properties, _message),) = commands(rendered("github", report(finding(at("f", 1, 3, 2, 4)))))
    assert properties["endLine"] == "4"
    assert "col" not in properties


def test_a_summary_is_marked_and_has_figures_findings_and_gaps():
    text = rendered("markdown", rich_report(), blob_url="https://github.com/o/r/blob/abc/", base_path="app")
    assert text.startswith(f"{MARKER}\n## hullcheck: failed\n")
    assert (
        "| critical | high | medium | low | info |\n| ---: | ---: | ---: | ---: | ---: |\n| 1 | 1 | 0 | 1 | 1 |"
        in text
    )
    assert "[app/compose.yaml:5](https://github.com/o/r/blob/abc/app/compose.yaml#L5)" in text
    assert "- app/bad.yaml (failed): not well-formed" in text
    assert "- app/bad.yaml:6:17 mapping values are not allowed here" in text


def test_a_clean_summary_says_passed():
    text = rendered("markdown", report())
    assert "## hullcheck: passed" in text
    assert "### Findings" not in text


def test_without_an_address_places_are_no_links():
    assert "](" not in rendered("markdown", rich_report())


def test_a_summary_stays_below_the_limit_and_says_that_it_is_cut():
    findings = [finding(at(f"{'d/' * 100}{n}.yaml", 1, 1, 2), message="<" * 500) for n in range(2_000)]
    text = rendered("markdown", report(*findings, texts={}))
    assert len(text.encode()) <= 900 * 1024
    assert "longer than GitHub takes" in text


def test_long_lists_of_gaps_are_counted():
    errors = tuple(Diagnostic(f"{n}.yaml", 1, 1, "error", "broken") for n in range(150))
    assert "- and 50 more" in rendered("markdown", report(diagnostics=errors))


def test_the_address_of_files_comes_from_the_workflow():
    environment = {"GITHUB_SERVER_URL": "https://gh", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc"}
    assert blob_url(environment) == "https://gh/o/r/blob/abc/"
    assert blob_url({}) is None


def test_junit_counts_failures_errors_and_passes():
    root = ElementTree.fromstring(rendered("junit", rich_report(), base_path="app"))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "4", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["app/Dockerfile", "app/bad.yaml", "app/compose.yaml"]
    assert [case.get("name") for case in suites["app/Dockerfile"]] == ["no finding in 5 rules"]
    failure = suites["app/compose.yaml"].find("testcase[2]/failure")
    assert failure is not None
    assert failure.get("type") == "high"
    assert failure.get("message") == "container 'web' mounts the Docker socket (in dev, prod)"
    assert "fix: Remove the mount." in (failure.text or "")


def test_gitlab_entries_have_a_fingerprint_of_their_own():
    of = report(*(finding(at("f", line, 1, 2)) for line in range(1, 41)))
    entries = json.loads(rendered("gitlab", of, base_path="app"))
    assert len({entry["fingerprint"] for entry in entries}) == 40
    assert entries[0] == {
        "check_name": "runtime-socket-mounted",
        "description": "container 'web' mounts the Docker socket",
        "fingerprint": entries[0]["fingerprint"],
        "location": {"lines": {"begin": 1}, "path": "app/f"},
        "severity": "critical",
    }


def test_gitlab_of_nothing_is_an_empty_list():
    assert json.loads(rendered("gitlab", Report())) == []


def test_an_annotation_tells_how_it_is_reached():
    ((_, _, message),) = commands(rendered("github", flowing_report(), base_path="app"))
    assert message.split("\n")[1:3] == [
        "the database beside it (app/compose.yaml:7)",
        (
            "How it is reached: 1. Ingress 'shop' leads to Service 'web' (app/compose.yaml:3)"
            " 2. the socket is mounted (app/compose.yaml:5) 3. root it is (app/Dockerfile:1)"
        ),
    ]


def test_a_test_case_tells_how_it_is_reached():
    failure = ElementTree.fromstring(rendered("junit", flowing_report())).find(".//failure")
    assert failure is not None
    assert (failure.text or "").split("\n")[1:6] == [
        "compose.yaml:7 the database beside it",
        "how it is reached:",
        "  1. compose.yaml:3 Ingress 'shop' leads to Service 'web'",
        "  2. compose.yaml:5 the socket is mounted",
        "  3. Dockerfile:1 root it is",
    ]


def test_code_quality_names_the_places_on_the_way():
    (entry,) = json.loads(rendered("gitlab", flowing_report(), base_path="app"))
    assert entry["description"] == (
        "container 'web' mounts the Docker socket"
        " (how it is reached: app/compose.yaml:3 > app/compose.yaml:5 > app/Dockerfile:1)"
    )
    related = RelatedLocation(at("Dockerfile", 1, 6, 16), "no USER")
    (entry,) = json.loads(rendered("gitlab", report(finding(related=(related,)))))
    assert entry["description"] == "container 'web' mounts the Docker socket (see Dockerfile:1)"


def test_markdown_tells_how_it_is_reached():
    row = next(
        line for line in rendered("markdown", flowing_report()).splitlines() if line.startswith("| high |")
    )
    assert (
        "how it is reached:<br>1. Ingress 'shop' leads to Service 'web' (compose.yaml:3)"
        "<br>2. the socket is mounted (compose.yaml:5)<br>3. root it is (Dockerfile:1) |"
    ) in row


def test_markdown_says_what_to_do_first():
    lines = rendered("markdown", grouped_report(), base_path="app").splitlines()
    start = lines.index("### Fix first: 1 edit makes 2 of 3 findings go")
    assert lines[start + 2] == (
        "- app/compose.yaml:1: in 'x-common', which services merge, add:"
        "<br><code>cap&#95;drop: &#91;ALL&#93;</code><br><code>read&#95;only: true</code>"
        "<br>2 findings go, the worst is high"
    )
    assert start < lines.index("### Findings")
