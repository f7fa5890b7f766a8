"""Walking to the fields that a kustomization changes, through any lists on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.formats.kustomize.identity import Kind
from scanner.formats.kustomize.nodes import MappingNode, key_at, new_mapping, over
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, is_null

ANY = Kind("", "", "")


class Spec(NamedTuple):
    """A field of the objects of a kind; with `create` it is made where it is missing."""

    of: Kind
    path: tuple[str, ...]
    create: bool = False


def spec(path: str, kind: str = "", *, group: str = "", version: str = "", create: bool = False) -> Spec:
    """Return a spec, its path written with slashes (`\\/` is a slash in a key)."""
    parts = path.replace("\\/", "\0").split("/")
    return Spec(Kind(group, version, kind), tuple(part.replace("\0", "/") for part in parts), create)


class Slot(NamedTuple):
    """A place in a mapping or a list that holds a value."""

    holder: MappingNode | SequenceNode
    number: int

    @property
    def node(self) -> Node:
        """The value."""
        holder = self.holder
        if isinstance(holder, MappingNode):
            return holder.value[self.number][1]
        return holder.value[self.number]

    @property
    def key(self) -> str | None:
        """The key of an entry, None of an item of a list."""
        return self.holder.value[self.number][0].value if isinstance(self.holder, MappingNode) else None

    def set(self, node: Node, key: ScalarNode | None = None) -> None:
        """Put another value there; `key` replaces the entry's key, and with it
        the place; the entry before is remembered."""
        holder, number = self.holder, self.number
        if isinstance(holder, MappingNode):
            item = holder.value[number]
            holder.value[number] = (item[0], node) if key is None else over((key, node), item)
        else:
            holder.value[number] = node


def slots(node: Node, path: Sequence[str], make: Node | None = None) -> Iterator[Slot]:
    """Yield where a path leads. With `make` missing mappings are made, to stand where it
    stands, but no list items. A name that ends in `[]` is that of a list."""
    if node.__class__ is SequenceNode:
        for item in list(node.value):
            yield from slots(item, path, make)
        return
    if node.__class__ is not MappingNode:
        return
    name = path[0].removesuffix("[]")
    made = make if name == path[0] else None
    number = next((at for at, pair in enumerate(node.value) if pair[0].value == name), None)
    if number is None:
        if made is None:
            return
        node.value.append((key_at(name, made), new_mapping(made)))
        number = len(node.value) - 1
    elif is_null(node.value[number][1]) and made is not None:
        node.value[number] = (key_at(name, made), new_mapping(made))
    if len(path) == 1:
        yield Slot(node, number)
    else:
        yield from slots(node.value[number][1], path[1:], make)
