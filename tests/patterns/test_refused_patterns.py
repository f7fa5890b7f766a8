"""What a pattern cannot be is told with its place in it, and a way to write it otherwise."""

from __future__ import annotations

import pytest

from scanner.patterns.matching import Dialect, PatternError, compile_pattern
from scanner.patterns.tree import DEEPEST, LONGEST, MOST_PLACES


@pytest.mark.parametrize(
    ("pattern", "at", "message", "hint"),
    [
        (r"a(?=b)", 1, "'(?=' looks ahead", "not_matches"),
        (r"^(?!b)", 1, "'(?!' looks ahead", "not_matches"),
        (r"(?<=a)b", 0, "'(?<=' looks back", "'all'"),
        (r"(?<!a)b", 0, "'(?<!' looks back", "'all'"),
        (r"(a)\1", 3, r"'\1' refers back", "choices"),
        (r"(?P<x>a)(?P=x)", 8, "'(?P=' refers back", "choices"),
        (r"(a)?(?(1)b|c)", 4, "asks whether a group", "choices"),
        (r"(?>a*)b", 0, "atomic", "(?:"),
        (r"a*+b", 1, "possessively", "leave out"),
        (r"a{2,}+", 1, "possessively", "leave out"),
        (r"a(?i)b", 1, "the flags '(?i)' do not stand at the start", "(?i:"),
    ],
)
def test_what_takes_more_than_linear_time_is_refused_with_a_rewriting(pattern, at, message, hint):
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert caught.value.at == at
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("pattern", "at", "message"),
    [
        ("(", 0, "a '(' is not closed"),
        ("a)", 1, "unbalanced ')'"),
        ("[a", 0, "a '[' is not closed"),
        ("[z-a]", 1, "'z-a' is no range"),
        ("*a", 0, "nothing before '*'"),
        ("a**", 2, "another repetition before '*'"),
        ("a{3,1}", 1, "a count with a lower end above"),
        ("\\", 0, "a backslash stands at the end"),
        (r"a\q", 1, r"the escape '\q' is not understood"),
        (r"\x4", 0, r"'\x' needs the number"),
        (r"(?P<1>a)", 0, "cannot be the name of a group"),
        (r"(?P<a>b)(?P<a>c)", 8, "cannot be the name of a group"),
        ("(?q)", 0, "cannot be set"),
        ("(?L)a", 0, "cannot be set"),
    ],
)
def test_what_is_not_well_formed_is_refused_at_its_place(pattern, at, message):
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert caught.value.at == at
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a" * (LONGEST + 1), f"has {LONGEST + 1} characters, more than {LONGEST}"),
        (f"a{{{MOST_PLACES + 1}}}", f"more than {MOST_PLACES} characters"),
        ("(?:(?:a{50}){50}){50}", f"more than {MOST_PLACES} characters"),
        ("(?:^){100000}", f"more than {MOST_PLACES} characters"),
        ("(?:(?:){40000}){40000}", f"more than {MOST_PLACES} characters"),
        ("a{9999999999}", "a count of this size"),
        ("(" * (DEEPEST + 1) + ")" * (DEEPEST + 1), f"nested deeper than {DEEPEST}"),
    ],
)
def test_a_pattern_that_is_too_large_is_refused_by_its_counts(pattern, message):
    with pytest.raises(PatternError, match=message.replace("(", r"\(")):
        compile_pattern(pattern)


def test_a_pattern_at_its_bounds_is_used():
    assert compile_pattern(f"a{{{MOST_PLACES}}}").fullmatch("a" * MOST_PLACES)
    assert compile_pattern("(" * DEEPEST + "a" + ")" * DEEPEST).search("a")


@pytest.mark.parametrize("pattern", [r"\pL", r"a\Z", r"[[:nothing:]]", "(?=a)", r"\C", "a**", "(?#c)"])
def test_what_the_dialect_of_kustomize_lacks_is_refused(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern, Dialect.GO)
