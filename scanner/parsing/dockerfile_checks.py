"""What BuildKit refuses in an instruction whose words could be read: counts, flags and names."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.errors import ParseError
from scanner.parsing.dockerfile_tree import Flag, Instruction, Word
from scanner.parsing.heredoc import parse_heredoc


class Refusal(NamedTuple):
    """Why BuildKit rejects an instruction; a fatal one leaves nothing to reason about."""

    error: ParseError
    fatal: bool


def check_instruction(instruction: Instruction, *, with_hint: bool = True) -> Refusal | None:
    """Return the first reason for which BuildKit would reject the instruction, or None.

    `with_hint` looks for the keyword that an unknown one was meant to be.
    """
    keyword = instruction.keyword
    if keyword not in _KNOWN:
        return Refusal(_unknown(instruction.keyword_word, with_hint), fatal=True)
    message = _bad_count(keyword, instruction)
    if message is not None:
        fatal = keyword != "FROM" or not instruction.arguments
        return _refuse(message, instruction.keyword_word, fatal=fatal)
    if keyword in ("COPY", "ADD") and not instruction.json_form and _is_heredoc(instruction.arguments[-1]):
        return _refuse(f"{keyword} cannot accept a heredoc as a destination", instruction.arguments[-1])
    for pair in instruction.pairs:
        if not pair.key.text:
            return _refuse(f"{keyword} names can not be blank", pair.key)
    if keyword == "FROM" and len(instruction.arguments) == 3:
        name = instruction.arguments[2]
        if not _STAGE_NAME.fullmatch(name.text.lower()):
            hint = "it starts with a letter, then letters, digits, '-', '_' and '.'"
            return _refuse(f"invalid name '{name.text}' for a build stage", name, fatal=False, hint=hint)
    if keyword == "HEALTHCHECK":
        message = _bad_healthcheck(instruction)
        if message is not None:
            return _refuse(message, instruction.arguments[0])
    return _bad_flag(instruction) if instruction.flags else None


KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip

_KNOWN = frozenset(KEYWORDS)
_AT_LEAST_ONE = frozenset({"ENV", "LABEL", "HEALTHCHECK", "EXPOSE", "VOLUME", "ARG", "SHELL"})
_EXACTLY_ONE = frozenset({"MAINTAINER", "WORKDIR", "USER", "STOPSIGNAL"})
_UNCHECKED_FLAGS = frozenset({"ARG", "STOPSIGNAL"})
_FLAGS: dict[str, dict[str, str]] = {
    "ADD": {"chown": "text", "chmod": "text", "link": "switch", "keep-git-dir": "switch", "checksum": "text",
            "unpack": "switch", "exclude": "list", "parents": "switch"},
    "COPY": {"chown": "text", "chmod": "text", "from": "text", "link": "switch", "exclude": "list",
             "parents": "switch"},
    "FROM": {"platform": "text"},
    "RUN": {"mount": "list", "network": "text", "security": "text", "device": "list"},
    "HEALTHCHECK": {"interval": "time", "timeout": "time", "start-period": "time", "start-interval": "time",
                    "retries": "count"},
}  # fmt: skip
_MODES = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}
_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_COUNT = re.compile(r"\+?\d{1,9}|-0", re.ASCII)
_DURATION = re.compile(r"[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)


def _refuse(message: str, word: Word, *, fatal: bool = True, hint: str | None = None) -> Refusal:
    span = word.span
    return Refusal(ParseError(message, line=span.line, column=span.column, hint=hint), fatal)


def _bad_count(keyword: str, instruction: Instruction) -> str | None:
    count = len(instruction.arguments)
    if keyword in ("COPY", "ADD") and count < 2:
        return f"{keyword} requires at least two arguments, a source and a destination"
    if keyword in _AT_LEAST_ONE and not count:
        return f"{keyword} requires at least one argument"
    if keyword in _EXACTLY_ONE and count != 1:
        return f"{keyword} requires exactly one argument"
    has_name = count == 3 and instruction.arguments[1].text.lower() == "as"
    if keyword == "FROM" and count != 1 and not has_name:
        return "FROM requires either one or three arguments"
    if keyword == "SHELL" and not instruction.json_form:
        return "SHELL requires the arguments to be in JSON form"
    if keyword == "VOLUME" and not all(word.text.strip() for word in instruction.arguments):
        return "VOLUME specified can not be an empty string"
    return None


def _is_heredoc(word: Word) -> bool:
    try:
        return parse_heredoc(word.text) is not None
    except ParseError:
        return False


def _bad_healthcheck(instruction: Instruction) -> str | None:
    kind = instruction.arguments[0].text
    if kind.upper() == "NONE":
        return "HEALTHCHECK NONE takes no arguments" if len(instruction.arguments) > 1 else None
    if kind.upper() != "CMD":
        return f"unknown type '{kind}' in HEALTHCHECK (try CMD)"
    return "missing command after HEALTHCHECK CMD" if len(instruction.arguments) < 2 else None


def _bad_flag(instruction: Instruction) -> Refusal | None:
    """Check the flags; the instruction stays, for a newer frontend may know the flag."""
    keyword = instruction.keyword
    is_none = keyword == "HEALTHCHECK" and instruction.arguments[0].text.upper() == "NONE"
    if keyword in _UNCHECKED_FLAGS or is_none:
        return None
    known = _FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            message: str | None = f"unknown flag '--{flag.name}' of {keyword}"
        elif flag.name in seen and kind != "list":
            message = f"duplicate flag '--{flag.name}'"
        else:
            message = _bad_value(flag, kind)
        if message is not None:
            names = ", ".join("--" + name for name in known)
            hint = f"known flags: {names}" if kind is None and known else None
            span = flag.span
            error = ParseError(message, line=span.line, column=span.column, hint=hint)
            return Refusal(error, fatal=False)
        seen.add(flag.name)
    return None


def _bad_value(flag: Flag, kind: str) -> str | None:
    value = flag.value
    if kind == "switch":
        if value == "":
            return f"missing a value on flag '--{flag.name}'"
        if value is not None and value.lower() not in ("true", "false"):
            return f"expecting a boolean value for flag '--{flag.name}', not '{value}'"
        return None
    if value is None:
        return f"missing a value on flag '--{flag.name}'"
    modes = _MODES.get(flag.name)
    if modes is not None and value not in modes:
        return f"invalid {flag.name} mode '{value}', use one of {', '.join(modes)}"
    if kind == "time" and value and not _DURATION.fullmatch(value):
        return f"invalid duration '{value}' of '--{flag.name}'"
    if kind == "count" and value and not _COUNT.fullmatch(value):
        return f"'--{flag.name}' takes a number that is not negative, not '{value}'"
    return None


def _unknown(keyword: Word, with_hint: bool) -> ParseError:
    span = keyword.span
    close = _closest(keyword.text.upper()) if with_hint else None
    hint = f"did you mean '{close}'?" if close else None
    shown = keyword.text if len(keyword.text) < 60 else keyword.text[:57] + "..."
    return ParseError(f"unknown instruction '{shown}'", line=span.line, column=span.column, hint=hint)


def _closest(word: str) -> str | None:
    """Return the keyword that differs in one or two letters, if there is one."""
    if not 2 < len(word) <= 13:
        return None
    distances = [(_distance(word, keyword), keyword) for keyword in KEYWORDS]
    distance, keyword = min(distances)
    return keyword if distance <= (1 if len(word) < 5 else 2) else None


def _distance(left: str, right: str) -> int:
    """Return how many letters must be added, removed or replaced."""
    row = list(range(len(right) + 1))
    for index, letter in enumerate(left, 1):
        previous, row[0] = row[0], index
        for place, other in enumerate(right, 1):
            step = min(row[place] + 1, row[place - 1] + 1, previous + (letter != other))
            previous, row[place] = row[place], step
    return row[-1]
