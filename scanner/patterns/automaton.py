"""From the tree of a pattern to an automaton whose states are the places of the pattern.

Each set of characters in the tree is a place (Glushkov's construction; sets of places are
integers, one bit each). What may follow what can depend on the assertions between two characters: these
look at nothing but the character before and the one behind, of which there are few kinds. So
an edge carries the pairs of kinds under which it holds, again as bits, and joining edges is
`and` and `or` of integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache, reduce
from typing import NamedTuple, TypeAlias

from scanner.patterns.characters import CharSet, is_word
from scanner.patterns.tree import Assertion, Chars, Choice, Node, Repeat, Sequence


class Side(IntEnum):
    """What stands on one side of a place between characters."""

    BORDER = 0
    """The text begins or ends."""
    ASCII_WORD = 1
    WORD = 2
    BREAK = 3
    OTHER = 4
    LAST_BREAK = 5
    """A line break that ends the text; told apart only when it stands behind."""


SIDES = len(Side)
ALWAYS = (1 << SIDES * SIDES) - 1


def side_of(char: str) -> Side:
    """Return what a character is for the assertions beside it."""
    if char == "\n":
        return Side.BREAK
    if not is_word(char):
        return Side.OTHER
    return Side.ASCII_WORD if char.isascii() else Side.WORD


Places: TypeAlias = "Mapping[int, int]"
"""Sets of places, by the pairs of sides under which they count."""


class Edge(NamedTuple):
    """Whatever place of `targets` may follow on whatever place of `sources`."""

    when: int
    sources: int
    targets: int


class Automaton(NamedTuple):
    """The places of a pattern: what they take, which come first, which last, what follows on what.

    `empty` are the pairs of sides between which the pattern matches without a character.
    """

    sets: tuple[CharSet, ...]
    first: Places
    last: Places
    empty: int
    edges: tuple[Edge, ...]

    @property
    def looks_around(self) -> bool:
        """Whether anything depends on the sides."""
        keys = (*self.first, *self.last, self.empty, *(edge.when for edge in self.edges))
        return any(key not in (0, ALWAYS) for key in keys)


def build(node: Node) -> Automaton:
    """Return the automaton of a tree, the size of which was looked at before."""
    builder = _Builder()
    part = builder.part(node)
    return Automaton(tuple(builder.sets), part.first, part.last, part.empty, tuple(builder.edges))


class _Part(NamedTuple):
    first: Places
    last: Places
    empty: int


_NOTHING = _Part({}, {}, ALWAYS)


class _Builder:
    def __init__(self) -> None:
        self.sets: list[CharSet] = []
        self.edges: list[Edge] = []

    def part(self, node: Node) -> _Part:
        match node:
            case Chars(of):
                place = 1 << len(self.sets)
                self.sets.append(of)
                return _Part({ALWAYS: place}, {ALWAYS: place}, 0)
            case Sequence(parts):
                return reduce(self._then, map(self.part, parts), _NOTHING)
            case Choice(branches):
                found = [self.part(branch) for branch in branches]
                return _Part(
                    _joined(*(part.first for part in found)),
                    _joined(*(part.last for part in found)),
                    reduce(int.__or__, (part.empty for part in found)),
                )
            case Repeat(part, low, high):
                return self._repeated(part, low, high)
        return _Part({}, {}, _contexts(node))

    def _then(self, before: _Part, after: _Part) -> _Part:
        self._connect(before.last, after.first)
        return _Part(
            _joined(before.first, _only_when(before.empty, after.first)),
            _joined(after.last, _only_when(after.empty, before.last)),
            before.empty & after.empty,
        )

    def _repeated(self, node: Node, low: int, high: int | None) -> _Part:
        """Write a repetition out as `x x (x (x)?)?`, or with a loop at its end."""
        copies = [self.part(node) for _ in range(max(low, 1) if high is None else high)]
        whole = _NOTHING
        if high is None:
            loop = copies.pop()
            self._connect(loop.last, loop.first)
            whole = loop._replace(empty=ALWAYS) if low == 0 else loop
        for number, copy in enumerate(reversed(copies)):
            whole = self._then(copy, whole)
            if high is not None and number < high - low:
                whole = whole._replace(empty=ALWAYS)
        return whole

    def _connect(self, last: Places, first: Places) -> None:
        for when, sources in last.items():
            for other, targets in first.items():
                if when & other:
                    self.edges.append(Edge(when & other, sources, targets))


def _joined(*all_places: Places) -> Places:
    if len(all_places) == 2 and not all_places[1]:
        return all_places[0]
    result: dict[int, int] = {}
    for places in all_places:
        for when, of in places.items():
            result[when] = result.get(when, 0) | of
    return result


def _only_when(when: int, places: Places) -> Places:
    if when in (0, ALWAYS):
        return places if when else {}
    result: dict[int, int] = {}
    for other, of in places.items():
        if when & other:
            result[when & other] = result.get(when & other, 0) | of
    return result


@cache
def _contexts(assertion: Assertion) -> int:
    """Return the pairs of sides between which an assertion holds."""
    pairs = ((before, behind) for before in Side for behind in Side)
    return sum(1 << before * SIDES + behind for before, behind in pairs if _holds(assertion, before, behind))


def _holds(assertion: Assertion, before: Side, behind: Side) -> bool:
    match assertion:
        case Assertion.START:
            return before is Side.BORDER
        case Assertion.END:
            return behind is Side.BORDER
        case Assertion.END_OR_BREAK:
            return behind in (Side.BORDER, Side.LAST_BREAK)
        case Assertion.LINE_START:
            return before in (Side.BORDER, Side.BREAK)
        case Assertion.LINE_END:
            return behind in (Side.BORDER, Side.LAST_BREAK, Side.BREAK)
        case Assertion.BOUNDARY | Assertion.INSIDE:
            words = (Side.ASCII_WORD, Side.WORD)
            return ((before in words) is not (behind in words)) is (assertion is Assertion.BOUNDARY)
    is_border = (before is Side.ASCII_WORD) is not (behind is Side.ASCII_WORD)
    return is_border is (assertion is Assertion.ASCII_BOUNDARY)


def places_of(bits: int) -> Iterator[int]:
    """Give the numbers of the places in a set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
