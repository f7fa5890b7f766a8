"""Env files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.compose.dotenv import parse_dotenv
from scanner.formats.compose.interpolation import Variable


def values(text: str, **known: str) -> dict[str, str | None]:
    parsed = parse_dotenv(text, ".env", {name: Variable(each) for name, each in known.items()})
    assert not parsed.errors
    return {entry.name: None if entry.value is None else entry.value.text for entry in parsed.entries}


def test_plain_lines_comments_and_export() -> None:
    text = "# head\n\nA=1\n  export B = two words \nC: yaml\nD=\nE\n"
    assert values(text) == {"A": "1", "B": "two words", "C": "yaml", "D": "", "E": None}


def test_a_comment_needs_white_space_before_it() -> None:
    assert values("A=x#y\nB=x #y\nC=#y\n") == {"A": "x#y", "B": "x", "C": ""}


def test_quotes_keep_spaces_comments_and_lines() -> None:
    text = 'A=" a # b " # c\nB=\'$A \\n\'\nC="one\ntwo"\nD="tab\\t\\"q\\" \\$A"\n'
    assert values(text) == {"A": " a # b ", "B": "$A \\n", "C": "one\ntwo", "D": 'tab\t"q" $A'}


def test_variables_come_from_further_up_and_from_outside() -> None:
    assert values("A=1\nB=${A}-${O:-x}-${N:-d}\n", O="out") == {"A": "1", "B": "1-out-d"}


def test_what_is_known_outside_wins() -> None:
    assert values("A=1\nB=$A\n", A="outer")["B"] == "outer"


def test_a_variable_without_value_is_not_decided() -> None:
    (entry,) = parse_dotenv("A=${NOWHERE}\n", ".env", {}).entries
    assert entry.value is not None
    assert entry.value.unknown == "the variable 'NOWHERE' has no value in the files and no default"


def test_a_raw_file_is_taken_as_it_stands() -> None:
    (entry,) = parse_dotenv("A='$x' # no comment\n", "raw.env", {}, raw=True).entries
    assert entry.value is not None
    assert entry.value.text == "'$x' # no comment"


def test_places_span_the_assignment() -> None:
    first, second = parse_dotenv('\nexport A=1\nB="x\ny"\n', ".env", {}).entries
    assert first.span == (2, 8, 2, 11)
    assert second.span == (3, 1, 4, 3)


def test_an_error_costs_its_line_and_has_a_place() -> None:
    parsed = parse_dotenv('A=1\n=2\nB C=3\nD="open\nE=5\n', ".env", {})
    assert [entry.name for entry in parsed.entries] == ["A", "E"]
    assert [(error.line, error.column) for error in parsed.errors] == [(2, 1), (3, 3), (4, 3)]


def test_crlf_files_read_the_same() -> None:
    assert values('A=1\r\nB="x"\r\n') == {"A": "1", "B": "x"}


@given(st.text(max_size=80))
def test_any_text_gives_entries_or_errors(text: str) -> None:
    parsed = parse_dotenv(text, ".env", {})
    assert all(entry.name for entry in parsed.entries)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), st.from_regex(r"[^'\r]*", fullmatch=True)
    )
)
def test_single_quotes_keep_any_text(pairs: dict[str, str]) -> None:
    pairs = {name: text for name, text in pairs.items() if not text.endswith("\\")}
    text = "".join(f"{name}='{value}'\n" for name, value in pairs.items())
    assert values(text) == pairs


@pytest.mark.parametrize("text", ["export ", "export \t", "export \n", "A=b\nexport ", "export #"])
def test_an_export_of_nothing_is_an_error_at_its_place(text):
    found = parse_dotenv(text, ".env", {})
    (error,) = found.errors
    assert error.message.startswith("expected a variable's name, found ")
    assert error.line == text.rstrip("\n").count("\n") + 1
