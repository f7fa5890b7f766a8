"""Which characters of a scanned text are a secret and must not be shown.

Two layers: the spans that the scan knows to hold a secret, and, for what no rule knew,
what the text itself looks like (a key that says password, URL user information, a
private key). The second may hide too much; it never decides a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from scanner.model.source import Span

MASK = "***"

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of one line, as 0-based offsets, end exclusive; sorted, not touching."""

_WORD = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|authorization|(?:api|access|private|auth)[_-]?key",
    re.IGNORECASE,
)
_KEY_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_QUOTED = r""""(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?"""
# What follows the word: the rest of the key, then a mark and the value. Behind a colon the
# value ends with the line, a comment or the entry of a flow mapping; elsewhere at a blank.
_AFTER_COLON = re.compile(
    rf"""(?P<rest>[\w.-]{{0,80}})["']?\s*:(?=[\s"']|$)\s*
    (?P<value>{_QUOTED}|[^\s"',}}\]].*?(?=\s+\#|["'}}]|,\s|\s*$))""",
    re.VERBOSE,
)
_AFTER_EQUALS = re.compile(rf"""(?P<rest>[\w.-]{{0,80}})["']?(?:=|:=|\s+)(?P<value>{_QUOTED}|[^\s"'&;]+)""")
_AFTER_NAME = re.compile(
    rf"""(?P<rest>[\w.-]{{0,80}})["']?\s*,\s*["']?value["']?\s*[:=]\s*(?P<value>{_QUOTED}|[^\s"',}}\]]+)"""
)
# Keys that hold a name of a secret, a place or a policy and not the secret itself.
_HARMLESS_KEY = re.compile(
    r"(?:names?|refs?|files?|paths?|dir|ur[il]|seconds|ttl|expiry|expiration|length|size|count|modes?|types?"
    r"|policy|provider|class|store|issuer|audiences?|account|enabled|disabled|methods?|manager|mount|version"
    r"|rotation|id)\Z",
    re.IGNORECASE,
)
# Values that refer to a secret, or that are no secret in any text.
_HARMLESS_VALUE = re.compile(
    r"""["']?(?:\$[({]?[A-Za-z_]|\{\{|<|~|(?:true|false|null|yes|no|none)\b|/[\w./-]*["']?\Z|[|>&*!]|["']?\Z)""",
    re.IGNORECASE,
)
_ENV_INSTRUCTION = re.compile(r"\s*ENV\s+[\w.-]*\Z", re.IGNORECASE)
_NAME_ENTRY = re.compile(r"""\bname["']?\s*[:=]\s*["']?(?P<name>[\w.-]+)["']?\s*,?\s*$""")
_VALUE_ENTRY = re.compile(r"""\s*-?\s*["']?value["']?\s*[:=]\s*(?P<value>\S.*)$""")
_BLOCK = re.compile(r"""[\w.-]{0,80}["']?\s*:\s*[|>][-+0-9]{0,2}\s*(?:#.*)?$""")
_USER_INFO = re.compile(r"://(?P<user>[^\s/@:\"'?#]{0,200}:)?(?P<secret>[^\s/@\"'?#]{1,500})@")
_KEY_BEGIN, _KEY_END = "-----BEGIN ", "-----END "
# Text is hostile: on a longer line everything from the first such word on is hidden.
_LONG = 1_000


def secret_ranges(lines: Sequence[str], spans: Iterable[Span]) -> dict[int, Ranges]:
    """Return what to hide in each of a text's lines, by 0-based line; lines with nothing
    to hide are left out."""
    found: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in _known(lines, spans):
        found.setdefault(number, []).append((start, end))
    text = "\n".join(lines)
    if _KEY_BEGIN in text:
        for number, start, end in _private_keys(lines):
            found.setdefault(number, []).append((start, end))
    if "@" in text or _WORD.search(text):
        for number, line in enumerate(lines):
            if ranges := _textual(line):
                found.setdefault(number, []).extend(ranges)
            for below, start, end in _following(lines, number):
                found.setdefault(below, []).append((start, end))
    return {number: _merged(ranges) for number, ranges in found.items()}


def masked(line: str) -> str:
    """Return one line of text with everything that looks like a secret hidden."""
    return cut_out(line, _merged(_textual(line)))


def cut_out(line: str, ranges: Ranges) -> str:
    """Return one line of text with these ranges hidden, each behind a mask of fixed length."""
    parts = []
    position = 0
    for start, end in ranges:
        parts += [line[position:start], MASK]
        position = end
    return "".join((*parts, line[position:]))


def _known(lines: Sequence[str], spans: Iterable[Span]) -> Iterator[tuple[int, int, int]]:
    for span in spans:
        for number in range(span.line - 1, min(span.end_line, len(lines))):
            line = lines[number]
            start = span.column - 1 if number == span.line - 1 else len(line) - len(line.lstrip())
            end = span.end_column - 1 if number == span.end_line - 1 else len(line)
            if start < min(end, len(line)):
                yield number, start, min(end, len(line))


def _private_keys(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    inside = False
    for number, line in enumerate(lines):
        start = len(line) - len(line.lstrip()) if inside else line.find(_KEY_BEGIN)
        if not inside and (start < 0 or "KEY" not in line[start:]):
            continue
        end = line.find(_KEY_END)
        inside = end < 0
        if start < len(line):
            yield number, start, len(line)


def _textual(line: str) -> list[tuple[int, int]]:
    ranges = []
    if "://" in line and "@" in line:
        # `//token@host`: without a colon the user may be the secret itself.
        credentials = _USER_INFO.finditer(line)
        ranges = [found.span("secret") for found in credentials if not _HARMLESS_VALUE.match(found["secret"])]
    word = _WORD.search(line)
    if word is not None and len(line) > _LONG:
        return [*ranges, (word.end(), len(line))]
    while word is not None:
        value = _value_after(line, word)
        if value is not None:
            ranges.append(value)
        word = _WORD.search(line, word.end() if value is None else value[1])
    return ranges


def _value_after(line: str, word: re.Match[str]) -> tuple[int, int] | None:
    head = line[: word.start()]
    key = head[len(head.rstrip(_KEY_CHARACTERS)) :] + word.group()
    after = _AFTER_COLON.match(line, word.end()) or _AFTER_NAME.match(line, word.end())
    if after is None:
        after = _AFTER_EQUALS.match(line, word.end())
        # Behind a blank only an option or an old ENV instruction has its value; prose has none.
        if after is None or not ("=" in line[after.end("rest") : after.start("value")]
                                 or key.startswith("-") or _ENV_INSTRUCTION.match(head)):  # fmt: skip
            return None
    if _HARMLESS_KEY.search(key + after.group("rest")) or _HARMLESS_VALUE.match(after.group("value")):
        return None
    return after.span("value")


def _following(lines: Sequence[str], number: int) -> Iterator[tuple[int, int, int]]:
    line = lines[number]
    word = _WORD.search(line) if len(line) <= _LONG else None
    if word is None or number + 1 == len(lines):
        return
    name = _NAME_ENTRY.search(line)
    if name is not None and not _HARMLESS_KEY.search(name["name"]):
        value = _VALUE_ENTRY.match(lines[number + 1])
        if value is not None and not _HARMLESS_VALUE.match(value["value"]):
            yield number + 1, *value.span("value")
    if _BLOCK.match(line, word.end()):
        indent = len(line) - len(line.lstrip())
        for below in range(number + 1, len(lines)):
            depth = len(lines[below]) - len(lines[below].lstrip())
            if depth < len(lines[below]):
                if depth <= indent:
                    break
                yield below, depth, len(lines[below])


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)
