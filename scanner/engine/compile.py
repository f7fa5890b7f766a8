"""The trees of rules, compiled to one function per format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

from scanner.engine.rule_trees import ENTRY, Params, RuleTree, graph_rule_tree, rule_tree
from scanner.model.relations import Relation
from scanner.model.resources import Format, ResourceRef, UnitResources
from scanner.model.rule import Rule
from scanner.model.source import Located
from scanner.trees.running import made

Hit = tuple[int, ResourceRef, str, Located[object], str]
"""A rule's number, the resource, the item in it, what to point at, and the message."""

Evaluator = Callable[
    [UnitResources, Callable[[Hit], None], Callable[[int], None], Callable[[int, Exception], None]], None
]
"""Calls back with each hit, with each rule whose verdict is unknown, and with each that failed."""

GraphHit = tuple[int, ResourceRef, str, Located[object], str, str, Any]
"""A hit with the kind of the resource, and the resource itself."""

GraphEvaluator = Callable[
    [
        UnitResources,
        "View",
        Callable[[GraphHit], None],
        Callable[[int], None],
        Callable[[int, Exception], None],
    ],
    None,
]
"""The same for a unit of a graph."""


class View(NamedTuple):
    """What generated code sees of a graph: by the index of a relation, the targets that it surely
    leads to, those that it may lead to, and the resources of which it may lead outside; and by
    resource and field, what took an absent fact out."""

    sides: Sequence[tuple[Mapping[Any, Sequence[Any]], Mapping[Any, Sequence[Any]], Collection[Any]]]
    resolved: Mapping[Any, Any]
    owners: Mapping[Any, Any]
    removals: Mapping[tuple[Any, str], Located[object]] = {}


def compile_rules(rules: Mapping[int, Rule], params: Params, form: Format, *, certain: bool) -> Evaluator:
    """Return a function that evaluates all rules of a format, by their numbers, over a unit.

    With `certain`, no fact of the unit may be Unknown.
    """
    return cast("Evaluator", _compiled(rule_tree(rules, params, form, certain=certain), form))


def compile_graph_rules(
    rules: Mapping[int, Rule], params: Params, form: Format
) -> tuple[GraphEvaluator, tuple[Relation, ...]]:
    """Return a function that evaluates rules, by their numbers, over a unit of a graph, and the
    relations that it follows: those of its view, in their order."""
    tree = graph_rule_tree(rules, params, form)
    return cast("GraphEvaluator", _compiled(tree, form)), tree.relations


def _compiled(tree: RuleTree, form: Format) -> object:
    return made(tree.module, ENTRY, tree.names, f"rules for {form}")


__all__ = [
    "Evaluator",
    "GraphEvaluator",
    "GraphHit",
    "Hit",
    "View",
    "compile_graph_rules",
    "compile_rules",
]
