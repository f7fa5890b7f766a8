"""Which keys of a configuration can make a report smaller, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model.policy import Said
from scanner.model.source import Location
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, entries, span_of
from scanner.policy.nodes import PolicyFile


def said_in(file: PolicyFile, path: str) -> tuple[Said, ...]:
    """Return the keys of a configuration that was read without an error, in the order of the file.

    `path` is the absolute path that their places have. A key whose entries act each by itself (a
    rule, an environment, a suppression) is told entry by entry.
    """
    return tuple(
        Said(key, Location(path, span_of(place)), _texts(value)) for key, place, value in _keys(file.root)
    )


def _keys(root: Node) -> Iterator[tuple[str, Node, Node]]:
    for name, key, value in _entries(root):
        if name == "suppressions":
            for item in value.value if value.__class__ is SequenceNode else ():
                yield name, item, item
        elif name == "rules":
            yield from _of_rules(name, value)
        elif name == "environments":
            yield from _of_environments(name, value)
        elif name == "helm":
            yield from ((f"{name}.{inner}", place, of) for inner, place, of in _entries(value))
        else:
            yield name, key, value


def _of_rules(prefix: str, node: Node) -> Iterator[tuple[str, Node, Node]]:
    for rule, _, settings in _entries(node):
        for name, key, value in _entries(settings):
            if name == "severity":
                yield f"{prefix}.{rule}.{name}", key, value
            else:
                inner = _entries(value)
                yield from ((f"{prefix}.{rule}.{name}.{one}", place, of) for one, place, of in inner)


def _of_environments(prefix: str, node: Node) -> Iterator[tuple[str, Node, Node]]:
    for environment, key, parts in _entries(node):
        if any(name not in ("severity", "ignore") for name, _, _ in _entries(parts)):
            yield f"{prefix}.{environment}", key, key
        for name, place, value in _entries(parts):
            if name == "severity":
                levels = _entries(value)
                yield from ((f"{prefix}.{environment}.{name}.{one}", at, of) for one, at, of in levels)
            elif name == "ignore":
                yield f"{prefix}.{environment}.{name}", place, value


def _entries(node: Node) -> Iterator[tuple[str, Node, Node]]:
    if node.__class__ is MappingNode:
        # With those that are merged (`<<`), which count like all others.
        yield from ((name, *pair) for name, pair in entries(node).items())


def _texts(node: Node) -> tuple[str, ...]:
    items = node.value if node.__class__ is SequenceNode else [node]
    return tuple(item.value for item in items if item.__class__ is ScalarNode)
