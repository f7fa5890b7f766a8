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
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum

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
from scanner.model.vocabulary import RESOLVED_FIELD, Shape, containers_of, fields_of, item_kind


class Mode(Enum):
    """What the generated expression answers."""

    CERTAIN = "certain"
    TRUE = "true"
    POSSIBLE = "possible"


_FLIPPED = {Mode.CERTAIN: Mode.CERTAIN, Mode.TRUE: Mode.POSSIBLE, Mode.POSSIBLE: Mode.TRUE}

_VALUE_KIND = "value"


class ExpressionWriter:
    """Writes the expressions of one rule; `names` collects what they are evaluated with, and
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
            case Related():
                return self._related(condition, kind, subject, mode)

    def access(self, path: str, kind: str, subject: str) -> tuple[list[str], str, type | None, bool]:
        """Return what must hold for a field to be present, the expression of its holder
        or value, the value's type, and whether the field is a fact."""
        steps = path.split(".")
        guards: list[str] = []
        current, variable = kind, subject
        if kind != _VALUE_KIND and steps[0] not in fields_of(kind):
            current = steps.pop(0)
            variable = self._around(current, guards)
        for step in steps[:-1]:
            field = fields_of(current)[step]
            resolved = field.shape is Shape.RESOLVED
            target = f"resolved.get({variable})" if resolved else f"{variable}.{step}"
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

    def _around(self, kind: str, guards: list[str]) -> str:
        """Return the variable of the resource of `kind` around the one that is spoken of.

        That of a rule's own resource is a loop's; those at the other end of a relation
        are found by asking for owners.
        """
        if self._remote is None:
            return kind
        current, variable = self._remote
        while current != kind:
            current = containers_of(current)[0]
            name = self._fresh()
            guards.append(f"({name} := owners.get({variable})) is not None")
            variable = name
        return variable

    def _related(self, condition: Related, kind: str, subject: str, mode: Mode) -> str:
        relation, around = relation_named(kind, condition.relation)
        if around:
            guards: list[str] = []
            subject = self._around(relation.source, guards)
            if guards:
                kind, inner_condition = relation.source, replace(condition, relation=relation.name)
                return f"({' and '.join(guards)} and {self._related(inner_condition, kind, subject, mode)})"
        if relation not in self._relations:
            self._relations.append(relation)
        index = self._relations.index(relation)
        sure, every, is_open = f"sure_{index}", f"all_{index}", f"{subject} in open_{index}"
        strict = mode is Mode.TRUE
        if condition.quantifier in ("any_of", "all_of", "none_of"):
            assert condition.condition is not None
            none = condition.quantifier == "none_of"
            inner = _FLIPPED[mode] if none else mode
            item = self._fresh()
            outer, self._remote = self._remote, (relation.target, item)
            test = self.condition(condition.condition, relation.target, item, inner)
            self._remote = outer
            if condition.quantifier == "all_of":
                tests = f"all({test} for {item} in {every if strict else sure}.get({subject}, ()))"
                return f"(not ({is_open}) and {tests})" if strict else f"({tests})"
            definite = inner is Mode.TRUE
            tests = f"any({test} for {item} in {sure if definite else every}.get({subject}, ()))"
            found = f"({tests})" if definite else f"({is_open} or {tests})"
            return f"(not {found})" if none else found
        operand = self._resolved(condition.operand)
        if condition.quantifier == "exists":
            definite = (mode is Mode.TRUE) is bool(operand)
            found = f"({subject} in {sure})" if definite else f"({is_open} or {subject} in {every})"
            return found if operand else f"(not {found})"
        if (condition.quantifier == "at_least") is strict:
            number = f"len({sure}.get({subject}, ()))"
        else:
            number = f"len({every}.get({subject}, ()))"
        if condition.quantifier == "at_least":
            return f"({number} >= {operand!r})" if strict else f"({is_open} or {number} >= {operand!r})"
        return f"(not ({is_open}) and {number} <= {operand!r})" if strict else f"({number} <= {operand!r})"

    def located(self, path: str, kind: str, subject: str) -> str:
        """Return an expression for a field's `Located`, None when it is absent."""
        if is_raw_path(kind, path):
            return f"first({subject}.find({path!r}))"
        guards, target, _, _ = self.access(path, kind, subject)
        return f"({target} if {' and '.join(guards)} else None)" if guards else target

    def shown(self, path: str, kind: str, subject: str) -> str:
        """Return an expression for a field's value as text for people."""
        if is_raw_path(kind, path):
            return f"show_all({subject}.find({path!r}))"
        guards, target, _, is_fact = self.access(path, kind, subject)
        value = f"show({target}.value)" if is_fact else f"show({target})"
        return f"({value} if {' and '.join(guards)} else 'none')" if guards else value

    def located_item(self, path: str, condition: Condition, kind: str, subject: str) -> str:
        """Return an expression for the `Located` of a field of the first item of a list for which a
        condition surely holds, None where there is none or it is absent."""
        member, _, rest = path.partition(".")
        inner = item_kind(kind, member)
        item = self._fresh()
        test = self.condition(condition, inner, item, Mode.TRUE)
        found = self.located(rest, inner, item)
        return f"next(({found} for {item} in {subject}.{member} if {test}), None)"

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
            pattern = self._bind(LatePattern(str(operand)))
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
        inner_kind = _VALUE_KIND if is_fact else item_kind(kind, condition.path)
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


class LatePattern:
    """A regular expression that is compiled when it is first searched for: most of those in rules
    are never asked in a scan of a few files."""

    __slots__ = ("search", "text")

    search: Callable[[str], re.Match[str] | None]

    def __init__(self, text: str) -> None:
        self.text = text
        self.search = self._first_search

    def compile(self) -> None:
        """Compile it now. Raises re.error."""
        self.search = re.compile(self.text).search

    def _first_search(self, value: str) -> re.Match[str] | None:
        self.compile()
        return self.search(value)


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


def crosses_files(condition: Condition) -> bool:
    """Whether a condition asks for more than the resource itself says: for relations, or for facts
    that the graph decides."""
    match condition:
        case All(parts) | Any(parts):
            return any(crosses_files(part) for part in parts)
        case Not(inner):
            return crosses_files(inner)
        case FieldTest(path):
            return RESOLVED_FIELD in path.split(".")
        case Quantified(path, _, inner):
            return RESOLVED_FIELD in path.split(".") or crosses_files(inner)
        case Related():
            return True
        case Predicate():
            return False


def follows(condition: Condition, names: frozenset[str]) -> bool:
    """Whether a condition follows one of the relations of these names."""
    match condition:
        case All(parts) | Any(parts):
            return any(follows(part, names) for part in parts)
        case Not(inner) | Quantified(_, _, inner):
            return follows(inner, names)
        case Related(name, _, inner):
            return name in names or (inner is not None and follows(inner, names))
        case FieldTest() | Predicate():
            return False


def is_raw_path(kind: str, path: str) -> bool:
    """Whether a path of a rule on documents goes into the raw tree."""
    return kind == "document" and path not in fields_of("document")


def _frozen(operand: Operand) -> frozenset[object]:
    assert isinstance(operand, tuple)
    return frozenset(operand)


def _identifier(name: str) -> str:
    return name.replace("-", "_")
