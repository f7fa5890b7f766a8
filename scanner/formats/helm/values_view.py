"""The values of a chart as they are merged for one set: what a key holds and where it is set."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.expressions import Key
from scanner.formats.helm.plain import Plain, to_plain
from scanner.formats.helm.value_sets import ValueSet
from scanner.model.source import Location, Span
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    entries,
    parse_yaml,
    span_of,
)

_WIDEST = 4
"""Items of a list or map that a `*` stands for."""


class _Layer(NamedTuple):
    path: str
    root: Node | None
    prefix: Key
    shift: int
    indent: int
    is_own: bool


class ValuesView:
    """Looks keys up in the values of a chart and its subcharts, under those of a set.

    `beside` is a view of another set of the same chart, which spares reading its files again.
    """

    def __init__(self, bundle: Bundle, values: ValueSet, beside: ValuesView | None = None) -> None:
        self._of_chart: list[_Layer] = [*_chart_layers(bundle)] if beside is None else beside._of_chart
        self._layers = [*self._of_chart]
        self._layers += [
            _Layer(layer.path, layer.root, (), layer.shift, layer.indent, True) for layer in values.layers
        ]
        self._home = f"{bundle.folder}/values.yaml" if bundle.folder else "values.yaml"

    def get(self, key: Key) -> Plain:
        """Return what a key holds, None when nothing; maps are merged, lists are not."""
        merged: dict[str, Plain] | None = None
        for layer in reversed(self._layers):
            pair = _find(layer, key)
            if pair is None:
                continue
            value = to_plain(pair[1])
            if not isinstance(value, dict):
                return value if merged is None else merged
            merged = value if merged is None else _under(merged, value)
        return merged

    def expand(self, key: Key) -> Iterator[Key]:
        """Give the keys that stand in the values for one with `*` in it."""
        if "*" not in key:
            yield key
            return
        at = key.index("*")
        held = self.get(key[:at])
        names: list[str] = []
        if isinstance(held, dict):
            names = list(held)
        elif isinstance(held, list):
            names = [f"[{number}]" for number in range(len(held))]
        for name in names[:_WIDEST]:
            yield from self.expand((*key[:at], name, *key[at + 1 :]))

    def put(self, over: dict[str, Plain], key: Key, value: Plain) -> None:
        """Put a value into a map that goes over all others; lists are taken over whole."""
        whole: dict[str, Plain] = over
        for depth, name in enumerate(key[:-1]):
            if key[depth + 1].startswith("["):
                held = whole.get(name)
                listed = held if isinstance(held, list) else copy.deepcopy(self.get(key[: depth + 1]))
                whole[name] = listed
                _put_in_list(listed, key[depth + 1 :], value)
                return
            inner = whole.get(name)
            if not isinstance(inner, dict):
                inner = whole[name] = {}
            whole = inner
        whole[key[-1]] = value

    def place(self, key: Key) -> tuple[str, Location | None]:
        """Return the file in which people set a key, and where it stands there already.

        Of the files that hold it the last one wins; a key that none holds goes where
        most of its path is. The files of subcharts are not to be edited.
        """
        best, length = self._home, 0
        for layer in reversed(self._layers):
            if not layer.is_own:
                continue
            pair = _find(layer, key)
            if pair is not None:
                return layer.path, Location(layer.path, _moved(_span(pair), layer))
            depth = next((n for n in range(len(key) - 1, 0, -1) if _find(layer, key[:n])), 0)
            if depth > length:
                best, length = layer.path, depth
        return best, None


def _chart_layers(bundle: Bundle) -> Iterator[_Layer]:
    """Give the values of the chart and its subcharts, those of the deepest first."""
    found: dict[Key, str] = {(): ""}
    for name, path in bundle.templates.items():
        labels = labels_of(name)
        folder = path.split("templates/", 1)[0]
        for depth in range(len(labels), 0, -1):
            found.setdefault(labels[:depth], folder)
            folder = folder.rstrip("/").rpartition("charts/")[0]
    for prefix in sorted(found, key=len, reverse=True):
        text = bundle.files.get(f"{found[prefix]}values.yaml")
        if text is not None:
            documents = parse_yaml(text, "").documents
            path = bundle.origins[f"{found[prefix]}values.yaml"].path
            yield _Layer(path, documents[0].root if documents else None, prefix, 0, 0, not prefix)


def labels_of(name: str) -> Key:
    """Return where in the values the chart of a template (by the engine's name) has its own."""
    return tuple(part.partition("/")[0] for part in name.split("/charts/")[1:])


def _find(layer: _Layer, key: Key) -> tuple[Node, Node] | None:
    if key[: len(layer.prefix)] != layer.prefix:
        return None
    node = layer.root
    pair: tuple[Node, Node] | None = None
    for name in key[len(layer.prefix) :]:
        if name.startswith("["):
            if not isinstance(node, SequenceNode) or int(name[1:-1]) >= len(node.value):
                return None
            node = node.value[int(name[1:-1])]
            pair = (node, node)
            continue
        pair = entries(node).get(name) if isinstance(node, MappingNode) else None
        if pair is None:
            return None
        node = pair[1]
    return pair


def _under(over: dict[str, Plain], below: dict[str, Plain]) -> dict[str, Plain]:
    merged = dict(below)
    for key, value in over.items():
        held = merged.get(key)
        merged[key] = _under(value, held) if isinstance(value, dict) and isinstance(held, dict) else value
    return merged


def _put_in_list(items: Plain, key: Key, value: Plain) -> None:
    number = int(key[0][1:-1])
    if not isinstance(items, list) or number >= len(items):
        return
    if len(key) == 1:
        items[number] = value
        return
    whole = items[number]
    for depth, name in enumerate(key[1:-1], start=1):
        if not isinstance(whole, dict):
            return
        if key[depth + 1].startswith("["):
            _put_in_list(whole.get(name), key[depth + 1 :], value)
            return
        inner = whole.get(name)
        if not isinstance(inner, dict):
            inner = whole[name] = {}
        whole = inner
    if isinstance(whole, dict):
        whole[key[-1]] = value


def _span(pair: tuple[Node, Node]) -> Span:
    """All of a scalar, since it may have to be hidden; the key of anything else."""
    key, value = pair
    if isinstance(value, ScalarNode) and value.start_mark.index >= key.start_mark.index:
        start, end = key.start_mark, value.end_mark
        return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    return span_of(pair if key is not value else key)


def _moved(span: Span, layer: _Layer) -> Span:
    return Span(
        span.line + layer.shift,
        span.column + layer.indent,
        span.end_line + layer.shift,
        span.end_column + layer.indent,
    )


def show(key: Key) -> str:
    """Return a key as people write it: `a.b[0].c`."""
    return ".".join(key).replace(".[", "[")
