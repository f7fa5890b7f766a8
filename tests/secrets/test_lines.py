"""What is hidden in scanned text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.source import Span
from scanner.parsing.lines import split_lines
from scanner.reporting.base import across
from scanner.secrets.lines import MASK, Secrets, cut_out, masked
from tests.reporting.report_builders import at, finding, report, rule


def shown(text: str, *spans: Span) -> list[str]:
    lines = split_lines(text)
    secrets = Secrets(lines, spans)
    return [cut_out(line, secrets.ranges(number)) for number, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("      POSTGRES_PASSWORD: hunter2 # c", "      POSTGRES_PASSWORD: *** # c"),
        ("password: correct horse battery", "password: ***"),
        ("- PASSWORD=hunter2", "- PASSWORD=***"),
        ("ENV TOKEN hunter2", "ENV TOKEN ***"),
        ("ENV API_KEY=hunter2 B=c", "ENV API_KEY=*** B=c"),
        ("RUN x --password hunter2 y", "RUN x --password *** y"),
        ("RUN x --password=hunter2", "RUN x --password=***"),
        ("- {name: DB_PASSWORD, value: hunter2}", "- {name: DB_PASSWORD, value: ***}"),
        ("{password: hunter2, user: y}", "{password: ***, user: y}"),
        ('"password":"hunter2",', '"password":***,'),
        ("password: 'it''s' # x", "password: *** # x"),
        ("url: postgres://u:hunter2@db:5432/x", "url: postgres://u:***@db:5432/x"),
        ("url: https://ghp_hunter2@github.com/x", "url: https://***@github.com/x"),
        ('"Authorization: Bearer hunter2"', '"Authorization: ***"'),
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str, expected: str):
    assert masked(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "secretName: my-tls",
        "automountServiceAccountToken: false",
        "tokenExpirationSeconds: 3600",
        "image: vault-secrets:1.2",
        "image: ghcr.io/x@sha256:abcd",
        "password: ${DB_PASSWORD}",
        "url: postgres://u:${PW}@db/x",
        "POSTGRES_PASSWORD_FILE=/run/secrets/x",
        "kind: Secret",
        "type: kubernetes.io/service-account-token",
        "# this is a secret thing of prose",
        "secretKeyRef: {name: x, key: password}",
        "email: someone@example.com",
        "password:",
        'password: ""',
    ],
)
def test_what_only_names_a_secret_is_shown(line: str):
    assert masked(line) == line


def test_the_value_of_an_environment_entry_is_hidden_by_the_name_above_it():
    assert shown("- name: DB_PASSWORD\n  value: hunter2\n- name: X\n  value: y") == [
        "- name: DB_PASSWORD",
        f"  value: {MASK}",
        "- name: X",
        "  value: y",
    ]


def test_a_block_scalar_under_a_secret_key_is_hidden_to_its_end():
    assert shown("token: |\n  hunter2\n\n    hunter3\nc: d") == ["token: |", "  ***", "", "    ***", "c: d"]


def test_a_private_key_is_hidden_from_begin_to_end():
    text = "a: |\n  -----BEGIN RSA PRIVATE KEY-----\n  hunter2\n  -----END RSA PRIVATE KEY-----\nb: c"
    assert shown(text) == ["a: |", "  ***", "  ***", "  ***", "b: c"]


def test_a_certificate_is_no_secret():
    text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    assert shown(text) == text.split("\n")


def test_known_spans_are_hidden_over_several_lines():
    assert shown("a: x\n  yy\n  zz w\nb", Span(1, 4, 3, 5)) == ["a: ***", "  ***", "  *** w", "b"]


def test_the_key_of_a_secret_entry_stays():
    line = "  SA_PASSWORD: hunter2 x"
    assert shown(line, Span(1, 3, 1, 25)) == ["  SA_PASSWORD: ***"]
    assert shown("- SA_PASSWORD=hunter2", Span(1, 3, 1, 22)) == ["- SA_PASSWORD=***"]


def test_a_value_that_looks_like_an_entry_is_hidden_whole():
    assert shown("a: c2VjcmV0=", Span(1, 4, 1, 13)) == ["a: ***"]
    assert shown("a: token==", Span(1, 4, 1, 11)) == ["a: ***"]


def test_a_span_beyond_the_text_hides_what_there_is():
    assert shown("abc", Span(1, 2, 9, 9), Span(5, 1, 5, 2)) == ["a***"]


def test_the_mask_does_not_tell_the_length():
    assert masked("password: a") == masked("password: " + "a" * 60)


def test_the_place_of_a_sensitive_rule_is_hidden():
    place = at("f", 1, 6, 13)
    text = "key: hunter2"
    plain = across(report(finding(place, "r"), texts={"f": text}, rules=(rule("r"),))).sources
    sensitive = across(
        report(finding(place, "r"), texts={"f": text}, rules=(rule("r", sensitive=True),))
    ).sources
    assert plain.shown("f", 1) == text
    assert sensitive.shown("f", 1) == "key: ***"


def test_a_part_of_a_line_does_not_uncover_a_secret():
    sources = across(report(texts={"f": "key: hunter2 x"}, masked={"f": (Span(1, 6, 1, 13),)})).sources
    for start in range(14):
        for end in range(start, 15):
            text = sources.shown_part("f", 1, start, end)
            assert not any(part in text for part in ("hu", "un", "nt", "te", "er", "r2"))


@given(st.text(alphabet=st.sampled_from("pasword:= '\"|\n-{},@/token#E"), max_size=200))
def test_masking_takes_any_text_and_keeps_its_lines(text: str):
    assert len(shown(text)) == len(split_lines(text))


@pytest.mark.parametrize(
    "text",
    [
        "secret=" * 150_000,
        "secretname: " * 80_000,
        "secret: |\n" * 100_000,
        ": |#" * 250_000,
        "://a:" * 200_000 + "@",
        ("secret " + '"' * 900 + "\n") * 1_000,
        ("password" + " " * 900 + "\n") * 1_000,
    ],
)
def test_hostile_text_costs_no_more_than_its_length(text: str):
    shown(text)
