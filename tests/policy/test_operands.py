"""A test that could never tell one resource from another is refused, with the place of its operand."""

from __future__ import annotations

import pytest

from scanner.engine.comparisons import comparison
from scanner.engine.registry import predicates, signature_of
from scanner.errors import RuleError
from scanner.model.vocabulary import KINDS, fields_of
from scanner.pipeline import words
from scanner.policy.conditions import OPERATORS
from scanner.policy.loader import load_rule
from scanner.trees import nodes
from scanner.trees.running import made

RULE = """\
id: my-rule
title: A title
severity: high
confidence: high
tier: core
applies_to: %s
formats: [kubernetes, compose]
params:
  yes: {default: true, description: A truth.}
  one: {default: 1, description: A number.}
  word: {default: x, description: A text.}
  words: {default: [x], description: Texts.}
  numbers: {default: [1], description: Numbers.}
  none: {default: [], description: Nothing yet.}
when: %s
message: bad
description: Why.
remediation: Do this.
examples: []
"""


def load(when, kind="container"):
    return load_rule("rules/x/my-rule.yaml", RULE % (kind, when), words())


def failure(when, kind="container"):
    with pytest.raises(RuleError) as caught:
        load(when, kind)
    assert caught.value.line == 15
    assert caught.value.column is not None
    return str(caught.value)


@pytest.mark.parametrize(
    "when,told",
    [
        ("{field: privileged, equals: 'true'}", "'privileged' is true or false, and never the text 'true'; write true"),
        ("{field: privileged, equals: yes}", "never the text 'yes'; write true, without quotes"),
        ("{field: privileged, not_equals: 0}", "never the number 0"),
        ("{field: privileged, in: [true, 'no']}", ":15:38: 'privileged' is true or false, and never the text 'no'"),
        ("{field: uid, equals: '0'}", "'uid' is a number, and never the text '0'; write it without quotes"),
        ("{field: uid, in: [0, root]}", "'uid' is a number, and never the text 'root'"),
        ("{field: uid, at_least: '5'}", "'at_least' takes a number, and never the text '5'"),
        ("{field: uid, greater_than: true}", "'greater_than' takes a number, and never true"),
        ("{field: uid, less_than: [5]}", "'less_than' takes one value, not a list"),
        ("{field: image.tag, equals: 1}", "'image.tag' is text, and never the number 1; write it in quotes"),
        ("{field: image.tag, equals: false}", "'image.tag' is text, and never false; write it in quotes"),
        ("{field: image.tag, in: [latest, 1]}", "'image.tag' is text, and never the number 1"),
        ("{field: image.tag, in: latest}", "'in' takes a list"),
        ("{field: image.tag, starts_with: [1]}", "'starts_with' takes text, and never the number 1"),
        ("{field: image.tag, matches: 1}", "'matches' takes text, and never the number 1"),
        ("{field: image.tag, matches: [a]}", "'matches' takes one value, not a list"),
        ("{field: image.tag, contains: 1}", "'image.tag' is text, and never the number 1"),
        ("{field: cap_drop, contains: 1}", "an item of 'cap_drop' is text, and never the number 1"),
        ("{field: cap_drop, contains_any: [ALL, true]}", "an item of 'cap_drop' is text, and never true"),
        ("{field: cap_drop, matches: ALL}", "'matches' needs text, and 'cap_drop' is a list"),
        ("{field: cap_drop, any_of: {field: value, equals: 5}}", "'value' is text, and never the number 5"),
        ("{field: cap_drop, any_of: {field: value, at_most: 5}}", "'at_most' needs a number, and 'value' is text"),
        ("{field: cap_drop, any_of: {field: value, exists: false}}", "'value' is always there"),
        ("{field: role, equals: mian}", "'role' is never 'mian'; did you mean 'main'?"),
        ("{field: role, in: [main, zzz]}", "'role' is never 'zzz'; use one of main, init"),
        ("{field: workload.format, equals: docker}", "'workload.format' is never 'docker'"),
        ("{field: name, exists: false}", "'name' is always there, so that this never holds"),
        ("{field: privileged, exists: 'true'}", "'exists' takes true or false"),
        ("{field: image.tag, in: []}", "the list of 'in' is empty, so that it never holds"),
        ("{field: image.tag, not_in: []}", "the list of 'not_in' is empty, so that it holds for every value"),
        ("{field: cap_drop, contains_any: []}", "the list of 'contains_any' is empty"),
        ("{field: image.tag, in: [[a]]}", "expected plain values in the list"),
        ("{field: image.tag, in: [a, {param: word}]}", "expected plain values in the list"),
        ("{field: privileged, equals: {param: word}}", "'privileged' is true or false, and never the text 'x'"),
        ("{field: uid, in: {param: words}}", "'uid' is a number, and never the text 'x'"),
        ("{field: image.tag, in: {param: numbers}}", "'image.tag' is text, and never the number 1"),
        ("{field: image.tag, in: {param: word}}", "'in' takes a list"),
        ("{field: image.tag, is: secret-nam}", "unknown test 'secret-nam'; did you mean 'secret-name'?"),
        ("{field: image.tag, is: {param: word}}", "unknown test 'x'"),
        ("{related: siblings, at_least: 0}", "'at_least' 0 always holds"),
        ("{related: siblings, at_most: -1}", "'at_most' -1 never holds"),
        ("{related: siblings, at_least: '2'}", "'at_least' takes a number, and never the text '2'"),
        ("{related: siblings, exists: 1}", "'exists' takes true or false, and never the number 1"),
    ],
)  # fmt: skip
def test_an_operand_that_does_not_fit_its_field_is_told(when, told):
    assert told in failure(when)


@pytest.mark.parametrize(
    "when",
    [
        "{field: privileged, in: [true]}",
        "{field: uid, in: {param: numbers}}",
        "{field: image.tag, in: {param: none}}",
        "{field: uid, not_in: {param: none}}",
        "{field: cap_drop, subset_of: []}",
        "{field: image.tag, equals: '1'}",
        "{field: image, exists: false}",
        "{field: image.text, exists: false}",
        "{field: workload.name, exists: true}",
        "{field: role, not_equals: init}",
        "{related: siblings, at_most: 0}",
    ],
)
def test_an_operand_that_fits_is_read(when):
    load(when)


def test_what_stands_at_a_raw_path_can_be_of_any_type():
    for operand in ("true", "5", "text", "'true'"):
        load(f"{{field: spec.x, equals: {operand}}}", "document")
    assert "takes a number" in failure("{field: spec.x, at_least: a}", "document")
    assert "'in' takes a list" in failure("{field: spec.x, in: a}", "document")


OPERANDS = {
    "true": True, "1": 1, "x": "x", "main": "main", "'1'": "1", "''": "", "[true]": (True,), "[1]": (1,),
    "[x]": ("x",), "[]": (),
}  # fmt: skip
VALUES = {
    bool: (True, False),
    int: (-1, 0, 1, 2),
    str: ("", "1", "x", "xx", "y", "main"),
    tuple: ((), ("x",), ("y",), ("x", "y"), ("1",), ("main",), ("",)),
}
FIELDS = {"privileged": bool, "uid": int, "image.tag": str, "cap_drop": tuple}


def verdicts(operator, operand, type_):
    """Run a comparison over values of a type; one that raises tells nothing."""
    names: dict[str, object] = {}

    def bind(value):
        names["bound"] = value
        return nodes.name("bound")

    test = comparison(operator, operand, nodes.name("value"), type_, bind)
    tree = nodes.module(nodes.function("check", ("value",), [nodes.returned(test)]))
    check = made(tree, "check", names, "a test")
    return {bool(check(value)) for value in VALUES[type_]}


@pytest.mark.parametrize("operator", [one for one in OPERATORS if one not in ("exists", "is", "is_not")])
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_accepted_holds_for_some_values_and_not_for_others(operator, field):
    for written, operand in OPERANDS.items():
        try:
            load(f"{{field: {field}, {operator}: {written}}}")
        except RuleError:
            continue
        found = verdicts(operator, operand, FIELDS[field])
        if operand != "":  # every text contains and matches the empty one
            assert found == {True, False}, (operator, written)


@pytest.mark.parametrize(
    "when,told",
    [
        ("{predicate: path-under, with: {path: [/etc]}}", ":15:38: predicate 'path-under' takes no 'path'; did you mean 'paths'?"),
        ("{predicate: path-under, with: {paths: [/etc], where: x}}", "takes no 'where'; it takes paths, exactly"),
        ("{predicate: path-under}", ":15:7: predicate 'path-under' lacks 'paths'; give it under 'with'"),
        ("{predicate: path-under, with: {exactly: true}}", "lacks 'paths'"),
        ("{predicate: path-under, with: {paths: /etc}}", "'paths' of 'path-under' takes a list"),
        ("{predicate: path-under, with: {paths: [1]}}", "'paths' of 'path-under' takes text, and never the number 1"),
        ("{predicate: path-under, with: {paths: [a], exactly: 1}}", "'exactly' of 'path-under' takes true or false"),
        ("{predicate: path-under, with: {paths: {param: numbers}}}", "takes text, and never the number 1"),
        ("{predicate: path-under, with: {paths: {param: word}}}", "takes a list"),
        ("{predicate: path-under, with: {paths: {param: wort}}}", "unknown parameter 'wort'; did you mean 'word'?"),
        ("{predicate: path-undr, with: {paths: [a]}}", "unknown predicate 'path-undr'; did you mean 'path-under'?"),
        ("{predicate: drifted}", "predicate 'drifted' says nothing about a mount; it can be asked about chart_dependency"),
    ],
)  # fmt: skip
def test_arguments_are_held_against_the_signature_of_the_predicate(when, told):
    assert told in failure(when, "mount")


def test_a_predicate_is_asked_of_what_it_is_about_alone():
    load("{predicate: always, with: {value: true}}", "mount")
    text = "{field: mounts, any_of: {predicate: path-under, with: {paths: [/etc]}}}"
    load(text)
    assert "says nothing about a value" in failure("{field: cap_drop, any_of: {predicate: weak-default}}")


def test_every_predicate_has_a_signature_that_rules_can_meet():
    for name in predicates():
        signature = signature_of(name)
        kinds = [kind for kind, known in KINDS.items() if known.type in signature.subjects]
        assert kinds or not signature.subjects, name


def test_enumerated_fields_know_their_values():
    assert fields_of("container")["role"].choices[:1] == ("main",)
    assert set(fields_of("workload")["format"].choices) >= {"kubernetes", "compose", "dockerfile"}
