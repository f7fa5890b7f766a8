"""Variables in Compose texts: `$NAME`, `${NAME:-default}` and their kin, as compose-go's template has them.

Values come from the project's files only, never from this process's environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from scanner.errors import FormatError
from scanner.model.resources import DecidedBy
from scanner.model.source import Located, Source, Span

HOLE = "\ufdd0"
"""Stands in an interpolated text where a variable without a value was (a Unicode noncharacter)."""

MAX_NESTING = 50
MAX_LENGTH = 1_000_000

_OPERATORS = (":-", ":+", ":?", "-", "+", "?")
_NAME_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_NAME_REST = _NAME_START | frozenset("0123456789")


class Variable(NamedTuple):
    """A variable's value (with holes where it is not decided), and where it is defined."""

    value: str
    place: Span | None = None
    source: Source | None = None


Variables = Mapping[str, Variable]


class Interpolated(NamedTuple):
    """A text with its variables filled in.

    `unknown` says why the text has holes (None: it has none); `decided` are the
    places of the variables whose values stand in it.
    """

    text: str
    unknown: str | None = None
    decided: tuple[Located[object], ...] = ()


def interpolate(text: str, variables: Variables) -> Interpolated:
    """Fill in a text's variables; one without a value and a default leaves a hole.

    Raises FormatError, without a place, where the text is no valid template.
    """
    if "$" not in text:
        return Interpolated(text)
    expansion = _Expansion(variables, strict=False)
    result = expansion.expand(text, 0)
    if HOLE in result:
        return Interpolated(result, expansion.reason(), tuple(expansion.decided))
    return Interpolated(result, None, tuple(expansion.decided))


def defaults_in(text: str) -> dict[str, list[str]]:
    """Return the defaults that stand in a text (`${NAME:-default}`), by the name of the variable; those
    that hold variables themselves are left out."""
    found: dict[str, list[str]] = {}
    if "${" in text:
        for name, default in _default().findall(text):
            found.setdefault(name, []).append(default)
    return found


@cache
def _default() -> re.Pattern[str]:
    return re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,200}):?[-+]([^${}\n]{1,1000})\}")


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Fill in a text's variables as a run with exactly these values would: an unset one
    is empty, and one that is required but missing raises FormatError."""
    variables = {name: Variable(value) for name, value in values.items()}
    return _Expansion(variables, strict=True).expand(text, 0)


class _Expansion:
    """One text's expansion, remembering what was missing and what decided."""

    def __init__(self, variables: Variables, *, strict: bool) -> None:
        self.variables = variables
        self.strict = strict
        self.missing: list[str] = []
        self.decided: list[Located[object]] = []

    def reason(self) -> str:
        """Why the result has holes."""
        names = ", ".join(f"'{name}'" for name in dict.fromkeys(self.missing))
        if not names:
            return "the text holds a character that stands for an undecided variable"
        if "," in names:
            return f"the variables {names} have no value in the files and no default"
        return f"the variable {names} has no value in the files and no default"

    def expand(self, text: str, depth: int) -> str:
        if depth > MAX_NESTING:
            raise FormatError(f"variables are nested more than {MAX_NESTING} deep")
        parts: list[str] = []
        position = 0
        length = 0
        while True:
            dollar = text.find("$", position)
            if dollar < 0:
                parts.append(text[position:])
                return "".join(parts)
            value, end = self._at_dollar(text, dollar, depth)
            parts += (text[position:dollar], value)
            length += len(value)
            if length > MAX_LENGTH:
                raise FormatError(f"variables make the text longer than {MAX_LENGTH} characters")
            position = end

    def _at_dollar(self, text: str, dollar: int, depth: int) -> tuple[str, int]:
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            return "$", dollar + 2
        if following == "{":
            close = _closing_brace(text, dollar + 1)
            if close is not None:
                return self._braced(text, text[dollar + 2 : close], depth), close + 1
        elif following in _NAME_START and following:
            end = _name_end(text, dollar + 1)
            return self._value(text[dollar + 1 : end]), end
        raise _invalid(text)

    def _braced(self, text: str, inner: str, depth: int) -> str:
        end = _name_end(inner, 0)
        name, rest = inner[:end], inner[end:]
        if not name:
            raise _invalid(text)
        if not rest:
            return self._value(name)
        operator = next((known for known in _OPERATORS if rest.startswith(known)), None)
        if operator is None:
            raise _invalid(text)
        return self._operate(name, operator, rest[len(operator) :], depth + 1)

    def _operate(self, name: str, operator: str, word: str, depth: int) -> str:
        variable = self.variables.get(name)
        present = variable is not None and (operator[0] != ":" or variable.value != "")
        match operator[-1]:
            case "-":
                return self._value(name) if present else self.expand(word, depth)
            case "+":
                return self.expand(word, depth) if present else ""
            case _:
                if present:
                    return self._value(name)
                if self.strict:
                    message = self.expand(word, depth)
                    told = f": {message}" if message else ""
                    raise FormatError(f"required variable {name} is missing a value{told}")
                self.missing.append(name)
                return HOLE

    def _value(self, name: str) -> str:
        variable = self.variables.get(name)
        if variable is None:
            if self.strict:
                return ""
            self.missing.append(name)
            return HOLE
        if variable.source is not None:
            self.decided.append(Located(DecidedBy(name), variable.place, variable.source))
        if HOLE in variable.value:
            self.missing.append(name)
        return variable.value


def _invalid(text: str) -> FormatError:
    shown = text if len(text) <= 60 else text[:60] + "..."
    return FormatError(f"'{shown}' has no valid variable after '$'", hint="write $$ for a dollar sign")


def _name_end(text: str, start: int) -> int:
    end = start
    if end < len(text) and text[end] in _NAME_START:
        end += 1
        while end < len(text) and text[end] in _NAME_REST:
            end += 1
    return end


def _closing_brace(text: str, opening: int) -> int | None:
    """The brace that closes the one at `opening`; where braces do not pair up, the first."""
    level = 0
    for position in range(opening, len(text)):
        character = text[position]
        if character == "{":
            level += 1
        elif character == "}":
            level -= 1
            if not level:
                return position
    first = text.find("}", opening)
    return first if first >= 0 else None
