"""Trees of nodes as plain values, and their JSON as Go writes it."""

from __future__ import annotations

import json
from typing import Any

from scanner.formats.kustomize.nodes import MappingNode
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, is_null, is_plain, read_bool, read_int


def as_value(node: Node) -> Any:
    """Return a tree as JSON knows it (YAML 1.1 as sigs.k8s.io/yaml reads it)."""
    if node.__class__ is ScalarNode:
        return _scalar(node)
    if node.__class__ is MappingNode:
        return {pair[0].value: as_value(pair[1]) for pair in node.value}
    return [as_value(item) for item in node.value] if node.__class__ is SequenceNode else None


def _scalar(node: ScalarNode) -> Any:
    if is_null(node):
        return None
    boolean = read_bool(node, yaml_1_1=False)
    if boolean is not None:
        return boolean
    number = read_int(node)
    if number is not None:
        return number
    if (
        is_plain(node)
        and node.value[:1] in "+-.0123456789"
        and any(digit in node.value for digit in "0123456789")
    ):
        try:
            value = float(node.value) if "_" not in node.value else None
        except ValueError:
            value = None
        if value is not None:
            return value
    return node.value


def go_json(value: Any) -> str:
    """Return JSON as Go's encoding/json writes it: keys sorted, and HTML escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
