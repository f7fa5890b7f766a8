"""What a comment stands before or behind: the lines that a suppression covers."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, Protocol


class Scope(NamedTuple):
    """The lines that a suppression covers, 1-based and inclusive. A Compose `service` is covered also
    where its findings stand at other lines of the file (an anchor that it merges)."""

    first: int
    last: int
    service: str = ""


NOTHING = Scope(1, 0)
"""Covers no line."""


class Scopes(Protocol):
    """Knows the parts of one text."""

    def is_text(self, line: int, column: int, /) -> bool:
        """Whether a place (1-based) lies in a value, so that what looks like a comment is none."""

    def following(self, line: int) -> Scope:
        """Return what begins in the nearest line behind a comment that has a line for itself."""

    def ending(self, line: int) -> Scope:
        """Return what a comment at the end of a line speaks of."""


class LineScopes:
    """Covers single lines, in texts of which no more is known."""

    def __init__(self, lines: list[str]) -> None:
        texts = ((number, line.lstrip()) for number, line in enumerate(lines, 1))
        self._numbers = [number for number, text in texts if text and not text.startswith(("#", "//"))]

    def is_text(self, _line: int, _column: int, /) -> bool:
        """Return false: nothing is known of the text."""
        return False

    def following(self, line: int) -> Scope:
        """Return the next line that is neither empty nor a comment."""
        index = bisect_right(self._numbers, line)
        return Scope(self._numbers[index], self._numbers[index]) if index < len(self._numbers) else NOTHING

    def ending(self, line: int) -> Scope:
        """Return the line itself."""
        return Scope(line, line)
