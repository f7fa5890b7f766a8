"""Instructions and stages of a Dockerfile, with the lines that each takes up."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from scanner.model.source import Span
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.triage.suppressing_scopes import NOTHING, Scope


class DockerfileScopes:
    """Knows the instructions of a Dockerfile.

    A comment before FROM is about the whole stage. One between the lines of an instruction is about
    the command that it stands in or before, or about the next line of variables or labels. What
    follows `#` in a line is a comment in the shell of a RUN: it is about the instruction, or in a
    here-document about its line.
    """

    def __init__(self, text: str, lines: Sequence[str]) -> None:
        self._lines = lines
        tree = parse_dockerfile(text)
        found = sorted((*tree.instructions, *tree.refused), key=lambda one: one.start)
        self._keywords = [one.keyword for one in found]
        self._scopes = [Scope(one.span.line, _last_line(one.span)) for one in found]
        self._firsts = [scope.first for scope in self._scopes]
        self._stages = [
            first for first, word in zip(self._firsts, self._keywords, strict=True) if word == "FROM"
        ]
        self._heredocs = [[heredoc.span for heredoc in one.heredocs] for one in found]
        self._is_shell = [one.keyword == "RUN" and one.command is not None for one in found]
        self._comments = {comment.span.line for comment in tree.comments}

    def is_text(self, line: int, column: int, /) -> bool:
        """Whether a `#` is no comment: neither of the Dockerfile nor of the shell of a RUN."""
        if line in self._comments:
            return False
        index = self._at(line)
        if index is None or not self._is_shell[index]:
            return True
        before = self._lines[line - 1][: column - 1]
        is_quoted = before.count("'") % 2 == 1 or before.count('"') % 2 == 1
        return is_quoted or (not self._is_in_heredoc(index, line) and line != self._scopes[index].last)

    def following(self, line: int) -> Scope:
        """Return the instruction, stage or command behind a comment."""
        index = self._at(line)
        if index is not None:
            return self._command(index, line)
        index = bisect_right(self._firsts, line)
        if index == len(self._scopes):
            return NOTHING
        scope = self._scopes[index]
        if self._keywords[index] != "FROM":
            return scope
        later = bisect_right(self._stages, scope.first)
        last = self._stages[later] - 1 if later < len(self._stages) else len(self._lines)
        return Scope(scope.first, last)

    def ending(self, line: int) -> Scope:
        """Return the instruction that ends with a comment, or the line of a here-document."""
        index = self._at(line)
        if index is None:
            return NOTHING
        return Scope(line, line) if self._is_in_heredoc(index, line) else self._scopes[index]

    def _at(self, line: int) -> int | None:
        """The instruction that a line is a part of."""
        index = bisect_right(self._firsts, line) - 1
        return index if index >= 0 and line <= self._scopes[index].last else None

    def _command(self, index: int, line: int) -> Scope:
        """The command of an instruction in which a comment stands, or which follows it."""
        first, last, _ = self._scopes[index]
        if self._keywords[index] in _PAIRS:
            return Scope(line + 1, self._next_line(line, last))
        start = line
        while start > max(first, line - _FAR) and not self._ends_command(index, start - 1):
            start -= 1
        end = line + 1
        while end < min(last, line + _FAR) and not self._ends_command(index, end):
            end += 1
        return Scope(start, min(end, last))

    def _next_line(self, line: int, last: int) -> int:
        behind = (number for number in range(line + 1, last) if number not in self._comments)
        return next(behind, last)

    def _ends_command(self, index: int, line: int) -> bool:
        text = self._lines[line - 1].rstrip()
        if self._is_in_heredoc(index, line) or self._is_in_heredoc(index, line + 1):
            return not text.endswith(_CONTINUED)
        return _COMMAND_END.search(text.rstrip("\\`").rstrip()) is not None or text.lstrip().startswith("#")

    def _is_in_heredoc(self, index: int, line: int) -> bool:
        return any(span.line <= line < span.end_line for span in self._heredocs[index])


_FAR = 200
"""A command in more lines is covered in part."""
_PAIRS = frozenset(("ARG", "ENV", "LABEL"))
_CONTINUED = ("\\", "&&", "||", "|")
_COMMAND_END = re.compile(r"(?:&&|\|\||;|\|)$")


def _last_line(span: Span) -> int:
    return span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
