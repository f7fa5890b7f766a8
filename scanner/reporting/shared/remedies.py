"""What to do first, and how a finding is reached, in the words that several formats use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scanner.reporting.shared.shown import Shown, ShownAction, ShownFinding, ShownRelated
from scanner.reporting.shared.summary import plural

REACHED = "how it is reached"
"""What stands above the places of a flow."""


def beside_flow(finding: ShownFinding) -> tuple[ShownRelated, ...]:
    """Return the related places that are no part of the finding's flow."""
    if not finding.flow:
        return finding.related
    on_the_way = {place.location for place in finding.flow}
    return tuple(place for place in finding.related if place.location not in on_the_way)


def promise(report: Shown, actions: Sequence[ShownAction]) -> str:
    """Return what edits do for a report, such as `2 edits make 21 of 30 findings go`."""
    gone = sum(action.findings for action in actions)
    verb = "makes" if len(actions) == 1 else "make"
    return f"{plural(len(actions), 'edit')} {verb} {gone} of {plural(len(report.findings), 'finding')} go"


def bundles(actions: Iterable[ShownAction]) -> list[list[ShownAction]]:
    """Return actions with those together that ask for the same at several places, the worst and
    most first."""
    same: dict[tuple[object, ...], list[ShownAction]] = {}
    for action in actions:
        key = (action.what, action.lines or action.rules)
        same.setdefault(key, []).append(action)
    return sorted(
        same.values(), key=lambda one: (-one[0].severity.rank, -sum(action.findings for action in one))
    )


def instruction(action: ShownAction) -> str:
    """Return what to do at an action's place: what follows it are the lines to write, if there are any."""
    if action.lines:
        return f"{action.what}:"
    return f"{action.what} ({', '.join(action.rules)})"


def effect(actions: Sequence[ShownAction]) -> str:
    """Return what actions do, such as `19 findings go, the worst is high`."""
    worst = max((action.severity for action in actions), key=lambda severity: severity.rank)
    gone = sum(action.findings for action in actions)
    return f"{plural(gone, 'finding')} go, the worst is {worst.value}"
