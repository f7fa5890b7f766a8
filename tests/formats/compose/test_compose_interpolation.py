"""Variables in Compose texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import FormatError
from scanner.formats.compose.interpolation import HOLE, Variable, interpolate, substitute

VALUES = {"SET": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("plain", "plain"),
        ("$SET-x", "value-x"),
        ("${SET}x", "valuex"),
        ("$$SET costs $$5", "$SET costs $5"),
        ("${NO:-a}${EMPTY:-b}${SET:-c}", "abvalue"),
        ("${NO-a}${EMPTY-b}", "a"),
        ("${NO:+a}${EMPTY:+b}${SET:+c}", "c"),
        ("${NO+a}${EMPTY+b}", "b"),
        ("${SET:?needed}", "value"),
        ("${EMPTY?needed}", ""),
        ("${NO:-${ALSO_NO:-${SET}}}", "value"),
        ('${NO:-{"a": {"b": 1}}}', '{"a": {"b": 1}}'),
        ("${NO:-http://host:80/-?+}", "http://host:80/-?+"),
        ("$NO.", "."),
    ],
)
def test_operators_give_what_compose_gives(text: str, expected: str) -> None:
    assert substitute(text, VALUES) == expected


@pytest.mark.parametrize("text", ["$", "a $ b", "${", "${}", "${ SET}", "${SET!}", "$5", "${SET", "${-a}"])
def test_a_dollar_without_a_variable_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="no valid variable"):
        interpolate(text, {})


def test_a_required_variable_without_value_tells_its_message() -> None:
    with pytest.raises(FormatError, match="required variable NO is missing a value: set NO to value"):
        substitute("${NO:?set NO to ${SET}}", VALUES)


def test_a_variable_without_value_leaves_a_hole_and_a_reason() -> None:
    result = interpolate("a${ONE}b${TWO:?x}", {})
    assert result.text == f"a{HOLE}b{HOLE}"
    assert result.unknown == "the variables 'ONE', 'TWO' have no value in the files and no default"


def test_a_default_needs_no_value() -> None:
    assert interpolate("${ONE:-1}", {}).unknown is None


def test_a_hole_in_a_variable_is_a_hole_in_the_text() -> None:
    assert interpolate("${ONE:-x}", {"ONE": Variable(f"a{HOLE}")}).unknown is not None


def test_nesting_is_bounded() -> None:
    with pytest.raises(FormatError, match="nested"):
        interpolate("${A:-" * 100 + "}" * 100, {})


@given(st.text(alphabet="${}ABC_:-+? \n", max_size=60))
def test_any_text_is_a_text_or_refused(text: str) -> None:
    try:
        result = interpolate(text, {"A": Variable("1")})
    except FormatError:
        return
    assert (HOLE in result.text) == (result.unknown is not None)


@given(st.text(alphabet=st.characters(blacklist_characters="$\ufdd0", blacklist_categories=["Cs"])))
def test_doubled_dollars_are_one_dollar(text: str) -> None:
    assert substitute(f"$${text}$$", {}) == f"${text}$"
