"""Whether facts hold what their fields declare: a `Located[str]` holds text, a `Fact[int]` a number."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from scanner.formats.base import Reading
from scanner.gathering import linked
from scanner.inputs import inputs_of
from scanner.model.source import Located, Unknown
from scanner.pipeline import Settings
from scanner.units import build_reader, read_units


class Mistyped(NamedTuple):
    """A field whose value is not of the type that the record declares for it."""

    field: str
    declared: str
    found: str


def mistyped_of_tree(settings: Settings) -> list[Mistyped]:
    """Return the mistyped facts of all that a scan with these settings reads, and of what is decided
    when it is linked."""
    inventory, tree = inputs_of(settings)
    found: list[Mistyped] = []
    readings: list[Reading] = []
    for reading in read_units(inventory, tree, settings.helm):
        readings.append(reading)
        if reading.resources is not None:
            found += mistyped(reading.resources)
    graph = linked(readings, build_reader(tree))
    for resolved in graph.resolved.values():
        found += mistyped(resolved)
    for link in graph.links:
        for end in (link.place, link.end):
            if end is not None:
                found += mistyped(end)
    for unit in (*graph.units, *graph.variants):
        found += mistyped(unit.resources)
    return list(dict.fromkeys(found))


def mistyped(record: object) -> list[Mistyped]:
    """Return each field of a record, and of those that it holds, that holds another type."""
    return list(_of_record(record, set()))


def _of_record(record: object, seen: set[int]) -> Iterator[Mistyped]:
    if id(record) in seen:
        return
    seen.add(id(record))
    kind = type(record)
    for name, declared in _fields(kind).items():
        value = getattr(record, name)
        if not _fits(value, declared):
            yield Mistyped(
                f"{kind.__name__}.{name}", _shown(declared), f"{type(_inside(value))}: {value!r}"[:200]
            )
        yield from _below(value, seen)


def _below(value: object, seen: set[int]) -> Iterator[Mistyped]:
    if isinstance(value, Located):
        for place in value.overridden:
            if not isinstance(place, Located):
                yield Mistyped("Located.overridden", "Located", repr(place)[:200])
        yield from _below(value.value, seen)
    elif _fields(type(value)):
        yield from _of_record(value, seen)
    elif isinstance(value, (tuple, frozenset)):
        for item in value:
            yield from _below(item, seen)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _below(item, seen)


@cache
def _fields(kind: type) -> dict[str, Any]:
    """The declared types of a record's fields, none for what is no record of the model."""
    is_record = hasattr(kind, "__dataclass_fields__") or hasattr(kind, "_fields")
    if not is_record or not kind.__module__.startswith("scanner.model") or kind in (Located, Unknown):
        return {}
    names = getattr(kind, "_fields", None) or tuple(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    hints = typing.get_type_hints(kind, vars(sys.modules[kind.__module__]))
    return {name: hints[name] for name in names if name in hints}


def _inside(value: object) -> object:
    return value.value if isinstance(value, Located) else value


def _fits(value: object, declared: Any) -> bool:
    if declared is Any or isinstance(declared, TypeVar) or declared is object:
        return True
    if declared is None or declared is type(None):
        return value is None
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in arguments)
    if origin is Located or declared is Located:
        return isinstance(value, Located) and (not arguments or _fits(value.value, arguments[0]))
    if origin is tuple:
        if not isinstance(value, tuple) or isinstance(value, (Located, Unknown)):
            return False
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return all(_fits(item, arguments[0]) for item in value)
        return len(value) == len(arguments) and all(map(_fits, value, arguments))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, arguments[0]) and _fits(item, arguments[1]) for key, item in value.items()
        )
    if origin is frozenset:
        return isinstance(value, frozenset) and all(_fits(item, arguments[0]) for item in value)
    if origin is not None:
        return callable(value) or isinstance(value, origin)
    if declared in (int, float):
        return isinstance(value, declared) and not isinstance(value, bool)
    if declared is str:
        return isinstance(value, str) and not isinstance(value, Enum)
    if declared is Unknown:
        return isinstance(value, Unknown)
    if getattr(declared, "_is_protocol", False):
        return True
    return isinstance(value, declared)


def _shown(declared: Any) -> str:
    return str(declared).replace("scanner.model.source.", "").replace("typing.", "")
