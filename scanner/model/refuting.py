"""Whether a rule can still fire where some facts are given: Kleene's logic, all others unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scanner.model.rule import All, Any, Condition, FieldTest, Not, ParamRef
from scanner.patterns.matching import compile_pattern


def holds(condition: Condition, given: Mapping[str, object]) -> bool | None:
    """Return whether a condition holds where fields have the given values, whatever else the
    resource has; None where that is not decided by them."""
    match condition:
        case All(parts):
            return _all(holds(part, given) for part in parts)
        case Any(parts):
            return _not(_all(_not(holds(part, given)) for part in parts))
        case Not(inner):
            return _not(holds(inner, given))
        case FieldTest(path, operator, operand):
            if path not in given or isinstance(operand, ParamRef):
                return None
            return _compare(given[path], operator, operand)
        case _:
            return None


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    seen = list(verdicts)
    if False in seen:
        return False
    return None if None in seen else True


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _compare(value: object, operator: str, operand: object) -> bool | None:
    match operator, value, operand:
        case "exists", _, bool():
            return operand
        case "equals", _, _:
            return _same(value, operand)
        case "not_equals", _, _:
            return not _same(value, operand)
        case "in", _, tuple():
            return any(_same(value, one) for one in operand)
        case "not_in", _, tuple():
            return not any(_same(value, one) for one in operand)
        case "contains", tuple(), _:
            return operand in value
        case "contains_any", tuple(), tuple():
            return any(one in value for one in operand)
        case "subset_of", tuple(), tuple():
            return all(one in operand for one in value)
        case "matches", str(), str():
            return compile_pattern(operand).search(value)
        case "not_matches", str(), str():
            return not compile_pattern(operand).search(value)
        case (("at_least" | "at_most" | "greater_than" | "less_than"), int(), int()):
            return _ordered(value, operator, operand)
    return None


def _same(value: object, operand: object) -> bool:
    return value.__class__ is operand.__class__ and value == operand


def _ordered(value: int, operator: str, operand: int) -> bool:
    if operator in ("at_least", "less_than"):
        return (value >= operand) is (operator == "at_least")
    return (value > operand) is (operator == "greater_than")
