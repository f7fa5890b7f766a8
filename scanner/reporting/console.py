"""The report for people at a terminal: what is wrong, where, why, and what to do.

Findings are grouped by rule, the worst rules first. The first place of a rule is shown
with its source; the others of the same file follow as one line each, and so do those of
other files when there are many findings, unless the report is to be verbose. Nothing is
left out. Without colour the text is plain, the same in every run, and rich is not loaded.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.advice import controls, remedy, values_advice
from scanner.reporting.shared.frames import FrameLine, frame
from scanner.reporting.shared.policy import policy_lines, policy_title
from scanner.reporting.shared.remedies import REACHED, beside_flow, bundles, effect, instruction, promise
from scanner.reporting.shared.shown import (
    Shown,
    ShownAction,
    ShownCoverage,
    ShownFinding,
    ShownPlace,
    ShownRule,
)
from scanner.reporting.shared.summary import found, gaps, plural, scanned, verdict
from scanner.reporting.shared.text import defuse, visible
from scanner.reporting.shared.where import sentence, where

Piece: TypeAlias = tuple[str, str]
"""A text and its style, empty for none."""
Line: TypeAlias = tuple[Piece, ...]

# Up to so many findings each file gets the source of its first finding of a rule.
_FEW = 30
_NARROWEST = 40
_MOST_BUNDLES = 5
_MOST_PLACES = 3
_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold",
    "error": "bold red",
    "warning": "bold yellow",
    "title": "bold",
    "dim": "blue",
    "label": "bold",
    "pass": "bold green",
    "fail": "bold red",
}


class ConsoleReporter:
    """Renders the findings and, below them, what was scanned, what was not, and the verdict."""

    name = "console"

    def render(self, report: Shown, options: RenderOptions) -> str:
        lines = _quiet(report, options) if options.quiet else _Layout(report, options).lines()
        if options.color:
            text = _painted(lines)
        else:
            text = "".join("".join(piece for piece, _style in line).rstrip() + "\n" for line in lines)
        if not options.unicode:
            text = text.encode("ascii", "backslashreplace").decode("ascii")
        return defuse(text) if options.workflow_commands else text


REPORTER = ConsoleReporter()


def _quiet(report: Shown, options: RenderOptions) -> Iterator[Line]:
    for finding in _shown_findings(report, options):
        yield _line(f"{_place(finding.location)}: {_headline(finding)}{_suppressed(finding)}")


class _Layout:
    def __init__(self, report: Shown, options: RenderOptions) -> None:
        self._report = report
        self._options = options
        self._sources = report.sources
        self._findings = _shown_findings(report, options)
        self._width = max(options.width, _NARROWEST)
        self._ellipsis = "…" if options.unicode else "..."

    def lines(self) -> Iterator[Line]:
        yield from self._actions()
        for group in _grouped(self._findings):
            yield from self._group(group)
        yield from self._diagnostics()
        yield from self._summary()

    def _actions(self) -> Iterator[Line]:
        actions = self._report.actions
        if not actions:
            return
        yield ("Fix first: ", "label"), (promise(self._report, actions), "title")
        every = bundles(actions)
        shown = every if self._options.verbose else every[:_MOST_BUNDLES]
        for bundle in shown:
            yield from self._bundle(bundle)
        rest = sum(map(len, every[len(shown) :]))
        if rest:
            yield _line(f"  and {rest} more with --verbose")
        yield ()

    def _bundle(self, bundle: Sequence[ShownAction]) -> Iterator[Line]:
        shown = bundle if self._options.verbose else bundle[:_MOST_PLACES]
        for action in shown:
            yield (f"  {_place(action.place)}", "label"), (f"  {effect([action])}", "dim")
        rest = bundle[len(shown) :]
        if rest:
            yield (f"  and {plural(len(rest), 'more place')}", "label"), (f"  {effect(rest)}", "dim")
        yield _line(f"    {instruction(bundle[0])}")
        yield from (_line(f"      {line}", "pass") for line in bundle[0].lines)

    def _group(self, group: Sequence[ShownFinding]) -> Iterator[Line]:
        rule = self._report.rules.get(group[0].rule)
        explained = False
        for block in self._blocks(group):
            first, others = block[0], block[1:]
            severity = first.severity.value
            yield (severity, severity), (f"[{first.rule}]", "label"), (f" {first.message}", "title")
            margin = self._margin(first)
            yield from self._source(first.location, margin)
            for place, message in beside_flow(first):
                yield from self._source(place, margin, message)
            yield _line(f"{' ' * margin} |", "dim")
            yield from self._notes(first, rule, margin, explained)
            explained = True
            if others:
                yield from self._others(others, margin)
            yield ()

    def _blocks(self, group: Sequence[ShownFinding]) -> list[list[ShownFinding]]:
        if self._options.verbose:
            return [[finding] for finding in group]
        if len(self._findings) > _FEW:
            return [list(group)]
        files: dict[str, list[ShownFinding]] = {}
        for finding in group:
            files.setdefault(finding.location.path, []).append(finding)
        return list(files.values())

    def _margin(self, finding: ShownFinding) -> int:
        spans = [finding.location.span, *(place.span for place, _message in finding.related)]
        return max(3, *(len(str(span.end_line)) + 1 for span in spans))

    def _source(self, place: ShownPlace, margin: int, message: str = "") -> Iterator[Line]:
        yield (f"{' ' * (margin - 1)}--> ", "dim"), (_place(place), "")
        shown = frame(self._sources, place.path, place.span, self._width - margin - 4, self._ellipsis)
        if not shown:
            if message:
                yield (f"{' ' * margin} = ", "dim"), (message, "")
            return
        yield _line(f"{' ' * margin} |", "dim")
        last = max((index for index, line in enumerate(shown) if line.end > line.start), default=-1)
        for index, line in enumerate(shown):
            yield from self._frame_line(line, margin, message if index == last else "")

    def _frame_line(self, line: FrameLine, margin: int, message: str) -> Iterator[Line]:
        number = "" if line.number is None else str(line.number)
        yield (f"{number:>{margin}} | ", "dim"), (line.text, "")
        if line.end > line.start:
            carets = f"{' ' * line.start}{'^' * (line.end - line.start)}"
            yield (f"{' ' * margin} | ", "dim"), (carets, "error"), (f" {message}" if message else "", "")

    def _notes(
        self, finding: ShownFinding, rule: ShownRule | None, margin: int, explained: bool
    ) -> Iterator[Line]:
        if finding.flow:
            yield from self._note(margin, "flow:", REACHED)
            for number, (place, words) in enumerate(finding.flow, 1):
                yield (
                    (f"{' ' * (margin + 9)}{number}. ", ""),
                    (_place(place), "label"),
                    (f" {words}", ""),
                )
        advice = values_advice(finding)
        if advice is not None:
            yield from self._note(margin, "set:", advice)
        if told := where(finding):
            label = "only in:" if finding.only else "in:"
            yield from self._note(margin, label, told.removeprefix(label[:-1]).strip())
        if finding.suppressed is not None:
            until = f" (until {visible(finding.suppressed.until)})" if finding.suppressed.until else ""
            yield from self._note(margin, "suppressed:", finding.suppressed.reason + until)
        if rule is None or explained:
            return
        yield from self._note(margin, "why:", visible(" ".join(rule.description.split())))
        fix = remedy(rule, finding)
        if fix:
            yield from self._note(margin, "fix:", visible(" ".join(fix.split())))
        served = controls(self._report.frameworks.get(rule.id, {}))
        if served and self._options.verbose:
            yield from self._note(margin, "controls:", visible(", ".join(served)))
        yield from self._note(margin, "help:", f"hullcheck rules show {visible(rule.id)}")
        for reference in rule.references[: None if self._options.verbose else 1]:
            yield (" " * (margin + 9), ""), (visible(reference), "")

    def _note(self, margin: int, label: str, text: str) -> Iterator[Line]:
        start = f"{' ' * margin} = "
        head = f"{label:<5} "
        room = max(self._width - len(start) - len(head), _NARROWEST // 2)
        wrapped = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        yield (start, "dim"), (head, "label"), (wrapped[0], "")
        for line in wrapped[1:]:
            yield (" " * (len(start) + len(head)), ""), (line, "")

    def _others(self, others: Sequence[ShownFinding], margin: int) -> Iterator[Line]:
        yield (f"{' ' * margin} = ", "dim"), ("also: ", "label"), (f"{plural(len(others), 'more place')}", "")
        for finding in others:
            severity = finding.severity.value
            line: list[Piece] = [(" " * (margin + 3), ""), (f"{_place(finding.location)}: ", "")]
            line += [(f"{severity}: ", severity)] if severity != others[0].severity.value else []
            line.append((sentence(finding), ""))
            advice = values_advice(finding)
            line += [(f" [set {advice}]", "")] if advice is not None else []
            line += [(_suppressed(finding), "")] if finding.suppressed is not None else []
            line += [(f" [{_place(place)}: {words}]", "dim") for place, words in finding.related]
            yield tuple(line)

    def _diagnostics(self) -> Iterator[Line]:
        yield from diagnostic_lines(self._report)
        if self._report.diagnostics:
            yield ()

    def _summary(self) -> Iterator[Line]:
        report, options = self._report, self._options
        took = "" if options.elapsed is None else f" in {options.elapsed:.1f} s"
        yield _line(f"Scanned {scanned(report)}{took}")
        yield _line(f"Found {found(report)}", "title")
        unread = gaps(report)
        if unread:
            yield _line(f"Not evaluated in full: {plural(len(unread), 'input')}", "warning")
            for reason, paths in _by_reason(unread).items():
                yield _line(f"  {reason}")
                yield from (_line(f"    {visible(path)}") for path in paths)
        if report.unknown:
            asked = plural(report.unknown, "check")
            yield _line(f"Not decidable from the files, and so no finding: {asked}")
        title = policy_title(report.policy)
        if title is not None:
            yield _line(title, "warning" if report.policy.shrinking() else "")
            yield from (_line(f"  {line}") for line in policy_lines(report.policy, every=options.verbose))
        if options.verbose:
            yield from self._ledger()
        passed, reason = verdict(report, options)
        yield ("PASS" if passed else "FAIL", "pass" if passed else "fail"), (f": {reason}", "")

    def _ledger(self) -> Iterator[Line]:
        yield _line("Read and not read:")
        for entry in self._report.coverage:
            reason = f": {entry.reason}" if entry.reason else ""
            status = f"{entry.status.value:<9} {entry.kind or '-':<11}"
            yield _line(f"  {status} {visible(entry.path)}{reason}")


def diagnostic_lines(report: Shown) -> Iterator[Line]:
    """Return the report's diagnostics, one line each, such as `error: bad.yaml:6:17: message`."""
    for path, line, column, severity, message in report.diagnostics:
        parts = [visible(path)] if path is not None else []
        parts += [str(number) for number in (line, column) if number is not None]
        place = f"{':'.join(parts)}: " if parts else ""
        yield (severity, severity), (f": {place}{message}", "")


def _by_reason(entries: Iterable[ShownCoverage]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for entry in entries:
        reason = f"{entry.status.value}: {entry.reason}" if entry.reason else entry.status.value
        reasons.setdefault(reason, []).append(entry.path)
    return reasons


def _shown_findings(report: Shown, options: RenderOptions) -> list[ShownFinding]:
    shown = (report.findings, report.suppressed if options.show_suppressed else ())
    return [
        finding
        for part in shown
        for finding in sorted(part, key=lambda one: (-one.severity.rank, *one.location, one.rule))
    ]


def _grouped(findings: Iterable[ShownFinding]) -> list[list[ShownFinding]]:
    groups: dict[tuple[Severity, str, bool], list[ShownFinding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.rule, finding.suppressed is None), []).append(finding)
    return list(groups.values())


def _suppressed(finding: ShownFinding) -> str:
    return f" [suppressed: {finding.suppressed.reason}]" if finding.suppressed is not None else ""


def _headline(finding: ShownFinding) -> str:
    return f"{finding.severity.value} {finding.rule} {sentence(finding)}"


def _line(text: str, style: str = "") -> Line:
    return ((text, style),)


def _place(location: ShownPlace) -> str:
    return f"{visible(location.path)}:{location.span.line}:{location.span.column}"


def _painted(lines: Iterable[Line]) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    stream = StringIO()
    console = Console(
        file=stream, force_terminal=True, color_system="standard", width=10_000, legacy_windows=False,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    for line in lines:
        text = Text.assemble(*((piece, _STYLES.get(style, "")) for piece, style in line))
        text.rstrip()
        console.print(text, soft_wrap=True)
    return stream.getvalue()
