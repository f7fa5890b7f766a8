"""Texts that make a pattern slow if any can: built from its own tree, and pumped.

For each repeat of the pattern: what leads to it, then what it takes again and again, then an end on which
the rest fails. What may be taken twice over (neighbours that take the same characters, branches that begin
alike, a repeat within a repeat, a search that begins anew in each place) then costs more than its length.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from re import _constants as c  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from tests.patterns.program import Characters, Program, characters_of, compile_program, parse_tree
from tests.patterns.steps import TooManySteps, count_steps

_CHARACTERS = [*map(chr, range(128)), "\x85", "\xa0", "²", "é", "İ", "ß", "٣", "\u2028", "語", "𝔘"]
_SHORT, _LONG = 24, 96
_MANY = 20_000
"""Steps after which a short text is called slow without counting on."""

_MOST_ATTACKS = 1200
_MOST_GROWTH = 5.2
"""From n to 4n: what is linear grows by 4 at most; what is square, by 16."""


class Attack(NamedTuple):
    """A text in its parts: `head`, then `pump` again and again, then `tail`."""

    head: str
    pump: str
    tail: str

    def text(self, size: int) -> str:
        return self.head + self.pump * size + self.tail


class Growth(NamedTuple):
    """The worst attack on a pattern, and how many times the steps grow when its text grows by four
    (counted up to about 6 times)."""

    attack: Attack
    times: float


@cache
def worst_growth(pattern: re.Pattern[Any], use: str, size: int = 256) -> Growth:
    """Return the attack under which the cost of a use grows most, measured from `size` to four times as long.

    A repeat with a limit costs what its limit allows and no more: so what grows too fast in short texts is
    measured again in long ones.
    """
    program = compile_program(pattern)
    suspects: list[tuple[int, Attack]] = []
    for attack in attacks_on(pattern):
        few = _steps(program, attack.text(_SHORT), use, _MANY)
        if few == _MANY:
            return Growth(attack, 6.0)
        many = _steps(program, attack.text(_LONG), use, int(_MOST_GROWTH * few) + 1)
        if many > _MOST_GROWTH * few:
            suspects.append((few, attack))
    suspects.sort(key=lambda each: (-each[0], each[1]))
    worst = Growth(Attack("", "", ""), 1.0)
    for _, attack in suspects[:4]:
        few = _steps(program, attack.text(size), use, 50 * _MANY)
        many = _steps(program, attack.text(4 * size), use, 6 * few)
        times = many / few
        if times > worst.times:
            worst = Growth(attack, times)
        if not is_linear(worst):
            break
    return worst


def worst_steps(pattern: re.Pattern[Any], use: str, length: int) -> int:
    """Return the most steps that an attack of at most `length` characters costs."""
    program = compile_program(pattern)
    return max(
        _steps(
            program,
            (attack.head + attack.pump * (length // len(attack.pump)))[: length - 1] + attack.tail,
            use,
            _MANY,
        )
        for attack in attacks_on(pattern)
    )


def is_linear(growth: Growth) -> bool:
    return growth.times <= _MOST_GROWTH


def _steps(program: Program, text: str, use: str, most: int) -> int:
    try:
        return count_steps(program, text, use, most).steps
    except TooManySteps:
        return most


def attacks_on(pattern: re.Pattern[Any]) -> list[Attack]:
    """Return the attacks on a pattern, the same ones each time."""
    reader = _Reader(pattern)
    heads = dict.fromkeys(["", *(head for head, _ in reader.repeats)])
    alphabet = reader.alphabet
    tails = ["", reader.stranger, "\n" if reader.stranger != "\n" else ""]
    found: dict[Attack, None] = {}
    general = [*alphabet, *reader.wholes, *_words(alphabet, pattern.pattern)]
    for pump in general:
        for head in ("", *list(heads)[:2]):
            for tail in tails[:2]:
                found[Attack(head, pump, tail)] = None
    for head, bodies in reader.repeats:
        pumps = [
            *bodies,
            *(head + body for body in bodies[:2]),
            *map("".join, itertools.permutations(bodies[:4], 2)),
        ]
        for pump in pumps:
            for before in ("", head):
                for tail in tails:
                    found[Attack(before, pump, tail)] = None
    attacks = [each for each in found if each.pump]
    return attacks if len(attacks) <= _MOST_ATTACKS else _lot(pattern.pattern).sample(attacks, _MOST_ATTACKS)


def _words(alphabet: list[str], seed: str | bytes) -> Iterator[str]:
    """Short words of the alphabet, by lot: always the same ones for a pattern."""
    lot = _lot(seed)
    for length in (2, 2, 3, 4):
        for _ in range(6):
            yield "".join(lot.choice(alphabet) for _ in range(length))


def _lot(seed: str | bytes) -> random.Random:
    return random.Random(ascii(seed))


class _Reader:
    """What a pattern's tree says: its alphabet, and each repeat with what leads to it and what it takes."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        # A line end and the characters of words: what `^`, `$` and `\b` look at.
        self._sets = [
            Characters(lambda char: char == "\n"),
            Characters(lambda char: char == "_" or char.isalnum()),
        ]
        self.repeats: list[tuple[str, list[str]]] = []
        tree = parse_tree(pattern)
        self._collect(tree, pattern.flags)
        kinds: dict[tuple[bool, ...], str] = {}
        for char in sorted(_CHARACTERS, key=lambda each: (not each.isalnum(), each)):
            kinds.setdefault(tuple(char in each for each in self._sets), char)
        self.alphabet = list(kinds.values())
        fewest = min(kinds, key=lambda kind: (sum(kind), kind))
        self.stranger = kinds[fewest]
        heads = self._walk(tree, pattern.flags, [""])
        self.wholes = heads

    def _collect(self, nodes: Any, flags: int) -> None:
        for op, argument in nodes:
            taken = characters_of(op, argument, flags)
            if taken is not None:
                self._sets.append(taken)
            for inner, inner_flags in _below(op, argument, flags):
                self._collect(inner, inner_flags)

    def _walk(self, nodes: Any, flags: int, heads: list[str]) -> list[str]:
        """Return texts that get through `nodes` after `heads`; notes the repeats on the way."""
        for op, argument in nodes:
            taken = characters_of(op, argument, flags)
            if taken is not None:
                some = [char for char in self.alphabet if char in taken] or [
                    char for char in _CHARACTERS if char in taken
                ]
                heads = _some(head + char for char in some[:2] for head in heads)
            elif op in (c.MAX_REPEAT, c.MIN_REPEAT):
                low, high, inner = argument
                bodies = self._bodies(inner, flags, heads)
                if high is c.MAXREPEAT or high > 16:
                    self.repeats += [(head, bodies) for head in heads[:2]]
                once = [head + body for body in bodies[:2] for head in heads]
                more = [head + body * max(low, 1) for body in bodies[:2] for head in heads]
                heads = _some([*(heads if low == 0 else []), *(once if low < 2 else more)])
            elif op is c.BRANCH:
                heads = _some(
                    itertools.chain.from_iterable(
                        itertools.zip_longest(*(self._walk(each, flags, heads) for each in argument[1]))
                    )
                )
            elif op is c.SUBPATTERN:
                heads = self._walk(argument[3], flags & ~argument[2] | argument[1], heads)
            elif op in (c.ASSERT, c.ASSERT_NOT):
                behind = argument[0] < 0
                self._walk(argument[1], flags, [""] if behind else heads)
        return heads

    def _bodies(self, nodes: Any, flags: int, heads: list[str]) -> list[str]:
        """Return texts that one turn of a repeat takes, and every character that a turn of one takes."""
        if len(nodes) == 1:
            taken = characters_of(*nodes[0], flags)
            if taken is not None:
                return [char for char in self.alphabet if char in taken][:12] or [
                    char for char in _CHARACTERS if char in taken
                ][:1]
        before = len(self.repeats)
        bodies = self._walk(nodes, flags, [""])
        self.repeats[before:] = [
            (head + inner, each) for inner, each in self.repeats[before:] for head in heads[:2]
        ]
        return [body for body in bodies if body] or ["a"]


def _some(texts: Iterable[str | None]) -> list[str]:
    """Return a few of them, no two alike."""
    return list(dict.fromkeys(text for text in texts if text is not None))[:6]


def _below(op: Any, argument: Any, flags: int) -> list[tuple[Any, int]]:
    if op in (c.MAX_REPEAT, c.MIN_REPEAT):
        return [(argument[2], flags)]
    if op is c.BRANCH:
        return [(each, flags) for each in argument[1]]
    if op is c.SUBPATTERN:
        return [(argument[3], flags & ~argument[2] | argument[1])]
    if op in (c.ASSERT, c.ASSERT_NOT):
        return [(argument[1], flags)]
    return []
