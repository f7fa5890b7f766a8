"""Words and simple commands in any text, in one pass: a script, a line of YAML, a code frame.

It knows as much of a shell as is needed to tell the words of a command apart. What is no
script at all gives words, too; nobody is harmed by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple


class Word(NamedTuple):
    """A word without its quotes. It stands at `begin` to `end` of the text; `pieces` are (offset in
    the word, offset in the text) where they run apart, None where they do not."""

    text: str
    begin: int
    end: int
    pieces: tuple[tuple[int, int], ...] | None
    is_quoted: bool = False

    def place(self, offset: int) -> int:
        """Where a character of the word stands in the text."""
        at = self.begin + offset
        for inside, outside in self.pieces or ():
            if inside > offset:
                break
            at = outside + offset - inside
        return at


def split_words(text: str) -> Iterator[tuple[list[Word], str]]:
    """The simple commands of a text, each with the operator before it (`|`, `&&`, `;`, a line break).

    What stands behind `<<<` comes before the command that reads it, and the lines of a
    here-document likewise (operator `<<`); a `[` or `,` of a list of words divides them. The
    commands that read such text are given again with that operator.
    """
    reader = _Reader(text)
    command: list[Word] = []
    operator = ""
    for item in reader.items():
        if isinstance(item, Word):
            command.append(item)
            continue
        if item in ("<<<", "<<"):
            continue
        yield command, operator
        for fed, kind in reader.fed:
            yield fed, ""
            yield command, kind
        reader.fed.clear()
        command, operator = [], item
    yield command, operator
    for fed, kind in reader.fed:
        yield fed, ""
        yield command, kind


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(r"(?:[^\s\"'`|&;()<>\\\[\],]|\\(?![\r\n])|(?<=\S)[\[\],](?=[^\s\"',\]]))+")


@cache
def _operator() -> re.Pattern[str]:
    return re.compile(r"\|\||\|&?|&&|&|;;?|\n")


@cache
def _heredoc() -> re.Pattern[str]:
    return re.compile(r"<<-?\s{0,4}[\"']?([A-Za-z_]\w{0,40})[\"']?")


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: set[str] = set()  # signs that have no partner further on
        self._ends: list[str] = []  # end markers of here-documents that begin below
        self.fed: list[tuple[list[Word], str]] = []

    def items(self) -> Iterator[Word | str]:
        """Words, and operators between commands."""
        text, length = self._text, len(self._text)
        while self._at < length:
            sign = text[self._at]
            if text.startswith(("\\\n", "\\\r\n"), self._at):
                self._at += 2 if text[self._at + 1] == "\n" else 3
            elif sign == "\n":
                self._at += 1
                self._here_documents()
                yield "\n"
            elif sign.isspace() or sign in "[],()":
                if sign in "()":
                    yield ";"
                self._at += 1
            elif text.startswith("<<<", self._at):
                self._at += 3
                self._blanks()
                word = self._word()
                if word is not None:
                    self.fed.append(([word], "<<<"))
            elif sign == "<" and (mark := _heredoc().match(text, self._at)):
                self._ends.append(mark[1])
                self._at = mark.end()
            elif sign in "<>":
                self._at += 1
                yield from self._bracketed()
            elif operator := _operator().match(text, self._at):
                self._at = operator.end()
                yield "|" if operator[0] == "|&" else operator[0]
            else:
                word = self._word()
                if word is None:
                    self._at += 1
                else:
                    yield word

    def _bracketed(self) -> Iterator[Word]:
        """A blank to fill in such as `<password>` is one word; a redirection's sign is passed over."""
        text, begin = self._text, self._at - 1
        end = text.find(">", self._at, self._at + 60)
        if (
            text[begin] == "<"
            and end > 0
            and text[self._at : end].replace("-", "").replace("_", "").replace(" ", "").isalnum()
        ):
            self._at = end + 1
            yield Word(text[begin : self._at], begin, self._at, None)

    def _blanks(self) -> None:
        while self._text[self._at : self._at + 1] in (" ", "\t"):
            self._at += 1

    def _word(self) -> Word | None:
        """The word that begins here, its quoted and bare pieces put together."""
        begin = self._at
        parts: list[tuple[str, int]] = []
        is_quoted = False
        while True:
            piece = self._piece()
            if piece is None:
                break
            content, start, quoted = piece
            is_quoted = is_quoted or quoted
            parts.append((content, start))
        if not parts:
            return None
        places, length = [], 0
        for content, start in parts:
            places.append((length, start))
            length += len(content)
        return Word("".join(content for content, _ in parts), begin, self._at, tuple(places), is_quoted)

    def _piece(self) -> tuple[str, int, bool] | None:
        text, begin = self._text, self._at
        sign = text[begin : begin + 1]
        if sign in ('"', "'") and sign and sign not in self._open:
            end = text.find(sign, begin + 1)
            while end > 0 and sign == '"' and text[end - 1] == "\\":
                end = text.find(sign, end + 1)
            if end > 0:
                self._at = end + 1
                return text[begin + 1 : end], begin + 1, True
            self._open.add(sign)
        if sign == "\\" and text[begin + 1 : begin + 2] in ('"', "'") and text[begin + 1 : begin + 2]:
            return self._escaped(text[begin : begin + 2])
        if sign in ('"', "'") and sign:
            self._at += 1
            return "", self._at, False
        if text.startswith("$(", begin) or sign == "`":
            end = self._partner(")" if sign == "$" else "`")
            self._at = end
            return text[begin:end], begin, False
        bare = _bare().match(text, begin)
        if bare is None:
            return None
        end = bare.end()
        found = text.find('\\"', begin, end + 1)
        if found > begin:
            end = found
        cut = text.find("$(", begin, end + 1)
        if cut > begin:
            end = cut
        self._at = end
        return text[begin:end], begin, False

    def _escaped(self, mark: str) -> tuple[str, int, bool]:
        """A text between escaped quotes: a script inside of a quoted text."""
        begin = self._at + 2
        end = -1 if mark in self._open else self._text.find(mark, begin)
        if end < 0:
            self._open.add(mark)
            self._at = begin
            return "", begin, False
        self._at = end + 2
        return self._text[begin:end], begin, True

    def _partner(self, sign: str) -> int:
        begin = self._at + (2 if sign == ")" else 1)
        end = -1 if sign in self._open else self._text.find(sign, begin)
        if end < 0:
            self._open.add(sign)
            return begin
        return end + 1

    def _here_documents(self) -> None:
        """Pass over the bodies of here-documents, whose lines are what a command is fed with."""
        for mark in self._ends:
            words: list[Word] = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line = self._text[self._at : end]
                start = self._at + len(line) - len(line.lstrip())
                self._at = min(end + 1, len(self._text))
                if line.strip() == mark:
                    break
                if line.strip():
                    words.append(Word(line.strip(), start, start + len(line.strip()), None))
            self.fed.append((words, "<<"))
        self._ends = []
