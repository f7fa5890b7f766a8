"""Which calls of a script fit a pattern of names, subcommands, options and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from scanner.model.commands import Call, Script
from scanner.patterns.matching import compile_pattern

Texts = tuple[str, ...]


class Asked(NamedTuple):
    """What a call is asked for: its name, its subcommand, an option of `flags` and none of `without`.

    The rest are patterns: for its operands, for all its words, for what must not be found in
    these words, and for words that are passed over. An empty one asks for nothing.
    """

    names: Texts
    subcommands: Texts
    flags: Texts
    without: Texts
    operands: str
    arguments: str
    not_arguments: str
    passing_over: str


class Which(NamedTuple):
    """The first and last call of a script that fits, and the last of which that is not decided."""

    first: int
    last: int
    undecided: int

    def after(self, number: int) -> bool | None:
        """Whether a call behind `number` fits."""
        return True if self.last > number else None if self.undecided > number else False

    def besides(self, number: int) -> bool | None:
        """Whether a call other than `number` fits."""
        if self.last >= 0 and not self.first == self.last == number:
            return True
        return None if self.undecided >= 0 and self.undecided != number else False


def fits(call: Call, asked: Asked) -> bool | None:
    """Whether a call is as asked; None when an expansion would decide."""
    names, subcommands, flags, without, *_ = asked
    if names and call.name not in names:
        return False
    if subcommands and call.subcommand not in subcommands:
        return None if call.subcommand.startswith("$") else False
    verdict: bool | None = True
    if flags:
        verdict = has_flag(call, flags)
        if verdict is False:
            return False
    if without:
        had = has_flag(call, without)
        if had:
            return False
        verdict = None if had is None else verdict
    for pattern, unless, words in (
        (asked.operands, "", call.operands),
        (asked.arguments, asked.not_arguments, call.words),
    ):
        if pattern and not _are_found(words, pattern, unless, asked.passing_over):
            if not any(word in call.undecided and word[:1] in ("$", "`") for word in words):
                return False
            verdict = None
    return verdict


def _are_found(words: Texts, pattern: str, unless: str, passing_over: str) -> bool:
    if passing_over:
        words = tuple(word for word in words if not compile_pattern(passing_over).search(word))
    text = " ".join(words)
    return compile_pattern(pattern).search(text) and not (unless and compile_pattern(unless).search(text))


def has_flag(call: Call, wanted: Texts) -> bool | None:
    """Whether an option is given; `-qq` asks for `-q` twice or `-q=2`."""
    for flag, value in call.flags:
        if flag in wanted:
            return True
        is_doubled = len(flag) == 2 and "-" + flag[1] * 2 in wanted
        if is_doubled and (value == "2" or sum(other == flag for other, _ in call.flags) > 1):
            return True
    if call.undecided and any(_OPTIONS.match(word) for word in call.undecided):
        return None
    return False


def which_fit(script: Script, asked: Asked) -> Which:
    """Return which calls of a script are as asked."""
    return which(script, asked, lambda call: fits(call, asked), asked.names)


def which(script: Script, key: object, test: Callable[[Call], bool | None], names: Texts = ()) -> Which:
    """Return which calls pass a test, which is asked once for all under its `key`.

    With `names`, only calls of these names can.
    """
    found = script.found.get(key)
    if found is None:
        found = script.found[key] = _which(script, test, names)
    assert isinstance(found, Which)
    return found


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Return whether one is true; None when none is, and one is not decided."""
    result: bool | None = False
    for verdict in verdicts:
        if verdict:
            return True
        if verdict is None:
            result = None
    return result


def _which(script: Script, test: Callable[[Call], bool | None], names: Texts) -> Which:
    first = last = undecided = -1
    numbers: Iterable[int] = range(len(script))
    if names:
        numbers = sorted(number for name in set(names) for number in script.numbers.get(name, ()))
    for number in numbers:
        verdict = test(script[number])
        if verdict:
            first = number if first < 0 else first
            last = number
        elif verdict is None:
            undecided = number
    return Which(first, last, undecided)


# `$OPTIONS` may hold an option; `$PACKAGES` is taken for operands.
_OPTIONS = re.compile(r"\$(?:\{?\w*(?:OPT|FLAG|ARG|PARAM|EXTRA|opt|flag|arg|param|extra)\w*|[@*])")
