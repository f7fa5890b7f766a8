"""Whether a value is an ordinary word, so that the same text elsewhere is a name of its own.

A password `inventory` is no secret where a service has that name: hiding it there would make
the report unreadable and tell what the password is. `Kx82mQzt71bW` means itself wherever it
stands. The judgement is on the shape alone: letters that can be pronounced, figures at the
end, a few such pieces in a row.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

SHORTEST = 6
"""A shorter value is no credential worth its name, and stands in ordinary words by chance."""

_MOST_PIECES = 3
_LONGEST_PIECE = 16
_LONGEST = 64
_SHORT_WORD = 5
_LONG_NUMBER = 12


@lru_cache(maxsize=1 << 12)
def is_distinctive(value: str) -> bool:
    """Whether a value means itself wherever it stands: no ordinary word, number or short text."""
    if len(value) < SHORTEST:
        return False
    if len(value) > _LONGEST:
        return _is_distinctive(value[:_LONGEST])
    return _is_distinctive(value)


def _is_distinctive(value: str) -> bool:
    if not value.isascii():
        return True
    pieces = [piece for piece in _borders().split(value) if piece]
    if not pieces:
        return False
    if all(map(str.isdigit, pieces)):
        return len(pieces) == 1 and len(pieces[0]) >= _LONG_NUMBER
    if len(pieces) > _MOST_PIECES:
        return True
    return not all(map(_is_word, pieces))


def _is_word(piece: str) -> bool:
    if len(piece) <= 3:
        return True
    if len(piece) > _LONGEST_PIECE or not _shape().fullmatch(piece):
        return False
    letters = piece.rstrip("0123456789")
    if len(letters) < _SHORT_WORD:
        # `http`, `pg14`, `Web2`; but not `Vq83`.
        return letters == piece or letters.islower() or _can_be_said(letters.lower())
    return _can_be_said(letters.lower())


def _can_be_said(letters: str) -> bool:
    """Whether letters are in the proportions of words: enough vowels, no long run without one, and
    not many of the letters that are rare in all languages written with these."""
    vowels = sum(letter in "aeiouy" for letter in letters)
    rare = sum(letter in "jqxz" for letter in letters)
    return 5 * vowels >= len(letters) and rare <= 1 and not _run().search(letters)


@cache
def _borders() -> re.Pattern[str]:
    return re.compile(r"[^A-Za-z0-9]+")


@cache
def _shape() -> re.Pattern[str]:
    # lower, UPPER, Capital or camelCase, and a number behind it.
    return re.compile(r"(?:[a-z]+|[A-Z]+|[A-Z]?[a-z]+(?:[A-Z][a-z]{2,}){0,2})[0-9]{0,4}|[0-9]{1,8}")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(r"[^aeiouy]{5}")
