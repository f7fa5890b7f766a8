"""The text of a pattern to a tree: what `re` (or RE2) understands and linear time allows."""

from __future__ import annotations

from scanner.patterns.characters import ANY, NO_NEWLINE, CharSet, only
from scanner.patterns.dialect import Dialect, Flags
from scanner.patterns.escapes import NO_REFERENCES, Cursor, read_class, read_escape
from scanner.patterns.tree import (
    DEEPEST,
    LONGEST,
    MOST_PLACES,
    NOTHING,
    Assertion,
    Chars,
    Choice,
    Node,
    PatternError,
    Repeat,
    Sequence,
    choice_of,
    size,
)

__all__ = ["Dialect", "parse"]


def parse(text: str, dialect: Dialect = Dialect.PYTHON) -> Node:
    """Return the tree of a pattern. Raises PatternError."""
    if len(text) > LONGEST:
        raise PatternError(f"the pattern has {len(text)} characters, more than {LONGEST}")
    return _Parser(text, dialect).parse()


_SIGNS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_DIGITS = frozenset("0123456789")
_BLANKS = frozenset(" \t\n\r\v\f")
_AHEAD = "use not_matches for what must not stand there, or make two conditions of it with 'all'"
_REFUSED = {
    "?=": ("looks ahead", _AHEAD),
    "?!": ("looks ahead", _AHEAD),
    "?<=": ("looks back", _AHEAD),
    "?<!": ("looks back", _AHEAD),
    "?P=": ("refers back to a group", NO_REFERENCES),
    "?(": ("asks whether a group took part", NO_REFERENCES),
    "?>": ("is an atomic group", "write (?: in place of (?>"),
}


class _Parser:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self._cursor = Cursor(text, dialect)
        self._depth = 0
        self._names: set[str] = set()
        self._is_go = dialect is Dialect.GO

    def parse(self) -> Node:
        tree, _ = self._alternatives(Flags())
        if self._cursor.peek():
            raise PatternError("unbalanced ')'", self._cursor.at)
        self._measure(tree, 0)
        return tree

    def _measure(self, tree: Node, at: int) -> None:
        if size(tree) > MOST_PLACES:
            raise PatternError(
                f"the pattern speaks of more than {MOST_PLACES} characters, its repetitions written out", at
            )

    def _alternatives(self, flags: Flags) -> tuple[Node, Flags]:
        branches: list[Node] = []
        is_top = self._depth == 0
        while True:
            branch, flags = self._sequence(flags, begins=is_top and not branches)
            branches.append(branch)
            if not self._cursor.takes("|"):
                return choice_of(branches), flags

    def _sequence(self, flags: Flags, *, begins: bool) -> tuple[Node, Flags]:
        """Return one alternative, and the flags in force behind it: a group may set them for the rest."""
        cursor = self._cursor
        parts: list[Node] = []
        can_repeat = "nothing"
        while (char := cursor.peek()) and char not in "|)":
            at = cursor.at
            if flags.verbose and self._skips_blank():
                continue
            low_high = self._count()
            if low_high is not None:
                if can_repeat != "yes":
                    raise PatternError(f"{can_repeat} before '{char}' to repeat", at)
                parts[-1] = self._repeat(parts[-1], *low_high, at)
                can_repeat = "another repetition"
                continue
            cursor.at += 1
            if char == "(":
                changed = self._flags_for_the_rest(flags, at, begins=begins and not parts)
                if changed is not None:
                    flags = changed
                    continue
                if cursor.takes("?#"):
                    self._comment(at)
                    continue
                parts.append(self._group(flags, at))
                can_repeat = "yes"
                continue
            part = self._atom(char, flags)
            parts.append(part)
            can_repeat = "nothing" if isinstance(part, Assertion) and not self._is_go else "yes"
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts)), flags

    def _skips_blank(self) -> bool:
        cursor = self._cursor
        if cursor.peek() == "#":
            end = cursor.text.find("\n", cursor.at)
            cursor.at = len(cursor.text) if end < 0 else end + 1
            return True
        if cursor.peek() not in _BLANKS:
            return False
        cursor.at += 1
        return True

    def _count(self) -> tuple[int, int | None] | None:
        """Return the bounds of a repetition, or None where none begins."""
        cursor = self._cursor
        sign = cursor.peek()
        if sign in _SIGNS:
            cursor.at += 1
            return _SIGNS[sign]
        begin = cursor.at
        if not cursor.takes("{"):
            return None
        low = cursor.while_in(_DIGITS, LONGEST)
        high = low
        has_comma = cursor.takes(",")
        if has_comma:
            high = cursor.while_in(_DIGITS, LONGEST)
        if not cursor.takes("}") or not (low or (has_comma and not self._is_go)):
            cursor.at = begin
            return None
        if len(low) > 6 or len(high) > 6:
            raise PatternError("a count of this size cannot be used", begin)
        bounds = int(low or "0"), int(high) if high else None
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise PatternError("a count with a lower end above its upper one", begin)
        return bounds

    def _repeat(self, part: Node, low: int, high: int | None, at: int) -> Node:
        cursor = self._cursor
        if not cursor.takes("?") and cursor.peek() == "+":
            text = f"'{cursor.text[at : cursor.at + 1]}' repeats possessively"
            raise PatternError(text, at, "leave out the last '+'")
        # Lazy or not, the same texts fit.
        if high == 0:
            return NOTHING
        result = Repeat(part, low, high)
        self._measure(result, at)
        return result

    def _flags_for_the_rest(self, flags: Flags, at: int, *, begins: bool) -> Flags | None:
        """Return the flags of a `(?i)`; None when no such group begins."""
        cursor = self._cursor
        end = cursor.text.find(")", cursor.at)
        inside = cursor.text[cursor.at : end]
        if end < 0 or not inside.startswith("?") or not _is_flags(inside[1:]):
            return None
        if not self._is_go and (not begins or "-" in inside):
            hint = "write it first in the pattern, or as (?i:...)"
            raise PatternError(f"the flags '({inside})' do not stand at the start", at, hint)
        cursor.at = end + 1
        return self._changed(flags, inside[1:], at)

    def _changed(self, flags: Flags, letters: str, at: int) -> Flags:
        on, _, off = letters.partition("-")
        known, never_off = ("imsU", "") if self._is_go else ("imsxau", "au")
        wrong = [letter for letter in on + off if letter not in known] + [c for c in off if c in never_off]
        if wrong or ("a" in on and "u" in on) or set(on) & set(off) or ("-" in letters and not off):
            raise PatternError(f"the flags '{letters}' cannot be set so", at)
        return flags.changed(on, True).changed(off, False)

    def _comment(self, at: int) -> None:
        end = self._cursor.text.find(")", self._cursor.at)
        if end < 0 or self._is_go:
            raise PatternError("a comment is not closed", at)
        self._cursor.at = end + 1

    def _group(self, flags: Flags, at: int) -> Node:
        cursor = self._cursor
        if self._depth >= DEEPEST:
            raise PatternError(f"groups are nested deeper than {DEEPEST}", at)
        if cursor.peek() == "?":
            flags = self._kind_of_group(flags, at)
        self._depth += 1
        tree, _ = self._alternatives(flags)
        self._depth -= 1
        if not cursor.takes(")"):
            raise PatternError("a '(' is not closed", at)
        # A group can be repeated even where what is in it alone could not.
        return tree if isinstance(tree, Chars | Choice | Sequence) else Sequence((tree,))

    def _kind_of_group(self, flags: Flags, at: int) -> Flags:
        cursor = self._cursor
        for start, (does, hint) in _REFUSED.items():
            if cursor.text.startswith(start, cursor.at):
                raise PatternError(f"'({start}' {does}, which patterns here cannot", at, hint)
        if cursor.takes("?:"):
            return flags
        if cursor.takes("?P<") or (self._is_go and cursor.takes("?<")):
            name, closed, _ = cursor.text[cursor.at :].partition(">")
            if not closed or not name.isidentifier() or name in self._names:
                raise PatternError(f"'{name[:40]}' cannot be the name of a group", at)
            self._names.add(name)
            cursor.at += len(name) + 1
            return flags
        letters, colon, _ = cursor.text[cursor.at + 1 :].partition(":")
        if not colon or not _is_flags(letters):
            raise PatternError(f"'({cursor.text[cursor.at : cursor.at + 2]}' is not understood", at)
        cursor.at += len(letters) + 2
        return self._changed(flags, letters, at)

    def _atom(self, char: str, flags: Flags) -> Node:
        if char == ".":
            return Chars(ANY if flags.dot_all else NO_NEWLINE)
        if char == "^":
            return Assertion.LINE_START if flags.multiline else Assertion.START
        if char == "$":
            if flags.multiline:
                return Assertion.LINE_END
            return Assertion.END if self._is_go else Assertion.END_OR_BREAK
        if char == "[":
            return Chars(read_class(self._cursor, flags))
        found = read_escape(self._cursor, flags) if char == "\\" else char
        if isinstance(found, Assertion):
            return found
        if isinstance(found, CharSet):
            return Chars(found._replace(folded=flags.folded))
        return Chars(only(found)._replace(folded=flags.folded, ascii=flags.ascii and flags.folded))


def _is_flags(letters: str) -> bool:
    return (
        bool(letters) and all(letter.isalpha() or letter == "-" for letter in letters) and letters.isascii()
    )
