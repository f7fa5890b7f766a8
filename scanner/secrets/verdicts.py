"""What a secret is: judgements on the name and the value of one setting.

One variable, one verdict, most telling first: private key, known token, address with a
password, weak default, literal credential, random text under a name that may mean a
secret. Everything here is pure, never raises and never quotes a value.
"""

from __future__ import annotations

from enum import StrEnum

from scanner.secrets.addresses import credential_in_url, password_spans
from scanner.secrets.defaults import weak_default
from scanner.secrets.names import Noun, credential_noun, is_secret_name
from scanner.secrets.pairs import (
    Span,
    credential_pairs,
    hidden_part,
    is_credential,
    is_high_entropy,
    lines_and_starts,
)
from scanner.secrets.redaction import MASK, merged, redact, replaced
from scanner.secrets.tokens import (
    known_token,
    private_key,
    private_key_spans,
    tokens,
    wrapped_key_spans,
)
from scanner.secrets.values import LiteralKind, decoded_base64, literal_kind

__all__ = [
    "MASK",
    "LiteralKind",
    "Noun",
    "Span",
    "Verdict",
    "credential_in_text",
    "credential_in_url",
    "credential_noun",
    "decoded_base64",
    "is_high_entropy",
    "is_literal_credential",
    "is_secret_name",
    "judge",
    "known_token",
    "literal_kind",
    "mask_spans",
    "masked",
    "password_spans",
    "private_key",
    "redact",
    "weak_default",
]


class Verdict(StrEnum):
    """What a setting gives away."""

    PRIVATE_KEY = "private-key"
    KNOWN_TOKEN = "known-token"
    ADDRESS = "address"
    WEAK_DEFAULT = "weak-default"
    LITERAL = "literal"
    RANDOM = "random"


def judge(name: str, value: str) -> Verdict | None:
    """The one verdict on a setting, or None when it gives nothing away."""
    if private_key(value):
        return Verdict.PRIVATE_KEY
    if known_token(value) is not None:
        return Verdict.KNOWN_TOKEN
    if credential_in_url(value):
        return Verdict.ADDRESS
    if weak_default(name, value) is not None:
        return Verdict.WEAK_DEFAULT
    if is_literal_credential(name, value):
        return Verdict.LITERAL
    return Verdict.RANDOM if is_high_entropy(name, value) else None


def is_literal_credential(name: str, value: str) -> bool:
    """Whether the name says credential and the value is one, written out.

    False for what `weak_default` or `credential_in_url` speaks of, so that no variable is
    reported twice. A number is a credential only as a password of three digits or more.
    """
    noun = credential_noun(name)
    if noun is None or noun is Noun.CONNECTION:
        return False
    kind = literal_kind(value)
    if kind is LiteralKind.NUMBER:
        real = is_credential(name, value)
    else:
        real = kind is LiteralKind.LITERAL
    return real and not credential_in_url(value) and weak_default(name, value) is None


def credential_in_text(value: str) -> bool:
    """Whether an argument, a command line or a configuration text hands over a credential:
    `--password=x`, `-Dspring.datasource.password=x`, `PGPASSWORD=x psql`, `password: x`."""
    return any(True for _, line in lines_and_starts(value) for _ in credential_pairs(line))


def mask_spans(name: str, value: str) -> tuple[Span, ...]:
    """The parts of the value that must be hidden wherever it is shown, sorted and apart.

    All of it when the name says credential, else what gives itself away: a password in an
    address, a token, a key. A default that everybody knows is hidden like any other.
    """
    whole = is_credential(name, value) or is_high_entropy(name, value)
    if whole or wrapped_key_spans("".join(value.split())):
        begin, end = hidden_part(value)
        return ((begin, end),) if begin < end else ()
    spans: list[Span] = [*password_spans(value), *private_key_spans(value), *wrapped_key_spans(value)]
    spans += [(token.begin, token.end) for token in tokens(value)]
    for begin, line in lines_and_starts(value):
        for pair in credential_pairs(line):
            first, last = hidden_part(line[pair.begin : pair.end])
            spans.append((begin + pair.begin + first, begin + pair.begin + last))
    return merged(spans)


def masked(name: str, value: str) -> str:
    """The value as it may be shown."""
    return replaced(value, mask_spans(name, value))
