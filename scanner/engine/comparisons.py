"""What an operator asks of a value that is present and known, as a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable

from scanner.engine.registry import tests
from scanner.model.rule import Operand
from scanner.patterns.matching import compile_pattern
from scanner.trees import nodes

Bind = Callable[[object], ast.expr]
"""Gives a value that is no constant a name that code can ask for."""


class LatePattern:
    """A regular expression that is compiled when it is first searched for: most of those in rules
    are never asked in a scan of a few files."""

    __slots__ = ("search", "text")

    search: Callable[[str], bool]

    def __init__(self, text: str) -> None:
        self.text = text
        self.search = self._first_search

    def _first_search(self, value: str) -> bool:
        self.search = compile_pattern(self.text).search
        return self.search(value)


_SIGNS = {"greater_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}
_TEXT = frozenset(("matches", "not_matches", "starts_with", "ends_with", "is", "is_not"))


def comparison(operator: str, operand: Operand, value: ast.expr, type_: type | None, bind: Bind) -> ast.expr:
    """Return the test of a value by an operator that has been checked. `type_` is the type of the
    value; object is any, and then a value of another type than the operator is about does not pass."""
    test = _test(operator, operand, value, bind)
    guard = _guard(operator, operand, value) if type_ is object else None
    return test if guard is None else nodes.every((guard, test))


def _test(operator: str, operand: Operand, value: ast.expr, bind: Bind) -> ast.expr:
    match operator:
        case "equals":
            return nodes.compared(value, "is" if isinstance(operand, bool) else "==", nodes.constant(operand))
        case "not_equals":
            sign = "is not" if isinstance(operand, bool) else "!="
            return nodes.compared(value, sign, nodes.constant(operand))
        case "in" | "not_in":
            return nodes.compared(value, "in" if operator == "in" else "not in", bind(_frozen(operand)))
        case "matches" | "not_matches":
            found = nodes.call(nodes.member(bind(LatePattern(str(operand))), "search"), value)
            return found if operator == "matches" else nodes.negated(found)
        case "starts_with":
            return nodes.call(nodes.member(value, "startswith"), _listed(operand))
        case "ends_with":
            return nodes.call(nodes.member(value, "endswith"), _listed(operand))
        case "greater_than" | "at_least" | "less_than" | "at_most":
            return nodes.compared(value, _SIGNS[operator], nodes.constant(operand))
        case "contains":
            return nodes.compared(nodes.constant(operand), "in", value)
        case "contains_any":
            return nodes.negated(nodes.call(nodes.member(bind(_frozen(operand)), "isdisjoint"), value))
        case "subset_of":
            return nodes.call(nodes.member(bind(_frozen(operand)), "issuperset"), value)
        case "is" | "is_not":
            asked = nodes.call(nodes.name(word_for_test(str(operand))), value)
            return nodes.negated(asked) if operator == "is_not" else asked
    raise AssertionError(operator)


def word_for_test(name: str) -> str:
    """Return what code calls a test on a value. Raises KeyError for one that there is none of."""
    return f"test_{tests()[name].__name__}"


def _guard(operator: str, operand: Operand, value: ast.expr) -> ast.expr | None:
    """Return what tells that a value of any type is of one that the operator is about."""
    if operator in _TEXT:
        return nodes.compared(nodes.class_of(value), "is", nodes.name("str"))
    if operator in _SIGNS:
        return nodes.compared(nodes.class_of(value), "is", nodes.name("int"))
    if operator in ("contains_any", "subset_of") or (operator == "contains" and not isinstance(operand, str)):
        return nodes.compared(nodes.class_of(value), "is", nodes.name("tuple"))
    if operator in ("in", "not_in"):
        return nodes.compared(nodes.class_of(value), "is not", nodes.name("tuple"))
    if operator == "contains":
        either = nodes.tuple_of((nodes.name("str"), nodes.name("tuple")))
        return nodes.compared(nodes.class_of(value), "in", either)
    return None


def _listed(operand: Operand) -> ast.expr:
    assert isinstance(operand, tuple)
    return nodes.tuple_of([nodes.constant(one) for one in operand])


def _frozen(operand: Operand) -> frozenset[object]:
    assert isinstance(operand, tuple)
    return frozenset(operand)
