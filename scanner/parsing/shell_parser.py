"""The reader of POSIX shell scripts: commands, groups, pipelines and what stands in them.

One pass from left to right; a group is one level of recursion, and past `_DEEPEST`
levels brackets are taken for plain separators. It never raises: what is left open ends
with the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scanner.parsing.dockerfile_tree import Word
from scanner.parsing.mapped_text import MappedText
from scanner.parsing.shell_tokens import COMMENT, CONTROL, END, REDIRECTION, TOKEN, WORD, Draft
from scanner.parsing.shell_tree import Assignment, Redirection, ShellWord
from scanner.parsing.shell_words import WordReader
from scanner.parsing.shell_wrappers import ASSIGNMENT, reads_stdin, script_of, unwrap

_DEEPEST = 30
_SCRIPT_LEVELS = 5  # what a script within a script costs: its text is read once more for each

_GROUPS = {"{": "}", "if": "fi", "while": "done", "until": "done"}
_CLOSERS = frozenset({"}", "fi", "done", "esac"})
_RESERVED = _CLOSERS | _GROUPS.keys() | {"then", "else", "elif", "do", "!"}
_RESERVED |= {"for", "select", "case", "function", "[["}
_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
_CASE_ENDS = frozenset({";;", ";&", ";;&"})


class ScriptReader:
    """Reads one script; scripts within it (`sh -c`, backquotes) are read by readers of their own."""

    def __init__(self, source: MappedText, drafts: list[Draft], depth: int = 0) -> None:
        self.source = source
        self.text = source.text
        self.drafts = drafts
        self._words = WordReader(source, self)
        self._left_open = False
        self.depth = depth
        self._mapped: dict[int, MappedText] = {}
        self._current: int | None = None
        self.wrappers: tuple[tuple[ShellWord, ...], ...] = ()
        self.parent: int | None = None
        self.origin = ""
        self.captures = 0
        self.records_substitutions = True
        self._closed_by = ""
        self._heredocs: list[tuple[str, bool, int | None]] = []

    @property
    def complete(self) -> bool:
        """Whether everything that was opened was closed, so far."""
        return self._words.complete and not self._left_open

    def read(self) -> None:
        """Read the whole script."""
        pos = 0
        while pos < len(self.text):
            pos = self._list(pos, "")

    def run_words(self, words: Sequence[Word]) -> None:
        """Take words that no shell has split (the JSON form) as one command."""
        draft = self._draft(words[0].start, False)
        draft.words = [ShellWord(word.text, word.start, word.end, word.source) for word in words]
        draft.end = words[-1].end
        self._mapped = {word.start: word.mapped for word in words}
        self._complete(draft, len(self.drafts) - 1)

    def substitution(self, pos: int) -> int:
        """Read the commands of `$(`, `<(` or `>(` from behind the bracket; return where they end."""
        if self.depth >= _DEEPEST or not self.records_substitutions:
            self._left_open |= self.depth >= _DEEPEST
            return self._words.skip_brackets(pos)
        saved = self.parent, self.origin, self._current
        self.parent, self.origin = self._current, "substitution"
        self.captures += 1
        pos = self._list(pos, ")")
        self.captures -= 1
        self.parent, self.origin, self._current = saved
        return pos

    def backquoted(self, start: int, end: int) -> None:
        """Read the commands between backquotes."""
        if self.records_substitutions:
            self._script(self.source.piece(start, end), "substitution", self._current, True)

    def _script(self, source: MappedText, origin: str, parent: int | None, records: bool) -> None:
        depth = self.depth + _SCRIPT_LEVELS
        if depth >= _DEEPEST:
            self._left_open = True
            return
        reader = ScriptReader(source, self.drafts, depth)
        reader.origin, reader.parent, reader._current = origin, parent, parent
        reader.records_substitutions = records
        reader.captures = self.captures + (origin == "substitution")
        if origin != "substitution" and parent is not None:
            reader.wrappers = self.drafts[parent].wrappers
        reader.read()
        self._left_open |= not reader.complete

    def _list(self, pos: int, closer: str) -> int:
        """Read commands up to `closer`; return the position behind it."""
        self.depth += 1
        feeding = range(0)
        negated = False
        is_simple = False
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None  # the pattern matches the empty text
            kind = found.lastindex
            first = len(self.drafts)
            if kind == END:
                self._left_open |= bool(closer)
                pos = found.end()
                break
            if kind == COMMENT:
                pos = found.end()
                continue
            if kind == CONTROL:
                operator = found.group(CONTROL)
                pos = found.end()
                if operator == ")" and closer == ")":
                    break
                if operator in _CASE_ENDS and closer == "esac":
                    self._closed_by = operator
                    break
                if operator == "\n":
                    pos = self._bodies(pos)
                if operator != "(":
                    continue
                pos = self._subshell(pos)
                is_simple = False
            else:
                word = found.group(WORD) if kind == WORD else None
                if word is not None and word in _RESERVED:
                    pos = found.end()
                    if word == closer:
                        self._closed_by = word
                        break
                    after = None if word in _CLOSERS else self._compound(word, pos)
                    if after is None:
                        negated = word == "!"
                        continue
                    pos = after
                    is_simple = False
                else:
                    # The blanks in front are no part of the command.
                    pos = self._simple(found.start(kind) if kind else found.end(), negated)
                    is_simple = True
                negated = False
            pos, feeding = self._after(pos, first, feeding, is_simple)
        self.depth -= 1
        return pos

    def _after(self, pos: int, first: int, feeding: range, is_simple: bool) -> tuple[int, range]:
        """Take the redirections and the operator behind a command or group, and join pipelines."""
        drafts = self.drafts
        made = range(first, len(drafts))
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None
            if found.lastindex != REDIRECTION:
                break
            redirection, pos = self._redirect(found, None)
            for number in made:
                if drafts[number].captures == self.captures:
                    drafts[number].redirections.append(redirection)
        for number in feeding:
            draft = drafts[number]
            if draft.pipes_to is None and draft.captures == self.captures:
                draft.pipes_to = made
        if found.lastindex != CONTROL:
            return pos, range(0)
        operator = found.group(CONTROL)
        if operator in (")", "(") or operator in _CASE_ENDS:
            return pos, range(0)
        for number in made if is_simple else reversed(made):
            if drafts[number].captures == self.captures and drafts[number].parent == self.parent:
                drafts[number].operator = drafts[number].operator or operator
                break
        pos = found.end()
        if operator == "\n":
            pos = self._bodies(pos)
        return pos, made if operator in ("|", "|&") else range(0)

    def _subshell(self, pos: int) -> int:
        """Read what follows a `(` where a command may stand."""
        if self.text.startswith("(", pos):  # `((` is arithmetic
            return self._words.skip_brackets(pos)
        if self.depth >= _DEEPEST:
            self._left_open = True
            return pos
        return self._list(pos, ")")

    def _compound(self, word: str, pos: int) -> int | None:
        """Read a compound command from behind its first word, or return None to skip the word alone."""
        if self.depth >= _DEEPEST:
            self._left_open = True
            return None
        closer = _GROUPS.get(word)
        if closer is not None:
            return self._list(pos, closer)
        if word in ("for", "select"):
            return self._list(self._header(pos), "done")
        if word == "case":
            return self._case(self._header(pos, "in"))
        if word == "function":
            found = TOKEN.match(self.text, pos)
            return self._list_of_function(found.end() if found and found.lastindex == WORD else pos)
        if word == "[[":
            return self._test(pos)
        return None

    def _list_of_function(self, pos: int) -> int | None:
        """Step over `()` behind a function's name; the body is read as the next command."""
        found = _FUNCTION.match(self.text, pos)
        body = TOKEN.match(self.text, after := found.end() if found else pos)
        while body is not None and body.lastindex == CONTROL and body.group(CONTROL) == "\n":
            body = TOKEN.match(self.text, after := body.end())
        if body is not None and body.lastindex == WORD and body.group(WORD) == "{":
            return self._compound("{", body.end())
        return after

    def _header(self, pos: int, last: str = "do") -> int:
        """Read the words between `for` or `case` and the list; substitutions in them count."""
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None
            kind = found.lastindex
            if kind == END:
                return pos
            if kind == CONTROL:
                operator = found.group(CONTROL)
                if operator == "(":
                    pos = self._words.skip_brackets(found.end())
                    continue
                return found.end() if operator in ("\n", ";") and last == "do" else found.start(CONTROL)
            if kind is None:
                pos = self._words.read(found.end()).end
                continue
            pos = found.end()
            if kind == WORD and found.group(WORD) == last:
                return pos

    def _case(self, pos: int) -> int:
        """Read the branches of a `case` up to its `esac`."""
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None
            kind = found.lastindex
            if kind == END:
                self._left_open = True
                return found.end()
            if kind == WORD and found.group(WORD) == "esac":
                return found.end()
            if kind is None:
                pos = self._words.read(found.end()).end
            elif kind == CONTROL and found.group(CONTROL) == ")":
                self._closed_by = ""
                pos = self._list(found.end(), "esac")
                if self._closed_by not in _CASE_ENDS:
                    return pos
            else:
                pos = found.end()

    def _test(self, pos: int) -> int:
        """Read `[[ ... ]]`, where operators are words."""
        draft = self._draft(pos - 2, False)
        draft.words.append(ShellWord("[[", pos - 2, pos, self.source))
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None
            kind = found.lastindex
            if kind == END or (kind == CONTROL and found.group(CONTROL) in ("\n", ";")):
                return pos
            if kind is None:
                word = self._words.read(found.end())
            else:
                word = ShellWord(found.group(kind), found.start(kind), found.end(kind), self.source)
            draft.words.append(word)
            draft.end = pos = word.end
            if word.text == "]]":
                return pos

    def _simple(self, pos: int, negated: bool) -> int:
        """Read one simple command that begins at `pos`."""
        number = len(self.drafts)
        draft = self._draft(pos, negated)
        words = draft.words
        outer, self._current = self._current, number
        while True:
            found = TOKEN.match(self.text, pos)
            assert found is not None
            kind = found.lastindex
            if kind == WORD:
                start, pos = found.span(WORD)
                word = ShellWord(found.group(WORD), start, pos, self.source)
            elif kind is None:
                word = self._words.read(found.end())
                pos = word.end
            elif kind == REDIRECTION:
                redirection, pos = self._redirect(found, number)
                draft.redirections.append(redirection)
                draft.end = pos
                continue
            elif kind == COMMENT:
                pos = found.end()
                continue
            else:
                if len(words) == 1 and not words[0].is_quoted and _FUNCTION.match(self.text, pos):
                    del self.drafts[number:]
                    self._current = outer
                    after = self._list_of_function(pos)
                    return pos if after is None else after
                break
            if not words:
                match = ASSIGNMENT.match(self.text, word.start, word.end)
                if match is not None:
                    name = match.group().rstrip("=").rstrip("+")
                    if self.text.startswith("=(", word.end - 1):  # the words of an array are no commands
                        pos = self._words.skip_brackets(word.end + 1)
                    value = word.text[len(match.group()) :] if pos == word.end else self.text[word.end : pos]
                    draft.assignments.append(Assignment(name, value, word))
                    draft.end = pos
                    continue
            words.append(word)
            draft.end = pos
        if not (words or draft.assignments or draft.redirections) and len(self.drafts) == number + 1:
            self.drafts.pop()
        elif words:
            self._complete(draft, number)
        self._current = outer
        return pos

    def _draft(self, start: int, negated: bool) -> Draft:
        """Begin a command."""
        draft = Draft(self.source, start, negated, self.captures)
        draft.wrappers, draft.parent, draft.origin = self.wrappers, self.parent, self.origin
        self.drafts.append(draft)
        return draft

    def _redirect(self, found: re.Match[str], number: int | None) -> tuple[Redirection, int]:
        """Read a redirection of command `number`; a here-document's body comes with the next line end."""
        operator = found.group(REDIRECTION)
        target = TOKEN.match(self.text, found.end())
        assert target is not None
        word, pos = None, found.end()
        if target.lastindex == WORD:
            word = ShellWord(target.group(WORD), *target.span(WORD), self.source)
        elif target.lastindex is None:
            word = self._words.read(target.end())
        if word is not None:
            pos = word.end
            if operator.lstrip("0123456789") in ("<<", "<<-"):
                self._heredocs.append((word.text, operator.endswith("-"), number))
        return Redirection(operator, word), pos

    def _bodies(self, pos: int) -> int:
        """Step over the bodies of here-documents that begin at `pos`; a shell's is a script."""
        pending, self._heredocs = self._heredocs, []
        for name, strip_tabs, number in pending:
            start = pos
            body_end = len(self.text)
            while pos < len(self.text):
                stop = self.text.find("\n", pos)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[pos:stop].rstrip("\r")
                begin, pos = pos, min(stop + 1, len(self.text))
                if (line.lstrip("\t") if strip_tabs else line) == name:
                    body_end = begin
                    break
            if number is not None and number < len(self.drafts):
                draft = self.drafts[number]
                if draft.words and reads_stdin(draft.words):
                    self._script(self.source.piece(start, body_end), "heredoc", number, True)
        return pos

    def _complete(self, draft: Draft, number: int) -> None:
        """Take the wrappers off a command and read the script that it carries."""
        words = draft.words
        start = 0
        for _ in range(_DEEPEST):
            inner = unwrap(words, start)
            if inner is None:
                break
            for at in inner.assignments:
                name, _, value = words[at].text.partition("=")
                draft.assignments.append(Assignment(name, value, words[at]))
            draft.wrappers += (tuple(words[start : inner.start]),)
            start = inner.start
        if start:
            words = draft.words = words[start:]
        script = script_of(words)
        if script is not None and script.text:
            # A JSON string has no quotes left; the commands of `"$(...)"` are read already.
            source = self._mapped.get(script.start) or self._words.unquoted(script)
            self._script(source, "script", number, not self._words.has_substitution(script))
