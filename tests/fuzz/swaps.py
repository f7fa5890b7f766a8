"""YAML and JSON texts in which one thing was put in the place of another, whatever its type."""

from __future__ import annotations

import random
from typing import NamedTuple

from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, parse_yaml

VALUES = (
    "null", "~", "''", '""', "x", "'text'", "0", "-1", "1", "80", "1.5", "1e999", ".nan", ".inf", "-.inf",
    "99999999999999999999999999", "0x1F", "010", "1_000", "1:30", "true", "false", "yes", "off", "2020-01-01",
    "2020-01-01T00:00:00Z", "[]", "{}", "[a]", "[1, true, null]", "[[a]]", "[[[]]]", "[{}]", "[{a: b}]", "[null]",
    "{a: b}", "{name: x}", "{name: [x]}", "{a: {b: [c, {d: null}]}}", "{1: 2, true: x, null: y}", "{[a]: b}",
    "{{a: b}: c}", "{? [a] : b, c: d}", "{<<: {a: b}}", "{<<: [{a: b}, x]}", "{<<: x}", "&z [*z]", "&z {a: *z}",
    "&z {<<: *z}", "&z x", "!!binary aGVsbG8=", "!!str 1", "!!int x", "!!bool maybe", "!!null x", "!!set {a, b}",
    "!!omap [a: b]", "!custom x", "!custom {a: b}", "!reset null", "!override []", "'${X}'", "'${X:-1}'", "'$'",
    "'{{ .Values.x }}'", "{{ .x }}", "'*'", "a:b:c", "'80:80'", "'1-70000'", "'a=b'", "[a=b]", "'a,b'", "'\\n'",
    '"a\\nb"', '"\\0"', '"\\u202e"', '"\\ud800"', "'.'", "'..'", "/", "'../../..'", "'https://u:p@h/x'", "'a@sha256:b'",
    "'" + "x" * 300 + "'", "[" * 40 + "]" * 40,
)  # fmt: skip
"""What is put in the place of a value."""

KEYS = (
    "null", "1", "true", "''", "[a]", "{a: b}", "<<", "&k x", "!!binary aGk=", "!t x", "'a.b'", "'a b'", '"\\0"',
    "x-y", "name", "kind", "spec", "image", "'${X}'", "? x",
)  # fmt: skip
"""What is put in the place of a key."""


class Spot(NamedTuple):
    """A node of a text: from which to which offset it stands, and whether it is a key."""

    start: int
    end: int
    is_key: bool


def spots(text: str) -> list[Spot]:
    """Return every node of a text once, none where the text does not parse."""
    file = parse_yaml(text, "text")
    if file.errors:
        return []
    found: dict[int, Spot] = {}
    for document in file.documents:
        pending: list[tuple[Node | None, bool]] = [(document.root, False)]
        while pending:
            node, is_key = pending.pop()
            if node is None or id(node) in found:
                continue
            start, end = node.start_mark.index, node.end_mark.index
            if not isinstance(node, ScalarNode) and not _is_flow(node):
                end = start + len(text[start:end].rstrip())
            found[id(node)] = Spot(start, end, is_key)
            if isinstance(node, MappingNode):
                for key, value in node.value:
                    pending += [(key, True), (value, False)]
            elif isinstance(node, SequenceNode):
                pending += [(item, False) for item in node.value]
    return sorted(set(found.values()))


def _is_flow(node: Node) -> bool:
    return bool(node.__dict__.get("flow_style"))


def swapped(text: str, spot: Spot, value: str) -> str:
    """Return a text with another node at a spot."""
    before, after = text[: spot.start], text[spot.end :]
    gap = "" if not before or before[-1].isspace() or before[-1] in "[{(" else " "
    if not spot.is_key and spot.end > spot.start and text[spot.start] in "|>":
        value += "\n"
    return before + gap + value + after


def sweep(text: str, value: str, together: int) -> list[str]:
    """Return texts in which every node but the keys and the root has been replaced by a value once, in
    each of them up to so many that lie beside each other."""
    left = sorted((spot for spot in spots(text) if not spot.is_key), key=lambda spot: spot.end - spot.start)
    made = []
    while left:
        chosen: list[Spot] = []
        for spot in left:
            if len(chosen) < together and not any(_overlap(spot, other) for other in chosen):
                chosen.append(spot)
        left = [spot for spot in left if spot not in chosen]
        made.append(replaced(text, chosen, [value] * len(chosen)))
    return made


def replaced(text: str, chosen: list[Spot], values: list[str]) -> str:
    """Return a text with other nodes at spots that do not overlap."""
    for spot, value in sorted(zip(chosen, values, strict=True), reverse=True):
        text = swapped(text, spot, value)
    return text


def _overlap(one: Spot, other: Spot) -> bool:
    return one.start < other.end and other.start < one.end


def scatter(text: str, rng: random.Random, places: list[Spot], count: int) -> str:
    """Return a text in which up to so many values, chosen by chance, were replaced."""
    chosen: list[Spot] = []
    for spot in rng.sample(places, min(count, len(places))):
        if not spot.is_key and not any(_overlap(spot, other) for other in chosen):
            chosen.append(spot)
    return replaced(text, chosen, [rng.choice(VALUES) for _ in chosen])


def swap(text: str, rng: random.Random, places: list[Spot] | None = None) -> str:
    """Return a text in which a node or two were replaced, taken out, aliased or put elsewhere."""
    places = spots(text) if places is None else places
    if not places:
        return text
    spot = rng.choice(places)
    kind = rng.random()
    if spot.is_key:
        return swapped(text, spot, rng.choice(KEYS))
    if kind < 0.75:
        return swapped(text, spot, rng.choice(VALUES))
    other = rng.choice(places)
    if kind < 0.82 and not other.is_key:  # what stands elsewhere
        return swapped(text, spot, _one_line(text[other.start : other.end]))
    if kind < 0.9 and other.start > spot.start:  # an alias, that may stand inside of what it names
        return text[: spot.start] + "&q " + swapped(text[spot.start :], _moved(other, spot.start), "*q")
    if kind < 0.95:
        return swapped(text, spot, "[" + _one_line(text[spot.start : spot.end]) + "]")
    return text[: spot.start] + text[spot.end :]


def _moved(spot: Spot, by: int) -> Spot:
    return Spot(spot.start - by, spot.end - by, spot.is_key)


def _one_line(text: str) -> str:
    return text if "\n" not in text else "{}"
