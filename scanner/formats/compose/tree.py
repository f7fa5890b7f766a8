"""The tree of a Compose file after interpolation: values that keep their places through merges."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from scanner.errors import FormatError
from scanner.formats.compose.anchors import Anchors
from scanner.formats.compose.interpolation import HOLE, Variables, interpolate
from scanner.model.report import Diagnostic
from scanner.model.source import Located, Location, Source, Unknown
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlSource,
    entries,
    is_null,
    is_plain,
)

MAX_NODES = 300_000
"""A file with more nodes than this, its aliases expanded, is refused."""

MAX_DEPTH = 200
"""The same limit that the parser has, once aliases are expanded."""


class ComposeSource:
    """A Compose file as a part of one project: its relative paths start at `directory`,
    and `variables` are those that it may use."""

    __slots__ = ("_yaml", "directory", "path", "variables")

    def __init__(self, yaml: YamlSource, directory: str, variables: Variables) -> None:
        self._yaml = yaml
        self.path = yaml.path
        self.directory = directory
        self.variables = variables

    def locate(self, place: object) -> Location:
        """Return where a node, a pair or a span stands."""
        return self._yaml.locate(place)

    def part(self, node: object, begin: int, end: int) -> tuple[Source, object] | None:
        """Return the place of a part of a scalar (see YamlSource)."""
        return self._yaml.part(node, begin, end)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return the place as a number (see YamlSource)."""
        return self._yaml.settle(place)

    def extent(self, place: object) -> Location:
        """Return all of the text of a place."""
        return self._yaml.extent(place)


class Scalar(NamedTuple):
    """A scalar with its variables filled in.

    `style` is `null`, `plain` or `text` (quoted, tagged or a block). `unknown` says why
    the text has holes; `decided` are the variables whose values stand in it.
    """

    node: ScalarNode
    text: str
    style: str
    unknown: str | None = None
    decided: tuple[Located[object], ...] = ()

    @property
    def known(self) -> str | Unknown:
        """The text, or why it is not decided."""
        return self.text if self.unknown is None else Unknown(self.unknown)


class Entry(NamedTuple):
    """A value, the place (pair or item) that set it, and the places that it overrode.

    `tag` is what the file says about merging: `!reset`, `!override`, `!merge`, or None.
    """

    value: Value
    place: object
    source: ComposeSource
    tag: str | None = None
    overridden: tuple[Located[object], ...] = ()


class Mapping(NamedTuple):
    """Entries by key. `homes` are the mappings elsewhere from which it gets the keys that it does
    not have (merged anchors, extended services), each by a path of its keys; the nearest first.
    `removed` are the values that a file laid over it has taken out."""

    entries: dict[str, Entry]
    homes: tuple[Located[str], ...] = ()
    removed: tuple[Removed, ...] = ()


class Removed(NamedTuple):
    """A key that `!reset` took out, what stood there, and the place that says so."""

    key: str
    value: Entry
    by: Entry


class Sequence(NamedTuple):
    """Items in order."""

    items: tuple[Entry, ...]


Value: TypeAlias = Scalar | Mapping | Sequence

EMPTY = Mapping({})

_TAGS = frozenset(("!reset", "!override", "!merge"))
_SERVICE_DEPTH = 2
"""How deep the mapping of a service stands in its file."""


def mapping_of(entry: Entry) -> Mapping:
    """The mapping of an entry, empty where something else stands."""
    return entry.value if isinstance(entry.value, Mapping) else EMPTY


def located(entry: Entry) -> Located[object]:
    """An entry as one that was overridden: its text, or the texts of its items."""
    value = entry.value
    found: object = None
    if isinstance(value, Scalar):
        found = value.known
    elif isinstance(value, Sequence):
        found = tuple(item.value.text for item in value.items if isinstance(item.value, Scalar))
    return Located(found, entry.place, entry.source)


def is_larger_than(value: Value, limit: int) -> bool:
    """Whether a tree has more values than a limit, counting shared ones as often as they stand in it."""
    stack: list[Value] = [value]
    count = 0
    while stack:
        current = stack.pop()
        count += 1
        if count + len(stack) > limit:
            return True
        if isinstance(current, Mapping):
            stack += [entry.value for entry in current.entries.values()]
        elif isinstance(current, Sequence):
            stack += [item.value for item in current.items]
    return False


class TreeBuilder:
    """Builds the trees of one file; `diagnostics` are the templates that were not valid."""

    __slots__ = ("_anchors", "_built", "_open", "diagnostics", "source")

    def __init__(self, source: ComposeSource) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        # By node: its value, the number of nodes it expands to, and its height.
        self._built: dict[int, tuple[Value, int, int]] = {}
        self._open: set[int] = set()
        self._anchors: Anchors | None = None

    def build(self, node: Node) -> Value:
        """Return the tree of a node; raises FormatError where aliases make it too large or endless."""
        return self._build(node, 0)[0]

    def entry(self, node: Node, place: object) -> Entry:
        """Return a node's tree as set at a place."""
        return Entry(self.build(node), place, self.source, _tag(node))

    def _build(self, node: Node, depth: int) -> tuple[Value, int, int]:
        if node.__class__ is ScalarNode:
            return self._scalar(node), 1, 1
        identity = id(node)
        known = self._built.get(identity)
        if known is None:
            if identity in self._open:
                raise self._error(node, "an alias stands inside of the value that it names")
            if depth > MAX_DEPTH:
                raise self._error(node, f"collections are nested more than {MAX_DEPTH} deep")
            self._open.add(identity)
            known = (
                self._mapping(node, depth) if isinstance(node, MappingNode) else self._sequence(node, depth)
            )
            self._open.discard(identity)
            self._built[identity] = known
        if known[1] > MAX_NODES:
            raise self._error(node, f"the file has more than {MAX_NODES} keys and values, aliases expanded")
        if known[2] > MAX_DEPTH:
            raise self._error(node, f"collections are nested more than {MAX_DEPTH} deep")
        return known

    def _homes(self, node: MappingNode) -> tuple[Located[str], ...]:
        return () if self._anchors is None else self._anchors.merged_into(node)

    def _mapping(self, node: MappingNode, depth: int) -> tuple[Value, int, int]:
        if depth == 0:
            self._anchors = Anchors(node, self.source)
        found: dict[str, Entry] = {}
        size = height = 1
        source = self.source
        for key, pair in entries(node).items():
            if depth == 0 and key.startswith("x-"):
                continue
            value, inner, high = self._build(pair[1], depth + 1)
            found[key] = Entry(value, pair, source, _tag(pair[1]))
            size += inner + 1
            height = max(height, high + 1)
        return Mapping(found, self._homes(node) if depth == _SERVICE_DEPTH else ()), size, height

    def _sequence(self, node: Node, depth: int) -> tuple[Value, int, int]:
        items: list[Entry] = []
        assert isinstance(node, SequenceNode)
        size = height = 1
        source = self.source
        for item in node.value:
            value, inner, high = self._build(item, depth + 1)
            items.append(Entry(value, item, source, None))
            size += inner
            height = max(height, high + 1)
        return Sequence(tuple(items)), size, height

    def _scalar(self, node: ScalarNode) -> Scalar:
        style = "plain" if is_plain(node) else "text"
        if is_null(node):
            style = "null"
        text: str = node.value
        if "$" not in text:
            if HOLE in text:
                return Scalar(node, text, style, "the text holds a character that no text may")
            return Scalar(node, text, style)
        try:
            filled = interpolate(text, self.source.variables)
        except FormatError as error:
            location = self.source.locate(node)
            message = f"{error.message}; {error.hint}" if error.hint else error.message
            self.diagnostics.append(
                Diagnostic(location.path, location.span.line, location.span.column, "error", message)
            )
            return Scalar(node, HOLE, "text", error.message)
        # What interpolation gives is text, whatever it looks like.
        return Scalar(node, filled.text, "text", filled.unknown, filled.decided)

    def _error(self, place: object, message: str) -> FormatError:
        location = self.source.locate(place)
        return FormatError(message, path=location.path, line=location.span.line, column=location.span.column)


def _tag(node: Node) -> str | None:
    tag = node.tag
    return tag if tag.__class__ is str and tag in _TAGS else None
