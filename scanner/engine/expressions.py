"""Conditions to syntax trees: the engine's inner loop is generated, not interpreted.

A condition is compiled in one of three modes, for Kleene's three-valued logic without
a third value at run time. TRUE gives an expression that holds when the condition is
surely true; POSSIBLE one that holds when it is not surely false (so `possible and not
true` is unknown); CERTAIN is both at once, for units without Unknown facts.

Fields, relations, tests and predicates are looked up in their tables, and what these say becomes
part of a tree; everything else that a rule says can become a constant, or a value with a name.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum

from scanner.engine.comparisons import comparison
from scanner.engine.registry import argument_words, predicates
from scanner.model.relations import Relation, relation_named
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
)
from scanner.model.vocabulary import Shape, containers_of, fields_of, is_raw_path, item_kind
from scanner.trees import nodes


class Mode(Enum):
    """What the generated expression answers."""

    CERTAIN = "certain"
    TRUE = "true"
    POSSIBLE = "possible"


_FLIPPED = {Mode.CERTAIN: Mode.CERTAIN, Mode.TRUE: Mode.POSSIBLE, Mode.POSSIBLE: Mode.TRUE}

_VALUE_KIND = "value"


class ExpressionWriter:
    """Makes the expressions of one rule; `names` collects what they are evaluated with, and
    `relations` the relations that they follow, which the code knows by their index. `remote` is the
    kind and the variable of a resource that no loop goes over: what is around it, is asked for."""

    def __init__(
        self,
        params: Mapping[str, Operand],
        names: dict[str, object],
        prefix: str,
        relations: list[Relation] | None = None,
        remote: tuple[str, str] | None = None,
    ) -> None:
        self._params = params
        self._names = names
        self._prefix = prefix
        self._relations = [] if relations is None else relations
        self._remote = remote
        self._count = 0

    def condition(self, condition: Condition, kind: str, subject: str, mode: Mode) -> ast.expr:
        """Return an expression for a condition about the resource in variable `subject`."""
        match condition:
            case All(parts):
                return nodes.every([self.condition(part, kind, subject, mode) for part in parts])
            case Any(parts):
                return nodes.some([self.condition(part, kind, subject, mode) for part in parts])
            case Not(inner):
                return nodes.negated(self.condition(inner, kind, subject, _FLIPPED[mode]))
            case FieldTest():
                return self._field_test(condition, kind, subject, mode)
            case Quantified():
                return self._quantified(condition, kind, subject, mode)
            case Predicate(name, arguments):
                return self._predicate(name, arguments, subject, mode)
            case Related():
                return self._related(condition, kind, subject, mode)

    def located(self, path: str, kind: str, subject: str) -> ast.expr:
        """Return an expression for a field's `Located`, None when it is absent."""
        if is_raw_path(kind, path):
            return nodes.call(nodes.name("first"), _found(path, subject))
        guards, target, _, _ = self._access(path, kind, subject)
        return nodes.chosen(nodes.every(guards), target, nodes.nothing()) if guards else target

    def shown(self, path: str, kind: str, subject: str) -> ast.expr:
        """Return an expression for a field's value as text for people."""
        if is_raw_path(kind, path):
            return nodes.call(nodes.name("show_all"), _found(path, subject))
        guards, target, _, is_fact = self._access(path, kind, subject)
        value = nodes.call(nodes.name("show"), nodes.member(target, "value") if is_fact else target)
        return nodes.chosen(nodes.every(guards), value, nodes.constant("none")) if guards else value

    def located_item(self, path: str, condition: Condition, kind: str, subject: str) -> ast.expr:
        """Return an expression for the `Located` of a field of the first item of a list for which a
        condition surely holds, None where there is none or it is absent."""
        listed, _, rest = path.partition(".")
        inner = item_kind(kind, listed)
        item = self._fresh()
        test = self.condition(condition, inner, item, Mode.TRUE)
        items = nodes.member(nodes.name(subject), listed)
        return nodes.first_of(self.located(rest, inner, item), item, items, test)

    def _access(
        self, path: str, kind: str, subject: str
    ) -> tuple[list[ast.expr], ast.expr, type | None, bool]:
        """Return what must hold for a field to be present, the expression of its holder
        or value, the value's type, and whether the field is a fact."""
        steps = path.split(".")
        guards: list[ast.expr] = []
        current, variable = kind, subject
        if kind != _VALUE_KIND and steps[0] not in fields_of(kind):
            current = steps.pop(0)
            variable = self._around(current, guards)
        held = nodes.name(variable)
        for step in steps[:-1]:
            field = fields_of(current)[step]
            if field.shape is Shape.RESOLVED:
                held = nodes.call(nodes.member(nodes.name("resolved"), "get"), held)
            else:
                held = nodes.member(held, step)
            if field.optional:
                held = self._present(held, guards)
            assert field.resource is not None
            current = field.resource
        field = fields_of(current)[steps[-1]]
        held = nodes.member(held, steps[-1])
        if field.optional:
            held = self._present(held, guards)
        return guards, held, field.value, field.shape is Shape.FACT

    def _present(self, held: ast.expr, guards: list[ast.expr]) -> ast.expr:
        """Return the name of something that may be None, once the guards have told that it is not."""
        word = self._fresh()
        guards.append(nodes.compared(nodes.kept_as(word, held), "is not", nodes.nothing()))
        return nodes.name(word)

    def _around(self, kind: str, guards: list[ast.expr]) -> str:
        """Return the variable of the resource of `kind` around the one that is spoken of.

        That of a rule's own resource is a loop's; those at the other end of a relation
        are found by asking for owners.
        """
        if self._remote is None:
            return kind
        current, variable = self._remote
        while current != kind:
            current = containers_of(current)[0]
            word = self._fresh()
            owner = nodes.call(nodes.member(nodes.name("owners"), "get"), nodes.name(variable))
            guards.append(nodes.compared(nodes.kept_as(word, owner), "is not", nodes.nothing()))
            variable = word
        return variable

    def _related(self, condition: Related, kind: str, subject: str, mode: Mode) -> ast.expr:
        relation, around = relation_named(kind, condition.relation)
        if around:
            guards: list[ast.expr] = []
            subject = self._around(relation.source, guards)
            if guards:
                kind, inner_condition = relation.source, replace(condition, relation=relation.name)
                return nodes.every([*guards, self._related(inner_condition, kind, subject, mode)])
        if relation not in self._relations:
            self._relations.append(relation)
        side = _Side(self._relations.index(relation), subject)
        strict = mode is Mode.TRUE
        if condition.quantifier in ("any_of", "all_of", "none_of"):
            return self._related_items(condition, relation, side, mode)
        operand = self._resolved(condition.operand)
        if condition.quantifier == "exists":
            definite = strict is bool(operand)
            found = side.has_sure() if definite else nodes.some((side.is_open(), side.has_any()))
            return found if operand else nodes.negated(found)
        if condition.quantifier == "at_least":
            number = side.count(sure=strict)
            enough = nodes.compared(number, ">=", nodes.constant(operand))
            return enough if strict else nodes.some((side.is_open(), enough))
        number = side.count(sure=not strict)
        few = nodes.compared(number, "<=", nodes.constant(operand))
        return nodes.every((nodes.negated(side.is_open()), few)) if strict else few

    def _related_items(self, condition: Related, relation: Relation, side: _Side, mode: Mode) -> ast.expr:
        assert condition.condition is not None
        strict = mode is Mode.TRUE
        none = condition.quantifier == "none_of"
        inner = _FLIPPED[mode] if none else mode
        item = self._fresh()
        outer, self._remote = self._remote, (relation.target, item)
        test = self.condition(condition.condition, relation.target, item, inner)
        self._remote = outer
        if condition.quantifier == "all_of":
            tests = nodes.all_of(test, item, side.ends(sure=not strict))
            return nodes.every((nodes.negated(side.is_open()), tests)) if strict else tests
        definite = inner is Mode.TRUE
        tests = nodes.any_of(test, item, side.ends(sure=definite))
        found = tests if definite else nodes.some((side.is_open(), tests))
        return nodes.negated(found) if none else found

    def _field_test(self, test: FieldTest, kind: str, subject: str, mode: Mode) -> ast.expr:
        operand = self._resolved(test.operand)
        if kind == _VALUE_KIND:
            return comparison(test.operator, operand, nodes.name(subject), str, self._bind)
        if is_raw_path(kind, test.path):
            return self._raw_test(test.path, test.operator, operand, subject)
        guards, target, type_, is_fact = self._access(test.path, kind, subject)
        value = nodes.member(target, "value") if is_fact else target
        if test.operator == "exists":
            inner = mode if operand else _FLIPPED[mode]
            known = [_is_known(value)] if is_fact and inner is Mode.TRUE else []
            present = nodes.every([*guards, *known])
            return present if operand else nodes.negated(present)
        compared = comparison(test.operator, operand, value, type_, self._bind)
        return nodes.every([*guards, *_in_mode(compared, value, mode, is_fact=is_fact)])

    def _raw_test(self, path: str, operator: str, operand: Operand, subject: str) -> ast.expr:
        item = self._fresh()
        value = nodes.member(nodes.name(item), "value")
        if operator == "exists":
            there = nodes.any_of(
                nodes.compared(value, "is not", nodes.nothing()), item, _found(path, subject)
            )
            return there if operand else nodes.negated(there)
        test = comparison(operator, operand, value, object, self._bind)
        return nodes.any_of(test, item, _found(path, subject))

    def _quantified(self, condition: Quantified, kind: str, subject: str, mode: Mode) -> ast.expr:
        guards, target, _, is_fact = self._access(condition.path, kind, subject)
        inner_mode = _FLIPPED[mode] if condition.quantifier == "none_of" else mode
        item = self._fresh()
        inner_kind = _VALUE_KIND if is_fact else item_kind(kind, condition.path)
        test = self.condition(condition.condition, inner_kind, item, inner_mode)
        items = nodes.member(target, "value") if is_fact else target
        quantify = nodes.all_of if condition.quantifier == "all_of" else nodes.any_of
        verdict = quantify(test, item, items)
        if condition.quantifier == "none_of":
            verdict = nodes.negated(verdict)
        return nodes.every([*guards, *_in_mode(verdict, items, mode, is_fact=is_fact)])

    def _predicate(
        self, name: str, arguments: tuple[tuple[str, Operand], ...], subject: str, mode: Mode
    ) -> ast.expr:
        asked = predicates()[name]
        word = f"predicate_{asked.__name__}"
        self._names[word] = asked
        words = argument_words(asked)
        passed = [(words[key], self._constant(self._resolved(value))) for key, value in arguments]
        verdict = nodes.call(nodes.name(word), nodes.name(subject), named=passed)
        sign, wanted = ("is not", False) if mode is Mode.POSSIBLE else ("is", True)
        return nodes.compared(verdict, sign, nodes.constant(wanted))

    def _constant(self, operand: Operand) -> ast.expr:
        return self._bind(operand) if isinstance(operand, tuple) else nodes.constant(operand)

    def _resolved(self, operand: Operand) -> Operand:
        return self._params[operand.name] if isinstance(operand, ParamRef) else operand

    def _bind(self, value: object) -> ast.expr:
        word = f"{self._prefix}_{len(self._names)}"
        self._names[word] = value
        return nodes.name(word)

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"


class _Side:
    """A relation as code sees it from one resource: by its index, the ends that are sure, all that may
    be, and whether it may lead outside."""

    def __init__(self, index: int, subject: str) -> None:
        self._index = index
        self._subject = nodes.name(subject)

    def _of(self, word: str) -> ast.expr:
        return nodes.name(f"{word}_{self._index}")

    def is_open(self) -> ast.expr:
        return nodes.compared(self._subject, "in", self._of("open"))

    def has_sure(self) -> ast.expr:
        return nodes.compared(self._subject, "in", self._of("sure"))

    def has_any(self) -> ast.expr:
        return nodes.compared(self._subject, "in", self._of("all"))

    def ends(self, *, sure: bool) -> ast.expr:
        held = self._of("sure" if sure else "all")
        return nodes.call(nodes.member(held, "get"), self._subject, nodes.tuple_of(()))

    def count(self, *, sure: bool) -> ast.expr:
        return nodes.call(nodes.name("len"), self.ends(sure=sure))


def _found(path: str, subject: str) -> ast.expr:
    """What stands at a raw path: the path is an argument, and no code."""
    return nodes.call(nodes.member(nodes.name(subject), "find"), nodes.constant(path))


def _in_mode(test: ast.expr, value: ast.expr, mode: Mode, *, is_fact: bool) -> Sequence[ast.expr]:
    """Return what has to hold for a test of a value that may be Unknown where it is a fact's."""
    if is_fact and mode is Mode.TRUE:
        return (_is_known(value), test)
    if is_fact and mode is Mode.POSSIBLE:
        unknown = nodes.compared(nodes.class_of(value), "is", nodes.name("Unknown"))
        return (nodes.some((unknown, test)),)
    return (test,)


def _is_known(value: ast.expr) -> ast.expr:
    return nodes.compared(nodes.class_of(value), "is not", nodes.name("Unknown"))
