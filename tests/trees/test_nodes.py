"""Built trees are the Python that they stand for, and only trees are compiled."""

from __future__ import annotations

import ast

import pytest

from scanner.trees import nodes
from scanner.trees.running import made

A, B = nodes.name("a"), nodes.name("b")


@pytest.mark.parametrize(
    "tree,source",
    [
        (nodes.member(A, "b.c"), "a.b.c"),
        (nodes.call(A, B, named=[("c", nodes.constant("'"))]), 'a(b, c="\'")'),
        (nodes.every(()), "True"),
        (nodes.every((A,)), "a"),
        (nodes.every((A, nodes.some((A, B)), B)), "a and (a or b) and b"),
        (nodes.negated(nodes.compared(A, "is not", nodes.nothing())), "not a is not None"),
        (nodes.compared(nodes.class_of(A), "in", nodes.tuple_of((A, B))), "a.__class__ in (a, b)"),
        (nodes.added((A, B, nodes.constant("c"))), "a + b + 'c'"),
        (nodes.chosen(A, B, nodes.constant(5)), "b if a else 5"),
        (nodes.kept_as("c", A), "(c := a)"),
        (nodes.item_of(A, 3), "a[3]"),
        (nodes.any_of(B, "b", A), "any((b for b in a))"),
        (nodes.all_of(B, "b", A), "all((b for b in a))"),
        (nodes.first_of(B, "b", A, B), "next((b for b in a if b), None)"),
    ],
)
def test_an_expression_is_the_python_it_stands_for(tree, source):
    assert ast.unparse(tree) == source
    assert ast.dump(tree) == ast.dump(ast.parse(source, mode="eval").body)


def test_statements_are_the_python_they_stand_for():
    body = [
        nodes.unpacked(("a", "b"), nodes.name("pair")),
        nodes.for_each("c", A, [nodes.when(B, [nodes.done(A)], [nodes.assigned("d", B)])]),
        nodes.guarded([nodes.done(A)], "error", [nodes.done(nodes.name("error"))]),
        nodes.returned(A),
    ]
    source = (
        "def f(pair):\n    a, b = pair\n    for c in a:\n        if b:\n            a\n        else:\n"
        "            d = b\n    try:\n        a\n    except Exception as error:\n        error\n    return a"
    )
    tree = nodes.module(nodes.function("f", ("pair",), body))
    assert ast.unparse(tree) == source
    assert ast.dump(tree) == ast.dump(ast.parse(source))


def test_a_text_stays_a_text_whatever_it_says():
    text = "\"'''\\\n{exit()}'); exit("
    tree = nodes.module(nodes.function("f", (), [nodes.returned(nodes.constant(text))]))
    function = made(tree, "f", {}, "a test")
    assert callable(function)
    assert function() == text


@pytest.mark.parametrize("value", [None, b"x", ("x",), ["x"], object(), type("Text", (str,), {})("x")])
def test_what_is_no_plain_value_is_no_constant(value):
    with pytest.raises(TypeError, match="no constant"):
        nodes.constant(value)


def test_text_is_never_compiled():
    with pytest.raises(TypeError, match="only trees are compiled"):
        made("def f(): pass", "f", {}, "a test")
