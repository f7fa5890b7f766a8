"""What holds for every output format: nothing hostile, nothing secret, always the same."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from scanner.model.finding import RelatedLocation, Suppression, ValuesKey
from scanner.model.report import Action, Coverage, Diagnostic, Report, Status
from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.model.source import Span
from scanner.reporting.base import RenderOptions, load_reporter, reporter_names
from tests.reporting.report_builders import at, finding, report, rich_report, rule

NAMES = reporter_names()
HOSTILE = (
    "\x1b[31mred\x1b]0;title\x07 ::set-output name=a::b ##[add-mask]c <script>alert(1)</script>"
    " \u202eevil\u2066 \u200b \x9b31m | `code` @team ]]> </details> \r::error::x"
)
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"verbose": True},
    {"quiet": True},
    {"color": True},
    {"unicode": False},
    {"width": 40},
)


def hostile_report() -> Report:
    text = f"# {HOSTILE}\n::error::first\n  ##[group]x\nkey: {HOSTILE}\n"
    path = f"d/{HOSTILE}.yaml".replace("/script", "script")
    place = at(path, 4, 1, 9)
    one = finding(
        place,
        message=HOSTILE,
        resource=ResourceRef(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 0),
        related=(RelatedLocation(at(path, 2, 1, 9), HOSTILE), RelatedLocation(at(path, 3, 1, 9), HOSTILE)),
        values_key=ValuesKey(path, 2, HOSTILE),
        environments=(HOSTILE,),
        item=HOSTILE,
        field=HOSTILE,
        flow=(RelatedLocation(at(path, 1, 1, 9), HOSTILE),),
        group=HOSTILE,
    )
    hidden = finding(place, suppressed=Suppression(HOSTILE, place, HOSTILE))
    return report(
        one,
        texts={path: text},
        actions=(Action("0123456789abcdef", place, HOSTILE, (HOSTILE,), 2, ("a",), Severity.HIGH),),
        suppressed=(hidden,),
        coverage=(
            Coverage(path, "compose", Status.FAILED, HOSTILE),
            Coverage("x", "compose", Status.EVALUATED),
        ),
        diagnostics=(
            Diagnostic(path, 1, 1, "error", HOSTILE),
            Diagnostic(None, None, None, "warning", HOSTILE),
        ),
    )


def outputs(name: str, of: Report) -> list[str]:
    reporter = load_reporter(name)
    return [
        reporter.render(of, RenderOptions(workflow_commands=True, show_suppressed=True, **options))
        for options in OPTIONS
    ]


def test_the_formats_are_found_by_their_modules():
    assert NAMES == ("console", "github", "gitlab", "json", "junit", "markdown", "sarif")
    assert all(load_reporter(name).name == name for name in NAMES)


def test_an_unknown_format_is_a_key_error():
    for name in ("base", "shared", "os", "../json"):
        with pytest.raises(KeyError):
            load_reporter(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_control_character_comes_through(name: str):
    for text in outputs(name, hostile_report()):
        # What is left of the colour of our own is SGR alone.
        text = re.sub(r"\x1b\[[0-9;]*m", "", text) if name == "console" else text
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", text)


def test_no_colour_of_the_scanned_text_comes_through():
    plain = load_reporter("console").render(hostile_report(), RenderOptions())
    assert "\x1b" not in plain


@pytest.mark.parametrize("name", NAMES)
def test_no_scanned_text_is_a_workflow_command(name: str):
    for text in outputs(name, hostile_report()):
        assert "##[" not in text
        for line in text.splitlines():
            if line.strip().startswith("::"):
                assert name == "github"
                assert re.match(r"::(error|warning|notice) (file|title)=", line)


def test_markdown_has_no_markup_of_the_scanned_text():
    for text in outputs("markdown", hostile_report()):
        assert "<script" not in text
        assert "@team" not in text
        assert "`code`" not in text
        assert text.count("</details>") == 1
        table = [line for line in text.splitlines() if line.startswith("| high")]
        assert [line.count("|") for line in table] == [5]


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab"])
def test_documents_stay_documents(name: str):
    for text in outputs(name, hostile_report()):
        json.loads(text)
        assert text.isascii()


def test_xml_stays_xml():
    for text in outputs("junit", hostile_report()):
        root = ElementTree.fromstring(text)
        assert root.find(".//script") is None


def test_json_keeps_paths_as_they_are():
    document = json.loads(load_reporter("json").render(hostile_report(), RenderOptions()))
    assert "\x1b" in document["findings"][0]["path"]


SECRETS = ("hunter2-literal", "hunter3-block", "hunter4-url", "hunter5-key", "hunter6-inline")


def secret_report() -> Report:
    text = (
        f"a:\n  plain: {SECRETS[0]}\n  block: |\n    {SECRETS[1]}\n    {SECRETS[1]}\n"
        f"  url: redis://u:{SECRETS[2]}@cache\n  -----BEGIN PRIVATE KEY-----\n  {SECRETS[3]}\n"
        f"  -----END PRIVATE KEY-----\n  API_TOKEN: {SECRETS[4]}\n"
    )
    findings = [finding(at("f", line, 3, 20), field=str(line)) for line in range(1, 11)]
    findings.append(finding(at("f", 1, 1, 3, end_line=5), "whole", field="all"))
    findings.append(
        finding(at("f", 6, 3, 6), "quoting", message=f"'redis://u:{SECRETS[2]}@cache' holds a password")
    )
    masked = {"f": (Span(2, 10, 2, 10 + len(SECRETS[0])), Span(3, 10, 5, 5 + len(SECRETS[1])))}
    return report(*findings, texts={"f": text}, masked=masked)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_comes_through(name: str):
    for text in outputs(name, secret_report()):
        for secret in SECRETS:
            assert secret not in text


@pytest.mark.parametrize("name", NAMES)
def test_the_place_of_a_sensitive_rule_is_masked_even_when_nobody_said_so(name: str):
    of = report(
        finding(at("f", 1, 4, 11), "leak"), texts={"f": "x: hunter2"}, rules=(rule("leak", sensitive=True),)
    )
    assert all("hunter2" not in text for text in outputs(name, of))


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_rendered_the_same_twice(name: str):
    options = RenderOptions()
    assert load_reporter(name).render(rich_report(), options) == load_reporter(name).render(
        rich_report(), options
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_text_ends_with_one_line_end(name: str):
    for of in (Report(), rich_report()):
        text = load_reporter(name).render(of, RenderOptions())
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", NAMES)
def test_undecodable_paths_can_be_written(name: str):
    of = report(finding(at("a\udcff.yaml", 1, 1, 2)), texts={})
    load_reporter(name).render(of, RenderOptions(blob_url="https://x/")).encode()


@pytest.mark.parametrize("name", [one for one in NAMES if one not in ("json",)])
def test_a_finding_of_some_environments_only_says_so(name):
    of = report(finding(environments=("prod",), only=True))
    text = load_reporter(name).render(of, RenderOptions())
    assert "only in prod" in text or "only in: prod" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_environments_of_a_finding_are_listed(name):
    text = load_reporter(name).render(report(finding(environments=("dev", "prod"))), RenderOptions())
    assert re.search(r"dev,?\s*\"?prod|dev\",\s*\"prod", text)
