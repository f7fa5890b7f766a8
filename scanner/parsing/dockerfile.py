"""From the text of a Dockerfile to its tree, as BuildKit's parser reads it.

One instruction that BuildKit would refuse costs only itself: it becomes an error of the
tree, and reading goes on behind it. Reference: frontend/dockerfile/parser/parser.go.
"""

from __future__ import annotations

import re

from scanner.errors import ParseError
from scanner.parsing.dockerfile_arguments import (
    SPACES,
    read_arg_pairs,
    read_flags,
    read_json,
    read_pairs,
    split_blanks,
    split_words,
)
from scanner.parsing.dockerfile_checks import KEYWORDS, check_instruction
from scanner.parsing.dockerfile_tree import (
    Comment,
    Directive,
    DockerfileTree,
    DockerfileWarning,
    Heredoc,
    Instruction,
    Pair,
    Word,
)
from scanner.parsing.heredoc import EndMarkers, heredocs_of_line
from scanner.parsing.lines import LineTable
from scanner.parsing.mapped_text import MappedText


def parse_dockerfile(text: str) -> DockerfileTree:
    """Return the tree of a Dockerfile; what is wrong with the text stands in its `errors`."""
    reader = _Reader(text)
    reader.read()
    return DockerfileTree(
        reader.escape,
        tuple(reader.directives),
        tuple(reader.instructions),
        tuple(reader.refused),
        tuple(reader.comments),
        tuple(reader.warnings),
        tuple(reader.errors),
        reader.lines,
    )


_DIRECTIVE = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*([^\t\n\f\r ][^\n]*)")
_KEYWORD = re.compile(r"[^\t\v\f\r ]*")
_BLANKS = re.compile(r"[\t\v\f\r ]*")
_DIRECTIVES = ("syntax", "escape", "check")
_KNOWN = frozenset(KEYWORDS)
_LISTS = frozenset({"COPY", "ADD", "VOLUME"})
_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL"})
_HINTS = 20
_HEREDOC_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})


class _Reader:
    """The state of one pass over the lines of a file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = LineTable(text)
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.instructions: list[Instruction] = []
        self.refused: list[Instruction] = []
        self.comments: list[Comment] = []
        self.warnings: list[DockerfileWarning] = []
        self.errors: list[ParseError] = []
        self._rows, self._begins = _split_rows(text)
        self._markers = EndMarkers(self._rows)
        self._row = 0
        self._in_directives = True
        self._has_stage = False

    def read(self) -> None:
        """Read every line."""
        rows, begins = self._rows, self._begins
        while self._row < len(rows):
            raw = rows[self._row]
            if self._row == 0 and raw.startswith("\ufeff"):
                raw = raw[1:]
            line = raw.lstrip(SPACES)
            begin = begins[self._row] + len(rows[self._row]) - len(line)
            if not line:
                self._in_directives = False
                self._row += 1
            elif line[0] == "#":
                if not (self._in_directives and self._directive(line, begin)):
                    self._comment(line, begin)
                self._row += 1
            else:
                self._in_directives = False
                self._logical_line(line, begin)
        self._check_whole()

    def _comment(self, line: str, begin: int) -> None:
        kept = line.rstrip(SPACES)
        self.comments.append(Comment(kept[1:].strip(SPACES), begin, begin + len(kept), self.lines))

    def _directive(self, line: str, begin: int) -> bool:
        """Take a parser directive; any other line ends their block."""
        content = line[1:].lstrip(SPACES)
        found = _DIRECTIVE.match(content)
        name = found.group(1).lower() if found else ""
        value = found.group(2).rstrip("\t\n\f\r ") if found else ""
        if name not in _DIRECTIVES or not value:
            self._in_directives = False
            return False
        row, column = self.lines.position(begin)
        if any(directive.name == name for directive in self.directives):
            message = f"only one '{name}' parser directive can be used"
            self.errors.append(ParseError(message, line=row, column=column))
            return True
        end = begin + len(line.rstrip(SPACES))
        span = MappedText(self.text, (0,), (0,), self.lines).span(begin, end)
        self.directives.append(Directive(name, value, span))
        if name == "escape":
            if value in ("\\", "`"):
                self.escape = value
            else:
                message = f"invalid escape character '{value}', use \\ or `"
                self.errors.append(ParseError(message, line=row, column=column))
        return True

    def _logical_line(self, line: str, begin: int) -> None:
        """Join a line with its continuations and read the instruction."""
        kept = self._continued(line)
        self._row += 1
        if kept is None:
            source = MappedText(line, (0,), (begin,), self.lines)
        else:
            source = self._continuation(kept, begin)
        last = self._row - 1
        end = self._begins[last] + len(self._rows[last])
        try:
            first = len(source.text) - len(source.text.lstrip(SPACES))
            instruction = self._instruction(source, first, begin, end)
            instruction = self._with_heredocs(instruction)
        except ParseError as error:
            self._record(error, source)
        else:
            self._accept(instruction)

    def _continued(self, line: str) -> str | None:
        """Return a line without its continuation character, or None when it ends the instruction."""
        stripped = line.rstrip(" \t")
        if not stripped.endswith(self.escape) or stripped[-2:-1] == self.escape:
            return None
        return stripped[:-1]

    def _continuation(self, kept: str, begin: int) -> MappedText:
        """Join the lines that follow; comments and empty lines among them do not count."""
        parts, starts, origins = [kept], [0], [begin]
        length = len(kept)
        empty_row: int | None = None
        while self._row < len(self._rows):
            line = self._rows[self._row]
            start = self._begins[self._row]
            self._row += 1
            bare = line.lstrip(SPACES)
            if not bare:
                empty_row = self._row - 1 if empty_row is None else empty_row
                continue
            if bare[0] == "#":
                self._comment(bare, start + len(line) - len(bare))
                continue
            rest = self._continued(line)
            part = line if rest is None else rest
            if part:
                parts.append(part)
                starts.append(length)
                origins.append(start)
                length += len(part)
            if rest is None:
                break
        source = MappedText("".join(parts), tuple(starts), tuple(origins), self.lines)
        if empty_row is not None:
            place = MappedText(self.text, (0,), (0,), self.lines)
            span = place.span(self._begins[empty_row], self._begins[empty_row])
            self.warnings.append(DockerfileWarning("empty continuation line", span, source.text))
        return source

    def _instruction(self, source: MappedText, start: int, begin: int, end: int) -> Instruction:
        """Read one instruction from `start` of its logical line on."""
        text = source.text
        stop = len(text.rstrip(SPACES))
        found = _KEYWORD.match(text, start, max(start, stop))
        after = found.end() if found else start
        word = Word(text[start:after], start, after, source)
        keyword = word.text.upper()
        gap = _BLANKS.match(text, after)
        flags, first = read_flags(source, gap.end() if gap else after, self.escape)
        while first < stop and text[first] in SPACES:
            first += 1
        nested = None
        arguments: tuple[Word, ...] = ()
        pairs: tuple[Pair, ...] = ()
        json_form = False
        if first >= stop or keyword not in _KNOWN:
            pass
        elif keyword == "ONBUILD":
            nested = self._trigger(source, first, end)
        elif keyword in ("ENV", "LABEL"):
            arguments, pairs = read_pairs(source, first, stop, self.escape, keyword)
        elif keyword == "ARG":
            arguments = split_words(source, first, stop, self.escape)
            pairs = read_arg_pairs(arguments)
        else:
            arguments, json_form = self._arguments(keyword, source, first, stop)
        if keyword == "ONBUILD" and first >= stop:
            raise _error("ONBUILD requires at least one argument", word)
        return Instruction(keyword, word, source, begin, end, flags, arguments, json_form, pairs, (), nested)

    def _arguments(
        self, keyword: str, source: MappedText, first: int, stop: int
    ) -> tuple[tuple[Word, ...], bool]:
        if keyword in _LISTS or keyword in _COMMANDS:
            words = read_json(source, first, stop)
            if words is not None:
                return words, True
            if keyword in _LISTS:
                return split_blanks(source, first, stop), False
        elif keyword in ("FROM", "EXPOSE"):
            return split_blanks(source, first, stop), False
        elif keyword == "HEALTHCHECK":
            return self._health_command(source, first, stop)
        return (Word(source.text[first:stop], first, stop, source),), False

    def _health_command(self, source: MappedText, first: int, stop: int) -> tuple[tuple[Word, ...], bool]:
        text = source.text
        cut = first
        while cut < stop and text[cut] not in SPACES:
            cut += 1
        kind = Word(text[first:cut], first, cut, source)
        while cut < stop and text[cut] in SPACES:
            cut += 1
        if cut == stop:
            return (kind,), False
        words = read_json(source, cut, stop)
        if words is not None:
            return (kind, *words), True
        return (kind, Word(text[cut:stop], cut, stop, source)), False

    def _trigger(self, source: MappedText, first: int, end: int) -> Instruction | None:
        """Read what an ONBUILD holds; BuildKit looks at its arguments only when it is triggered."""
        found = _KEYWORD.match(source.text, first)
        after = found.end() if found else first
        word = Word(source.text[first:after], first, after, source)
        keyword = word.text.upper()
        if keyword in ("ONBUILD", "FROM", "MAINTAINER"):
            message = f"{keyword} isn't allowed as an ONBUILD trigger"
            if keyword == "ONBUILD":
                message = "chaining ONBUILD via 'ONBUILD ONBUILD' isn't allowed"
            # The instruction stays, without what it holds, for those who look at its keyword.
            self._record(_error(message, word), source)
            return None
        nested = self._instruction(source, first, source.origin(first), end)
        refusal = check_instruction(nested, with_hint=False)
        if refusal is not None:
            self._warn(refusal.error.message, word)
            return None if refusal.fatal else nested
        return nested

    def _with_heredocs(self, instruction: Instruction) -> Instruction:
        """Read the bodies of the here-documents that the line announces."""
        target = instruction.nested or instruction
        if target.keyword not in _HEREDOC_KEYWORDS or target.json_form:
            return instruction
        row, heredocs = self._row, []
        for mark in heredocs_of_line(instruction.source.text):
            stop = self._markers.find(mark, row)
            if stop is None:
                raise _error(f"here-document '{mark.name}' has no end", instruction.keyword_word)
            start = self._begins[row]
            body = self.text[start : self._begins[stop]]
            heredocs.append(Heredoc(*mark, body, start, self.lines))
            row = stop + 1
        if not heredocs:
            return instruction
        self._row = row
        end = self._begins[row - 1] + len(self._rows[row - 1])
        filled = tuple(heredocs)
        if instruction.nested is not None:
            nested = instruction.nested._replace(heredocs=filled, end=end)
            return instruction._replace(nested=nested, end=end)
        return instruction._replace(heredocs=filled, end=end)

    def _accept(self, instruction: Instruction) -> None:
        refusal = check_instruction(instruction, with_hint=len(self.errors) < _HINTS)
        self._has_stage = self._has_stage or instruction.keyword == "FROM"
        if refusal is not None:
            self._record(refusal.error, instruction.source)
            if refusal.fatal:
                self.refused.append(instruction)
                return
        if not self._has_stage and instruction.keyword != "ARG":
            self._has_stage = True
            message = f"{instruction.keyword} stands before the first FROM"
            self._record(_error(message, instruction.keyword_word), instruction.source)
        self.instructions.append(instruction)

    def _check_whole(self) -> None:
        if not self.instructions and not self.errors:
            self.errors.append(ParseError("file with no instructions", line=1, column=1))
        elif not self._has_stage and not self.errors:
            self.errors.append(_error("no FROM in the file", self.instructions[-1].keyword_word))

    def _record(self, error: ParseError, source: MappedText) -> None:
        if error.line is None:
            error.line, error.column = self.lines.position(source.origins[0])
        self.errors.append(error)

    def _warn(self, message: str, word: Word) -> None:
        self.warnings.append(DockerfileWarning(f"ONBUILD: {message}", word.span, word.source.text))


def _split_rows(text: str) -> tuple[list[str], list[int]]:
    """Return the lines, split at LF alone as BuildKit does, without CR at their ends, and their offsets."""
    rows = text.split("\n")
    begins: list[int] = []
    offset = 0
    for row in rows:
        begins.append(offset)
        offset += len(row) + 1
    if not rows[-1]:
        rows.pop()
        begins.pop()
    return [row.rstrip("\r") for row in rows], begins


def _error(message: str, word: Word) -> ParseError:
    span = word.span
    return ParseError(message, line=span.line, column=span.column)
