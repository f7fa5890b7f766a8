"""Which values an action of a template speaks of, told from its text alone.

An expression is evaluated over *origins* in place of values: where in the chart's values
(or in which context) each part of it comes from. What functions compute is lost, what
they pass on is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

Key: TypeAlias = "tuple[str, ...]"
"""A path into the values of the chart that is deployed; `*` stands for each item."""


class Top(NamedTuple):
    """The context that a template begins with; `prefix` is where its chart's values are."""

    prefix: Key


class InValues(NamedTuple):
    """Something in the values; `depth` is the length of its chart's prefix."""

    key: Key
    depth: int


class Table(NamedTuple):
    """A map that an expression made."""

    entries: tuple[tuple[str, Origins], ...]


Origins: TypeAlias = "tuple[Top | InValues | Table, ...]"
"""Everything that a value may come from."""

Include: TypeAlias = Callable[[str, Origins], None]
"""Is told of each named template that an expression includes, with its context."""

_MOST = 6
_KEEPING = frozenset(
    """
    coalesce concat deepCopy default dict first fromJson fromYaml get index last list merge
    mergeOverwrite mustDeepCopy mustMerge mustMergeOverwrite mustToJson omit pick print printf
    quote required squote ternary toJson toRawJson toString toYaml tpl trim dig int int64 lower
    upper nindent indent uniq compact without values pluck tuple toYamlPretty mustCompact mustUniq
    """.split()  # noqa: SIM905 - a list of one name a line is no better to read
)
"""Functions whose result consists of what they are given."""


def walk_field(origins: Origins, name: str) -> Origins:
    """Return the origins of a field of something."""
    found: list[Top | InValues | Table] = []
    for origin in origins:
        match origin:
            case Top(prefix):
                if name == "Values":
                    found.append(InValues(prefix, len(prefix)))
            case InValues(key, depth):
                if depth and len(key) == depth and name == "global":
                    found.append(InValues(("global",), 0))
                else:
                    found.append(InValues((*key, name), depth))
            case Table(entries):
                found += next((inner for key, inner in entries if key == name), ())
    return _some(found)


def _some(found: list[Top | InValues | Table]) -> Origins:
    return tuple(dict.fromkeys(found))[:_MOST]


def keys_of(origins: Origins) -> list[Key]:
    """Return the keys among some origins; the values as a whole are none."""
    return [
        origin.key for origin in origins if isinstance(origin, InValues) and len(origin.key) > origin.depth
    ]


class Scope:
    """What the names of an expression mean at one place: the dot, `$` and the variables."""

    def __init__(self, dot: Origins, variables: Mapping[str, Origins] | None = None) -> None:
        self.dot = dot
        self.variables = dict(variables) if variables is not None else {"$": dot}


class Evaluation:
    """One pipeline evaluated: its `result`, and every key that it reads in `keys`."""

    def __init__(self, text: str, scope: Scope, include: Include) -> None:
        self.keys: list[Key] = []
        self._scope = scope
        self._include = include
        self._tokens = tokenize(text)
        self._position = 0
        self.result = self._pipeline()

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ")"

    def _pipeline(self) -> Origins:
        result: Origins | None = None
        while True:
            result = self._command(result)
            if self._peek() != "|":
                return result
            self._position += 1

    def _command(self, piped: Origins | None) -> Origins:
        head = self._peek()
        is_function = head[:1].isalpha() and head not in ("true", "false", "nil")
        literals: list[str] = []
        operands: list[Origins] = []
        if is_function:
            self._position += 1
        while self._peek() not in (")", "|"):
            token = self._peek()
            if token[:1] in "\"`'":
                literals.append(token[1:-1])
                operands.append(())
                self._position += 1
                continue
            operands.append(self._operand())
            literals.append("")
        if piped is not None:
            operands.append(piped)
            literals.append("")
        if not is_function:
            return _some([origin for one in operands for origin in one])
        return self._call(head, operands, literals)

    def _operand(self) -> Origins:
        token = self._peek()
        self._position += 1
        if token == "(":
            origins = self._pipeline()
            if self._peek() == ")":
                self._position += 1
            if self._position < len(self._tokens) and self._tokens[self._position].startswith("~."):
                chain = self._tokens[self._position][2:]
                self._position += 1
                return self._chain(origins, chain.split("."))
            return origins
        if token.startswith("$"):
            name, _, chain = token.partition(".")
            return self._chain(self._scope.variables.get(name, ()), chain.split(".") if chain else [])
        if token.startswith("."):
            return self._chain(self._scope.dot, token[1:].split(".") if len(token) > 1 else [])
        return ()

    def _chain(self, origins: Origins, names: list[str]) -> Origins:
        for name in names:
            if name:
                origins = walk_field(origins, name)
        self.keys += keys_of(origins)
        return origins

    def _call(self, name: str, operands: list[Origins], literals: list[str]) -> Origins:
        if name in ("include", "template") and operands:
            self._include(literals[0], operands[1] if len(operands) > 1 else ())
            return ()
        if name in ("index", "get") and operands:
            return self._chain(operands[0], literals[1:] if all(literals[1:]) else ["*"])
        if name == "dig":
            return self._chain(operands[-1] if operands else (), [text for text in literals[:-2] if text])
        if name == "hasKey" and len(literals) > 1:
            self._chain(operands[0], [literals[1]])
            return ()
        if name == "dict":
            pairs = zip(literals[::2], operands[1::2], strict=False)
            return (Table(tuple((key, inner) for key, inner in pairs if key)),)
        if name in _KEEPING:
            return _some([origin for one in operands for origin in one])
        return ()


def tokenize(text: str) -> list[str]:
    """Split an expression into words, texts in quotes, `(`, `)` and `|`; `~.a` is a field of
    what stands in parentheses before."""
    tokens: list[str] = []
    position, size = 0, len(text)
    while position < size:
        character = text[position]
        if character in " \t\r\n,":
            position += 1
        elif character in "(|":
            tokens.append(character)
            position += 1
        elif character == ")":
            tokens.append(character)
            position += 1
            if text[position : position + 1] == ".":
                end = _word_end(text, position)
                tokens.append("~" + text[position:end])
                position = end
        elif character in "\"`'":
            end = position + 1
            while end < size and text[end] != character:
                end += 2 if text[end] == "\\" and character != "`" else 1
            tokens.append(text[position : end + 1])
            position = end + 1
        else:
            end = max(_word_end(text, position), position + 1)
            tokens.append(text[position:end])
            position = end
    return tokens


def _word_end(text: str, position: int) -> int:
    while position < len(text) and text[position] not in ' \t\r\n,()|"`':
        position += 1
    return position
