"""The smallest parts of a pattern: escapes and classes of characters."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple, TypeAlias

from scanner.patterns.characters import CharSet
from scanner.patterns.dialect import Dialect, Flags
from scanner.patterns.tree import Assertion, PatternError

_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX = {"x": 2, "u": 4, "U": 8}
_OCTAL = frozenset("01234567")
_DIGITS = frozenset("0123456789")
_POSIX = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\0\x7f", "blank": "\t\t  ", "cntrl": "\0\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ",
    "upper": "AZ", "word": "09AZaz__", "xdigit": "09AFaf",
}  # fmt: skip
"""The classes of POSIX, as the ends of their ranges."""

_GO_KINDS = {
    "d": "09", "D": "\0/:\U0010ffff", "s": "\t\n\f\r  ", "S": "\0\b\v\v\x0e\x1f!\U0010ffff",
    "w": "09AZ__az", "W": "\0/:@[^``{\U0010ffff",
}  # fmt: skip

NO_REFERENCES = "write the choices out, or make two conditions of it"


class Cursor:
    """A place in the text of a pattern."""

    __slots__ = ("at", "dialect", "text")

    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.at = 0

    def peek(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        """Return the next character and go behind it; nothing at the end."""
        char = self.text[self.at : self.at + 1]
        self.at += len(char)
        return char

    def takes(self, word: str) -> bool:
        """Whether a word stands next; the cursor is behind it then."""
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def while_in(self, chars: frozenset[str], most: int) -> str:
        """Take up to a number of characters of a set."""
        begin = self.at
        while self.at - begin < most and self.peek() in chars and self.peek():
            self.at += 1
        return self.text[begin : self.at]


Escape: TypeAlias = "str | CharSet | Assertion"


def read_escape(cursor: Cursor, flags: Flags) -> Escape:
    """Return what an escape outside of a class stands for; the cursor is behind its backslash."""
    begin = cursor.at - 1
    char = cursor.peek()
    if cursor.dialect is Dialect.PYTHON and char in _DIGITS and char and char != "0":
        digits = cursor.while_in(_DIGITS, 3)
        if len(digits) == 3 and _OCTAL.issuperset(digits):
            return _octal(digits, begin)
        raise PatternError(f"'\\{char}' refers back to a group", begin, NO_REFERENCES)
    assertion = _assertion(char, cursor.dialect, flags)
    if assertion is not None:
        cursor.at += 1
        return assertion
    return _shared_escape(cursor, flags, begin)


def _assertion(char: str, dialect: Dialect, flags: Flags) -> Assertion | None:
    if char == "A":
        return Assertion.START
    if char == "z" or (char == "Z" and dialect is Dialect.PYTHON):
        return Assertion.END
    is_ascii = flags.ascii or dialect is Dialect.GO
    if char == "b":
        return Assertion.ASCII_BOUNDARY if is_ascii else Assertion.BOUNDARY
    if char == "B":
        return Assertion.ASCII_INSIDE if is_ascii else Assertion.INSIDE
    return None


def _shared_escape(cursor: Cursor, flags: Flags, begin: int) -> str | CharSet:
    char = cursor.take()
    if not char:
        raise PatternError("a backslash stands at the end", begin)
    if char.lower() in "dws":
        return _kind(char, cursor.dialect, flags)
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char in _HEX:
        return _hexadecimal(cursor, char, begin)
    if char == "0":
        return _octal("0" + cursor.while_in(_OCTAL, 2), begin)
    if char == "N" and cursor.dialect is Dialect.PYTHON and cursor.peek() == "{":
        return _named(cursor, begin)
    if char.isascii() and char.isalnum():
        raise PatternError(f"the escape '\\{char}' is not understood", begin)
    return char


def _kind(char: str, dialect: Dialect, flags: Flags) -> CharSet:
    if dialect is Dialect.GO:
        return CharSet(_in_pairs(_GO_KINDS[char]))
    return CharSet(kinds=char, ascii=flags.ascii)


def _in_pairs(ends: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def _octal(digits: str, begin: int) -> str:
    if int(digits, 8) > 0o377:
        raise PatternError(f"octal escape '\\{digits}' is above \\377", begin)
    return chr(int(digits, 8))


def _hexadecimal(cursor: Cursor, char: str, begin: int) -> str:
    width = _HEX[char]
    if cursor.dialect is Dialect.GO:
        if char != "x":
            raise PatternError(f"the escape '\\{char}' is not understood", begin)
        if cursor.takes("{"):
            digits, closed, _ = cursor.text[cursor.at :].partition("}")
            cursor.at += len(digits) + 1
            width = len(digits) if closed and len(digits) <= 8 else -1
        else:
            digits = cursor.text[cursor.at : cursor.at + width]
            cursor.at += width
    else:
        digits = cursor.text[cursor.at : cursor.at + width]
        cursor.at += width
    if len(digits) != width or not re.fullmatch("[0-9a-fA-F]+", digits) or int(digits, 16) > 0x10FFFF:
        raise PatternError(f"'\\{char}' needs the number of a character behind it", begin)
    return chr(int(digits, 16))


def _named(cursor: Cursor, begin: int) -> str:
    name, closed, _ = cursor.text[cursor.at + 1 :].partition("}")
    cursor.at += len(name) + 2
    try:
        found = unicodedata.lookup(name) if closed else ""
    except KeyError:
        found = ""
    if len(found) != 1:
        raise PatternError(f"'\\N{{{name}' names no character", begin)
    return found


class _Item(NamedTuple):
    char: str
    kinds: str = ""
    ranges: tuple[tuple[str, str], ...] = ()


def read_class(cursor: Cursor, flags: Flags) -> CharSet:
    """Return the set of a class; the cursor is behind its bracket."""
    begin = cursor.at - 1
    negated = cursor.takes("^")
    ranges: list[tuple[str, str]] = []
    kinds = ""
    is_first = True
    while True:
        at = cursor.at
        if not is_first and cursor.takes("]"):
            break
        item = _read_item(cursor, flags, begin)
        is_first = False
        if cursor.peek() == "-" and cursor.text[cursor.at + 1 : cursor.at + 2] not in ("]", ""):
            cursor.at += 1
            end = _read_item(cursor, flags, begin)
            if not item.char or not end.char or item.char > end.char:
                raise PatternError(f"'{cursor.text[at : cursor.at]}' is no range of characters", at)
            ranges.append((item.char, end.char))
        else:
            ranges += item.ranges
            ranges += [(item.char, item.char)] if item.char else []
            kinds += item.kinds
    return CharSet(tuple(ranges), "".join(dict.fromkeys(kinds)), negated, flags.folded, flags.ascii)


def _read_item(cursor: Cursor, flags: Flags, begin: int) -> _Item:
    at = cursor.at
    char = cursor.take()
    if not char:
        raise PatternError("a '[' is not closed", begin)
    if char == "[" and cursor.dialect is Dialect.GO and cursor.takes(":"):
        name, closed, _ = cursor.text[cursor.at :].partition(":]")
        if not closed or name not in _POSIX:
            raise PatternError(f"the class '[:{name[:20]}' is not understood", at)
        cursor.at += len(name) + 2
        return _Item("", ranges=_in_pairs(_POSIX[name]))
    if char != "\\":
        return _Item(char)
    if cursor.dialect is Dialect.PYTHON and cursor.takes("b"):
        return _Item("\b")
    if cursor.dialect is Dialect.PYTHON and cursor.peek() in _OCTAL and cursor.peek():
        return _Item(_octal(cursor.while_in(_OCTAL, 3), at))
    found = _shared_escape(cursor, flags, at)
    return _Item(found) if isinstance(found, str) else _Item("", found.kinds, found.ranges)
