"""Dotted paths into the raw tree of an object, for rules about any kind."""

from __future__ import annotations

import re
from functools import cache

from scanner.model.source import Located, Source
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
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


class RawTree:
    """The raw tree of one object; calling it with a path returns what stands there.

    Rules ask for the same paths again and again, so answers and indexes are kept for as
    long as the object is looked at. At most 10,000 facts are returned.
    """

    __slots__ = ("_answers", "_indexes", "_root", "_source")

    def __init__(self, root: Node, source: Source) -> None:
        self._root = root
        self._source = source
        self._answers: dict[str, tuple[Located[object], ...]] = {}
        self._indexes: dict[int, dict[str, Pair]] = {}

    def __call__(self, path: str) -> tuple[Located[object], ...]:
        """Return the facts at a path, none when nothing stands there."""
        answer = self._answers.get(path)
        if answer is None:
            answer = self._answers[path] = self._find(parse_path(path))
        return answer

    def _find(self, steps: tuple[tuple[str, str], ...]) -> tuple[Located[object], ...]:
        place: object = self._root
        node = self._root
        # Most paths are keys alone, and most lead nowhere.
        for position, (kind, name) in enumerate(steps):
            if kind != "key":
                return self._find_many([(place, node)], steps[position:])
            if node.__class__ is not MappingNode:
                return ()
            pair = self._index(node).get(name)
            if pair is None:
                return ()
            place, node = pair, pair[1]
        return (Located(_value(node), place, self._source),)

    def _find_many(
        self, places: list[tuple[object, Node]], steps: tuple[tuple[str, str], ...]
    ) -> tuple[Located[object], ...]:
        for kind, name in steps:
            following: list[tuple[object, Node]] = []
            for _, node in places:
                if kind == "items":
                    if node.__class__ is SequenceNode:
                        following += [(item, item) for item in node.value]
                elif node.__class__ is MappingNode:
                    index = self._index(node)
                    if kind == "values":
                        following += [(pair, pair[1]) for pair in index.values()]
                    elif name in index:
                        following.append((index[name], index[name][1]))
            places = following[:_LIMIT]
        return tuple(Located(_value(node), place, self._source) for place, node in places)

    def _index(self, node: MappingNode) -> dict[str, Pair]:
        index = self._indexes.get(id(node))
        if index is None:
            index = self._indexes[id(node)] = entries(node)
        return index


def _value(node: Node) -> object:
    if node.__class__ is MappingNode:
        return tuple(entries(node))
    if node.__class__ is SequenceNode:
        return tuple(item.value for item in node.value if item.__class__ is ScalarNode)
    if node.__class__ is not ScalarNode or is_null(node):
        return None
    if is_plain(node):
        boolean = read_bool(node, yaml_1_1=True)
        if boolean is not None:
            return boolean
        number = read_int(node)
        if number is not None:
            return number
    return node.value
