"""What generated code calls to put values into messages."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.model.source import Located, Unknown

_SHOWN = 120


def show(value: object) -> str:
    """Return a value as text for a message; long text is cut."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, tuple):
        return show(", ".join(show(item) for item in value))
    return show(str(value))


def show_all(facts: Sequence[Located[object]]) -> str:
    """Return the values that stand at a raw path as text."""
    return show(tuple(fact.value for fact in facts)) if facts else "none"


def show_fact(fact: Located[object] | None) -> str:
    """Return the value of a fact as text, `none` where it is absent."""
    return "none" if fact is None else show(fact.value)


def first(facts: Sequence[Located[object]]) -> Located[object] | None:
    """Return the first of what stands at a raw path."""
    return facts[0] if facts else None
