"""What a pattern says, as a tree; and the error for one that cannot be used."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeAlias

from scanner.patterns.characters import CharSet

LONGEST = 10_000
"""Characters that a pattern may have."""

MOST_PLACES = 2_000
"""Characters that a pattern may speak of, with every counted repetition written out."""

DEEPEST = 50
"""Groups that may stand in one another."""


class PatternError(ValueError):
    """A pattern is not well-formed, too large, or asks for what takes more than linear time.

    `at` is where in the pattern, in characters from 0. `hint` says how to write it otherwise, or is
    None.
    """

    def __init__(self, message: str, at: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


class Chars(NamedTuple):
    """One character of a set."""

    of: CharSet


class Assertion(Enum):
    """What holds at a place between characters, and takes none."""

    START = "start of the text"
    END = "end of the text"
    END_OR_BREAK = "end of the text, or before the line break that ends it"
    LINE_START = "start of a line"
    LINE_END = "end of a line"
    BOUNDARY = "border of a word"
    INSIDE = "no border of a word"
    ASCII_BOUNDARY = "border of a word of ASCII characters"
    ASCII_INSIDE = "no border of a word of ASCII characters"


class Sequence(NamedTuple):
    """Parts one after the other; without parts it takes nothing."""

    parts: tuple[Node, ...]


class Choice(NamedTuple):
    """One of several branches."""

    branches: tuple[Node, ...]


class Repeat(NamedTuple):
    """A part, at least `low` and at most `high` times; None is any number."""

    part: Node
    low: int
    high: int | None


Node: TypeAlias = "Chars | Assertion | Sequence | Choice | Repeat"

NOTHING = Sequence(())


def size(node: Node) -> int:
    """Return how many places a tree has when its repetitions are written out."""
    match node:
        case Sequence(parts):
            return sum(map(size, parts))
        case Choice(branches):
            return sum(map(size, branches))
        case Repeat(part, low, high):
            return max(size(part), 1) * max(low, high or 0, 1)
        case _:
            return 1


def choice_of(branches: list[Node]) -> Node:
    """Return a choice; branches that take one character each become one set."""
    if len(branches) == 1:
        return branches[0]
    sets = [branch.of for branch in branches if isinstance(branch, Chars)]
    first = sets[0] if sets else None
    if first is None or len(sets) < len(branches) or any(_differ(first, one) for one in sets):
        return Choice(tuple(branches))
    ranges = tuple(dict.fromkeys(pair for one in sets for pair in one.ranges))
    return Chars(first._replace(ranges=ranges, kinds="".join(sorted({k for one in sets for k in one.kinds}))))


def _differ(first: CharSet, other: CharSet) -> bool:
    return other.negated or first.negated or (first.folded, first.ascii) != (other.folded, other.ascii)
