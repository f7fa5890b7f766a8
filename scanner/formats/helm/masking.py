"""Keeping what differs from run to run out of rendered text: the clock and chance.

`now` is replaced in the templates by a fixed day, because two renderings within one
second agree on it, and what makes keys and certificates by a fixed text. Other random
values are found by rendering twice and are replaced by `<random>`, so that reports of the
same tree are the same byte by byte. A random value so short that it comes up twice in a
row can slip through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from scanner.formats.helm.actions import scan_actions, split_texts

_PAIR = 'dict "Cert" "<random>" "Key" "<random>" ""'
_BUILT = "buildCustomCert"
_FIXED = {
    "now": '(toDate "2006-01-02" "2000-01-01")',
    # What is behind these words becomes further keys, or is passed over.
    "genCA": _PAIR,
    "genCAWithKey": _PAIR,
    "genSelfSignedCert": _PAIR,
    "genSelfSignedCertWithKey": _PAIR,
    "genSignedCert": _PAIR,
    "genSignedCertWithKey": _PAIR,
    _BUILT: _PAIR,
    "genPrivateKey": 'coalesce "<random>"',
}
"""What stands for functions of the clock, and for those whose text may have another number of
lines each time."""
_CHANCE = (
    "rand",
    "uuidv4",
    "htpasswd",
    "bcrypt",
    "AES",
    "shuffle",
)
_MASK = "<random>"
_EDGES = frozenset(" \t\"',:@{}[]")


class Masked(NamedTuple):
    """A text with its random values masked, and the 0-based lines that had any."""

    text: str
    lines: frozenset[int]


def uses_chance(text: str) -> bool:
    """Whether a template mentions a function that gives another value each time."""
    return any(name in text for name in _CHANCE)


def fix_clock(text: str) -> str:
    """Return a template in which the clock stands still and made keys and certificates are
    `<random>`; lines stay where they are."""
    fixed = {word: put for word, put in _FIXED.items() if word in text}
    if not fixed:
        return text
    if fixed.keys() == {_BUILT}:
        return text  # of the user's own certificate, which is always the same
    pieces = []
    position = 0
    for action in scan_actions(text):
        if not action.inner.startswith("/*"):
            pieces.append(text[position : action.start])
            pieces.append(_replace_words(text[action.start : action.end], fixed))
            position = action.end
    return "".join(pieces) + text[position:]


def _replace_words(action: str, fixed: Mapping[str, str]) -> str:
    """Replace functions by what stands for them, but in no text and in no longer word."""
    return "".join(
        piece if is_text else _word().sub(lambda match: fixed.get(match[0], match[0]), piece)
        for piece, is_text in split_texts(action)
    )


@cache
def _word() -> re.Pattern[str]:
    """A word that is neither a part of a field nor of a variable."""
    return re.compile(r"(?<![\w.$-])[A-Za-z]\w*(?![\w-])")


def mask_chance(first: str, second: str) -> Masked | None:
    """Mask what differs between two renderings; None when they differ in more than values."""
    if first == second:
        return Masked(first, frozenset())
    one, other = first.split("\n"), second.split("\n")
    if len(one) != len(other):
        return None
    differing = frozenset(number for number, line in enumerate(one) if line != other[number])
    for number in differing:
        one[number] = _mask_line(one[number], other[number])
    return Masked("\n".join(one), differing)


def _mask_line(one: str, other: str) -> str:
    """Mask whole words: how many characters two random words share is chance as well."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    while start > 0 and one[start - 1] not in _EDGES:
        start -= 1
    while end > 0 and one[len(one) - end] not in _EDGES:
        end -= 1
    return one[:start] + _MASK + one[len(one) - end :]
