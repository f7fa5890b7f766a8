"""Values of secrets are found in any text, whole or cut short, in time linear in the text."""

from __future__ import annotations

import base64
import json
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.secrets.distinctive import is_distinctive
from scanner.secrets.registry import Registry

VALUE = "Kx82mQzt71bW"
texts = st.text(st.sampled_from("Kx82mQzt71bW-ab*'\n "), max_size=60)
values = st.text(st.sampled_from("Kx82mQa-$'\"\\é "), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"image 'shop/web:{VALUE}'", "image 'shop/web:***'"),
        (f"{VALUE}{VALUE} {VALUE}", "****** ***"),
        (f"'{VALUE[:9]}...' is no port", "'***...' is no port"),
        (f"x{VALUE.lower()}y", "x***y"),
        (f"{base64.b64encode(VALUE.encode()).decode()}", "***"),
        ("Kx82 is short, and Kx8 too", "Kx82 is short, and Kx8 too"),
        ("", ""),
    ],
)
def test_a_value_is_hidden_wherever_it_stands(text: str, expected: str) -> None:
    assert Registry([VALUE]).hidden(text) == expected


@pytest.mark.parametrize("value", ["inventory", "web", "postgres", "12345678", "", "  ", "my-app-db"])
def test_an_ordinary_word_is_not_looked_for(value: str) -> None:
    registry = Registry([value])
    assert not registry
    assert registry.hidden(f"container '{value}' of {value}") == f"container '{value}' of {value}"


def test_each_line_of_a_value_is_a_value() -> None:
    registry = Registry(["ordinary\nQz83kLmn02\n\n  Wp47xxRt91  \n"])
    assert registry.hidden("a Wp47xxRt91 b Qz83kLmn02 ordinary") == "a *** b *** ordinary"


@pytest.mark.parametrize("value", ["a'b\"Kx82$m", "Kx82\\mQ\t$$9", "Zürich82-Qx$1", "p@ss/w:rd#82K"])
def test_the_forms_in_which_texts_quote_a_value_are_hidden(value: str) -> None:
    registry = Registry([value])
    quoted = (repr(value), json.dumps(value)[1:-1], quote(value, safe=""), value.replace("'", "''"))
    for form in (value, *quoted, value.replace("$", "$$"), base64.b64encode(value.encode()).decode()):
        assert form not in registry.hidden(f"<{form}>")


@given(st.lists(values, max_size=5), texts)
def test_no_whole_value_is_left(secrets: list[str], text: str) -> None:
    shown = Registry(secrets).hidden(" ".join((text, *secrets, text)))
    for value in secrets:
        for line in value.splitlines():
            if is_distinctive(line.strip()):
                assert line.strip() not in shown


@given(st.lists(values, max_size=6), texts, st.randoms(use_true_random=False))
def test_the_order_of_values_is_of_no_account(secrets: list[str], text: str, chance: random.Random) -> None:
    other = list(secrets)
    chance.shuffle(other)
    text = "".join((text, *secrets))
    assert Registry(secrets).forms == Registry(other).forms
    assert Registry(secrets).hidden(text) == Registry(other).hidden(text)


@given(st.lists(values, max_size=4), texts)
def test_what_is_hidden_stays_as_it_is(secrets: list[str], text: str) -> None:
    registry = Registry(secrets)
    shown = registry.hidden(text + "".join(secrets))
    assert registry.hidden(shown) == shown


@given(st.lists(values, max_size=4), texts)
def test_spans_are_sorted_and_apart(secrets: list[str], text: str) -> None:
    last = 0
    for begin, end in Registry(secrets).spans(text + "".join(secrets)):
        assert last <= begin < end
        last = end


class Counted(Registry):
    """Counts the comparisons of a value with a text."""

    compared = 0

    def _end(self, text: str, begin: int) -> int | None:
        self.compared += 1
        return super()._end(text, begin)


def random_value(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_letters + string.digits, k=16))


def test_the_work_does_not_grow_with_the_number_of_values() -> None:
    chance = random.Random(7)
    text = "container 'web' mounts the socket of Kx82mQ, and 'db' has no limit of memory. " * 20
    few = Counted(random_value(chance) for _ in range(10))
    many = Counted(random_value(chance) for _ in range(10_000))
    few.hidden(text)
    many.hidden(text)
    assert few.compared <= 2
    assert many.compared <= 20


@pytest.mark.parametrize("secret", ["a" * 200 + "!Z9", "ab" * 40 + "cK8", "------aB3-----aB3---xK92"])
def test_a_text_of_beginnings_costs_one_comparison_a_character(secret: str) -> None:
    registry = Counted([secret])
    text = secret[:30] * 500
    registry.hidden(text)
    assert registry.compared <= len(text)
