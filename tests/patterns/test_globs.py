"""Globs fit what their languages say, and no glob makes them go back and forth."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.patterns import gitignore, globs
from scanner.patterns.globs import go_glob, star_glob, wildcard_fits
from scanner.patterns.tree import PatternError


def lines_run(function, *modules):
    """How many lines of some modules a call runs."""
    files = {module.__file__ for module in modules}
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


# Without a backslash: fnmatch loses what stands before one when it drops an empty range.
@given(st.text("ab*?[]!-^c&~|", max_size=9), st.text("abc-]!^[\n&", max_size=6))
def test_a_wildcard_fits_what_fnmatch_says(pattern, text):
    assert wildcard_fits(text, pattern) is fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[^a-c]x", "dx", True),
        ("[^a-c]x", "ax", False),
        (r"\*", "*", True),
        (r"\*", "a", False),
        (r"[\]-a]", "^", True),
        ("*.tgz", "a.tgz", True),
        ("[!a]", "!", True),
    ],
)
def test_a_glob_of_go_has_its_own_negation_and_escapes(pattern, text, fits):
    assert go_glob(pattern).fits(text) is fits


@pytest.mark.parametrize("pattern", ["[a", "[]", "[-a]", "a\\", "[a-]"])
def test_a_broken_glob_of_go_is_refused(pattern):
    with pytest.raises(PatternError):
        go_glob(pattern)


def test_a_star_glob_knows_no_other_wildcard():
    assert star_glob("a?[b]*").fits("a?[b]c")
    assert not star_glob("a?[b]*").fits("ax[b]c")


@pytest.mark.parametrize("pattern", ["*a" * 30 + "*b", "*[ab]?" * 20 + "c", "*?" * 30 + "!", "*a?b" * 10])
def test_four_times_the_name_is_at_most_four_times_the_work_of_a_glob(pattern):
    wildcard_fits("", pattern)  # so that it is read
    once = lines_run(lambda: wildcard_fits("ab" * 100, pattern), globs)
    assert lines_run(lambda: wildcard_fits("ab" * 400, pattern), globs) <= 4 * once + 10


@pytest.mark.parametrize(
    "pattern",
    [
        "**/a/" * 20 + "b",
        "a*a*a*a*a*a*a*a*a*b",
        "**/*a*a/" * 10 + "x",
        "[ab]*" * 30 + "/c",
        "**/[!x]*[ab]*/" * 9 + "q",
    ],
)
def test_four_times_the_path_is_at_most_four_times_the_work_of_an_ignore_line(pattern):
    lines = gitignore.GitPatterns([pattern])

    def cost(path):
        return lines_run(lambda: lines.verdict(path, is_folder=False), globs, gitignore)

    for short in ("a/ba/" * 25, "ab" * 60):
        assert cost(short * 4 + "z") <= 4 * cost(short + "z") + 20
