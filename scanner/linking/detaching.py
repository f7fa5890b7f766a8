"""Copies of resources that hold on to no parsed text, with the fields that the graph needs.

Units are read, judged and freed one by one; what the graph keeps of them must be small. The
copying code is generated from the types, once for each kind.
"""

from __future__ import annotations

import ast
import types
import typing
from collections.abc import Callable, Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, cast

from scanner.model.relations import relation_named
from scanner.model.resources import UnitResources
from scanner.model.rule import All, Condition, FieldTest, Not, Predicate, Quantified, Related, Rule
from scanner.model.rule import Any as AnyOf
from scanner.model.source import Located
from scanner.model.vocabulary import KINDS, item_kind
from scanner.trees import nodes
from scanner.trees.running import made

DROPPED: dict[str, frozenset[str]] = {
    "UnitResources": frozenset(("documents", "invalid", "files")),
    "Container": frozenset(
        [
            "allow_privilege_escalation",
            "apparmor",
            "arguments",
            "cap_add_written",
            "cap_drop_written",
            "cpu_limit",
            "cpu_request",
            "env_from",
            "ephemeral_storage_limit",
            "fixed_name",
            "liveness_probe",
            "logging",
            "logging_options",
            "memory_limit",
            "memory_request",
            "oom_kill_disabled",
            "pids_limit",
            "proc_mount",
            "readiness_probe",
            "seccomp",
            "security_options",
            "selinux_disabled",
            "selinux_role",
            "selinux_type",
            "selinux_user",
            "startup_probe",
            "stdin",
            "tty",
            "ulimits",
            "windows_host_process",
            "hooks",
            "env",
            "resources",
        ]
    ),
    "Workload": frozenset(
        [
            "apparmor",
            "cgroup_parent",
            "host_cgroup",
            "host_uts",
            "restart",
            "restart_attempts",
            "seccomp",
            "selinux_disabled",
            "selinux_role",
            "selinux_type",
            "selinux_user",
            "share_process_namespace",
            "sysctls",
            "windows_host_process",
        ]
    ),
    "ImageReference": frozenset(("pull_policy", "error")),
    "BuildStage": frozenset(
        [
            "alias",
            "commands",
            "credential_files",
            "image_env",
            "instructions",
            "label_names",
            "labels",
            "named_in",
            "platform",
            "platform_named",
            "platform_text",
            "runs",
            "undeclared",
            "copies",
        ]
    ),
    "SecretObject": frozenset(("entries",)),
    "ConfigMap": frozenset(("entries",)),
}
"""What the graph does without, by type, unless a rule asks for it."""

Copier = Callable[[Any], Any]


class Detacher:
    """Copies units for the graph, with what `rules` need beside what links are made of, or with
    everything. Units may share resources (texts that a chart renders alike for several sets
    of values); their copies do not, so that links of one are not those of another."""

    def __init__(self, rules: Collection[Rule], *, everything: bool = False) -> None:
        self._everything = everything
        self._words: set[str] = set()
        self._whole: set[str] = set()
        for rule in rules:
            self._note(rule)
        self._copiers: dict[type, Copier] = {}
        self._copy_unit = self._copier(UnitResources)

    def detach(self, unit: UnitResources) -> UnitResources:
        """Return the copy of a unit."""
        copy: UnitResources = self._copy_unit(unit)
        return copy

    def _note(self, rule: Rule) -> None:
        paths = [*rule.at, *(part for part in rule.message.replace("}", "{").split("{")[1::2])]
        self._words.update(step for path in paths for step in path.split("."))
        for kind in rule.applies_to:
            name = KINDS[kind].item
            self._words.update((KINDS[kind].member.rpartition(".")[2], *([name] if name else ())))
            self._read(rule.when, kind)

    def _read(self, condition: Condition, kind: str) -> None:
        match condition:
            case All(parts) | AnyOf(parts):
                for part in parts:
                    self._read(part, kind)
            case Not(inner):
                self._read(inner, kind)
            case FieldTest(path):
                self._words.update(path.split("."))
            case Quantified(path, _, inner):
                self._words.update(path.split("."))
                if _speaks_of_resources(inner):
                    self._read(inner, item_kind(kind, path))
            case Related(name, _, inner):
                if inner is not None:
                    self._read(inner, relation_named(kind, name)[0].target)
            case Predicate():
                self._whole.add(KINDS[kind].type.__name__)  # it may look at every field

    def _drops(self, type_: type, name: str) -> bool:
        dropped = DROPPED.get(type_.__name__, frozenset())
        return (
            not self._everything
            and name in dropped
            and name not in self._words
            and type_.__name__ not in self._whole
        )

    def _copier(self, type_: type) -> Copier:
        if type_ not in self._copiers:
            names: dict[str, Any] = {"type_": type_, "settle": settle, "settle_all": settle_all}
            hints = typing.get_type_hints(type_)
            parts = [self._expression(type_, field, hints[field.name], names) for field in fields(type_)]
            body = nodes.returned(nodes.call(nodes.name("type_"), *parts))
            tree = nodes.module(nodes.function("copy", ("one",), [body]))
            self._copiers[type_] = cast("Copier", made(tree, "copy", names, "the copy of a resource"))
        return self._copiers[type_]

    def _copied_by(self, field: str, type_: type, names: dict[str, Any]) -> ast.expr:
        """Return the name of a copier that is made when generated code first calls it."""
        word = f"copy_{field}"

        def first_call(one: Any) -> Any:
            names[word] = self._copier(type_)
            return names[word](one)

        names[word] = first_call
        return nodes.name(word)

    def _expression(self, type_: type, field: Field[Any], hint: object, names: dict[str, Any]) -> ast.expr:
        value = nodes.member(nodes.name("one"), field.name)
        if self._drops(type_, field.name):
            names[f"default_{field.name}"] = () if field.default is MISSING else field.default
            return nodes.name(f"default_{field.name}")
        members = list(typing.get_args(hint)) if _is_union(hint) else [hint]
        optional = type(None) in members
        members = [member for member in members if member is not type(None)]
        member = members[0] if len(members) == 1 else None
        origin = typing.get_origin(member)
        if origin is Located:
            copy = nodes.call(nodes.name("settle"), value)
        elif origin is tuple:
            item = typing.get_args(member)[0]
            if typing.get_origin(item) is Located:
                return nodes.every((value, nodes.call(nodes.name("settle_all"), value)))
            if not (isinstance(item, type) and is_dataclass(item)):
                return value
            copies = nodes.call(nodes.name("map"), self._copied_by(field.name, item, names), value)
            return nodes.every((value, nodes.call(nodes.name("tuple"), copies)))
        elif isinstance(member, type) and is_dataclass(member):
            copy = nodes.call(self._copied_by(field.name, member, names), value)
        else:
            return value
        if not optional:
            return copy
        return nodes.chosen(nodes.compared(value, "is", nodes.nothing()), nodes.nothing(), copy)


def settle(fact: Located[Any]) -> Located[Any]:
    """Return a fact with a place that can be kept."""
    value, place, source, overridden = fact
    source, place = source.settle(place)
    return Located(value, place, source, overridden and tuple(map(settle, overridden)))


def settle_all(facts: tuple[Located[Any], ...]) -> tuple[Located[Any], ...]:
    """Return facts with places that can be kept."""
    return tuple(map(settle, facts))


def _speaks_of_resources(condition: Condition) -> bool:
    """Whether a condition on the items of a list is about resources, and not about plain values."""
    match condition:
        case All(parts) | AnyOf(parts):
            return all(map(_speaks_of_resources, parts))
        case Not(inner):
            return _speaks_of_resources(inner)
        case FieldTest(path):
            return path != "value"
        case _:
            return True


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)
