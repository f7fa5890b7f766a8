"""Nodes of values as plain data, as Helm's own YAML reader takes them."""

from __future__ import annotations

from typing import TypeAlias

from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, entries, is_null, is_plain
from scanner.parsing.yaml_scalars import read_bool, read_int

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

_DEEPEST = 60


def to_plain(node: Node | None, depth: int = 0) -> Plain:
    """Return what a node means; nothing below a depth that no values have."""
    if node is None or depth > _DEEPEST or is_null(node):
        return None
    if isinstance(node, MappingNode):
        return {key: to_plain(pair[1], depth + 1) for key, pair in entries(node).items()}
    if isinstance(node, SequenceNode):
        return [to_plain(item, depth + 1) for item in node.value]
    assert isinstance(node, ScalarNode)
    flag = read_bool(node, yaml_1_1=True)
    if flag is not None:
        return flag
    number = read_int(node)
    if number is not None:
        return number
    text: str = node.value
    return _number(text) if is_plain(node) else text


def _number(text: str) -> float | str:
    if text[:1] in "+-.0123456789" and "." in text and not text.strip("+-.0123456789eE"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def text_at(node: Node | None, *keys: str) -> str | None:
    """Return the text of the scalar at a path of keys, None when there is none."""
    found = node_at(node, *keys)
    return found.value if isinstance(found, ScalarNode) and not is_null(found) else None


def node_at(node: Node | None, *keys: str) -> Node | None:
    """Return the node at a path of keys, None when there is none."""
    for key in keys:
        if not isinstance(node, MappingNode):
            return None
        pair = entries(node).get(key)
        node = pair[1] if pair is not None else None
    return node


def items_at(node: Node | None, *keys: str) -> list[Node]:
    """Return the items of the list at a path of keys, none when there is no list."""
    found = node_at(node, *keys)
    return list(found.value) if isinstance(found, SequenceNode) else []
