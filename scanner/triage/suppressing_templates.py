"""Keys and list items of a template of YAML, by their indentation: it cannot be parsed."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from scanner.parsing.lines import split_lines
from scanner.triage.suppressing_scopes import NOTHING, Scope


class TemplateScopes:
    """Knows which lines of a template belong together. Lines that hold nothing but actions of the
    template (`{{- if ... }}`) and comments have no part in that."""

    def __init__(self, text: str) -> None:
        lines = split_lines(without_comments(text))
        self.is_conditional = any("{{" in line and _BRANCH.search(line) for line in lines)
        """Whether the template decides what is written."""
        self._rows = [_Row(number, *_shape(line)) for number, line in enumerate(lines, 1) if _counts(line)]
        self._numbers = [row.line for row in self._rows]
        self._steps = _MOST_STEPS

    def is_text(self, _line: int, _column: int, /) -> bool:
        """Return false: what a template writes is not known here."""
        return False

    def following(self, line: int) -> Scope:
        """Return the key, list item or document that begins behind a line."""
        index = bisect_right(self._numbers, line)
        while index < len(self._rows) and self._rows[index].indent < 0:
            index += 1
        if index == len(self._rows):
            return NOTHING
        begins_document = index == 0 or self._rows[index - 1].indent < 0
        return self._part(index, -1 if begins_document else self._rows[index].indent)

    def ending(self, line: int) -> Scope:
        """Return the key or list item that begins in a line."""
        index = bisect_left(self._numbers, line)
        if index == len(self._rows) or self._numbers[index] != line:
            return NOTHING
        return self._part(index, self._rows[index].indent)

    def _part(self, index: int, indent: int) -> Scope:
        """What begins in a row: all before the next document, or what is indented as little."""
        first = self._rows[index]
        last = first.line
        for number in range(index + 1, len(self._rows)):
            self._steps -= 1
            row = self._rows[number]
            # A list may stand no deeper than its key.
            is_beside = row.indent == indent and (first.is_item or not row.is_item)
            if row.indent < max(indent, 0) or is_beside or self._steps < 0:
                break
            last = row.line
        return Scope(first.line, last)


def without_comments(text: str) -> str:
    """Return a template with blanks in place of its comments (`{{/* ... */}}`)."""
    parts = []
    done = 0
    for start, end, _ in comments_of(text):
        parts += [text[done:start], _NOT_A_BREAK.sub(" ", text[start:end])]
        done = end
    return "".join((*parts, text[done:]))


def comments_of(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where each comment of a template begins and ends, and where its text does."""
    position = 0
    while (start := text.find("/*", position)) >= 0 and (end := text.find("*/", start + 2)) >= 0:
        position = end + 2
        opened = text.rfind("{{", max(start - _NEAR, 0), start)
        closed = text.find("}}", position, position + _NEAR)
        if opened < 0 or closed < 0:
            continue
        if not (text[opened + 2 : start] + text[position:closed]).strip(_TRIMMED):
            position = closed + 2
            yield opened, position, start + 2


class _Row(NamedTuple):
    """A line with content; the indent of a `---` is -1."""

    line: int
    indent: int
    is_item: bool


def _counts(line: str) -> bool:
    text = line.strip()
    return bool(text) and text[0] != "#" and not ("{{" in text and _STATEMENT.fullmatch(text))


def _shape(line: str) -> tuple[int, bool]:
    if _MARKER.match(line):
        return -1, False
    return len(line) - len(line.lstrip()), _ITEM.match(line) is not None


_MOST_STEPS = 3_000_000
_NEAR = 64
_TRIMMED = "- \t\r\n"
_NOT_A_BREAK = re.compile(r"[^\n]")
_BRANCH = re.compile(r"\{\{-?\s*(?:if|range|with|define|else)\b")
_STATEMENT = re.compile(
    r"\s*(?:\{\{-?\s*(?:if|else|end|range|with|define|block|break|continue|\$\w*\s*:?=)[^{}]*\}\}\s*)+"
)
_MARKER = re.compile(r"---(?:\s|$)")
_ITEM = re.compile(r"\s*-(?:\s|$)")
