"""Rules to one syntax tree per format, grouped by the resources they speak of.

A tree is data: it can be held against a closed list, written down as a module, or compiled.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scanner.engine.cases import taken_apart
from scanner.engine.expressions import ExpressionWriter, Mode
from scanner.engine.telling import Teller, base_names, view_opened
from scanner.model.relations import Relation
from scanner.model.resources import Format
from scanner.model.rule import Operand, Rule
from scanner.model.vocabulary import KINDS, Shape, fields_of
from scanner.trees import nodes

ENTRY = "evaluate"
"""The name of the function that a tree defines."""


class RuleTree(NamedTuple):
    """The tree of a set of rules for one format. `names` are what its names stand for: functions of
    the engine, and values of rules that are no constants. `relations` are those that it follows,
    in the order of its view; a tree that is for single resources follows none."""

    module: ast.Module
    names: dict[str, object]
    relations: tuple[Relation, ...] = ()

    def parts(self) -> Iterator[tuple[ast.Module, dict[str, object]]]:
        """Yield the tree and those of the functions that it calls for what is told, each with what its
        names stand for."""
        yield self.module, self.names
        for value in self.names.values():
            if isinstance(value, Teller):
                yield value.tree()


Params = Mapping[str, Mapping[str, Operand]]
"""Settings by rule id, which replace the rules' defaults."""


def rule_tree(rules: Mapping[int, Rule], params: Params, form: Format, *, certain: bool) -> RuleTree:
    """Return the tree of `evaluate(unit, hit, unknown, broken)` for rules on single resources, by
    their numbers. With `certain`, no fact of a unit may be Unknown."""
    target = _Target(base_names(), certain)
    body = _loops(_by_kind(rules, form), params, target)
    parameters = ("unit", "hit", "unknown", "broken")
    return RuleTree(nodes.module(nodes.function(ENTRY, parameters, body)), target.names)


def graph_rule_tree(rules: Mapping[int, Rule], params: Params, form: Format) -> RuleTree:
    """Return the tree of `evaluate(unit, view, hit, unknown, broken)` for rules that ask a graph."""
    relations: list[Relation] = []
    target = _Target(base_names(), False, relations)
    body = _loops(_by_kind(rules, form), params, target)
    parameters = ("unit", "view", "hit", "unknown", "broken")
    opened = view_opened("view", list(range(len(relations))))
    module = nodes.module(nodes.function(ENTRY, parameters, [*opened, *body]))
    return RuleTree(module, target.names, tuple(relations))


class _Target(NamedTuple):
    """What code is written for: the names it sees, whether every fact is known, and the
    relations that it follows."""

    names: dict[str, object]
    certain: bool
    relations: list[Relation] | None = None


def _by_kind(rules: Mapping[int, Rule], form: Format) -> dict[str, list[tuple[int, Rule]]]:
    by_kind: dict[str, list[tuple[int, Rule]]] = {kind: [] for kind in KINDS}
    for number, whole in rules.items():
        for rule in taken_apart((whole,)):
            if form in rule.formats:
                for kind in rule.applies_to:
                    by_kind[kind].append((number, rule))
    return by_kind


_ByKind = Mapping[str, Sequence[tuple[int, Rule]]]


def _loops(by_kind: _ByKind, params: Params, target: _Target) -> list[ast.stmt]:
    body: list[ast.stmt] = []
    for outermost in KINDS.values():
        if outermost.container is None:
            body += _loop(outermost.name, "unit", by_kind, params, target)
    return [*body, nodes.returned(nodes.nothing())]


def _loop(kind: str, holder: str, by_kind: _ByKind, params: Params, target: _Target) -> list[ast.stmt]:
    """Return the loop over a kind's resources, with the loops over what they contain."""
    body: list[ast.stmt] = []
    for number, rule in by_kind[kind]:
        settings = {**rule.params, **params.get(rule.id, {})}
        body.append(_rule_statement(number, rule, kind, settings, target))
    for inner in KINDS.values():
        if inner.container == kind:
            body += _loop(inner.name, kind, by_kind, params, target)
    if not body:
        return []
    held = nodes.member(nodes.name(holder), KINDS[kind].member)
    outer = KINDS[kind].container
    if outer is not None and fields_of(outer)[KINDS[kind].member].shape is Shape.RESOURCE:
        there = nodes.compared(nodes.name(kind), "is not", nodes.nothing())
        return [nodes.assigned(kind, held), nodes.when(there, body)]
    return [nodes.for_each(kind, held, body)]


def _rule_statement(
    number: int, rule: Rule, kind: str, settings: Mapping[str, Operand], target: _Target
) -> ast.stmt:
    """Return one rule, asked of a resource in the variable of its kind; a bug in it costs itself alone."""
    names, certain, relations = target
    writer = ExpressionWriter(settings, names, f"c{number}", relations)
    condition = writer.condition(rule.when, kind, kind, Mode.CERTAIN if certain else Mode.TRUE)
    word = f"tell_{len(names)}"
    names[word] = Teller(number, rule, kind, settings, relations)
    taken = Teller.arguments_of(kind, from_graph=relations is not None)
    told = nodes.call(nodes.member(nodes.name(word), "tell"), *map(nodes.name, taken))
    otherwise: list[ast.stmt] = []
    guards: list[ast.expr] = []
    if kind == "document" and rule.resource_kinds:
        word = f"kinds_{number}"
        names[word] = frozenset(rule.resource_kinds)
        guards.append(nodes.compared(nodes.member(nodes.name(kind), "kind"), "in", nodes.name(word)))
    if not certain:
        possible = writer.condition(rule.when, kind, kind, Mode.POSSIBLE)
        undecided = nodes.done(nodes.call(nodes.name("unknown"), nodes.constant(number)))
        otherwise.append(nodes.when(nodes.every([*guards, possible]), [undecided]))
    hit = nodes.done(nodes.call(nodes.name("hit"), told))
    asked = nodes.when(nodes.every([*guards, condition]), [hit], otherwise)
    failed = nodes.call(nodes.name("broken"), nodes.constant(number), nodes.name("error"))
    return nodes.guarded([asked], "error", [nodes.done(failed)])
