"""The order of findings in a report."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from scanner.model.finding import Finding


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by place, and by rule, resource and item at one place."""
    found = list(findings)
    try:
        return sorted(found, key=_order)
    except TypeError:  # a name or an item that is no text
        return sorted(found, key=lambda one: (one.location, one.rule, *map(str, _order(one)[2:])))


_order = attrgetter("location", "rule", "resource.kind", "resource.name", "item")
