"""The tokens of a shell script, and a command while it is being read."""

from __future__ import annotations

import re

from scanner.parsing.mapped_text import MappedText
from scanner.parsing.shell_tree import Assignment, Redirection, ShellCommand, ShellWord

TOKEN = re.compile(
    r"(?:[ \t\r]|\\\r?\n)*(?:"
    r"((?:[0-9]*(?:<<<|<<-?|<>|<&|>&|>>|>\||<(?!\()|>(?!\())|&>>?))"  # 1: redirection
    r"|([^ \t\n\r\\'\"`$|&;<>()#][^ \t\n\r\\'\"`$|&;<>()]*)(?=[ \t\n\r|&;<>()]|\Z)"  # 2: plain word
    r"|(\#[^\n]*)"  # 3: comment
    r"|(\n|&&|\|\||;;&|;;|;&|;|\|&|\||&|\(|\))"  # 4: control operator
    r"|(\Z)"  # 5: the end
    r"|)"  # none: a word with quotes or expansions
)
REDIRECTION, WORD, COMMENT, CONTROL, END = 1, 2, 3, 4, 5
"""The group that matched; none of them for a word with quotes or expansions."""


class Draft:
    """A command that is still being read."""

    __slots__ = (
        "assignments", "captures", "end", "negated", "operator", "origin", "parent", "pipes_to",
        "redirections", "source", "start", "words", "wrappers",
    )  # fmt: skip

    def __init__(self, source: MappedText, start: int, negated: bool, captures: int) -> None:
        self.words: list[ShellWord] = []
        self.assignments: list[Assignment] = []
        self.redirections: list[Redirection] = []
        self.wrappers: tuple[tuple[ShellWord, ...], ...] = ()
        self.operator = ""
        self.negated = negated
        self.pipes_to: range | None = None
        self.parent: int | None = None
        self.origin = ""
        self.captures = captures
        self.source = source
        self.start = self.end = start

    def finish(self) -> ShellCommand:
        """Return the command."""
        return ShellCommand(
            tuple(self.words), tuple(self.assignments), tuple(self.redirections), self.wrappers,
            self.operator, self.negated, self.pipes_to or range(0), self.parent, self.origin,
            self.source, self.start, self.end,
        )  # fmt: skip
