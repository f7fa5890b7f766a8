"""What a suppression says: `hullcheck: ignore[rule-id, ...] reason="..." until=2027-01-31`."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.model.suppressions import is_date

MARK = "hullcheck:"
"""Begins every suppression in a comment."""


class Words(NamedTuple):
    """A suppression as written. `of_file` tells `ignore-file` from `ignore`; `reason` is empty where
    there is none, and `problem` says what cannot be understood."""

    rules: tuple[str, ...] = ()
    reason: str = ""
    until: str | None = None
    owner: str | None = None
    of_file: bool = False
    problem: str | None = None


def read_words(text: str) -> Words | None:
    """Return what a comment from its mark on says, None where it is not meant as a suppression."""
    head = _HEAD.match(text)
    if head is None:
        return None
    verb, rest = head[1], text[head.end() :]
    if verb not in _VERBS:
        if not rest.startswith("[") and verb.lower().replace("_", "-") not in _ALMOST:
            return None
        return Words(problem=f"'{verb}' is unknown; write ignore[rule-id] or ignore-file[rule-id]")
    listed = _LIST.match(rest)
    if listed is None:
        return Words(problem=f"the rules stand in brackets: {verb}[rule-id]")
    rules = tuple(dict.fromkeys(name.strip() for name in listed[1].split(",") if name.strip()))
    said = _read_attributes(rest[listed.end() :])
    if not rules:
        said = said._replace(problem="the brackets name no rule")
    if len(rules) > _MOST_RULES:
        return Words(problem=f"the brackets name more than {_MOST_RULES} rules")
    return said._replace(rules=rules, of_file=verb == _OF_FILE)


def split_until(text: str) -> tuple[str, str | None]:
    """Return the text of an annotation without the `until=DATE` at its end, and the date."""
    reason, mark, until = text.rpartition("until=")
    if mark and (not reason or reason[-1].isspace()) and not re.search(r"\s", until.strip()):
        return reason.strip(), until.strip()
    return text.strip(), None


def check_until(until: str | None) -> str | None:
    """Return what is wrong with a date, or None."""
    if until is None or is_date(until):
        return None
    return f"until={until} is no date such as 2027-01-31"


_OF_FILE = "ignore-file"
_VERBS = ("ignore", _OF_FILE)
_ALMOST = frozenset(
    (
        "disable",
        "disable-file",
        "ignore",
        "ignore-file",
        "ignore-line",
        "ignore-next-line",
        "ignored",
        "ignores",
        "ingore",
        "noqa",
        "skip",
        "skip-file",
        "suppress",
    )
)
_HEAD = re.compile(r"hullcheck:[ \t]*([A-Za-z][\w-]*)[ \t]*")
_LIST = re.compile(r"\[([^\[\]]*)\]")
_ATTRIBUTE = re.compile(
    r"""[\s,]*([A-Za-z][\w-]*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"',]+))(?=[\s,]|$)"""
)
_KNOWN = ("reason", "until", "owner")
_SHOWN = 40
_MOST_RULES = 100


def _read_attributes(text: str) -> Words:
    values: dict[str, str] = {}
    position = 0
    while found := _ATTRIBUTE.match(text, position):
        name, quoted, single, bare = found.groups()
        if name not in _KNOWN:
            return Words(problem=f"'{name}=' is unknown; reason, until and owner can be given")
        if name in values:
            return Words(problem=f"'{name}=' stands twice")
        values[name] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else single or bare or ""
        position = found.end()
    reason = " ".join(values.get("reason", "").split())
    until = values.get("until")
    rest = text[position:].strip(" \t,")
    problem = check_until(until)
    if rest:
        problem = f"'{rest[:_SHOWN]}' is not understood; write reason=\"...\" with quotes"
    return Words((), reason, until, values.get("owner"), problem=problem)
