"""What built objects had before they were patched: values that were replaced, and those taken out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.images import split_image
from scanner.formats.kustomize.nodes import (
    MAX_DEPTH,
    BuiltSource,
    MappingNode,
    find,
    removed_from,
    text_at,
    text_of,
)
from scanner.model.removals import RemovedValue
from scanner.model.resources import Document, ImageReference, ResourceRef, UnitResources
from scanner.model.source import Located, Span
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, read_bool, read_int, scalar_text

T = TypeVar("T")
Place = Node | Pair
"""An entry of a mapping, or an item of a list."""
_PLAIN = frozenset((bool, dict, int, str))
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def with_overridden(
    resources: UnitResources, built: Iterable[Resource], source: BuiltSource
) -> UnitResources:
    """Return the same resources, in which each fact has the values that it took the place of
    (the latest first, read as its own type where they can be), and the values that were
    taken out of the built objects without another in their place."""
    removed = tuple(found for resource in built for found in _removed(resource, source))
    return dataclasses.replace(_rebuilt(resources, source), removed=removed)


def _rebuilt(value: T, source: BuiltSource) -> T:
    """Return a resource or a fact with what it overrode; the same one when that is nothing."""
    made: Any = value
    if value.__class__ is Located:
        made = _fact(made, source)
    elif value.__class__ is tuple:
        items = [_rebuilt(item, source) for item in made]
        if any(new is not old for new, old in zip(items, made, strict=True)):
            made = tuple(items)
    elif dataclasses.is_dataclass(value):
        changes: dict[str, Any] = {}
        for field in value.__dataclass_fields__:
            old = getattr(value, field)
            if old and old.__class__ not in _PLAIN:
                new = _rebuilt(old, source)
                if new is not old:
                    changes[field] = new
        if isinstance(value, ImageReference):
            changes.update(_original(changes.get("text", value.text)))
        if isinstance(value, Document):
            changes["find"] = _BuiltTree(value.find, source)
        if changes:
            made = dataclasses.replace(made, **changes)
    return made  # type: ignore[no-any-return]  # it is of the same type


def _original(text: Located[object]) -> dict[str, Any]:
    """What an image was called in the base, where that is another name and not only another tag."""
    first = text.overridden[-1] if text.overridden else None
    if first is None or not isinstance(first.value, str) or not isinstance(text.value, str):
        return {}
    before, now = split_image(first.value)[0], split_image(text.value)[0]
    return {} if before == now else {"original": first}


def _fact(fact: Located[object], source: BuiltSource) -> Located[object]:
    place: Any = fact.place
    if place.__class__ is Span:
        return fact  # a part of a text, which was there before as a whole
    node = place[0] if place.__class__ is tuple else place
    if "replaced" not in node.__dict__:
        return fact
    found = source.replaced(place)
    return fact._replace(overridden=tuple(Located(_read_like(old, fact), old, source) for old in found))


def _read_like(place: Place, fact: Located[object]) -> object:
    """Return the value of what was replaced, in the type of the fact that replaced it."""
    node = _value(place)
    if node.__class__ is ScalarNode:
        if isinstance(fact.value, bool):
            boolean = read_bool(node, yaml_1_1=True)
            return node.value if boolean is None else boolean
        if isinstance(fact.value, int):
            number = read_int(node)
            return node.value if number is None else number
    return _plain(node)


def _value(place: Place) -> Node:
    return place[1] if isinstance(place, tuple) else place


def _plain(node: Node) -> object:
    if node.__class__ is MappingNode:
        return tuple(pair[0].value for pair in node.value)
    if node.__class__ is SequenceNode:
        return tuple(item.value for item in node.value if item.__class__ is ScalarNode)
    return scalar_text(node)


class _BuiltTree:
    """The raw tree of a built object, whose facts know what they overrode."""

    __slots__ = ("_find", "_source")

    def __init__(self, find: Callable[[str], tuple[Located[object], ...]], source: BuiltSource) -> None:
        self._find = find
        self._source = source

    def __call__(self, path: str) -> tuple[Located[object], ...]:
        """Return the facts at a path."""
        return tuple(_fact(fact, self._source) for fact in self._find(path))


def _removed(resource: Resource, source: BuiltSource) -> Iterator[RemovedValue]:
    root = resource.root
    namespace = text_at(root, "metadata", "namespace") or None
    ref = ResourceRef(
        text_at(root, "kind"), text_at(root, "metadata", "name"), namespace, None, resource.number
    )
    level: list[tuple[MappingNode, ResourceRef, str]] = [(root, ref, "")]
    for _ in range(MAX_DEPTH):  # an object whose patches nest it deeper is refused
        below: list[tuple[MappingNode, ResourceRef, str]] = []
        for node, ref, path in level:
            for old, by in removed_from(node):
                removal = Located(old[0].value, by, source)
                for place, leaf in _leaves(old, _joined(path, old[0].value)):
                    yield RemovedValue(ref, leaf, Located(_plain(_value(place)), place, source), removal)
            for key, value in node.value:
                if value.__class__ is MappingNode:
                    below.append((value, ref, _joined(path, key.value)))
                elif value.__class__ is SequenceNode:
                    below += _items(value, key.value, ref, _joined(path, key.value))
        level = below


def _items(
    node: SequenceNode, key: str, ref: ResourceRef, path: str
) -> Iterator[tuple[MappingNode, ResourceRef, str]]:
    for number, item in enumerate(node.value):
        if item.__class__ is MappingNode:
            if key in _CONTAINERS and text_at(item, "name"):
                yield item, ref._replace(container=text_at(item, "name")), ""
            else:
                yield item, ref, f"{path}[{_label(item, number)}]"


def _leaves(place: Place, path: str) -> Iterator[tuple[Place, str]]:
    """Yield the plain values, and lists of plain values, in what was taken out, with their paths."""
    level = [(place, path)]
    for _ in range(MAX_DEPTH):
        below: list[tuple[Place, str]] = []
        for place, path in level:
            node = _value(place)
            if node.__class__ is MappingNode:
                below += [(pair, _joined(path, pair[0].value)) for pair in node.value]
            elif node.__class__ is SequenceNode and any(
                item.__class__ is not ScalarNode for item in node.value
            ):
                below += [(item, f"{path}[{_label(item, at)}]") for at, item in enumerate(node.value)]
            else:
                yield place, path
        level = below


def _label(item: Node, number: int) -> str:
    pair = find(item, "name")
    return (text_of(pair[1]) if pair is not None else None) or str(number)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else str(key)
