"""The mappings of a Compose file that its services merge (`<<: *common`), by their names."""

from __future__ import annotations

from scanner.model.source import Located, Source
from scanner.parsing.yaml import MappingNode, Node, Pair, ScalarNode, SequenceNode, is_null

_MERGE = "<<"


class Anchors:
    """Knows the extension fields (`x-...`, and what stands right in them) and the services of one file."""

    __slots__ = ("_names", "_root", "_source")

    def __init__(self, root: Node, source: Source) -> None:
        self._root = root
        self._source = source
        self._names: dict[int, tuple[str, Pair]] | None = None

    def merged_into(self, node: MappingNode) -> tuple[Located[str], ...]:
        """Return the named mappings that a mapping merges, the nearest first.

        None, where a key has no value: it keeps out what is merged behind it.
        """
        pending = _merged(node)
        if not pending:
            return ()
        if self._names is None:
            self._names = _named(self._root)
        found: dict[int, Located[str]] = {}
        seen: dict[int, MappingNode] = {id(node): node}
        for one in pending:
            if id(one) not in seen:
                seen[id(one)] = one
                pending += _merged(one)
                if id(one) in self._names:
                    name, pair = self._names[id(one)]
                    found[id(one)] = Located(name, pair, self._source)
        if any(is_null(value) for one in seen.values() for _, value in one.value):
            return ()
        return tuple(found.values())


def _merged(node: MappingNode) -> list[MappingNode]:
    merged: list[Node] = []
    for key, value in node.value:
        if key.__class__ is ScalarNode and key.value == _MERGE:
            merged += value.value if value.__class__ is SequenceNode else [value]
    return [one for one in merged if one.__class__ is MappingNode]


def _named(root: Node) -> dict[int, tuple[str, Pair]]:
    found: dict[int, tuple[str, Pair]] = {}
    for name, pair in _entries(root):
        if name.startswith("x-"):
            found.setdefault(id(pair[1]), (name, pair))
        if name.startswith("x-") or name == "services":
            for inner, entry in _entries(pair[1]):
                found.setdefault(id(entry[1]), (f"{name}.{inner}", entry))
    return found


def _entries(node: Node) -> list[tuple[str, Pair]]:
    if node.__class__ is not MappingNode:
        return []
    return [(key.value, (key, value)) for key, value in node.value if key.__class__ is ScalarNode]
