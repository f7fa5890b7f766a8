"""Rules to one generated function per format, grouped by the resources they speak of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple, cast

from scanner.engine.cases import taken_apart
from scanner.engine.registry import predicates, tests
from scanner.engine.source_code import ExpressionWriter, LatePattern, Mode, is_raw_path
from scanner.model.relations import Relation, relations_of
from scanner.model.resources import Format, ResourceRef, UnitResources
from scanner.model.rule import Operand, Rule, meant_by
from scanner.model.source import Located, Unknown
from scanner.model.vocabulary import KINDS, Shape, containers_of, fields_of

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


def compile_rules(
    rules: Mapping[int, Rule], params: Mapping[str, Mapping[str, Operand]], form: Format, *, certain: bool
) -> Evaluator:
    """Return a function that evaluates all rules of a format, by their numbers, over a unit.

    `params` are settings by rule id that
    replace the rules' defaults. With `certain`, no fact of the unit may be Unknown.
    """
    names = _names()
    lines = ["def evaluate(unit, hit, unknown, broken):"]
    lines += _loops(_by_kind(rules, form), params, _Target(names, certain), "({})")
    return cast("Evaluator", _compiled(lines, names, form))


def compile_graph_rules(
    rules: Mapping[int, Rule], params: Mapping[str, Mapping[str, Operand]], form: Format
) -> tuple[GraphEvaluator, tuple[Relation, ...]]:
    """Return a function that evaluates rules, by their numbers, over a unit of a graph, and the
    relations that it follows: those of its view, in their order."""
    names = _names()
    relations: list[Relation] = []
    body = _loops(_by_kind(rules, form), params, _Target(names, False, relations), "({}, {kind!r}, {kind})")
    lines = [
        "def evaluate(unit, view, hit, unknown, broken):",
        "    sides, resolved, owners, removals = view",
    ]
    for index in range(len(relations)):
        lines.append(f"    sure_{index}, all_{index}, open_{index} = sides[{index}]")
    return cast("GraphEvaluator", _compiled([*lines, *body], names, form)), tuple(relations)


def check_patterns(rule: Rule, params: Mapping[str, Mapping[str, Operand]], form: Format) -> None:
    """Raise re.error if a parameter that a rule takes for a regular expression is none."""
    names = _names()
    _loops(_by_kind({0: rule}, form), params, _Target(names, False, []), "({}, {kind!r}, {kind})")
    for value in names.values():
        if isinstance(value, LatePattern):
            value.compile()


class _Target(NamedTuple):
    """What code is written for: the names it sees, whether every fact is known, and the
    relations that it follows."""

    names: dict[str, object]
    certain: bool
    relations: list[Relation] | None = None


def _names() -> dict[str, object]:
    return {
        "Unknown": Unknown,
        "show": show,
        "show_all": show_all,
        "show_fact": show_fact,
        "first": first,
        **{f"test_{name.replace('-', '_')}": test for name, test in tests().items()},
        **{f"predicate_{name.replace('-', '_')}": test for name, test in predicates().items()},
    }


def _by_kind(rules: Mapping[int, Rule], form: Format) -> dict[str, list[tuple[int, Rule]]]:
    by_kind: dict[str, list[tuple[int, Rule]]] = {kind: [] for kind in KINDS}
    for number, whole in rules.items():
        for rule in taken_apart((whole,)):
            if form in rule.formats:
                for kind in rule.applies_to:
                    by_kind[kind].append((number, rule))
    return by_kind


def _loops(
    by_kind: Mapping[str, Sequence[tuple[int, Rule]]],
    params: Mapping[str, Mapping[str, Operand]],
    target: _Target,
    shape: str,
) -> list[str]:
    lines = []
    for outermost in KINDS.values():
        if outermost.container is None:
            lines += _loop(outermost.name, "unit", by_kind, params, target, shape, 1)
    return [*lines, "    return None"]


def _compiled(lines: Sequence[str], names: dict[str, object], form: Format) -> object:
    code = compile("\n".join(lines), f"<rules for {form}>", "exec", dont_inherit=True, optimize=1)
    exec(code, names)  # the source is ours: see source_code
    return names["evaluate"]


def _loop(
    kind: str,
    holder: str,
    by_kind: Mapping[str, Sequence[tuple[int, Rule]]],
    params: Mapping[str, Mapping[str, Operand]],
    target: _Target,
    shape: str,
    depth: int,
) -> list[str]:
    """Write the loop over a kind's resources, with the loops over what they contain."""
    indent = "    " * (depth + 1)
    body: list[str] = []
    for number, rule in by_kind[kind]:
        settings = {**rule.params, **params.get(rule.id, {})}
        body += [indent + line for line in _rule_lines(number, rule, kind, settings, target, shape)]
    for inner in KINDS.values():
        if inner.container == kind:
            body += _loop(inner.name, kind, by_kind, params, target, shape, depth + 1)
    if not body:
        return []
    member = KINDS[kind].member
    outer = KINDS[kind].container
    single = outer is not None and fields_of(outer)[member].shape is Shape.RESOURCE
    outside = "    " * depth
    if single:
        return [f"{outside}{kind} = {holder}.{member}", f"{outside}if {kind} is not None:", *body]
    return [f"{outside}for {kind} in {holder}.{member}:", *body]


def _rule_lines(
    number: int,
    rule: Rule,
    kind: str,
    settings: Mapping[str, Operand],
    target: _Target,
    shape: str,
) -> list[str]:
    names, certain, relations = target
    writer = ExpressionWriter(settings, names, f"c{number}", relations)
    mode = Mode.CERTAIN if certain else Mode.TRUE
    condition = writer.condition(rule.when, kind, kind, mode)
    guard = ""
    if kind == "document" and rule.resource_kinds:
        names[f"kinds_{number}"] = frozenset(rule.resource_kinds)
        guard = f"document.kind in kinds_{number} and "
    parts = (
        f"{number}, {_reference(kind)}, {_item(kind, rule.case)}, "
        f"{_pointed_at(rule, kind, writer, from_graph=relations is not None)}, {_message(rule, kind, writer)}"
    )
    hit = f"hit({shape.format(parts, kind=kind)})"
    lines = ["try:", f"    if {guard}{condition}: {hit}"]
    if not certain:
        possible = writer.condition(rule.when, kind, kind, Mode.POSSIBLE)
        lines.append(f"    elif {guard}{possible}: unknown({number})")
    return [*lines, f"except Exception as error: broken({number}, error)"]


def _reference(kind: str) -> str:
    for candidate in (kind, *containers_of(kind)):
        if any(field.name == "ref" for field in fields(KINDS[candidate].type)):
            return f"{candidate}.ref"
    raise AssertionError(kind)


def _item(kind: str, case: str = "") -> str:
    item = KINDS[kind].item
    if item is None:
        return repr(case)
    if case:
        return f"{case + ' '!r} + {_item(kind)}"
    field = fields_of(kind)[item]
    if field.shape is Shape.PLAIN:
        return f"{kind}.{item}"
    if field.optional:
        return f"('' if {kind}.{item} is None else show({kind}.{item}.value))"
    return f"show({kind}.{item}.value)"


def _pointed_at(rule: Rule, kind: str, writer: ExpressionWriter, *, from_graph: bool) -> str:
    choices = []
    for path in rule.at:
        choices.append(_located(path, rule, kind, writer))
        around, _, field = path.rpartition(".")
        if from_graph and "." not in around and (not around or around in containers_of(kind)):
            choices.append(f"removals.get(({around or kind}, {field!r}))")
    for field in _ANCHORS.get(kind, ("name",)):
        choices.append(writer.located(field, kind, kind))
    if kind in ("mount", "probe", "volume", "device"):
        choices.append(f"{containers_of(kind)[0]}.name")
    return "(" + " or ".join(choices) + ")"


def _located(path: str, rule: Rule, kind: str, writer: ExpressionWriter) -> str:
    meant = meant_by(rule.when, path.partition(".")[0])
    if meant is not None and "." in path:
        return writer.located_item(path, meant, kind, kind)
    return writer.located(path, kind, kind)


def related_placeholders(message: str, kind: str) -> list[str]:
    """Return what a message says, in braces, of resources at the other end of a relation: it is filled
    in when these are known."""
    relations = relations_of(kind)
    found = _PLACEHOLDER.findall(message)
    return [name for name in found if "." in name and name.partition(".")[0] in relations]


def _message(rule: Rule, kind: str, writer: ExpressionWriter) -> str:
    parts = []
    later = related_placeholders(rule.message, kind)
    for index, part in enumerate(_PLACEHOLDER.split(rule.message)):
        if index % 2 and part in later:
            parts.append(repr("{" + part + "}"))
        elif index % 2 and meant_by(rule.when, part.partition(".")[0]) is not None and "." in part:
            parts.append(f"show_fact({_located(part, rule, kind, writer)})")
        elif index % 2:
            parts.append(writer.shown(part, kind, kind))
        elif part:
            parts.append(repr(part))
    return " + ".join(parts)


_SHOWN = 120


def show(value: object) -> str:
    """Return a value as text for a message; long text is cut."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, tuple):
        return show(", ".join(show(item) for item in value))
    return show(str(value))


def show_all(facts: Sequence[Located[object]]) -> str:
    """Return the values that stand at a raw path as text."""
    return show(tuple(fact.value for fact in facts)) if facts else "none"


def show_fact(fact: Located[object] | None) -> str:
    """Return the value of a fact as text, `none` where it is absent."""
    return "none" if fact is None else show(fact.value)


def first(facts: Sequence[Located[object]]) -> Located[object] | None:
    """Return the first of what stands at a raw path."""
    return facts[0] if facts else None


__all__ = ["Evaluator", "Hit", "compile_rules", "is_raw_path"]
