"""Credentials with their places: in the value of one setting, and in the words of a command line.

Stricter than `pairs`, which hides: what stands here becomes a finding. A field of an object
often holds the name of a secret under a name that says secret, so that outside of
environments a value must look made, unless its name says password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from scanner.secrets.addresses import password_spans
from scanner.secrets.commands import mentions_tool
from scanner.secrets.defaults import weak_default
from scanner.secrets.given import given_in_text, given_in_words
from scanner.secrets.names import Noun, credential_noun, may_name_credential
from scanner.secrets.pairs import (
    Pair,
    Span,
    hidden_part,
    is_credential,
    lines_and_starts,
    pairs,
    says_credential,
)
from scanner.secrets.tokens import BASIC, private_key_spans, tokens, wrapped_key_spans
from scanner.secrets.values import LiteralKind, is_time, literal_kind, looks_made
from scanner.secrets.verdicts import Verdict

SHORTEST = 4
"""No credential outside of an environment is shorter."""


class Credential(NamedTuple):
    """A credential in a text: the name it goes by, where it stands, and what it is."""

    name: str
    begin: int
    end: int
    verdict: Verdict


@lru_cache(maxsize=4096)
def noun_of(name: str) -> Noun | None:
    """What kind of credential the name of a field says its value is; remembered, for keys repeat."""
    return credential_noun(name)


def is_written_out(name: str, value: str) -> bool:
    """Whether the value of a field is a credential: its name says so, and it is neither a name, a
    label, a sentence nor a hash."""
    noun = noun_of(name)
    if noun is None:
        return name.lower().lstrip("-") == "sig" and looks_made(value)
    if noun is Noun.CONNECTION or len(value) < SHORTEST:
        return False
    if literal_kind(value) is LiteralKind.NUMBER:
        return is_credential(name, value) and not is_time(value.strip("\"' "))
    if literal_kind(value) is not LiteralKind.LITERAL:
        return False
    text = value.strip("\"' ")
    if _label().fullmatch(text) or _is_sentence(text):
        return False
    if noun is Noun.PASSWORD:
        return "(" not in text or looks_made(text.partition("(")[0])
    return looks_made(text) and not _is_object_name(text) and _code().search(text) is None


def in_setting(name: str, value: str) -> Iterator[Credential]:
    """The credentials in one setting of a file, by its name or by what the value holds."""
    found = [*telling(value, name)]
    if not found and "\n" not in value.strip():
        if is_written_out(name, value):
            begin, end = hidden_part(value)
            begin += _scheme_length(value[begin:end])
            found = [Credential(name, begin, end, Verdict.LITERAL)]
        else:
            found = [*assigned(value)]
    yield from found


def telling(text: str, name: str = "") -> Iterator[Credential]:
    """What gives itself away whatever it is called: keys, tokens, passwords in addresses and
    in headers."""
    if len(text) < SHORTEST:
        return
    for begin, end in (*private_key_spans(text), *wrapped_key_spans(text)):
        begin += len(text[begin:end]) - len(text[begin:end].lstrip())
        yield Credential(name or "private key", begin, end, Verdict.PRIVATE_KEY)
    for token in tokens(text):
        # A user and password are nobody's token.
        verdict = Verdict.LITERAL if token.label == BASIC else Verdict.KNOWN_TOKEN
        yield Credential(name or token.label, token.begin, token.end, verdict)
    for start, line in lines_and_starts(text) if "//" in text or "=" in text or "@" in text else ():
        for begin, end in password_spans(line):
            # In lines of code `password = x; y = z` is no connection string.
            if line is text or (line[begin - 1] in ":/=" and _code().search(line[begin:end]) is None):
                yield Credential(name or "address", start + begin, start + end, Verdict.ADDRESS)
    if "uthorization" in text or "earer " in text:
        for found in _bearer().finditer(text):
            if looks_made(found[1]) and is_credential("token", found[1]):
                yield Credential(name or "Authorization", *found.span(1), Verdict.LITERAL)


def assigned(text: str) -> Iterator[Credential]:
    """The credentials that a line of text assigns in itself: `--password=x`, `-Da.password=x`,
    `user=a,password=x`, `/path?token=x`, `{"password": "x"}`; and those it gives to commands."""
    if "=" in text or "--" in text or '":' in text or "' " in text:
        for pair in pairs(text, says_credential):
            if _is_given_nothing(text, pair):
                continue
            quoted = text[pair.begin - 1 : pair.begin] in ("'", '"')
            sure = (
                pair.separator in ("=", ":=")
                or (quoted and pair.separator in (":", "=>"))
                or _is_option(pair)
            )
            if sure and is_written_out(pair.name.lstrip("-"), text[pair.begin : pair.end]):
                yield Credential(pair.name, *_part(text, pair), Verdict.LITERAL)
    for begin, end in given_in_text(text):
        yield Credential("command", begin, end, Verdict.LITERAL)


def in_words(words: Sequence[str]) -> dict[int, list[Span]]:
    """Where credentials stand in the words of a command line, by the number of the word: those that
    it gives to commands, else the first that the word gives away in another way."""
    found: dict[int, list[Span]] = {}
    joined = "\n".join(words)
    if not (may_name_credential(joined) or mentions_tool(joined) or any(True for _ in telling(joined))):
        return found
    for given in given_in_words(words):
        found.setdefault(given.word, []).append((given.begin, given.end))
    for number, text in enumerate(words):
        if number in found:
            continue
        for credential in telling(text):
            found.setdefault(number, [(credential.begin, credential.end)])
        if number in found:
            continue
        for pair in pairs(text, says_credential) if "=" in text or ":" in text or "--" in text else ():
            if is_credential(pair.name, text[pair.begin : pair.end]) and not _is_hash(
                text[pair.begin : pair.end]
            ):
                found.setdefault(number, [_part(text, pair)])
        before = words[number - 1] if number else ""
        if number in found or not _names_credential(before) or text.startswith("-"):
            continue
        if is_credential(before.lstrip("-"), text) and not _is_hash(text):
            found[number] = [hidden_part(text)]
    return {number: found[number] for number in sorted(found)}


def is_weak(name: str, value: str) -> bool:
    """Whether a setting holds a credential that everybody knows."""
    return weak_default(name, value) is not None


def _part(text: str, pair: Pair) -> Span:
    first, last = hidden_part(text[pair.begin : pair.end])
    return pair.begin + first, pair.begin + last


def _is_given_nothing(text: str, pair: Pair) -> bool:
    """Whether the next word stands behind a blank, as in `password= next=`."""
    before = text[max(0, pair.begin - 10) : pair.begin]
    sign = before.rstrip(" \t")
    return sign != before and sign.endswith("=") and not sign.endswith((" =", "\t="))


def _is_option(pair: Pair) -> bool:
    return pair.name.startswith("--") and pair.separator in (" ", ",", "\t")


def _names_credential(word: str) -> bool:
    """Whether a word is an option for a credential, whose value is the next one."""
    if not word.startswith("-") or "=" in word or len(word) < 4 or any(sign.isspace() for sign in word):
        return False
    return says_credential(word.lstrip("-"))


def _is_hash(value: str) -> bool:
    return literal_kind(value) is LiteralKind.HASH


def _scheme_length(value: str) -> int:
    found = _scheme().match(value)
    return 0 if found is None else found.end()


def _is_sentence(text: str) -> bool:
    """Whether people are meant to read it: several words of which none looks made."""
    words = text.split()
    return len(words) > 1 and (text[-1] in ".:?!…" or not any(map(looks_made, words)))


def _is_object_name(text: str) -> bool:
    """Whether it may be the name of an object, in which a part may be drawn at random."""
    return "-" in text and _dns_name().fullmatch(text) is not None


@cache
def _scheme() -> re.Pattern[str]:
    return re.compile(r"(?i)(?:bearer|basic|token|apikey) {1,4}")


@cache
def _label() -> re.Pattern[str]:
    # `Passwort`: what a form shows. A word that begins with a capital letter and has no other sign.
    return re.compile(r"[^\W\d_a-z][^\W\d_A-Z]{2,40}[*:]?")


@cache
def _code() -> re.Pattern[str]:
    return re.compile(r"^[\w.]{1,100}[(\[]|\|\||&&|=>|^\w+(?:,[\w-]+=)")


@cache
def _dns_name() -> re.Pattern[str]:
    return re.compile(r"[a-z0-9][a-z0-9./-]{0,250}")


@cache
def _bearer() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:[Aa]uthorization[\"']?[ \t]{0,4}[:=, ][ \t]{0,4}[\"']?)?"
        r"(?:Bearer|bearer|(?<=uthorization: )(?:token|Token))[ ]{1,4}([\w.~+/=-]{12,2000})"
    )
