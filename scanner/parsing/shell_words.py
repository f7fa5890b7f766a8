"""The words of a shell script: what quotes and escapes leave, and where expansions end."""

from __future__ import annotations

import re
from typing import Protocol

from scanner.parsing.mapped_text import MappedText
from scanner.parsing.shell_tree import ShellWord

_PLAIN = re.compile(r"[^ \t\n\r\\'\"`$|&;<>()]+")
_QUOTED_PLAIN = re.compile(r"[^\"\\`$]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
_BRACED = re.compile(r"[^\\'\"`${}]+")
_BRACKETS = re.compile(r"[()]")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_DEEPEST_BRACES = 20


class Substitutions(Protocol):
    """Reads the commands that stand in words."""

    def substitution(self, pos: int) -> int:
        """Read the commands behind `$(`; return where they end."""

    def backquoted(self, start: int, end: int) -> None:
        """Read the commands between backquotes."""


class WordReader:
    """Reads words at positions of one script; without `nested`, commands in them are stepped over."""

    def __init__(self, source: MappedText, nested: Substitutions | None = None) -> None:
        self.source = source
        self.text = source.text
        self.complete = True
        self._nested = nested
        self._braces_open = 0
        # (text so far, its place) pieces of the word that is being read
        self._parts: list[tuple[str, int]] = []
        self._expands = self._substitutes = self._quoted = False

    def read(self, start: int) -> ShellWord:
        """Return the word that begins at `start`; it has at least one character."""
        saved = self._parts, self._expands, self._substitutes, self._quoted
        self._parts, self._expands, self._substitutes, self._quoted = [], False, False, False
        end = self._word(start)
        word = ShellWord(
            "".join(part for part, _ in self._parts), start, end, self.source, self._expands, self._quoted
        )
        self._parts, self._expands, self._substitutes, self._quoted = saved
        return word

    def unquoted(self, word: ShellWord) -> MappedText:
        """Return the text of a word with the place of each of its characters."""
        raw = word.source.text[word.start : word.end]
        if raw == word.text:
            return word.source.piece(word.start, word.end)
        reader = WordReader(word.source)
        reader._word(word.start)
        starts, offsets, length = [], [], 0
        for part, place in reader._parts:
            starts.append(length)
            offsets.append(place)
            length += len(part)
        if not starts:
            return word.source.piece(word.start, word.start)
        return word.source.derive("".join(part for part, _ in reader._parts), starts, offsets)

    def has_substitution(self, word: ShellWord) -> bool:
        """Whether commands in the word run before it is a word, so that they are read already."""
        if not word.has_expansion:
            return False
        reader = WordReader(word.source)
        reader._word(word.start)
        return reader._substitutes

    def skip_brackets(self, pos: int) -> int:
        """Return the position behind the bracket that closes the one before `pos`."""
        open_brackets = 1
        for found in _BRACKETS.finditer(self.text, pos):
            open_brackets += 1 if found.group() == "(" else -1
            if not open_brackets:
                return found.end()
        self.complete = False
        return len(self.text)

    def _word(self, pos: int) -> int:
        text = self.text
        start = pos
        while pos < len(text):
            plain = _PLAIN.match(text, pos)
            if plain is not None:
                self._parts.append((plain.group(), pos))
                pos = plain.end()
                continue
            char = text[pos]
            if char == "'":
                pos = self._single(pos)
            elif char == '"':
                pos = self._double(pos)
            elif char == "\\":
                pos = self._escaped(pos)
            elif char == "$":
                pos = self._dollar(pos, False)
            elif char == "`":
                pos = self._backquote(pos)
            elif char in "<>" and text.startswith("(", pos + 1):
                pos = self._taken(pos, self._substituted(pos + 2))
            else:
                break
        if pos == start:  # a character that no rule takes, such as a lone `&` in a test
            self._parts.append((text[pos : pos + 1], pos))
            pos += 1
        return pos

    def _substituted(self, pos: int) -> int:
        self._expands = self._substitutes = True
        saved = self._parts, self._quoted
        end = self.skip_brackets(pos) if self._nested is None else self._nested.substitution(pos)
        self._parts, self._quoted = saved
        self._expands = self._substitutes = True
        return end

    def _taken(self, start: int, end: int) -> int:
        """Keep `text[start:end]` in the word as written."""
        self._parts.append((self.text[start:end], start))
        return end

    def _single(self, pos: int) -> int:
        self._quoted = True
        end = self.text.find("'", pos + 1)
        if end < 0:
            self.complete = False
            return self._taken(pos + 1, len(self.text))
        self._taken(pos + 1, end)
        return end + 1

    def _escaped(self, pos: int) -> int:
        """A backslash keeps the next character; before a line end both are nothing."""
        self._quoted = True
        if self.text.startswith("\n", pos + 1):
            return pos + 2
        if self.text.startswith("\r\n", pos + 1):
            return pos + 3
        return self._taken(pos + 1, min(pos + 2, len(self.text)))

    def _double(self, pos: int) -> int:
        text = self.text
        self._quoted = True
        pos += 1
        while pos < len(text):
            plain = _QUOTED_PLAIN.match(text, pos)
            if plain is not None:
                pos = self._taken(pos, plain.end())
                continue
            char = text[pos]
            if char == '"':
                return pos + 1
            if char == "$":
                pos = self._dollar(pos, True)
            elif char == "`":
                pos = self._backquote(pos)
            elif text[pos + 1 : pos + 2] in ("$", "`", '"', "\\", "\n"):
                pos = self._escaped(pos)
            else:
                pos = self._taken(pos, pos + 1)
        self.complete = False
        return pos

    def _dollar(self, pos: int, in_quotes: bool) -> int:
        text = self.text
        following = text[pos + 1 : pos + 2]
        if following == "(":
            if text.startswith("(", pos + 2):
                self._expands = True
                return self._taken(pos, self.skip_brackets(pos + 2))
            return self._taken(pos, self._substituted(pos + 2))
        if following == "{":
            self._expands = True
            return self._taken(pos, self._braces(pos + 2))
        if following == "'" and not in_quotes:
            return self._ansi(pos + 2)
        if following == '"' and not in_quotes:
            return self._double(pos + 1)
        name = _NAME.match(text, pos + 1)
        if name is None:
            return self._taken(pos, pos + 1)
        self._expands = True
        return self._taken(pos, name.end())

    def _braces(self, pos: int) -> int:
        """Return the position behind the `}` of a `${`; commands within are read."""
        text = self.text
        while pos < len(text):
            plain = _BRACED.match(text, pos)
            if plain is not None:
                pos = plain.end()
                continue
            char = text[pos]
            if char == "}":
                return pos + 1
            if char == "\\":
                pos += 2
            elif char == "$" and text.startswith("{", pos + 1) and self._braces_open < _DEEPEST_BRACES:
                self._braces_open += 1
                pos = self._braces(pos + 2)
                self._braces_open -= 1
            elif char == "$" and text.startswith("(", pos + 1):
                pos = self._substituted(pos + 2)
            else:
                pos += 1
        self.complete = False
        return len(text)

    def _backquote(self, pos: int) -> int:
        end = pos + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        self._expands = self._substitutes = True
        if end >= len(self.text):
            self.complete = False
            return self._taken(pos, len(self.text))
        saved = self._parts, self._quoted
        if self._nested is not None:
            self._nested.backquoted(pos + 1, end)
        self._parts, self._quoted = saved
        return self._taken(pos, end + 1)

    def _ansi(self, pos: int) -> int:
        """Read `$'...'`, with the escapes that stand for one character."""
        self._quoted = True
        text = self.text
        while pos < len(text) and text[pos] != "'":
            stop = pos
            while stop < len(text) and text[stop] not in "'\\":
                stop += 1
            if stop > pos:
                pos = self._taken(pos, stop)
            elif pos + 1 < len(text):
                char = text[pos + 1]
                self._parts.append((_ANSI.get(char, char), pos))
                pos += 2
            else:
                pos += 1
        if pos >= len(text):
            self.complete = False
        return min(pos + 1, len(text))
