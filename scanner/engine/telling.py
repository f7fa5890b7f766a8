"""What a hit of a rule says: the resource, the item in it, the place to point at and the message.

Most rules never fire in a scan, so the code that says it is made when a rule first does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, cast

from scanner.engine.expressions import ExpressionWriter
from scanner.engine.registry import tests
from scanner.engine.showing import first, show, show_all, show_fact
from scanner.model.relations import Relation, relations_of
from scanner.model.rule import Operand, Rule, meant_by
from scanner.model.source import Unknown
from scanner.model.vocabulary import KINDS, Shape, containers_of, fields_of
from scanner.trees import nodes
from scanner.trees.running import made

_ANCHORS: dict[str, tuple[str, ...]] = {
    "volume": ("name", "kind"),
    "image": ("text",),
    "base_image": ("text",),
    "copied_image": ("text",),
    "syntax_image": ("text",),
    "instruction": ("keyword",),
    "copy": ("keyword",),
    "copy_source": ("text",),
    "workdir": ("text",),
    "credential_file": ("text",),
    "port": ("text",),
    "exposed_port": ("text",),
    "mount": ("source", "target", "text"),
    "probe": ("host", "port"),
    "argument": ("text",),
    "device": ("text",),
    "container_hook": ("place",),
    "build": ("place",),
    "namespace_join": ("target",),
    "remote_file": ("address",),
    "schema_error": ("message",),
    "run": ("text",),
    "run_mount": ("text",),
    "command": ("text",),
    "suppression": ("place",),
    "coverage_line": ("place",),
}
"""Where findings point when a rule does not say: these fields, else the name."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Teller:
    """Tells of the hits of one rule on resources of a kind, by its number. `relations` are those of the
    view that rules on a graph are given, in its order; it is None for rules on single resources."""

    __slots__ = ("_kind", "_number", "_relations", "_rule", "_settings", "tell")

    tell: Callable[..., tuple[Any, ...]]
    """What code calls, with what `arguments_of` the kind names: returns a hit."""

    def __init__(
        self,
        number: int,
        rule: Rule,
        kind: str,
        settings: Mapping[str, Operand],
        relations: list[Relation] | None,
    ) -> None:
        self._number = number
        self._rule = rule
        self._kind = kind
        self._settings = settings
        self._relations = relations
        self.tell = self._first_tell

    @staticmethod
    def arguments_of(kind: str, *, from_graph: bool) -> tuple[str, ...]:
        """Return the names of what telling takes: a resource of a kind and those around it, and the view."""
        return (*(("view",) if from_graph else ()), kind, *containers_of(kind))

    def tree(self) -> tuple[ast.Module, dict[str, object]]:
        """Return the tree of `tell`, and what its names stand for."""
        kind, rule, from_graph = self._kind, self._rule, self._relations is not None
        names = base_names()
        followed: list[Relation] = []
        writer = ExpressionWriter(self._settings, names, f"t{self._number}", followed)
        told = [
            nodes.constant(self._number),
            _reference(kind),
            _item(kind, rule.case),
            _pointed_at(rule, kind, writer, from_graph=from_graph),
            _message(rule, kind, writer),
        ]
        if from_graph:
            told += [nodes.constant(kind), nodes.name(kind)]
        known = self._relations or []
        opened = view_opened("view", [known.index(one) for one in followed]) if from_graph else []
        body = [*opened, nodes.returned(nodes.tuple_of(told))]
        taken = self.arguments_of(kind, from_graph=from_graph)
        return nodes.module(nodes.function("tell", taken, body)), names

    def _first_tell(self, *arguments: Any) -> tuple[Any, ...]:
        tree, names = self.tree()
        self.tell = cast("Callable[..., tuple[Any, ...]]", made(tree, "tell", names, "what a rule says"))
        return self.tell(*arguments)


def base_names() -> dict[str, object]:
    """Return what the names of every tree stand for: what messages are made with, and the tests."""
    return {
        "Unknown": Unknown,
        "show": show,
        "show_all": show_all,
        "show_fact": show_fact,
        "first": first,
        **{f"test_{test.__name__}": test for test in tests().values()},
    }


def view_opened(word: str, relations: list[int]) -> list[ast.stmt]:
    """Return the statements that give the parts of a graph's view names, and of those relations of its
    that are given by their places."""
    opened = [nodes.unpacked(("sides", "resolved", "owners", "removals"), nodes.name(word))]
    for index, place in enumerate(relations):
        words = [f"{side}_{index}" for side in ("sure", "all", "open")]
        opened.append(nodes.unpacked(words, nodes.item_of(nodes.name("sides"), place)))
    return opened


def related_placeholders(message: str, kind: str) -> list[str]:
    """Return what a message says, in braces, of resources at the other end of a relation: it is filled
    in when these are known."""
    relations = relations_of(kind)
    found = _PLACEHOLDER.findall(message)
    return [name for name in found if "." in name and name.partition(".")[0] in relations]


def _reference(kind: str) -> ast.expr:
    for candidate in (kind, *containers_of(kind)):
        if any(field.name == "ref" for field in fields(KINDS[candidate].type)):
            return nodes.member(nodes.name(candidate), "ref")
    raise AssertionError(kind)


def _item(kind: str, case: str = "") -> ast.expr:
    item = KINDS[kind].item
    if item is None:
        return nodes.constant(case)
    if case:
        return nodes.added((nodes.constant(case + " "), _item(kind)))
    field = fields_of(kind)[item]
    held = nodes.member(nodes.name(kind), item)
    if field.shape is Shape.PLAIN:
        return held
    told = nodes.call(nodes.name("show"), nodes.member(held, "value"))
    if field.optional:
        return nodes.chosen(nodes.compared(held, "is", nodes.nothing()), nodes.constant(""), told)
    return told


def _pointed_at(rule: Rule, kind: str, writer: ExpressionWriter, *, from_graph: bool) -> ast.expr:
    choices = []
    for path in rule.at:
        choices.append(_located(path, rule, kind, writer))
        around, _, field = path.rpartition(".")
        if from_graph and "." not in around and (not around or around in containers_of(kind)):
            key = nodes.tuple_of((nodes.name(around or kind), nodes.constant(field)))
            choices.append(nodes.call(nodes.member(nodes.name("removals"), "get"), key))
    for field in _ANCHORS.get(kind, ("name",)):
        choices.append(writer.located(field, kind, kind))
    if kind in ("mount", "probe", "volume", "device"):
        choices.append(nodes.member(nodes.name(containers_of(kind)[0]), "name"))
    return nodes.some(choices)


def _located(path: str, rule: Rule, kind: str, writer: ExpressionWriter) -> ast.expr:
    meant = meant_by(rule.when, path.partition(".")[0])
    if meant is not None and "." in path:
        return writer.located_item(path, meant, kind, kind)
    return writer.located(path, kind, kind)


def _message(rule: Rule, kind: str, writer: ExpressionWriter) -> ast.expr:
    parts = []
    later = related_placeholders(rule.message, kind)
    for index, part in enumerate(_PLACEHOLDER.split(rule.message)):
        if index % 2 and part in later:
            parts.append(nodes.constant("{" + part + "}"))
        elif index % 2 and meant_by(rule.when, part.partition(".")[0]) is not None and "." in part:
            parts.append(nodes.call(nodes.name("show_fact"), _located(part, rule, kind, writer)))
        elif index % 2:
            parts.append(writer.shown(part, kind, kind))
        elif part:
            parts.append(nodes.constant(part))
    return nodes.added(parts)
