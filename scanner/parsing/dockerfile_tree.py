"""What a Dockerfile says, as its parser gives it: instructions, flags, words and heredocs with places."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.errors import ParseError
from scanner.model.source import Span
from scanner.parsing.lines import LineTable
from scanner.parsing.mapped_text import MappedText, join_mapped


class Word(NamedTuple):
    """One argument: its text, and where it stands in `source`, the joined text of the instruction.

    The text is as written (quotes and escapes included); in the JSON form it is the
    decoded string, and the place is what stands between its quotes.
    """

    text: str
    start: int
    end: int
    source: MappedText

    @property
    def span(self) -> Span:
        """Where the word stands in the file; a word broken by a continuation spans several lines."""
        return self.source.span(self.start, self.end)

    @property
    def mapped(self) -> MappedText:
        """The text of the word with the place of each of its characters."""
        if self.source.text[self.start : self.end] == self.text:
            return self.source.piece(self.start, self.end)
        return _decoded(self)

    def part(self, start: int, end: int) -> Word:
        """Return `text[start:end]` of a word that is as written."""
        return Word(self.text[start:end], self.start + start, self.start + end, self.source)


class Flag(NamedTuple):
    """A `--name[=value]` before the arguments; `value` is unquoted, and None without a `=`."""

    name: str
    value: str | None
    start: int
    end: int
    source: MappedText

    @property
    def span(self) -> Span:
        """Where the flag stands, from its dashes to the end of its value."""
        return self.source.span(self.start, self.end)

    @property
    def value_span(self) -> Span:
        """Where the value stands, with its quotes; the whole flag when it has none."""
        equals = self.source.text.find("=", self.start, self.end)
        return self.source.span(equals + 1 if equals >= 0 else self.start, self.end)


class Pair(NamedTuple):
    """A key and its value in ENV, LABEL or ARG; both are as written, so quotes still stand in them.

    `value` is None for an ARG without default; `separator` is "=" or, in the old form
    `ENV key value`, "". `words.expand_word` gives the meaning of `value.text`.
    """

    key: Word
    value: Word | None
    separator: str

    @property
    def span(self) -> Span:
        """Where the pair stands, from its key to the end of its value."""
        end = self.value.end if self.value is not None else self.key.end
        return self.key.source.span(self.key.start, end)


class Heredoc(NamedTuple):
    """A here-document of RUN, COPY or ADD; `body` is as written, line ends and tabs included."""

    name: str
    fd: int
    expand: bool
    strip_tabs: bool
    body: str
    start: int
    lines: LineTable

    @property
    def span(self) -> Span:
        """Where the body stands: from its first character to the start of the line of the end marker."""
        return Span(*self.lines.position(self.start), *self.lines.position(self.start + len(self.body)))

    @property
    def content(self) -> MappedText:
        """What the command or file receives: the body, without leading tabs after `<<-`."""
        whole = MappedText(self.body, (0,), (self.start,), self.lines)
        if not self.strip_tabs:
            return whole
        kept = (line.span(1) for line in _UNTABBED.finditer(self.body))
        return join_mapped((whole.piece(start, end) for start, end in kept if start < end), self.lines)


class Instruction(NamedTuple):
    """One instruction that could be read.

    `source` is its logical line: the lines joined, without continuations and comments.
    `arguments` follow BuildKit: RUN, CMD, ENTRYPOINT, USER, WORKDIR, STOPSIGNAL and
    MAINTAINER have one argument, the whole text, unless in JSON form; HEALTHCHECK has its
    type, then the command; an ONBUILD has none, but `nested`.
    """

    keyword: str
    keyword_word: Word
    source: MappedText
    start: int
    end: int
    flags: tuple[Flag, ...]
    arguments: tuple[Word, ...]
    json_form: bool
    pairs: tuple[Pair, ...]
    heredocs: tuple[Heredoc, ...]
    nested: Instruction | None

    @property
    def span(self) -> Span:
        """The whole instruction, heredoc bodies and their end markers included."""
        return Span(*self.source.lines.position(self.start), *self.source.lines.position(self.end))

    @property
    def keyword_span(self) -> Span:
        """Where the keyword stands."""
        return self.keyword_word.span

    @property
    def command(self) -> MappedText | None:
        """The command line of a RUN, CMD, ENTRYPOINT or HEALTHCHECK CMD in shell form, else None."""
        if self.json_form or not self.arguments:
            return None
        if self.keyword in _COMMANDS or (self.keyword == "HEALTHCHECK" and len(self.arguments) > 1):
            return self.arguments[-1].mapped
        return None

    def flag(self, name: str) -> Flag | None:
        """Return the last flag of that name, or None."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)


class Comment(NamedTuple):
    """A comment line: its text without `#` and outer blanks, and the place from `#` on."""

    text: str
    start: int
    end: int
    lines: LineTable

    @property
    def span(self) -> Span:
        """Where the comment stands."""
        return Span(*self.lines.position(self.start), *self.lines.position(self.end))


class Directive(NamedTuple):
    """A parser directive; `name` is syntax, escape or check, in lower case."""

    name: str
    value: str
    span: Span


class DockerfileWarning(NamedTuple):
    """Something BuildKit accepts but advises against; `text` is the instruction it stands in."""

    message: str
    span: Span
    text: str


class DockerfileTree(NamedTuple):
    """A parsed Dockerfile: `errors` are what BuildKit would reject, `instructions` all that could be read.

    `refused` are the instructions whose words could be read and still say nothing, such
    as an unknown one or a COPY with one argument; each of them has its error.
    """

    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    refused: tuple[Instruction, ...]
    comments: tuple[Comment, ...]
    warnings: tuple[DockerfileWarning, ...]
    errors: tuple[ParseError, ...]
    lines: LineTable


_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})
_UNTABBED = re.compile(r"^\t*([^\n]*\n?)", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")


def _decoded(word: Word) -> MappedText:
    """Map the decoded characters of a JSON string; an escape stands where its backslash does."""
    raw = word.source.text[word.start : word.end]
    starts, offsets = [0], [word.start]
    done = length = 0
    for found in _ESCAPE.finditer(raw):
        length += found.start() - done
        done = found.end()
        starts += (length, length + 1)
        offsets += (word.start + found.start(), word.start + done)
        length += 1
    return word.source.derive(word.text, starts, offsets)
