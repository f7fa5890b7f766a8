"""Secrets in the words of a command line, and in the entries of an env file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LONG = 1_000
_NEAR = 12
_END = r"""[^\s"',;&|\]]"""
_REFERENCE = ("$", "{{", "<", "~")
_MYSQL = re.compile(r"\b(?:mysql|mariadb)", re.IGNORECASE)
_GLUED = re.compile(rf"""(?<![\w-])-p(?P<secret>{_END}{{1,500}})""")
_USER = re.compile(
    rf"""(?<![\w-])(?:-u|--user|--proxy-user|-U)["']?(?:\s*,\s*|\s+|=)?["']?[^\s:"',]{{1,200}}:(?P<secret>{_END}{{1,500}})"""
)
_OPTION = r"""--?[\w-]{0,80}(?:passw(?:or)?d|passphrase|secret|token|api-?key|access-?key)"""
_LISTED = re.compile(rf"""["']{_OPTION}["']\s*,\s*(?P<secret>"(?:[^"\\]|\\.)*"?|'[^']*'?)""", re.IGNORECASE)
_OPTION_ITEM = re.compile(rf"""\s*-\s+["']?{_OPTION}["']?\s*$""", re.IGNORECASE)
_ITEM = re.compile(r"""\s*-\s+["']?(?P<secret>[^\s"'][^"']*)""")
_ENTRY = re.compile(r"""\s*(?:\#\s*)?(?:export\s+)?(?P<name>[\w.-]{1,200})\s*[=:](?P<secret>.*\S)""")


def is_env_file(path: str) -> bool:
    """Whether a file holds variables, one in a line, by its name."""
    name = path.rpartition("/")[2]
    return name.startswith(".env") or name.endswith(".env")


def program_options(line: str) -> Iterator[tuple[int, int]]:
    """Yield the passwords glued to `-p` of MySQL's programs and behind the user of curl's `-u`."""
    program = _MYSQL.search(line) if "-p" in line else None
    if program is not None:
        yield from _spans(_GLUED, line, program.start())
    if "curl" in line or "wget" in line:
        yield from _spans(_USER, line, 0)


def listed_option(line: str) -> Iterator[tuple[int, int]]:
    """Yield the item of a flow list behind an option for a secret: `["--password", "x"]`."""
    if ("'," in line or '",' in line or "' ," in line or '" ,' in line) and "-" in line:
        yield from _spans(_LISTED, line, 0)


def option_below(lines: Sequence[str], number: int) -> Iterator[tuple[int, int]]:
    """Yield the item of a block list that is the value of an option above it, or the password
    of a program some items above."""
    line = lines[number]
    item = _ITEM.match(line) if len(line) <= _LONG and number else None
    if item is None or item["secret"].startswith(_REFERENCE):
        return
    above = lines[number - 1]
    if len(above) <= _LONG and _OPTION_ITEM.match(above):
        yield item.start("secret"), len(line.rstrip().rstrip("\"'"))
        return
    glued = _GLUED.match(line, item.start("secret"))
    user = item["secret"].partition(":")
    for near in range(number - 1, max(number - _NEAR, 0) - 1, -1):
        one = lines[near]
        if not one.lstrip().startswith("-") or len(one) > _LONG:
            break
        if glued is not None and _MYSQL.search(one):
            yield glued.span("secret")
        if user[2] and "curl" in one and lines[number - 1].strip(" -\"'") in ("u", "user", "proxy-user"):
            yield item.start("secret") + len(user[0]) + 1, len(line.rstrip().rstrip("\"'"))


def env_file_entry(line: str, word: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield everything behind the first `=` where the name of the variable has such a word."""
    entry = _ENTRY.match(line) if len(line) <= _LONG else None
    if entry is not None and word.search(entry["name"]) and not entry["secret"].strip().startswith("$"):
        start, end = entry.span("secret")
        blanks = len(entry["secret"]) - len(entry["secret"].lstrip())
        yield start + blanks, end


def _spans(pattern: re.Pattern[str], line: str, start: int) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(line, start):
        if not found["secret"].strip("\"'").startswith(_REFERENCE):
            yield found.span("secret")
