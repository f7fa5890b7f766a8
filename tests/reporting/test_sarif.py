"""The SARIF format: the OASIS schema and GitHub's own rules."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sarif_om as om

from scanner.model.finding import RelatedLocation, ValuesKey
from scanner.model.report import Report
from scanner.model.rule import Severity
from scanner.reporting.base import Provenance, RenderOptions, load_reporter
from scanner.reporting.sarif import MOST_RESULTS, serialized
from tests.reporting.report_builders import (
    COMPOSE,
    DOCKERFILE,
    at,
    finding,
    flowing_report,
    report,
    rich_report,
    rule,
)
from tests.reporting.sarif_checks import complaints

TEXTS = {"compose.yaml": COMPOSE, "Dockerfile": DOCKERFILE}


def rendered(of: Report, **options: Any) -> dict[str, Any]:
    return json.loads(load_reporter("sarif").render(of, RenderOptions(**options)))


def results(of: Report, **options: Any) -> list[dict[str, Any]]:
    return rendered(of, **options)["runs"][0]["results"]


def place(result: dict[str, Any]) -> dict[str, Any]:
    return result["locations"][0]["physicalLocation"]


def test_a_rich_report_is_all_that_github_asks_for():
    assert complaints(rendered(rich_report()), TEXTS) == []


def test_a_flow_is_a_thread_of_steps():
    log = rendered(flowing_report())
    assert complaints(log, TEXTS) == []
    (flow,) = log["runs"][0]["results"][0]["codeFlows"]
    (thread,) = flow["threadFlows"]
    assert [step["location"]["message"]["text"] for step in thread["locations"]] == [
        "Ingress 'shop' leads to Service 'web'.",
        "the socket is mounted.",
        "root it is.",
    ]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in thread["locations"]]
    assert lines == [3, 5, 1]


def test_a_finding_without_a_flow_has_no_code_flow():
    assert all("codeFlows" not in result for result in results(rich_report()))


def test_a_flow_is_what_sarif_om_would_say():
    (flow,) = results(flowing_report())[0]["codeFlows"]
    places = [step["location"]["physicalLocation"] for step in flow["threadFlows"][0]["locations"]]
    twin = om.CodeFlow(
        message=om.Message(text=flow["message"]["text"]),
        thread_flows=[
            om.ThreadFlow(
                locations=[
                    om.ThreadFlowLocation(
                        execution_order=number,
                        location=om.Location(
                            message=om.Message(text=step["location"]["message"]["text"]),
                            physical_location=place,
                        ),
                    )
                    for number, (step, place) in enumerate(
                        zip(flow["threadFlows"][0]["locations"], places, strict=True), 1
                    )
                ]
            )
        ],
    )
    assert serialized(twin) == flow


def test_an_empty_report_has_an_empty_list_of_results():
    log = rendered(Report())
    assert complaints(log, {}) == []
    assert log["runs"][0]["results"] == []


def broken(change: str) -> dict[str, Any]:
    log = copy.deepcopy(rendered(rich_report()))
    run = log["runs"][0]
    properties = run["tool"]["driver"]["rules"][1]["properties"]
    result = run["results"][1]
    match change:
        case "severity word":
            properties["security-severity"] = "high"
        case "severity number":
            properties["security-severity"] = 8.0
        case "precision":
            properties["precision"] = "sure"
        case "tags":
            properties["tags"] = [f"t{number}" for number in range(21)]
        case "fingerprints":
            del result["partialFingerprints"]
        case "line hash":
            result["partialFingerprints"]["primaryLocationLineHash"] = "0:1"
        case "column":
            del place(result)["region"]["startColumn"]
        case "link":
            result["message"]["text"] = "See [this](9)."
        case "kind":
            result["kind"] = "pass"
        case "space":
            place(result)["artifactLocation"]["uri"] = "a b"
        case "too many":
            run["results"] = [result] * 5_001
        case "schema":
            del run["tool"]["driver"]["name"]
    return log


@pytest.mark.parametrize(
    "change",
    ["severity word", "severity number", "precision", "tags", "fingerprints", "line hash", "column", "link"]
    + ["kind", "space", "too many"],
)
def test_the_checks_find_what_validators_miss(change: str):
    assert complaints(broken(change), TEXTS) != []


def test_the_schema_is_checked():
    assert any(text.startswith("schema") for text in complaints(broken("schema"), TEXTS))


def test_results_are_what_sarif_om_would_say():
    (result,) = results(report(finding()))
    region = place(result)["region"]
    context = place(result)["contextRegion"]
    twin = om.Result(
        rule_id=result["ruleId"],
        rule_index=result["ruleIndex"],
        kind="fail",
        level="error",
        message=om.Message(text="container 'web' mounts the Docker socket."),
        locations=[
            om.Location(
                physical_location=om.PhysicalLocation(
                    artifact_location=om.ArtifactLocation(uri="compose.yaml", uri_base_id="%SRCROOT%"),
                    region=om.Region(
                        start_line=5,
                        start_column=9,
                        end_line=5,
                        end_column=50,
                        snippet=om.ArtifactContent(text=region["snippet"]["text"]),
                    ),
                    context_region=om.Region(
                        start_line=4, end_line=6, snippet=om.ArtifactContent(text=context["snippet"]["text"])
                    ),
                ),
                logical_locations=[
                    om.LogicalLocation(name="web", fully_qualified_name="service/web/web", kind="resource")
                ],
            )
        ],
        partial_fingerprints=result["partialFingerprints"],
        properties={"severity": "high", "environments": ["default"]},
    )
    assert serialized(twin) == result


def test_levels_that_equal_the_default_are_written():
    assert serialized(om.Result(message=om.Message(text="x"), level="warning", kind="fail")) == {
        "message": {"text": "x"},
        "kind": "fail",
        "level": "warning",
    }
    assert serialized(om.ReportingConfiguration(level="warning")) == {"level": "warning"}


@pytest.mark.parametrize(
    ("severity", "level", "number"),
    [
        (Severity.CRITICAL, "error", "9.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.LOW, "note", "3.0"),
        (Severity.INFO, "note", None),
    ],
)
def test_severities_are_levels_and_security_severities(severity: Severity, level: str, number: str | None):
    log = rendered(report(finding(severity=severity), rules=(rule(severity=severity),)))
    (descriptor,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert log["runs"][0]["results"][0]["level"] == level
    assert descriptor["defaultConfiguration"]["level"] == level
    assert descriptor["properties"].get("security-severity") == number


def test_rules_without_a_finding_are_listed():
    names = [one["id"] for one in rendered(rich_report())["runs"][0]["tool"]["driver"]["rules"]]
    assert "never-met" in names
    assert names == sorted(names)


def test_tags_are_security_then_kind_then_controls_and_at_most_ten():
    controls = {"runtime-socket-mounted": {"cis-docker": tuple(f"5.{number}" for number in range(30))}}
    (descriptor,) = rendered(report(finding(), frameworks=controls))["runs"][0]["tool"]["driver"]["rules"]
    tags = descriptor["properties"]["tags"]
    assert tags[:4] == ["security", "container", "supply-chain", "cis-docker-5.0"]
    assert len(tags) == 10


def test_related_places_are_linked_in_the_message():
    one = finding(
        related=(RelatedLocation(at("Dockerfile", 1, 6, 16), "no USER [in] any stage"),),
        values_key=ValuesKey("chart/values.yaml", 3, "image.tag"),
    )
    (result,) = results(report(one))
    assert result["message"]["text"] == (
        "container 'web' mounts the Docker socket. See [no USER \\[in\\] any stage](1)."
        " See [set 'image.tag' in chart/values.yaml:3](2)."
    )
    assert [related["id"] for related in result["relatedLocations"]] == [1, 2]


def test_a_link_in_scanned_text_is_no_link():
    (result,) = results(report(finding(message="image '[x](http://evil)' is odd")))
    assert "](" not in result["message"]["text"]


def test_columns_count_utf16_units():
    text = 'a: "😀😀" # b\n'
    (result,) = results(report(finding(at("f", 1, 4, 8)), texts={"f": text}))
    region = place(result)["region"]
    assert (region["startColumn"], region["endColumn"]) == (4, 10)
    assert region["snippet"]["text"] == '"😀😀"'


def test_regions_of_many_lines_are_cut_to_their_first():
    text = "a:\n" + "  b: c\n" * 20
    (result,) = results(report(finding(at("f", 1, 1, 3, end_line=15)), texts={"f": text}))
    region = place(result)["region"]
    assert (region["startLine"], region["endLine"], region["endColumn"]) == (1, 1, 3)


def test_regions_of_few_lines_keep_them_and_their_snippet():
    (result,) = results(report(finding(at("f", 2, 3, 4, end_line=4)), texts={"f": "a\n  b\n  c\n  d\ne"}))
    region = place(result)["region"]
    assert region["snippet"]["text"] == "b\n  c\n  d"
    assert place(result)["contextRegion"]["snippet"]["text"] == "a\n  b\n  c\n  d\ne"


def test_a_context_that_would_equal_the_region_is_left_out():
    (result,) = results(report(finding(at("f", 1, 1, 4)), texts={"f": "abc"}))
    assert "contextRegion" not in place(result)


def test_overlong_lines_have_no_snippet():
    (result,) = results(report(finding(at("f", 1, 1, 9)), texts={"f": "x" * 10_000}))
    assert "snippet" not in place(result)["region"]


def test_a_place_that_the_file_lacks_is_kept_without_a_snippet():
    log = rendered(report(finding(at("gone.yaml", 7, 2, 4))))
    assert complaints(log, TEXTS) == []
    assert place(log["runs"][0]["results"][0])["region"]["startLine"] == 7


def test_secrets_are_masked_in_snippet_and_context():
    text = json.dumps(rendered(rich_report()))
    assert "correct-horse" not in text
    assert "POSTGRES_PASSWORD: ***" in text


def test_paths_are_encoded_and_relative_to_the_repository():
    (result,) = results(report(finding(at("a b/ü:#.yaml", 1, 1, 2)), texts={}), base_path="sub/dir/")
    assert place(result)["artifactLocation"] == {
        "uri": "sub/dir/a%20b/%C3%BC%3A%23.yaml",
        "uriBaseId": "%SRCROOT%",
    }


def test_undecodable_paths_keep_their_bytes():
    (result,) = results(report(finding(at("a\udcff.yaml", 1, 1, 2)), texts={}))
    assert place(result)["artifactLocation"]["uri"] == "a%FF.yaml"


def test_more_results_than_github_keeps_are_cut_worst_kept_and_told():
    low = [finding(at("f", n + 1, 1, 2), "low-rule", severity=Severity.LOW) for n in range(MOST_RESULTS)]
    high = [finding(at("z", n + 1, 1, 2), "high-rule") for n in range(10)]
    log = rendered(report(*low, *high, texts={}))
    run = log["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert sum(result["ruleId"] == "high-rule" for result in run["results"]) == 10
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("10 less severe findings")
    assert told["descriptor"]["id"] == "results-cut"


def test_diagnostics_are_notifications_and_errors_make_the_run_unsuccessful():
    invocation = rendered(rich_report())["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "warning"]
    (clean,) = rendered(report())["runs"][0]["invocations"]
    assert clean["executionSuccessful"] is True


def test_the_category_is_an_option():
    assert rendered(report(), category="app/")["runs"][0]["automationDetails"]["id"] == "app/"


def test_provenance_is_written_when_it_is_known():
    known = Provenance("https://example.org/r", "abc", "main")
    (control,) = rendered(report(), provenance=known)["runs"][0]["versionControlProvenance"]
    assert control == {
        "repositoryUri": "https://example.org/r",
        "branch": "main",
        "mappedTo": {"uriBaseId": "%SRCROOT%"},
        "revisionId": "abc",
    }


def multitool() -> str | None:
    named = os.environ.get("SARIF_MULTITOOL")
    return named or shutil.which("Sarif.Multitool") or shutil.which("sarif-multitool")


def levels_of_multitool(log: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    tool = multitool()
    assert tool is not None
    file, out, configuration = folder / "in.sarif", folder / "out.sarif", folder / "nonet.xml"
    file.write_text(json.dumps(log))
    configuration.write_text(
        '<?xml version="1.0" encoding="utf-8"?><Properties>'
        '<Properties Key="SARIF2006.UrisShouldBeReachable.Options">'
        '<Property Key="RuleEnabled" Value="Disabled" Type="Driver.RuleEnabledState" />'
        "</Properties></Properties>"
    )
    subprocess.run(
        [tool, "validate", str(file), "-c", str(configuration), "--rule-kind", "Sarif;Ghas"]
        + ["--level", "Error;Warning;Note", "--kind", "Fail;Review;Informational"]
        + ["--log", "ForceOverwrite", "-o", str(out)],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        check=True,
    )
    checked = json.loads(out.read_text())  # its exit code is 0 whatever it finds
    return [(one.get("level", "warning"), one["ruleId"]) for run in checked["runs"] for one in run["results"]]


@pytest.mark.skipif(multitool() is None, reason="sarif-multitool is not installed (set SARIF_MULTITOOL)")
def test_multitool_finds_neither_errors_nor_warnings(tmp_path: Path):
    for of in (rich_report(), flowing_report()):
        assert [one for one in levels_of_multitool(rendered(of), tmp_path) if one[0] != "note"] == []
    wrong = rendered(rich_report())
    wrong["runs"][0]["results"][0]["locations"] = []
    assert any(level == "error" for level, _rule in levels_of_multitool(wrong, tmp_path))


def test_the_message_of_a_flow_links_its_places_by_number():
    (result,) = results(flowing_report())
    assert result["message"]["text"] == (
        "container 'web' mounts the Docker socket. See [the database beside it](1)."
        " How it is reached: [2](2), [3](3)."
    )
    assert [place["id"] for place in result["relatedLocations"]] == [1, 2, 3]
