"""Where findings of a rule point and what they say: `at` and `message`, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.model.relations import relations_of
from scanner.model.rule import Condition, meant_by
from scanner.model.vocabulary import Field, Shape, fields_of, is_raw_path
from scanner.parsing.yaml import Node
from scanner.policy.conditions import check_raw, resolve_field
from scanner.policy.nodes import PolicyFile

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

MAX_SHOWN = 32
"""Fields that a rule can point at, and fields that a message can name."""

MAX_MESSAGE = 2_000
"""Characters of a message."""


def read_showing(
    file: PolicyFile,
    entries: Mapping[str, Node],
    applies_to: tuple[str, ...],
    condition: Condition,
    sensitive: bool,
) -> tuple[tuple[str, ...], str]:
    """Return where findings point and what they say, as far as it is written; both are checked."""
    at = file.texts(entries["at"], "at") if "at" in entries else ()
    if len(at) > MAX_SHOWN:
        file.fail(entries["at"], f"a rule points at {MAX_SHOWN} fields at most")
    for kind in applies_to:
        for path in at:
            _check_pointed(file, entries["at"], kind, path, condition)
    message = ""
    if "message" in entries:
        message = file.text(entries["message"], "message")
        _check_message(file, entries["message"], message, applies_to, condition, sensitive)
    return at, message


def _check_pointed(file: PolicyFile, node: Node, kind: str, path: str, condition: Condition) -> None:
    if is_raw_path(kind, path):
        check_raw(file, node, path)
    elif _resolve_shown(file, node, kind, path, condition).shape is not Shape.FACT:
        file.fail(node, f"'{path}' has no place of its own, and cannot be pointed at")


def _check_message(
    file: PolicyFile,
    node: Node,
    message: str,
    applies_to: tuple[str, ...],
    condition: Condition,
    sensitive: bool,
) -> None:
    named = _PLACEHOLDER.findall(message)
    if len(message) > MAX_MESSAGE or len(named) > MAX_SHOWN:
        limits = f"{MAX_MESSAGE} characters and {MAX_SHOWN} fields in braces"
        file.fail(node, f"a message has {limits} at most")
    for name in named:
        for kind in applies_to:
            relation = relations_of(kind).get(name.partition(".")[0])
            if relation is not None and "." in name:
                field = resolve_field(file, node, relation.target, name.partition(".")[2])
            elif kind == "document" and "." in name:
                check_raw(file, node, name)
                continue
            else:
                field = _resolve_shown(file, node, kind, name, condition)
            if field.resource is not None:
                file.fail(node, f"'{name}' is a resource; name one of its fields")
        if sensitive and name.split(".")[-1] == "value":
            file.fail(node, "the message of a sensitive rule cannot show a value")
    if message.endswith("."):
        file.fail(node, "a message has no full stop at its end")


def _resolve_shown(file: PolicyFile, node: Node, kind: str, path: str, condition: Condition) -> Field:
    """Return the field that a rule with this condition points at or tells of; also one of the item of a
    list that the condition asks for with `any_of`."""
    step, _, rest = path.partition(".")
    field = fields_of(kind).get(step)
    if field is None or field.shape is not Shape.RESOURCES or not rest:
        return resolve_field(file, node, kind, path)
    if meant_by(condition, step) is None:
        file.fail(node, f"nothing says which of '{step}' is meant", "ask for one with any_of")
    assert field.resource is not None
    return resolve_field(file, node, field.resource, rest)
