"""Secrets in the lines of any text that shows commands, lists of their words, or an env file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from scanner.secrets.given import given_in_text, given_in_words, is_given
from scanner.secrets.values import looks_made

_LONG = 1_000
_NEAR = 12
_REFERENCE = ("$", "{{", "<", "~")
_OPTION = r"""--?[\w-]{0,80}(?:passw(?:or)?d|passphrase|secret|token|api-?key|access-?key)"""


def is_env_file(path: str) -> bool:
    """Whether a file holds variables, one in a line, by its name."""
    name = path.rpartition("/")[2]
    return name.startswith(".env") or name.endswith(".env")


def program_options(line: str) -> Iterator[tuple[int, int]]:
    """Yield the credentials that a line gives to programs by their own options (`mysql -pX`,
    `curl -u user:X`, `echo X | docker login --password-stdin`) or settings (`requirepass X`)."""
    yield from given_in_text(line)
    for found in _setting().finditer(line):
        if is_given(found["secret"]) and (found["certain"] or looks_made(found["secret"])):
            yield found.span("secret")


def listed_option(line: str) -> Iterator[tuple[int, int]]:
    """Yield the item of a flow list behind an option for a secret: `["--password", "x"]`."""
    if ("'," in line or '",' in line or "' ," in line or '" ,' in line) and "-" in line:
        for found in _listed().finditer(line):
            if not found["secret"].strip("\"'").startswith(_REFERENCE):
                yield found.span("secret")


def option_below(lines: Sequence[str], number: int) -> Iterator[tuple[int, int]]:
    """Yield what in an item of a block list is a secret by the items above it: the value of an
    option, or the password of a program some items above; and the line that a here-document
    feeds to a program that sets passwords."""
    line = lines[number]
    if len(line) > _LONG or not number:
        return
    item = _item().match(line)
    if item is None:
        yield from _fed_above(lines, number)
        return
    if item["secret"].startswith(_REFERENCE):
        return
    begin, end = item.start("secret"), len(line.rstrip().rstrip("\"'"))
    above = lines[number - 1]
    if len(above) <= _LONG and _option_item().match(above):
        yield begin, end
        return
    words = [line[begin:end]]
    for near in range(number - 1, max(number - _NEAR, 0) - 1, -1):
        one = lines[near] if len(lines[near]) <= _LONG else ""
        word = _item().match(one)
        if word is None:
            break
        words.insert(0, one[word.start("secret") : len(one.rstrip().rstrip("\"'"))])
    last = len(words) - 1
    yield from (
        (begin + found.begin, begin + found.end) for found in given_in_words(words) if found.word == last
    )


def env_file_entry(line: str, word: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield everything behind the first `=` where the name of the variable has such a word."""
    entry = _entry().match(line) if len(line) <= _LONG else None
    if entry is not None and word.search(entry["name"]) and not entry["secret"].strip().startswith("$"):
        start, end = entry.span("secret")
        blanks = len(entry["secret"]) - len(entry["secret"].lstrip())
        yield start + blanks, end


def _fed_above(lines: Sequence[str], number: int) -> Iterator[tuple[int, int]]:
    line = lines[number]
    if ":" not in line:
        return
    for near in range(number - 1, max(number - _NEAR, 0) - 1, -1):
        begins = _feeding().search(lines[near]) if len(lines[near]) <= _LONG else None
        if begins is None:
            continue
        if not any(one.strip() == begins["mark"] for one in lines[near + 1 : number + 1]):
            start = line.index(":") + 1
            secret = line[start:].strip()
            if is_given(secret):
                yield line.index(secret, start), line.index(secret, start) + len(secret)
        return


@cache
def _feeding() -> re.Pattern[str]:
    return re.compile(r"""\bchg?passwd\b[^|;]{0,100}<<-?\s{0,4}["']?(?P<mark>[A-Za-z_]\w{0,40})""")


@cache
def _setting() -> re.Pattern[str]:
    # Two words: a program's own setting, or what a comment notes down.
    return re.compile(
        r"""(?<![^\s#;|>"'])(?:(?P<certain>requirepass|masterauth|rootpw|bindpw)"""
        r"""|password|passwd|passphrase)[ \t]{1,8}["']?(?P<secret>[^\s"';=:,]{4,300})["']?;?[ \t]{0,8}$"""
    )


@cache
def _listed() -> re.Pattern[str]:
    return re.compile(rf"""["']{_OPTION}["']\s*,\s*(?P<secret>"(?:[^"\\]|\\.)*"?|'[^']*'?)""", re.IGNORECASE)


@cache
def _option_item() -> re.Pattern[str]:
    return re.compile(rf"""\s*-\s+["']?{_OPTION}["']?\s*$""", re.IGNORECASE)


@cache
def _item() -> re.Pattern[str]:
    return re.compile(r"""\s*-\s+["']?(?P<secret>[^\s"'][^"']*)""")


@cache
def _entry() -> re.Pattern[str]:
    return re.compile(r"""\s*(?:\#\s*)?(?:export\s+)?(?P<name>[\w.-]{1,200})\s*[=:](?P<secret>.*\S)""")
