"""Env files (`.env`, `env_file`): the dotenv dialect of compose-go, each variable with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import FormatError, ParseError
from scanner.formats.compose.interpolation import HOLE, Interpolated, Variable, Variables, interpolate
from scanner.model.source import Span, SpanSource
from scanner.parsing.lines import LineTable

MAX_VARIABLES = 5_000

_SPACES = " \t\v\f\r\x85\xa0"
_KEY_MARKS = frozenset("_.-[]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class EnvEntry(NamedTuple):
    """A variable of an env file: `value` is None for a bare name, whose value comes from
    where the command is run."""

    name: str
    value: Interpolated | None
    span: Span


class EnvText(NamedTuple):
    """What an env file says, in order, and an error for each line that says nothing."""

    source: SpanSource
    entries: tuple[EnvEntry, ...]
    errors: tuple[ParseError, ...]

    def variables(self) -> dict[str, Variable]:
        """The variables that have a value; of a name that stands twice, the later one."""
        return {
            entry.name: Variable(entry.value.text, entry.span, self.source)
            for entry in self.entries
            if entry.value is not None
        }


def parse_dotenv(text: str, path: str, known: Variables, *, raw: bool = False) -> EnvText:
    """Read an env file; values may use `known` variables and those further up in the file.

    A raw file's values are taken as they stand: no quotes, no variables, no comments.
    """
    return _Reader(text, path, known, raw).read()


class _Reader:
    def __init__(self, text: str, path: str, known: Variables, raw: bool) -> None:
        self.text = text.replace("\r\n", "\n") if "\r\n" in text else text
        self.table = LineTable(self.text)
        self.source = SpanSource(path)
        self.raw = raw
        self.known: dict[str, Variable] = dict(known)
        self.outer: Mapping[str, Variable] = known
        self.entries: list[EnvEntry] = []
        self.errors: list[ParseError] = []

    def read(self) -> EnvText:
        position = 0
        while position < len(self.text):
            end = _line_end(self.text, position)
            start = _skip(self.text, position, end)
            if start < end and self.text[start] != "#":
                end = self._statement(start, end)
            if len(self.entries) > MAX_VARIABLES:
                self._complain(
                    start, f"the file has more than {MAX_VARIABLES} variables; the rest is not read"
                )
                break
            position = end + 1
        return EnvText(self.source, tuple(self.entries), tuple(self.errors))

    def _statement(self, start: int, end: int) -> int:
        """Read the statement at `start`; returns where its last line ends."""
        text = self.text
        if text.startswith("export", start) and text[start + 6 : start + 7] in (" ", "\t"):
            start = _skip(text, start + 6, end)
        key_end = start
        while key_end < end and (text[key_end].isalnum() or text[key_end] in _KEY_MARKS):
            key_end += 1
        name = text[start:key_end]
        mark = _skip(text, key_end, end)
        if not name:
            found = f"'{text[start]}'" if start < end else "the end of the line"
            self._complain(start, f"expected a variable's name, found {found}")
            return end
        if mark == end:
            self._add(name, None, start, key_end)
            return end
        if text[mark] not in "=:":
            self._complain(mark, f"unexpected character '{text[mark]}' in the name of a variable")
            return end
        return self._assign(name, start, mark + 1, end)

    def _assign(self, name: str, start: int, after: int, end: int) -> int:
        text = self.text
        if self.raw:
            self._add(name, Interpolated(text[after:end].rstrip("\r")), start, end)
            return end
        begin = _skip(text, after, end)
        quote = text[begin : begin + 1] if begin < end else ""
        if quote not in ('"', "'") or not quote:
            value = _without_comment(text[begin:end])
            self._add(name, self._filled(value, start), start, begin + len(value))
            return end
        close = _closing_quote(text, begin)
        if close is None:
            self._complain(begin, f"the value of '{name}' has no closing quote")
            return end
        inner = text[begin + 1 : close]
        if quote == '"':
            self._add(name, self._filled(_unescaped(inner), start), start, close + 1)
        else:
            self._add(name, Interpolated(inner), start, close + 1)
        end = _line_end(text, close + 1)
        rest = text[close + 1 : end].strip(_SPACES)
        if rest and not rest.startswith("#"):
            self._complain(close + 1, f"unexpected text after the value of '{name}'")
        return end

    def _filled(self, value: str, start: int) -> Interpolated:
        try:
            return interpolate(value, self.known)
        except FormatError as error:
            self._complain(start, error.message)
            return Interpolated(HOLE, error.message)

    def _add(self, name: str, value: Interpolated | None, start: int, end: int) -> None:
        span = Span(*self.table.position(start), *self.table.position(end))
        self.entries.append(EnvEntry(name, value, span))
        # What is known from outside wins over the file (dotenv.ParseWithLookup).
        if value is not None and name not in self.outer:
            self.known[name] = Variable(value.text, span, self.source)

    def _complain(self, offset: int, message: str) -> None:
        line, column = self.table.position(offset)
        self.errors.append(ParseError(message, path=self.source.path, line=line, column=column))


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)


def _skip(text: str, position: int, end: int) -> int:
    while position < end and text[position] in _SPACES:
        position += 1
    return position


def _without_comment(value: str) -> str:
    """Cut an unquoted value's comment: a `#` after white space, or at its start."""
    position = value.find("#")
    while position > 0 and value[position - 1] not in _SPACES:
        position = value.find("#", position + 1)
    if position >= 0:
        value = value[:position]
    return value.rstrip(_SPACES)


def _closing_quote(text: str, opening: int) -> int | None:
    quote = text[opening]
    position = text.find(quote, opening + 1)
    while position > 0 and text[position - 1] == "\\":
        position = text.find(quote, position + 1)
    return position if position > 0 else None


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    parts: list[str] = []
    position = 0
    while True:
        slash = value.find("\\", position)
        if slash < 0 or slash + 1 == len(value):
            parts.append(value[position:])
            return "".join(parts)
        following = value[slash + 1]
        # `\$` is a dollar sign that starts no variable; the template writes it `$$`.
        known = "$$" if following == "$" else _ESCAPES.get(following)
        if known is None:
            known = following if following in "\"'\\" else "\\" + following
        parts += (value[position:slash], known)
        position = slash + 2
