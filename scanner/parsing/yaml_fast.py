"""The fast parser: the YAML that most manifests are written in, read line by line.

It takes block mappings and sequences, one-line scalars, literal and folded scalars, and
simple flow collections on one line. At the first sign of anything else it gives up, and
the C parser reads the whole text: what it takes, it reads exactly as libyaml does, and
what libyaml refuses it never takes.

Two layers. `_read_line` says what a line is by itself, whatever stands around it; lines
repeat in and across manifests, so its answers are remembered (`LineReader`).
`_Builder.build` puts lines together with a stack of open collections: a deeper line opens a
collection only for a key or dash that waits for its value, a shallower one closes
collections. Any other change of indentation (a scalar that goes on, an error) gives up.
It is one long loop on local variables, because a call per line would cost a third more.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from scanner.parsing.yaml_nodes import (
    Columns,
    LightBlock,
    LightDoubleQuoted,
    LightFlowMapping,
    LightFlowSequence,
    LightMapping,
    LightScalar,
    LightSequence,
    LightSingleQuoted,
    Place,
    Row,
)

MAX_DEPTH = 60
"""Collections nested deeper than this are left to the C parser and its guard."""

_MAX_LINE = 1000  # an implicit key may be 1024 characters long; libyaml checks it, this does not
_MAX_MEMORY = 40_000
_MAX_REMEMBERED = 120

Content = tuple[Any, Columns, Any, str, Columns]
"""A key's class and columns; its value's class, text and columns. The class of a value
is None when there is none, `_FLOW` or `_BLOCK` when the text must still be read."""

Line = tuple[int, str | None, Content, int, tuple[int, ...], int]
"""What stands on a line: the column of a key that has a scalar and no dash before it (else
-9); the key (None: a dash's own value); both as `Content`; the indentation (-1: nothing,
-2: a document's start); the columns of dashes; that of the content."""

_FLOW = "flow"
_BLOCK = "block"
_NOTHING = (0, 0)
_NO_CONTENT: Content = (None, _NOTHING, None, "", _NOTHING)
_BLANK: Line = (-9, None, _NO_CONTENT, -1, (), 0)
_START: Line = (-9, None, _NO_CONTENT, -2, (), 0)

_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\["\\nt])*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_HEADER = re.compile(r"([|>])([-+]?)(?: +#.*)?")
_FLOW_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_./$=+~^;()]|-(?=[\w./$-]))[\w./$=+~^;()@%&*!<>|-]*(?: +[\w./$(=+-]+)*"
)
_NOT_FIRST = frozenset("?:,[]{}#&*!|>'\"%@`")


class _GiveUp(Exception):
    """The text is not of the kind that this module reads."""


def fast_parse(text: str) -> tuple[Any, ...] | None:
    """Return the root of each document (None when it is empty), or None to decline the text."""
    try:
        return _build(text)
    except _GiveUp:
        return None


_remembered: dict[str, Line] = {}


def _read_line(line: str) -> Line:
    """Say what stands on a line; give up on what this module does not read."""
    rest = line.lstrip(" ")
    if not line.isprintable() or len(line) > _MAX_LINE:
        raise _GiveUp
    if not rest or rest[0] == "#":
        return _BLANK
    column = indent = len(line) - len(rest)
    if not indent and rest[:3] in ("---", "..."):
        if rest[:3] == "---" and (not rest[3:].strip(" ") or re.match(" +#", rest[3:])):
            return _START
        raise _GiveUp
    dashes: list[int] = []
    while rest[:2] in ("- ", "-"):
        dashes.append(column)
        rest = rest[1:].lstrip(" ")
        column = len(line) - len(rest)
        if not rest or rest[0] == "#":
            after = (dashes[-1] + 1, dashes[-1] + 1)
            return (-9, None, (None, _NOTHING, None, "", after), indent, tuple(dashes), column)
    key: str | None = None
    kind: Any = LightScalar
    if rest[0] in "\"'":
        kind, key, length = _quoted(rest)
        colon = length
        if rest[length : length + 2] not in (":", ": "):
            key = None
    elif rest[0] in "[{|>" and dashes:
        colon = -1
    else:
        if rest[0] in _NOT_FIRST:
            raise _GiveUp
        comment = rest.find(" #")
        colon = rest.find(": ", 0, comment + 1 if comment >= 0 else len(rest))
        if colon < 0:
            bare = (rest[:comment] if comment >= 0 else rest).rstrip(" ")
            colon = len(bare) - 1 if bare[-1] == ":" else -1
        if colon >= 0:
            key = rest[:colon].rstrip(" ")
            length = len(key)
            if key == "<<" or not key:
                raise _GiveUp
    if key is None:
        if not dashes:
            raise _GiveUp
        return (-9, None, (None, _NOTHING, *_value(rest, column)), indent, tuple(dashes), column)
    start = column + colon + 1
    columns = (column, column + length)
    written = rest[colon + 1 :].lstrip(" ")
    if not written or written[0] == "#":
        content: Content = (kind, columns, None, "", (start, start))
        return (-9, key, content, indent, tuple(dashes), column)
    value = _value(written, len(line) - len(written))
    is_pair = not dashes and value[0] is not _FLOW and value[0] is not _BLOCK
    return (column if is_pair else -9, key, (kind, columns, *value), indent, tuple(dashes), column)


def _value(text: str, column: int) -> tuple[Any, str, Columns]:
    """Read what stands behind a key or a dash: class, text and columns."""
    first = text[0]
    if first in "\"'":
        kind, value, length = _quoted(text)
        _refuse_rest(text[length:])
        return kind, value, (column, column + length)
    if first in "|>":
        text = text.rstrip(" ")
        if not _HEADER.fullmatch(text):
            raise _GiveUp
        return _BLOCK, text, (column, column)
    if first in "[{":
        return _FLOW, text, (column, column)
    comment = text.find(" #")
    text = (text if comment < 0 else text[:comment]).rstrip(" ")
    if first in _NOT_FIRST or text[:2] in ("-", "- ") or text[-1] == ":" or ": " in text:
        raise _GiveUp
    return LightScalar, text, (column, column + len(text))


def _quoted(text: str) -> tuple[Any, str, int]:
    """Read the quoted scalar at the beginning of a text: class, value, length."""
    found = (_SINGLE if text[0] == "'" else _DOUBLE).match(text)
    if not found:
        raise _GiveUp
    value = found[1]
    if text[0] == "'":
        return LightSingleQuoted, value.replace("''", "'"), found.end()
    if "\\" in value:
        value = _ESCAPE.sub(lambda escape: _ESCAPES[escape[1]], value)
    return LightDoubleQuoted, value, found.end()


def _refuse_rest(text: str) -> None:
    """Give up unless nothing but a comment follows."""
    rest = text.lstrip(" ")
    if rest and (rest[0] != "#" or len(rest) == len(text)):
        raise _GiveUp


def _build(text: str) -> tuple[Any, ...]:
    lines = text.split("\n")
    ends_with_break = not lines[-1]
    if ends_with_break:
        lines.pop()
    elif lines[-1].lstrip(" ")[:1] in ("", "#"):
        raise _GiveUp  # libyaml closes collections in the midst of such a last line
    remembered = _remembered
    if len(remembered) > _MAX_MEMORY:
        remembered.clear()
    roots: list[Any] = []
    stack: list[tuple[int, Any, Any, Any]] = []  # enclosing collections: as the four below
    at = -1  # column of the innermost open collection
    node: Any = None
    index: Any = None  # its entries when it is a mapping
    items: Any = None  # its items when it is a sequence
    waits: Any = None  # a key (text, node) or dash without a value yet; `null` is where that is
    null: Any = None
    root: Any = None
    is_open = False  # a document was begun
    number = -1
    offset = 0
    count = len(lines)
    skip = 0
    for line in lines:
        number += 1
        row = (number, offset)
        offset += len(line) + 1
        if number < skip:
            continue
        try:
            read = remembered[line]
        except KeyError:
            read = _read_line(line)
            if len(line) < _MAX_REMEMBERED:
                remembered[line] = read
        if read[0] == at and waits is None and index is not None:
            key = read[1]
            if key in index:
                raise _GiveUp
            index[key] = (row, read)
            continue
        _, key, rest, indent, dashes, column = read
        kind, columns, value_kind, value, value_columns = rest
        if indent < 0:
            if indent == -2:
                if waits is not None:
                    _fill(index, items, waits, LightScalar("", null[0], null[1]))
                    waits = None
                _close(stack, node, (number, 0, row[1]))
                if is_open:
                    roots.append(root)
                at, node, index, items, root, is_open = -1, None, None, None, None, True
            continue

        # Close what the line is too shallow for.
        if waits is not None and (indent < at or (indent == at and (items is not None or not dashes))):
            _fill(index, items, waits, LightScalar("", null[0], null[1]))
            waits = None
        if waits is None:
            if indent < at or (indent == at and items is not None and not dashes):
                here = (number, indent, row[1] + indent)
                while indent < at or (indent == at and items is not None and not dashes):
                    node.end = here
                    if not stack:
                        raise _GiveUp
                    at, node, index, items = stack.pop()
            if indent != at and (root is not None or indent < 0):
                raise _GiveUp

        # Open sequences, or add to the one that is open.
        if dashes:
            for dash in dashes:
                if waits is None and root is not None:
                    if items is None or dash != at:
                        raise _GiveUp
                else:
                    made = LightSequence([], (number, dash, row[1] + dash))
                    if root is None:
                        root = made
                    else:
                        _fill(index, items, waits, made)
                        if len(stack) > MAX_DEPTH:
                            raise _GiveUp
                        stack.append((at, node, index, items))
                    at, node, index, items = dash, made, None, made.value
                waits = True
        is_open = True

        if key is None:
            if value_kind is None:
                null = (row, value_columns)
                continue
        else:
            if waits is not None or root is None:
                index_made: dict[str, Any] = {}
                opened = LightMapping(index_made, (number, column, row[1] + column))
                if root is None:
                    root = opened
                else:
                    _fill(index, items, waits, opened)
                    if len(stack) > MAX_DEPTH:
                        raise _GiveUp
                    stack.append((at, node, index, items))
                at, node, index, items = column, opened, index_made, None
            elif index is None or key in index:
                raise _GiveUp
            key_node = kind(key, row, columns)
            if value_kind is None:
                waits = (key, key_node)
                null = (row, value_columns)
                continue

        # A value.
        if value_kind is _FLOW:
            made_value: Any = _Flow(value, value_columns[0], row).read()
        elif value_kind is _BLOCK:
            body = _block(lines, number + 1, at, value)
            skip = body.end
            if skip == count and not ends_with_break:
                raise _GiveUp
            size = sum(map(len, lines[number + 1 : skip])) + skip - number - 1
            made_value = LightBlock(body.text, row, value_columns, (skip, 0, offset + size), value[0])
        else:
            made_value = value_kind(value, row, value_columns)
        if key is None:
            items.append(made_value)
        else:
            index[key] = (key_node, made_value)
        waits = None

    if waits is not None:
        _fill(index, items, waits, LightScalar("", null[0], null[1]))
    _close(stack, node, (count, 0, len(text)))
    if is_open:
        roots.append(root)
    return tuple(roots)


def _fill(index: Any, items: Any, waits: Any, value: Any) -> None:
    if index is None:
        items.append(value)
    else:
        index[waits[0]] = (waits[1], value)


def _close(stack: list[tuple[int, Any, Any, Any]], node: Any, end: Place) -> None:
    if node is not None:
        node.end = end
    while stack:
        stack.pop()[1].end = end


class _Body(NamedTuple):
    """The text of a block scalar, and the number of the line after it."""

    text: str
    end: int


def _block(lines: list[str], first: int, parent: int, header: str) -> _Body:
    """Read the block scalar whose text begins in line `first` (YAML 1.1, 9.3)."""
    found = _HEADER.fullmatch(header)
    assert found is not None
    count = len(lines)
    begin = first
    while begin < count and not lines[begin]:
        begin += 1
    if begin == count:
        raise _GiveUp
    opening = lines[begin]
    depth = len(opening) - len(opening.lstrip(" "))
    if depth <= parent or depth == len(opening):
        raise _GiveUp  # empty, or led by blanks that count for the indentation
    padding = " " * depth
    body: list[str] = []
    end = first
    for end in range(first, count):
        line = lines[end]
        if line.startswith(padding):
            body.append(line[depth:])
        elif line.strip(" "):
            break
        else:
            body.append("")
    else:
        end = count
    if not "".join(body).isprintable():
        raise _GiveUp
    kept = len(body)
    while not body[kept - 1]:
        kept -= 1
    text = "\n".join(body[:kept]) if found[1] == "|" else _fold(body[:kept])
    if found[2] == "+":
        return _Body(text + "\n" * (len(body) - kept + 1), end)
    return _Body(text if found[2] == "-" else text + "\n", end)


def _fold(body: list[str]) -> str:
    """Join lines as `>` does: a break between two lines at the indentation is a blank."""
    parts: list[str] = []
    breaks = 0
    before_is_text = False  # a line at the indentation stands before
    is_first = True
    for line in body:
        if not line:
            breaks += 1
            continue
        is_text = line[0] != " "
        if not is_first:
            if not (before_is_text and is_text):
                parts.append("\n")
            elif not breaks:
                parts.append(" ")
        parts.append("\n" * breaks)
        parts.append(line)
        before_is_text, is_first, breaks = is_text, False, 0
    return "".join(parts)


class _Flow:
    """Reads one flow collection that begins and ends on one line."""

    def __init__(self, text: str, column: int, row: Row) -> None:
        self._text = text
        self._column = column
        self._row = row
        self._position = 0

    def read(self) -> Any:
        """Return the collection; give up when more than a comment follows it."""
        node = self._node(0)
        _refuse_rest(self._text[self._position :])
        return node

    def _node(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _GiveUp
        first = self._peek()
        if first == "[":
            return self._sequence(depth)
        if first == "{":
            return self._mapping(depth)
        return self._scalar()

    def _peek(self) -> str:
        """Skip blanks and return the next character."""
        text, position = self._text, self._position
        while text[position : position + 1] == " ":
            position += 1
        self._position = position
        if position == len(text):
            raise _GiveUp
        return text[position]

    def _place(self) -> Place:
        column = self._column + self._position
        return self._row[0], column, self._row[1] + column

    def _sequence(self, depth: int) -> LightFlowSequence:
        node = LightFlowSequence([], self._place())
        self._position += 1
        if self._peek() != "]":
            node.value.append(self._node(depth + 1))
            while self._peek() == ",":
                self._position += 1
                node.value.append(self._node(depth + 1))
        return self._ended(node, "]")

    def _mapping(self, depth: int) -> LightFlowMapping:
        index: dict[str, tuple[Any, Any]] = {}
        node = LightFlowMapping(index, self._place())
        self._position += 1
        if self._peek() != "}":
            self._pair(index, depth)
            while self._peek() == ",":
                self._position += 1
                self._pair(index, depth)
        return self._ended(node, "}")

    def _pair(self, index: dict[str, tuple[Any, Any]], depth: int) -> None:
        self._peek()
        key = self._scalar()
        if self._text[self._position : self._position + 2] != ": " or key.value in index:
            raise _GiveUp
        self._position += 1
        if key.value == "<<":
            raise _GiveUp
        index[key.value] = (key, self._node(depth + 1))

    def _ended(self, node: Any, bracket: str) -> Any:
        if self._peek() != bracket:
            raise _GiveUp
        self._position += 1
        node.end = self._place()
        return node

    def _scalar(self) -> LightScalar:
        text, start = self._text, self._position
        if text[start] in "\"'":
            kind, value, length = _quoted(text[start:])
        else:
            found = _FLOW_PLAIN.match(text, start)
            if not found:
                raise _GiveUp
            kind, value, length = LightScalar, found[0], found.end() - start
        self._position = start + length
        column = self._column + start
        made: LightScalar = kind(value, self._row, (column, column + length))
        return made
