"""The report as GitHub-flavoured Markdown: a job summary or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.advice import remedy, values_advice
from scanner.reporting.shared.policy import policy_lines, policy_title
from scanner.reporting.shared.remedies import REACHED, beside_flow, bundles, effect, instruction, promise
from scanner.reporting.shared.shown import Shown, ShownFinding, ShownPlace
from scanner.reporting.shared.summary import (
    address,
    found,
    gaps,
    plural,
    prefixed,
    scanned,
    severity_counts,
    verdict,
    worst_first,
)
from scanner.reporting.shared.text import capped, defuse, in_markdown
from scanner.reporting.shared.where import sentence

MARKER = "<!-- hullcheck -->"
"""The first line of every report, by which a comment of an earlier run is found again."""

# GitHub refuses a whole job summary above 1 MiB.
_MOST_BYTES = 900 * 1024
_RESERVE = 2 * 1024
_MOST_GAPS = 100
_MOST_BUNDLES = 20
_MOST_PLACES = 10
_LONGEST = 500


class MarkdownReporter:
    """Renders figures, findings worst first, what to do by rule, and what was not read.

    A report that would be too long for GitHub is cut after a whole line and says so.
    """

    name = "markdown"

    def render(self, report: Shown, options: RenderOptions) -> str:
        lines: list[str] = []
        size = 0
        for line in _lines(report, options):
            size += len(line.encode()) + 1
            if size > _MOST_BYTES - _RESERVE:
                lines += ["", "**The report is longer than GitHub takes; the rest is left out here.**"]
                break
            lines.append(line)
        return defuse("\n".join(lines) + "\n")


REPORTER = MarkdownReporter()


def _lines(report: Shown, options: RenderOptions) -> Iterator[str]:
    passed, reason = verdict(report, options)
    yield from (MARKER, f"## hullcheck: {'passed' if passed else 'failed'}", "")
    yield from (f"{in_markdown(reason)}. {in_markdown(found(report))}.", "")
    counts = severity_counts(report.findings)
    yield "| " + " | ".join(severity.value for severity in counts) + " |"
    yield "|" + " ---: |" * len(counts)
    yield "| " + " | ".join(str(count) for count in counts.values()) + " |"
    yield ""
    yield from _policy(report)
    yield from _gaps(report, options)
    if report.actions:
        yield from _actions(report, options)
    if report.findings:
        yield from _findings(report, options)
        yield from _remedies(report)
    yield f"Scanned {in_markdown(scanned(report))}."


def _policy(report: Shown) -> Iterator[str]:
    title = policy_title(report.policy)
    if title is None:
        return
    yield f"**{_text(title)}**"
    yield ""
    lines = list(policy_lines(report.policy))
    yield from (f"- {_text(line)}" for line in lines)
    if lines:
        yield ""


def _actions(report: Shown, options: RenderOptions) -> Iterator[str]:
    yield from (f"### Fix first: {promise(report, report.actions)}", "")
    every = bundles(report.actions)
    for bundle in every[:_MOST_BUNDLES]:
        places = ", ".join(_link(action.place, options) for action in bundle[:_MOST_PLACES])
        more = f" and {len(bundle) - _MOST_PLACES} more" if len(bundle) > _MOST_PLACES else ""
        what = f"{_text(instruction(bundle[0]))}{_typed(bundle[0].lines)}"
        yield f"- {places}{more}: {what}<br>{_text(effect(bundle))}"
    rest = sum(map(len, every[_MOST_BUNDLES:]))
    if rest:
        yield f"- and {rest} more"
    yield ""


def _typed(lines: tuple[str, ...]) -> str:
    shown = (_text(line).replace("  ", "&nbsp;&nbsp;") for line in lines)
    return "".join(f"<br><code>{line}</code>" for line in shown)


def _findings(report: Shown, options: RenderOptions) -> Iterator[str]:
    yield from ("### Findings", "", "| severity | rule | where | what |", "| --- | --- | --- | --- |")
    for finding in worst_first(report.findings):
        what = [_text(sentence(finding))]
        what += [f"{_text(words)} ({_link(place, options)})" for place, words in beside_flow(finding)]
        what += [f"{REACHED}:"] if finding.flow else []
        what += [
            f"{number}. {_text(words)} ({_link(place, options)})"
            for number, (place, words) in enumerate(finding.flow, 1)
        ]
        advice = values_advice(finding, options.base_path)
        what += [f"set {_text(advice)}"] if advice is not None else []
        cells = (
            finding.severity.value,
            f"<code>{in_markdown(finding.rule)}</code>",
            _link(finding.location, options),
            "<br>".join(what),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _remedies(report: Shown) -> Iterator[str]:
    first: dict[str, ShownFinding] = {}
    for finding in worst_first(report.findings):
        first.setdefault(finding.rule, finding)
    yield from ("<details><summary>Why, and what to do</summary>", "")
    for name, finding in first.items():
        rule = report.rules.get(name)
        if rule is None:
            continue
        fix = remedy(rule, finding)
        yield f"- <code>{in_markdown(name)}</code> {in_markdown(' '.join(rule.description.split()))}"
        if fix:
            yield f"  <br>{in_markdown(' '.join(fix.split()))}"
    yield from ("", "</details>", "")


def _gaps(report: Shown, options: RenderOptions) -> Iterator[str]:
    unread = gaps(report)
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "error"]
    if unread:
        yield from (f"### Not evaluated in full: {plural(len(unread), 'input')}", "")
        for entry in unread[:_MOST_GAPS]:
            why = f": {_text(entry.reason)}" if entry.reason else ""
            yield f"- {_text(prefixed(options.base_path, entry.path))} ({entry.status.value}){why}"
        yield from _rest(len(unread))
    if errors:
        yield from ("### Errors", "")
        for path, line, column, _severity, message in errors[:_MOST_GAPS]:
            named = "" if path is None else prefixed(options.base_path, path)
            place = ":".join(str(part) for part in (named, line, column) if part)
            yield f"- {_text(place)} {_text(message)}" if place else f"- {_text(message)}"
        yield from _rest(len(errors))


def _rest(count: int) -> Iterator[str]:
    if count > _MOST_GAPS:
        yield f"- and {count - _MOST_GAPS} more"
    yield ""


def _link(location: ShownPlace, options: RenderOptions) -> str:
    path = prefixed(options.base_path, location.path)
    text = _text(f"{path}:{location.span.line}")
    if options.blob_url is None:
        return text
    target = f"{options.blob_url}{address(options.base_path, location.path)}#L{location.span.line}"
    return f"[{text}]({target})"


def _text(text: str) -> str:
    return in_markdown(capped(text, _LONGEST))
