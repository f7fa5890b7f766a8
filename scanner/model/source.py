"""Where things stand: spans, locations, and facts that know their place."""

from __future__ import annotations

from typing import Generic, NamedTuple, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Span(NamedTuple):
    """A stretch of one file.

    Lines and columns are 1-based, columns count Unicode code points, and the end is
    exclusive: the column after the last character (SARIF 2.1.0, 3.30.8).
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Location(NamedTuple):
    """A span in a file; `path` is relative to the scanned root, with `/` between parts."""

    path: str
    span: Span


class Source(Protocol):
    """One artifact that facts were read from; it turns their places into locations."""

    @property
    def path(self) -> str:
        """The artifact, relative to the scanned root, with `/` between parts."""

    def locate(self, place: object) -> Location:
        """Return where `place` stands; a place of another source is a bug.

        A long place (a block of text, a collection) is located by its beginning, so
        that people and annotations get a tight region.
        """

    def extent(self, place: object) -> Location:
        """Return all of the text of `place`, for those who must hide it."""

    def settle(self, place: object) -> tuple[Source, object]:
        """Return a source and a place of it that stand for the same and can be kept for long:
        they hold on to no parsed text, unless finding out where a place stands is dear."""


class SpanSource(NamedTuple):
    """A source whose places are spans already."""

    path: str

    def locate(self, place: object) -> Location:
        assert isinstance(place, Span)
        return Location(self.path, place)

    def extent(self, place: object) -> Location:
        """Return the place itself."""
        return self.locate(place)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: a span is small."""
        return self, place


_BITS = 24
_MASK = (1 << _BITS) - 1


class PackedSource(NamedTuple):
    """A source whose places are spans, each packed into one number."""

    path: str

    @staticmethod
    def pack(line: int, column: int, end_line: int, end_column: int) -> int:
        """Return the place of a span."""
        return ((line << _BITS | column) << _BITS | end_line) << _BITS | end_column

    def locate(self, place: object) -> Location:
        """Return where a packed span stands."""
        assert isinstance(place, int)
        last = place >> _BITS & _MASK
        first = place >> 2 * _BITS
        return Location(self.path, Span(first >> _BITS, first & _MASK, last, place & _MASK))

    def extent(self, place: object) -> Location:
        """Return the place itself."""
        return self.locate(place)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given."""
        return self, place


class Unknown(NamedTuple):
    """A value that is written but cannot be decided from the files; `reason` says why."""

    reason: str


class Located(NamedTuple, Generic[T_co]):
    """A value, the place that set it, and the places that it overrode.

    `place` has meaning for `source` alone (a parsed node, or a span); ask `location`.
    A NamedTuple and not a frozen dataclass: a scan makes hundreds of thousands of
    these, and a tuple is built in a third of the time.
    """

    value: T_co
    place: object
    source: Source
    overridden: tuple[Located[object], ...] = ()

    @property
    def location(self) -> Location:
        """Where the value that won is written."""
        return self.source.locate(self.place)
