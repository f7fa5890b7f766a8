"""Whose regular expressions a pattern is written in, and the flags that it may set."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Dialect(Enum):
    """PYTHON is that of rules and configurations, as the module re has it.

    GO is that of Kustomize (RE2). There, `$` is the very end of a text and so is `\\z`, classes such
    as `\\d` and the borders of words are of ASCII, `[[:alpha:]]` is a class, and `{,3}` is text.
    """

    PYTHON = "python"
    GO = "go"


class Flags(NamedTuple):
    """What is in force at a place of a pattern: the flags i, m, s, x and a."""

    folded: bool = False
    multiline: bool = False
    dot_all: bool = False
    verbose: bool = False
    ascii: bool = False

    def changed(self, letters: str, value: bool) -> Flags:
        """Return the flags with those of some letters set or unset."""
        result = self
        for letter in letters:
            if letter == "u":
                result = result._replace(ascii=not value)
            elif letter in _NAMES:
                result = result._replace(**{_NAMES[letter]: value})
        return result


_NAMES = {"i": "folded", "m": "multiline", "s": "dot_all", "x": "verbose", "a": "ascii"}
