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
    meant_by,
)
from scanner.model.vocabulary import Field, Shape, containers_of, fields_of
from scanner.parsing.yaml import MappingNode, Node
from scanner.policy.nodes import PolicyFile, suggest

OPERATORS: dict[str, str] = {
    "exists": "bool",
    "equals": "scalar",
    "not_equals": "scalar",
    "in": "list",
    "not_in": "list",
    "matches": "regex",
    "not_matches": "regex",
    "starts_with": "texts",
    "ends_with": "texts",
    "greater_than": "number",
    "at_least": "number",
    "less_than": "number",
    "at_most": "number",
    "contains": "scalar",
    "contains_any": "list",
    "subset_of": "list",
    "is": "name",
    "is_not": "name",
}
"""Every operator of a field test and what its operand must be."""

RAW_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[^\[\]]*\])*")
"""A path into the raw tree of a document: keys, `[]` for items, `[*]` for values."""

_NEEDS_TEXT = frozenset(("matches", "not_matches", "starts_with", "ends_with", "is", "is_not"))
_NEEDS_NUMBER = frozenset(("greater_than", "at_least", "less_than", "at_most"))
_NEEDS_LIST = frozenset(("contains_any", "subset_of"))

QUANTIFIERS = ("any_of", "all_of", "none_of")

COUNTS: dict[str, str] = {"exists": "bool", "at_least": "number", "at_most": "number"}
"""What else can be asked of the resources at the other end of a relation: whether there are
any, and how many."""

_TYPE_NAMES: dict[type | None, str] = {
    str: "text",
    int: "a number",
    bool: "true or false",
    tuple: "a list",
    None: "a resource",
}

VALUE = "value"
"""The field by which a quantified condition speaks of an item that is a plain value."""


class ConditionReader:
    """Reads the conditions of one rule. `predicates` are the named ones on a whole
    resource, `tests` those on a value (`is`), each with a line of documentation."""

    def __init__(
        self,
        file: PolicyFile,
        params: Mapping[str, Operand],
        predicates: Mapping[str, str],
        tests: Mapping[str, str],
    ) -> None:
        self._file = file
        self._params = params
        self._predicates = predicates
        self._tests = tests

    def read(self, node: Node, kind: str) -> Condition:
        """Return the condition of a node, about resources of `kind`."""
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
            return self._predicate(node)
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

    def _predicate(self, node: Node) -> Condition:
        entries = self._file.keys(node, "a predicate", ("predicate",), ("with",))
        name = self._file.text(entries["predicate"], "predicate")
        if name not in self._predicates:
            hint = suggest(name, self._predicates) or f"use one of {', '.join(sorted(self._predicates))}"
            self._file.fail(entries["predicate"], f"unknown predicate '{name}'", hint)
        arguments = []
        if "with" in entries:
            for key, value in self._file.mapping(entries["with"], "'with'").items():
                arguments.append((key, self._operand(value)))
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
        if kind == "document" and path not in fields_of("document"):
            self._check_raw(entries["field"], path)
        elif kind != VALUE or path != VALUE:
            field = resolve_field(self._file, entries["field"], kind, path)
            if field.resource is not None and not (word == "exists" and field.optional):
                self._file.fail(entries["field"], f"'{path}' is no plain field; test one of its fields")
            self._check_type(entries["field"], path, word, field)
        return FieldTest(path, word, self._checked(entries[word], word))

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
            return Related(name, word, None, self._checked(entries[word], word))
        return Related(name, word, self.read(entries[word], relation.target))

    def _check_raw(self, node: Node, path: str) -> None:
        if not RAW_PATH.fullmatch(path):
            self._file.fail(node, f"'{path}' is no path", "write it like spec.rules[].host")

    def _check_type(self, node: Node, path: str, word: str, field: Field) -> None:
        """Refuse an operator that could never hold for the type of the field."""
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
            self._file.fail(node, f"'{word}' needs {wanted}, and '{path}' is {_TYPE_NAMES[field.value]}")

    def _quantified(self, entries: Mapping[str, Node], kind: str, path: str, word: str) -> Condition:
        field = resolve_field(self._file, entries["field"], kind, path)
        if field.shape is Shape.RESOURCES and field.resource is not None:
            return Quantified(path, word, self.read(entries[word], field.resource))
        if field.value is tuple:
            return Quantified(path, word, self.read(entries[word], VALUE))
        raise self._file.fail(entries["field"], f"'{path}' is no list; '{word}' needs one")

    def _checked(self, node: Node, word: str) -> Operand:
        wanted = COUNTS.get(word) or OPERATORS[word]
        operand = self._operand(node)
        if isinstance(operand, ParamRef):
            operand_value = self._params[operand.name]
        else:
            operand_value = operand
        if wanted == "bool" and not isinstance(operand_value, bool):
            self._file.fail(node, f"'{word}' takes true or false")
        if wanted in ("list", "texts") and not isinstance(operand_value, tuple):
            self._file.fail(node, f"'{word}' takes a list")
        if wanted == "number" and (not isinstance(operand_value, int) or isinstance(operand_value, bool)):
            self._file.fail(node, f"'{word}' takes a number")
        if wanted == "scalar" and isinstance(operand_value, tuple):
            self._file.fail(node, f"'{word}' takes one value, not a list")
        if wanted == "regex":
            if not isinstance(operand_value, str):
                self._file.fail(node, f"'{word}' takes a regular expression as text")
            try:
                re.compile(str(operand_value))
            except re.error as error:
                self._file.fail(node, f"'{operand_value}' is no regular expression: {error}")
        if wanted == "name" and operand_value not in self._tests:
            hint = suggest(str(operand_value), self._tests) or f"use one of {', '.join(sorted(self._tests))}"
            self._file.fail(node, f"unknown test '{operand_value}'", hint)
        return operand

    def _operand(self, node: Node) -> Operand:
        operand = self._file.operand(node, "an operand")
        if isinstance(operand, ParamRef) and operand.name not in self._params:
            self._file.fail(node, f"unknown parameter '{operand.name}'", suggest(operand.name, self._params))
        if isinstance(operand, tuple) and node.__class__ is MappingNode:
            self._file.fail(node, "expected a value")
        return operand


def resolve_shown(file: PolicyFile, node: Node, kind: str, path: str, condition: Condition) -> Field:
    """Return the field that a rule with this condition points at or tells of; also one of the item of a
    list that the condition asks for with `any_of`."""
    step, _, rest = path.partition(".")
    field = fields_of(kind).get(step)
    if field is None or field.shape is not Shape.RESOURCES or not rest:
        return resolve_field(file, node, kind, path)
    if meant_by(condition, step) is None:
        file.fail(node, f"nothing says which of '{step}' is meant", "ask for one with any_of")
    assert field.resource is not None
    return resolve_field(file, node, field.resource, rest)


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
