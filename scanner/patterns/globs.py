"""Wildcards for names: `*`, `?` and classes, in the languages of the shell's users.

A glob is cut at its stars. What stands before the first one must begin the text and what stands behind the
last one must end it; the pieces between are looked for one after the other, each as far in front as
it is found, and never again further back: a star takes whatever lies between, so that a later place
could not be better. The time is that of one way through the text for each piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from scanner.patterns.characters import ANY, CharSet
from scanner.patterns.tree import PatternError


class Wild(Enum):
    """Any number of characters."""

    STAR = "*"


Item: TypeAlias = "str | CharSet | Wild"
"""What a glob says at one place: a character, one of several, or a star."""


class _Piece(NamedTuple):
    """What stands between two stars: its characters, or what each of them may be."""

    literal: str | None
    items: tuple[str | CharSet, ...]

    def fits_at(self, text: str, start: int) -> bool:
        if self.literal is not None:
            return text.startswith(self.literal, start)
        return all(map(_takes, self.items, text[start : start + len(self.items)]))

    def find(self, text: str, start: int, end: int) -> int:
        """Return the first place from `start` on where the piece fits before `end`, or -1."""
        if self.literal is not None:
            return text.find(self.literal, start, end)
        last = end - len(self.items)
        return next((at for at in range(start, last + 1) if self.fits_at(text, at)), -1)


class Glob:
    """A glob that is ready to run: `fits` tells whether it fits a whole text."""

    __slots__ = ("_least", "_pieces", "fits")

    fits: Callable[[str], bool]

    def __init__(self, items: Sequence[Item]) -> None:
        pieces: list[list[str | CharSet]] = [[]]
        for item in items:
            if isinstance(item, Wild):
                pieces.append([])
            else:
                pieces[-1].append(item)
        self._pieces = [_piece(piece) for piece in pieces]
        self._least = sum(map(len, pieces))
        self.fits = _plain_test([piece.literal for piece in self._pieces]) or self._fits

    def _fits(self, text: str) -> bool:
        if len(text) < self._least:
            return False
        first, *between = self._pieces
        if not first.fits_at(text, 0):
            return False
        if not between:
            return len(text) == self._least
        last = between.pop()
        end = len(text) - len(last.items)
        if not last.fits_at(text, end):
            return False
        at = len(first.items)
        for piece in between:
            at = piece.find(text, at, end)
            if at < 0:
                return False
            at += len(piece.items)
        return True


def wildcard_fits(text: str, pattern: str) -> bool:
    """Whether a pattern with `*`, `?`, `[a-z]` and `[!a-z]` fits a whole text, as fnmatchcase has it.

    No escapes; a bracket that is not closed is a character.
    """
    return _wildcard(pattern)(text)


@lru_cache(maxsize=2048)
def star_glob(pattern: str) -> Glob:
    """Return a pattern in which `*` alone is no character of its own."""
    return Glob([Wild.STAR if char == "*" else char for char in pattern])


@lru_cache(maxsize=2048)
def _wildcard(pattern: str) -> Callable[[str], bool]:
    return Glob(_shell_items(pattern)).fits


@lru_cache(maxsize=2048)
def go_glob(pattern: str) -> Glob:
    """Return a pattern for one name in the language of Go's path.Match: `[^a-z]` and escapes.

    Raises PatternError for a class without end, a broken range, or an escape at the end.
    """
    items: list[Item] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[":
            of, at = _go_class(pattern, at)
            items.append(of)
        elif char == "\\":
            items.append(_go_char(pattern, at - 1)[0])
            at += 1
        else:
            items.append(_simple(char))
    return Glob(items)


def _plain_test(literals: Sequence[str | None]) -> Callable[[str], bool] | None:
    """Return the test of a glob that is `text`, `*text` or `text*`; None for another one."""
    match literals:
        case [str(text)]:
            return text.__eq__
        case ["", str(text)]:
            return lambda subject: subject.endswith(text)
        case [str(text), ""]:
            return lambda subject: subject.startswith(text)
    return None


def _piece(items: Sequence[str | CharSet]) -> _Piece:
    literal = [item for item in items if isinstance(item, str)]
    return _Piece("".join(literal) if len(literal) == len(items) else None, tuple(items))


def _takes(item: str | CharSet, char: str) -> bool:
    return item == char if isinstance(item, str) else item.takes(char)


def _simple(char: str) -> Item:
    return Wild.STAR if char == "*" else ANY if char == "?" else char


def _shell_items(pattern: str) -> list[Item]:
    items: list[Item] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[":
            negated = pattern.startswith("!", at)
            begin = at + negated
            end = pattern.find("]", begin + 1)
            if end >= 0:
                items.append(CharSet(_ranges(pattern[begin:end]), negated=negated))
                at = end + 1
                continue
        items.append(_simple(char))
    return items


def _ranges(inside: str) -> tuple[tuple[str, str], ...]:
    """Return the ranges of a class; one whose ends are the wrong way round takes nothing."""
    ranges = []
    at = 0
    while at < len(inside):
        low = high = inside[at]
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            high = inside[at + 2]
            at += 2
        at += 1
        ranges.append((low, high))
    return tuple(pair for pair in ranges if pair[0] <= pair[1])


def _go_class(pattern: str, at: int) -> tuple[CharSet, int]:
    begin = at - 1
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not pattern.startswith("]", at) or not ranges:
        if at >= len(pattern):
            raise PatternError(f"a '[' is not closed in the pattern '{pattern}'", begin)
        low, at = _go_class_char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _go_class_char(pattern, at + 1)
        ranges.append((low, high))
    return CharSet(tuple(ranges), negated=negated), at + 1


def _go_class_char(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at : at + 1] in ("-", "]"):
        raise PatternError(f"a broken range in the pattern '{pattern}'", at)
    return _go_char(pattern, at)


def _go_char(pattern: str, at: int) -> tuple[str, int]:
    """Return the character at a place, which may be escaped, and the place behind it."""
    at += pattern.startswith("\\", at)
    if at >= len(pattern):
        raise PatternError(f"the pattern '{pattern}' ends too early", len(pattern))
    return pattern[at], at + 1
