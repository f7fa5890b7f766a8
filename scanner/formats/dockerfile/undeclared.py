"""Variables of a Dockerfile that nothing declares, as BuildKit's checks UndefinedVar and
UndefinedArgInFrom see them, and the FROM that only a given argument makes valid."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scanner.errors import ParseError
from scanner.formats.dockerfile.variables import PLATFORM_ARGS, PREDEFINED_ARGS, Scope
from scanner.formats.shared.images import parse_image
from scanner.model.source import Located, Source, Span, Unknown
from scanner.model.stage_parts import UndeclaredVariable
from scanner.parsing.dockerfile_stages import Stage
from scanner.parsing.dockerfile_tree import Flag, Instruction, Word
from scanner.parsing.words import expand_word

MAX_NAMES = 1_000
"""More undeclared variables than this in one stage are not looked at."""


class Surroundings(NamedTuple):
    """What may declare a variable of a stage besides the instructions before it.

    `base` are the variables of the base image, None when it is not known; `own` the names that the
    stage declares anywhere, each with the line where it first does.
    """

    base: frozenset[str] | None
    own: Mapping[str, int]


def undeclared_in(
    instruction: Instruction, scope: Scope, around: Surroundings, source: Source
) -> Iterator[UndeclaredVariable]:
    """Yield the variables of an instruction that nothing declares, and that no base image may have set."""
    if "$" not in instruction.source.text:
        return
    for text, name_of_pair, word in _expanded_parts(instruction):
        for name in _unset(text, scope):
            problem = _problem(name, name_of_pair, instruction, scope, around)
            if problem is not None:
                yield UndeclaredVariable(
                    Located(name, _place(name, word), source), instruction.keyword, problem
                )


def undeclared_in_from(stage: Stage, outer: Scope, source: Source) -> Iterator[UndeclaredVariable]:
    """Yield the variables of a FROM that no ARG before the first FROM declares, and those without
    a default whose absence leaves no valid image."""
    platform = stage.platform
    parts: list[tuple[str, Word | Flag]] = [(stage.base.text, stage.base)]
    if platform is not None and platform.value is not None:
        parts.append((platform.value, platform))
    for text, word in parts:
        if "$" not in text:
            continue
        for name in _unset(text, outer):
            if name not in PLATFORM_ARGS and name not in PREDEFINED_ARGS:
                hint = _closest(name, (*outer.given, *PLATFORM_ARGS))
                problem = f"which no ARG before the first FROM declares{hint}"
                place = _place(name, word)
                yield UndeclaredVariable(Located(name, place, source), "FROM", problem)
    if "$" in stage.base.text and (name := _decisive(stage.base.text, outer)):
        place = _place(name, stage.base)
        problem = "whose ARG has no default, and without it the base image is no valid reference"
        yield UndeclaredVariable(Located(name, place, source), "FROM", problem)


def _decisive(text: str, outer: Scope) -> str:
    """The argument without default that a FROM cannot do without, or nothing."""

    def empty(name: str) -> str | Unknown | None:
        return outer.lookup(name) if outer.given.get(name, "") is not None else ""

    try:
        expanded = expand_word(text, empty, outer.escape)
    except ParseError:
        return ""
    if not expanded.is_known or expanded.unset or parse_image(expanded.text).error is None:
        return ""
    named = (name for name, value in outer.given.items() if value is None and _find(name, text, 0, len(text)))
    return next(named, "")


def _expanded_parts(instruction: Instruction) -> Iterator[tuple[str, str, Word | Flag]]:
    """The texts of an instruction in which BuildKit resolves variables: text, the name that it
    is the value of, and its place."""
    keyword = instruction.keyword
    if keyword in ("ENV", "ARG", "LABEL"):
        for pair in instruction.pairs:
            if pair.value is not None and "$" in pair.value.text:
                yield pair.value.text, pair.key.text, pair.value
        return
    if keyword in ("COPY", "ADD"):
        for flag in instruction.flags:
            if flag.name in ("chown", "chmod") and flag.value is not None and "$" in flag.value:
                yield flag.value, "", flag
    elif keyword not in ("EXPOSE", "USER", "WORKDIR", "VOLUME", "STOPSIGNAL"):
        return
    for word in instruction.arguments:
        if "$" in word.text and not word.text.startswith("<<"):
            yield word.text, "", word


def _unset(text: str, scope: Scope) -> tuple[str, ...]:
    def declared(name: str) -> str | Unknown | None:
        if name in scope.environment:
            return scope.environment[name]
        return scope.arguments.get(name)

    try:
        names = expand_word(text, declared, scope.escape).unset
    except ParseError:
        return ()
    return tuple(name for name in names if name[0].isalpha() or name[0] == "_")


def _problem(
    name: str, of_pair: str, instruction: Instruction, scope: Scope, around: Surroundings
) -> str | None:
    if name in PREDEFINED_ARGS or (around.base is not None and name in around.base):
        return None
    if name in PLATFORM_ARGS:
        return f"which a stage sees only after its own 'ARG {name}'"
    if any(pair.key.text == name for pair in instruction.pairs) and name != of_pair:
        return f"which the same {instruction.keyword} sets; that takes effect only after it"
    if name in scope.given:
        return f"which is declared before the first FROM alone; repeat 'ARG {name}' in the stage"
    declared = (*scope.arguments, *scope.environment)
    later = around.own.get(name, 0)
    if later and name != of_pair:
        return f"which is declared only later, in line {later}"
    if around.base is not None:
        return f"which nothing declares{_closest(name, (*declared, *around.base))}"
    # The base image may set it; names of its own are in upper case by all custom.
    hint = _closest(name, (*declared, "PATH"))
    if name != of_pair and (hint or name != name.upper()) and name not in _USUAL:
        return f"which nothing declares{hint}"
    return None


_USUAL = frozenset(("PATH", "HOME", "USER", "LANG", "PWD", "container"))


def _closest(name: str, options: tuple[str, ...]) -> str:
    if name in _USUAL:
        return ""
    alike = [option for option in options if option[:1] == name[:1] and abs(len(option) - len(name)) < 3]
    close = difflib.get_close_matches(name, alike[-_ALIKE:], 1, 0.8)
    return f"; did you mean '{close[0]}'?" if close else ""


_ALIKE = 30
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}?|(\w+))")


def _find(name: str, text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the first reference to a variable."""
    found = _REFERENCE.finditer(text, start, end)
    return next((match for match in found if name in (match.group(1), match.group(2))), None)


def _place(name: str, word: Word | Flag) -> Span:
    """Where the reference stands, or the whole of a word that is not as written."""
    start = word.start if isinstance(word, Word) else word.source.text.find("=", word.start, word.end) + 1
    found = _find(name, word.source.text, start, word.end)
    return word.source.span(found.start(), found.end()) if found else word.span
