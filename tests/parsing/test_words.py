"""The meaning of words: quotes, escapes, variables, and what is not known."""

from __future__ import annotations

import contextlib

import pytest

from scanner.errors import ParseError
from scanner.model.source import Unknown
from scanner.parsing.words import Expanded, expand_word, expand_words

VALUES = {"HOME": "/root", "EMPTY": "", "FILE": "a/b/c.tar.gz", "BLANKS": "x y"}


def look(name: str) -> str | Unknown | None:
    return Unknown("build argument without default") if name == "SECRET" else VALUES.get(name)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain", "plain"),
        ("'a b'c", "a bc"),
        ('"a \\"b\\" \\c"', 'a "b" \\c'),
        ("a\\ b", "a b"),
        ("end\\", "end"),
        ("$HOME/x", "/root/x"),
        ("${HOME}x", "/rootx"),
        ("'$HOME'", "$HOME"),
        ("\\$HOME", "$HOME"),
        ('"$HOME"', "/root"),
        ("${NOPE-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${EMPTY:-d}", "d"),
        ("${HOME:+set}${NOPE:+set}", "set"),
        ("${NOPE:-${EMPTY:-$HOME}}", "/root"),
        ("${HOME?must}", "/root"),
        ("${FILE#*/}", "b/c.tar.gz"),
        ("${FILE##*/}", "c.tar.gz"),
        ("${FILE%.*}", "a/b/c.tar"),
        ("${FILE%%.*}", "a/b/c"),
        ("${FILE/\\//-}", "a-b/c.tar.gz"),
        ("${FILE//\\//-}", "a-b-c.tar.gz"),
        ("${FILE/?.tar/X}", "a/b/X.gz"),
        ("${FILE//[/X}", "a/b/c.tar.gz"),
        ("$", "$"),
        ("100%", "100%"),
    ],
)
def test_words_mean_what_buildkit_makes_of_them(word: str, text: str):
    assert expand_word(word, look).text == text


def test_the_escape_character_of_the_file_is_used():
    assert expand_word("c:\\x`$HOME", look, "`").text == "c:\\x$HOME"


@pytest.mark.parametrize(
    "word",
    ["'open", '"open', "${", "${}", "${HOME", "${HOME:=x}", "${:x}", "${NOPE?}", "${EMPTY:?}", "${HOME#\\a}"],
)
def test_a_broken_word_is_an_error(word: str):
    with pytest.raises(ParseError):
        expand_word(word, look)


def test_an_unset_variable_leaves_nothing_and_is_named():
    assert expand_word("a$NOPE.b", look) == Expanded("a.b", unset=("NOPE",))


def test_a_default_makes_a_variable_no_longer_unset():
    assert expand_word("${NOPE:-x}", look) == Expanded("x")


def test_an_unknown_variable_makes_the_word_unknown():
    expanded = expand_word("a-$SECRET-${SECRET:-x}", look)
    assert not expanded.is_known
    assert expanded == Expanded("a-$SECRET-${SECRET:-x}", unknown=("SECRET",))


def test_an_unknown_default_that_is_not_used_does_no_harm():
    assert expand_word("${HOME:-$SECRET}", look) == Expanded("/root")


def test_words_are_split_after_the_variables_are_put_in():
    assert expand_words("a $BLANKS '$BLANKS' \"$BLANKS\" b\\ c", look).words == (
        "a",
        "x",
        "y",
        "$BLANKS",
        "x y",
        "b c",
    )


@pytest.mark.parametrize(
    "word", ["${a:-" * 5000, "${FILE" * 5000, "'" * 100_001, "$" * 100_000, "${FILE//*/" * 900]
)
def test_a_hostile_word_ends_quickly(word: str):
    with contextlib.suppress(ParseError):
        expand_word(word, look)


def test_wildcards_do_not_backtrack():
    values = {"V": "a" * 1900}
    expand_word("${V##" + "*a" * 200 + "b}${V/" + "*a" * 50 + "b/x}", values.get)


@pytest.mark.parametrize(
    "word",
    ["$L$L", '"$L$L"', "${NOPE:-$L$L}", "${NOPE:-${NOPE:-$L}$L}", "${L//x/yyyy}", "${S//?/$L}"],
)
def test_a_word_that_grows_over_the_limit_is_too_long_and_stays_as_written(word: str):
    values = {"L": "x" * 40_000, "S": "x" * 1_000}
    assert expand_word(word, values.get) == Expanded(word, too_long=True)


def test_a_long_word_without_growth_keeps_its_value():
    assert expand_word("'" + "x" * 100_000 + "'", look).text == "x" * 100_000
