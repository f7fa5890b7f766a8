"""Whatever a rule says, its code is made of a closed list of nodes and names, or the rule is refused."""

from __future__ import annotations

import ast

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.engine.closed import strangers_in, strangers_of
from scanner.engine.questions import crosses_files
from scanner.engine.rule_trees import RuleTree, graph_rule_tree, rule_tree
from scanner.errors import RuleError
from scanner.model.resources import Format
from scanner.pipeline import Settings, catalog_of, words
from scanner.policy.loader import load_rule
from scanner.trees import nodes
from scanner.trees.running import made
from tests.engine.hostile_rules import SHAPES, TEXTS, places, replaced, whole


def load(rule):
    text = yaml.safe_dump(rule, allow_unicode=True)
    return load_rule("rules/x/own-rule.yaml", text, words())


def is_read(rule):
    """Return whether a rule is read, with its trees held against the closed list if it is. They are
    compiled too, and nothing in them is run. One that is refused has a place."""
    try:
        loaded = load(rule)
    except RuleError as refused:
        place = refused.line, refused.column
        loaded = None
    if loaded is None:
        assert None not in place
        return False
    assert list(strangers_of({0: loaded}, {})) == []
    for form in loaded.formats:
        if crosses_files(loaded.when):
            tree = graph_rule_tree({0: loaded}, {}, form)
        else:
            tree = rule_tree({0: loaded}, {}, form, certain=False)
        for module, names in tree.parts():
            made(module, module.body[0].name, dict(names), "a test")
            ast.parse(ast.unparse(module))
    return True


@pytest.mark.parametrize("shape", SHAPES)
def test_rules_that_are_right_are_read(shape):
    assert is_read(whole(shape))


PLACES = [(shape, *place) for shape in SHAPES for place in places(whole(shape))]
"""Every key and every value of the rules."""

hostile = st.sampled_from(TEXTS) | st.text(max_size=12)
operands = st.one_of(
    hostile,
    st.booleans(),
    st.integers(),
    st.none(),
    st.floats(allow_nan=False),
    st.lists(hostile | st.integers(-2, 2) | st.booleans(), max_size=3),
    st.fixed_dictionaries({"param": hostile}),
    st.dictionaries(hostile, hostile, max_size=2),
)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), hostile)
def test_a_hostile_text_at_any_key_or_value_is_a_constant_or_refused(place, text):
    shape, path, is_key = place
    is_read(replaced(whole(shape), path, text, is_key=is_key))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SHAPES), st.data())
def test_several_changes_of_any_type_are_constants_or_refused(shape, data):
    rule = whole(shape)
    known = sorted(places(rule), key=repr)
    for path, is_key in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4)):
        new = data.draw(hostile if is_key else operands)
        rule = replaced(rule, path, new, is_key=is_key)
    is_read(rule)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("is_key", [True, False])
def test_what_stands_under_with_is_no_code(text, is_key):
    for shape in SHAPES[1:3]:
        for path in (("when", "with", "paths"), ("when", "with", "exactly"), ("when", "with")):
            assert not is_read(replaced(whole(shape), path, text, is_key=is_key))


def test_the_trees_of_all_built_in_rules_are_closed():
    rules = catalog_of(Settings()).rules.values()
    assert set(strangers_of(dict(enumerate(rules)), {})) == set()


@pytest.mark.parametrize(
    "expression,told",
    [
        (nodes.name("eval"), "the name 'eval'"),
        (nodes.name("__builtins__"), "the name '__builtins__'"),
        (nodes.member(nodes.name("unit"), "__globals__"), "the member '__globals__'"),
        (nodes.call(nodes.name("len"), named=[("x=1", nodes.constant(1))]), "the member 'x=1'"),
        (ast.Lambda(ast.arguments([], [], None, [], [], None, []), nodes.constant(1)), "a node Lambda"),
        (ast.JoinedStr([]), "a node JoinedStr"),
        (ast.Constant(b"x"), "a constant bytes"),
    ],
)
def test_a_stranger_in_a_tree_is_found(expression, told):
    tree = nodes.module(nodes.function("evaluate", ("unit",), [nodes.returned(expression)]))
    assert list(strangers_in(RuleTree(tree, {}))) == [told]


def test_a_stranger_among_what_names_stand_for_is_found():
    assert list(strangers_in(RuleTree(nodes.module(), {"c1_1": open}))) == [
        "'c1_1', which stands for builtin_function_or_method"
    ]


def test_parameters_of_a_configuration_are_constants():
    rule = load(whole(SHAPES[1]))
    tree = rule_tree({0: rule}, {"own-rule": {"paths": ("'), exit((",)}}, Format.COMPOSE, certain=True)
    assert list(strangers_in(tree)) == []
    assert "exit" not in ast.unparse(tree.module)
