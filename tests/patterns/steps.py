"""How many steps `re` needs for a text: a backtracking matcher that counts.

It tries what `re` tries in the order in which `re` does (its `_sre`), so its answers are those of `re`
(`test_steps.py` holds them together) and its count grows as the time of `re` does. No clock is asked.
"""

from __future__ import annotations

import re
from re import _constants as c  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from tests.patterns.program import Characters, Instruction, Program


class Counted(NamedTuple):
    """The spans that were found, and the steps that it took."""

    spans: tuple[tuple[int, int], ...]
    steps: int


class TooManySteps(Exception):
    """The count has reached the most that was allowed."""


def count_steps(program: Program, text: str, use: str, most: int = 1 << 40) -> Counted:
    """Use a program as `match`, `fullmatch`, `search` or `finditer` would; past `most` steps stop counting."""
    run = _Run(text, most)
    if use in ("match", "fullmatch"):
        end = run.match(program, 0, whole=use == "fullmatch")
        return Counted(() if end is None else ((0, end),), run.steps)
    spans: list[tuple[int, int]] = []
    start, last = 0, -1
    first = _first(program)
    while start <= len(text):
        if first is not None and (start == len(text) or text[start] not in first):
            run.steps += 1  # as `re` does, which looks for the first character before it tries the rest
            start += 1
            continue
        end = run.match(program, start, not_empty_at=last)
        if end is None:
            start += 1
            continue
        spans.append((start, end))
        if use == "search":
            break
        last = end if start == end else -1  # of two empty spans at one place only the first is found
        start = end
    return Counted(tuple(spans), run.steps)


def _first(program: Program) -> Characters | None:
    """Return the characters that a match must begin with; None where that is not plain to see."""
    for each in program:
        if each.kind == "take" or (each.kind == "run" and each.low > 0):
            return each.characters
        if each.kind not in ("look", "refuse", "at", "note"):
            return None
    return None


class _Run:
    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most
        self._values: dict[int, int | None] = {}
        self.steps = 0

    def match(
        self, program: Program, start: int, *, whole: bool = False, not_empty_at: int = -1
    ) -> int | None:
        """Return where the match ends that begins at `start`; None where none does."""
        self._values = {}
        return self._match(program, start, whole, not_empty_at)

    def _match(self, program: Program, start: int, whole: bool, not_empty_at: int = -1) -> int | None:
        text, values = self._text, self._values
        size = len(text)
        later: list[tuple[int, int, int, int]] = []  # instruction, position, length of the trail, end of run
        trail: list[tuple[int, int | None]] = []
        at, position = 0, start
        while True:
            self.steps += 1
            if self.steps > self._most:
                raise TooManySteps
            here = program[at]
            kind = here.kind
            failed = False
            if kind == "take":
                assert here.characters is not None
                if position < size and text[position] in here.characters:
                    position += 1
                    at += 1
                else:
                    failed = True
            elif kind == "run":
                first, end = self._run(here, position)
                if end < first:
                    failed = True
                elif here.lazy:
                    if here.high > here.low:
                        later.append((at, first, len(trail), min(size, position + here.high)))
                    position = first
                    at += 1
                else:
                    if first < end:
                        later.append((at, end, len(trail), first))
                    position = end
                    at += 1
            elif kind == "split":
                for target in reversed(here.targets[1:]):
                    later.append((target, position, len(trail), -1))
                at = here.targets[0]
            elif kind == "jump":
                at = here.target
            elif kind in ("enter", "note"):
                self._set(trail, here.slot, 0 if kind == "enter" else position)
                if kind == "enter":
                    self._set(trail, here.slot + 1, None)
                at += 1
            elif kind == "loop":
                turns = values[here.slot] or 0
                may = turns < here.low or (turns < here.high and values[here.slot + 1] != position)
                if turns >= here.low:
                    if may and here.lazy:
                        later.append((at, position, len(trail), -2))
                        may = False
                    elif may:
                        later.append((here.target, position, len(trail), -1))
                if may:
                    self._turn(trail, here, position)
                    at += 1
                else:
                    at = here.target
            elif kind == "at":
                failed = not _stands(here.at, here.high, text, position)
                at += 1
            elif kind in ("look", "refuse"):
                begin = position - here.low
                found = begin >= 0 and self._match(here.inner, begin, False) is not None
                failed = found is (kind == "refuse")
                at += 1
            elif kind == "again":
                first, end = values.get(here.slot), values.get(here.slot + 1)
                if first is None or end is None or not text.startswith(text[first:end], position):
                    failed = True
                else:
                    position += end - first
                    self.steps += end - first
                    at += 1
            elif kind == "done" and not (whole and position < size) and not position == start == not_empty_at:
                return position
            else:
                failed = True
            if failed:
                resumed = self._resume(program, later, trail)
                if resumed is None:
                    return None
                at, position = resumed

    def _resume(
        self, program: Program, later: list[tuple[int, int, int, int]], trail: list[tuple[int, int | None]]
    ) -> tuple[int, int] | None:
        """Go back to the last choice and take what comes next in it."""
        if not later:
            return None
        at, position, length, end = later.pop()
        while len(trail) > length:
            slot, value = trail.pop()
            self._values[slot] = value
        here = program[at]
        if end == -2:
            self._turn(trail, here, position)
            return at + 1, position
        if end == -1:
            return at, position
        if here.lazy:
            assert here.characters is not None
            if position >= end or self._text[position] not in here.characters:
                return self._resume(program, later, trail)
            later.append((at, position + 1, length, end))
            return at + 1, position + 1
        if position - 1 > end:
            later.append((at, position - 1, length, end))
        return at + 1, position - 1

    def _turn(self, trail: list[tuple[int, int | None]], here: Instruction, position: int) -> None:
        self._set(trail, here.slot, (self._values[here.slot] or 0) + 1)
        self._set(trail, here.slot + 1, position)

    def _set(self, trail: list[tuple[int, int | None]], slot: int, value: int | None) -> None:
        trail.append((slot, self._values.get(slot)))
        self._values[slot] = value

    def _run(self, here: Instruction, position: int) -> tuple[int, int]:
        """Return the least and the farthest position that a repeat of one character reaches."""
        text, characters = self._text, here.characters
        assert characters is not None
        end, farthest = position, min(len(text), position + (here.low if here.lazy else here.high))
        while end < farthest and text[end] in characters:
            end += 1
        self.steps += end - position
        return position + here.low, end


def _stands(at: Any, flags: int, text: str, position: int) -> bool:
    size = len(text)
    if at is c.AT_BEGINNING and flags & re.MULTILINE:
        return position == 0 or text[position - 1] == "\n"
    if at in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
        return position == 0
    if at is c.AT_END_STRING:
        return position == size
    if at is c.AT_END:
        return (
            position == size
            or (text[position] == "\n" and bool(flags & re.MULTILINE))
            or (position == size - 1 and text[position] == "\n")
        )
    before = position > 0 and _is_word(text[position - 1], flags)
    behind = position < size and _is_word(text[position], flags)
    return (before is not behind) is (at is c.AT_BOUNDARY)


def _is_word(char: str, flags: int) -> bool:
    return char == "_" or (char.isalnum() and (char.isascii() or not flags & re.ASCII))
