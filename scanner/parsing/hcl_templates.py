"""Texts of HCL: quoted ones and here-documents, with what is filled into them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from scanner.parsing.hcl_cursor import Cursor
from scanner.parsing.hcl_tree import Expression, Literal, Template

ReadExpression: TypeAlias = Callable[[], Expression]
"""Reads the expression at the cursor."""

_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
_PLAIN_QUOTED = re.compile(r'[^"\\$%\n]+')
_PLAIN = re.compile(r"[^$%]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNICODE = re.compile(r"u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}")
_LINE_START = re.compile(r"^([ \t]*)(?=[^ \t\r\n])", re.MULTILINE)


def read_quoted(cursor: Cursor, expression: ReadExpression) -> Literal | Template:
    """Take a quoted text. Raises ParseError."""
    start = cursor.at
    cursor.at += 1
    cursor.enter()
    made = _read(cursor, expression, start, len(cursor.text), quoted=True)
    cursor.depth -= 1
    return made


def read_heredoc(cursor: Cursor, expression: ReadExpression) -> Literal | Template:
    """Take a here-document, up to the line with its mark. Raises ParseError."""
    start = cursor.at
    found = _HEREDOC.match(cursor.text, start)
    if found is None:
        raise cursor.error("expected a value")
    last = _end_of(found.group(2)).search(cursor.text, found.end())
    if last is None:
        raise cursor.error(f"the text is not closed: missing a line '{found.group(2)}'")
    cursor.at = found.end()
    cursor.enter()
    made = _read(cursor, expression, start, last.start(), quoted=False)
    cursor.depth -= 1
    if cursor.at > last.start():
        raise cursor.error(f"the text is not closed: '${{' goes on behind the line '{found.group(2)}'")
    cursor.at = last.end()
    span = cursor.span(start, cursor.at)
    return _unindented(made._replace(span=span)) if found.group(1) else made._replace(span=span)


def _end_of(name: str) -> re.Pattern[str]:
    """Match the line that ends a here-document."""
    return re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*\r?$", re.MULTILINE)


def read_rest(cursor: Cursor, expression: ReadExpression) -> Literal | Template:
    """Take all of the text as a template. Raises ParseError."""
    return _read(cursor, expression, cursor.at, len(cursor.text), quoted=False)


def _read(
    cursor: Cursor, expression: ReadExpression, start: int, end: int, *, quoted: bool
) -> Literal | Template:
    """Take text up to `end`, or to the closing quote."""
    parts: list[str | Expression | None] = []
    text, plain = cursor.text, _PLAIN_QUOTED if quoted else _PLAIN
    while cursor.at < end:
        char = text[cursor.at]
        found = plain.match(text, cursor.at, end)
        if found is not None:
            parts.append(found.group())
            cursor.at = found.end()
        elif quoted and char == '"':
            cursor.at += 1
            return _made(cursor, start, parts)
        elif quoted and char == "\n":
            break
        elif quoted and char == "\\":
            parts.append(_escape(cursor))
        elif text.startswith(("$${", "%%{"), cursor.at):
            parts.append(char + "{")
            cursor.at += 3
        elif text.startswith("${", cursor.at):
            _fill_in(cursor, expression, parts)
        elif text.startswith("%{", cursor.at):
            _pass_directive(cursor, end)
            parts.append(None)
        else:
            parts.append(char)
            cursor.at += 1
    if quoted:
        cursor.at = start
        raise cursor.error("missing closing quote '\"'")
    return _made(cursor, start, parts)


def _made(cursor: Cursor, start: int, parts: list[str | Expression | None]) -> Literal | Template:
    span = cursor.span(start, cursor.at)
    texts = [part for part in parts if isinstance(part, str)]
    return Literal(span, "".join(texts)) if len(texts) == len(parts) else Template(span, tuple(parts))


def _escape(cursor: Cursor) -> str:
    following = cursor.text[cursor.at + 1 : cursor.at + 2]
    if following in _ESCAPES:
        cursor.at += 2
        return _ESCAPES[following]
    found = _UNICODE.match(cursor.text, cursor.at + 1)
    number = int(found.group()[1:], 16) if found else -1
    if found is None or number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise cursor.error(f"'\\{following}' is no escape that HCL knows")
    cursor.at = found.end()
    return chr(number)


def _fill_in(cursor: Cursor, expression: ReadExpression, parts: list[str | Expression | None]) -> None:
    """Take `${...}`; with `~` the blanks on that side go, which is left open as for a directive."""
    cursor.at += 2
    trims = cursor.sees("~")
    cursor.at += trims

    def inner() -> Expression:
        nonlocal trims
        found = expression()
        cursor.skip()
        ends = cursor.sees("~")
        cursor.at += ends
        trims = trims or ends
        return found

    parts.append(cursor.inside(inner, "}", "missing '}' of '${'"))
    if trims:
        parts.append(None)


def _pass_directive(cursor: Cursor, end: int) -> None:
    """Pass over `%{ ... }`; what it does to the text is not looked at."""
    close = cursor.text.find("}", cursor.at, end)
    if close < 0:
        raise cursor.error("missing '}' of '%{'")
    cursor.at = close + 1


def _without(blanks: int, line: str) -> str:
    return line[blanks:] if not line[:blanks].strip(" \t") and len(line) >= blanks else line


def _unindented(made: Literal | Template) -> Literal | Template:
    """Take off the blanks that all lines of a `<<-` text begin with."""
    parts = made.parts if isinstance(made, Template) else (str(made.value),)
    text = "".join(part if isinstance(part, str) else "\0" for part in parts)
    common = min((len(found.group(1)) for found in _LINE_START.finditer(text)), default=0)
    pieces = "\n".join([_without(common, line) for line in text.split("\n")]).split("\0")
    if isinstance(made, Literal):
        return made._replace(value=pieces[0])
    filled = [part for part in parts if not isinstance(part, str)]
    mixed: list[str | Expression | None] = [pieces[0]]
    for part, piece in zip(filled, pieces[1:], strict=True):
        mixed += [part, piece]
    return made._replace(parts=tuple(mixed))
