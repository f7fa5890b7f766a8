"""Values of the environment that are nothing but references to variables without a value."""

from __future__ import annotations

import pytest

from scanner.model.source import Unknown
from tests.formats.compose.compose_texts import container, in_service, messages, read, value


@pytest.mark.parametrize(
    "item", ["PASSWORD: ${PASSWORD:?x}", "- PASSWORD=${PASSWORD:?x}"], ids=["mapping", "list"]
)
def test_a_value_that_is_only_a_reference_stays_as_written_and_leaves_the_project_certain(item: str) -> None:
    reading = read(in_service(f"environment:\n  {item}"))
    assert reading.resources is not None
    assert reading.resources.certain
    assert value(container(reading).env[0].value) == "${PASSWORD:?x}"
    assert [line.status.value for line in reading.coverage] == ["evaluated"]


def test_a_switch_that_is_only_a_reference_stays_undecided() -> None:
    reading = read(in_service("privileged: ${P}"))
    assert reading.resources is not None
    assert not reading.resources.certain


def test_a_reference_within_other_text_stays_undecided() -> None:
    reading = read(in_service("environment: {URL: 'http://${HOST}/'}"))
    assert isinstance(value(container(reading).env[0].value), Unknown)


def test_a_file_with_too_many_keys_and_no_alias_is_not_said_to_have_aliases_that_expand() -> None:
    text = in_service("labels:\n" + "".join(f"  k{number}: v\n" for number in range(160_000)))
    assert any("more than 300000 keys and values" in message for message in messages(read(text)))
