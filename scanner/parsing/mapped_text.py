"""A text put together from pieces of a file that still knows where each piece stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from scanner.model.source import Span
from scanner.parsing.lines import LineTable


class MappedText(NamedTuple):
    """A text and the place of each of its characters in the file.

    Piece `i` begins at `starts[i]` in the text and at `origins[i]` in the file (both
    are offsets in code points); within a piece the two advance together. There is at
    least one piece, and the first one begins at 0.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    lines: LineTable

    def origin(self, offset: int) -> int:
        """Return the offset in the file of an offset of the text."""
        if len(self.starts) == 1:
            return self.origins[0] + offset
        piece = bisect_right(self.starts, offset) - 1
        return self.origins[piece] + offset - self.starts[piece]

    def span(self, start: int, end: int) -> Span:
        """Return the place of `text[start:end]`; a range over several pieces spans all between them."""
        first = self.origin(start)
        last = self.origin(end - 1) + 1 if end > start else first
        return Span(*self.lines.position(first), *self.lines.position(last))

    def piece(self, start: int, end: int) -> MappedText:
        """Return `text[start:end]` as a mapped text of its own."""
        text = self.text[start:end]
        if len(self.starts) == 1:
            return MappedText(text, _ZERO, (self.origins[0] + start,), self.lines)
        first = bisect_right(self.starts, start) - 1
        last = max(bisect_right(self.starts, max(end - 1, start)), first + 1)
        starts = (0, *(begin - start for begin in self.starts[first + 1 : last]))
        origins = (self.origin(start), *self.origins[first + 1 : last])
        return MappedText(text, starts, origins, self.lines)

    def derive(self, text: str, starts: Iterable[int], offsets: Iterable[int]) -> MappedText:
        """Return a text whose piece from `starts[i]` on is this text from `offsets[i]` on."""
        new_starts: list[int] = []
        origins: list[int] = []
        begins = list(starts)
        bounds = [*begins[1:], len(text)]
        for begin, bound, offset in zip(begins, bounds, offsets, strict=True):
            part = self.piece(offset, offset + bound - begin)
            new_starts.extend(begin + inner for inner in part.starts)
            origins.extend(part.origins)
        return MappedText(text, tuple(new_starts), tuple(origins), self.lines)


def join_mapped(parts: Iterable[MappedText], lines: LineTable) -> MappedText:
    """Return the parts one after another as one text."""
    texts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for part in parts:
        texts.append(part.text)
        starts.extend(length + start for start in part.starts)
        origins.extend(part.origins)
        length += len(part.text)
    return MappedText("".join(texts), tuple(starts) or _ZERO, tuple(origins) or _ZERO, lines)


_ZERO = (0,)
