"""The patterns of our own source: the same on every Python, and linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from re import _constants as c  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.patterns.attacks import attacks_on, is_linear, worst_growth, worst_steps
from tests.patterns.collecting import ROOT, Call, calls_in_source
from tests.patterns.made import FROM_RULES, LIMITED, MADE, USES
from tests.patterns.program import parse_tree

RULES = ROOT.parent / "rules"
_MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob("*.py")
    if re.search(r"^import re$|^from re import", path.read_text("utf-8"), re.MULTILINE)
)


@cache
def _calls() -> list[Call]:
    return calls_in_source()


def _patterns(module: str) -> Iterable[tuple[str, re.Pattern[Any], str]]:
    """The patterns of a module, each with its name and its dearest use."""
    for call in _calls():
        if call.path == module:
            use = USES[call.name][0] if call.name in USES else call.uses[-1]
            made = MADE[call.name]() if call.name in MADE else []
            for pattern in [call.pattern] if call.pattern is not None else made:
                yield call.name, pattern, use


def _constructs(nodes: Any) -> Iterable[Any]:
    """The operation of each node of a tree, and of those below it."""
    if isinstance(nodes, (list, tuple)) or hasattr(nodes, "data"):
        for node in nodes:
            yield from _constructs(node)
    elif isinstance(nodes, type(c.LITERAL)):
        yield nodes


def _is_portable(pattern: re.Pattern[Any]) -> bool:
    return not {c.POSSESSIVE_REPEAT, c.ATOMIC_GROUP} & set(_constructs(parse_tree(pattern)))


@pytest.mark.parametrize("source", ["a*+", "(?:ab)++", "x(?>a|b)", "(?=a{2,3}+)", "(?:x|(a?+))*"])
def test_what_old_interpreters_read_wrongly_is_seen(source: str) -> None:
    assert not _is_portable(re.compile(source))


@pytest.mark.parametrize("source", [r"\++", "a*?", "[*+]+", "(?:a+)+", "(?=a)"])
def test_what_all_interpreters_read_alike_is_left(source: str) -> None:
    assert _is_portable(re.compile(source))


def test_every_pattern_of_the_source_is_known() -> None:
    unknown = [
        f"{call.name} (line {call.line})"
        for call in _calls()
        if call.pattern is None and call.name not in MADE and call.name not in FROM_RULES
    ]
    assert not unknown, "name a sample in tests/patterns/made.py"


def test_the_source_uses_re_by_its_name() -> None:
    """A pattern that is compiled under another name would not be met."""
    other = re.compile(
        r"^\s*(?:from re import|import re as|import re,|from regex|import regex)", re.MULTILINE
    )
    assert [path for path in _MODULES if other.search((ROOT / path).read_text("utf-8"))] == []


@pytest.mark.parametrize("module", _MODULES)
def test_patterns_are_the_same_on_every_python(module: str) -> None:
    assert [name for name, pattern, _ in _patterns(module) if not _is_portable(pattern)] == []


@pytest.mark.parametrize("module", _MODULES)
def test_patterns_take_time_linear_in_the_text(module: str) -> None:
    slow = {}
    for name, pattern, use in _patterns(module):
        if name in LIMITED:
            assert worst_steps(pattern, use, LIMITED[name][0]) < 10_000, name
            continue
        growth = worst_growth(pattern, use)
        if not is_linear(growth):
            slow[name, use] = growth
    assert slow == {}


def test_patterns_of_the_rules_are_the_same_on_every_python() -> None:
    """What stands behind `matches`, and the parameters that are read as patterns."""
    operands = re.compile(r"\bmatches: *(.+)")
    found = [
        (path.name, text)
        for path in sorted(RULES.rglob("*.yaml"))
        for text in operands.findall(path.read_text("utf-8"))
        if re.search(r"(?<!\\)[*+?}]\+|\(\?>", re.sub(r"\[(?:\\.|[^\]\\])*\]", "x", text))
    ]
    assert found == []


def test_attacks_are_the_same_each_time() -> None:
    pattern = re.compile(r"(?:a+|b)*c\s*d")
    assert attacks_on(pattern) == attacks_on(pattern)
