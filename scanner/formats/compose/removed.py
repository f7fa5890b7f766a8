"""What the files of a project took out of each other's services with `!reset`."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.compose.tree import Mapping, located, mapping_of
from scanner.model.removals import RemovedValue
from scanner.model.resources import ResourceRef
from scanner.model.source import Located


def read_removed(tree: Mapping) -> tuple[RemovedValue, ...]:
    """Return what is gone from the services of a merged project and that nothing stands in place of."""
    services = tree.entries.get("services")
    return tuple(
        found
        for name, entry in (mapping_of(services).entries.items() if services is not None else ())
        for found in _removed(mapping_of(entry), ResourceRef("service", name, container=name), "")
    )


def _removed(mapping: Mapping, ref: ResourceRef, path: str) -> Iterator[RemovedValue]:
    for key, value, by in mapping.removed:
        if key not in mapping.entries:
            removal = Located(key, by.place, by.source)
            yield RemovedValue(ref, path + key, located(value), removal)
    for key, entry in mapping.entries.items():
        if isinstance(entry.value, Mapping):
            yield from _removed(entry.value, ref, f"{path}{key}.")
