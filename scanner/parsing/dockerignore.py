"""The .dockerignore language: which files of a build context are left out.

It follows moby's patternmatcher and its ignorefile reader; matching steps through a
path with a set of states, so no pattern can make it backtrack.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from scanner.errors import ParseError
from scanner.model.source import Span
from scanner.parsing.lines import split_lines


class IgnorePattern(NamedTuple):
    """One line: the cleaned pattern without `!`, whether it includes again, and its place."""

    text: str
    negated: bool
    span: Span
    matches: Callable[[str], bool]
    """Whether a path (relative, with `/`) fits the pattern itself; parents are the caller's."""


@dataclass(frozen=True, slots=True)
class Dockerignore:
    """The patterns of a file in order; `errors` are lines for which a build would fail."""

    patterns: tuple[IgnorePattern, ...]
    errors: tuple[ParseError, ...]

    def deciding(self, path: str) -> IgnorePattern | None:
        """Return the pattern that decides over a path, None when none fits it or a parent of it."""
        path = _clean(path).lstrip("/")
        if path in (".", ""):
            return None
        parts = path.split("/")
        prefixes = [path, *("/".join(parts[:count]) for count in range(1, len(parts)))]
        decided: IgnorePattern | None = None
        ignored = False
        for pattern in self.patterns:
            # Only a pattern that would change the verdict is tried, as moby does.
            if pattern.negated == ignored and any(map(pattern.matches, prefixes)):
                decided, ignored = pattern, not pattern.negated
        return decided

    def ignores(self, path: str) -> bool:
        """Whether a build does not see the path."""
        pattern = self.deciding(path)
        return pattern is not None and not pattern.negated


def parse_dockerignore(text: str) -> Dockerignore:
    """Return the patterns of a .dockerignore file."""
    patterns: list[IgnorePattern] = []
    errors: list[ParseError] = []
    for row, raw in enumerate(split_lines(text), 1):
        line = raw.removeprefix("\ufeff") if row == 1 else raw
        written = line.strip()
        if line.startswith("#") or not written:
            continue
        column = raw.index(written) + 1
        span = Span(row, column, row, column + len(written))
        negated, cleaned = _read_pattern(written)
        if not cleaned:
            errors.append(ParseError(f"illegal exclusion pattern '{written}'", line=row, column=column))
            continue
        try:
            patterns.append(IgnorePattern(cleaned, negated, span, _matcher(cleaned)))
        except ParseError as error:
            errors.append(ParseError(error.message, line=row, column=column))
    return Dockerignore(tuple(patterns), tuple(errors))


class _Step(NamedTuple):
    """What one place of a pattern takes."""

    kind: str
    chars: str = ""
    ranges: tuple[tuple[str, str], ...] = ()


_ONE, _MANY, _CHAR, _CLASS, _INTO, _INSIDE, _ALL = "one", "many", "char", "class", "into", "inside", "all"
_Steps: TypeAlias = "list[_Step]"


def _read_pattern(written: str) -> tuple[bool, str]:
    """Return whether a line includes again, and its pattern; moby cleans a pattern twice."""
    negated = written.startswith("!")
    body = written[1:].strip() if negated else written
    body = _clean(body) if body else ""
    body = body[1:] if len(body) > 1 and body.startswith("/") else body
    cleaned = _clean(("!" + body if negated else body).strip())
    return (True, cleaned[1:]) if cleaned.startswith("!") else (False, cleaned)


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test of a pattern; the plain shapes need no states."""
    steps = _steps(pattern)
    body = pattern.removeprefix("**")
    if not any(char in body for char in "*?[]\\"):
        if body == pattern:
            return lambda path: path == pattern
        # `**/name` fits at any depth; moby lets `**name` fit any path that ends so.
        return lambda path: path.endswith(body) or (body.startswith("/") and path == body[1:])
    front = pattern.removesuffix("**")
    if front != pattern and not any(char in front for char in "*?[]\\"):
        return lambda path: path.startswith(front)
    return lambda path: _fits(path, steps)


def _steps(pattern: str) -> _Steps:
    """Split a pattern; a bracket without end or an escape at the end raises ParseError."""
    steps: _Steps = []
    pos = 0
    while pos < len(pattern):
        char = pattern[pos]
        pos += 1
        if char == "*" and pattern.startswith("*", pos):
            pos += 1
            if pattern.startswith("/", pos):
                pos += 1
            if pos == len(pattern):
                steps.append(_Step(_ALL))
            else:
                steps += (_Step(_INTO), _Step(_INSIDE))
        elif char == "*":
            steps.append(_Step(_MANY))
        elif char == "?":
            steps.append(_Step(_ONE))
        elif char == "[":
            step, pos = _bracket(pattern, pos)
            steps.append(step)
        elif char == "\\":
            if pos == len(pattern):
                raise ParseError(f"pattern '{pattern}' ends in an escape")
            steps.append(_Step(_CHAR, pattern[pos]))
            pos += 1
        else:
            steps.append(_Step(_CHAR, char))
    return steps


def _bracket(pattern: str, pos: int) -> tuple[_Step, int]:
    """Read a `[a-z]` or `[^a-z]` from behind its bracket."""
    negated = pattern.startswith("^", pos)
    pos += negated
    ranges: list[tuple[str, str]] = []
    while pos < len(pattern) and (pattern[pos] != "]" or not ranges):
        low, pos = _bracket_char(pattern, pos)
        high = low
        if pattern.startswith("-", pos):
            high, pos = _bracket_char(pattern, pos + 1)
        ranges.append((low, high))
    if pos >= len(pattern):
        raise ParseError(f"bracket without end in the pattern '{pattern}'")
    return _Step(_CLASS, "^" if negated else "", tuple(ranges)), pos + 1


def _bracket_char(pattern: str, pos: int) -> tuple[str, int]:
    pos += pattern.startswith("\\", pos)
    if pos >= len(pattern) or pattern[pos] in "-]":
        raise ParseError(f"broken bracket in the pattern '{pattern}'")
    return pattern[pos], pos + 1


def _fits(path: str, steps: _Steps) -> bool:
    """Whether the steps take the whole path; bit i stands for having taken the first i steps."""
    states = _open(1, steps)
    for char in path:
        taken = 0
        for index, step in enumerate(steps):
            if states >> index & 1:
                taken |= _take(step, index, char)
        states = _open(taken, steps)
        if not states:
            return False
    return bool(states >> len(steps) & 1)


def _take(step: _Step, index: int, char: str) -> int:
    """Return the states that one character leads to from the place of a step."""
    here, after = 1 << index, 1 << index + 1
    if step.kind == _CHAR:
        return after if char == step.chars else 0
    if step.kind == _ONE:
        return after if char != "/" else 0
    if step.kind == _MANY:
        return here if char != "/" else 0
    if step.kind == _CLASS:
        inside = any(low <= char <= high for low, high in step.ranges)
        return after if inside != bool(step.chars) else 0
    if step.kind == _INSIDE:
        return here | after if char == "/" else here
    return here if step.kind == _ALL else 0


def _open(states: int, steps: _Steps) -> int:
    """Add the states behind steps that may take nothing."""
    for index, step in enumerate(steps):
        if states >> index & 1:
            if step.kind in (_MANY, _ALL):
                states |= 1 << index + 1
            elif step.kind == _INTO:
                states |= 3 << index + 1
    return states
