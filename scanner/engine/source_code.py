"""Conditions to Python source: the engine's inner loop is generated, not interpreted.

No text of a rule reaches the source unparsed: paths are checked against the vocabulary
before, constants are written with `repr` or bound to names, and operators come from
the tables below.

A condition is compiled in one of three modes, for Kleene's three-valued logic without
a third value at run time. TRUE gives an expression that holds when the condition is
surely true; POSSIBLE one that holds when it is not surely false (so `possible and not
true` is unknown); CERTAIN is both at once, for units without Unknown facts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum

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
)
from scanner.model.vocabulary import KINDS, Shape, fields_of


class Mode(Enum):
    """What the generated expression answers."""

    CERTAIN = "certain"
    TRUE = "true"
    POSSIBLE = "possible"


_FLIPPED = {Mode.CERTAIN: Mode.CERTAIN, Mode.TRUE: Mode.POSSIBLE, Mode.POSSIBLE: Mode.TRUE}

_VALUE_KIND = "value"


class ExpressionWriter:
    """Writes the expressions of one rule; `names` collects what they are evaluated with."""

    def __init__(self, params: Mapping[str, Operand], names: dict[str, object], prefix: str) -> None:
        self._params = params
        self._names = names
        self._prefix = prefix
        self._count = 0

    def condition(self, condition: Condition, kind: str, subject: str, mode: Mode) -> str:
        """Return an expression for a condition about the resource in variable `subject`."""
        match condition:
            case All(parts):
                return "(" + " and ".join(self.condition(part, kind, subject, mode) for part in parts) + ")"
            case Any(parts):
                return "(" + " or ".join(self.condition(part, kind, subject, mode) for part in parts) + ")"
            case Not(inner):
                return f"(not {self.condition(inner, kind, subject, _FLIPPED[mode])})"
            case FieldTest():
                return self._field_test(condition, kind, subject, mode)
            case Quantified():
                return self._quantified(condition, kind, subject, mode)
            case Predicate(name, arguments):
                return self._predicate(name, arguments, subject, mode)

    def access(self, path: str, kind: str, subject: str) -> tuple[list[str], str, type | None, bool]:
        """Return what must hold for a field to be present, the expression of its holder
        or value, the value's type, and whether the field is a fact."""
        steps = path.split(".")
        guards: list[str] = []
        current, variable = kind, subject
        if kind != _VALUE_KIND and steps[0] not in fields_of(kind):
            current = variable = steps.pop(0)
        for step in steps[:-1]:
            field = fields_of(current)[step]
            target = f"{variable}.{step}"
            if field.optional:
                name = self._fresh()
                guards.append(f"({name} := {target}) is not None")
                target = name
            assert field.resource is not None
            current, variable = field.resource, target
        field = fields_of(current)[steps[-1]]
        target = f"{variable}.{steps[-1]}"
        if field.optional:
            name = self._fresh()
            guards.append(f"({name} := {target}) is not None")
            target = name
        return guards, target, field.value, field.shape is Shape.FACT

    def located(self, path: str, kind: str, subject: str) -> str:
        """Return an expression for a field's `Located`, None when it is absent."""
        if is_raw_path(kind, path):
            return f"first({subject}.find({path!r}))"
        guards, target, _, _ = self.access(path, kind, subject)
        return f"({' and '.join(guards)} and {target} or None)" if guards else target

    def shown(self, path: str, kind: str, subject: str) -> str:
        """Return an expression for a field's value as text for people."""
        if is_raw_path(kind, path):
            return f"show_all({subject}.find({path!r}))"
        guards, target, _, is_fact = self.access(path, kind, subject)
        value = f"show({target}.value)" if is_fact else f"show({target})"
        return f"({value} if {' and '.join(guards)} else 'none')" if guards else value

    def _field_test(self, test: FieldTest, kind: str, subject: str, mode: Mode) -> str:
        operand = self._resolved(test.operand)
        if kind == _VALUE_KIND:
            return "(" + self._comparison(test.operator, operand, subject, None) + ")"
        if is_raw_path(kind, test.path):
            return self._raw_test(test.path, test.operator, operand, subject)
        guards, target, type_, is_fact = self.access(test.path, kind, subject)
        if test.operator == "exists":
            inner = mode if operand else _FLIPPED[mode]
            present = list(guards)
            if is_fact and inner is Mode.TRUE:
                present.append(f"{target}.value.__class__ is not Unknown")
            expression = " and ".join(present) or "True"
            return f"({expression})" if operand else f"(not ({expression}))"
        value = f"{target}.value" if is_fact else target
        comparison = self._comparison(test.operator, operand, value, type_)
        if is_fact and mode is Mode.TRUE:
            comparison = f"{value}.__class__ is not Unknown and {comparison}"
        elif is_fact and mode is Mode.POSSIBLE:
            comparison = f"({value}.__class__ is Unknown or {comparison})"
        return "(" + " and ".join([*guards, comparison]) + ")"

    def _raw_test(self, path: str, operator: str, operand: Operand, subject: str) -> str:
        found = f"{subject}.find({path!r})"
        item = self._fresh()
        if operator == "exists":
            expression = f"any({item}.value is not None for {item} in {found})"
            return expression if operand else f"(not {expression})"
        comparison = self._comparison(operator, operand, f"{item}.value", object)
        return f"any({comparison} for {item} in {found})"

    def _comparison(self, operator: str, operand: Operand, value: str, type_: type | None) -> str:
        """Return the test of a present, known value. `type_` object means: any."""
        guard = ""
        if type_ is object:
            guard = _RAW_GUARDS.get(operator, "").format(value=value)
        if operator in ("equals", "not_equals"):
            negate = operator == "not_equals"
            if isinstance(operand, bool):
                return f"{value} is {'not ' if negate else ''}{operand!r}"
            return f"{value} {'!=' if negate else '=='} {operand!r}"
        if operator in ("in", "not_in"):
            guard = f"{value}.__class__ is not tuple and " if type_ is object else ""
            return f"({guard}{value} {'in' if operator == 'in' else 'not in'} {self._bind(_frozen(operand))})"
        if operator in ("matches", "not_matches"):
            pattern = self._bind(re.compile(str(operand)))
            return f"({guard}{pattern}.search({value}) is {'not ' if operator == 'matches' else ''}None)"
        if operator == "starts_with":
            return f"({guard}{value}.startswith({operand!r}))"
        if operator == "ends_with":
            return f"({guard}{value}.endswith({operand!r}))"
        if operator in _ORDERINGS:
            return f"({guard}{value} {_ORDERINGS[operator]} {operand!r})"
        if operator == "contains":
            return f"({guard}{operand!r} in {value})"
        if operator == "contains_any":
            return f"({guard}not {self._bind(_frozen(operand))}.isdisjoint({value}))"
        if operator == "subset_of":
            return f"({guard}{self._bind(_frozen(operand))}.issuperset({value}))"
        if operator in ("is", "is_not"):
            call = f"test_{_identifier(str(operand))}({value})"
            return f"({guard}{'not ' if operator == 'is_not' else ''}{call})"
        raise AssertionError(operator)

    def _quantified(self, condition: Quantified, kind: str, subject: str, mode: Mode) -> str:
        guards, target, _, is_fact = self.access(condition.path, kind, subject)
        inner_mode = _FLIPPED[mode] if condition.quantifier == "none_of" else mode
        item = self._fresh()
        inner_kind = _VALUE_KIND if is_fact else _item_kind(kind, condition.path)
        test = self.condition(condition.condition, inner_kind, item, inner_mode)
        function = "all" if condition.quantifier == "all_of" else "any"
        items = f"{target}.value" if is_fact else target
        expression = f"{function}({test} for {item} in {items})"
        if condition.quantifier == "none_of":
            expression = f"not {expression}"
        if is_fact and mode is Mode.TRUE:
            expression = f"{items}.__class__ is not Unknown and {expression}"
        elif is_fact and mode is Mode.POSSIBLE:
            expression = f"({items}.__class__ is Unknown or {expression})"
        return "(" + " and ".join([*guards, expression]) + ")"

    def _predicate(
        self, name: str, arguments: tuple[tuple[str, Operand], ...], subject: str, mode: Mode
    ) -> str:
        passed = "".join(f", {key}={self._constant(self._resolved(value))}" for key, value in arguments)
        verdict = "is not False" if mode is Mode.POSSIBLE else "is True"
        return f"(predicate_{_identifier(name)}({subject}{passed}) {verdict})"

    def _constant(self, operand: Operand) -> str:
        return self._bind(operand) if isinstance(operand, tuple) else repr(operand)

    def _resolved(self, operand: Operand) -> Operand:
        return self._params[operand.name] if isinstance(operand, ParamRef) else operand

    def _bind(self, value: object) -> str:
        name = f"{self._prefix}_{len(self._names)}"
        self._names[name] = value
        return name

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"


_ORDERINGS = {"greater_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}

_TEXT_GUARD = "{value}.__class__ is str and "
_RAW_GUARDS = {
    "matches": _TEXT_GUARD,
    "not_matches": _TEXT_GUARD,
    "starts_with": _TEXT_GUARD,
    "ends_with": _TEXT_GUARD,
    "is": _TEXT_GUARD,
    "is_not": _TEXT_GUARD,
    "greater_than": "{value}.__class__ is int and ",
    "at_least": "{value}.__class__ is int and ",
    "less_than": "{value}.__class__ is int and ",
    "at_most": "{value}.__class__ is int and ",
    "contains": "{value}.__class__ in (str, tuple) and ",
    "contains_any": "{value}.__class__ is tuple and ",
    "subset_of": "{value}.__class__ is tuple and ",
}


def is_raw_path(kind: str, path: str) -> bool:
    """Whether a path of a rule on documents goes into the raw tree."""
    return kind == "document" and path not in fields_of("document")


def _item_kind(kind: str, path: str) -> str:
    current = kind
    steps = path.split(".")
    if steps[0] not in fields_of(kind):
        current = steps.pop(0)
    for step in steps:
        field = fields_of(current)[step]
        assert field.resource is not None
        current = field.resource
    assert current in KINDS
    return current


def _frozen(operand: Operand) -> frozenset[object]:
    assert isinstance(operand, tuple)
    return frozenset(operand)


def _identifier(name: str) -> str:
    return name.replace("-", "_")
