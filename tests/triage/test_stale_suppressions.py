"""Suppressions that are of no use are findings, and only where the scan can know it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import ConfigError
from scanner.model.report import Report
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from tests.support import hullcheck, write_tree

RULES = ("privileged", "host-network", "suppression-stale")


def stale(root: Path, *select: str, **settings: object) -> list[str]:
    """Each stale suppression as `path:line message`."""
    return told(scanned(root, *select, **settings))


def scanned(root: Path, *select: str, **settings: object) -> Report:
    chosen = Selection(select=select or RULES)
    return scan(Settings(**{"paths": (root,), "selection": chosen, **settings}))


def told(report: Report) -> list[str]:
    return [
        f"{one.location.path}:{one.location.span.line} {one.message}"
        for one in report.findings
        if one.rule == "suppression-stale"
    ]


def compose(words: str, body: str = "privileged: false") -> dict[str, str]:
    return {"compose.yaml": f"services:\n  web:\n    image: a:1\n    # hullcheck: {words}\n    {body}\n"}


def test_one_that_covers_no_finding_is_unused(tmp_path):
    write_tree(tmp_path, compose("ignore[privileged, host-network] reason=x"))
    assert stale(tmp_path) == [
        "compose.yaml:4 the suppression of 'host-network' covers no finding",
        "compose.yaml:4 the suppression of 'privileged' covers no finding",
    ]


def test_one_of_a_rule_that_was_not_asked_is_not_stale(tmp_path):
    write_tree(tmp_path, compose("ignore[host-network] reason=x"))
    assert stale(tmp_path, "privileged", "suppression-stale") == []
    assert stale(tmp_path, "suppression-stale") == []


def test_every_rule_is_judged_when_all_were_asked(tmp_path):
    write_tree(
        tmp_path,
        {
            "a.yaml": "# hullcheck: ignore-file[*] reason=x\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
        },
    )
    assert stale(tmp_path) == []


def test_one_that_a_finding_needs_in_one_of_several_rules_is_told_for_the_others(tmp_path):
    write_tree(tmp_path, compose("ignore[privileged, host-network] reason=x", "privileged: true"))
    assert stale(tmp_path) == ["compose.yaml:4 the suppression of 'host-network' covers no finding"]


def test_the_last_day_still_counts(tmp_path):
    write_tree(tmp_path, compose("ignore[privileged] reason=x until=2027-01-31", "privileged: true"))
    report = scanned(tmp_path, today="2027-01-31")
    assert (len(report.suppressed), report.findings) == (1, ())
    report = scanned(tmp_path, today="2027-02-01")
    assert told(report) == [
        "compose.yaml:4 the suppression of 'privileged' has expired: it counted until 2027-01-31"
    ]
    assert [one.rule for one in report.findings] == ["suppression-stale", "privileged"]


def test_the_day_may_be_given_from_outside(tmp_path, monkeypatch):
    write_tree(tmp_path, compose("ignore[privileged] reason=x until=2027-01-31", "privileged: true"))
    monkeypatch.setenv("HULLCHECK_TODAY", "2030-01-01")
    assert hullcheck("scan", str(tmp_path), "--select", "privileged").code == 1
    monkeypatch.setenv("HULLCHECK_TODAY", "2026-01-01")
    assert hullcheck("scan", str(tmp_path), "--select", "privileged").code == 0
    monkeypatch.setenv("HULLCHECK_TODAY", "tomorrow")
    with pytest.raises(ConfigError, match="HULLCHECK_TODAY='tomorrow' is no date"):
        scanned(tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ignore[privileged]", "the suppression of 'privileged' does not count: it gives no reason"),
        (
            'ignore[privileged] reason=" "',
            "the suppression of 'privileged' does not count: it gives no reason",
        ),
        (
            "ignore[privilegd] reason=x",
            "the suppression does not count: there is no rule 'privilegd'; did you mean 'privileged'?",
        ),
        ("ignore privileged", "the suppression does not count: the rules stand in brackets: ignore[rule-id]"),
        (
            "ignore[privileged] reason=x until=soon",
            "the suppression does not count: until=soon is no date such as 2027-01-31",
        ),
        (
            "ignore-file[privileged] reason=x",
            "the suppression does not count: ignore-file stands in the first lines of a file alone",
        ),
    ],
)
def test_what_is_not_right_takes_nothing_out(tmp_path, words, message):
    write_tree(tmp_path, compose(words, "privileged: true"))
    report = scanned(tmp_path)
    assert told(report) == [f"compose.yaml:4 {message}"]
    assert report.suppressed == ()


def test_a_verdict_that_the_files_leave_open_says_nothing_of_a_suppression(tmp_path):
    write_tree(tmp_path, compose("ignore[privileged] reason=x", "privileged: ${PRIVILEGED}"))
    assert stale(tmp_path) == []


def test_a_file_that_cannot_be_read_whole_says_nothing_of_its_suppressions(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  # hullcheck: ignore[host-network] reason=x\n  hostNetwork: false\n"
    write_tree(tmp_path, {"a.yaml": pod})
    assert stale(tmp_path) == ["a.yaml:5 the suppression of 'host-network' covers no finding"]
    write_tree(tmp_path, {"a.yaml": f"{pod}---\nkind: [\n"})
    assert stale(tmp_path) == []


def test_a_single_file_says_nothing_of_rules_that_look_at_others(tmp_path):
    words = "# hullcheck: ignore[service-dangling, host-network] reason=x\n"
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: a}}\n"
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: [{name: c, image: a}]}\n"
    write_tree(tmp_path, {"a.yaml": words + service + pod})
    rules = ("service-dangling", "host-network", "suppression-stale")
    unused = [
        f"a.yaml:1 the suppression of '{rule}' covers no finding"
        for rule in ("host-network", "service-dangling")
    ]
    assert stale(tmp_path, *rules) == unused
    assert stale(tmp_path / "a.yaml", *rules) == unused[:1]


def test_one_environment_says_nothing_of_the_others(tmp_path):
    files = {
        "compose.yaml": "services:\n  web:\n    image: a:1\n",
        "compose.prod.yaml": "services:\n  web:\n    # hullcheck: ignore[privileged] reason=x\n    privileged: false\n",
    }
    write_tree(tmp_path, files)
    assert stale(tmp_path) == ["compose.prod.yaml:3 the suppression of 'privileged' covers no finding"]
    assert stale(tmp_path, environments=("prod",)) == []


def test_a_template_that_decides_what_it_writes_says_nothing(tmp_path):
    pytest.importorskip("helm_python", reason="the extra [helm] is not installed")
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  SWITCH\n"
        "  # hullcheck: ignore[host-network] reason=x\n  hostNetwork: false\n  END\n"
        "  containers: [{name: c, image: a}]\n"
    )
    chart = {"Chart.yaml": "{apiVersion: v2, name: a, version: 1.0.0}", "values.yaml": "x: true\n"}
    write_tree(
        tmp_path / "a", {**chart, "templates/a.yaml": pod.replace("SWITCH", "# a").replace("END", "# b")}
    )
    assert stale(tmp_path / "a") == ["templates/a.yaml:6 the suppression of 'host-network' covers no finding"]
    conditional = pod.replace("SWITCH", "{{- if .Values.x }}").replace("END", "{{- end }}")
    write_tree(tmp_path / "b", {**chart, "templates/a.yaml": conditional})
    assert stale(tmp_path / "b") == []


def test_an_annotation_can_be_stale(tmp_path):
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n"
        "    hullcheck.dev/ignore.host-network: it routes\n"
        "    hullcheck.dev/ignore.hots-network: it routes\n"
        "    hullcheck.dev/ignore.privileged: known until=2020-01-01\n"
        "spec: {containers: [{name: c, image: a}]}\n"
    )
    write_tree(tmp_path, {"a.yaml": pod})
    assert stale(tmp_path) == [
        "a.yaml:6 the suppression of 'host-network' covers no finding",
        "a.yaml:7 the suppression does not count: there is no rule 'hots-network'; did you mean 'host-network'?",
        "a.yaml:8 the suppression of 'privileged' has expired: it counted until 2020-01-01",
    ]


def test_what_speaks_of_stale_suppressions_is_itself_never_stale(tmp_path):
    words = '# hullcheck: ignore-file[suppression-stale] reason="the rule comes with the next release"\n'
    write_tree(tmp_path, {"compose.yaml": words + compose("ignore[host-network] reason=x")["compose.yaml"]})
    report = scanned(tmp_path)
    assert report.findings == ()
    assert [one.rule for one in report.suppressed] == ["suppression-stale"]
    write_tree(tmp_path, {"compose.yaml": words + "services: {web: {image: 'a:1'}}\n"})
    assert stale(tmp_path) == []


def test_files_that_are_not_scanned_hold_no_suppressions(tmp_path):
    write_tree(tmp_path, {**compose("see the wiki"), "notes.yaml": "# hullcheck: ignore[privileged]\na: 1\n"})
    assert stale(tmp_path) == []
