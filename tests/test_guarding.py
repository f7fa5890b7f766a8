"""What the guard promises, over its range."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.errors import ConfigError, InputError, RuleError
from scanner.guarding import Guard, bug_of, sift, told_of, what_failed
from scanner.model.labels import matches
from scanner.model.report import Bug
from tests.reporting.report_builders import finding

TEXTS = st.text(min_size=1)
COUNTS = st.integers(min_value=0, max_value=40)


class Trouble(Exception):
    """What an attempt of these tests raises."""


@given(COUNTS, st.sets(st.integers(0, 39)), st.sets(st.tuples(st.integers(0, 39), st.integers(0, 39))))
@example(3, {0, 1, 2}, set())
@example(4, set(), {(0, 3), (1, 3)})
@example(1, {0}, set())
def test_sifting_keeps_what_can_be_kept(count: int, bad: set[int], pairs: set[tuple[int, int]]) -> None:
    def attempt(some: Sequence[int]) -> tuple[int, ...]:
        if bad.intersection(some) or any(one in some and other in some for one, other in pairs):
            raise Trouble
        return tuple(some)

    items = range(count)
    kept, left_out = sift(items, attempt, most=1_000)
    out = {item for item, _ in left_out}
    assert kept == tuple(item for item in items if item not in out)
    assert out >= bad.intersection(items)
    innocent = set(items) - bad - {item for pair in pairs for item in pair}
    assert not out & innocent, "nothing is left out that shows no bug, alone or beside others"
    assert all(isinstance(error, Trouble) for _, error in left_out)
    assert sift(items, attempt, most=1_000).left_out != () or not out


def test_sifting_ends_after_so_many_attempts():
    asked = []

    def attempt(some: Sequence[int]) -> int:
        asked.append(len(some))
        if len(some) > 1:
            raise Trouble
        return len(some)

    kept, left_out = sift(range(1_000), attempt, alone=lambda _: None, most=10)
    assert (kept, len(left_out)) == (1, 999)
    assert len(asked) <= 11


def test_sifting_of_what_never_works_gives_nothing():
    def attempt(_: Sequence[int]) -> int:
        raise Trouble

    kept, left_out = sift((1, 2), attempt)
    assert (kept, [item for item, _ in left_out]) == (None, [1, 2])


@given(TEXTS, st.sampled_from([KeyError, ValueError, UnicodeError, RecursionError, MemoryError, OSError]))
def test_no_text_of_an_exception_is_told(text: str, kind: type[Exception]) -> None:
    secret = f"«{text}»"
    try:
        raise kind(secret)
    except Exception as error:
        (told,) = told_of([bug_of("linking", "a.yaml", error)])
    assert secret not in told.message
    assert (told.path, told.severity) == ("a.yaml", "error")


def test_the_place_is_the_innermost_of_our_own_code():
    with pytest.raises(AttributeError) as caught:
        matches(None, {})  # type: ignore[arg-type]
    assert re.fullmatch(r"AttributeError at model/labels\.py:[0-9]+", what_failed(caught.value))
    with pytest.raises(ZeroDivisionError) as elsewhere:
        1 / 0  # noqa: B018
    assert what_failed(elsewhere.value) == "ZeroDivisionError"


def test_a_bug_that_many_inputs_show_is_told_once():
    bugs = [Bug("linking", path, "KeyError at linking/ports.py:3") for path in ("b", "a", "b", "c")]
    (told,) = told_of(bugs)
    assert (told.path, "(in 3 inputs)" in told.message) == ("a", True)
    assert told_of(bugs) == told_of(bugs[::-1])


def test_rules_that_fail_at_one_place_are_told_once():
    bugs = [Bug(f"rule '{name}'", "a", "TypeError at engine/evaluate.py:9") for name in "xyz"]
    (told,) = told_of(bugs)
    assert told.message.startswith("internal error in rule 'x' and 2 more rules: TypeError at ")
    assert len(told_of([*bugs, Bug("linking", "a", "TypeError at engine/evaluate.py:9")])) == 2


@pytest.mark.parametrize("error", [ConfigError("a"), RuleError("b")], ids=repr)
def test_what_the_user_asked_for_wrongly_gets_through(error):
    with pytest.raises(type(error)), Guard().step("linking", None):
        raise error


def test_other_trouble_of_the_user_does_not_end_a_scan():
    guard = Guard()
    with guard.step("linking", "a"):
        raise InputError("too large")
    assert [bug.path for bug in guard.bugs] == ["a"]


def test_what_fails_for_all_findings_and_for_none_alone_is_told():
    def step(some):
        if len(some) > 1:
            raise Trouble
        return some

    guard = Guard()
    found = guard.each("grouping", (finding(), finding()), step)
    assert (len(found), len(guard.bugs)) == (2, 1)
