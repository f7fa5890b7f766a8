"""Which characters of a scanned text are a secret and must not be shown.

Three layers: the spans that the scan knows to hold a secret, the values that it knows
(wherever they stand), and, for what no rule knew, what the text itself looks like (a key that
says password, URL user information, a private key). The last may hide too much; it never decides
a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from scanner.model.source import Span
from scanner.secrets.command_lines import (
    env_file_entry,
    listed_option,
    option_below,
    program_options,
)
from scanner.secrets.pairs import is_credential
from scanner.secrets.redaction import MASK, spans_of

__all__ = ["MASK", "Ranges", "Secrets", "cut_out", "masked", "nothing_known"]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of one line, as 0-based offsets, end exclusive; sorted, not touching."""

_WORD = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|authorization|(?:api|access|private|auth)[_-]?key",
    re.IGNORECASE,
)
_WORD_HEADS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "authorization", "key")
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
_KEY = re.compile(r"""["']?[A-Za-z_][\w.-]{0,80}["']?\s{0,20}(?:=|:\s{1,20})(?=[^\s=])""")
_NAME_ENTRY = re.compile(r"""\bname["']?\s*[:=]\s*["']?(?P<name>[\w.-]+)["']?\s*(?:,\s*)?$""")
_VALUE_ENTRY = re.compile(r"""\s*(?:-\s*)?["']?value["']?\s*[:=]\s*(?P<value>\S.*)$""")
_BLOCK = re.compile(r":[ \t]{0,20}[|>][-+0-9]{0,2}[ \t]{0,20}(?:#[^\n]*)?$", re.MULTILINE)
_USER_INFO = re.compile(r"://(?P<user>[^\s/@:\"'?#]{0,200}:)?(?P<secret>[^\s/@\"'?#]{1,500})@")
# What an Authorization header holds. In prose words without a digit follow these names.
_SCHEME = re.compile(r"\b[Bb](?:asic|earer) {1,4}(?=[^\s\"'\d]{0,200}\d)(?P<secret>[\w.~+/=-]{12,500})")
# Tokens that tell what they are, which people paste into names and labels too.
_TOKEN = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|gh[oprsu]_[0-9A-Za-z]{36}|github_pat_\w{22}_\w{59}|glpat-[\w-]{20}"
    r"|xox[abprs]-[\w-]{10,200}|sk_live_[0-9A-Za-z]{24}|AIza[\w-]{35})"
)
_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]{0,200}):?[-+](?P<secret>[^${}]{1,500})\}")
_TOKEN_HEADS = (
    *("AKIA", "ASIA", "AIza", "ghp_", "gho_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-"),
    *("xox", "sk_live_"),
)
_KEY_BEGIN, _KEY_END = "-----BEGIN ", "-----END "
# Text is hostile: on a longer line everything from the first such word on is hidden.
_LONG = 1_000


def nothing_known(_line: str) -> Iterable[tuple[int, int]]:
    """Find no value in a line."""
    return ()


class Secrets:
    """Tells what to hide in each line of one text; a line is looked at when it is asked for. `known`
    finds in a line the values that are secrets wherever they stand."""

    def __init__(
        self,
        lines: Sequence[str],
        spans: Iterable[Span],
        *,
        is_env_file: bool = False,
        known: Callable[[str], Iterable[tuple[int, int]]] = nothing_known,
    ) -> None:
        self._lines = lines
        self._known = known
        self._is_env_file = is_env_file
        self._eager: dict[int, list[tuple[int, int]]] = {}
        self._ranges: dict[int, Ranges] = {}
        text = "\n".join(lines)
        for number, start, end in _known(lines, spans):
            self._eager.setdefault(number, []).append((start, end))
        if _KEY_BEGIN in text:
            for number, start, end in _private_keys(lines):
                self._eager.setdefault(number, []).append((start, end))
        header = position = 0
        for found in _BLOCK.finditer(text):
            header += text.count("\n", position, found.start())
            position = found.start()
            key = text[max(text.rfind("\n", 0, position) + 1, position - _LONG) : position]
            for number, start, end in _block_below(lines, key, header):
                self._eager.setdefault(number, []).append((start, end))

    def ranges(self, number: int) -> Ranges:
        """Return what to hide in a line (0-based) that the text has."""
        ranges = self._ranges.get(number)
        if ranges is None:
            line = self._lines[number]
            found = [*self._eager.get(number, ()), *_textual(line), *self._known(line)]
            if len(line) <= _LONG:
                found += spans_of(line)
            if number and "value" in line:
                found += _value_of_name(self._lines[number - 1], line)
            found += option_below(self._lines, number)
            if self._is_env_file:
                found += env_file_entry(line, _WORD)
            ranges = self._ranges[number] = _merged(found) if found else ()
        return ranges


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
            start = span.column - 1 if number == span.line - 1 else _indent(line)
            end = min(span.end_column - 1 if number == span.end_line - 1 else len(line), len(line))
            if number == span.line - 1:
                # A whole entry may be the place of a secret; its key helps the reader to find it.
                key = _KEY.match(line, start, end)
                if key is not None and (not line[:start].strip() or _WORD.search(key.group())):
                    start = key.end()
            if start < end:
                yield number, start, end


def _private_keys(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    inside = False
    for number, line in enumerate(lines):
        start = _indent(line) if inside else line.find(_KEY_BEGIN)
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
    if len(line) <= _LONG:
        if "asic " in line or "earer " in line:
            ranges += [found.span("secret") for found in _SCHEME.finditer(line)]
        if _holds_one(line, _TOKEN_HEADS):
            ranges += [found.span() for found in _TOKEN.finditer(line)]
        ranges += [found for found in (*program_options(line), *listed_option(line)) if found[0] < found[1]]
    if "${" in line:
        ranges += _defaults(line)
    if not _holds_one(line.lower(), _WORD_HEADS):
        return ranges
    word = _WORD.search(line)
    if word is not None and len(line) > _LONG:
        return [*ranges, (word.end(), len(line))]
    while word is not None:
        value = _value_after(line, word)
        if value is not None:
            ranges.append(value)
        word = _WORD.search(line, word.end() if value is None else value[1])
    return ranges


def _defaults(line: str) -> Iterator[tuple[int, int]]:
    """Yield the defaults of variables whose name says credential: `${DB_PASSWORD:-x}`."""
    start = line.find("${")
    while start >= 0:
        found = _DEFAULT.match(line, start)
        if found is not None and is_credential(found["name"], found["secret"]):
            yield found.span("secret")
        start = line.find("${", start + 2)


def _holds_one(line: str, heads: Iterable[str]) -> bool:
    # Ten searches for a text cost less than one for a pattern with ten branches, or a generator.
    for head in heads:  # noqa: SIM110
        if head in line:
            return True
    return False


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


def _value_of_name(above: str, line: str) -> Iterator[tuple[int, int]]:
    value = _VALUE_ENTRY.match(line)
    name = None if value is None or len(above) > _LONG else _NAME_ENTRY.search(above)
    if value is None or name is None or not _WORD.search(name["name"]):
        return
    if not _HARMLESS_KEY.search(name["name"]) and not _HARMLESS_VALUE.match(value["value"]):
        yield value.span("value")


def _block_below(lines: Sequence[str], key: str, header: int) -> Iterator[tuple[int, int, int]]:
    key = key.rstrip("\"' ")
    if not _WORD.search(key) or _HARMLESS_KEY.search(key):
        return
    indent = _indent(lines[header])
    for number in range(header + 1, len(lines)):
        line = lines[number]
        depth = _indent(line)
        if depth < len(line):
            if depth <= indent:
                break
            yield number, depth, len(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)
