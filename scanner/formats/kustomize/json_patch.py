"""JSON patches (RFC 6902) on trees of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scanner.formats.kustomize.nodes import (
    Budget,
    MappingNode,
    copy_tree,
    find,
    key_at,
    put,
    remove,
    text_of,
    trouble,
)
from scanner.formats.kustomize.scalars import as_value
from scanner.parsing.yaml import Node, SequenceNode

_NEEDS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": None}


class Operation(NamedTuple):
    """One step of a patch; `value` stands at `at`, and `source` is a pointer."""

    verb: str
    path: tuple[str, ...]
    at: Node
    value: Node | None = None
    source: tuple[str, ...] = ()


def read_operations(root: Node) -> list[Operation]:
    """Return the steps of a patch. Raises FormatError at what is none."""
    operations = []
    for item in root.value if root.__class__ is SequenceNode else ():
        verb = text_of(pair[1]) if (pair := find(item, "op")) is not None else None
        if verb not in _NEEDS:
            raise trouble(item, f"unknown operation '{verb}' of a JSON patch", ", ".join(_NEEDS))
        path = _pointer_of(item, "path")
        needed = _NEEDS[verb]
        value: Node | None = None
        at: Node = item
        source: tuple[str, ...] = ()
        if needed == "value":
            entry = find(item, "value")
            if entry is None:
                raise trouble(item, f"the operation '{verb}' needs a value")
            at, value = entry[0], entry[1]
        elif needed == "from":
            source = _pointer_of(item, "from")
        operations.append(Operation(verb, path, at, value, source))
    return operations


def apply_operations(root: Node, operations: list[Operation], budget: Budget) -> None:
    """Apply a patch to an object, which is changed. Raises FormatError at the step that
    does not fit; those before it stay applied."""
    for operation in operations:
        _VERBS[operation.verb](root, operation, budget)


def _pointer_of(item: Node, key: str) -> tuple[str, ...]:
    pair = find(item, key)
    text = text_of(pair[1]) if pair is not None else None
    if text is None or not text.startswith("/"):
        raise trouble(item, f"the operation needs '{key}', a JSON pointer such as /spec/replicas")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))


def _add(root: Node, operation: Operation, budget: Budget) -> None:
    assert operation.value is not None
    _insert(root, operation, operation.path, copy_tree(operation.value, budget), operation.at)


def _insert(root: Node, operation: Operation, path: tuple[str, ...], value: Node, at: Node) -> None:
    holder = _holder(root, operation, path)
    last = path[-1]
    if isinstance(holder, MappingNode):
        put(holder, (key_at(last, at), value))
        return
    if last == "-":
        holder.value.append(value)
        return
    number = _number(last)
    size = len(holder.value)
    if number is None or not -size - 1 <= number <= size:
        raise _absent(operation, path)
    holder.value.insert(number if number >= 0 else size + number + 1, value)


def _replace(root: Node, operation: Operation, budget: Budget) -> None:
    assert operation.value is not None
    holder = _holder(root, operation, operation.path)
    _get(holder, operation, operation.path)
    value = copy_tree(operation.value, budget)
    if isinstance(holder, MappingNode):
        put(holder, (key_at(operation.path[-1], operation.at), value))
    else:
        holder.value[int(operation.path[-1])] = value


def _remove(root: Node, operation: Operation, _budget: Budget) -> None:
    _take(root, operation, operation.path)


def _take(root: Node, operation: Operation, path: tuple[str, ...]) -> Node:
    holder = _holder(root, operation, path)
    value = _get(holder, operation, path)
    if isinstance(holder, MappingNode):
        remove(holder, path[-1], operation.at)
    else:
        del holder.value[int(path[-1])]
    return value


def _move(root: Node, operation: Operation, _budget: Budget) -> None:
    value = _take(root, operation, operation.source)
    _insert(root, operation, operation.path, value, value)


def _copy(root: Node, operation: Operation, budget: Budget) -> None:
    value = _get(_holder(root, operation, operation.source), operation, operation.source)
    value = copy_tree(value, budget)
    _insert(root, operation, operation.path, value, value)


def _test(root: Node, operation: Operation, _budget: Budget) -> None:
    assert operation.value is not None
    value = _get(_holder(root, operation, operation.path), operation, operation.path)
    if as_value(value) != as_value(operation.value):
        raise trouble(
            operation.at, f"the test of '{_written(operation.path)}' fails; the patch is not applied"
        )


_VERBS: dict[str, Callable[[Node, Operation, Budget], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _holder(root: Node, operation: Operation, path: tuple[str, ...]) -> MappingNode | SequenceNode:
    """Return the collection that holds the last part of a path."""
    node = root
    for length in range(1, len(path)):
        node = _get(node, operation, path[:length])
    if not isinstance(node, (MappingNode, SequenceNode)):
        raise _absent(operation, path)
    return node


def _get(holder: Node, operation: Operation, path: tuple[str, ...]) -> Node:
    if holder.__class__ is MappingNode:
        pair = find(holder, path[-1])
        if pair is not None:
            return pair[1]
    elif holder.__class__ is SequenceNode:
        number = _number(path[-1])
        if number is not None and -len(holder.value) <= number < len(holder.value):
            return holder.value[number]
    raise _absent(operation, path)


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and digits.isascii() and len(digits) < 9 else None


def _absent(operation: Operation, path: tuple[str, ...]) -> Exception:
    return trouble(operation.at, f"the object has nothing at '{_written(path)}'; the patch is not applied")


def _written(path: tuple[str, ...]) -> str:
    return "/" + "/".join(path)
