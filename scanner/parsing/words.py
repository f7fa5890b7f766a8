"""The meaning of a word of a Dockerfile: quotes taken off, escapes and variables resolved.

It follows BuildKit's frontend/dockerfile/shell/lex.go, but knows three answers for a
variable: a value, no value, and a value that the files do not tell.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from scanner.errors import ParseError
from scanner.model.source import Unknown
from scanner.parsing.word_patterns import parse_pattern, replace, trim_prefix, trim_suffix

Lookup: TypeAlias = Callable[[str], "str | Unknown | None"]
"""Gives the value of a variable; None when it is not set, Unknown when no file tells it."""


class Expanded(NamedTuple):
    """What a word comes to.

    `text` has nothing in the place of a variable that is not set, and the reference as
    written in the place of an unknown one. `unset` names the variables that left nothing
    behind (one with a default is not among them), `unknown` those that decide the text
    and have no value in the files. `words` is the text split at unquoted blanks, and is
    filled by `expand_words` alone. A word that grows over the limit is `too_long`, and its
    text is as written.
    """

    text: str
    unset: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    too_long: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the text is what a build would see."""
        return not self.unknown and not self.too_long


def expand_word(text: str, lookup: Lookup, escape: str = "\\") -> Expanded:
    """Return the meaning of one word; blanks in it stay. A bad substitution raises ParseError."""
    if _PLAIN.fullmatch(text):
        return Expanded(text)
    lexer = _Lexer(text, lookup, escape)
    try:
        value = lexer.run("")
    except _TooLong:
        return Expanded(text, too_long=True)
    return Expanded(value, tuple(dict.fromkeys(lexer.unset)), tuple(dict.fromkeys(lexer.unknown)))


def expand_words(text: str, lookup: Lookup, escape: str = "\\") -> Expanded:
    """Return the meaning of a text and its words, split after variables were put in, as BuildKit does."""
    lexer = _Lexer(text, lookup, escape)
    lexer.splitter = _Splitter()
    try:
        value = lexer.run("")
    except _TooLong:
        return Expanded(text, too_long=True)
    words = lexer.splitter.finish()
    return Expanded(value, tuple(dict.fromkeys(lexer.unset)), tuple(dict.fromkeys(lexer.unknown)), words)


def split_raw(text: str, *, keep_quotes: bool, keep_escapes: bool) -> tuple[str, ...]:
    """Return the words of a text with its variables as written; the escape character is a backslash."""
    lexer = _Lexer(text, _nothing, "\\", sys.maxsize)
    lexer.keep_quotes, lexer.keep_escapes, lexer.keep_unset = keep_quotes, keep_escapes, True
    lexer.splitter = _Splitter()
    lexer.run("")
    return lexer.splitter.finish()


_PLAIN = re.compile(r"[^'\"$\\`]*")
_NAME = re.compile(r"\d+|[@*#?\-$!]|\w+")
_RUN = re.compile(r"[^'\"$\\`}/<]+")
_QUOTED_RUN = re.compile(r"[^\"$\\`]+")
_BLANK_AFTER_MARK = re.compile(r"-?[\t\r ]*")
_BLANK = re.compile(r"\s+")
_DEEPEST = 60
_LONGEST = 64 * 1024  # characters; variables can double each other, and no real value comes near


class _TooLong(Exception):
    """The meaning of a word grows over the limit."""


def _nothing(_name: str) -> None:
    return None


class _Splitter:
    """Gathers words; text from quotes and escapes never ends one."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._parts: list[str] = []

    def add(self, text: str) -> None:
        """Add text whose blanks end a word."""
        if not text:
            return
        pieces = _BLANK.split(text)
        if pieces[0]:
            self._parts.append(pieces[0])
        for piece in pieces[1:]:
            self._end()
            if piece:
                self._parts.append(piece)

    def add_raw(self, text: str) -> None:
        """Add text whose blanks are part of the word."""
        if text:
            self._parts.append(text)

    def finish(self) -> tuple[str, ...]:
        """Return the words."""
        self._end()
        return tuple(self._words)

    def _end(self) -> None:
        if self._parts:
            self._words.append("".join(self._parts))
            self._parts = []


class _Lexer:
    """One pass over a text; `run` calls itself for the words inside `${...}`."""

    def __init__(self, text: str, lookup: Lookup, escape: str, limit: int = _LONGEST) -> None:
        self.text = text
        self.lookup = lookup
        self.escape = escape
        self.keep_quotes = self.keep_escapes = self.keep_unset = False
        self.splitter: _Splitter | None = None
        self.unset: list[str] = []
        self.unknown: list[str] = []
        self._limit = max(limit, len(text))
        self._pos = 0
        self._depth = 0

    def run(self, stop: str, pattern: bool = False) -> str:
        """Return the meaning of the text up to `stop`, or to the end for an empty one."""
        text, escape, splitter = self.text, self.escape, self.splitter
        parts: list[str] = []
        room = self._limit
        while self._pos < len(text):
            char = text[self._pos]
            if char == stop:
                self._pos += 1
                return "".join(parts)
            plain = _RUN.match(text, self._pos)
            if plain is not None:
                value, raw = plain.group(), False
                self._pos = plain.end()
            elif char == "$":
                value, raw = self._dollar(), False
            elif char == "'":
                value, raw = self._single(pattern), True
            elif char == '"':
                value, raw = self._double(pattern), True
            elif char == escape:
                value, raw = self._escaped(), True
            elif char == "<":
                value, raw = self._angle(), True
            else:
                value, raw = char, False
                self._pos += 1
            room -= len(value)
            if room < 0:
                raise _TooLong
            parts.append(value)
            if splitter is not None:
                (splitter.add_raw if raw else splitter.add)(value)
        if stop:
            raise self._error(f"missing '{stop}' in '${{...}}'")
        return "".join(parts)

    def _nested(self, stop: str, keep_escapes: bool, pattern: bool) -> str:
        """Return the word of a modifier; it does not count as words of the whole."""
        if self._depth >= _DEEPEST:
            raise self._error(f"more than {_DEEPEST} substitutions within each other")
        saved = self.keep_escapes, self.splitter
        self.keep_escapes, self.splitter = keep_escapes, None
        self._depth += 1
        try:
            return self.run(stop, pattern)
        finally:
            self._depth -= 1
            self.keep_escapes, self.splitter = saved

    def _escaped(self) -> str:
        """Take the escape character and what it escapes; at the end of the text it is dropped."""
        kept = self.escape if self.keep_escapes else ""
        char = self.text[self._pos + 1 : self._pos + 2]
        self._pos += 2
        return kept + char

    def _angle(self) -> str:
        """Take `<<` with the blanks after it, so that a here-document's name stays with its mark."""
        if not self.text.startswith("<<", self._pos):
            self._pos += 1
            return "<"
        blank = _BLANK_AFTER_MARK.match(self.text, self._pos + 2)
        start, self._pos = self._pos, blank.end() if blank else self._pos + 2
        return self.text[start : self._pos]

    def _single(self, pattern: bool) -> str:
        end = self.text.find("'", self._pos + 1)
        if end < 0:
            raise self._error('missing closing quote "\'"')
        value = self.text[self._pos + 1 : end]
        if pattern:
            value = value.replace(self.escape, self.escape * 2)
        self._pos = end + 1
        return f"'{value}'" if self.keep_quotes else value

    def _double(self, pattern: bool) -> str:
        text, escape = self.text, self.escape
        start = self._pos
        parts = ['"'] if self.keep_quotes else []
        self._pos += 1
        room = self._limit
        while self._pos < len(text):
            char = text[self._pos]
            plain = _QUOTED_RUN.match(text, self._pos)
            if plain is not None:
                parts.append(plain.group())
                self._pos = plain.end()
            elif char == '"':
                self._pos += 1
                if self.keep_quotes:
                    parts.append('"')
                return "".join(parts)
            elif char == "$":
                value = self._dollar()
                room -= len(value)
                if room < 0:
                    raise _TooLong
                parts.append(value)
            elif char == escape:
                parts.append(self._escaped_in_quotes(pattern))
            else:
                parts.append(char)
                self._pos += 1
        self._pos = start
        raise self._error("missing closing quote '\"'")

    def _escaped_in_quotes(self, pattern: bool) -> str:
        """Between double quotes an escape counts only before `"`, `$` and itself."""
        escape = self.escape
        following = self.text[self._pos + 1 : self._pos + 2]
        if not following:
            self._pos += 1
            return ""
        if following in ('"', "$", escape):
            self._pos += 2
            return escape + following if self.keep_escapes else following
        self._pos += 1
        doubled = self.keep_escapes and (not self.keep_quotes or pattern)
        return escape * 2 if doubled else escape

    def _dollar(self) -> str:
        start = self._pos
        self._pos += 1
        if not self.text.startswith("{", self._pos):
            name = self._name()
            return self._plain(name, start) if name else "$"
        self._pos += 1
        if self.text[self._pos : self._pos + 1] in ("{", "}", ":"):
            raise self._error("bad substitution '${'")
        name = self._name()
        mark = self.text[self._pos : self._pos + 1]
        self._pos += 1
        if mark == "}":
            return self._plain(name, start)
        if mark == "/":
            return self._replaced(name, start)
        null_is_unset = mark == ":"
        if null_is_unset:
            mark = self.text[self._pos : self._pos + 1]
            self._pos += 1
        if not mark:
            raise self._error("missing '}'")
        if null_is_unset and mark in "#%":
            raise self._error(f"unsupported modifier ':{mark}' in a substitution")
        if mark in "+-?#%" or null_is_unset:
            return self._modified(name, mark, null_is_unset, start)
        raise self._error(f"unsupported modifier '{mark}' in a substitution")

    def _name(self) -> str:
        found = _NAME.match(self.text, self._pos)
        if found is None:
            return ""
        self._pos = found.end()
        return found.group()

    def _plain(self, name: str, start: int) -> str:
        value = self.lookup(name)
        if isinstance(value, str):
            return value
        if value is not None:
            self.unknown.append(name)
        elif not self.keep_unset:
            self.unset.append(name)
            return ""
        return self.text[start : self._pos]

    def _modified(self, name: str, mark: str, null_is_unset: bool, start: int) -> str:
        """`${name-word}` and its relatives; only a word that is used can make the text unknown."""
        is_pattern = mark in "#%"
        unset, unknown = len(self.unset), len(self.unknown)
        word = self._nested("}", is_pattern, is_pattern)
        value = self.lookup(name)
        if value is None and self.keep_unset:
            return f"${{{name}{':' if null_is_unset else ''}{mark}{word}}}"
        if mark not in "+-?#%":
            raise self._error(f"unsupported modifier ':{mark}' in a substitution")
        if isinstance(value, Unknown):
            self.unknown.append(name)
            return self.text[start : self._pos]
        has_value = value is not None and not (null_is_unset and not value)
        if not (is_pattern or has_value == (mark == "+")):
            del self.unset[unset:], self.unknown[unknown:]
        if mark == "?" and not has_value:
            reason = word or f"is not allowed to be {'unset' if value is None else 'empty'}"
            raise self._error(f"variable '{name}': {reason}")
        if not is_pattern:
            return word if has_value == (mark == "+") and mark != "?" else value or ""
        if value is None:
            self.unset.append(name)
            return ""
        greedy = word.startswith(mark)
        cut = trim_suffix if mark == "%" else trim_prefix
        return cut(value, parse_pattern(word[1:] if greedy else word), greedy)

    def _replaced(self, name: str, start: int) -> str:
        """`${name/pattern/replacement}`, or with `//` every occurrence."""
        every = self.text.startswith("/", self._pos)
        self._pos += every
        pattern = self._nested("/", True, True)
        replacement = self._nested("}", True, False)
        value = self.lookup(name)
        if value is None:
            if self.keep_unset:
                return f"${{{name}/{pattern}/{replacement}}}"
            self.unset.append(name)
            value = ""
        if isinstance(value, Unknown):
            self.unknown.append(name)
            return self.text[start : self._pos]
        replaced = replace(value, parse_pattern(pattern), replacement, every, self._limit)
        if replaced is None:
            raise _TooLong
        return replaced

    def _error(self, message: str) -> ParseError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return ParseError(f"{message} of '{shown}'" if "missing" in message else f"{message}: '{shown}'")
