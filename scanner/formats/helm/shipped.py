"""Values that a chart ships and that arrive in Secrets and variables, told by their text and
confirmed by rendering again with them changed."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from scanner.formats.base import Evaluate, Refine
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.expressions import Key
from scanner.formats.helm.plain import Plain, to_plain
from scanner.formats.helm.rendered import Part, RenderedChart
from scanner.formats.helm.rendering import Renderer, Rendering
from scanner.formats.helm.values_view import ValuesView, show
from scanner.model.charts import Chart, ChartValue
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding, RelatedLocation, ValuesKey
from scanner.model.resources import EnvVar, Format, UnitResources
from scanner.model.rule import Rule
from scanner.model.source import Located, Source
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlSource,
    entries,
    is_null,
    scalar_text,
)

_KIND = "chart_value"
_MOST = 4000
"""Values of one chart that are looked for."""
_DEEPEST = 40
_SHORTEST_PART = 6
"""A shorter text inside of another one is chance."""
_MOST_NODES = 20_000
_MOST_TRIALS = 24
_MOST_SPOTS = 12
_MOST_SHOWN = 4
_CHANGED = "hullcheck-changed"


class _Leaf(NamedTuple):
    key: Key
    pair: tuple[Node, Node]
    text: str


class _Target(NamedTuple):
    """A place in a rendered object where a value may arrive."""

    name: str
    words: str
    text: str
    fact: Located[object]


class _Spot(NamedTuple):
    """A target in what a template (by the engine's name) gave."""

    part: str
    target: _Target


class Arrival(NamedTuple):
    """A value of the chart with where it may arrive, and the rendering that shows it."""

    value: ChartValue
    key: Key
    spots: tuple[_Spot, ...]
    rendering: Rendering


def arriving_values(
    bundle: Bundle, renderings: Sequence[Rendering], parts: Sequence[Sequence[Part]]
) -> list[Arrival]:
    """Return the scalars of the chart's values.yaml whose text stands in a Secret or in a variable
    of a container, with the first set of values that shows it and does not override them."""
    root = bundle.values()
    if root is None:
        return []
    source = YamlSource(bundle.origins["values.yaml"].path, bundle.files["values.yaml"])
    left = list(islice(_leaves(root), _MOST))
    found: list[Arrival] = []
    view: ValuesView | None = None
    for rendering, own in zip(renderings, parts, strict=True):
        spots = [_Spot(part.name, target) for part in own for target in _targets(part.resources)]
        everything = "\0".join(spot.target.text for spot in spots)
        view = ValuesView(bundle, rendering.values, view)
        rest = []
        for leaf in left:
            seen: tuple[_Spot, ...] = ()
            if leaf.text in everything and view.get(leaf.key) == to_plain(leaf.pair[1]):
                seen = _spots_of(leaf.text, spots)
            if seen:
                found.append(_arrival(leaf, seen, rendering, source))
            else:
                rest.append(leaf)
        left = rest
    return found


def confirm_arrivals(arrivals: Sequence[Arrival], renderer: Renderer, chart: RenderedChart) -> Refine:
    """Return what keeps the findings about values that do arrive, and names the places: with the
    value changed, what stands there changes, and the rule minds it by the names that are left.

    Where that cannot be tried, a value counts that is all that stands in its place.
    """
    by_key = {one.value.key: one for one in arrivals}

    def refine(
        findings: tuple[Finding, ...], evaluate: Evaluate, rules: Mapping[str, Rule]
    ) -> tuple[Finding, ...]:
        kept: list[Finding] = []
        left = _MOST_TRIALS
        for finding in findings:
            arrival = by_key.get(finding.item) if _KIND in rules[finding.rule].applies_to else None
            if arrival is None:
                kept.append(finding)
                continue
            spots = _confirmed(arrival, renderer, chart) if left > 0 else _whole(arrival)
            left -= 1
            if spots and _is_minded(finding, arrival, spots, evaluate):
                kept.append(_with_places(finding, arrival, spots))
        return tuple(kept)

    return refine


def _confirmed(arrival: Arrival, renderer: Renderer, chart: RenderedChart) -> list[_Spot]:
    if renderer.cannot_try:
        return _whole(arrival)
    view = ValuesView(renderer.bundle, arrival.rendering.values)
    over: dict[str, Plain] = {}
    view.put(over, arrival.key, _CHANGED)
    paths = {renderer.bundle.templates[spot.part] for spot in arrival.spots}
    (texts,) = renderer.try_values(arrival.rendering, [over], paths)
    if texts is None:
        return _whole(arrival)
    after: dict[str, dict[str, str]] = {}
    for part in {spot.part for spot in arrival.spots}:
        unit = chart.reread(part, texts.get(part, ""))
        after[part] = {} if unit is None else {one.words: one.text for one in _targets(unit)}
    return [
        spot
        for spot in arrival.spots
        if after[spot.part].get(spot.target.words, spot.target.text) != spot.target.text
    ]


def _whole(arrival: Arrival) -> list[_Spot]:
    """The places in which the value is all that stands there."""
    value = arrival.value.value
    return [spot for spot in arrival.spots if value is not None and value.value == spot.target.text]


def _is_minded(finding: Finding, arrival: Arrival, spots: Sequence[_Spot], evaluate: Evaluate) -> bool:
    """Whether the rule has something against the value where it does arrive."""
    names = tuple(spot.target.name for spot in spots)
    value = replace(arrival.value, targets=arrival.value.targets._replace(value=names))
    chart = Chart(finding.resource, arrival.value.name, shipped_values=(value,))
    unit = UnitResources(Format.HELM, charts=(chart,))
    return any(found.rule == finding.rule for found in evaluate(unit))


def _with_places(finding: Finding, arrival: Arrival, spots: Sequence[_Spot]) -> Finding:
    name = arrival.rendering.values.name
    where = "" if name == DEFAULT_ENVIRONMENT else f" with the values of '{name}'"
    related = [
        RelatedLocation(spot.target.fact.location, f"arrives in {spot.target.words}{where}")
        for spot in spots[:_MOST_SHOWN]
    ]
    path, span = finding.location
    key = ValuesKey(path, span.line, arrival.value.key, cure="")
    return finding._replace(related=(*finding.related, *related), values_key=key)


def _leaves(root: Node) -> Iterator[_Leaf]:
    """Give the scalars of the values, a bounded number of them: aliases can make few lines many."""
    pending: list[tuple[Key, Node]] = [((), root)]
    visited = 0
    while pending and visited < _MOST_NODES:
        key, node = pending.pop()
        visited += 1
        inner: list[tuple[Key, tuple[Node, Node]]] = []
        if isinstance(node, MappingNode):
            inner = [((*key, name), pair) for name, pair in entries(node).items()]
        elif isinstance(node, SequenceNode):
            inner = [((*key, f"[{number}]"), (item, item)) for number, item in enumerate(node.value)]
        for path, pair in inner:
            if isinstance(pair[1], ScalarNode):
                yield from _leaf(path, pair)
            elif len(path) < _DEEPEST:
                pending.append((path, pair[1]))


def _leaf(key: Key, pair: tuple[Node, Node]) -> Iterator[_Leaf]:
    node = pair[1]
    text = (scalar_text(node) or "").strip()
    if text and not is_null(node) and not isinstance(to_plain(node), bool):
        yield _Leaf(key, pair, text)


def _targets(unit: UnitResources) -> Iterator[_Target]:
    for secret in unit.cluster.secrets:
        for entry in secret.entries:
            text = _text(entry)
            if text and entry.value is not None:
                name = entry.name.value
                words = f"entry '{name}' of Secret '{secret.ref.name}'"
                yield _Target(name, words, text, entry.value)
    for workload in unit.workloads:
        for container in workload.containers:
            for variable in container.env:
                text = _text(variable) if variable.origin == "literal" else ""
                if text and variable.value is not None:
                    name = variable.name.value
                    words = f"variable '{name}' of container '{container.name.value}'"
                    yield _Target(name, words, text, variable.value)


def _text(variable: EnvVar) -> str:
    value = None if variable.value is None else variable.value.value
    if not isinstance(value, str):
        return ""
    if variable.origin != "base64":
        return value.strip()
    try:
        return b64decode(value, validate=False).decode().strip()
    except ValueError:
        return ""


def _spots_of(text: str, spots: Sequence[_Spot]) -> tuple[_Spot, ...]:
    """The places that hold nothing but the text, then those that hold it among others."""
    found = [spot for spot in spots if spot.target.text == text]
    if len(text) >= _SHORTEST_PART:
        found += [spot for spot in spots if text in spot.target.text and spot.target.text != text]
    return tuple(found[:_MOST_SPOTS])


def _arrival(leaf: _Leaf, spots: tuple[_Spot, ...], rendering: Rendering, source: Source) -> Arrival:
    value = ChartValue(
        name=Located(_own_name(leaf.key), leaf.pair, source),
        key=show(leaf.key),
        value=Located(leaf.text, leaf.pair, source),
        targets=Located(tuple(spot.target.name for spot in spots), leaf.pair, source),
    )
    return Arrival(value, leaf.key, spots, rendering)


def _own_name(key: Key) -> str:
    """The last part of a key that is a name and no number in a list."""
    return next((name for name in reversed(key) if not name.startswith("[")), "")
