"""What a variable of a Dockerfile is worth, before the first stage and inside of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    in the file may have set it, so it is unknown. `build` are the arguments that one build
    gives, all of them; None when it is not known who builds. `unset` are then the names
    that are declared, and given no value at all. `hidden` are the ENVs that a later ARG of the
    stage hides; a stage that is based on it sees them again, as BuildKit has it.
    """

    escape: str
    given: dict[str, str | Unknown | None] = field(default_factory=dict)
    arguments: dict[str, str | Unknown] = field(default_factory=dict)
    environment: dict[str, str | Unknown] = field(default_factory=dict)
    closed: bool = True
    build: Mapping[str, str | Unknown] | None = None
    unset: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def lookup(self, name: str) -> str | Unknown | None:
        """Return a variable's value; ENV wins over the ARGs before it."""
        if name in self.environment and name not in self.hidden:
            return self.environment[name]
        if name in self.arguments:
            return self.arguments[name]
        if name in self.unset and name not in PLATFORM_ARGS:
            return None
        if name in PREDEFINED_ARGS and self.build is not None and name in self.build:
            return self.build[name]
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
            # A build that leaves an argument out may still be given it by hand; only a word that
            # has an answer for it (`${X:-y}`) does without.
            left_out = next((name for name in expanded.unset if name in self.unset), None)
            return expanded.text if left_out is None else Unknown(_GIVEN.format(left_out))
        if expanded.too_long or any(self.lookup(name) is TOO_LONG for name in expanded.unknown):
            return TOO_LONG
        return Unknown(f"the value of {', '.join(expanded.unknown)} is not in the file")

    def declare(self, pair: Pair) -> None:
        """Take in one name of an ARG inside a stage."""
        name = pair.key.text
        outer = self.given.get(name)
        if self.build is not None and name in self.build:
            self.arguments[name] = self.build[name]
        elif pair.value is not None:
            self.arguments[name] = self.value(pair.value)
        elif outer is not None:
            self.arguments[name] = outer
        elif self.build is None:
            self.arguments[name] = Unknown(_GIVEN.format(name))
            return
        else:
            if name not in self.arguments:
                self.unset.add(name)
            return
        self.hidden.add(name)

    def set(self, pairs: Iterable[Pair]) -> None:
        """Take in an ENV; all of its values are expanded before the first is set."""
        values = [(pair.key, self.value(pair.value) if pair.value is not None else "") for pair in pairs]
        for key, value in values:
            name = self.value(key)
            if isinstance(name, str):
                self.environment[name] = value
                self.hidden.discard(name)


_GIVEN = "{} is given when the image is built"


def global_scope(
    instructions: Iterable[Instruction], escape: str, build: Mapping[str, str | Unknown] | None = None
) -> Scope:
    """Return the scope of the FROM lines: the arguments before the first of them, with those that
    a `build` gives (BuildKit, dockerfile2llb: these win over defaults, and over platforms)."""
    scope = Scope(escape, build=build)
    if build is not None:
        scope.arguments.update({name: value for name, value in build.items() if name in PLATFORM_ARGS})
    for instruction in instructions:
        if instruction.keyword != "ARG":
            continue
        for pair in instruction.pairs:
            scope.declare(pair)
            name = pair.key.text
            has_value = pair.value is not None or (build is not None and name in build)
            if has_value:
                scope.given[name] = scope.arguments[name]
            else:
                scope.given.setdefault(name, None)
    return scope
