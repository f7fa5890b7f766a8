"""Rules to one generated function per format, grouped by the resources they speak of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import cast

from scanner.engine.registry import predicates, tests
from scanner.engine.source_code import ExpressionWriter, Mode, is_raw_path
from scanner.model.resources import Format, ResourceRef, UnitResources
from scanner.model.rule import Operand, Rule
from scanner.model.source import Located, Unknown
from scanner.model.vocabulary import KINDS, Shape, containers_of, fields_of

Hit = tuple[int, ResourceRef, str, Located[object], str]
"""A rule's number, the resource, the item in it, what to point at, and the message."""

Evaluator = Callable[
    [UnitResources, Callable[[Hit], None], Callable[[int], None], Callable[[int, Exception], None]], None
]
"""Calls back with each hit, with each rule whose verdict is unknown, and with each that failed."""

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
}
"""Where findings point when a rule does not say: these fields, else the name."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def compile_rules(
    rules: Sequence[Rule], params: Mapping[str, Mapping[str, Operand]], form: Format, *, certain: bool
) -> Evaluator:
    """Return a function that evaluates all rules of a format over a unit.

    Rules are numbered by their place in `rules`. `params` are settings by rule id that
    replace the rules' defaults. With `certain`, no fact of the unit may be Unknown.
    """
    by_kind: dict[str, list[tuple[int, Rule]]] = {kind: [] for kind in KINDS}
    for number, rule in enumerate(rules):
        if form in rule.formats:
            for kind in rule.applies_to:
                by_kind[kind].append((number, rule))
    names: dict[str, object] = {
        "Unknown": Unknown,
        "show": show,
        "show_all": show_all,
        "first": first,
        **{f"test_{name.replace('-', '_')}": test for name, test in tests().items()},
        **{f"predicate_{name.replace('-', '_')}": test for name, test in predicates().items()},
    }
    lines = ["def evaluate(unit, hit, unknown, broken):"]
    for outermost in KINDS.values():
        if outermost.container is None:
            lines += _loop(outermost.name, "unit", by_kind, params, names, certain, 1)
    lines.append("    return None")
    code = compile("\n".join(lines), f"<rules for {form}>", "exec", dont_inherit=True, optimize=1)
    exec(code, names)  # the source is ours: see source_code
    evaluator: Evaluator = cast("Evaluator", names["evaluate"])
    return evaluator


def _loop(
    kind: str,
    holder: str,
    by_kind: Mapping[str, Sequence[tuple[int, Rule]]],
    params: Mapping[str, Mapping[str, Operand]],
    names: dict[str, object],
    certain: bool,
    depth: int,
) -> list[str]:
    """Write the loop over a kind's resources, with the loops over what they contain."""
    indent = "    " * (depth + 1)
    body: list[str] = []
    for number, rule in by_kind[kind]:
        settings = {**rule.params, **params.get(rule.id, {})}
        body += [indent + line for line in _rule_lines(number, rule, kind, settings, names, certain)]
    for inner in KINDS.values():
        if inner.container == kind:
            body += _loop(inner.name, kind, by_kind, params, names, certain, depth + 1)
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
    names: dict[str, object],
    certain: bool,
) -> list[str]:
    writer = ExpressionWriter(settings, names, f"c{number}")
    mode = Mode.CERTAIN if certain else Mode.TRUE
    condition = writer.condition(rule.when, kind, kind, mode)
    guard = ""
    if kind == "document" and rule.resource_kinds:
        names[f"kinds_{number}"] = frozenset(rule.resource_kinds)
        guard = f"document.kind in kinds_{number} and "
    hit = (
        f"hit(({number}, {_reference(kind)}, {_item(kind)}, "
        f"{_pointed_at(rule, kind, writer)}, {_message(rule, kind, writer)}))"
    )
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


def _item(kind: str) -> str:
    item = KINDS[kind].item
    if item is None:
        return "''"
    field = fields_of(kind)[item]
    if field.shape is Shape.PLAIN:
        return f"{kind}.{item}"
    if field.optional:
        return f"('' if {kind}.{item} is None else show({kind}.{item}.value))"
    return f"show({kind}.{item}.value)"


def _pointed_at(rule: Rule, kind: str, writer: ExpressionWriter) -> str:
    choices = [writer.located(path, kind, kind) for path in rule.at]
    for field in _ANCHORS.get(kind, ("name",)):
        choices.append(writer.located(field, kind, kind))
    if kind in ("mount", "probe", "volume", "device"):
        choices.append(f"{containers_of(kind)[0]}.name")
    return "(" + " or ".join(choices) + ")"


def _message(rule: Rule, kind: str, writer: ExpressionWriter) -> str:
    parts = []
    for index, part in enumerate(_PLACEHOLDER.split(rule.message)):
        if index % 2:
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


def first(facts: Sequence[Located[object]]) -> Located[object] | None:
    """Return the first of what stands at a raw path."""
    return facts[0] if facts else None


__all__ = ["Evaluator", "Hit", "compile_rules", "is_raw_path"]
