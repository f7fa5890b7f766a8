"""The nodes of a YAML tree as types: what stands in a node is known once its class was looked at.

PyYAML says nothing of what a node's `value` is. Here a plain `Node` has none for the type checker: who
wants the text, the items or the entries asks for the class first (`node.__class__ is ScalarNode`), and
mypy refuses what hopes. At run time these are PyYAML's own classes, so that nothing costs anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:

    class Mark:
        """A place in a text: 0-based line and column, and the offset in code points."""

        line: int
        column: int
        index: int

        def __init__(
            self, name: str, index: int, line: int, column: int, buffer: None, pointer: int
        ) -> None: ...

    class Node:
        """A node of any class. `tag` is the tag that is written, else a pair (plain, quoted)."""

        tag: object
        start_mark: Mark
        end_mark: Mark

    class ScalarNode(Node):
        """A scalar: its text, and the sign of how it is written (None where that is plain)."""

        value: str
        style: str | None

        def __init__(
            self, tag: object, value: str, start_mark: Mark, end_mark: Mark, style: str | None = None
        ) -> None: ...

    class SequenceNode(Node):
        """A list of nodes."""

        value: list[Node]
        flow_style: bool | None

        def __init__(
            self,
            tag: object,
            value: list[Node],
            start_mark: Mark,
            end_mark: Mark,
            flow_style: bool | None = None,
        ) -> None: ...

    class MappingNode(Node):
        """Keys, of any class, and their values; keys may stand twice."""

        value: list[tuple[Node, Node]]
        flow_style: bool | None

        def __init__(
            self,
            tag: object,
            value: list[tuple[Node, Node]],
            start_mark: Mark,
            end_mark: Mark,
            flow_style: bool | None = None,
        ) -> None: ...

else:
    from yaml.error import Mark
    from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["MappingNode", "Mark", "Node", "Pair", "ScalarNode", "SequenceNode"]

Pair: TypeAlias = tuple[ScalarNode, Node]
"""A key and its value as they stand in a mapping; also the place of that entry."""
