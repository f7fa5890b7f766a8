"""What an operand has to be for its test to mean anything: held against the type of the field.

A test that compares a field with what the field can never be looks like a control and checks
nothing. The same is asked of what a rule says and of what a configuration sets its parameters to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from scanner.model.relations import relation_named
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
from scanner.model.signatures import Parameter
from scanner.model.vocabulary import Field, Shape, field_at, is_raw_path, item_kind
from scanner.policy.nodes import suggest
from scanner.policy.words import Words

VALUE = "value"
"""The field by which a quantified condition speaks of an item that is a plain value, and its kind."""

ITEM = Field(Shape.PLAIN, str, optional=False)
"""What such an item is: lists hold texts."""

ANYTHING = (str, int, bool)

_LISTS = frozenset(("in", "not_in", "starts_with", "ends_with", "contains_any", "subset_of"))
_TEXTS = frozenset(("matches", "not_matches", "starts_with", "ends_with", "is", "is_not"))
_NUMBERS = frozenset(("greater_than", "at_least", "less_than", "at_most"))
_NEVER_OF_NONE = frozenset(("in", "starts_with", "ends_with", "contains_any"))

TYPE_NAMES: dict[type | None, str] = {
    str: "text",
    int: "a number",
    bool: "true or false",
    tuple: "a list",
    None: "a resource",
}


class Wanted(NamedTuple):
    """What an operand has to be: a value of one of these `types`, or with `listed` a list of such.

    `taker` is who takes it, `what` begins the sentence on its type and `unknown` that on a value
    that is none of the `choices`, where these are known. `least` is the lowest number.
    """

    types: tuple[type, ...]
    listed: bool
    taker: str
    what: str
    choices: tuple[str, ...] = ()
    unknown: str = ""
    least: int | None = None


class Misfit(NamedTuple):
    """Why an operand does not do, and what to do about it."""

    message: str
    hint: str | None


def wanted_of_field(path: str, operator: str, field: Field | None, tests: Collection[str]) -> Wanted:
    """Return what an operator wants for a field; `field` is None for a raw path, whose type nobody knows.
    `tests` are the names of those on a value."""
    listed, taker = operator in _LISTS, f"'{operator}'"
    if operator in ("is", "is_not"):
        return Wanted((str,), False, taker, f"{taker} takes", tuple(sorted(tests)), "unknown test")
    for operators, type_ in ((("exists",), bool), (_TEXTS, str), (_NUMBERS, int)):
        if operator in operators:
            return Wanted((type_,), listed, taker, f"{taker} takes")
    if field is None:
        return Wanted(ANYTHING, listed, taker, f"{taker} takes")
    if field.value is tuple:
        return Wanted((str,), listed, taker, f"an item of '{path}' is")
    unknown = f"'{path}' is never"
    return Wanted((field.value or str,), listed, taker, f"'{path}' is", field.choices, unknown)


def wanted_of_count(quantifier: str) -> Wanted:
    """Return what can be asked of how many resources there are at the other end of a relation."""
    taker = f"'{quantifier}'"
    if quantifier == "exists":
        return Wanted((bool,), False, taker, f"{taker} takes")
    return Wanted((int,), False, taker, f"{taker} takes", least=int(quantifier == "at_least"))


def wanted_of_argument(predicate: str, name: str, parameter: Parameter) -> Wanted:
    """Return what an argument of a predicate has to be."""
    taker = f"'{name}' of '{predicate}'"
    return Wanted((parameter.type,), parameter.listed, taker, f"{taker} takes")


def misfit(operand: Operand, wanted: Wanted) -> Misfit | None:
    """Return what is wrong with an operand that is no parameter, or None."""
    if wanted.listed and not isinstance(operand, tuple):
        return Misfit(f"{wanted.taker} takes a list", None)
    if not wanted.listed and isinstance(operand, tuple):
        return Misfit(f"{wanted.taker} takes one value, not a list", None)
    values = operand if isinstance(operand, tuple) else (operand,)
    return next((found for value in values if (found := _value_misfit(value, wanted)) is not None), None)


def empty_misfit(operand: Operand, operator: str) -> Misfit | None:
    """Return what is wrong with a list that is written out, and of nothing."""
    if operand != () or operator not in (*_NEVER_OF_NONE, "not_in"):
        return None
    verdict = "never holds" if operator in _NEVER_OF_NONE else "holds for every value"
    return Misfit(f"the list of '{operator}' is empty, so that it {verdict}", None)


def _value_misfit(value: Operand, wanted: Wanted) -> Misfit | None:
    if type(value) not in wanted.types:
        type_ = wanted.types[0]
        message = f"{wanted.what} {TYPE_NAMES[type_]}, and never {_shown(value)}"
        return Misfit(message, _rewritten(value, type_))
    if wanted.choices and value not in wanted.choices:
        hint = suggest(str(value), wanted.choices) or f"use one of {', '.join(wanted.choices)}"
        return Misfit(f"{wanted.unknown} '{value}'", hint)
    if wanted.least is not None and isinstance(value, int) and value < wanted.least:
        verdict = "always" if wanted.least else "never"
        return Misfit(f"{wanted.taker} {value} {verdict} holds", None)
    return None


def _shown(value: Operand) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < 10**18 else "a number of so many digits"
    return "a list" if isinstance(value, tuple) else f"the text '{value}'"


def _rewritten(value: Operand, type_: type) -> str | None:
    """Return how a value of a type would be written, where one seems to be meant."""
    if type_ is str and not isinstance(value, tuple):
        return "write it in quotes"
    if type_ is bool and isinstance(value, str):
        meant = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
        word = meant.get(value.lower())
        return f"write {word}, without quotes" if word else "write true or false"
    if type_ is int and isinstance(value, str) and value.isdecimal():
        return "write it without quotes"
    return None


def parameters_of(rule: Rule, words: Words) -> Iterator[tuple[str, Wanted]]:
    """Yield each parameter that a rule uses, with what it has to be where it is used."""
    parts = [(case.when, case.applies_to) for case in rule.cases] or [(rule.when, rule.applies_to)]
    for condition, kinds in parts:
        for kind in kinds:
            yield from _used(condition, kind, words)


def _used(condition: Condition, kind: str, words: Words) -> Iterator[tuple[str, Wanted]]:
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _used(part, kind, words)
        case Not(inner):
            yield from _used(inner, kind, words)
        case FieldTest(path, operator, ParamRef(name)):
            yield name, wanted_of_field(path, operator, tested_field(kind, path), words.tests)
        case Quantified(path, _, inner):
            plain = field_at(kind, path).value is tuple
            yield from _used(inner, VALUE if plain else item_kind(kind, path), words)
        case Related(name, quantifier, inner, operand):
            if isinstance(operand, ParamRef):
                yield operand.name, wanted_of_count(quantifier)
            if inner is not None:
                yield from _used(inner, relation_named(kind, name)[0].target, words)
        case Predicate(name, arguments):
            parameters = words.signature_of(name).parameters
            for key, operand in arguments:
                if isinstance(operand, ParamRef):
                    yield operand.name, wanted_of_argument(name, key, parameters[key])


def tested_field(kind: str, path: str) -> Field | None:
    """Return the field that a test with this path looks at, None where that is a raw path."""
    if kind == VALUE:
        return ITEM
    return None if is_raw_path(kind, path) else field_at(kind, path)
