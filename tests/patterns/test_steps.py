"""The counting matcher answers as `re` does, and its counts grow as they should."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.patterns.program import compile_program
from tests.patterns.steps import count_steps

_PIECES = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\s",
        "^",
        "$",
        r"\b",
        r"\Z",
        "(?=a)",
        "(?!b)",
        "(?<=a)",
        "(?<!b)",
        "-",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    counts = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??", "{1,3}?"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, counts).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(inner, counts).map(lambda pair: f"({pair[0]}){pair[1]}"),
        inner.map(lambda each: f"(?={each})"),
        inner.map(lambda each: f"(?!{each})"),
    )


_PATTERNS = st.recursive(_PIECES, _grown, max_leaves=6)


@given(_PATTERNS, st.text("ab-\n A_", max_size=8), st.sampled_from([0, re.I, re.M, re.S, re.A]))
def test_it_finds_what_re_finds(source: str, text: str, flags: int) -> None:
    pattern = re.compile(source, flags)
    program = compile_program(pattern)
    for use in ("match", "fullmatch", "search"):
        found = getattr(pattern, use)(text)
        assert count_steps(program, text, use).spans == ((found.span(),) if found else ()), use
    assert count_steps(program, text, "finditer").spans == tuple(
        each.span() for each in pattern.finditer(text)
    )


@pytest.mark.parametrize(
    ("source", "text", "use"),
    [
        (r"(a+)+b|\1c", "aac", "search"),
        (r"(?P<q>['\"])a*(?P=q)", "x'aa'", "search"),
        (r"(?i)straße|\bk", "STRASSE K", "finditer"),
        (r"(?:a?){4}b", "aab", "fullmatch"),
        (r"(?m)^$", "\n\n", "finditer"),
    ],
)
def test_it_finds_what_re_finds_in_these_too(source: str, text: str, use: str) -> None:
    pattern = re.compile(source)
    found = pattern.finditer(text) if use == "finditer" else [getattr(pattern, use)(text)]
    spans = tuple(each.span() for each in found if each)
    assert count_steps(compile_program(pattern), text, use).spans == spans


@pytest.mark.parametrize(
    ("source", "text", "use", "growth"),
    [
        (r"a*b", "a", "match", 4),
        (r"a*b", "a", "search", 16),
        (r"a*a*b", "a", "match", 16),
        (r"(?:a|ab)*c", "ab", "match", 4),
        (r"[^:]*:", "a", "finditer", 16),
    ],
)
def test_the_count_grows_as_the_cost_does(source: str, text: str, use: str, growth: int) -> None:
    program = compile_program(re.compile(source))
    few, many = (count_steps(program, text * size, use).steps for size in (64, 256))
    assert growth * 0.8 < many / few < growth * 1.2
