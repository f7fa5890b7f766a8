"""Light YAML nodes: what the fast parser builds, in the guise of PyYAML's nodes.

PyYAML makes two marks and a dictionary for each node. A light node keeps the numbers and
makes marks when they are asked for; a light mapping keeps its index and makes its list of
pairs when that is asked for. To readers they are PyYAML's: `node.__class__` says so, as
proxies may (https://docs.python.org/3/library/functions.html#isinstance), and calling
it makes a node of PyYAML's. Every attribute may be set.
"""

from __future__ import annotations

from typing import Any

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

Row = tuple[int, int]
"""A line's number from 0, and the offset at which it begins."""

Columns = tuple[int, int]
"""Where a scalar begins in its row and where it ends, from 0."""

Place = tuple[int, int, int]
"""Line, column and offset, from 0."""


class Mark:
    """A place in a text, as PyYAML's marks give it."""

    __slots__ = ("column", "index", "line", "name")

    def __init__(self, line: int, column: int, index: int) -> None:
        self.line = line
        self.column = column
        self.index = index
        self.name = "<unicode string>"


class LightScalar:
    """A plain scalar on one line."""

    __slots__ = ("__dict__", "columns", "row", "value")
    __class__: Any = ScalarNode  # type: ignore[assignment]  # the guise
    id = "scalar"
    tag: Any = (True, False)
    style = ""

    def __init__(self, value: str, row: Row, columns: Columns) -> None:
        self.value = value
        self.row = row
        self.columns = columns

    def __getattr__(self, name: str) -> Any:
        if name == "start_mark":
            column = self.columns[0]
        elif name == "end_mark":
            column = self.columns[1]
        else:
            raise AttributeError(name)
        return Mark(self.row[0], column, self.row[1] + column)


class LightSingleQuoted(LightScalar):
    """A scalar in single quotes on one line."""

    __slots__ = ()
    tag = (False, True)
    style = "'"


class LightDoubleQuoted(LightScalar):
    """A scalar in double quotes on one line."""

    __slots__ = ()
    tag = (False, True)
    style = '"'


class LightBlock(LightScalar):
    """A literal or folded scalar, which ends where a line begins."""

    __slots__ = ("end", "style")  # type: ignore[misc]  # of this class alone each has its own
    tag = (False, True)

    def __init__(self, value: str, row: Row, columns: Columns, end: Place, style: str) -> None:
        self.value = value
        self.row = row
        self.columns = columns
        self.end = end
        self.style = style

    def __getattr__(self, name: str) -> Any:
        if name == "end_mark":
            return Mark(*self.end)
        return LightScalar.__getattr__(self, name)


class _LightCollection:
    __slots__ = ("__dict__", "end", "start")
    tag: Any = True
    flow_style = False
    start: Place
    end: Place

    def __getattr__(self, name: str) -> Any:
        if name == "start_mark":
            return Mark(*self.start)
        if name == "end_mark":
            return Mark(*self.end)
        raise AttributeError(name)


class LightSequence(_LightCollection):
    """A sequence."""

    __slots__ = ("value",)
    __class__: Any = SequenceNode  # type: ignore[assignment]  # the guise
    id = "sequence"

    def __init__(self, value: list[Any], start: Place) -> None:
        self.value = value
        self.start = self.end = start


class LightMapping(_LightCollection):
    """A mapping without duplicate keys and merges, all keys scalars.

    `written` has for each key its pair, or the row and the line of which the pair is made
    when the mapping is first read: most mappings of a manifest never are.
    """

    __slots__ = ("is_read", "pairs", "written")
    __class__: Any = MappingNode  # type: ignore[assignment]  # the guise
    id = "mapping"

    def __init__(self, written: dict[str, Any], start: Place) -> None:
        self.written = written
        self.start = self.end = start
        self.is_read = False
        self.pairs: list[tuple[Any, Any]] | None = None

    def index(self) -> dict[str, tuple[Any, Any]] | None:
        """The pairs by their keys; None from when `value` was read, whose list may be changed."""
        if self.pairs is not None:
            return None
        index = self.written
        if not self.is_read:
            self.is_read = True
            for key, (row, line) in index.items():
                if row.__class__ is tuple:
                    kind, columns, value_kind, value, value_columns = line[2]
                    index[key] = kind(key, row, columns), value_kind(value, row, value_columns)
        return index

    @property
    def value(self) -> list[tuple[Any, Any]]:
        """The pairs in their order."""
        if self.pairs is None:
            self.pairs = list((self.index() or {}).values())
        return self.pairs

    @value.setter
    def value(self, pairs: list[tuple[Any, Any]]) -> None:
        self.pairs = pairs


class LightFlowSequence(LightSequence):
    """A sequence in brackets."""

    __slots__ = ()
    flow_style = True


class LightFlowMapping(LightMapping):
    """A mapping in braces."""

    __slots__ = ()
    flow_style = True
