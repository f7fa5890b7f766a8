"""Where the nodes of a YAML text stand, by the marks that libyaml gave them."""

from __future__ import annotations

from typing import Any

from yaml._yaml import Mark

from scanner.model.source import Span
from scanner.parsing.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode


def offset_of(place: Any) -> int:
    """Return the offset at which a node or pair begins, in code points."""
    node = place[0] if place.__class__ is tuple else place
    offset: int = node.start_mark.index
    return offset


def span_of(place: Any) -> Span:
    """Return the span of a node or of a pair.

    A pair spans key to value when the value is a scalar on the key's line, else the
    key alone. A collection spans its first line's opening: libyaml's end mark of a
    block collection is the next token, which may stand far away.
    """
    if place.__class__ is tuple:
        key, value = place
        start = key.start_mark
        end = key.end_mark
        # An alias's value stands elsewhere, so "on the key's line" and behind it.
        if value.__class__ is ScalarNode:
            first, last = value.start_mark, value.end_mark
            if last.line == start.line and first.index >= end.index:
                end = last
        return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    start = place.start_mark
    if place.__class__ is ScalarNode:
        end = place.end_mark
        if end.line == start.line:
            return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        if place.style in ("|", ">"):
            return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
        return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    # A block collection ends where the first thing in it ends, if that stands in the same line.
    while not place.flow_style and place.value:
        first = place.value[0]
        head = first[0] if first.__class__ is tuple else first
        if head.start_mark.line != start.line or head.start_mark.index < place.start_mark.index:
            break
        if head is not first or head.__class__ is ScalarNode:
            inner = span_of(first)
            return Span(start.line + 1, start.column + 1, inner.end_line, inner.end_column)
        if head.start_mark.index == place.start_mark.index:
            break  # an alias of what it stands in
        place = head
    end = place.end_mark
    if place.flow_style and end.line == start.line:
        return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    return Span(start.line + 1, start.column + 1, start.line + 1, place.start_mark.column + 2)


def move(root: Node, offset: int, lines: int) -> None:
    """Give the nodes of a document that was parsed on its own the places that they have in the file."""
    pending = [root]
    seen: set[int] = set()
    for node in pending:
        if id(node) in seen:
            continue
        seen.add(id(node))
        for name in ("start_mark", "end_mark"):
            mark = getattr(node, name)
            moved = Mark(mark.name, mark.index + offset, mark.line + lines, mark.column, None, None)
            setattr(node, name, moved)
        if node.__class__ is MappingNode:
            for pair in node.value:
                pending += pair
        elif node.__class__ is SequenceNode:
            pending += node.value
