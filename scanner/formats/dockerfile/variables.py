"""What a variable of a Dockerfile is worth, before the first stage and inside of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.errors import ParseError
from scanner.model.source import Unknown
from scanner.parsing.dockerfile_tree import Instruction, Pair, Word
from scanner.parsing.words import Expanded, expand_word

PLATFORM_ARGS = frozenset(
    name + part for name in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")
) | {"TARGETSTAGE"}
"""Set by BuildKit for every FROM; their values depend on who builds."""

PREDEFINED_ARGS = frozenset(
    name
    for word in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (word, word.lower())
)
"""Usable in RUN without an ARG; their values come from who builds."""

TOO_LONG = Unknown("its value is longer than 64 KiB")
"""What a word is worth that grows over the limit, and every word that such a variable is part of."""


@dataclass(slots=True)
class Scope:
    """The variables at one point of a Dockerfile.

    `given` are the global arguments, by name, None for one without a default. With
    `closed`, a name that nothing declares is unset; without, a base image that is not
    in the file may have set it, so it is unknown.
    """

    escape: str
    given: dict[str, str | Unknown | None] = field(default_factory=dict)
    arguments: dict[str, str | Unknown] = field(default_factory=dict)
    environment: dict[str, str | Unknown] = field(default_factory=dict)
    closed: bool = True

    def lookup(self, name: str) -> str | Unknown | None:
        """Return a variable's value; ENV wins over ARG (Dockerfile reference, "Using ARG variables")."""
        if name in self.environment:
            return self.environment[name]
        if name in self.arguments:
            return self.arguments[name]
        if name in PLATFORM_ARGS or name in PREDEFINED_ARGS:
            return Unknown(f"{name} is set by whoever builds")
        return None if self.closed else Unknown(f"{name} may be set in the base image")

    def expand(self, word: Word | str) -> Expanded:
        """Return the meaning of a word; one that BuildKit would refuse is unknown, as written."""
        text = word if isinstance(word, str) else word.text
        try:
            return expand_word(text, self.lookup, self.escape)
        except ParseError as error:
            return Expanded(text, unknown=(error.message,))

    def value(self, word: Word | str) -> str | Unknown:
        """Return a word's value, Unknown when a variable in it has none in the file."""
        expanded = self.expand(word)
        if expanded.is_known:
            return expanded.text
        if expanded.too_long or any(self.lookup(name) is TOO_LONG for name in expanded.unknown):
            return TOO_LONG
        return Unknown(f"the value of {', '.join(expanded.unknown)} is not in the file")

    def declare(self, pair: Pair) -> None:
        """Take in one name of an ARG inside a stage."""
        name = pair.key.text
        if pair.value is not None:
            self.arguments[name] = self.value(pair.value)
        elif name in self.given and self.given[name] is not None:
            self.arguments[name] = self.given[name]  # type: ignore[assignment]
        else:
            self.arguments[name] = Unknown(f"{name} is given when the image is built")

    def set(self, pairs: Iterable[Pair]) -> None:
        """Take in an ENV; all of its values are expanded before the first is set."""
        values = [(pair.key, self.value(pair.value) if pair.value is not None else "") for pair in pairs]
        for key, value in values:
            name = self.value(key)
            if isinstance(name, str):
                self.environment[name] = value


def global_scope(instructions: Iterable[Instruction], escape: str) -> Scope:
    """Return the scope of the FROM lines: the arguments before the first of them."""
    scope = Scope(escape)
    for instruction in instructions:
        if instruction.keyword != "ARG":
            continue
        for pair in instruction.pairs:
            scope.declare(pair)
            known = scope.arguments[pair.key.text]
            scope.given[pair.key.text] = None if pair.value is None else known
    return scope
