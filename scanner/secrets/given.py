"""Reads command lines for the credentials that they give to programs, by the table of `commands`.

A value that is a variable, a reference or a blank to fill in is no credential. Time is
linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from scanner.secrets.commands import Tool, mentions_tool, rows_of
from scanner.secrets.pairs import Span, is_credential
from scanner.secrets.values import is_reference
from scanner.secrets.words import Word, split_words

_MOST_WORDS = 60
"""Words behind a tool's name that are read as its own; it bounds the time on lists of names."""
_DEEPEST = 3
"""How deep scripts in quotes are followed."""
_SAYERS = frozenset(("echo", "printf"))
_SHOWN = frozenset(("PASSWORD", "PASS", "PASSWD", "SECRET", "TOKEN", "PW", "PWD", "MYPASSWORD"))


class Given(NamedTuple):
    """A credential in a list of words: the number of the word from 0, and where in it."""

    word: int
    begin: int
    end: int


def given_in_words(words: Sequence[str], *, scripts: bool = True) -> tuple[Given, ...]:
    """The credentials in the words of one command line, in order.

    A word that is a script in itself (`sh -c "..."`) is read as one, unless `scripts` is false.
    """
    found = {Given(*each) for each in _in_command([Word(text, 0, len(text), None) for text in words])}
    for number, text in enumerate(words):
        if scripts and _may_be_script(text):
            found.update(Given(number, *span) for span in given_in_text(text))
    return tuple(sorted(found))


def given_in_text(text: str) -> tuple[Span, ...]:
    """Where the credentials stand that commands in a text are given, sorted; the text may be a
    line of any file, or a script of several lines."""
    spans: set[Span] = set()
    if mentions_tool(text):
        _in_text(text, 0, spans, 0)
    if "login" in text or "machine" in text:
        spans.update(_netrc_spans(text))
    return tuple(sorted(spans))


def is_given(value: str) -> bool:
    """Whether the value of a word for a credential is one, written out."""
    if not value or value.startswith("-") or value in _SHOWN or is_reference(value):
        return False
    if value[0] in "$%`<>(" or "$(" in value or "{{" in value:
        return False
    return is_credential("password", value)


def reads_credential(words: Sequence[str]) -> bool:
    """Whether what is piped into a command (its name first) is a credential."""
    for number, text in enumerate(words[:8]):
        rows = rows_of().get(_program(text), ())
        rest = words[number + 1 :]
        for row in rows:
            is_reader = "" in row.stdin or any(flag in rest for flag in row.stdin)
            if is_reader and _behind_subcommand(row, rest) is not None:
                return True
    return False


def said(words: Sequence[str]) -> tuple[Given, ...]:
    """The credential that `echo` or `printf` (the first of the words) writes to a command that
    reads one: a password, or the `user:password` of a line."""
    if not words or _program(words[0]) not in _SAYERS:
        return ()
    found = []
    operands = [number for number in range(1, len(words)) if not _is_flag_of_echo(words[number])]
    if len(operands) > 1 and "%" in words[operands[0]]:
        operands = operands[1:]  # the first is printf's format
    for number in operands:
        begin = 0
        for line in re.split(r"\n|\\n", words[number]):
            colon = line.find(":") + 1
            if is_given(line[colon:].strip()):
                start = words[number].find(line[colon:].strip(), begin)
                found.append(Given(number, start, start + len(line[colon:].strip())))
            begin += len(line)
    return tuple(found)


def _is_flag_of_echo(word: str) -> bool:
    return word in ("-n", "-e", "-ne", "-en", "-E", "--")


def _program(word: str) -> str:
    return word.rpartition("/")[2].removesuffix(".exe")


def _may_be_script(text: str) -> bool:
    return " " in text or "\n" in text or "\t" in text


def _in_text(text: str, offset: int, spans: set[Span], depth: int) -> None:
    before: list[Word] = []
    for command, operator in split_words(text):
        for number, begin, end in _in_command(command):
            spans.add(_in_source(command[number], begin, end, offset))
        texts = [word.text for word in command]
        if operator in ("|", "<<<", "<<") and (before or operator != "|") and reads_credential(texts):
            for number, begin, end in _fed(before, operator):
                spans.add(_in_source(before[number], begin, end, offset))
        for word in command:
            if depth < _DEEPEST and word.is_quoted and _may_be_script(word.text) and mentions_tool(word.text):
                inner: set[Span] = set()
                _in_text(word.text, 0, inner, depth + 1)
                spans.update(_in_source(word, begin, end, offset) for begin, end in inner)
        before = command


def _fed(words: list[Word], operator: str) -> Iterator[tuple[int, int, int]]:
    """What a command is fed with: what `echo` says somewhere in the words before the pipe, or the
    text behind `<<<` or of a here-document."""
    texts = [word.text for word in words]
    if operator != "|":
        for number, text in enumerate(texts):
            colon = text.find(":") + 1
            if is_given(text[colon:]):
                yield number, colon, len(text)
        return
    for number, text in enumerate(texts):
        if _program(text) in _SAYERS:
            yield from ((number + word, begin, end) for word, begin, end in said(texts[number:]))
            return


def _in_source(word: Word, begin: int, end: int, offset: int) -> Span:
    return offset + word.place(begin), offset + word.place(end - 1) + 1


def _in_command(words: Sequence[Word]) -> Iterator[tuple[int, int, int]]:
    """The credentials of one simple command, whatever stands before the tool's name."""
    for number, word in enumerate(words):
        rows = rows_of().get(_program(word.text))
        if rows is None:
            continue
        rest = [each.text for each in words[number + 1 : number + 1 + _MOST_WORDS]]
        for row in rows:
            behind = _behind_subcommand(row, rest)
            if behind is not None:
                for at, begin, end in _in_row(row, rest, behind):
                    if is_given(rest[at][begin:end]):
                        yield number + 1 + at, begin, end


def _behind_subcommand(row: Tool, rest: Sequence[str]) -> int | None:
    """The number of the word behind the row's subcommand; None where it is another one."""
    wanted = row.subcommand.split()
    position = 0
    for word in wanted:
        while position < len(rest) and rest[position].startswith("-"):
            position += 1
        if position >= len(rest) or rest[position] != word:
            # Options with values may stand before the subcommand.
            later = [at for at in range(position, min(len(rest), position + 6)) if rest[at] == word]
            if not later or not any(one.startswith("-") for one in rest[position - 1 : later[0]]):
                return None
            position = later[0]
        position += 1
    return position


def _in_row(row: Tool, rest: list[str], behind: int) -> Iterator[tuple[int, int, int]]:
    operands: list[int] = []
    flags = ""
    position = 0
    while position < len(rest):
        word = rest[position]
        if not word.startswith("-") or word == "-":
            if position >= behind:
                operands.append(position)
            position += 1
            continue
        if word[1:2] != "-":
            flags += word[1:]
        taken = False
        for at, begin, kind in _option(row, rest, position):
            taken = taken or at != position
            yield from _judged(row, kind, rest[at], at, begin)
        position += 2 if taken else 1
    yield from _in_operands(row, rest, operands, flags)


def _option(row: Tool, rest: list[str], position: int) -> Iterator[tuple[int, int, str]]:
    """The value of an option: the word it stands in, where it begins, and what it holds."""
    word = rest[position]
    name, equals, _ = word.partition("=")
    for kind, options in (("value", row.values), ("user", row.users), ("header", row.headers),
                          ("source", row.sources), ("entry", row.entry_options)):  # fmt: skip
        for option in options:
            if word == option:
                if position + 1 < len(rest):
                    yield position + 1, 0, kind
                return
            if equals and name == option:
                yield position, len(name) + 1, kind
                return
            is_letter = len(option) == 2
            if is_letter and word.startswith(option) and len(word) > 2:
                yield position, 2, kind
                return
    if row.bundles and word[1:].isalpha() and position + 1 < len(rest):
        for kind, options in (("user", row.users), ("header", row.headers)):
            if f"-{word[-1]}" in options:
                yield position + 1, 0, kind
                return
    for option in row.glued:
        if word.startswith(option) and len(word) > len(option) and word[1:2] != "-":
            yield position, len(option), "value"
            return


def _judged(row: Tool, kind: str, text: str, at: int, begin: int) -> Iterator[tuple[int, int, int]]:
    value = text[begin:]
    if kind == "value":
        yield at, begin, len(text)
    elif kind == "user":
        signs = [place for place in (value.find(sign) for sign in row.between) if place > 0]
        if signs and not value[: min(signs)].startswith(("http", "file")):
            yield at, begin + min(signs) + 1, len(text)
    elif kind == "header":
        found = _header().match(value)
        if found is not None:
            yield at, begin + found.start(1), begin + found.end(1)
    elif kind == "source":
        if value.startswith("pass:"):
            yield at, begin + 5, len(text)
    elif kind == "entry":
        yield from _entry(text, at, begin, every=True)


@cache
def _header() -> re.Pattern[str]:
    return re.compile(
        r"(?i)(?:(?:proxy-)?authorization|[\w-]{0,40}(?:token|api-?key|secret))\s{0,8}:\s{0,8}"
        r"(?:(?:bearer|basic|token|apikey)\s{1,8})?([^\s\"'$,;]{6,2000})$"
    )


def _entry(text: str, at: int, begin: int, *, every: bool) -> Iterator[tuple[int, int, int]]:
    """The value of `KEY=VALUE`, by its key or (`every`) whatever key says not who or where."""
    key, equals, value = text[begin:].partition("=")
    if not equals or value.startswith("@"):
        return
    if is_credential(key, value) or (every and not _harmless_keys().search(key)):
        yield at, begin + len(key) + 1, len(text)


@cache
def _harmless_keys() -> re.Pattern[str]:
    return re.compile(
        r"(?i)(?:user|login|host|port|name|url|uri|endpoint|email|region|id|bucket|db|database|type|path|file)s?$"
    )


def _in_operands(
    row: Tool, rest: list[str], operands: list[int], flags: str
) -> Iterator[tuple[int, int, int]]:
    if row.flag and row.flag not in flags:
        return
    texts = [rest[at] for at in operands]
    for pattern, number in row.operands:
        if texts and -len(texts) <= number < len(texts) and re.match(pattern, texts[0]):
            at = operands[number]
            text = rest[at]
            if number == 0 and "/" in pattern:  # sqlplus USER/PASSWORD@DATABASE
                begin, end = text.index("/") + 1, text.index("@")
                yield at, begin, end
            elif number != 0 or not pattern or re.match(pattern, text):
                yield at, 0, len(text)
            break
    if row.entries:
        for at in operands:
            yield from _entry(rest[at], at, 0, every=False)
    if row.named:
        for at, following in pairwise(operands):
            if (
                following == at + 1
                and "=" not in rest[at]
                and is_credential(_key_name(rest[at]), rest[following])
            ):
                yield following, 0, len(rest[following])


def _key_name(text: str) -> str:
    """The name in a key of npm: what stands behind the registry of `//registry/:_authToken`."""
    return text.rpartition(":")[2]


@cache
def _netrc() -> re.Pattern[str]:
    return re.compile(r"\blogin[ \t]{1,8}[^\s\"']{1,200}[ \t\r\n]{1,8}password[ \t]{1,8}([^\s\"'\\]{1,300})")


def _netrc_spans(text: str) -> Iterator[Span]:
    for found in _netrc().finditer(text):
        if is_given(found[1]):
            yield found.span(1)
