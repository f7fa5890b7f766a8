"""The words of a suppression: what is one, and what is said when it cannot be understood."""

from __future__ import annotations

import pytest

from scanner.triage.suppressing_words import read_words, split_until


def test_rules_reason_date_and_owner_are_read():
    words = read_words(
        'hullcheck: ignore[a-b, c] reason="as \\"agreed\\" with ops" until=2027-01-31 owner=ops'
    )
    assert words is not None
    assert words.problem is None
    assert words.rules == ("a-b", "c")
    assert words.reason == 'as "agreed" with ops'
    assert (words.until, words.owner, words.of_file) == ("2027-01-31", "ops", False)


def test_a_reason_may_stand_in_single_quotes_or_be_one_word():
    assert read_words("hullcheck: ignore[a] reason='it is'").reason == "it is"
    assert read_words("hullcheck:ignore-file[a] reason=reviewed").reason == "reviewed"


@pytest.mark.parametrize(
    "text",
    ["hullcheck: see the wiki", "hullcheck: exceptions are listed below", "hullcheck:", "hullcheck: 17"],
)
def test_prose_is_no_suppression(text):
    assert read_words(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hullcheck: ignore privileged", "the rules stand in brackets: ignore[rule-id]"),
        ("hullcheck: ignore[] reason=x", "the brackets name no rule"),
        (
            f"hullcheck: ignore[{','.join(map(str, range(200)))}] reason=x",
            "the brackets name more than 100 rules",
        ),
        ("hullcheck: skip[a]", "'skip' is unknown; write ignore[rule-id] or ignore-file[rule-id]"),
        (
            "hullcheck: ignore[a] reason=as agreed",
            "'agreed' is not understood; write reason=\"...\" with quotes",
        ),
        (
            "hullcheck: ignore[a] because it is",
            "'because it is' is not understood; write reason=\"...\" with quotes",
        ),
        (
            "hullcheck: ignore[a] reason=x expires=2027-01-31",
            "'expires=' is unknown; reason, until and owner can be given",
        ),
        ("hullcheck: ignore[a] reason=x until=soon", "until=soon is no date such as 2027-01-31"),
        ("hullcheck: ignore[a] reason=x until=2027-02-30", "until=2027-02-30 is no date such as 2027-01-31"),
        ("hullcheck: ignore[a] reason=x reason=y", "'reason=' stands twice"),
        (
            'hullcheck: ignore[a] reason="open',
            '\'reason="open\' is not understood; write reason="..." with quotes',
        ),
    ],
)
def test_what_is_not_understood_is_told(text, problem):
    assert read_words(text).problem == problem


def test_an_annotation_may_end_in_a_date():
    assert split_until("it routes packets until=2027-01-31") == ("it routes packets", "2027-01-31")
    assert split_until("until=2027-01-31") == ("", "2027-01-31")
    assert split_until("we wait until it is fixed") == ("we wait until it is fixed", None)
    assert split_until("x=until=3 and more") == ("x=until=3 and more", None)
