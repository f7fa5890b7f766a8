"""What a YAML scalar means, in the dialect of whoever reads it."""

from __future__ import annotations

import re

from scanner.parsing.yaml_nodes import Node, ScalarNode

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE_1_2 = frozenset(("true", "True", "TRUE"))
_FALSE_1_2 = frozenset(("false", "False", "FALSE"))
_TRUE_1_1 = _TRUE_1_2 | {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
_FALSE_1_1 = _FALSE_1_2 | {"n", "N", "no", "No", "NO", "off", "Off", "OFF"}
_INTEGER = re.compile(r"[-+]?(0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|[1-9][0-9_]*|0)")


def is_plain(node: Node) -> bool:
    """Whether a scalar is written without quotes and without a tag."""
    # The no-op resolver leaves (plain, quoted) where no tag is written.
    return isinstance(node, ScalarNode) and not node.style and node.tag.__class__ is tuple


def scalar_text(node: Node | None) -> str | None:
    """Return the text of a scalar as it is written, None when something else stands there."""
    return node.value if node.__class__ is ScalarNode else None


def is_null(node: Node) -> bool:
    """Whether a node is YAML's null (both dialects agree on it)."""
    return (
        node.__class__ is ScalarNode
        and node.value in _NULLS
        and (is_plain(node) or node.tag == "tag:yaml.org,2002:null")
    )


def read_bool(node: Node, *, yaml_1_1: bool) -> bool | None:
    """Return a scalar's boolean, or None when it is none.

    Kubernetes reads YAML 1.1 (`yes`, `on`, `y`); Compose the YAML 1.2 core schema.
    """
    if node.__class__ is not ScalarNode:
        return None
    if not is_plain(node) and node.tag != "tag:yaml.org,2002:bool":
        return None
    text = node.value
    if text in (_TRUE_1_1 if yaml_1_1 else _TRUE_1_2):
        return True
    if text in (_FALSE_1_1 if yaml_1_1 else _FALSE_1_2):
        return False
    return None


def read_int(node: Node) -> int | None:
    """Return a plain scalar's integer (decimal, hexadecimal, octal, binary), or None."""
    if node.__class__ is not ScalarNode or not is_plain(node):
        return None
    text = node.value
    if text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0") and len(text) < 20:
        return int(text)
    if len(text) > 70 or not _INTEGER.fullmatch(text):
        return None
    text = text.replace("_", "")
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-").lower()
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if digits.startswith(prefix):
            return sign * int(digits[2:] or "0", base)
    return sign * int(digits, 8 if digits[0] == "0" else 10)
