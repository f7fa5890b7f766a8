"""Laws of the secret judgements, on any text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from scanner.secrets import verdicts as secrets

NAMES = st.sampled_from(
    ["DB_PASSWORD", "password", "API_KEY", "clientSecret", "GITHUB_TOKEN", "db.password", "AWS_SECRET_ACCESS_KEY",
     "PORT", "PATH", "DATABASE_URL", "key", "TOKEN_TTL", "CONNECTION_STRING", "--password", "name", "value"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["hunter2", "=", ":", " ", "'", '"', "\\", "${", "}", "$", "{{", "}}", "://", "@", "/", "#", "***", "*", "<", ">",
     "password", "token=", "name: DB_PASSWORD", "value: ", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
     "AKIAQ3EGTRWXYZ2345AB", "postgres://a:b9@c", "LS0tLS1CRUdJTi", "\n", "\r\n", "\t", ",", ";", "&", "--password", "-u a:b",
     "ENV PASSWORD x", "xxxx", "(", ")", "tcp(", "[", "]", "|", "é", "\x00", "\x85", "\u2028", "aGVsbG8gd29ybGQhIQ==", "1", "A" * 20]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=5, max_size=40)


@given(TEXTS, TEXTS)
def test_no_judgement_raises(name: str, value: str) -> None:
    secrets.judge(name, value)
    secrets.is_literal_credential(name, value)
    secrets.is_high_entropy(name, value)
    secrets.weak_default(name, value)
    secrets.credential_in_text(value)
    secrets.decoded_base64(value)


@given(TEXTS)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = secrets.redact(text)
    assert secrets.redact(once) == once


@given(st.lists(TEXTS, max_size=6).map("\n".join))
def test_redacting_keeps_the_lines(text: str) -> None:
    assert secrets.redact(text).count("\n") == text.count("\n")


@example("DB_PASSWORD", "&0000")
@given(NAMES.filter(lambda name: secrets.is_secret_name(name) and name[0] != "-"), PLAIN)
def test_a_secret_does_not_survive_redaction(name: str, value: str) -> None:
    if secrets.judge(name, value) is not None:
        assert f"={value}" not in secrets.redact(f"{name}={value}")
        assert value not in secrets.redact(f"{name}={value}").partition("=")[2] or set(value) <= {"*"}


@given(NAMES, TEXTS)
def test_whatever_is_judged_has_something_to_hide(name: str, value: str) -> None:
    verdict = secrets.judge(name, value)
    if verdict not in (None, secrets.Verdict.WEAK_DEFAULT):
        assert secrets.mask_spans(name, value)


@given(NAMES, TEXTS)
def test_masks_are_sorted_apart_and_inside(name: str, value: str) -> None:
    last = -1
    for begin, end in secrets.mask_spans(name, value):
        assert last < begin < end <= len(value)
        last = end


@given(NAMES, TEXTS)
def test_literal_and_weak_default_exclude_each_other(name: str, value: str) -> None:
    assert not (secrets.is_literal_credential(name, value) and secrets.weak_default(name, value))


@given(PLAIN.filter(str.isalnum), PLAIN.filter(str.isalnum))
def test_password_span_is_the_password(user: str, password: str) -> None:
    value = f"postgres://{user}:{password}@db.internal/app"
    for begin, end in secrets.password_spans(value):
        assert value[begin:end] == password


@given(st.text("abcXYZ_.-", max_size=20))
def test_a_name_is_judged_the_same_in_any_case_of_separator(name: str) -> None:
    assert secrets.is_secret_name(name.replace("_", "-")) == secrets.is_secret_name(name.replace("_", "."))
