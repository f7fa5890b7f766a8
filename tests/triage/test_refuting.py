"""Verdicts on rules of which only some facts are given."""

from __future__ import annotations

import pytest

from scanner.model.refuting import holds
from scanner.model.rule import All, Any, Condition, FieldTest, Not, Operand, ParamRef, Predicate, Related


def field(path: str, operator: str, operand: Operand) -> FieldTest:
    return FieldTest(path, operator, operand)


IS_ON = field("on", "equals", True)
OTHER = field("other", "equals", True)


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (IS_ON, True),
        (Not(IS_ON), False),
        (OTHER, None),
        (Not(OTHER), None),
        (All((Not(IS_ON), OTHER)), False),
        (All((IS_ON, OTHER)), None),
        (Any((IS_ON, OTHER)), True),
        (Any((Not(IS_ON), OTHER)), None),
        (All(()), True),
        (Any(()), False),
        (Predicate("anything"), None),
        (Related("services", "exists"), None),
        (field("on", "equals", ParamRef("value")), None),
        (field("on", "no-such-operator", True), None),
    ],
)
def test_logic_is_three_valued(condition: Condition, verdict: bool | None):
    assert holds(condition, {"on": True}) is verdict


@pytest.mark.parametrize(
    ("operator", "operand", "value", "verdict"),
    [
        ("exists", True, 1, True),
        ("exists", False, 1, False),
        ("equals", 1, 1, True),
        ("equals", True, 1, False),
        ("not_equals", "a", "b", True),
        ("in", ("a", "b"), "a", True),
        ("not_in", ("a", "b"), "a", False),
        ("contains", "ALL", ("ALL",), True),
        ("contains_any", ("ALL", "NET_RAW"), ("CHOWN",), False),
        ("subset_of", ("A", "B"), ("A",), True),
        ("matches", "[1-9]", "512m", True),
        ("not_matches", "[1-9]", "512m", False),
        ("at_least", 5, 5, True),
        ("at_most", 5, 6, False),
        ("greater_than", 5, 5, False),
        ("less_than", 5, 4, True),
        ("at_least", 5, "many", None),
    ],
)
def test_operators_say_what_the_engine_says(operator: str, operand: Operand, value: object, verdict: bool):
    assert holds(field("x", operator, operand), {"x": value}) is verdict
