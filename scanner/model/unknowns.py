"""Why facts of a unit could not be decided."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from scanner.model.source import Located, Unknown


def unknown_reasons(resource: object) -> tuple[str, ...]:
    """Return the reasons of all unknown facts in a resource and in what it contains, sorted."""
    found: set[str] = set()
    _collect(resource, found)
    return tuple(sorted(found))


def _collect(value: object, found: set[str]) -> None:
    if isinstance(value, Unknown):
        found.add(value.reason)
    elif isinstance(value, Located):
        _collect(value.value, found)
    elif isinstance(value, tuple):
        for item in value:
            _collect(item, found)
    elif is_dataclass(value):
        for field in fields(value):
            _collect(getattr(value, field.name), found)
