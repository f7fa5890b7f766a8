"""Which here-documents a Dockerfile line announces, and where their bodies end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from scanner.errors import ParseError
from scanner.parsing.words import split_raw


class HeredocMark(NamedTuple):
    """A `[fd]<<[-]name` of a line; `expand` is False when some part of the name is quoted."""

    name: str
    fd: int
    expand: bool
    strip_tabs: bool


def parse_heredoc(word: str) -> HeredocMark | None:
    """Return what a word announces, None when it is no here-document; a broken name raises ParseError."""
    found = _MARK.fullmatch(word)
    if found is None or not found.group(3):
        return None
    # BuildKit reads these names with a backslash, whatever the file's escape character is.
    names = split_raw(found.group(3), keep_quotes=False, keep_escapes=False)
    if len(names) != 1:
        return None
    raw = split_raw(found.group(3), keep_quotes=True, keep_escapes=False)
    if len(raw) != 1:
        raise ParseError(f"here-document name '{word}' is ambiguous")
    expand = _quotes(names[0]) == _quotes(raw[0])
    digits = found.group(1)
    return HeredocMark(names[0], int(digits) if 0 < len(digits) < 10 else 0, expand, found.group(2) == "-")


def heredocs_of_line(line: str) -> tuple[HeredocMark, ...]:
    """Return the here-documents of a logical line, in order; a line with unclosed quotes has none."""
    if "<<" not in line:
        return ()
    try:
        words = split_raw(line, keep_quotes=True, keep_escapes=True)
    except ParseError:
        return ()
    marks = (parse_heredoc(word) for word in words if "<<" in word)
    return tuple(mark for mark in marks if mark is not None)


class EndMarkers:
    """Finds the line that ends a here-document, without reading any line twice."""

    def __init__(self, rows: Sequence[str]) -> None:
        self._rows = rows
        self._plain: dict[str, list[int]] = {}
        self._untabbed: dict[str, list[int]] = {}

    def find(self, mark: HeredocMark, row: int) -> int | None:
        """Return the first line from `row` on that is the end marker, or None."""
        table = self._untabbed if mark.strip_tabs else self._plain
        if not table:
            for index, text in enumerate(self._rows):
                line = text.rstrip("\r")
                table.setdefault(line.lstrip("\t") if mark.strip_tabs else line, []).append(index)
        rows = table.get(mark.name, [])
        at = bisect_left(rows, row)
        return rows[at] if at < len(rows) else None


_MARK = re.compile(r"(\d*)<<(-?)[\t\n\f\r ]*((?:[^<\t\n\f\r ][^<]*)?)", re.ASCII)


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
