"""Regular expressions from scanned files, matched in time linear in the text.

A pattern from a hostile repository must not stop the scan, so the backtracking `re` is
not used. What is understood is the part of RE2 that people write in selectors: plain
characters, `.`, classes, groups, alternatives, `*`, `+`, `?`, counts, `^` and `$`.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_STATES = 2_000
_SPECIAL = frozenset("\\.+*?()|[]{}^$")
_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r")),
}


class PatternError(ValueError):
    """A pattern is not well-formed, or of a kind that is not understood."""


class _State(NamedTuple):
    """What a state takes: ranges of characters (None: any), or nothing (`moves` are free)."""

    takes: tuple[tuple[str, str], ...] | None
    negated: bool
    anchor: str
    moves: list[int]


class Pattern:
    """A regular expression. Raises PatternError when it cannot be used."""

    __slots__ = ("_end", "_literal", "_start", "_states")

    def __init__(self, text: str) -> None:
        self._literal = None if _SPECIAL.intersection(text) else text
        self._states: list[_State] = []
        if self._literal is None:
            parser = _Compiler(text)
            self._start, self._end = parser.compile()
            self._states = parser.states

    def matches(self, text: str) -> bool:
        """Whether the pattern matches a whole text."""
        return text == self._literal if self._literal is not None else self._run(text, is_whole=True)

    def occurs_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text."""
        return self._literal in text if self._literal is not None else self._run(text, is_whole=False)

    def _run(self, text: str, *, is_whole: bool) -> bool:
        text = text[:10_000]
        current = self._closure({self._start}, 0, len(text))
        for position, character in enumerate(text):
            if not is_whole and self._end in current:
                return True
            following = {
                move
                for number in current
                for move in self._states[number].moves
                if _accepts(self._states[number], character)
            }
            if not is_whole:
                following.add(self._start)
            if not following:
                return False
            current = self._closure(following, position + 1, len(text))
        return self._end in current

    def _closure(self, states: set[int], position: int, length: int) -> set[int]:
        found = set(states)
        pending = list(states)
        while pending:
            state = self._states[pending.pop()]
            if state.takes is not None or state.negated:
                continue
            if (state.anchor == "^" and position) or (state.anchor == "$" and position != length):
                continue
            fresh = [move for move in state.moves if move not in found]
            found.update(fresh)
            pending += fresh
        return found


def _accepts(state: _State, character: str) -> bool:
    if state.takes is None:
        return state.negated and character != "\n"  # the dot
    return any(low <= character <= high for low, high in state.takes) != state.negated


_Part = tuple[int, int]


class _Compiler:
    """Builds the states of a pattern (Thompson's construction)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.states: list[_State] = []

    def compile(self) -> _Part:
        part = self._alternatives()
        if self._at < len(self._text):
            raise PatternError("unbalanced ')'")
        return part

    def _state(
        self, takes: tuple[tuple[str, str], ...] | None = None, *, negated: bool = False, anchor: str = ""
    ) -> int:
        if len(self.states) >= MAX_STATES:
            raise PatternError("the pattern is too large")
        self.states.append(_State(takes, negated, anchor, []))
        return len(self.states) - 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        if len(parts) == 1:
            return parts[0]
        start, end = self._state(), self._state()
        for first, last in parts:
            self.states[start].moves.append(first)
            self.states[last].moves.append(end)
        return start, end

    def _sequence(self) -> _Part:
        start = end = self._state()
        while self._peek() not in ("", "|", ")"):
            first, last = self._repeated()
            self.states[end].moves.append(first)
            end = last
        return start, end

    def _repeated(self) -> _Part:
        begin = self._at
        part = self._atom()
        while self._peek() in ("*", "+", "?", "{") and self._peek():
            low, high = self._count()
            if self._peek() == "?":
                self._at += 1  # lazy: the same texts match
            part = self._repeat(part, low, high, begin)
        return part

    def _count(self) -> tuple[int, int | None]:
        sign = self._peek()
        self._at += 1
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()) or len(low + high) > 6:
            raise PatternError("a count that is none")
        self._at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _repeat(self, part: _Part, low: int, high: int | None, begin: int) -> _Part:
        start = end = self._state()
        copies = max(low, high or 0, 1)
        for number in range(copies):
            first, last = part if number == 0 else self._again(begin)
            entry, leave = self._state(), self._state()
            self.states[entry].moves.append(first)
            self.states[last].moves.append(leave)
            if number >= low:
                self.states[entry].moves.append(leave)
            if high is None and number == copies - 1:
                self.states[leave].moves.append(entry)
            self.states[end].moves.append(entry)
            end = leave
        return start, end

    def _again(self, begin: int) -> _Part:
        after = self._at
        self._at = begin
        part = self._atom()
        self._at = after
        return part

    def _atom(self) -> _Part:
        character = self._peek()
        self._at += 1
        if character == "(":
            return self._group()
        if character in ("^", "$"):
            return self._free(anchor=character)
        if character in ("*", "+", "?", "{"):
            raise PatternError(f"nothing before '{character}' to repeat")
        if character == ".":
            return self._taking(None, negated=True)
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        return self._taking(((character, character),))

    def _group(self) -> _Part:
        self._depth += 1
        if self._depth > 50:
            raise PatternError("groups are nested too deep")
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif self._peek() == "?":
            raise PatternError("'(?' is not understood")
        part = self._alternatives()
        if self._peek() != ")":
            raise PatternError("a '(' is not closed")
        self._at += 1
        self._depth -= 1
        return part

    def _escape(self) -> _Part:
        character = self._peek()
        self._at += 1
        if not character:
            raise PatternError("a backslash stands at the end")
        if character.lower() in _CLASSES:
            return self._taking(_CLASSES[character.lower()], negated=character.isupper())
        if character.isalnum():
            raise PatternError(f"'\\{character}' is not understood")
        return self._taking(((character, character),))

    def _class(self) -> _Part:
        negated = self._peek() == "^"
        self._at += negated
        ranges: list[tuple[str, str]] = []
        while self._peek() != "]" or not ranges:
            low = self._peek()
            if not low or (low == "[" and self._text.startswith("[:", self._at)):
                raise PatternError("a '[' is not closed, or its class is not understood")
            self._at += 1
            if low == "\\":
                low = self._peek()
                self._at += 1
                if low in _CLASSES:
                    ranges += _CLASSES[low]
                    continue
            high = low
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                high = self._text[self._at + 1]
                self._at += 2
            ranges.append((low, high))
        self._at += 1
        return self._taking(tuple(ranges), negated=negated)

    def _taking(self, takes: tuple[tuple[str, str], ...] | None, *, negated: bool = False) -> _Part:
        state, end = self._state(takes, negated=negated), self._state()
        self.states[state].moves.append(end)
        return state, end

    def _free(self, anchor: str) -> _Part:
        state, end = self._state(anchor=anchor), self._state()
        self.states[state].moves.append(end)
        return state, end
