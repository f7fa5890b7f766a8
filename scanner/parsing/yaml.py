"""YAML text to node graphs in which every key and value has its exact place.

libyaml composes the nodes in C (PyYAML's `CParser`); this module cuts the resolver
out, guards against hostile nesting, and reads scalars by dialect when asked. Nodes
are PyYAML's own: wrapping each of them would cost more than parsing does. An alias is
the very node it names, so walkers must expect shared nodes and cycles.
"""

from __future__ import annotations

import gc
import operator
import re
from typing import Any, NamedTuple

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from scanner.errors import ParseError
from scanner.model.source import Location, PackedSource, Source, Span
from scanner.parsing.lines import LineTable
from scanner.parsing.yaml_nodes import MappingNode, Node, Pair, ScalarNode, SequenceNode
from scanner.parsing.yaml_places import move, offset_of, span_of
from scanner.parsing.yaml_scalars import is_null, is_plain, read_bool, read_int, scalar_text

__all__ = [
    "MappingNode",
    "Node",
    "Pair",
    "ScalarNode",
    "SequenceNode",
    "YamlDocument",
    "YamlFile",
    "YamlSource",
    "duplicate_keys",
    "entries",
    "is_null",
    "is_plain",
    "parse_yaml",
    "read_bool",
    "read_int",
    "scalar_text",
    "span_of",
]

MAX_DEPTH = 200
"""Collections nested deeper than this are refused; the C composer recurses per level."""


class YamlDocument(NamedTuple):
    """One document of a file: its 0-based number and its root (None when it is empty)."""

    number: int
    root: Node | None


class YamlFile(NamedTuple):
    """The documents of a file that could be parsed, and an error for each that could not."""

    source: YamlSource
    documents: tuple[YamlDocument, ...]
    errors: tuple[ParseError, ...]


class YamlSource:
    """A YAML text whose places are nodes or key-value pairs of its own parse."""

    __slots__ = ("_lines", "_packed", "_table", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._packed: PackedSource | None = None
        # libyaml counts NEL, LS and PS as line ends; editors do not. Only then are
        # lines counted from the offsets of the marks.
        exotic = "\x85" in text or "\u2028" in text or "\u2029" in text
        self._lines: LineTable | None = None
        self._table = self.lines() if exotic else None

    def lines(self) -> LineTable:
        """Return the table of the text's lines, made once."""
        if self._lines is None:
            self._lines = LineTable(self.text)
        return self._lines

    def locate(self, place: object) -> Location:
        """Return where a node, a pair or a span stands."""
        if place.__class__ is Span:
            return Location(self.path, place)
        span = span_of(place)
        if self._table is not None:
            span = self._recount(place)
        elif span.line == span.end_line and span.column == span.end_column:
            # libyaml marks an empty node at the next token, which may be past the end.
            position = self.lines().position(offset_of(place))
            span = Span(*position, *position)
        return Location(self.path, span)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return the place as a number: nodes keep the tree below them."""
        packed = self._packed
        if packed is None:
            packed = self._packed = PackedSource(self.path)
        if self._table is None and place.__class__ is tuple:
            # As span_of and locate have it, without what they make on the way.
            pair: Any = place
            key, value = pair
            start, end = key.start_mark, key.end_mark
            line = start.line
            if value.__class__ is ScalarNode:
                last = value.end_mark
                if last.line == line and value.start_mark.index >= end.index:
                    end = last
            if end.line != line or end.column != start.column:
                return packed, PackedSource.pack(line + 1, start.column + 1, end.line + 1, end.column + 1)
        return packed, PackedSource.pack(*self.locate(place).span)

    def extent(self, place: object) -> Location:
        """Return a node's whole text; of a pair, that of key and value."""
        if isinstance(place, Span):
            return Location(self.path, place)
        assert isinstance(place, (tuple, Node))
        first, last = place if isinstance(place, tuple) else (place, place)
        if last.start_mark.index < first.start_mark.index:
            last = first  # an alias: its text stands elsewhere
        start, end = first.start_mark, last.end_mark
        table = self._table or (self.lines() if start.index == end.index else None)
        if table is not None:
            return Location(self.path, Span(*table.position(start.index), *table.position(end.index)))
        return Location(self.path, Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))

    def part(self, node: Any, begin: int, end: int) -> tuple[Source, object] | None:
        """Return the place of a part of a scalar's value; None where the text writes it otherwise
        (escapes, folded lines)."""
        value, start = node.value, node.start_mark.index
        raw = self.text[start : node.end_mark.index]
        first, last = value[begin:end].partition("\n")[0], value[begin:end].rpartition("\n")[2]
        at = -1
        for _ in range(value.count(first, 0, begin) + 1 if first else 0):
            at = raw.find(first, at + 1)
            if at < 0:
                return None
        stop = raw.find(last, at + len(first)) + len(last) if "\n" in value[begin:end] else at + len(first)
        if at < 0 or stop < at:
            return None
        table = LineTable(self.text) if self._table is None else self._table
        return self, Span(*table.position(start + at), *table.position(start + stop))

    def _recount(self, place: Any) -> Span:
        assert self._table is not None
        key, value = place if isinstance(place, tuple) else (place, place)
        start = self._table.position(key.start_mark.index)
        last = value if isinstance(value, ScalarNode) else key
        end = self._table.position(last.end_mark.index)
        if isinstance(place, tuple) and end[0] != start[0]:
            end = self._table.position(key.end_mark.index)
        return Span(*start, *end)


class _Parser(CParser):
    """The C parser without tag resolution: a scalar's tag is (plain, quoted)."""

    resolve: Any = staticmethod(lambda _kind, _value, implicit: implicit)
    # Called once a node: C functions of the right arity that have no effect.
    descend_resolver: Any = staticmethod(operator.is_)
    ascend_resolver: Any = staticmethod(gc.isenabled)


class _GuardedParser(_Parser):
    """The same, refusing collections nested deeper than `MAX_DEPTH`."""

    _depth = 0

    def descend_resolver(self, _node: object, _index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeep

    def ascend_resolver(self) -> None:
        self._depth -= 1


class _TooDeep(Exception):
    pass


_LIBYAML_TOO_DEEP = "maximum nesting depth"
"""What libyaml 0.2.6 and later say where its own limit (1,000) is met by the scanner, which may read
far ahead of the composer that `_GuardedParser` counts in."""


_INDICATORS = re.compile(r"^[ \t\-?:\[{]{150,}", re.MULTILINE)
_DOCUMENT_START = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)


def parse_yaml(text: str, path: str) -> YamlFile:
    """Parse every document of a text.

    A document that is not well-formed costs only itself: it becomes a ParseError with
    line and column (YAML 1.1, as libyaml reads it), and the others are still parsed.
    """
    source = YamlSource(path, text)
    documents: list[YamlDocument] = []
    try:
        _compose(text, documents, 0)
    except (YAMLError, _TooDeep, UnicodeError, ValueError) as error:
        return _parse_piecewise(source, error)
    return YamlFile(source, tuple(documents), ())


def _compose(text: str, into: list[YamlDocument], first: int) -> None:
    hostile = text.count("[") + text.count("{") > 150 or _INDICATORS.search(text)
    parser = (_GuardedParser if hostile else _Parser)(text)
    try:
        while parser.check_node():
            root: Any = parser.get_node()
            empty = root.__class__ is ScalarNode and is_null(root)
            into.append(YamlDocument(first + len(into), None if empty else root))
    finally:
        parser.dispose()


def _parse_piecewise(source: YamlSource, error: Exception) -> YamlFile:
    """Parse each document of a text on its own: a `---` in column 1 always starts one."""
    text = source.text
    starts = [found.start() for found in _DOCUMENT_START.finditer(text)]
    if not starts or text[: starts[0]].strip():
        starts.insert(0, 0)
    if len(starts) == 1:
        return YamlFile(source, (), (_parse_error(source, error),))
    documents: list[YamlDocument] = []
    errors: list[ParseError] = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        line = source.lines().position(start)[0]
        piece: list[YamlDocument] = []
        try:
            _compose(text[start:end], piece, 0)
        except (YAMLError, _TooDeep, UnicodeError, ValueError) as piece_error:
            errors.append(_parse_error(source, piece_error, start, line))
            continue
        root = piece[0].root if piece else None
        if root is not None and start:
            move(root, start, line - 1)
        documents.append(YamlDocument(index, root))
    return YamlFile(source, tuple(documents), tuple(errors))


def _parse_error(source: YamlSource, error: Exception, offset: int = 0, first_line: int = 1) -> ParseError:
    """Return what is wrong with a document, whose text begins at an offset and on a 1-based line."""
    if isinstance(error, _TooDeep) or _LIBYAML_TOO_DEEP in str(getattr(error, "problem", "")):
        return ParseError(
            f"collections are nested more than {MAX_DEPTH} deep",
            path=source.path,
            line=first_line,
            column=1,
            hint="no configuration needs this; the document is not read",
        )
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not well-formed"
        context = f" {error.context}" if error.context and error.problem else ""
        line, column = (mark.line + first_line, mark.column + 1) if mark is not None else (None, None)
        return ParseError(f"YAML syntax: {problem}{context}", path=source.path, line=line, column=column)
    if isinstance(error, ReaderError):
        position = error.position if isinstance(error.position, int) else 0
        line, column = source.lines().position(offset + position)
        return ParseError(f"YAML syntax: {error.reason}", path=source.path, line=line, column=column)
    return ParseError(
        "YAML syntax: the text has characters that YAML does not allow", path=source.path, line=1
    )


def entries(node: MappingNode) -> dict[str, Pair]:
    """Index a mapping by the text of its keys.

    A later duplicate wins, as in the readers of Kubernetes and Compose; keys that are
    no scalars are left out. Merge keys (`<<`) are applied: the mapping's own keys win,
    and of several merged mappings the first that has a key (YAML merge type).
    """
    pairs: list[Any] = node.value
    try:
        index: dict[str, Pair] = {pair[0].value: pair for pair in pairs}
    except TypeError:  # a key that is a collection
        index = {pair[0].value: pair for pair in pairs if pair[0].__class__ is ScalarNode}
    if "<<" in index:
        return _merge(index, {id(node)}, {})
    return index


def _merge(index: dict[str, Pair], above: set[int], merged: dict[int, dict[str, Pair]]) -> dict[str, Pair]:
    """Apply the merge key of an index. `above` are the mappings being merged, against
    cycles; `merged` those that are done, for nested lists of aliases name them again and again."""
    merge = index["<<"]
    if not is_plain(merge[0]):
        return index
    own = {key: pair for key, pair in index.items() if key != "<<"}
    value = merge[1]
    sources = value.value if value.__class__ is SequenceNode else [value]
    met: set[int] = set()
    for source in sources:
        if source.__class__ is not MappingNode or id(source) in above or id(source) in met:
            continue
        met.add(id(source))
        inner = merged.get(id(source))
        if inner is None:
            pairs: list[Any] = source.value
            inner = {pair[0].value: pair for pair in pairs if pair[0].__class__ is ScalarNode}
            if "<<" in inner:
                inner = _merge(inner, above | {id(source)}, merged)
            merged[id(source)] = inner
        for key, pair in inner.items():
            own.setdefault(key, pair)
    return own


def duplicate_keys(root: Node, *, shared: bool = True) -> list[tuple[ScalarNode, ScalarNode]]:
    """Return each key that stands twice in one mapping: (the first, the later one).

    `shared` says that the text has aliases, so that a node may be met again.
    """
    found: list[tuple[ScalarNode, ScalarNode]] = []
    pending = [root]
    seen: set[int] = set()
    for node in pending:
        if shared:
            if id(node) in seen:
                continue
            seen.add(id(node))
        if node.__class__ is MappingNode:
            children: Any = node.value
            if len(children) > 1:
                try:
                    distinct = len({key.value for key, _ in children})
                except TypeError:  # a key that is a collection
                    distinct = -1
                if distinct != len(children):
                    found += _repeated(node)
            for _, value in children:
                if value.__class__ is not ScalarNode:
                    pending.append(value)
        elif node.__class__ is SequenceNode:
            for value in node.value:
                if value.__class__ is not ScalarNode:
                    pending.append(value)
    return found


def _repeated(node: MappingNode) -> list[tuple[ScalarNode, ScalarNode]]:
    first: dict[str, ScalarNode] = {}
    found: list[tuple[ScalarNode, ScalarNode]] = []
    for key, _ in node.value:
        if key.__class__ is not ScalarNode:
            continue
        if key.value in first:
            found.append((first[key.value], key))
        else:
            first[key.value] = key
    return found
