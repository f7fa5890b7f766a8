"""Strategic merge patches, as Kustomize 5 applies them (kyaml's merge2), oddities included.

Both trees are changed: a patch is copied for each object that it is applied to.
"""

from __future__ import annotations

from scanner.formats.kustomize.merge_keys import BUILT_IN, Field, Type, Types
from scanner.formats.kustomize.nodes import (
    MappingNode,
    drop,
    find,
    is_empty,
    key_at,
    note_removal,
    over,
    text_at,
    text_of,
    trouble,
)
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, is_null, scalar_text

_DIRECTIVE = "$patch"
_MAX_PAIRED = 100
"""Lists that are merged by two keys are compared item by item up to this length."""


_UNKNOWN = Field()


def merge_patch(target: MappingNode, patch: MappingNode, types: Types = BUILT_IN) -> MappingNode | None:
    """Merge a patch into an object; None when it deletes the object.

    What the patch sets stands in the patch, new items stand before those that were
    there, and null deletes. `types` tell which lists are merged. Raises FormatError where the two do not fit.
    """
    schema = types.of_object(text_at(target, "apiVersion"), text_at(target, "kind"))
    merged = _Merger(types).merge(target, patch, Field(), schema, ("apiVersion", "kind"))
    return merged if merged.__class__ is MappingNode else None


class _Merger:
    """Merges the values of one object's fields."""

    __slots__ = ("_types",)

    def __init__(self, types: Types) -> None:
        self._types = types

    def merge(
        self,
        target: Node | None,
        patch: Node | None,
        field: Field,
        own: Type | None = None,
        named_by: tuple[str, ...] = (),
    ) -> Node | None:
        """Merge two values of a field; None when nothing is left. `named_by` are the keys by
        which the two were found to be the same: they stay where they stood."""
        if patch is None:
            return target
        if is_null(patch):
            return None
        if target is not None and is_null(target):
            target = None
        if target is not None and target.__class__ is not patch.__class__:
            raise trouble(patch, f"the patch has {_shape(patch)} where the object has {_shape(target)}")
        if patch.__class__ is MappingNode:
            schema = own if own is not None else self._schema(patch, field)
            below = target if target.__class__ is MappingNode else None
            return self._merge_mappings(below, patch, schema, named_by)
        if patch.__class__ is SequenceNode and field.keys is not None:
            items = target if target.__class__ is SequenceNode else None
            return self._merge_lists(items, patch, field)
        return patch

    def _schema(self, patch: Node, field: Field) -> Type:
        if not field.type and find(patch, "kind") is not None:
            version = text_at(patch, "apiVersion")
            if version:  # an object inside of an object
                return self._types.of_object(version, text_at(patch, "kind"))
        return self._types.named(field.type)

    def _merge_mappings(
        self, target: MappingNode | None, patch: MappingNode, schema: Type, named_by: tuple[str, ...] = ()
    ) -> MappingNode | None:
        directive = _directive(patch)
        if directive == "delete":
            return None
        if target is None or directive == "replace":
            target = patch
        index = {pair[0].value: number for number, pair in enumerate(target.value)}
        merged: list[Pair | None] = list(target.value)
        for pair in patch.value:
            name = pair[0].value
            number = index.get(name)
            old = None if number is None else target.value[number]
            value = self.merge(None if old is None else old[1], pair[1], schema.get(name, _UNKNOWN))
            if number is None or old is None:
                if value is not None:
                    merged.append((pair[0], value))
            elif value is None:
                merged[number] = None
                note_removal(target, old, pair)
            elif value is not old[1] and not (name in named_by and _are_equal(value, old[1])):
                merged[number] = over((pair[0], value), old)
        target.value[:] = [pair for pair in merged if pair is not None]
        return target

    def _merge_lists(
        self, target: SequenceNode | None, patch: SequenceNode, field: Field
    ) -> SequenceNode | None:
        directive = _list_directive(patch) if target is not None else "merge"
        if directive == "delete":
            return None
        if target is None or directive == "replace":
            target = patch
        keys = field.keys or ()
        if not keys:
            items = _union(patch.value, target.value)
        elif len(keys) == 1 or len(target.value) + len(patch.value) > _MAX_PAIRED:
            items = self._merge_by_key(target.value, patch.value, keys[0], field)
        else:
            items = self._merge_by_keys(target.value, patch.value, keys, field)
        target.value[:] = items
        return target

    def _merge_by_key(self, target: list[Node], patch: list[Node], key: str, field: Field) -> list[Node]:
        """Items with one key: those of the patch in its order, then the rest of the others."""
        element = Field(field.type)
        there: dict[str, Node] = {}
        for item in target:
            there.setdefault(text_at(item, key), item)
        merged: dict[str, Node | None] = {}
        loose: list[Node] = []
        for item in patch:
            value = text_at(item, key)
            if not value:
                loose.append(item)
            elif value not in merged:
                result = self.merge(there.get(value), item, element, None, (key,))
                merged[value] = None if result is None or is_empty(result) else _with_key(result, key, item)
        known = {id(item) for item in loose}
        for item in target:
            value = text_at(item, key)
            if not value:
                if id(item) not in known:
                    loose.append(item)
            elif value not in merged or merged[value] is not None:
                # Of a list that had a key twice the last one stays; an item that the patch
                # wants replaced stays as it was, as in Kustomize.
                merged[value] = item
        return [*(item for item in merged.values() if item is not None), *loose]

    def _merge_by_keys(
        self, target: list[Node], patch: list[Node], keys: tuple[str, ...], field: Field
    ) -> list[Node]:
        """Items with two keys, of which an item may lack the second."""
        element = Field(field.type)
        wanted: list[tuple[str, ...]] = []
        for item in (*patch, *target):
            values = tuple(text_at(item, key) for key in keys)
            if values not in wanted:
                wanted.append(values)
        wanted = _equate(wanted)
        used = [number for number in range(len(keys)) if any(values[number] for values in wanted)]
        names = [keys[number] for number in used] or list(keys)
        added: list[Node] = []
        for values in wanted:
            chosen = [values[number] for number in used] if used else list(values)
            known = [(name, value) for name, value in zip(keys, values, strict=True) if value] or [
                (name, "") for name in keys
            ]
            merged = self.merge(_matching(target, known), _matching(patch, known), element, None, keys)
            if merged is None or is_empty(merged):
                target = _set_item(target, names, chosen, None)
            else:
                added = _set_item(added, names, chosen, merged)
        for item in target:
            present = [text_of(pair[1]) or "" for key in names if (pair := find(item, key)) is not None]
            if len(present) < len(names):
                added.append(item)
            added = _set_item(added, names, present, None)
            added = _set_item(added, names, present, item)
        return added


def _directive(patch: MappingNode) -> str:
    """Return what a patch asks to do with a mapping, and take the directive out."""
    pair = find(patch, _DIRECTIVE)
    if pair is None:
        return "merge"
    word = text_of(pair[1])
    if word not in ("delete", "replace", "merge"):
        raise trouble(pair, f"unknown patch strategy '{word}'", "use delete, replace or merge")
    drop(patch, _DIRECTIVE)
    return word


def _list_directive(patch: SequenceNode) -> str:
    """The same for a list, whose directive is an item of its own."""
    for number, item in enumerate(patch.value):
        if item.__class__ is MappingNode and find(item, _DIRECTIVE) is not None:
            if len(item.value) > 1:
                return "merge"
            word = _directive(item)
            del patch.value[number]
            return word
    return "merge"


def _union(first: list[Node], second: list[Node]) -> list[Node]:
    """Plain values: those of the patch, then the others."""
    values: dict[str, Node] = {}
    for item in (*first, *second):
        if item.__class__ is ScalarNode:
            values.setdefault(item.value, item)
    return list(values.values())


def _are_equal(one: Node, other: Node) -> bool:
    text = scalar_text(one)
    return text is not None and text == scalar_text(other)


def _with_key(item: Node, key: str, patch: Node) -> Node:
    if item.__class__ is MappingNode and find(item, key) is None:
        pair = find(patch, key)
        if pair is not None:
            item.value.append((key_at(key, pair[0]), pair[1]))
    return item


def _equate(wanted: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Take values that differ only in that one is left out for the same."""
    for first, left in enumerate(wanted):
        for second, right in enumerate(wanted):
            left = wanted[first]
            if any(a == b for a, b in zip(left, right, strict=True)) and all(
                a == b or not a or not b for a, b in zip(left, right, strict=True)
            ):
                wanted[first] = wanted[second] = tuple(a or b for a, b in zip(left, right, strict=True))
    return wanted


def _matching(items: list[Node], known: list[tuple[str, str]]) -> Node | None:
    for item in items:
        if item.__class__ is MappingNode and all(
            (pair := find(item, name)) is not None and scalar_text(pair[1]) == value for name, value in known
        ):
            return item
    return None


def _set_item(items: list[Node], names: list[str], values: list[str], element: Node | None) -> list[Node]:
    """Put an item in the place of those that match, or behind the others; None takes them out."""
    kept: list[Node] = []
    is_found = False
    for item in items:
        if item.__class__ is not MappingNode:
            kept.append(item)
            continue
        if not item.value:
            continue
        if not _fits(item, names, values):
            if values:
                kept.append(item)
            continue
        is_found = True
        if element is not None:
            kept.append(element)
    if element is not None and not is_found:
        kept.append(element)
    return kept


def _fits(item: Node, names: list[str], values: list[str]) -> bool:
    """Whether an item has the values; where there are fewer than keys, those decide."""
    fits = False
    for number, name in enumerate(names):
        if number < len(values):
            pair = find(item, name)
            fits = pair is not None and (not values[number] or scalar_text(pair[1]) == values[number])
        if not fits:
            return False
    return fits


def _shape(node: Node) -> str:
    if node.__class__ is MappingNode:
        return "a mapping"
    return "a list" if node.__class__ is SequenceNode else "a plain value"
