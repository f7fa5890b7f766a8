"""The one definition of a line: text ends a line with LF, CRLF or a lone CR."""

from __future__ import annotations

import bisect
import re

_BREAK = re.compile(r"\r\n|\n|\r")


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends; an empty text has one empty line.

    Unlike `str.splitlines`, form feeds, NEL and U+2028 do not end a line: editors,
    Git and SARIF viewers do not count them.
    """
    return text.split("\n") if "\r" not in text else _BREAK.split(text)


class LineTable:
    """Turns offsets (code points from the start of a text) into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._length = len(text)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset; offsets past the end are cut to it."""
        offset = min(max(offset, 0), self._length)
        row = bisect.bisect_right(self._starts, offset) - 1
        return row + 1, offset - self._starts[row] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a 1-based line and column that the text has."""
        return self._starts[line - 1] + column - 1
