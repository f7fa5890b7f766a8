"""Versions of charts and the ranges that dependencies ask for, as Helm compares them.

The grammar is that of Masterminds/semver v3, which Helm uses: `1.2.3`, `~1.2`, `^1`, `>=1.2, <2`,
`1.x || 2.x`, `1.2 - 1.4`. A version with a pre-release part is only in a range that has one
itself. What does not follow the grammar is None, never a guess.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_LONGEST = 256


class Version(NamedTuple):
    """A version; `pre` is empty for a release."""

    major: int
    minor: int
    patch: int
    pre: tuple[tuple[int, int, str], ...] = ()


class _Bound(NamedTuple):
    """A comparison with a version of which only `parts` numbers are written."""

    operator: str
    version: Version
    parts: int


@cache
def _grammar() -> re.Pattern[str]:
    part = r"(?:\d{1,9}|[xX*])"
    return re.compile(rf"v?({part})(?:\.({part}))?(?:\.({part}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


@cache
def _comparison() -> re.Pattern[str]:
    return re.compile(r"\s*(?:(==?|!=|[<>]=?|=[<>]|~>?|\^)\s*)?([vV]?[0-9xX*][0-9A-Za-z.*+-]*)\s*(?:,|\s|$)")


def read_version(text: str) -> Version | None:
    """Return a version that is written out in full, None for anything else."""
    found = _grammar().fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    numbers = [part for part in found.groups()[:3] if part is not None and part.isdigit()]
    if len(numbers) != 3:
        return None
    return Version(int(numbers[0]), int(numbers[1]), int(numbers[2]), _pre(found[4]))


def is_exact(constraint: str) -> bool:
    """Whether a constraint admits one version and no other."""
    return read_version(constraint.strip().removeprefix("=").removeprefix("=")) is not None


def satisfies(version: str, constraint: str) -> bool | None:
    """Whether a version is in a range; None where one of the two cannot be read."""
    known = read_version(version)
    ranges = [_bounds(part) for part in constraint.split("||")] if len(constraint) <= _LONGEST else [None]
    if known is None or any(one is None for one in ranges):
        return None
    return any(all(_holds(known, bound) for bound in one) for one in ranges if one is not None)


def _pre(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """The parts of a pre-release in an order: numbers before words, as semver.org 11.4 has it."""
    parts = text.split(".") if text else []
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _bounds(text: str) -> list[_Bound] | None:
    low, dash, high = text.partition(" - ")
    if dash:
        bounds = [_bound(">=", low.strip()), _bound("<=", high.strip())]
        return None if None in bounds else [bound for bound in bounds if bound is not None]
    found: list[_Bound] = []
    position = 0
    text = text.strip()
    if not text:
        return [_Bound("=", Version(0, 0, 0), 0)]
    while position < len(text):
        match = _comparison().match(text, position)
        bound = None if match is None else _bound(match[1] or "=", match[2])
        if match is None or bound is None:
            return None
        found.append(bound)
        position = match.end()
    return found


def _bound(operator: str, text: str) -> _Bound | None:
    match = _grammar().fullmatch(text.lower().removeprefix("v"))
    if match is None:
        return None
    numbers: list[int] = []
    for part in match.groups()[:3]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    plain = {"==": "=", "=>": ">=", "=<": "<=", "~>": "~"}.get(operator, operator)
    pre = _pre(match[4]) if len(numbers) == 3 else ()
    return _Bound(plain, Version(major, minor, patch, pre), len(numbers))


def _order(version: Version) -> tuple[int, int, int, bool, tuple[tuple[int, int, str], ...]]:
    return (version.major, version.minor, version.patch, not version.pre, version.pre)


def _holds(version: Version, bound: _Bound) -> bool:
    operator, wanted, parts = bound
    if version.pre and not wanted.pre:
        return False
    if operator == "!=":
        return not _is_within(version, wanted, parts)
    if operator == "=":
        return _is_within(version, wanted, parts)
    if operator == ">":
        return _order(version) > _order(wanted) and not _is_within(version, wanted, parts)
    if operator == ">=":
        return _order(version) >= _order(wanted)
    if operator == "<":
        return _order(version) < _order(wanted)
    if operator == "<=":
        return _order(version) <= _order(wanted) or _is_within(version, wanted, parts)
    if _order(version) < _order(wanted):
        return False
    if operator == "~":
        return version[: min(parts, 2)] == wanted[: min(parts, 2)]
    return version[: _caret(wanted, parts)] == wanted[: _caret(wanted, parts)]


def _is_within(version: Version, wanted: Version, parts: int) -> bool:
    """Whether a version has all the numbers that are written."""
    if parts == 3:
        return _order(version) == _order(wanted)
    return version[:parts] == wanted[:parts]


def _caret(wanted: Version, parts: int) -> int:
    """How many numbers `^` keeps: up to the first that is not 0."""
    for number, value in enumerate(wanted[:parts], start=1):
        if value:
            return number
    return parts
