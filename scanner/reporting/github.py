"""The report as annotations on a pull request: workflow commands for GitHub's runner.

They need no token and work for forks. The runner keeps ten of each level for a step and
drops the others without a word, so the worst are chosen here, and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.advice import remedy, values_advice
from scanner.reporting.shared.remedies import REACHED, beside_flow
from scanner.reporting.shared.shown import Shown, ShownFinding
from scanner.reporting.shared.summary import found, plural, prefixed, worst_first
from scanner.reporting.shared.text import capped, defuse, visible
from scanner.reporting.shared.where import sentence

MOST_OF_A_LEVEL = 10
"""What the runner keeps of each level for a step (_maxIssueCount of ExecutionContext.cs)."""

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}
_MOST_DIAGNOSTICS = 3
_MOST_LINES = 20
_LONGEST = 2_000


class GithubReporter:
    """Renders at most ten annotations of each level, the worst findings first, those of one
    rule in one file as one; then a line that says how many there are in all."""

    name = "github"

    def render(self, report: Shown, options: RenderOptions) -> str:
        kept: list[str] = []
        counts: dict[str, int] = {}
        shown = 0
        for level, command, size in (*_diagnostics(report, options), *_annotations(report, options)):
            if counts.get(level, 0) < MOST_OF_A_LEVEL:
                counts[level] = counts.get(level, 0) + 1
                shown += size
                kept.append(command)
        rest = len(report.findings) - shown
        more = f"; {rest} more without an annotation: see the job summary" if rest else ""
        return "\n".join((*kept, defuse(f"hullcheck: {found(report)}{more}"), ""))


REPORTER = GithubReporter()


def _annotations(report: Shown, options: RenderOptions) -> Iterator[tuple[str, str, int]]:
    groups: dict[tuple[Severity, str, str], list[ShownFinding]] = {}
    for finding in worst_first(report.findings):
        groups.setdefault((finding.severity, finding.location.path, finding.rule), []).append(finding)
    for group in groups.values():
        first = group[0]
        path, span = first.location
        rule = report.rules.get(first.rule)
        properties = {
            "file": prefixed(options.base_path, path),
            "line": str(span.line),
            "endLine": str(span.end_line),
            "title": f"{first.severity.value}: {first.rule if rule is None else rule.title} [{first.rule}]",
        }
        if span.line == span.end_line:
            properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
        level = _LEVELS[first.severity]
        yield level, _command(level, properties, _message(report, options, group)), len(group)


def _message(report: Shown, options: RenderOptions, group: list[ShownFinding]) -> str:
    first = group[0]
    parts = [sentence(first)]
    parts += [
        f"{words} ({visible(prefixed(options.base_path, place.path))}:{place.span.line})"
        for place, words in beside_flow(first)
    ]
    if first.flow:
        steps = (
            f"{number}. {words} ({visible(prefixed(options.base_path, place.path))}:{place.span.line})"
            for number, (place, words) in enumerate(first.flow, 1)
        )
        parts.append(f"{REACHED.capitalize()}: {' '.join(steps)}")
    others = [finding.location.span.line for finding in group[1:]]
    if others:
        lines = ", ".join(str(line) for line in others[:_MOST_LINES])
        more = f" and {len(others) - _MOST_LINES} more" if len(others) > _MOST_LINES else ""
        parts.append(
            f"{plural(len(others), 'more finding')} of this rule in this file, at line {lines}{more}"
        )
    advice = values_advice(first, options.base_path)
    parts += [f"set {advice}"] if advice is not None else []
    rule = report.rules.get(first.rule)
    fix = None if rule is None else remedy(rule, first)
    parts += [f"Fix: {' '.join(fix.split())}"] if fix else []
    return capped("\n".join(parts), _LONGEST)


def _diagnostics(report: Shown, options: RenderOptions) -> Iterator[tuple[str, str, int]]:
    errors = (diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "error")
    for diagnostic in list(errors)[:_MOST_DIAGNOSTICS]:
        path, line, column, _severity, message = diagnostic
        properties = {"title": "hullcheck could not evaluate this"}
        if path is not None:
            properties["file"] = prefixed(options.base_path, path)
        properties |= _numbers((("line", line), ("col", column)))
        yield "error", _command("error", properties, message), 0


def _numbers(values: Iterable[tuple[str, int | None]]) -> dict[str, str]:
    return {name: str(value) for name, value in values if value is not None}


def _command(level: str, properties: dict[str, str], message: str) -> str:
    # Escaping of ActionCommand.cs: the percent sign first.
    pairs = ",".join(
        f"{name}={_data(visible(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    return f"::{level} {pairs}::{_data(message)}".replace("##[", "##%5B")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
