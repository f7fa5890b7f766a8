"""Keys, list items and documents of a YAML text, with the lines that each takes up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.source import Span
from scanner.parsing.lines import LineTable
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlFile,
    parse_yaml,
    scalar_text,
)
from scanner.triage.suppressing_scopes import NOTHING, Scope


class Label(NamedTuple):
    """A label or an annotation of a Compose service, with its place and the lines of the service."""

    key: str
    value: str
    span: Span
    scope: Scope


class YamlScopes:
    """Knows the parts of a YAML text; documents that cannot be parsed have none.

    With `services`, the keys below `services` are Compose services.
    """

    def __init__(self, text: str, path: str, *, services: bool = False) -> None:
        self._file: YamlFile = parse_yaml(text, path)
        # libyaml counts NEL, LS and PS as line ends; editors do not.
        exotic = any(one in text for one in "\x85\u2028\u2029") and not self._file.errors
        self._table = LineTable(text) if exotic else None
        self._services = services
        self._parts: list[_Part] = []
        self._texts: list[tuple[_Position, _Position]] = []
        for document in self._file.documents:
            if document.root is not None:
                self._visit_root(document.root)
        self._firsts = [part.scope.first for part in self._parts]
        self._texts.sort()

    @property
    def is_whole(self) -> bool:
        """Whether all of the text could be parsed."""
        return not self._file.errors

    def is_text(self, line: int, column: int, /) -> bool:
        """Whether a place lies in a scalar."""
        at = (line, column)
        index = bisect_left(self._texts, (at, at))
        return any(start <= at < end for start, end in self._texts[max(index - 1, 0) : index + 1])

    def following(self, line: int) -> Scope:
        """Return the outermost key, item or document that begins nearest behind a line."""
        index = bisect_left(self._firsts, line + 1)
        return self._parts[index].scope if index < len(self._parts) else NOTHING

    def ending(self, line: int) -> Scope:
        """Return the outermost key or item that begins in a line, else the innermost around it."""
        index = bisect_left(self._firsts, line)
        for number in range(index, len(self._parts)):
            part = self._parts[number]
            if part.scope.first != line:
                break
            if not part.is_root:
                return part.scope
        for part in reversed(self._parts[max(index - _MOST_STEPS, 0) : index]):
            if part.scope.last >= line and not part.is_root:
                return part.scope
        return NOTHING

    def labels(self) -> Iterator[Label]:
        """Yield the labels and annotations of Compose services."""
        for document in self._file.documents:
            for services in _values(document.root, "services"):
                for name, body in services.value if services.__class__ is MappingNode else ():
                    for key in ("labels", "annotations"):
                        for node in _values(body, key):
                            yield from self._labels_of(node, scalar_text(name) or "", name)

    def _labels_of(self, node: Node, service: str, key: Node) -> Iterator[Label]:
        scope = Scope(self._position(key)[0], self._position(key)[0], service)
        for first, second in _parts(node):
            text, value = scalar_text(first), scalar_text(second)
            if text is None or (second is not None and value is None):
                continue
            name, _, value = (text, "=", value) if value is not None else text.partition("=")
            span = Span(*self._position(first), *self._position(first, end=True))
            yield Label(name, value, span, scope)

    def _position(self, node: Node, *, end: bool = False) -> _Position:
        mark = node.end_mark if end else node.start_mark
        if self._table is not None:
            return self._table.position(mark.index)
        return mark.line + 1, mark.column + 1

    def _visit_root(self, root: Node) -> None:
        slot = len(self._parts)
        first = self._position(root)[0]
        self._parts.append(_Part(Scope(first, first), is_root=True))
        last = self._visit(root, ())
        self._parts[slot] = _Part(Scope(first, last), is_root=True)

    def _visit(self, node: Node, path: tuple[str, ...] | None) -> int:
        """Note the parts of a node; return the last line of its text, 0 where it has none."""
        if node.__class__ is ScalarNode:
            return self._visit_scalar(node)
        last = 0
        if getattr(node, "flow_style", False):
            last = self._position(node, end=True)[0]
        floor = node.start_mark.index
        for head, value in _parts(node):
            tail = head if value is None else value
            if head.start_mark.index < floor or head is node:
                continue  # an alias: its text stands elsewhere
            floor = max(head.end_mark.index, tail.end_mark.index)
            slot = len(self._parts)
            first = self._position(head)[0]
            self._parts.append(_Part(Scope(first, first)))
            name = ""
            if value is not None:
                end, name = self._visit_pair(head, value, path)
            else:
                end = self._visit(head, None)
            self._parts[slot] = _Part(Scope(first, max(first, end), name))
            last = max(last, end)
        return last

    def _visit_pair(self, key: Node, value: Node, path: tuple[str, ...] | None) -> tuple[int, str]:
        inner = None
        name = ""
        if path is not None and self._services and key.__class__ is ScalarNode:
            name = key.value if path == ("services",) else ""
            inner = (key.value,) if not path else None
        last = max(self._visit(key, None), self._position(key, end=True)[0])
        if value.start_mark.index >= key.end_mark.index:
            last = max(last, self._visit(value, inner))
        return last, name

    def _visit_scalar(self, node: Node) -> int:
        start, end = self._position(node), self._position(node, end=True)
        if start == end:
            return 0
        self._texts.append((start, end))
        # The end mark of block text is the beginning of the next line.
        return end[0] - 1 if end[1] == 1 and end[0] > start[0] else end[0]


_Position = tuple[int, int]
_MOST_STEPS = 10_000


class _Part(NamedTuple):
    scope: Scope
    is_root: bool = False


def _parts(node: Node) -> list[tuple[Node, Node | None]]:
    """Return the keys with their values, or the items each with None, none of a scalar."""
    if node.__class__ is MappingNode:
        return [*node.value]
    return [(item, None) for item in node.value] if node.__class__ is SequenceNode else []


def _values(node: Node | None, name: str) -> Iterator[Node]:
    if node is not None and node.__class__ is MappingNode:
        for key, value in node.value:
            if key.__class__ is ScalarNode and key.value == name:
                yield value
