"""Patterns have the verdicts that `re` has, for all that they understand."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.patterns.matching import Dialect, Pattern, PatternError, compile_pattern
from scanner.patterns.syntax import parse

ATOMS = [
    "a", "b", "A", "k", "s", "é", "1", "_", " ", r"\n", ".", "[ab]", "[^a]", r"\d", r"\w", r"\s", r"\W", r"\D",
    r"\S", "[a-c1-3]", "(?:)", r"[\s\S]", r"[\w-]", "[]a]", r"\x41", r"\u00e9", r"\.", "٣", r"[^\W_]", r"\0",
]  # fmt: skip
ASSERTIONS = ["^", "$", r"\b", r"\B", r"\A", r"\Z"]
COUNTS = ["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "{,2}", "{0}", "*?", "+?", "??", "{1,3}?"]
GROUPS = ["(", "(?:", "(?P<name>", "(?i:", "(?m:", "(?s:", "(?-i:", "(?a:", "(?x:"]
FLAGS = ["", "", "(?i)", "(?m)", "(?s)", "(?x)", "(?a)", "(?ims)", "(?ai)"]


def grown(inner):
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(st.sampled_from(GROUPS), inner, st.sampled_from(["", *COUNTS])).map(
            lambda found: f"{found[0]}{found[1]}){found[2]}"
        ),
    )


well_formed = st.tuples(
    st.sampled_from(FLAGS),
    st.recursive(st.sampled_from([*ATOMS, *ASSERTIONS]), grown, max_leaves=8),
).map("".join)
soup = st.lists(
    st.sampled_from([*ATOMS, *ASSERTIONS, *COUNTS, *GROUPS, *FLAGS, "(", ")", "|", "[", "]", "[^", "{", "}", "-",
                     "#", "(?#c)", "\\", "?"]),
    max_size=9,
).map("".join)  # fmt: skip
texts = st.text("aabbAkKsSſéÉ1_ \n-.\u212a٣İıi\x1c", max_size=8)


def refused(text):
    """Why a pattern is refused, None for one that is not."""
    try:
        parse(text)
    except PatternError as error:
        return error
    return None


def compiled_by_re(text):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text)
    except (re.error, OverflowError):
        return None


@given(st.one_of(well_formed, soup), st.lists(texts, min_size=1, max_size=4))
def test_search_match_and_fullmatch_agree_with_re(text, subjects):
    wanted = compiled_by_re(text)
    error = refused(text)
    if error is not None:
        assert wanted is None or error.hint, error
        return
    assert wanted is not None
    found = Pattern(text, parse(text))
    for subject in subjects:
        if not subject and r"\B" in text:
            continue  # re changed its mind about this in 3.14
        for verdict in ("search", "match", "fullmatch"):
            assert getattr(found, verdict)(subject) is (getattr(wanted, verdict)(subject) is not None)


def test_an_inside_of_a_word_is_found_in_no_text_at_all():
    assert compile_pattern(r"\B").search("")  # as Python 3.14 has it, with every Python


@pytest.mark.parametrize(
    ("pattern", "text", "verdict"),
    [
        (r"\bfoo$", "a foo\n", True),
        (r"\bfoo\Z", "a foo\n", False),
        (r"(?m)^b$", "a\nb\nc", True),
        (r"(?x) a \  b  # two", "a b", True),
        (r"(?i)straße", "STRAßE", True),
        (r"[[:alpha:]]", "[x", False),
        (r"a{,2}b", "aab", True),
        (r"\N{GREEK SMALL LETTER ALPHA}", "α", True),
        (r"a{", "a{", True),
        ("", "", True),
    ],
)
def test_the_dialect_is_that_of_re(pattern, text, verdict):
    assert compile_pattern(pattern).search(text) is verdict
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (re.search(pattern, text) is not None) is verdict


@pytest.mark.parametrize(
    ("pattern", "text", "verdict"),
    [
        ("foo$", "foo\n", False),
        (r"foo\z", "foo", True),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        (r"\bé", "é", False),
        (r"^\s$", "\v", False),
        ("^[[:upper:]]+$", "AB", True),
        ("^[^[:space:]]$", "a", True),
        ("a{,2}", "a{,2}", True),
        ("(?i)abc(?-i)d", "ABCd", True),
        ("(?<name>a)", "a", True),
        (r"\x{e9}", "é", True),
    ],
)
def test_the_dialect_of_kustomize_is_that_of_go(pattern, text, verdict):
    assert compile_pattern(pattern, Dialect.GO).search(text) is verdict


@pytest.mark.parametrize(
    "text", ["a" * 5_000, "ab" * 4_000 + "\n", "é" * 3_000, "".join(map(chr, range(32, 9_000)))]
)
@pytest.mark.parametrize("pattern", ["a+b", r"\bab", "(?i)Ä|é$", r"[^a-z]{3}x?$", "^a*$", r"\d\d"])
def test_long_texts_have_the_verdict_of_short_ones(pattern, text):
    assert compile_pattern(pattern).search(text) is (re.search(pattern, text) is not None)
