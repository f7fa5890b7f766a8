"""HCL text to syntax (hashicorp/hcl, hclsyntax/spec.md), as far as build files use it.

Every expression has its span. Templates are taken apart, but for their directives. A text
that is not well-formed raises ParseError, and nothing else does.
"""

from __future__ import annotations

import re

from scanner.errors import ParseError
from scanner.model.source import Span
from scanner.parsing.hcl_cursor import BLANK, BLANK_LINES, NAME, Cursor
from scanner.parsing.hcl_templates import read_heredoc, read_quoted, read_rest
from scanner.parsing.hcl_tree import (
    Access,
    Block,
    Body,
    Call,
    Expression,
    ListOf,
    Literal,
    Loop,
    MapOf,
    Operation,
    Setting,
    Variable,
)
from scanner.parsing.lines import LineTable

MAX_LENGTH = 1024 * 1024
"""Longer texts are refused."""

MAX_CHAIN = 100
"""More operators, or more accesses, than this in a row are refused."""


def parse_hcl(text: str, path: str) -> Body:
    """Return the body of a file. Raises ParseError with path, line and column."""
    if len(text) > MAX_LENGTH:
        message = f"the file is longer than {MAX_LENGTH // 1024 // 1024} MiB"
        raise ParseError(message, path=path, line=1, column=1, hint="no definition needs that much")
    table = LineTable(text)

    def span(start: int, end: int) -> Span:
        return Span(*table.position(start), *table.position(end))

    return _Parser(Cursor(text, span, path)).file()


def parse_template(text: str, span: Span, path: str) -> Expression:
    """Return a text in which `${...}` is filled in, such as a string of HCL's JSON syntax;
    everything in it stands at `span`. Raises ParseError."""
    return _Parser(Cursor(text, lambda _start, _end: span, path)).whole_template()


_NUMBER = re.compile(r"\d{1,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3})?(?![\w.])")
_OPERATOR = re.compile(r"\|\||&&|==|!=|<=|>=|[-<>+*/%]")
_NUMBER_KEY = re.compile(r"\d{1,9}(?![\w])")
_STRENGTH = {
    **dict.fromkeys(("||",), 1),
    **dict.fromkeys(("&&",), 2),
    **dict.fromkeys(("==", "!="), 3),
    **dict.fromkeys(("<", ">", "<=", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _Parser:
    """Recursive descent over the characters; a nested expression counts as one level."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def file(self) -> Body:
        body = self._body()
        if self._cursor.at < len(self._cursor.text):
            raise self._cursor.error("unexpected '}'")
        return body

    def whole_template(self) -> Expression:
        return read_rest(self._cursor, self._expression)

    # Bodies

    def _body(self) -> Body:
        settings: dict[str, Setting] = {}
        blocks: list[Block] = []
        while True:
            self._cursor.skip(BLANK_LINES)
            if self._cursor.at >= len(self._cursor.text) or self._cursor.sees("}"):
                return Body(settings, tuple(blocks))
            start = self._cursor.at
            name = (
                self._plain_text()
                if self._cursor.sees('"')
                else self._cursor.name("the name of a setting or a block")
            )
            span = self._cursor.span(start, self._cursor.at)
            self._cursor.skip()
            if self._cursor.sees("=") and not self._cursor.sees("=="):
                self._cursor.at += 1
                settings[name] = Setting(name, span, self._expression())
            else:
                blocks.append(self._block(name, span))
            self._cursor.skip()
            if (
                self._cursor.at < len(self._cursor.text)
                and not self._cursor.sees("\n")
                and not self._cursor.sees("}")
            ):
                raise self._cursor.error("expected the end of the line")

    def _block(self, kind: str, span: Span) -> Block:
        labels: list[tuple[str, Span]] = []
        while not self._cursor.sees("{"):
            start = self._cursor.at
            label = self._plain_text() if self._cursor.sees('"') else self._cursor.name("'=' or '{'")
            labels.append((label, self._cursor.span(start, self._cursor.at)))
            self._cursor.skip()
        self._cursor.at += 1
        self._cursor.enter()
        body = self._body()
        self._cursor.take("}", "the block is not closed: missing '}'")
        self._cursor.depth -= 1
        return Block(kind, span, tuple(labels), body)

    def _plain_text(self) -> str:
        found = read_quoted(self._cursor, self._expression)
        if isinstance(found, Literal) and isinstance(found.value, str):
            return found.value
        raise self._cursor.error("expected a text without '${...}'")

    # Expressions

    def _expression(self) -> Expression:
        self._cursor.enter()
        self._cursor.skip()
        start = self._cursor.at
        left = self._binary(1)
        self._cursor.skip()
        if self._cursor.sees("?"):
            self._cursor.at += 1
            chosen = self._expression()
            self._cursor.skip()
            self._cursor.take(":", "expected ':' after '?'")
            other = self._expression()
            left = Operation(self._cursor.span(start, self._cursor.at), "?", (left, chosen, other))
        self._cursor.depth -= 1
        return left

    def _binary(self, least: int) -> Expression:
        self._cursor.skip()
        start = self._cursor.at
        left = self._unary()
        for _ in range(MAX_CHAIN):
            self._cursor.skip()
            found = _OPERATOR.match(self._cursor.text, self._cursor.at)
            strength = _STRENGTH[found.group()] if found else 0
            if found is None or strength < least:
                return left
            self._cursor.at = found.end()
            self._cursor.enter()
            right = self._binary(strength + 1)
            self._cursor.depth -= 1
            left = Operation(self._cursor.span(start, self._cursor.at), found.group(), (left, right))
        raise self._cursor.error(f"more than {MAX_CHAIN} operators in a row")

    def _unary(self) -> Expression:
        self._cursor.skip()
        start = self._cursor.at
        if self._cursor.sees("!") or self._cursor.sees("-"):
            operator = self._cursor.text[start]
            self._cursor.at += 1
            self._cursor.enter()
            operand = self._unary()
            self._cursor.depth -= 1
            return Operation(self._cursor.span(start, self._cursor.at), operator, (operand,))
        return self._accesses(start, self._primary())

    def _accesses(self, start: int, found: Expression) -> Expression:
        for _ in range(MAX_CHAIN):
            if self._cursor.sees("...") or not (self._cursor.sees(".") or self._cursor.sees("[")):
                return found
            key: Expression | None = None
            if self._cursor.sees("."):
                self._cursor.at += 1
                inner = self._cursor.at
                if self._cursor.sees("*"):
                    self._cursor.at += 1
                elif number := _NUMBER_KEY.match(self._cursor.text, self._cursor.at):
                    self._cursor.at = number.end()
                    key = Literal(self._cursor.span(inner, self._cursor.at), int(number.group()))
                else:
                    name = self._cursor.name("a name after '.'")
                    key = Literal(self._cursor.span(inner, self._cursor.at), name)
            else:
                key = self._index()
            found = Access(self._cursor.span(start, self._cursor.at), found, key)
        raise self._cursor.error(f"more than {MAX_CHAIN} accesses in a row")

    def _index(self) -> Expression | None:
        self._cursor.at += 1
        if self._cursor.sees("*]"):
            self._cursor.at += 2
            return None
        return self._cursor.inside(self._expression, "]", "missing ']'")

    def _primary(self) -> Expression:
        text, start = self._cursor.text, self._cursor.at
        char = text[start : start + 1]
        if char == '"':
            return read_quoted(self._cursor, self._expression)
        if char == "[":
            return self._list()
        if char == "{":
            return self._map()
        if char == "(":
            self._cursor.at += 1
            return self._cursor.inside(self._expression, ")", "missing ')'")
        if char == "<":
            return read_heredoc(self._cursor, self._expression)
        number = _NUMBER.match(text, start)
        if number is not None:
            self._cursor.at = number.end()
            digits = number.group()
            value = int(digits) if digits.isdigit() else float(digits)
            return Literal(self._cursor.span(start, self._cursor.at), value)
        name = self._cursor.name("a value")
        if self._cursor.sees("("):
            return self._call(start, name)
        if name in _WORDS:
            return Literal(self._cursor.span(start, self._cursor.at), _WORDS[name])
        return Variable(self._cursor.span(start, self._cursor.at), name)

    def _call(self, start: int, name: str) -> Expression:
        self._cursor.at += 1
        spread = False

        def arguments() -> list[Expression]:
            nonlocal spread
            found: list[Expression] = []
            while not self._cursor.sees_next(")"):
                found.append(self._expression())
                self._cursor.skip()
                if self._cursor.sees("..."):
                    self._cursor.at += 3
                    spread = True
                elif self._cursor.sees(","):
                    self._cursor.at += 1
                    continue
                break
            return found

        found = self._cursor.inside(arguments, ")", "missing ')'")
        return Call(self._cursor.span(start, self._cursor.at), name, tuple(found), spread)

    def _list(self) -> Expression:
        start = self._cursor.at
        self._cursor.at += 1

        def items() -> Expression:
            if self._cursor.sees_word("for"):
                return self._loop(start, "]")
            found: list[Expression] = []
            while not self._cursor.sees_next("]"):
                found.append(self._expression())
                self._cursor.skip()
                if not self._cursor.sees(","):
                    break
                self._cursor.at += 1
            return ListOf(self._cursor.span(start, start + 1), tuple(found))

        made = self._cursor.inside(items, "]", "missing ']'")
        return made._replace(span=self._cursor.span(start, self._cursor.at))

    def _map(self) -> Expression:
        start = self._cursor.at
        self._cursor.at += 1
        if self._cursor.sees_word("for", BLANK_LINES):
            made = self._cursor.inside(lambda: self._loop(start, "}"), "}", "missing '}'")
            return made._replace(span=self._cursor.span(start, self._cursor.at))
        before, self._cursor.lines = self._cursor.lines, False
        found: list[tuple[Expression, Expression]] = []
        while True:
            self._cursor.skip(BLANK_LINES)
            if self._cursor.sees("}"):
                break
            key = self._key()
            self._cursor.skip()
            if not (self._cursor.sees("=") or self._cursor.sees(":")):
                raise self._cursor.error("expected '=' after a key")
            self._cursor.at += 1
            found.append((key, self._expression()))
            self._cursor.skip()
            if self._cursor.sees(","):
                self._cursor.at += 1
            elif not self._cursor.sees("\n") and not self._cursor.sees("}"):
                raise self._cursor.error(
                    "missing '}'"
                    if self._cursor.at >= len(self._cursor.text)
                    else "expected ',' or the end of the line"
                )
        self._cursor.at += 1
        self._cursor.lines = before
        return MapOf(self._cursor.span(start, self._cursor.at), tuple(found))

    def _key(self) -> Expression:
        """A key: a bare word is a text, anything else an expression."""
        start = self._cursor.at
        name = NAME.match(self._cursor.text, start)
        if name is not None:
            after = BLANK.match(self._cursor.text, name.end())
            at = after.end() if after else name.end()
            following = self._cursor.text[at : at + 2]
            if following[:1] in ("=", ":") and following != "==":
                self._cursor.at = name.end()
                return Literal(self._cursor.span(start, self._cursor.at), name.group())
        return self._expression()

    def _loop(self, start: int, stop: str) -> Expression:
        self._cursor.skip()
        self._cursor.at += len("for")
        names = [self._cursor.next_name()]
        self._cursor.skip()
        if self._cursor.sees(","):
            self._cursor.at += 1
            names.append(self._cursor.next_name())
        if self._cursor.next_name() != "in":
            raise self._cursor.error("expected 'in'")
        of = self._expression()
        self._cursor.skip()
        self._cursor.take(":", "expected ':'")
        value = self._expression()
        key = condition = None
        self._cursor.skip()
        if stop == "}":
            self._cursor.take("=>", "expected '=>'")
            key, value = value, self._expression()
        self._cursor.skip()
        grouped = self._cursor.sees("...")
        self._cursor.at += 3 if grouped else 0
        if self._cursor.sees_word("if"):
            self._cursor.skip()
            self._cursor.at += len("if")
            condition = self._expression()
        return Loop(
            self._cursor.span(start, self._cursor.at), tuple(names), of, key, value, condition, grouped
        )
