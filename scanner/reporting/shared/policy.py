"""What made a report smaller, in the words that people read."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.policy import IN_FILES
from scanner.reporting.shared.shown import ShownEffect, ShownPolicy
from scanner.reporting.shared.summary import plural
from scanner.reporting.shared.text import visible

_MOST = 12


def policy_title(policy: ShownPolicy) -> str | None:
    """Return what a summary says first of the configuration and of suppressions in files; None where
    there is neither."""
    made_smaller = policy.shrinking()
    if not made_smaller:
        return None if policy.configuration is None else f"{_whose(policy)} made nothing smaller"
    in_files = sum(effect.key == IN_FILES for effect in made_smaller)
    told = []
    if len(made_smaller) > in_files:
        told.append(_whose(policy))
    if in_files:
        told.append("suppressions in files")
    return f"Smaller by {' and '.join(told)}"


def policy_lines(policy: ShownPolicy, *, every: bool = False) -> Iterator[str]:
    """Yield a line for each key that made the report smaller, with its place; `every` yields those that
    changed nothing too, and does not stop at the twelfth."""
    keys = [effect for effect in policy.effects if effect.key != IN_FILES and (effect.amount or every)]
    in_files = [effect for effect in policy.effects if effect.key == IN_FILES]
    shown = keys if every else keys[:_MOST]
    yield from map(_line, shown)
    if len(keys) > len(shown):
        yield f"and {plural(len(keys) - len(shown), 'more key')} (-v shows all)"
    if in_files and every:
        yield from map(_line, in_files)
    elif in_files:
        count = sum(effect.amount for effect in in_files)
        yield f"{plural(count, 'finding')} suppressed at {plural(len(in_files), 'place')} in files"


def _line(effect: ShownEffect) -> str:
    place = f"{effect.place.path}:{effect.place.span.line}"
    key = "" if effect.key == IN_FILES else f"{effect.key}: "
    return f"{visible(place)} {visible(key)}{effect.message}"


def _whose(policy: ShownPolicy) -> str:
    path = visible(policy.configuration or "")
    return f"{path} of the scanned tree" if policy.from_tree else path
