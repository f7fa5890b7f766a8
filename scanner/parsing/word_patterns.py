"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`: `*`, `?` and escapes.

Matching steps through the value with a set of states (one bit each), so no pattern can
make it backtrack.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from scanner.errors import ParseError


class Wild(Enum):
    """A wildcard: any one character, or any number of them."""

    ONE = "?"
    MANY = "*"


Pattern: TypeAlias = "tuple[str | Wild, ...]"


def parse_pattern(text: str) -> Pattern:
    """Return the parts of a pattern; an escape before any but `*`, `?`, `\\`, `/`, `}` raises ParseError."""
    parts: list[str | Wild] = []
    escaped = False
    for char in text:
        if escaped:
            if char not in "*?\\/}":
                raise ParseError(f"invalid escape '\\{char}' in the pattern '{text}' of a substitution")
            parts.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "*?":
            if char == "?" or not parts or parts[-1] is not Wild.MANY:
                parts.append(Wild(char))
        else:
            parts.append(char)
    if escaped:
        raise ParseError(f"the pattern '{text}' of a substitution ends in an escape")
    return tuple(parts)


def trim_prefix(value: str, pattern: Pattern, greedy: bool) -> str:
    """Return the value without the shortest, or for `greedy` the longest, start that fits."""
    end = _match(value, 0, pattern, greedy)
    return value if end is None else value[end:]


def trim_suffix(value: str, pattern: Pattern, greedy: bool) -> str:
    """Return the value without the shortest, or for `greedy` the longest, end that fits."""
    return trim_prefix(value[::-1], pattern[::-1], greedy)[::-1]


def replace(value: str, pattern: Pattern, replacement: str, every: bool, limit: int) -> str | None:
    """Return the value with the first, or every, longest part that fits replaced; None above `limit`."""
    literals = [part for part in pattern if isinstance(part, str)]
    if pattern and len(literals) == len(pattern):
        literal = "".join(literals)
        found = value.count(literal) if every else int(literal in value)
        if len(value) + found * (len(replacement) - len(literal)) > limit:
            return None
        return value.replace(literal, replacement, found)
    if Wild.MANY in pattern:
        return _replace_once(value, pattern, replacement, limit)
    parts: list[str] = []
    room = limit
    pos = last_end = 0
    while pos <= len(value):
        end = _match(value, pos, pattern, True)
        if end is not None:
            room -= pos - last_end + len(replacement)
            if room < 0:
                return None
            parts += (value[last_end:pos], replacement)
            last_end = end
            if not every:
                break
        pos = end if end is not None and end > pos else pos + 1
    return None if len(value) - last_end > room else "".join(parts) + value[last_end:]


def _replace_once(value: str, pattern: Pattern, replacement: str, limit: int) -> str | None:
    """Replace what a pattern with a `*` fits: that is one part of a value at most.

    The `*` takes whatever lies between, so that the longest part which fits reaches as far back as
    any could, and begins at the first place where what stands before the `*` fits.
    """
    before = pattern[: pattern.index(Wild.MANY)]
    starts = range(len(value) - len(before) + 1)
    start = next((at for at in starts if _match(value, at, before, True) is not None), None)
    end = None if start is None else _match(value, start, pattern, True)
    if start is None or end is None:
        return value if len(value) <= limit else None
    if start + len(replacement) + len(value) - end > limit:
        return None
    return value[:start] + replacement + value[end:]


def _match(value: str, start: int, pattern: Pattern, greedy: bool) -> int | None:
    """Return where a match from `start` on ends, or None."""
    done = 1 << len(pattern)
    many = sum(1 << index for index, part in enumerate(pattern) if part is Wild.MANY)
    one = sum(1 << index for index, part in enumerate(pattern) if part is Wild.ONE)
    literal: dict[str, int] = {}
    for index, part in enumerate(pattern):
        if isinstance(part, str):
            literal[part] = literal.get(part, 0) | 1 << index
    states = _skip(1, many)
    found = start if states & done else None
    for pos in range(start, len(value)):
        if not states or (found is not None and not greedy):
            break
        stepped = (states & (one | literal.get(value[pos], 0))) << 1
        states = _skip(stepped | (states & many), many)
        if states & done:
            found = pos + 1
    return found


def _skip(states: int, many: int) -> int:
    """Add the states after every `*` that may match nothing."""
    while True:
        more = states | ((states & many) << 1)
        if more == states:
            return states
        states = more
