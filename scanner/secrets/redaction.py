"""Takes the secrets out of any text before people see it: the last of two layers, below
the spans that the rules mask because they know the field.

It knows less than a rule and hides more: whatever stands behind a name that says
credential, addresses' passwords, known tokens, key material. It works line by line.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from scanner.secrets.addresses import password_spans
from scanner.secrets.names import hints_at_secret, is_secret_name
from scanner.secrets.pairs import (
    Span,
    hidden_part,
    is_credential,
    is_high_entropy,
    pairs,
    says_credential,
)
from scanner.secrets.tokens import SHORTEST, private_key_spans, tokens, wrapped_key_spans

MASK = "***"
"""What stands where a secret stood."""


def redact(text: str) -> str:
    """The text with every secret that can be told from the text alone replaced by `***`.

    Promises: never raises; what is redacted stays as it is when redacted again; time is
    linear in the length of the text. A value over several lines is hidden where each line
    gives it away (a key's lines between its markers do).
    """
    if len(text) < 4:
        return text
    state = _State()
    return "\n".join([_settled(line, state) for line in text.split("\n")])


def spans_of(line: str) -> tuple[Span, ...]:
    """Where the secrets stand that can be told from one line alone, sorted and apart."""
    return _found(line, _State())


def replaced(text: str, spans: tuple[Span, ...]) -> str:
    """The text with the spans, sorted and apart, replaced by `***`."""
    parts: list[str] = []
    last = 0
    for begin, end in spans:
        parts += text[last:begin], MASK
        last = end
    return "".join((*parts, text[last:]))


def merged(spans: list[Span]) -> tuple[Span, ...]:
    """The spans sorted, without empty ones, and those that touch made one."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return tuple(result)


class _State:
    """What earlier lines say about the next: a Kubernetes `name:` whose `value:` follows,
    and a private key that has begun."""

    __slots__ = ("in_key", "pending")

    def __init__(self) -> None:
        self.pending = ""
        self.in_key = False


def _settled(line: str, state: _State) -> str:
    """The line redacted until nothing is left to hide, so that a second pass finds none."""
    begun, pending = state.in_key, state.pending
    for _ in range(3):
        state.in_key, state.pending = begun, pending
        shown = _redacted(line, state)
        if shown == line:
            return line
        line = shown
    state.in_key, state.pending = begun, pending
    if _redacted(line, state) == line:
        return line
    state.in_key, state.pending = False, ""
    return MASK + line[len(line.rstrip("\r")) :]


def _redacted(line: str, state: _State) -> str:
    if state.in_key:
        body = line.strip(" \t\r|+>\"',")
        if "-----END" not in line and _key_line().fullmatch(body):
            return line if body in ("", MASK) else line.replace(body, MASK, 1)
        state.in_key = False
    return replaced(line, _found(line, state))


def _found(line: str, state: _State) -> tuple[Span, ...]:
    spans: list[Span] = [*password_spans(line), *private_key_spans(line)]
    if _may_hold_token(line):
        spans += wrapped_key_spans(line)
        spans += [(token.begin, token.end) for token in tokens(line)]
    if "PRIVATE KEY" in line and "BEGIN" in line and "-END" not in line:
        state.in_key = True
    if "=" in line or ":" in line or "--" in line or "ENV" in line.upper():
        spans += _in_pairs(line, state)
    end = len(line.rstrip("\r"))
    return merged([(begin, min(stop, end)) for begin, stop in spans if line[begin:stop] != MASK])


def _may_hold_token(line: str) -> bool:
    """Whether a line holds a word as long as the shortest token: a search for each of their forms costs
    more than all the rest."""
    return len(line) >= SHORTEST and (
        "asic " in line or len(max(line.split(), key=len, default="")) >= SHORTEST
    )


@cache
def _key_line() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9+/=*\\]*|(?:Proc-Type|DEK-Info|Comment|Version|Hash): .*")


@cache
def _lead() -> re.Pattern[str]:
    # A code frame's gutter, a list's dash, a diff's sign, the words before an assignment.
    return re.compile(r"[\s|>+\-*\d]*[\"']?(?:(?i:export|env|arg|set)\s+)?")


@cache
def _old_env() -> re.Pattern[str]:
    return re.compile(r"[\s|>+\d]*ENV[ \t]+([\w.-]+)[ \t]+(?![ \t=\\])", re.IGNORECASE)


@cache
def _basic_login() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?:-u|--user)[= ]\s?[\"']?[^\s:\"'${]{1,128}:([^\s\"']+)")


def _in_pairs(line: str, state: _State) -> list[Span]:
    spans: list[Span] = []
    start = _lead().match(line)
    at_start = 0 if start is None else start.end()
    for pair in pairs(line, _is_told):
        name, value = pair.name, line[pair.begin : pair.end]
        lowered = name.lower()
        if lowered == "name" and pair.separator in (":", "="):
            state.pending = value if is_secret_name(value) else ""
            continue
        if lowered in ("value", "default") and state.pending:
            name, state.pending = state.pending, ""
        if pair.at == at_start and pair.separator in ("=", ":", ":=", "=>"):
            spans += _to_the_end(line, name, pair.begin, pair.separator)
        if is_credential(name, value) or is_high_entropy(name, value):
            begin, end = hidden_part(value)
            spans.append((pair.begin + begin, pair.begin + end))
    found = _old_env().match(line)
    if found is not None and is_secret_name(found[1]):
        spans += _to_the_end(line, found[1], found.end(), "=")
    if "-u" in line:
        logins = _basic_login().finditer(line)
        spans += [login.span(1) for login in logins if is_credential("password", login[1])]
    return spans


@lru_cache(maxsize=1 << 12)
def _is_told(name: str) -> bool:
    return says_credential(name) or hints_at_secret(name) or name.lower() in ("name", "value", "default")


def _to_the_end(line: str, name: str, begin: int, separator: str) -> list[Span]:
    """What to hide of a line that is one assignment: the value may hold blanks, and a
    comment behind it goes with it."""
    if begin and line[begin - 1] in "\"'":
        begin -= 1
    value = line[begin:].rstrip()
    judged = value
    if separator == ":":
        judged = value.split(" #", 1)[0].rstrip().rstrip(",")
    if not is_credential(name, judged):
        return []
    if judged != value and judged[:1] in "\"'" and judged[-1:] == judged[:1]:
        value = judged
    first, last = hidden_part(value)
    return [(begin + first, begin + last)]
