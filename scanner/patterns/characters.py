"""Sets of characters, as classes and single characters in a pattern describe them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_ASCII_SPACE = frozenset(" \t\n\r\f\v")


class CharSet(NamedTuple):
    """Which characters one place of a pattern takes.

    `ranges` hold both of their ends. `kinds` are letters as in `\\d`, in upper case for their
    opposites: d, w, s, as str.isdecimal and so on have them. A `folded` set takes a character in
    whatever case, as re.IGNORECASE does. Kinds and folding are those of ASCII in an `ascii` set.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    kinds: str = ""
    negated: bool = False
    folded: bool = False
    ascii: bool = False

    def takes(self, char: str) -> bool:
        """Whether the set holds a character."""
        if not self.folded:
            return self._holds(char) is not self.negated
        if char.isascii() and all(high.isascii() for _, high in self.ranges):
            return (self._holds(char.lower()) or self._holds(char.upper())) is not self.negated
        # Which characters are one another's cases is a long table with exceptions; `re` has it.
        return _oracle(self).match(char) is not None

    def single(self) -> str | None:
        """Return the only character that the set takes, whatever the case; None when it takes others."""
        if self.negated or self.kinds or len(self.ranges) != 1:
            return None
        low, high = self.ranges[0]
        return low if low == high and not (self.folded and low.lower() != low.upper()) else None

    def cases(self) -> frozenset[str]:
        """Return the characters that a set of one takes; of a folded one, the ASCII cases of a letter.

        Empty for every other set."""
        if self.negated or self.kinds or len(self.ranges) != 1 or self.ranges[0][0] != self.ranges[0][1]:
            return frozenset()
        char = self.ranges[0][0]
        if not self.folded:
            return frozenset(char)
        return frozenset((char.lower(), char.upper())) if char.isascii() else frozenset()

    def _holds(self, char: str) -> bool:
        for low, high in self.ranges:
            if low <= char <= high:
                return True
        return any(_is_of(char, kind.lower(), self.ascii) is kind.islower() for kind in self.kinds)


ANY = CharSet(negated=True)
"""Every character."""

NO_NEWLINE = CharSet((("\n", "\n"),), negated=True)
"""What a dot takes."""


def only(char: str) -> CharSet:
    """Return the set of one character."""
    return CharSet(((char, char),))


def is_word(char: str) -> bool:
    """Whether a character is of a word, as `\\w` has it for texts."""
    return char.isalnum() or char == "_"


def _is_of(char: str, kind: str, ascii_only: bool) -> bool:
    if ascii_only:
        if kind == "s":
            return char in _ASCII_SPACE
        return char.isascii() and (char.isdecimal() if kind == "d" else is_word(char))
    if kind == "d":
        return char.isdecimal()
    return char.isspace() if kind == "s" else is_word(char)


@lru_cache(maxsize=512)
def _oracle(folded: CharSet) -> re.Pattern[str]:
    """Return an expression of `re` that takes one character of a set: nothing in it can repeat."""
    ranges = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in folded.ranges)
    kinds = "".join(f"\\{kind}" for kind in folded.kinds)
    flags = re.IGNORECASE | (re.ASCII if folded.ascii else re.NOFLAG)
    return re.compile(f"[{'^' * folded.negated}{ranges}{kinds}]", flags)
