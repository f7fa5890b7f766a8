"""The `when` of a rule: from YAML to a checked condition."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.model.relations import Relation, relations_of
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
from scanner.model.vocabulary import (
    KINDS,
    Field,
    Shape,
    containers_of,
    fields_along,
    fields_of,
    is_raw_path,
    type_of,
)
from scanner.parsing.yaml import Node, SequenceNode
from scanner.policy.nodes import PolicyFile, suggest
from scanner.policy.operands import (
    TYPE_NAMES,
    VALUE,
    Wanted,
    empty_misfit,
    misfit,
    tested_field,
    wanted_of_argument,
    wanted_of_count,
    wanted_of_field,
)
from scanner.policy.patterns import check_argument, check_pattern
from scanner.policy.words import Words

OPERATORS = (
    "exists",
    "equals",
    "not_equals",
    "in",
    "not_in",
    "matches",
    "not_matches",
    "starts_with",
    "ends_with",
    "greater_than",
    "at_least",
    "less_than",
    "at_most",
    "contains",
    "contains_any",
    "subset_of",
    "is",
    "is_not",
)
"""Every operator of a field test; `operands` tells what each of them takes."""

RAW_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[^\[\]]*\])*")
"""A path into the raw tree of a document: keys, `[]` for items, `[*]` for values."""

_NEEDS_TEXT = frozenset(("matches", "not_matches", "starts_with", "ends_with", "is", "is_not"))
_NEEDS_NUMBER = frozenset(("greater_than", "at_least", "less_than", "at_most"))
_NEEDS_LIST = frozenset(("contains_any", "subset_of"))

QUANTIFIERS = ("any_of", "all_of", "none_of")

COUNTS = ("exists", "at_least", "at_most")
"""What else can be asked of the resources at the other end of a relation: whether there are
any, and how many."""

MAX_CONDITIONS = 5_000
"""Conditions that one rule can have; parts count, and so does each kind that it applies to."""

MAX_DEPTH = 32
"""How deep conditions can stand in each other. Code that is nested deeper than some hundred levels is
refused by Python's compiler, and readers lose the thread much sooner."""


class ConditionReader:
    """Reads the conditions of one rule, which may use these words."""

    def __init__(self, file: PolicyFile, params: Mapping[str, Operand], words: Words) -> None:
        self._file = file
        self._params = params
        self._words = words
        self._depth = self._count = 0

    def read(self, node: Node, kind: str) -> Condition:
        """Return the condition of a node, about resources of `kind`."""
        self._count += 1
        if self._count > MAX_CONDITIONS:
            self._file.fail(node, f"a rule has {MAX_CONDITIONS} conditions at most")
        if self._depth >= MAX_DEPTH:
            self._file.fail(node, f"conditions are nested more than {MAX_DEPTH} deep")
        self._depth += 1
        condition = self._condition(node, kind)
        self._depth -= 1
        return condition

    def _condition(self, node: Node, kind: str) -> Condition:
        entries = self._file.mapping(node, "a condition")
        for word, make in (("all", All), ("any", Any)):
            if word in entries:
                self._only(node, word)
                items = self._file.sequence(entries[word], f"'{word}'")
                if not items:
                    self._file.fail(entries[word], f"'{word}' is empty")
                return make(tuple(self.read(item, kind) for item in items))
        if "not" in entries:
            self._only(node, "not")
            return Not(self.read(entries["not"], kind))
        if "predicate" in entries:
            return self._predicate(node, kind)
        if "field" in entries:
            return self._field_test(node, entries, kind)
        if "related" in entries:
            return self._related(node, entries, kind)
        known = ("all", "any", "not", "field", "predicate", "related")
        word = next(iter(entries), "")
        raise self._file.fail(
            node, f"'{word}' starts no condition", suggest(word, known) or f"use one of {', '.join(known)}"
        )

    def _only(self, node: Node, word: str) -> None:
        self._file.keys(node, "a condition", (word,), ())

    def _predicate(self, node: Node, kind: str) -> Condition:
        entries = self._file.keys(node, "a predicate", ("predicate",), ("with",))
        name = self._file.text(entries["predicate"], "predicate")
        known = self._words.predicates
        if name not in known:
            hint = suggest(name, known) or f"use one of {', '.join(sorted(known))}"
            self._file.fail(entries["predicate"], f"unknown predicate '{name}'", hint)
        signature = self._words.signature_of(name)
        subject = str if kind == VALUE else type_of(kind)
        if signature.subjects and subject not in signature.subjects:
            able = [one.name for one in KINDS.values() if one.type in signature.subjects]
            hint = f"it can be asked about {', '.join(able)}"
            self._file.fail(entries["predicate"], f"predicate '{name}' says nothing about a {kind}", hint)
        given = self._file.pairs(entries["with"], "'with'") if "with" in entries else {}
        arguments = []
        for key, (place, value) in given.items():
            parameter = signature.parameters.get(key)
            if parameter is None:
                takes = ", ".join(signature.parameters) or "no arguments"
                hint = suggest(key, signature.parameters) or f"it takes {takes}"
                raise self._file.fail(place, f"predicate '{name}' takes no '{key}'", hint)
            wanted = wanted_of_argument(name, key, parameter)
            operand = self._checked(value, wanted)
            check_argument(self._file, value, key, self._value(operand))
            arguments.append((key, operand))
        for key, parameter in signature.parameters.items():
            if parameter.required and key not in given:
                self._file.fail(node, f"predicate '{name}' lacks '{key}'", "give it under 'with'")
        return Predicate(name, tuple(arguments))

    def _field_test(self, node: Node, entries: Mapping[str, Node], kind: str) -> Condition:
        self._file.keys(node, "a field test", ("field",), (*OPERATORS, *QUANTIFIERS))
        tests = [word for word in entries if word != "field"]
        if len(tests) != 1:
            self._file.fail(node, f"a field test has one operator, this one has {len(tests)}")
        word = tests[0]
        path = self._file.text(entries["field"], "field")
        if word in QUANTIFIERS:
            return self._quantified(entries, kind, path, word)
        if is_raw_path(kind, path):
            check_raw(self._file, entries["field"], path)
        elif kind != VALUE or path != VALUE:
            field = resolve_field(self._file, entries["field"], kind, path)
            if field.resource is not None and not (word == "exists" and field.optional):
                self._file.fail(entries["field"], f"'{path}' is no plain field; test one of its fields")
        self._check_type(entries["field"], path, word, tested_field(kind, path))
        wanted = wanted_of_field(path, word, tested_field(kind, path), self._words.tests)
        operand = self._checked(entries[word], wanted)
        empty = empty_misfit(operand, word)
        if empty is not None:
            self._file.fail(entries[word], empty.message, empty.hint)
        if word == "exists" and operand is False and not _can_be_absent(kind, path):
            self._file.fail(entries["field"], f"'{path}' is always there, so that this never holds")
        if word in ("matches", "not_matches"):
            self._check_pattern(entries[word], operand)
        return FieldTest(path, word, operand)

    def _relation(self, node: Node, name: str, kind: str) -> Relation:
        """Return a relation of a kind, or (`workload.services`) of one around it."""
        holder, dot, word = name.rpartition(".")
        around = containers_of(kind) if kind != VALUE else ()
        if dot and holder not in around:
            hint = suggest(holder, around)
            raise self._file.fail(node, f"'{holder}' is no kind around {kind}", hint)
        known = relations_of(holder if dot else kind)
        if word not in known:
            outer = [f"{one}.{other}" for one in around for other in relations_of(one)]
            has = sorted((*known, *outer))
            hint = suggest(name, has) or f"it has {', '.join(has) or 'none'}"
            raise self._file.fail(node, f"unknown relation '{name}' of {kind}", hint)
        return known[word]

    def _related(self, node: Node, entries: Mapping[str, Node], kind: str) -> Condition:
        self._file.keys(node, "a relation", ("related",), (*QUANTIFIERS, *COUNTS))
        name = self._file.text(entries["related"], "related")
        relation = self._relation(entries["related"], name, kind)
        tests = [word for word in entries if word != "related"]
        if len(tests) != 1:
            self._file.fail(node, f"a relation has one quantifier, this one has {len(tests)}")
        word = tests[0]
        if word in COUNTS:
            return Related(name, word, None, self._checked(entries[word], wanted_of_count(word)))
        return Related(name, word, self.read(entries[word], relation.target))

    def _check_type(self, node: Node, path: str, word: str, field: Field | None) -> None:
        """Refuse an operator that could never hold for the type of the field."""
        if field is None:
            return
        wanted = None
        if word in _NEEDS_TEXT and field.value is not str:
            wanted = "text"
        elif word in _NEEDS_NUMBER and field.value is not int:
            wanted = "a number"
        elif word in _NEEDS_LIST and field.value is not tuple:
            wanted = "a list"
        elif word == "contains" and field.value not in (tuple, str):
            wanted = "a list or text"
        elif word in ("equals", "not_equals", "in", "not_in") and field.value is tuple:
            wanted = "one value"
        if wanted is not None:
            self._file.fail(node, f"'{word}' needs {wanted}, and '{path}' is {TYPE_NAMES[field.value]}")

    def _quantified(self, entries: Mapping[str, Node], kind: str, path: str, word: str) -> Condition:
        field = resolve_field(self._file, entries["field"], kind, path)
        if field.shape is Shape.RESOURCES and field.resource is not None:
            return Quantified(path, word, self.read(entries[word], field.resource))
        if field.value is tuple:
            return Quantified(path, word, self.read(entries[word], VALUE))
        raise self._file.fail(entries["field"], f"'{path}' is no list; '{word}' needs one")

    def _checked(self, node: Node, wanted: Wanted) -> Operand:
        """Return an operand that is what is wanted, or a parameter whose default is."""
        operand = self._operand(node)
        value = self._value(operand)
        if wanted.listed and node.__class__ is SequenceNode and isinstance(value, tuple):
            for item, one in zip(node.value, value, strict=True):
                self._refuse_misfit(item, (one,), wanted)
        self._refuse_misfit(node, value, wanted)
        return operand

    def _refuse_misfit(self, node: Node, value: Operand, wanted: Wanted) -> None:
        found = misfit(value, wanted)
        if found is not None:
            self._file.fail(node, found.message, found.hint)

    def _check_pattern(self, node: Node, operand: Operand) -> None:
        check_pattern(self._file, node, str(self._value(operand)))

    def _value(self, operand: Operand) -> Operand:
        return self._params[operand.name] if isinstance(operand, ParamRef) else operand

    def _operand(self, node: Node) -> Operand:
        operand = self._file.operand(node, "an operand")
        if isinstance(operand, ParamRef) and operand.name not in self._params:
            self._file.fail(node, f"unknown parameter '{operand.name}'", suggest(operand.name, self._params))
        return operand


def check_raw(file: PolicyFile, node: Node, path: str) -> None:
    """Refuse what is no path into the raw tree of a document."""
    if not RAW_PATH.fullmatch(path):
        file.fail(node, f"'{path}' is no path", "write it like spec.rules[].host")


def _can_be_absent(kind: str, path: str) -> bool:
    if kind == VALUE:
        return False
    return is_raw_path(kind, path) or any(field.optional for field in fields_along(kind, path))


def resolve_field(file: PolicyFile, node: Node, kind: str, path: str) -> Field:
    """Return the field at the end of a path that starts at a resource of `kind`.

    The first step is a field of the kind, else the name of a kind around it, or its own.
    """
    steps = path.split(".")
    around = (kind, *containers_of(kind)) if kind != VALUE else ()
    current = kind
    if kind == VALUE:
        raise file.fail(
            node, f"unknown field '{path}'", "an item that is a plain value has the field 'value'"
        )
    if steps[0] not in fields_of(kind) and steps[0] in around:
        current = steps.pop(0)
        if not steps:
            raise file.fail(node, f"'{path}' is a resource; name one of its fields")
    for position, step in enumerate(steps):
        fields = fields_of(current)
        if step not in fields:
            known = [*fields, *around[1:]] if position == 0 else list(fields)
            hint = suggest(step, known) or f"it has {', '.join(sorted(known))}"
            raise file.fail(node, f"unknown field '{step}' of {current}", hint)
        field = fields[step]
        if position == len(steps) - 1:
            return field
        if field.shape not in (Shape.RESOURCE, Shape.RESOLVED) or field.resource is None:
            raise file.fail(node, f"'{step}' of {current} has no fields of its own")
        current = field.resource
    raise file.fail(node, "a field path cannot be empty")
