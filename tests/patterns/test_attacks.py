"""The pump finds what is slow, and calls nothing slow that is not."""

from __future__ import annotations

import re

import pytest

from tests.patterns.attacks import is_linear, worst_growth


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (r"(a+)+$", "match"),
        (r"^(a+)+$", "search"),
        (r"(?:a|a)*b", "match"),
        (r"(?:a|ab|b)*c", "match"),
        (r"\s*\s*x", "match"),
        (r"\s*(?:#.*)?\s*x", "match"),
        (r"[ab]*[bc]*d", "match"),
        (r".*a.*b", "search"),
        (r"[^:]*:[^@]*@", "search"),
        (r"\S+\s*@", "finditer"),
        (r"https?://\S+@", "finditer"),
        (r"x(?=[^y]*y)", "finditer"),
        (r"(?<=x)[^y]*y", "finditer"),
        (r"\d+-\d+x", "finditer"),
        (r'"(?:[^"\\]|\\.)*"', "finditer"),
        (r"(?i)key\s*[=:]\s*\S*;", "finditer"),
        (r"(?m)^\s*x", "finditer"),
        (r"/\*.*?\*/", "finditer"),
        (r"(?:[a-z]+\.)+[a-z]+@", "search"),
        (r"(\w+\s?)*!", "fullmatch"),
        (r"a{1,5000}b", "search"),
        (r"(?:ab?){2,}$", "search"),
    ],
)
def test_it_finds_a_slow_pattern(source: str, use: str) -> None:
    assert not is_linear(worst_growth(re.compile(source, re.DOTALL), use, 100))


@pytest.mark.parametrize(
    ("source", "use"),
    [
        (r"a+$", "match"),
        (r"[^:@]*:[^@]*@", "match"),
        (r"a{1,50}b", "finditer"),
        (r"(?m)^[ \t]*x\s*$", "finditer"),
        (r"(?<![a-z])[a-z]+=", "finditer"),
        (r"[a-z]+(?:-[a-z]+)*", "fullmatch"),
        (r"(?m)^---(?=[ \t\r\n]|$)", "finditer"),
        (r'"(?:[^"\\]|\\.)*"', "match"),
        (r".*\.yaml", "fullmatch"),
        (r"[ab]+", "finditer"),
    ],
)
def test_it_leaves_a_linear_pattern(source: str, use: str) -> None:
    growth = worst_growth(re.compile(source), use, 100)
    assert is_linear(growth), growth
