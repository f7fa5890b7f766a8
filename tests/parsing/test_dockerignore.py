"""The .dockerignore language."""

from __future__ import annotations

import pytest

from scanner.parsing.dockerignore import parse_dockerignore


@pytest.mark.parametrize(
    ("pattern", "ignored", "kept"),
    [
        ("a", ["a", "a/b/c"], ["b/a", "ab"]),
        ("/a", ["a", "a/b"], ["b/a"]),
        ("a/", ["a", "a/b"], ["ab"]),
        ("./a", ["a"], ["b"]),
        ("a/../b", ["b"], ["a"]),
        ("*.md", ["x.md"], ["d/x.md", "x.mdx"]),
        ("*/x", ["a/x", "a/x/y"], ["x", "a/b/x"]),
        ("**/x", ["x", "a/x", "a/b/x", "a/x/y"], ["ax", "a/bx"]),
        ("**/*.pem", ["a.pem", "b/c/a.pem"], ["a.pemx"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["b", "ab"]),
        ("**", ["a", "a/b"], []),
        ("**x", ["x", "ax", "b/x"], ["xa"]),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("[ab]x", ["ax", "bx"], ["cx"]),
        ("[^a-c]x", ["dx"], ["ax", "bx"]),
        ("a\\*", ["a*"], ["ab"]),
        (".", [], ["a"]),
    ],
)
def test_a_pattern_fits_as_moby_fits_it(pattern: str, ignored: list[str], kept: list[str]):
    rules = parse_dockerignore(pattern + "\n")
    assert [path for path in ignored + kept if rules.ignores(path)] == ignored


def test_the_last_pattern_that_fits_decides():
    rules = parse_dockerignore("*\n!src\nsrc/*.log\n!src/keep.log\n")
    assert [path for path in ("a", "src/a", "src/a.log", "src/keep.log") if rules.ignores(path)] == [
        "a",
        "src/a.log",
    ]
    assert rules.deciding("src/keep.log").span == (4, 1, 4, 14)
    assert rules.deciding("src/keep.log").negated
    assert parse_dockerignore("a\n").deciding("b") is None


def test_comments_blanks_and_a_byte_order_mark_are_no_patterns():
    rules = parse_dockerignore("\ufeff# a\r\n\r\n  b  \n #c\n")
    assert [(pattern.text, pattern.span) for pattern in rules.patterns] == [
        ("b", (3, 3, 3, 4)),
        ("#c", (4, 2, 4, 4)),
    ]


@pytest.mark.parametrize("line", ["!", "[a", "a\\", "[]", "[a-]"])
def test_a_broken_pattern_costs_only_itself(line: str):
    rules = parse_dockerignore(f"{line}\na\n")
    assert [error.line for error in rules.errors] == [1]
    assert rules.ignores("a")


def test_the_root_is_never_ignored():
    assert not parse_dockerignore("**\n").ignores(".")


def test_stars_do_not_backtrack():
    rules = parse_dockerignore("*a" * 60 + "b\n" + "**/a" * 60 + "b\n")
    rules.ignores("a" * 300 + "/" + "a/" * 100)
