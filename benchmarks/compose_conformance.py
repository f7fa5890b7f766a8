"""compose-go's own tables (merge, uniqueness, interpolation, ports) against our Compose reader.

Merged projects are compared by meaning: `labels: {A: b}` and `labels: [A=b]` say the same,
and so do the two forms of `networks`, `models` and `depends_on`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.errors import FormatError, InputError
from scanner.formats.compose.attributes import Rule, Strategy, merge_rules
from scanner.formats.compose.interpolation import substitute
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.loading import ProjectLoader
from scanner.formats.compose.shorthand import expand_port
from scanner.formats.compose.tree import Mapping, Scalar, Sequence, Value


class Answer(NamedTuple):
    """What came out of a case, and what was expected in the form that it is compared in."""

    expected: object
    got: object


class _Texts:
    """Files that stand in memory."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def text(self, path: str) -> str:
        if path not in self._texts:
            raise InputError("there is no such file")
        return self._texts[path]

    def exists(self, path: str) -> bool:
        return path in self._texts

    def listing(self, folder: str) -> tuple[str, ...]:
        return tuple(self._texts) if not folder else ()


def answer(row: dict[str, Any]) -> Answer:
    """Run one case of the table."""
    kind, expected = row["kind"], row["expected"]
    if kind == "interp":
        return Answer(_error(expected), _interpolate(row["files"][0], row["env"]))
    if kind == "port":
        return Answer(_error(expected), _ports(row["files"][0]))
    return Answer(_project([expected]), _project(row["files"]))


def _error(expected: object) -> object:
    return _told(expected["error"]) if isinstance(expected, dict) else expected


def _told(message: str) -> str:
    """A message that people write themselves (`${A:?message}`) counts by the letter, another does not."""
    return message if message.startswith("required variable") else "error"


def _interpolate(text: str, values: dict[str, str]) -> str:
    try:
        return substitute(text, values)
    except FormatError as error:
        return _told(error.message)


def _ports(text: str) -> object:
    try:
        ports = expand_port(text)
    except FormatError:
        return "error"
    return [dict(_port_facts(port)) for port in ports]


def _port_facts(port: Any) -> Iterator[tuple[str, object]]:
    if port.host_ip is not None:
        yield "host_ip", port.host_ip
    yield "protocol", port.protocol
    yield "target", int(port.target)
    if port.published is not None:
        yield "published", port.published
    yield "mode", "ingress"


def _project(texts: list[str]) -> object:
    files = {f"{index}.yaml": text for index, text in enumerate(texts)}
    ledger = Ledger()
    tree = ProjectLoader(_Texts(files), ledger).load(tuple(files), "", ()).tree
    if ledger.diagnostics:
        return [problem.message for problem in ledger.diagnostics]
    return _plain(tree, merge_rules())


def _plain(value: Value, rule: Rule) -> object:
    match value:
        case Scalar():
            return None if value.style == "null" else value.text
        case Mapping():
            if rule.strategy in (Strategy.LIST, Strategy.HOSTS):
                return sorted(_pairs(value))
            return {key: _plain(entry.value, rule.child(key)) for key, entry in value.entries.items()}
        case Sequence():
            items = [_plain(item.value, rule.child("*")) for item in value.items]
            if rule.strategy is Strategy.NAMES:
                return dict.fromkeys(map(str, items))
            return sorted(map(str, items)) if rule.strategy is Strategy.LIST else items


def _pairs(mapping: Mapping) -> Iterator[str]:
    for key, entry in mapping.entries.items():
        values = entry.value.items if isinstance(entry.value, Sequence) else (entry,)
        for each in values:
            text = _plain(each.value, Rule())
            yield key if text is None else f"{key}={text}"
