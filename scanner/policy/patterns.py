"""Which texts of a rule are patterns, and whether they can be used."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.rule import (
    All,
    Any,
    Condition,
    FieldTest,
    Not,
    Operand,
    ParamRef,
    Predicate,
    Quantified,
    Related,
    Rule,
)
from scanner.parsing.yaml import Node
from scanner.patterns.matching import PatternError, compile_pattern
from scanner.policy.nodes import PolicyFile

PATTERN_OPERATORS = frozenset(("matches", "not_matches"))

PATTERN_ARGUMENTS = frozenset(
    ("operands", "arguments", "not_arguments", "passing_over", "values", "not_values", "files", "text")
)
"""Arguments of predicates that are patterns, whichever predicate has them."""

KEY_PATTERN_ARGUMENTS = frozenset(("keys",))
"""Arguments that are lists of `key` and `key=pattern`."""


def check_pattern(file: PolicyFile, node: Node, text: str) -> None:
    """Raise RuleError for a pattern that cannot be used, at the character where that is seen."""
    try:
        compile_pattern(text)
    except PatternError as error:
        message = f"the pattern '{_excerpt(text, error.at)}' cannot be used: {error.message}"
        file.fail_within(node, text, error.at, message, error.hint)


def check_argument(file: PolicyFile, node: Node, name: str, value: Operand) -> None:
    """Raise RuleError for an argument of a predicate that is a pattern which cannot be used."""
    for text in _patterns_in(name, value):
        check_pattern(file, node, text)


def patterns_by_parameter(rule: Rule) -> Iterator[tuple[str, bool]]:
    """Yield the name of each parameter that a rule takes for a pattern, and whether it takes it for a
    list of `key=pattern`."""
    for condition in [case.when for case in rule.cases] or [rule.when]:
        yield from _used(condition)


def trouble_with(value: Operand, *, of_keys: bool) -> tuple[str, PatternError] | None:
    """Return the first pattern in the value of a parameter that cannot be used, and why."""
    for text in _patterns_in("keys" if of_keys else "text", value):
        try:
            compile_pattern(text)
        except PatternError as error:
            return _excerpt(text, error.at), error
    return None


def _used(condition: Condition) -> Iterator[tuple[str, bool]]:
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _used(part)
        case Not(inner) | Quantified(_, _, inner):
            yield from _used(inner)
        case Related(_, _, inner):
            if inner is not None:
                yield from _used(inner)
        case FieldTest(_, operator, ParamRef(name)):
            if operator in PATTERN_OPERATORS:
                yield name, False
        case Predicate(_, arguments):
            for key, operand in arguments:
                if isinstance(operand, ParamRef) and key in PATTERN_ARGUMENTS | KEY_PATTERN_ARGUMENTS:
                    yield operand.name, key in KEY_PATTERN_ARGUMENTS


def _patterns_in(argument: str, value: Operand) -> Iterator[str]:
    if argument in PATTERN_ARGUMENTS and isinstance(value, str):
        yield value
    if argument in KEY_PATTERN_ARGUMENTS and isinstance(value, tuple):
        for item in value:
            pattern = item.partition("=")[2] if isinstance(item, str) else ""
            if pattern:
                yield pattern


_SHOWN = 80


def _excerpt(text: str, at: int) -> str:
    """Return a pattern, of a long one the part around a place."""
    if len(text) <= _SHOWN:
        return text
    begin = max(min(at - _SHOWN // 2, len(text) - _SHOWN), 0)
    end = begin + _SHOWN
    return f"{'...' if begin else ''}{text[begin:end]}{'...' if end < len(text) else ''}"
