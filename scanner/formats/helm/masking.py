"""Keeping what differs from run to run out of rendered text: the clock and chance.

`now` is replaced in the templates by a fixed day, because two renderings within one
second agree on it. Random values are found by rendering twice and are replaced by
`<random>`, so that reports of the same tree are the same byte by byte. A random value
so short that it comes up twice in a row can slip through.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner.formats.helm.actions import scan_actions

_FIXED_DAY = '(toDate "2006-01-02" "2000-01-01")'
_CHANCE = (
    "rand",
    "uuidv4",
    "genPrivateKey",
    "genCA",
    "genSelf",
    "genSigned",
    "htpasswd",
    "bcrypt",
    "AES",
    "shuffle",
)
_MASK = "<random>"
_EDGES = frozenset(" \t\"',:@")


class Masked(NamedTuple):
    """A text with its random values masked, and the 0-based lines that had any."""

    text: str
    lines: frozenset[int]


def uses_chance(text: str) -> bool:
    """Whether a template mentions a function that gives another value each time."""
    return any(name in text for name in _CHANCE)


def fix_clock(text: str) -> str:
    """Return a template in which the clock stands still; lines stay where they are."""
    if "now" not in text:
        return text
    pieces = []
    position = 0
    for action in scan_actions(text):
        if "now" in action.inner and not action.inner.startswith("/*"):
            pieces.append(text[position : action.start])
            pieces.append(_replace_word(text[action.start : action.end]))
            position = action.end
    return "".join(pieces) + text[position:]


def _replace_word(action: str) -> str:
    pieces = action.split("now")
    result = pieces[0]
    for piece in pieces[1:]:
        before, after = result[-1:], piece[:1]
        is_word = not (before.isalnum() or before in "_.$\"`'-") and not (
            after.isalnum() or after in "_\"`'-"
        )
        result += (_FIXED_DAY if is_word else "now") + piece
    return result


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
