"""Nodes of several texts in one tree: each knows the source that it stands in.

Scalars and the pairs that hold them are never changed, so that all environments share
those of a file; mappings and lists are copied before they are changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from scanner.errors import FormatError
from scanner.model.source import Location, Source, Span
from scanner.parsing.yaml import MappingNode as _AnyMapping
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, entries, is_null
from scanner.parsing.yaml_nodes import Mark

MAX_DEPTH = 200
"""Collections nested deeper than this are refused."""

N = TypeVar("N", bound=Node)

if TYPE_CHECKING:

    class MappingNode(_AnyMapping):
        """A mapping whose keys are all scalars, as `claim` leaves those of a text."""

        value: list[Pair]  # type: ignore[assignment]  # of fewer pairs than other mappings may hold

        def __init__(
            self, tag: object, value: list[Pair], start_mark: Mark, end_mark: Mark, flow_style: bool | None
        ) -> None: ...

else:
    MappingNode = _AnyMapping

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
    """Note for each node of a parsed text that it stands in `source`; entries whose keys are no
    scalars, which JSON does not have, are taken out."""
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        if "origin" in node.__dict__:
            continue  # an alias
        node.origin = source
        if node.__class__ is MappingNode:
            odd = False
            for key, value in node.value:
                odd = odd or key.__class__ is not ScalarNode
                pending.append(key)
                pending.append(value)
            if odd:
                node.value = [pair for pair in node.value if pair[0].__class__ is ScalarNode]
        elif node.__class__ is SequenceNode:
            pending += node.value


def copy_tree(node: N, budget: Budget, depth: int = 0) -> N:
    """Return a tree that may be changed: aliases and merge keys are written out, and of
    keys that stand twice the last one counts. Raises FormatError over the limits."""
    if node.__class__ is ScalarNode:
        return node
    if depth > MAX_DEPTH:
        raise trouble(node, f"collections are nested more than {MAX_DEPTH} deep")
    value: list[Any] = node.__dict__["value"]
    budget.take(1 + len(value), node)
    if isinstance(node, MappingNode):
        value = [
            pair if pair[1].__class__ is ScalarNode else (pair[0], copy_tree(pair[1], budget, depth + 1))
            for pair in entries(node).values()
        ]
    else:
        value = [copy_tree(item, budget, depth + 1) for item in value]
    made: N = _like(node, value)
    return made


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


def _like(node: Any, value: list[Any]) -> Any:
    made: Any = node.__class__(node.tag, value, node.start_mark, node.end_mark, node.flow_style)
    made.origin = node.__dict__.get("origin")
    return made


def new_mapping(at: Node, pairs: list[Pair] | None = None) -> MappingNode:
    """Return a mapping that stands where another node stands."""
    made = MappingNode("tag:yaml.org,2002:map", pairs or [], at.start_mark, at.end_mark, True)
    return _standing(made, at)


def new_list(at: Node, items: list[Node] | None = None) -> SequenceNode:
    """Return a list that stands where another node stands."""
    made = SequenceNode("tag:yaml.org,2002:seq", items or [], at.start_mark, at.end_mark, True)
    return _standing(made, at)


def new_scalar(text: str, at: Node, *, like: Node | None = None) -> ScalarNode:
    """Return a text that stands where another node stands; `like` is a scalar whose way
    of being written (and so its type) it takes over, without it is in quotes."""
    scalar: Any = like
    tag: Any = QUOTED if scalar is None else scalar.tag
    style = '"' if scalar is None else scalar.style
    return _standing(ScalarNode(tag, text, at.start_mark, at.end_mark, style), at)


def key_at(name: str, at: Node) -> ScalarNode:
    """Return a key that stands where another node stands."""
    return _standing(ScalarNode(PLAIN, name, at.start_mark, at.end_mark, None), at)


def _standing(made: N, at: Node) -> N:
    made.__dict__["origin"] = at.__dict__.get("origin")
    return made


def origin_of(node: Node) -> Source | None:
    """The source that a node stands in."""
    origin: Source | None = node.__dict__.get("origin")
    return origin


def find(node: Node | None, key: str) -> Pair | None:
    """Return a mapping's entry."""
    if node.__class__ is MappingNode and node is not None:
        for pair in node.value:
            if pair[0].value == key:
                return pair
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


def is_empty(node: Node) -> bool:
    """Whether a node holds no text, no item or no entry."""
    return not node.__dict__["value"]


def put(node: MappingNode, pair: Pair) -> None:
    """Set a mapping's entry; the one that stood there is remembered as overridden."""
    for index, old in enumerate(node.value):
        if old[0].value == pair[0].value:
            node.value[index] = over(pair, old)
            return
    node.value.append(pair)


def drop(node: MappingNode, key: str) -> None:
    """Take an entry out of a mapping."""
    node.value[:] = [pair for pair in node.value if pair[0].value != key]


def remove(node: MappingNode, key: str, by: Node | Pair) -> None:
    """Take an entry out of a mapping, which remembers it and the place that took it out."""
    for pair in node.value:
        if pair[0].value == key:
            note_removal(node, pair, by)
    drop(node, key)


def note_removal(node: Node, old: Pair, by: Node | Pair) -> None:
    """Remember an entry that was taken out of a mapping."""
    node.__dict__.setdefault("removed", []).append((old, by))


def removed_from(node: MappingNode) -> list[tuple[Pair, Node | Pair]]:
    """Return what was taken out of a mapping and not put back, each with the place that did it."""
    gone: list[tuple[Pair, Node | Pair]] = node.__dict__.get("removed", [])
    if not gone:
        return gone
    present = {pair[0].value for pair in node.value}
    latest = {old[0].value: (old, by) for old, by in gone if old[0].value not in present}
    return list(latest.values())


def over(pair: Pair, old: Pair, depth: int = 0) -> Pair:
    """Return an entry that remembers the one whose place it takes, and what is in it what it
    takes the place of in the other. Collections in the new one are changed."""
    key: Any = key_at(pair[0].value, pair[0])
    is_again = pair[0].start_mark is old[0].start_mark  # one change that is made in two steps
    key.replaced = old[0].__dict__.get("replaced") if is_again else old
    value: Any = pair[1]
    if value.__class__ is ScalarNode:  # those of a text are shared: only a copy can remember
        before = old[1].__dict__.get("replaced") if is_again else old[1]
        value = new_scalar(value.value, value, like=value)
        value.__dict__.update({**pair[1].__dict__, "replaced": before})
    else:
        _over_inside(value, old[1], pair, depth)
    return key, value


def _over_inside(new: Node, old: Node, by: Node | Pair, depth: int) -> None:
    """Note in a collection what its parts took the place of in another."""
    if new is old or depth > MAX_DEPTH:
        return
    if new.__class__ is MappingNode and old.__class__ is MappingNode:
        before = {pair[0].value: pair for pair in old.value}
        for number, pair in enumerate(new.value):
            match = before.pop(pair[0].value, None)
            if match is not None and match[1] is not pair[1]:
                new.value[number] = over(pair, match, depth + 1)
        for pair in before.values():
            note_removal(new, pair, by)
    elif new.__class__ is SequenceNode and old.__class__ is SequenceNode:
        named = {text_at(item, "name"): item for item in old.value if text_at(item, "name")}
        for item in new.value:
            same = named.get(text_at(item, "name"))
            if same is not None:
                _over_inside(item, same, by, depth + 1)


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

    def part(self, node: object, begin: int, end: int) -> tuple[Source, object] | None:
        """Return the place of a part of a scalar in the text that it comes from; None where that
        does not tell."""
        find = getattr(_origin(node), "part", None)
        return None if find is None else find(node, begin, end)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: there are few such places, and where they stand is asked late."""
        return self, place

    def extent(self, place: object) -> Location:
        """Return all of the text of a node or an entry."""
        place = _one_text(place)
        origin = _origin(place)
        return Location(self.path, _START) if origin is None else origin.extent(place)

    def replaced(self, place: object) -> list[Node | Pair]:
        """Return what stood in the place of an entry or a value before, the latest first."""
        found: list[Node | Pair] = []
        node: Any = place[0] if isinstance(place, tuple) else place
        while len(found) < _MAX_REPLACED:
            old: Node | Pair | None = node.__dict__.get("replaced")
            if old is None:
                break
            found.append(old)
            node = old[0] if isinstance(old, tuple) else old
        return found


_START = Span(1, 1, 1, 2)
_MAX_REPLACED = 20


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

    def part(self, node: object, begin: int, end: int) -> tuple[Source, object] | None:
        """Return the place of a part of a scalar; None where the lines of this text are not kept."""
        find = None if self._lines < 0 else getattr(self._inner, "part", None)
        found = None if find is None else find(node, begin, end)
        return None if found is None else (self, found[1])

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: there are few such places, and where they stand is asked late."""
        return self, place

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
