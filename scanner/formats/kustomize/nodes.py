"""Nodes of several texts in one tree: each knows the source that it stands in.

Scalars and the pairs that hold them are never changed, so that all environments share
those of a file; mappings and lists are copied before they are changed.
"""

from __future__ import annotations

from typing import Any

from scanner.errors import FormatError
from scanner.model.source import Located, Location, Source, Span
from scanner.parsing.yaml import MappingNode, Node, Pair, ScalarNode, SequenceNode, entries, is_null

MAX_DEPTH = 200
"""Collections nested deeper than this are refused."""

PLAIN, QUOTED = (True, False), (False, True)
"""The tags of scalars that the parser gives: written without quotes, and with."""


class Budget:
    """How many nodes one environment may still copy: aliases can make a small text mean
    a vast number of them."""

    __slots__ = ("left",)

    def __init__(self, left: int = 1_000_000) -> None:
        self.left = left

    def take(self, count: int, place: Node) -> None:
        """Use up some of it. Raises FormatError at a place when there is no more."""
        self.left -= count
        if self.left < 0:
            raise trouble(place, "the kustomization means more nodes than any cluster takes")


def claim(root: Node, source: Source) -> None:
    """Note for each node of a parsed text that it stands in `source`."""
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        if "origin" in node.__dict__:
            continue  # an alias
        node.origin = source
        if node.__class__ is MappingNode:
            for key, value in node.value:
                pending.append(key)
                pending.append(value)
        elif node.__class__ is SequenceNode:
            pending += node.value


def copy_tree(node: Node, budget: Budget, depth: int = 0) -> Node:
    """Return a tree that may be changed: aliases and merge keys are written out, and of
    keys that stand twice the last one counts. Raises FormatError over the limits."""
    if node.__class__ is ScalarNode:
        return node
    if depth > MAX_DEPTH:
        raise trouble(node, f"collections are nested more than {MAX_DEPTH} deep")
    budget.take(1 + len(node.value), node)
    value: list[Any]
    if node.__class__ is MappingNode:
        value = [
            pair if pair[1].__class__ is ScalarNode else (pair[0], copy_tree(pair[1], budget, depth + 1))
            for pair in entries(node).values()
        ]
    else:
        value = [copy_tree(item, budget, depth + 1) for item in node.value]
    return _like(node, value)


def check_depth(root: Node) -> None:
    """Raise FormatError when changes have nested a tree deeper than the limit."""
    level: list[Node] = [root]
    for _ in range(MAX_DEPTH + 1):
        below: list[Node] = []
        for node in level:
            if node.__class__ is MappingNode:
                below += [pair[1] for pair in node.value if pair[1].__class__ is not ScalarNode]
            elif node.__class__ is SequenceNode:
                below += [item for item in node.value if item.__class__ is not ScalarNode]
        if not below:
            return
        level = below
    raise trouble(root, f"collections are nested more than {MAX_DEPTH} deep")


def _like(node: Any, value: list[Any]) -> Node:
    made: Any = node.__class__(node.tag, value, node.start_mark, node.end_mark, node.flow_style)
    made.origin = node.__dict__.get("origin")
    return made  # type: ignore[no-any-return]  # a node of any class


def new_mapping(at: Node, pairs: list[Pair] | None = None) -> Node:
    """Return a mapping that stands where another node stands."""
    made: Any = MappingNode("tag:yaml.org,2002:map", pairs or [], at.start_mark, at.end_mark, True)
    made.origin = origin_of(at)
    return made  # type: ignore[no-any-return]  # MappingNode is untyped here


def new_list(at: Node, items: list[Node] | None = None) -> Node:
    """Return a list that stands where another node stands."""
    made: Any = SequenceNode("tag:yaml.org,2002:seq", items or [], at.start_mark, at.end_mark, True)
    made.origin = origin_of(at)
    return made  # type: ignore[no-any-return]  # SequenceNode is untyped here


def new_scalar(text: str, at: Node, *, like: Node | None = None) -> Node:
    """Return a text that stands where another node stands; `like` is a scalar whose way
    of being written (and so its type) it takes over, without it is in quotes."""
    scalar: Any = like
    tag: Any = QUOTED if scalar is None else scalar.tag
    style = '"' if scalar is None else scalar.style
    made: Any = ScalarNode(tag, text, at.start_mark, at.end_mark, style)
    made.origin = origin_of(at)
    return made  # type: ignore[no-any-return]  # ScalarNode is untyped here


def key_at(name: str, at: Node) -> Node:
    """Return a key that stands where another node stands."""
    tag: Any = PLAIN
    made: Any = ScalarNode(tag, name, at.start_mark, at.end_mark, None)
    made.origin = origin_of(at)
    return made  # type: ignore[no-any-return]  # ScalarNode is untyped here


def origin_of(node: Node) -> Source | None:
    """The source that a node stands in."""
    origin: Source | None = node.__dict__.get("origin")
    return origin


def find(node: Node | None, key: str) -> Pair | None:
    """Return a mapping's entry."""
    if node.__class__ is MappingNode and node is not None:
        for pair in node.value:
            if pair[0].value == key:
                return pair  # type: ignore[no-any-return]  # values of nodes are untyped
    return None


def child(node: Node | None, *path: str) -> Node | None:
    """Return what stands at the end of some keys."""
    for key in path:
        pair = find(node, key)
        if pair is None:
            return None
        node = pair[1]
    return node


def text_of(node: Node | None) -> str | None:
    """Return the text of a scalar that is not null."""
    if node is None or node.__class__ is not ScalarNode or is_null(node):
        return None
    text: str = node.value
    return text


def text_at(node: Node | None, *path: str) -> str:
    """Return the text at the end of some keys, empty when there is none."""
    return text_of(child(node, *path)) or ""


def put(node: Node, pair: Pair) -> None:
    """Set a mapping's entry; the one that stood there is remembered as overridden."""
    for index, old in enumerate(node.value):
        if old[0].value == pair[0].value:
            node.value[index] = over(pair, old)
            return
    node.value.append(pair)


def drop(node: Node, key: str) -> None:
    """Take an entry out of a mapping."""
    node.value[:] = [pair for pair in node.value if pair[0].value != key]


def over(pair: Pair, old: Pair) -> Pair:
    """Return an entry that remembers the one whose place it takes."""
    key: Any = key_at(pair[0].value, pair[0])
    key.replaced = old
    return key, pair[1]


def trouble(place: Node | Pair, message: str, hint: str | None = None) -> FormatError:
    """Return an error with the place of a node or an entry."""
    node = place[0] if isinstance(place, tuple) else place
    origin = origin_of(node)
    if origin is None:
        return FormatError(message, hint=hint)
    path, span = origin.locate(place)
    return FormatError(message, path=path, line=span.line, column=span.column, hint=hint)


class BuiltSource:
    """The source of objects that were built: their places stand in many texts."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def locate(self, place: object) -> Location:
        """Return where a node or an entry is written."""
        place = _one_text(place)
        origin = _origin(place)
        return Location(self.path, _START) if origin is None else origin.locate(place)

    def extent(self, place: object) -> Location:
        """Return all of the text of a node or an entry."""
        place = _one_text(place)
        origin = _origin(place)
        return Location(self.path, _START) if origin is None else origin.extent(place)

    def overridden(self, place: object) -> tuple[Located[object], ...]:
        """Return what stood in an entry's place before, the latest first."""
        found: list[Located[object]] = []
        while isinstance(place, tuple) and len(found) < 20:
            place = place[0].__dict__.get("replaced")
            if isinstance(place, tuple):
                found.append(Located(place[1].value, place, self))
        return tuple(found)


_START = Span(1, 1, 1, 2)


def _one_text(place: object) -> object:
    """An entry whose key and value stand in different texts is found by its key."""
    if place.__class__ is tuple and isinstance(place, tuple):
        key, value = place
        if origin_of(key) is not origin_of(value):
            return key
    return place


def _origin(place: object) -> Source | None:
    node: Any = place[0] if isinstance(place, tuple) else place
    return origin_of(node)


class BlockSource:
    """A text that is written as a scalar inside another text."""

    __slots__ = ("_columns", "_inner", "_lines", "_outer", "_place", "path")

    def __init__(self, inner: Source, outer: Source, place: Node, text: str) -> None:
        self.path = outer.path
        self._inner = inner
        self._outer = outer
        self._place = place
        self._lines = self._columns = -1
        scalar: Any = place
        if scalar.style == "|":
            inside = scalar.value.split("\n")
            written = text[scalar.start_mark.index : scalar.end_mark.index].split("\n")[1:]
            for line, inner_line in zip(written, inside, strict=False):
                if line.strip():
                    self._lines = scalar.start_mark.line + 1
                    self._columns = _indent(line) - _indent(inner_line)
                    break

    def locate(self, place: object) -> Location:
        """Return the place in the outer text; the whole scalar when its lines are not kept."""
        return self._outer.locate(self._place) if self._lines < 0 else self._moved(self._inner.locate(place))

    def extent(self, place: object) -> Location:
        """Return all of the text of a place, in the outer text."""
        return self._outer.extent(self._place) if self._lines < 0 else self._moved(self._inner.extent(place))

    def _moved(self, location: Location) -> Location:
        line, column, end_line, end_column = location.span
        lines, columns = self._lines, self._columns
        return Location(
            self.path, Span(line + lines, column + columns, end_line + lines, end_column + columns)
        )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
