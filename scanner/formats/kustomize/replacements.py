"""Values that a kustomization copies from one object's field into others."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.errors import ScannerError
from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.field_paths import Slot
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import (
    Budget,
    MappingNode,
    check_depth,
    child,
    copy_tree,
    find,
    is_empty,
    key_at,
    new_list,
    new_mapping,
    new_scalar,
    text_at,
    text_of,
    trouble,
)
from scanner.formats.kustomize.scalars import as_value
from scanner.formats.kustomize.selectors import exact_test, labels_test
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, read_bool, read_int
from scanner.patterns.matching import Dialect, Pattern, PatternError, compile_pattern

_DEFAULT = "metadata.name"


def set_replacements(owner: Kustomization, built: Accumulator, workspace: Workspace, budget: Budget) -> None:
    """Apply `replacements`. A copied value stands from then on at its source."""
    for item in owner.mappings("replacements"):
        try:
            for replacement in _written(item, owner, workspace):
                _replace(replacement, built, budget)
        except ScannerError as error:
            workspace.report(error, owner.path)
    built.changed()


def _written(item: Node, owner: Kustomization, workspace: Workspace) -> list[Node]:
    pair = find(item, "path")
    if pair is None:
        return [item]
    path = owner.join(text_of(pair[1]) or "")
    if path is None:
        raise trouble(pair, "the path leaves the scanned root")
    found: list[Node] = []
    for _, root in workspace.manifest(path, "kustomize").documents:
        if root is not None:
            found += root.value if root.__class__ is SequenceNode else [root]
    return [node for node in found if node.__class__ is MappingNode]


def _replace(replacement: Node, built: Accumulator, budget: Budget) -> None:
    source, targets = child(replacement, "source"), child(replacement, "targets")
    if source is None or targets is None or targets.__class__ is not SequenceNode:
        raise trouble(replacement, "a replacement needs a source and targets")
    value = _source_value(source, built)
    for target in targets.value:
        select = child(target, "select")
        if select is None:
            raise trouble(target, "a target needs 'select'")
        paths = [text for item in _items(child(target, "fieldPaths")) if (text := text_of(item))]
        for resource in _selected(target, select, built):
            for path in paths or [_DEFAULT]:
                _write(resource.root, path, value, target, budget)
            check_depth(resource.root)


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if node is not None and node.__class__ is SequenceNode else []


def _source_value(source: Node, built: Accumulator) -> Node:
    is_source = exact_test(source)
    found = [one for one in built.resources if any(is_source(identity) for identity in one.identities())]
    if len(found) != 1:
        raise trouble(source, f"{'more than one object is' if found else 'no object is'} the source")
    path = text_at(source, "fieldPath") or _DEFAULT
    node: Node | None = found[0].root
    for part in split_path(path):
        node = _step(node, part, source)
    if node is None or is_empty(node):
        raise trouble(source, f"the source has nothing at '{path}'")
    delimiter = text_at(source, "options", "delimiter")
    if not delimiter:
        return node
    if node.__class__ is not ScalarNode:
        raise trouble(source, "a delimiter is for plain values only")
    parts = node.value.split(delimiter)
    index = _index(source)
    if not 0 <= index < len(parts):
        raise trouble(source, f"the source has no part {index}")
    return new_scalar(parts[index], node, like=node)


def _index(holder: Node) -> int:
    pair = find(child(holder, "options"), "index")
    return (read_int(pair[1]) or 0) if pair is not None else 0


def _step(node: Node | None, part: str, place: Node) -> Node | None:
    if node is not None and node.__class__ is SequenceNode:
        for slot in _in_list(node, part, None, place):
            return slot.node
        return None
    return child(node, part)


def _selected(target: Node, select: Node, built: Accumulator) -> Iterator[Resource]:
    is_selected, has_labels = exact_test(select), labels_test(select)
    rejects = [item for item in _items(child(target, "reject")) if item.__class__ is MappingNode]
    refused = [(exact_test(item), _names_object(item)) for item in rejects]
    refused_labels = [labels_test(item) for item in rejects if _has_labels(item)]
    for resource in list(built.resources):
        identities = list(resource.identities())
        if not any(is_selected(identity) for identity in identities) or not has_labels(resource):
            continue
        if any(is_named and any(map(test, identities)) for test, is_named in refused):
            continue
        if not any(test(resource) for test in refused_labels):
            yield resource


def _names_object(item: Node) -> bool:
    return any(text_at(item, key) for key in ("group", "version", "kind", "name", "namespace"))


def _has_labels(item: Node) -> bool:
    return bool(text_at(item, "labelSelector") or text_at(item, "annotationSelector"))


def split_path(path: str) -> list[str]:
    """Split a path at its dots: `\\.` is a dot in a key, and so is one in brackets."""
    parts: list[str] = []
    for piece in path.replace("\\.", "\0").split("."):
        if parts and parts[-1].startswith("[") and not parts[-1].endswith("]"):
            parts[-1] += "." + piece
        else:
            parts.append(piece)
    joined = [part.replace("\0", ".") for part in parts if part]
    return [part if "=" in part else part.strip("[]") if part.startswith("[") else part for part in joined]


def _write(root: Node, path: str, value: Node, target: Node, budget: Budget) -> None:
    create = find(child(target, "options"), "create")
    make = value if create is not None and read_bool(create[1], yaml_1_1=True) else None
    found = list(_find(root, split_path(path), make, target))
    if not found:
        raise trouble(target, f"the target has nothing at '{path}'")
    delimiter = text_at(target, "options", "delimiter")
    for slot in found:
        old = slot.node
        if delimiter:
            if old.__class__ is not ScalarNode or value.__class__ is not ScalarNode:
                raise trouble(target, "a delimiter is for plain values only")
            slot.set(new_scalar(_joined(old.value, value.value, delimiter, _index(target)), old, like=old))
        elif old.__class__ is ScalarNode and value.__class__ is ScalarNode:
            is_text = bool(old.value) and isinstance(as_value(old), str)
            like = None if is_text else old if old.value else value
            _put(slot, new_scalar(value.value, value, like=like))
        else:
            _put(slot, copy_tree(value, budget))


def _put(slot: Slot, node: Node) -> None:
    slot.set(node, None if slot.key is None else key_at(slot.key, node))


def _joined(old: str, new: str, delimiter: str, index: int) -> str:
    parts = old.split(delimiter)
    if index < 0:
        parts.insert(0, new)
    elif index >= len(parts):
        parts.append(new)
    else:
        parts[index] = new
    return delimiter.join(parts)


def _find(node: Node, path: list[str], make: Node | None, place: Node) -> Iterator[Slot]:
    """Yield where a path leads: keys, list indexes, `*`, and `[key=value]`."""
    part, rest = path[0], path[1:]
    if node.__class__ is SequenceNode:
        found = list(_in_list(node, part, make, place))
    elif node.__class__ is MappingNode:
        number = next((at for at, pair in enumerate(node.value) if pair[0].value == part), None)
        if number is None:
            if make is None:
                return
            node.value.append((key_at(part, make), _empty(rest, make)))
            number = len(node.value) - 1
        found = [Slot(node, number)]
    else:
        return
    for slot in found:
        if not rest:
            yield slot
        else:
            yield from _find(slot.node, rest, make, place)


def _empty(rest: list[str], make: Node) -> Node:
    if not rest:
        return new_scalar("", make)
    return new_list(make) if rest[0].startswith("[") or rest[0].isdecimal() else new_mapping(make)


def _in_list(node: SequenceNode, part: str, make: Node | None, place: Node) -> Iterator[Slot]:
    if part == "*":
        for number in range(len(node.value)):
            yield Slot(node, number)
        return
    if part.isdecimal() and len(part) < 9:
        number = int(part)
        if number == len(node.value) and make is not None:
            node.value.append(new_mapping(make))
        if number < len(node.value):
            yield Slot(node, number)
        return
    if not (part.startswith("[") and part.endswith("]") and "=" in part):
        return
    key, _, wanted = part[1:-1].partition("=")
    pattern = _pattern(wanted, place)
    is_found = False
    for number, item in enumerate(node.value):
        text = item.value if not key and item.__class__ is ScalarNode else text_at(item, key)
        if text and pattern.search(text):
            is_found = True
            yield Slot(node, number)
    if not is_found and make is not None:
        scalar = new_scalar(wanted, make)
        node.value.append(new_mapping(make, [(key_at(key, make), scalar)]) if key else scalar)
        yield Slot(node, len(node.value) - 1)


def _pattern(text: str, place: Node) -> Pattern:
    try:
        return compile_pattern(text, Dialect.GO)
    except PatternError as error:
        raise trouble(place, f"the pattern '{text}' cannot be used: {error}") from None
