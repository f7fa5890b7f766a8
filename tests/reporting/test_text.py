"""Scanned text made harmless."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.reporting.shared.text import capped, defuse, defuse_json, in_markdown, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("naïve 😀", "naïve 😀"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_controls_or_hides_is_shown_as_an_escape(text: str, expected: str):
    assert visible(text) == expected


@given(st.text())
def test_visible_text_is_one_printable_line(text: str):
    shown = visible(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text", ["::error::x", "a\n  ::set-output name=x::y", "x ##[add-mask]y", "##[group]"]
)
def test_the_runner_finds_no_command(text: str):
    shown = defuse(text)
    assert "##[" not in shown
    assert not any(line.strip().startswith("::") for line in shown.splitlines())


def test_colons_within_a_line_stay():
    assert defuse("std::vector\n ::: a") == "std::vector\n :\\x3a: a"


@given(st.text(alphabet=st.sampled_from('#[\\"a')))
def test_a_defused_document_says_the_same(text: str):
    document = json.dumps({"k": text})
    assert json.loads(defuse_json(document)) == {"k": text}
    assert "##[" not in defuse_json(document)


@pytest.mark.parametrize("character", list("&<>|`*_[]\\~#"))
def test_markdown_markup_is_shown_and_not_obeyed(character: str):
    assert in_markdown(character) not in ("", character)


def test_markdown_has_no_links_and_no_mentions():
    shown = in_markdown("https://evil.example www.evil.example @team [a](b)")
    assert "://" not in shown
    assert "www." not in shown
    assert "@team" not in shown
    assert "[a]" not in shown


def test_capped_text_tells_that_it_is_cut():
    assert capped("abcdef", 4) == "abc…"
    assert capped("abcd", 4) == "abcd"
