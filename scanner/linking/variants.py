"""Links a container to the same one in what its environment is built on, and in other environments.

An environment is a Compose project with its overlays, a chart with a set of values, an overlay of
a kustomization. Across tools, a Compose service and a container of Kubernetes are the same
when they have one name and one image: one that the repository builds for both, or one that is pulled
for both by files that stand close together. A `redis` of any two examples is not the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from scanner.linking.removed_fields import fields_of_removal
from scanner.linking.work import Linking
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.graph import GraphUnit, Link
from scanner.model.resources import Container, Format, Role, UnitResources, Workload
from scanner.model.source import Unknown

_MOST = 32
"""Siblings that a container is compared with: what has more is no environment but a tenant."""

_PULLED_REACH = 2
"""Folders around a Compose file, its own the first, in which the same pulled image is the same service."""


class _One(NamedTuple):
    """A container with where it belongs."""

    container: Container
    workload: Workload
    unit: GraphUnit


def link_variants(work: Linking) -> None:
    """Add the links between environments, and note what an environment takes out."""
    units = [unit for unit in work.index.units if unit.lineage is not None]
    layers = {one.lineage.layer: one for one in (*units, *work.contexts) if one.lineage is not None}
    if any(unit.lineage is not None and unit.lineage.below for unit in units):
        groups: dict[object, list[_One]] = {}
        bases: dict[str, _Base] = {}
        for unit in units:
            _link_down(unit, layers, bases, groups, work)
            _note_removals(unit.resources, work)
        for group in groups.values():
            _link_across(group, work)
    below = {layer for unit in units if unit.lineage is not None for layer in unit.lineage.below}
    deployed = [unit for unit in work.index.units if unit.lineage is None or unit.lineage.layer not in below]
    _link_tools(deployed, work)


class _Base:
    """The containers of what environments are built on, to be found by name or by place."""

    def __init__(self, unit: GraphUnit) -> None:
        self._named = {_name(one): one for one in _containers(unit)}
        self._placed: dict[object, list[_One]] | None = None
        self._unit = unit

    def find(self, wanted: _One) -> _One | None:
        """Return the same container: that of the same name, else the only one that is written in the
        same place, where the workload got another name."""
        found = self._named.get(_name(wanted))
        if found is not None:
            return found
        if self._placed is None:
            self._placed = {}
            for one in _containers(self._unit):
                self._placed.setdefault(_place(one), []).append(one)
        candidates = self._placed.get(_place(wanted), [])
        return candidates[0] if len(candidates) == 1 else None


def _containers(unit: GraphUnit) -> Iterator[_One]:
    for workload in unit.resources.workloads:
        for container in workload.containers:
            yield _One(container, workload, unit)


def _name(one: _One) -> tuple[str, str, str]:
    return one.workload.kind, one.workload.ref.name, one.container.name.value


def _place(one: _One) -> object:
    return one.workload.kind, one.container.name.location


def _link_down(
    unit: GraphUnit,
    layers: dict[str, GraphUnit],
    bases: dict[str, _Base],
    groups: dict[object, list[_One]],
    work: Linking,
) -> None:
    """Link the containers of an environment to those below, and put them beside their siblings."""
    assert unit.lineage is not None
    for one in _containers(unit) if unit.lineage.below else ():
        for layer in unit.lineage.below:
            identity: object = (layer, _name(one))
            below = layers.get(layer)
            if below is not None:
                if layer not in bases:
                    bases[layer] = _Base(below)
                found = bases[layer].find(one)
                if found is not None:
                    work.links.add(Link(one.container, "varies", found.container))
                    identity = id(found.container)
            groups.setdefault(identity, []).append(one)


def _link_across(group: list[_One], work: Linking) -> None:
    for one in group if len(group) > 1 else ():
        for other in islice(group, _MOST):
            if other.unit is not one.unit and not _is_below(one.unit, other.unit):
                work.links.add(Link(one.container, "stands-beside", other.container))
                work.links.add(Link(other.container, "stands-beside", one.container))


def _is_below(one: GraphUnit, other: GraphUnit) -> bool:
    assert one.lineage is not None
    assert other.lineage is not None
    return one.lineage.layer in other.lineage.below or other.lineage.layer in one.lineage.below


def _note_removals(resources: UnitResources, work: Linking) -> None:
    if not resources.removed:
        return
    workloads: dict[tuple[str, str], list[Workload]] = {}
    for workload in resources.workloads:
        workloads.setdefault((workload.kind, workload.ref.name), []).append(workload)
    for removed in resources.removed:
        of_workload, of_container = fields_of_removal(removed)
        for workload in workloads.get((removed.ref.kind, removed.ref.name), ()):
            for field in of_workload:
                work.removals[workload, field] = removed.removal
            for container in workload.containers:
                if removed.ref.container in (None, container.ref.container):
                    for field in of_container:
                        work.removals[container, field] = removed.removal


def _link_tools(units: Iterable[GraphUnit], work: Linking) -> None:
    """Link Compose services to the nearest containers of Kubernetes that are the same."""
    services: list[_One] = []
    others: list[GraphUnit] = []
    for unit in units:
        if unit.resources.format is Format.COMPOSE:
            services += _containers(unit)
        elif unit.resources.workloads:
            others.append(unit)
    if not services:
        return
    wanted = {one.workload.ref.name for one in services}
    housed: dict[tuple[str, object, str], list[_One]] = {}
    for unit in others:
        for one in _containers(unit):
            names = wanted & {one.container.name.value, one.workload.ref.name}
            if names and one.container.role is not Role.INIT:
                for key in _images(one.container, work):
                    for name in names:
                        for folder in _around(unit.path):
                            housed.setdefault((name, key, folder), []).append(one)
    for service in services:
        for key in _images(service.container, work):
            found: list[_One] = []
            reach = _PULLED_REACH if isinstance(key, tuple) else None
            for folder in islice(_around(service.unit.path), reach):
                found = housed.get((service.workload.ref.name, key, folder), [])
                if found:
                    break
            for one in islice(found, _MOST):
                if _are_of_one_environment(one, service):
                    work.links.add(Link(service.container, "stands-beside", one.container))
                    work.links.add(Link(one.container, "stands-beside", service.container))


def _images(container: Container, work: Linking) -> list[object]:
    """What tells that two images are the same: the stage that builds them, or their repository."""
    keys: list[object] = [link.target for link in work.links.of("built-from", container) if link.sure]
    image = container.image
    if image is not None and image.repository is not None and image.registry is not None:
        registry, repository = image.registry.value, image.repository.value
        if not isinstance(registry, Unknown) and not isinstance(repository, Unknown):
            keys.append((registry, repository))
    return keys


def _are_of_one_environment(one: _One, other: _One) -> bool:
    names: set[Any] = {one.workload.environment, other.workload.environment}
    return len(names - {DEFAULT_ENVIRONMENT}) < 2


def _around(path: str) -> Iterator[str]:
    """Yield the folders around a file, from the inside out, the root (empty) last."""
    while path:
        path = path.rpartition("/")[0]
        yield path
