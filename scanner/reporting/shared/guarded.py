"""A report as text, in spite of a bug in its format: what a finding shows beside itself goes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from scanner.guarding import Guard, Sifted, sift, told_of
from scanner.model.finding import Finding
from scanner.model.redacted import Redacted
from scanner.model.report import Diagnostic, Report
from scanner.reporting.base import RenderOptions, Reporter
from scanner.reporting.shared.shown import Shown
from scanner.triage.bare import bare

_MOST_ALONE = 2_000
_MOST_ATTEMPTS = 12


class Rendered(NamedTuple):
    """A report as text (None where the format gives none), and what bugs it has lost, as errors."""

    text: Redacted | None
    lost: tuple[Diagnostic, ...] = ()


def rendered(
    reporter: Reporter, report: Report, options: RenderOptions, shown: Shown | None = None
) -> Rendered:
    """Return a report in a format; `shown` is the report where it has crossed the border already.

    Where a bug keeps that from being made, the findings that show it are told in short (rule, place and
    resource); where that is not enough, without the actions, and without those findings. The
    report then tells of the bug itself. The text is None where not even an empty report can be made.
    """
    guard = Guard()
    stage = f"the format '{reporter.name}'"
    try:
        return Rendered(reporter.render(report if shown is None else shown, options))
    except Exception as error:
        guard.note(stage, None, error)
    findings = (*report.findings, *report.suppressed)
    for cut in (_shortened, _without_actions, _without):
        found = _sifted(reporter, report, options, findings, cut)
        if found.outcome is not None:
            for finding, why in found.left_out:
                guard.note(stage, finding.location.path, why)
            return _telling(reporter, report, options, found, cut, tuple(told_of(guard.bugs)))
    return Rendered(None, tuple(told_of(guard.bugs)))


_Cut = Callable[[Report, set[int]], Report]
"""Returns a report in which only findings with some identities are whole."""


def _sifted(
    reporter: Reporter, report: Report, options: RenderOptions, findings: Sequence[Finding], cut: _Cut
) -> Sifted[Finding, Redacted]:
    def attempt(some: Sequence[Finding]) -> Redacted:
        return reporter.render(cut(report, set(map(id, some))), options)

    def alone(finding: Finding) -> None:
        if len(findings) <= _MOST_ALONE:
            rules = {finding.rule: report.rules[finding.rule]} if finding.rule in report.rules else {}
            open_, closed = ((finding,), ()) if finding.suppressed is None else ((), (finding,))
            masked = {path: spans for path, spans in report.masked.items() if path == finding.location.path}
            small = replace(report, findings=open_, suppressed=closed, rules=rules, masked=masked)
            reporter.render(replace(small, actions=(), coverage=(), diagnostics=()), options)

    return sift(findings, attempt, alone=alone, most=_MOST_ATTEMPTS)


def _telling(
    reporter: Reporter,
    report: Report,
    options: RenderOptions,
    found: Sifted[Finding, Redacted],
    cut: _Cut,
    lost: tuple[Diagnostic, ...],
) -> Rendered:
    """The report that could be made, with what it has lost if that can be said in it."""
    short = {id(finding) for finding, _ in found.left_out}
    every = {id(finding) for finding in (*report.findings, *report.suppressed)}
    whole = replace(cut(report, every - short), diagnostics=(*report.diagnostics, *lost))
    try:
        return Rendered(reporter.render(whole, options), lost)
    except Exception:
        return Rendered(found.outcome, lost)


def _shortened(report: Report, whole: set[int]) -> Report:
    """Findings in short, their files as if they could not be read: no source is shown of these."""
    every = (*report.findings, *report.suppressed)
    paths = {finding.location.path for finding in every if id(finding) not in whole}
    text_of = report.text_of

    def shorten(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(one if id(one) in whole else bare(one, report.rules) for one in findings)

    return replace(
        report,
        findings=shorten(report.findings),
        suppressed=shorten(report.suppressed),
        text_of=lambda path: None if path in paths else text_of(path),
    )


def _without_actions(report: Report, whole: set[int]) -> Report:
    return replace(_shortened(report, whole), actions=())


def _without(report: Report, whole: set[int]) -> Report:
    # What a finding of a sensitive rule points at stays hidden where other findings show it.
    masked = {path: list(spans) for path, spans in report.masked.items()}
    for one in (*report.findings, *report.suppressed):
        if id(one) not in whole and one.rule in report.rules and report.rules[one.rule].sensitive:
            masked.setdefault(one.location.path, []).append(one.location.span)
    return replace(
        report,
        masked={path: tuple(spans) for path, spans in masked.items()},
        findings=tuple(one for one in report.findings if id(one) in whole),
        suppressed=tuple(one for one in report.suppressed if id(one) in whole),
        actions=(),
    )
