"""Where a reader of HCL stands in its text, and what comes next there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from scanner.errors import ParseError
from scanner.model.source import Span

T = TypeVar("T")

MAX_DEPTH = 50
"""Expressions and blocks nested deeper than this are refused."""

BLANK = re.compile(r"(?:[ \t\r]+|\#[^\n]*|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*")
BLANK_LINES = re.compile(r"(?:\s+|\#[^\n]*|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*")
_MARK = re.compile(r"[!-/:-@\[-`{-~]")
NAME = re.compile(r"[^\W\d][\w-]*")


class Cursor:
    """A place in a text. `lines` says that a line end is only blank here, as it is in brackets."""

    __slots__ = ("at", "depth", "lines", "path", "span", "text")

    def __init__(self, text: str, span: Callable[[int, int], Span], path: str) -> None:
        self.text = text
        self.span = span
        self.path = path
        self.at = 0
        self.depth = 0
        self.lines = False

    def inside(self, read: Callable[[], T], stop: str, problem: str) -> T:
        """Read what stands in brackets, where line ends are blanks."""
        before, self.lines = self.lines, True
        found = read()
        self.skip()
        self.take(stop, problem)
        self.lines = before
        return found

    def skip(self, blank: re.Pattern[str] | None = None) -> None:
        """Pass over blanks and comments."""
        found = (blank or (BLANK_LINES if self.lines else BLANK)).match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def sees(self, text: str) -> bool:
        """Whether a text comes next."""
        return self.text.startswith(text, self.at)

    def sees_next(self, text: str) -> bool:
        """Whether a text comes next, after blanks."""
        self.skip()
        return self.sees(text)

    def sees_word(self, word: str, blank: re.Pattern[str] | None = None) -> bool:
        """Whether a whole word comes next, after blanks."""
        self.skip(blank)
        found = NAME.match(self.text, self.at)
        return found is not None and found.group() == word

    def name(self, wanted: str) -> str:
        """Take a name. Raises ParseError with what was `wanted`."""
        found = NAME.match(self.text, self.at)
        if found is None:
            raise self.error(f"expected {wanted}")
        self.at = found.end()
        return found.group()

    def next_name(self) -> str:
        """Take a name after blanks."""
        self.skip()
        return self.name("a name")

    def take(self, text: str, problem: str) -> None:
        """Take a text that must come next. Raises ParseError with the `problem`."""
        if not self.sees(text):
            raise self.error(problem)
        self.at += len(text)

    def enter(self) -> None:
        """Go one level deeper. Raises ParseError over the limit."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep")

    def error(self, message: str) -> ParseError:
        """Return an error at this place. Of the text it shows a mark alone: words may be secret."""
        at = self.span(self.at, self.at)
        char = self.text[self.at : self.at + 1]
        found = f", found '{char}'" if message.startswith("expected") and _MARK.match(char) else ""
        return ParseError(f"HCL syntax: {message}{found}", path=self.path, line=at.line, column=at.column)
