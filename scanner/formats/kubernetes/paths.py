"""Dotted paths into the raw tree of an object, for rules about any kind."""

from __future__ import annotations

import re
from functools import cache

from scanner.model.source import Located, Source
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    entries,
    is_null,
    is_plain,
    read_bool,
    read_int,
)

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\[\]]*)\]")
_LIMIT = 10_000


@cache
def parse_path(path: str) -> tuple[tuple[str, str], ...]:
    """Split a path into steps: ("key", name), ("items", "") for `[]`, ("values", "") for `[*]`.

    `spec.rules[].host` takes each item; `metadata.annotations[a.b/c]` a key with dots.
    Raises ValueError when the text is no path.
    """
    steps = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if not found or (position == 0 and path.startswith(".")):
            raise ValueError(f"'{path}' is no path")
        name, bracket = found.groups()
        if name is not None:
            steps.append(("key", name))
        elif bracket == "":
            steps.append(("items", ""))
        elif bracket == "*":
            steps.append(("values", ""))
        else:
            steps.append(("key", bracket))
        position = found.end()
    if not steps:
        raise ValueError("a path cannot be empty")
    return tuple(steps)


def find_facts(root: Node, source: Source, path: str) -> tuple[Located[object], ...]:
    """Return what stands at a path below `root`, at most 10,000 facts."""
    places: list[tuple[object, Node]] = [(root, root)]
    for kind, name in parse_path(path):
        following: list[tuple[object, Node]] = []
        for _, node in places:
            if kind == "items":
                if node.__class__ is SequenceNode:
                    following += [(item, item) for item in node.value]
            elif node.__class__ is MappingNode:
                index = entries(node)
                if kind == "values":
                    following += [(pair, pair[1]) for pair in index.values()]
                elif name in index:
                    following.append((index[name], index[name][1]))
        places = following[:_LIMIT]
        if not places:
            return ()
    return tuple(Located(_value(node), place, source) for place, node in places)


def _value(node: Node) -> object:
    if node.__class__ is MappingNode:
        return tuple(entries(node))
    if node.__class__ is SequenceNode:
        return tuple(item.value for item in node.value if item.__class__ is ScalarNode)
    if is_null(node):
        return None
    if is_plain(node):
        boolean = read_bool(node, yaml_1_1=True)
        if boolean is not None:
            return boolean
        number = read_int(node)
        if number is not None:
            return number
    return node.value
