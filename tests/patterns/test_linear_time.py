"""What a pattern costs grows as the text does, counted in steps of the engine."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.patterns import matching
from scanner.patterns.matching import Pattern, compile_pattern
from scanner.patterns.syntax import parse
from tests.patterns.test_verdicts import refused, well_formed

HOSTILE = [
    (r"^(a+)+$", "a", "!"),
    (r"(a|a)*b", "a", ""),
    (r"(.*)*x", "y", ""),
    (r"(a*)*(b*)*$", "ab", "!"),
    (r"(?:a{0,30}){0,30}b", "a", ""),
    (r"((a{1,9}){1,9}){1,9}$", "a", "!"),
    (r"(\w+\s?)+$", "ab ", "!"),
    (r"(a|b)*a(a|b){60}", "ab", "!"),
    (r".*.*.*.*.*=x", "a", ""),
    (r"(?i)(k|K|\w)*z", "k", ""),
    (r"(?m)(^a$\n?)+b", "a\n", ""),
    (r"(\b\w+\b\W*)+!$", "ab ", ""),
    (r"[?&](?:ref|version)=(?:[0-9a-f]{7,40}|[\w./-]*\d[\w./-]*)(?:&|$)", "?ref=a", "!"),
    (r"^https?://[^?]*/(?:[0-9a-f]{40}|v?\d+\.\d+[\w.-]*)/[^?]*$", "/1.1", "?"),
]


def steps(pattern: str, text: str) -> int:
    """What a text costs when nothing is known of it yet."""
    searching = Pattern(pattern, parse(pattern)).searching()
    searching.run(text)
    return searching.work + len(text)


@pytest.mark.parametrize(("pattern", "pump", "end"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_four_times_the_text_is_at_most_four_times_the_work(pattern, pump, end):
    once = steps(pattern, pump * 500 + end)
    assert steps(pattern, pump * 2_000 + end) <= 4 * once


@given(well_formed, st.text("abk1 \n-", min_size=1, max_size=4), st.sampled_from(["", "!", "\n", "b"]))
def test_no_pattern_is_worse_than_its_size_for_each_character(pattern, pump, end):
    assume(refused(pattern) is None)
    searching = Pattern(pattern, parse(pattern)).searching()
    places = len(searching.automaton.sets)
    text = pump * 50 + end
    searching.run(text)
    assert searching.work <= (len(text) + 1) * (2 * places + 2)


def test_more_states_than_are_kept_cost_time_and_change_no_verdict(monkeypatch):
    monkeypatch.setattr(matching, "MOST_TRANSITIONS", 20)
    pattern = Pattern("t", parse(r"(?:a|b)*a(?:a|b){8}c"))
    bits = "".join("ab"[(number * number // 7) % 2] for number in range(600))
    for text in (bits + "a" + "b" * 8 + "c", bits + "b" * 9 + "c", bits):
        assert pattern.search(text) is ("a" + "b" * 8 + "c" in text)
        assert pattern.searching().kept <= 21


def test_what_is_kept_is_bounded():
    pattern = Pattern("t", parse(r"(?:a|b)*a(?:a|b){30}c"))
    bits = "".join("ab"[(number * number * number // 11) % 2] for number in range(20_000))
    assert not pattern.search(bits)
    assert pattern.searching().kept <= matching.MOST_TRANSITIONS


def test_a_text_without_a_needed_word_costs_no_step():
    pattern = compile_pattern(r"(?:^|/)docker\.sock$")
    assert not pattern.search("/var/run/other")
    assert pattern.searching().work == 0


def test_a_text_that_is_decided_early_is_not_read_to_its_end():
    searching = Pattern("t", parse("^[0-9]{3}")).searching()
    searching.run("x" + "".join(map(chr, range(200, 3_000))))
    assert searching.work < 10
