"""Finds `name=value` pairs inside a text, and which of their values are credentials.

One scan serves connection strings, command arguments, header lists and shown lines. It is
linear in the length of the text, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, TypeAlias

from scanner.secrets.names import Noun, credential_noun, hints_at_secret, is_secret_name
from scanner.secrets.values import (
    LiteralKind,
    default_span,
    is_blank_to_fill,
    is_random,
    is_reference,
    literal_kind,
)

Span: TypeAlias = tuple[int, int]


class Pair(NamedTuple):
    """A name, where it stands, and where the value does that is given to it, without quotes."""

    name: str
    at: int
    separator: str
    begin: int
    end: int


def pairs(text: str, wanted: Callable[[str], bool]) -> Iterator[Pair]:
    """Every `name=value`, `name: value`, `"name": "value"`, `name => value` and
    `--name value` with a wanted name in a text that holds no line break.

    A long value is not looked into for further pairs, which keeps the time linear.
    """
    position = 0
    while (head := _head().search(text, position)) is not None:
        position = head.end()
        if not wanted(head["name"]):
            continue
        separator = head["separator"].strip() or head["separator"][:1]
        if separator == ":" and text[position - 1] == ":" and text[position : position + 1] not in ("'", '"'):
            continue  # image:tag, host:port, user:password
        if separator in (" ", ",", "\t") and not head["name"].startswith("--"):
            continue
        if text[head.start() - 1 : head.start()] == "$" and text[position : position + 1] not in ("'", '"'):
            continue  # a variable of a template or a script that is given the value of another
        begin, end = _extent(text, position)
        yield Pair(head["name"], head.start(), separator, begin, end)
        if end - begin > _LOOKED_INTO:
            position = end


def says_credential(name: str) -> bool:
    """Whether the name of a pair says credential; a query's signature (`sig=`) is one."""
    return is_secret_name(name) or name.lower().lstrip("-") in _SIGNATURES


def credential_pairs(text: str) -> Iterator[Pair]:
    """The pairs of a text whose name says credential and whose value is a real one."""
    if "=" in text or ":" in text or "--" in text:
        for pair in pairs(text, says_credential):
            if is_credential(pair.name, text[pair.begin : pair.end]):
                yield pair


def is_credential(name: str, value: str) -> bool:
    """Whether the name says credential and the value is one that opens something, be it
    known to everybody; never for a reference, a blank to fill, a path or a switch."""
    noun = credential_noun(name)
    if noun is Noun.CONNECTION or (noun is None and not says_credential(name)):
        return False
    kind = literal_kind(value)
    if kind is LiteralKind.LITERAL or kind is LiteralKind.HASH:
        return True
    if kind is LiteralKind.NUMBER:
        return noun is Noun.PASSWORD and sum(map(str.isdigit, value)) >= 3
    return kind is LiteralKind.PLACEHOLDER and noun in (Noun.PASSWORD, Noun.SECRET) and not is_template(value)


def is_high_entropy(name: str, value: str) -> bool:
    """Whether the name may mean a credential without saying so (`KEY`, `HASHIDS_SALT`) and
    the value looks drawn at random; never for a name that `is_secret_name` knows."""
    return (
        hints_at_secret(name)
        and not is_secret_name(name)
        and literal_kind(value) is LiteralKind.LITERAL
        and is_random(value)
    )


def is_template(text: str) -> bool:
    """Whether the text is computed elsewhere or still to be filled in."""
    return is_reference(text) or is_blank_to_fill(text)


def lines_and_starts(text: str) -> list[tuple[int, str]]:
    """The lines of a text without their breaks, each with the place where it starts."""
    if "\n" not in text:
        return [(0, text)]
    lines, begin = [], 0
    for line in text.split("\n"):
        lines.append((begin, line))
        begin += len(line) + 1
    return lines


def hidden_part(value: str) -> Span:
    """The part of a credential's value to hide: the default of `${VAR:-default}`, else all
    inside its quotes."""
    begin, end = len(value) - len(value.lstrip()), len(value.rstrip())
    if end - begin >= 2 and value[begin] == value[end - 1] and value[begin] in "\"'":
        begin, end = begin + 1, end - 1
    inner = default_span(value[begin:end])
    return (begin, end) if inner is None else (begin + inner[0], begin + inner[1])


_LOOKED_INTO = 256
# Query parameters that sign a request: Azure's shared access signature.
_SIGNATURES = frozenset(("sig",))


@cache
def _head() -> re.Pattern[str]:
    # Starting at word starts only, and with neighbours that share no character: every character is
    # looked at a fixed number of times.
    return re.compile(
        r"(?<![\w.-])(?P<name>[\w.-]+)(?P<quote>[\"']?)"
        r"(?P<separator>[ \t]{0,8}(?:=>(?=[ \t])|:=|=|:(?!//))|[ \t]{0,8},(?=[ \t]{0,8}[\"'])"
        r"|[ \t](?=[^\s=:-]))[ \t]{0,8}"
    )


@cache
def _bare_end() -> re.Pattern[str]:
    return re.compile(r"[\s\"'`;&]|,(?=\s|\S{1,64}[=:])|[)\]}](?:[\s,;\"')\]}]|$)|$")


@cache
def _bracketed() -> re.Pattern[str]:
    return re.compile(r"<[^<>\n]{1,100}>|\[[A-Za-z][\w .-]{0,100}\]|\{[A-Za-z][\w .-]{0,100}\}")


def _extent(text: str, begin: int) -> Span:
    opening = text[begin : begin + 1]
    if opening in ("'", '"') and opening:
        end = text.find(opening, begin + 1)
        while end > 0 and opening == '"' and text[end - 1] == "\\":
            end = text.find(opening, end + 1)
        return begin + 1, len(text) if end < 0 else end
    if text.startswith('\\"', begin):  # a quoted value inside a quoted text
        end = text.find('\\"', begin + 2)
        return begin + 2, len(text) if end < 0 else end
    if text.startswith(("${", "$("), begin):
        closing = text.find("}" if text[begin + 1] == "{" else ")", begin)
        return begin, len(text) if closing < 0 else closing + 1
    if opening and opening in "<[{":
        blank = _bracketed().match(text, begin)
        if blank is not None:
            return blank.span()
        if opening != "<":
            return begin, begin  # a list or mapping: what is in it is looked at by itself
    found = _bare_end().search(text, begin)
    return begin, len(text) if found is None else found.start()
