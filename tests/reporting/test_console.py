"""What people see at a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from scanner.model.finding import Finding, Suppression, ValuesKey
from scanner.model.report import Report
from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions, load_reporter
from tests.reporting.report_builders import (
    COMPOSE,
    at,
    finding,
    flowing_report,
    grouped_report,
    report,
    rich_report,
    rule,
)


def rendered(of: Report, **options: Any) -> str:
    return load_reporter("console").render(of, RenderOptions(**options))


def test_a_finding_says_what_where_why_and_what_to_do():
    related = rich_report().findings[1].related
    assert rendered(report(finding(related=related))) == (
        "high[runtime-socket-mounted] container 'web' mounts the Docker socket\n"
        "  --> compose.yaml:5:9\n"
        "    |\n"
        "  2 |   web:\n"
        "  3 |     image: nginx:1.27\n"
        "  4 |     volumes:\n"
        "  5 |       - /var/run/docker.sock:/var/run/docker.sock\n"
        "    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  --> Dockerfile:1:6\n"
        "    |\n"
        "  1 | FROM nginx:1.27\n"
        "    |      ^^^^^^^^^^ no USER in any stage, so it runs as uid 0\n"
        "    |\n"
        "    = why:  Whoever controls the container controls the host. It is as good as\n"
        "            root.\n"
        "    = fix:  Remove the mount.\n"
        "    = help: hullcheck rules show runtime-socket-mounted\n"
        "            https://docs.docker.com/engine/security/\n"
        "\n"
        "Scanned 2 compose: 3 resources, 1 rule\n"
        "Found 1 finding: 1 high\n"
        "FAIL: 1 finding at or above 'high' (--fail-on)\n"
    )


def test_a_clean_report_says_so():
    assert rendered(report()).splitlines()[-2:] == [
        "Found no findings",
        "PASS: nothing at or above 'high' (--fail-on)",
    ]


def test_worse_findings_come_first():
    text = rendered(rich_report())
    order = re.findall(r"^(\w+)\[", text, re.MULTILINE)
    assert order == ["critical", "high", "low", "info"]


def test_gaps_and_diagnostics_are_told():
    lines = rendered(rich_report()).splitlines()
    assert "error: bad.yaml:6:17: mapping values are not allowed here" in lines
    assert "warning: the configuration has no rules" in lines
    start = lines.index("Not evaluated in full: 2 inputs")
    assert lines[start + 1 : start + 5] == [
        "  failed: not well-formed",
        "    bad.yaml",
        "  partial: no Helm engine; pip install hullcheck[helm]",
        "    chart/",
    ]


@pytest.mark.parametrize(
    ("changes", "options", "verdict"),
    [
        ({}, {}, "PASS"),
        ({"diagnostics": rich_report().diagnostics}, {}, "FAIL: the scan is incomplete"),
        ({"diagnostics": rich_report().diagnostics}, {"allow_partial": True}, "PASS"),
        ({"files": 0}, {}, "FAIL: nothing was scanned"),
        ({"files": 0}, {"allow_empty": True}, "PASS"),
        ({"findings": (finding(),)}, {"fail_on": Severity.CRITICAL}, "PASS"),
        ({"findings": (finding(),)}, {"fail_on": None}, "PASS: findings do not fail"),
    ],
)
def test_the_verdict_is_that_of_the_exit_code(changes: dict[str, Any], options: dict[str, Any], verdict: str):
    assert rendered(replace(report(), **changes), **options).splitlines()[-1].startswith(verdict)


def many(files: int, lines: int) -> Report:
    findings = [
        finding(at(f"f{number}.yaml", line + 1, 1, 2), message=f"finding {number}/{line}")
        for number in range(files)
        for line in range(lines)
    ]
    texts = {f"f{number}.yaml": "a: b\n" * lines for number in range(files)}
    return report(*findings, texts=texts)


def test_findings_of_one_rule_in_one_file_share_a_block():
    text = rendered(many(2, 5))
    assert text.count("= why:") == 1
    assert text.count("  --> ") == 2
    assert text.count("4 more places") == 2


@pytest.mark.parametrize("options", [{}, {"verbose": True}, {"quiet": True}, {"width": 20}])
def test_nothing_is_hidden_however_many_there_are(options: dict[str, Any]):
    text = rendered(many(60, 5), **options)
    for number in range(60):
        for line in range(5):
            assert f"finding {number}/{line}\n" in text
            assert f"f{number}.yaml:{line + 1}:1" in text


def test_many_findings_stay_readable():
    assert len(rendered(many(60, 5)).splitlines()) < 330


def test_verbose_shows_the_source_of_every_finding_and_the_ledger():
    text = rendered(many(2, 20), verbose=True)
    assert text.count("  --> ") == 40
    assert "evaluated compose     f0.yaml" in text


def test_quiet_is_one_line_a_finding():
    assert rendered(rich_report(), quiet=True).splitlines() == [
        "compose.yaml:9:26: critical secret-literal-env variable 'POSTGRES_PASSWORD' holds a literal secret",
        "compose.yaml:5:9: high runtime-socket-mounted container 'web' mounts the Docker socket (in dev, prod)",
        "compose.yaml:3:12: low image-digest-missing image is not pinned by digest",
        "compose.yaml:7:12: info healthcheck-missing service 'db' has no healthcheck",
    ]


def test_suppressed_findings_are_shown_with_their_reason_when_asked_for():
    of = replace(
        report(), suppressed=(finding(suppressed=Suppression("reviewed by ops", None, "2027-01-31")),)
    )
    assert "reviewed by ops" not in rendered(of)
    assert "(1 suppressed)" in rendered(of)
    assert "= suppressed: reviewed by ops (until 2027-01-31)" in rendered(of, show_suppressed=True)


def test_the_value_to_set_is_told():
    one = finding(values_key=ValuesKey("chart/values.yaml", 3, "image.tag"))
    assert "= set:  'image.tag' in chart/values.yaml:3" in rendered(report(one))
    other = finding(values_key=ValuesKey("chart/values.yaml", None, "image.tag"))
    assert "= set:  add 'image.tag' to chart/values.yaml" in rendered(report(other))


def test_colour_changes_nothing_but_colour():
    for options in ({}, {"verbose": True}, {"quiet": True}):
        plain = rendered(rich_report(), **options)
        coloured = rendered(rich_report(), color=True, **options)
        assert "\x1b[" in coloured or options == {"quiet": True}
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_plain_text_needs_neither_rich_nor_sarif_om():
    code = (
        "import sys\n"
        "from scanner.model.report import Report\n"
        "from scanner.reporting.base import RenderOptions, load_reporter\n"
        "for name in ('console', 'json', 'github'): load_reporter(name).render(Report(), RenderOptions())\n"
        "heavy = {'rich', 'sarif_om', 'jsonschema', 'attr', 'click'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def carets(text: str, line: str, start: int, end: int, **options: Any) -> tuple[str, str]:
    lines = rendered(report(finding(at("f", 1, start, end)), texts={"f": line}), **options).splitlines()
    return lines[3][6:], lines[4][6:]


def test_carets_stand_under_tabs_and_wide_and_combining_characters():
    assert carets("\tüx", "\tüx", 2, 3) == ("    üx", "    ^")
    assert carets("", "日本x", 3, 4) == ("日本x", "    ^")
    assert carets("", "日本x", 1, 2) == ("日本x", "^^")
    assert carets("", "e\u0301x", 3, 4) == ("e\u0301x", " ^")


def test_carets_stand_under_escapes_and_masks():
    assert carets("", "a\x1bb c", 2, 3) == ("a\\x1bb c", " ^^^^")
    assert carets("", "password: hunter2 x", 11, 18) == ("password: ***", "          ^^^")


def test_an_empty_place_has_one_caret():
    assert carets("", "abc", 2, 2) == ("abc", " ^")


@pytest.mark.parametrize("start", [1, 40, 150, 290])
def test_long_lines_are_cut_around_their_carets(start: int):
    line = "".join(chr(97 + number % 26) for number in range(300))
    shown, marks = carets("", line, start, start + 5, width=60)
    assert len(shown) <= 60 - 7
    begin = marks.index("^")
    assert shown[begin : begin + 5] == line[start - 1 : start + 4]


def test_without_unicode_all_is_ascii():
    text = rendered(report(finding(message="naïve 日本")), unicode=False)
    assert text.isascii()
    assert "na\\xefve" in text


def test_a_place_that_the_file_lacks_is_named_without_source():
    text = rendered(report(finding(at("gone.yaml", 7, 2, 4))))
    assert "  --> gone.yaml:7:2\n    |\n    = why:" in text


def test_places_of_several_lines_show_the_first_three():
    text = rendered(report(finding(at("f", 1, 1, 3, end_line=6)), texts={"f": "a:\n  b\n  c\n  d\n  e\n  f"}))
    assert "  3 |   c\n    |   ^\n    | …\n" in text


def test_a_span_up_to_the_next_line_does_not_show_it():
    text = rendered(report(finding(at("f", 1, 1, 1, end_line=2)), texts={"f": "a: b\nc: d"}))
    assert "c: d" not in text


def test_an_unknown_rule_is_still_shown():
    assert "high[gone]" in rendered(report(finding(rule="gone"), rules=()))


def test_elapsed_time_is_shown_only_where_it_is_given():
    assert " in 1.2 s" in rendered(report(), elapsed=1.234)


def test_undecided_checks_are_told():
    assert "no finding: 3 checks" in rendered(replace(report(), unknown=3))


def test_environments_are_told_when_they_have_names():
    one: Finding = finding(environments=("dev", "prod"))
    assert "= in:   dev, prod" in rendered(report(one))


def test_what_other_environments_do_not_have_is_told_as_such():
    one: Finding = finding(environments=("prod",), only=True)
    assert "= only in: prod" in rendered(report(one))
    assert rendered(report(one), quiet=True).strip().endswith("(only in prod)")


def test_remediation_is_that_of_the_format():
    texts = {"f.yaml": COMPOSE}
    kubernetes = finding(at("f.yaml", 1, 1, 2), resource=finding().resource._replace(kind="Deployment"))
    assert "= fix:  Remove the volume." in rendered(report(kubernetes, texts=texts))
    nothing = report(finding(), rules=(rule(remediation={}),))
    assert "= fix:" not in rendered(nothing)


def test_what_to_do_first_stands_above_the_list():
    lines = rendered(grouped_report()).splitlines()
    assert lines[:6] == [
        "Fix first: 1 edit makes 2 of 3 findings go",
        "  compose.yaml:1:1  2 findings go, the worst is high",
        "    in 'x-common', which services merge, add:",
        "      cap_drop: [ALL]",
        "      read_only: true",
        "",
    ]


def test_of_many_edits_the_first_are_shown_and_all_when_asked():
    of = grouped_report()
    actions = tuple(of.actions[0]._replace(what=f"in 'x-{number}', add") for number in range(8))
    short, long = (rendered(replace(of, actions=actions), verbose=verbose) for verbose in (False, True))
    assert short.count(", add:") == 5
    assert "\n  and 3 more with --verbose\n" in short
    assert long.count(", add:") == 8


def test_the_same_edit_at_several_places_is_told_once():
    of = grouped_report()
    actions = tuple(of.actions[0]._replace(place=at("compose.yaml", line, 1, 2)) for line in range(1, 6))
    lines = rendered(replace(of, actions=actions)).splitlines()
    assert lines[1:6] == [
        "  compose.yaml:1:1  2 findings go, the worst is high",
        "  compose.yaml:2:1  2 findings go, the worst is high",
        "  compose.yaml:3:1  2 findings go, the worst is high",
        "  and 2 more places  4 findings go, the worst is high",
        "    in 'x-common', which services merge, add:",
    ]


def test_an_edit_that_depends_on_more_names_its_rules():
    of = grouped_report()
    shared = of.actions[0]._replace(what="change the line, which they share", lines=())
    text = rendered(replace(of, actions=(shared,)))
    assert "    change the line, which they share (caps-drop-all-missing, read-only-rootfs)\n" in text


def test_quiet_output_is_findings_alone():
    assert "Fix first" not in rendered(grouped_report(), quiet=True)


def test_a_flow_is_told_step_by_step_and_its_places_are_not_shown_twice():
    text = rendered(flowing_report())
    assert (
        "    = flow: how it is reached\n"
        "            1. compose.yaml:3:5 Ingress 'shop' leads to Service 'web'\n"
        "            2. compose.yaml:5:9 the socket is mounted\n"
        "            3. Dockerfile:1:6 root it is\n"
    ) in text
    assert text.count("Dockerfile:1:6") == 1
    assert "the database beside it" in text
