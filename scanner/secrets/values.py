"""What the written value of a setting is: a real literal, or something that stands for one.

Decisions: `${VAR:-x}` is judged by its default `x`; a value that holds a reference anywhere
is a reference; a hash of a password is not the password; words such as `dummy` or `example`
are placeholders here (`defaults` knows where they open something all the same).
"""

from __future__ import annotations

import binascii
import math
import re
from enum import StrEnum
from functools import cache

MAX_JUDGED = 4096
"""Longer values are literals unless their first characters say otherwise."""


MAX_BLANK = 200
"""No blank to fill in is longer."""


class LiteralKind(StrEnum):
    """What a written value is."""

    LITERAL = "literal"
    EMPTY = "empty"
    REFERENCE = "reference"
    PLACEHOLDER = "placeholder"
    PATH = "path"
    SETTING = "setting"
    NUMBER = "number"
    ADDRESS = "address"
    HASH = "hash"


def literal_kind(value: str) -> LiteralKind:
    """What the value is; LITERAL only where nothing else explains it."""
    text = unquoted(value)
    if not text or text in _EMPTIES:
        return LiteralKind.EMPTY
    if len(text) > MAX_JUDGED:
        text = text[:MAX_JUDGED]
    default = default_span(text)
    if default is not None:
        begin, end = default
        return literal_kind(text[begin:end]) if begin < end else LiteralKind.REFERENCE
    lowered = text.lower()
    if lowered in _SETTINGS or (lowered.startswith("jwt,") and _token_options().fullmatch(lowered)):
        return LiteralKind.SETTING
    if _is_number(lowered):
        return LiteralKind.NUMBER
    if _hash().match(text):
        return LiteralKind.HASH
    if is_reference(text):
        return LiteralKind.REFERENCE
    if is_blank_to_fill(text) or lowered in STAND_INS or lowered in _NON_VALUES:
        return LiteralKind.PLACEHOLDER
    if _stand_in().fullmatch(lowered) or _shouted().fullmatch(text):
        return LiteralKind.PLACEHOLDER
    if _is_path(text):
        return LiteralKind.PATH
    if _address().match(text):
        return LiteralKind.ADDRESS
    return LiteralKind.LITERAL


def unquoted(value: str) -> str:
    """The value without blanks around it and without one pair of quotes."""
    text = value.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


def default_span(text: str) -> tuple[int, int] | None:
    """Where the default stands in `${VAR:-default}` or `${VAR-default}` that is the whole
    text, or None; an empty span for an empty default."""
    if not (text.startswith("${") and text.endswith("}")):
        return None
    found = _defaulted().match(text)
    if found is None or text.find("}", found.end()) != len(text) - 1 or "${" in text[2:]:
        return None
    return found.end(), len(text) - 1


def is_reference(text: str) -> bool:
    """Whether the text names a place where the value comes from, or is computed."""
    if not text:
        return False
    if "$" in text and ("${" in text or "$(" in text or _variables().fullmatch(text)):
        return True
    if text[0] == "$" and _named_elsewhere().match(text):
        return True
    if "{{" in text or "<%" in text or "#{" in text or (text[0] == "`" and text[-1] == "`"):
        return True
    return _source().match(text) is not None


def is_blank_to_fill(text: str) -> bool:
    """Whether the text only shows where a value has to be written: `<password>`,
    `your_token_here`, `REPLACE_ME`, `***`, `xxxx`."""
    if not text:
        return False
    if len(set(text)) == 1 and (len(text) >= 3 or not text.isalnum()):
        return True
    if len(text) > MAX_BLANK:
        return text.endswith(_EXAMPLE_ENDS)
    lowered = text.lower()
    return _blank().fullmatch(lowered) is not None or text.endswith(_EXAMPLE_ENDS)


def decoded_base64(value: str) -> str | None:
    """The text that the value is base64 of, or None when it is not base64 of text."""
    packed = "".join(value.split())
    if len(packed) < 4 or len(packed) % 4 or not _base64().fullmatch(packed):
        return None
    try:
        return binascii.a2b_base64(packed, strict_mode=True).decode()
    except ValueError:
        return None


def is_random(value: str) -> bool:
    """Whether the value looks drawn at random: long, of one piece, many different
    characters evenly used."""
    text = unquoted(value)
    if not 20 <= len(text) <= 1024 or not _one_piece().fullmatch(text):
        return False
    if not any(character.isdigit() for character in text):
        return False
    return _entropy(text) >= (3.0 if _hexadecimal().fullmatch(text) else 3.7)


def looks_made(value: str) -> bool:
    """Whether the value is no word of a language and no name made of such words: it mixes
    letters with digits other than a number at the end of a word, cases, or signs."""
    text = unquoted(value)
    return bool(text) and not _name_like().fullmatch(text)


@cache
def _name_like() -> re.Pattern[str]:
    word = r"(?:[A-Z]{2,40}|[A-Z]?[a-z]{1,40}(?:[A-Z][a-z]{1,40}){0,8})[0-9]{0,4}"
    return re.compile(
        # A number behind a `v` is a word: no part can be read in two ways, or 40 of them would be in 2^40.
        rf"(?:[0-9]{{1,4}}|{word})(?:[-_./: @]{{1,2}}(?:[0-9]{{1,4}}|{word})){{0,40}}[.:?!…]{{0,3}}"
    )


STAND_INS = frozenset((
    "test", "tests", "testing", "dummy", "fake", "mock", "mocked", "local", "localstack", "localhost",
    "example", "sample", "demo", "dev", "development", "foo", "bar", "foobar", "baz", "something",
    "whatever", "temp", "tmp",
))  # fmt: skip
"""Words that stand in for a value; whoever sets a password to one has set it all the same."""

_NON_VALUES = frozenset((
    "todo", "fixme", "tbd", "tba", "notset", "not-set", "not_set", "unused", "not-used", "notused",
    "not_used", "ignored", "redacted", "masked", "hidden", "removed", "placeholder", "value", "string",
    "here", "na", "n/a", "x", "y", "stub", "invalid", "notneeded", "not-needed", "not_needed", "blank",
    "empty", "nothing", "key", "token", "apikey", "api_key", "api-key",
))  # fmt: skip

_EMPTIES = frozenset(("{}", "[]", "~", "|", ">", "|-", ">-", "|+", ">+", '""', "''"))
_SETTINGS = frozenset((
    "true", "false", "yes", "no", "on", "off", "enabled", "disabled", "enable", "disable", "none",
    "null", "nil", "undefined", "required", "optional", "always", "never", "auto", "unset", "bearer",
    "basic", "jwt", "hmac", "oauth", "oauth2", "oidc", "hs256", "hs384", "hs512", "rs256", "rs512",
    "es256", "md5", "sha1", "sha256", "sha512", "bcrypt", "scrypt", "argon2", "argon2id", "prompt",
    "ask", "generated", "automatic", "manual", "<nil>", "<none>",
))  # fmt: skip
# The end of the keys that AWS prints in its documentation.
_EXAMPLE_ENDS = ("EXAMPLE", "EXAMPLEKEY", "EXAMPLETOKEN")


@cache
def _defaulted() -> re.Pattern[str]:
    return re.compile(r"\$\{[A-Za-z_]\w*:?-")


@cache
def _number() -> re.Pattern[str]:
    return re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:ns|us|ms|s|m|h|d|w|y|b|kb?|mb?|gb?|ki|mi|gi|%)?", re.ASCII)


def _is_number(lowered: str) -> bool:
    if lowered[0] not in "+-0123456789":
        return False
    return _number().fullmatch(lowered) is not None or is_time(lowered)


def is_time(text: str) -> bool:
    """Whether the text is a date, or a date with the time of day."""
    return _time().fullmatch(text) is not None


@cache
def _time() -> re.Pattern[str]:
    return re.compile(
        r"[12]\d{3}-[01]\d-[0-3]\d(?:[t ][0-2]\d:[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:z|[+-]\d\d:?\d\d)?)?",
        re.IGNORECASE,
    )


@cache
def _token_options() -> re.Pattern[str]:
    return re.compile(r"jwt(?:,[a-z-]{1,40}=[^,]{0,300}){1,10}")  # etcd's --auth-token


@cache
def _hash() -> re.Pattern[str]:
    # crypt(3) schemes (a `$` is doubled in Compose), LDAP, Django, Werkzeug, PostgreSQL.
    return re.compile(
        r"(?:[\w.@-]{1,64}:)?(?:\${1,2}(?:2[abxy]?|1|5|6|7|y|gy|apr1|argon2(?:id?|d)|scrypt|pbkdf2[\w-]*)\$"
        r"|\{(?:S?SHA(?:256|512)?|S?MD5|CRYPT|PBKDF2[\w-]*|ARGON2)\}"
        r"|pbkdf2_sha\d+\$|pbkdf2:sha\d+|scrypt:\d+:|bcrypt_sha256\$|SCRAM-SHA-\d+\$|md5[0-9a-f]{32}$"
        r"|sha(?:1|256|512):[0-9a-f]{32,}$)"
    )


@cache
def _variables() -> re.Pattern[str]:
    return re.compile(r"\${1,2}[A-Za-z_][\w-]*(?:[:@/.,|]+\${1,2}[A-Za-z_][\w-]*)*")


@cache
def _named_elsewhere() -> re.Pattern[str]:
    # Grafana's `$__file{PATH}`, Argo CD's `$secret:key` and `$oidc.login.clientSecret`, shell's `$1`.
    return re.compile(r"\$__(?:env|file|vault)\{|\$[A-Za-z_][\w-]*(?:[.:][A-Za-z_][\w-]*)+$|\$[0-9@*#?]$")


@cache
def _source() -> re.Pattern[str]:
    return re.compile(
        r"!(?:Ref|Sub|GetAtt|ImportValue|FindInMap|Join|vault|env|var|secret|file|include|reference)\b"
        r"|%[A-Za-z_]\w*%$|@[A-Z_]{3,}@$|\{cipher\}|ENC[\[(]|Ag[AB][A-Za-z0-9+/]{200}"
        r"|(?:vault|bao|secretsmanager|secretmanager|ssm|awssm|gcpsm|gsm|akv|doppler|conjur|keyring|keychain"
        r"|env|file|op|ref|sops|secret|lookup|infisical|bws|kv):(?:[/\w]|$)|ref\+\w+:"
        r"|(?:op|sm|gcpsm|awssm|akvs?|azurekeyvault|secret|vault|sops|berglas|gcp|azurekms)://"
        r"|arn:aws[\w-]*:|/?projects/[^/\s]+/secrets/|@Microsoft\.KeyVault\(|\{\s*\"(?:Ref|Fn::\w+)\""
        r"|(?:var|local|data|module|secrets|vars|env|github\.token|inputs|values)\.[A-Za-z_][\w.\[\]]*$"
        r"|process\.env\b|os\.(?:environ|getenv)|System\.getenv|getenv\(|ENV\[|lookup\("
        r"|[\w.-]+/[\w./-]+#[A-Za-z_]\w*$|__[A-Z][A-Z0-9_]*__$",
    )


@cache
def _blank() -> re.Pattern[str]:
    return re.compile(
        r"<[^>]*>|\[[a-z][\w .:-]*\]|\{[a-z][\w .:-]*\}|__.*__|%\(?\w*\)?s|(?:[*x#.?_•…-])+|\.{3,}.*|.*\.{3}"
        r"|(?:[a-z0-9]{1,12}[_-])+x{3,}"
        r"|.*x{4,}.*|.*\*{3,}.*|(?:please[ _-]?)?(?:replace|insert|enter|put|fill|set|add|provide|supply"
        r"|paste|specify|define|type|use)[ _-]?(?:me|this|it|with|here|in|your|the|a|an|own|value)?"
        r"(?:[ _-].*)?|(?:<|\W)*your(?:[ _-].*|[a-z0-9]*(?:key|token|secret|password|pass|value|id|here))"
        r"|.*[ _-]your[ _-].*|.*[ _-](?:goes[ _-])?here|.*placeholder.*|.*redacted.*"
        r"|.*replace[ _-]?(?:me|with).*|todo\b.*|fixme\b.*|.*<[a-z][\w .-]*>.*|.*\bdo[ _-]not[ _-]use\b.*",
        re.DOTALL,
    )


@cache
def _stand_in() -> re.Pattern[str]:
    return re.compile(
        r"(?:dummy|fake|mock|example|sample|stub|invalid|not[ _-]?a[ _-]?real|notreal|unused|any)"
        r"(?:[ _-]?(?:api|access|secret|auth|client|private|aws|test))?"
        r"[ _-]?(?:key|token|secret|value|id|data|credentials?|pass|password|pwd)s?"
        r"|(?:api|access|secret|auth|client)[ _-]?(?:key|token|secret)[ _-]?(?:example|placeholder|value|id)"
    )


@cache
def _shouted() -> re.Pattern[str]:
    return re.compile(r"[A-Z]{2,}(?:_[A-Z]{2,})+")  # GOOGLE_API_KEY_VALUE: the name of a value


@cache
def _path() -> re.Pattern[str]:
    return re.compile(
        r"(?:/|\./|\.\./|~/|[A-Za-z]:[\\/]|\\\\|file:)[\w.@%+ ~:\\/-]*$"
        r"|[\w.@%+/\\-]+\.(?:pem|key|crt|cer|der|json|ya?ml|txt|p12|pfx|jks|env|conf|cfg|ini|secret|token|pub"
        r"|keytab|kdbx|gpg|asc|properties|xml|toml|sh|py|ks|keystore|cnf)$"
        r"|[a-z][a-z0-9_.-]*(?:/[a-z][a-z0-9_.-]*){2,}/?$"
    )


def _is_path(text: str) -> bool:
    """A slash also begins one base64 text in 64: such a piece is long and looks random."""
    if ("/" not in text and "." not in text and "\\" not in text) or not _path().match(text):
        return False
    return not any(is_random(piece) for piece in text.replace("\\", "/").split("/") if len(piece) >= 20)


@cache
def _address() -> re.Pattern[str]:
    # A connection string's password is found by `addresses`, and not by its name.
    return re.compile(
        r"(?:[a-z][a-z0-9+.-]{0,40}:){1,3}//|jdbc:|(?:localhost|[\w-]+(?:\.[\w-]+)+):\d{2,5}(?:/.*)?$"
        r"|\w[\w .]{0,40}=[^;=]*;(?:[^;]*;)*",
        re.IGNORECASE,
    )


@cache
def _base64() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9+/]+={0,2}")


@cache
def _one_piece() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9+/=_.~-]+")


@cache
def _hexadecimal() -> re.Pattern[str]:
    return re.compile(r"[0-9a-f]+|[0-9A-F]+")


def _entropy(text: str) -> float:
    length = len(text)
    shares = [text.count(character) / length for character in set(text)]
    return -sum(share * math.log2(share) for share in shares)
