"""The lines of source around a place, laid out for a fixed-width terminal, with carets."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from scanner.model.source import Span
from scanner.reporting.shared.sources import Sources

_TAB = "    "
_MOST_PARENTS = 2
_PARENT_DISTANCE = 400
_MOST_LINES = 3
_ROOM_AFTER = 12


class FrameLine(NamedTuple):
    """One line of a frame. `number` is None where lines are left out. The carets stand
    under `start` to `end`, in cells; they are equal where there are none."""

    number: int | None
    text: str
    start: int = 0
    end: int = 0


def frame(sources: Sources, path: str, span: Span, width: int, ellipsis: str = "…") -> list[FrameLine]:
    """Return the lines to show for a span: the lines that enclose it by indentation, and
    its own. None when the artifact has no such place; each text is at most `width` cells."""
    clipped = sources.clip(path, span)
    if clipped is None:
        return []
    shown = _parents(sources, path, clipped.line)
    last = min(clipped.end_line, clipped.line + _MOST_LINES - 1)
    if clipped.end_line > clipped.line and clipped.end_column == 1 and last == clipped.end_line:
        last -= 1
    result: list[FrameLine] = []
    previous = shown[0] if shown else clipped.line
    for number in _bridged([*shown, *range(clipped.line, last + 1)]):
        if number > previous + 1:
            result.append(FrameLine(None, ellipsis))
        previous = number
        cells = sources.characters(path, number)
        begin, end = _columns(sources.ends(path, number), clipped, number)
        if len(cells) > 6 * width:  # of a very long line only what is near can be shown
            first = max(begin - 2 * width, 0)
            cells, begin, end = cells[first : end + 2 * width], begin - first, end - first
        result.append(_laid_out(number, cells, begin, end, width, ellipsis))
    if last < clipped.end_line and clipped.end_column > 1:
        result.append(FrameLine(None, ellipsis))
    return result


def text_width(text: str) -> int:
    """Return how many cells a text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _parents(sources: Sources, path: str, line: int) -> list[int]:
    depth = sources.depth(path, line)
    parents: list[int] = []
    for number in range(line - 1, max(line - _PARENT_DISTANCE, 0), -1):
        if depth == 0 or len(parents) == _MOST_PARENTS:
            break
        if sources.encloses(path, number) and sources.depth(path, number) < depth:
            depth = sources.depth(path, number)
            parents.insert(0, number)
    return parents


def _bridged(numbers: list[int]) -> list[int]:
    # A mark for a single line left out would take as much room as the line.
    return sorted({*numbers, *(first + 1 for first, second in pairwise(numbers) if second == first + 2)})


def _columns(ends: tuple[int, int], span: Span, number: int) -> tuple[int, int]:
    if not span.line <= number <= span.end_line:
        return 0, 0
    begin = span.column - 1 if number == span.line else ends[0]
    end = span.end_column - 1 if number == span.end_line else ends[1]
    return begin, max(end, begin + 1)


def _laid_out(
    number: int, characters: Sequence[str], begin: int, end: int, width: int, ellipsis: str
) -> FrameLine:
    has_tab = "\\t" in characters
    cells = [_TAB if one == "\\t" else one for one in characters] if has_tab else characters
    start = sum(map(text_width, cells[:begin]))
    stop = start + max(sum(map(text_width, cells[begin:end])), 1) if end > begin else start
    text = "".join(cells)
    if text_width(text) <= width:
        return FrameLine(number, text, start, stop)
    return _windowed(number, text, start, stop, width, ellipsis)


def _windowed(number: int, text: str, start: int, stop: int, width: int, ellipsis: str) -> FrameLine:
    room = width - 2 * len(ellipsis)
    first = 0 if min(stop, start + _ROOM_AFTER) <= room else max(start - room // 3, 0)
    cut, used, position = [], 0, 0
    for character in text:
        wide = _width(character)
        if first <= position and used + wide <= room:
            cut.append(character)
            used += wide
        position += wide
        if position > first + room:
            break
    shift = len(ellipsis) - first if first else 0
    shown = f"{ellipsis if first else ''}{''.join(cut)}{ellipsis if position < text_width(text) else ''}"
    limit = used + (len(ellipsis) if first else 0)
    if stop == start:
        return FrameLine(number, shown)
    begin = min(start + shift, limit)
    return FrameLine(number, shown, begin, max(min(stop + shift, limit), begin + 1))


def _width(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or "\ufe00" <= character <= "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
