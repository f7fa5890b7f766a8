"""Rules with several cases, taken apart: what is evaluated has one condition and one message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.model.rule import Any, Condition, Rule


def taken_apart(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield each rule, and in place of one with cases a rule of the same id for each of them."""
    for rule in rules:
        if not rule.cases:
            yield rule
        for one in rule.cases:
            yield replace(
                rule,
                applies_to=one.applies_to,
                when=one.when,
                at=one.at,
                message=one.message,
                cases=(),
                case=one.name,
            )


def condition_for(rule: Rule, kind: str) -> Condition:
    """Return what a rule asks of resources of a kind: of one with cases, that one of those about
    the kind holds."""
    return Any(tuple(one.when for one in rule.cases if kind in one.applies_to)) if rule.cases else rule.when
