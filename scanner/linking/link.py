"""The graph of a scan: every linker in its turn, then what is decided from the links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from scanner.guarding import bug_of, sift
from scanner.linking.access import link_access
from scanner.linking.arguments import link_arguments
from scanner.linking.configuration import link_configuration
from scanner.linking.images import link_images
from scanner.linking.index import Index
from scanner.linking.isolating import link_isolation
from scanner.linking.links import Links
from scanner.linking.ports import link_ports
from scanner.linking.projects import link_projects
from scanner.linking.resolving.compose_exposure import decide_compose_exposure
from scanner.linking.resolving.containers import resolve_containers
from scanner.linking.resolving.exposure import decide_exposure
from scanner.linking.routing import link_routes
from scanner.linking.selecting import link_selectors
from scanner.linking.variants import link_variants
from scanner.linking.work import Linking, ReadBuild
from scanner.model.graph import Graph, GraphUnit
from scanner.model.vocabulary import KINDS, Shape, fields_of


def link_guarded(units: Iterable[GraphUnit], read_build: ReadBuild) -> Graph:
    """Return the graph of the units of a scan, without those on which a linker fails: `bugs` of the
    graph tells of these, and of the facts that could not be decided."""
    graph, left_out = sift(tuple(units), lambda some: link(some, read_build))
    if graph is None:
        graph = Graph((), (), {}, {}, {})
    graph.bugs += tuple(bug_of("linking", unit.path, error) for unit, error in left_out)
    return graph


def link(units: Iterable[GraphUnit], read_build: ReadBuild) -> Graph:
    """Return the graph of the units of a scan. What a linker raises goes through; a fact that cannot be
    decided because its resolver raises is unknown, and one of the `bugs` of the graph."""
    given = tuple(units)
    units = tuple(unit for unit in given if not unit.context)
    contexts = tuple(unit for unit in given if unit.context)
    work = Linking(Index(units), Links(), read_build, contexts=contexts)
    for linker in _linkers():
        linker(work)
    owners = Owners((*given, *work.variants))
    return Graph(
        units,
        work.links.found,
        work.links.open_ends,
        work.resolved,
        owners,
        work.variants,
        work.removals,
        work.bugs,
    )


def _linkers() -> tuple[Callable[[Linking], None], ...]:
    """Those who add links, in an order in which each finds what it builds on; then those who decide."""
    return (
        link_images,
        link_selectors,
        link_isolation,
        link_routes,
        link_projects,
        link_ports,
        link_access,
        link_configuration,
        link_arguments,
        link_variants,
        resolve_containers,
        decide_exposure,
        decide_compose_exposure,
    )


class Owners(Mapping[Any, Any]):
    """What each resource is a part of, found out when it is first asked."""

    def __init__(self, units: Iterable[GraphUnit]) -> None:
        self._units = units
        self._known: dict[Any, Any] | None = None

    def __getitem__(self, resource: Any) -> Any:
        if self._known is None:
            self._known = {}
            for unit in self._units:
                with suppress(Exception):  # rules that ask for what is then missing fail on that unit alone
                    self._known.update(_owners(unit))
        return self._known[resource]

    def __iter__(self) -> Iterator[Any]:
        return (part for unit in self._units for part, _ in _owners(unit))

    def __len__(self) -> int:
        return sum(1 for _ in self)


_OUTERMOST = tuple(kind for kind in KINDS.values() if kind.container is None)
_INNER = {
    outer: tuple(
        (inner.name, inner.member, fields_of(outer)[inner.member].shape is Shape.RESOURCE)
        for inner in KINDS.values()
        if inner.container == outer
    )
    for outer in KINDS
}


def _owners(unit: GraphUnit) -> Iterator[tuple[Any, Any]]:
    for kind in _OUTERMOST:
        holder: Any = unit.resources
        for step in kind.member.split("."):
            holder = getattr(holder, step, ())  # a unit of files holds nothing of the scan itself
        for resource in holder:
            yield from _parts(kind.name, resource)


def _parts(kind: str, resource: Any) -> Iterator[tuple[Any, Any]]:
    for inner, member, single in _INNER[kind]:
        held = getattr(resource, member)
        for part in ((held,) if held is not None else ()) if single else held:
            yield part, resource
            if _INNER[inner]:
                yield from _parts(inner, part)
