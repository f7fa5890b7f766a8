"""A graph in nodes and edges: what people would draw of it.

Parts of resources (a port, a rule of a role) are not drawn; what refers to them, refers to the
resource that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.drawing.facts import Conceal, DrawnFact, facts_of, place_of
from scanner.drawing.projects import Projects
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.graph import Graph, GraphUnit
from scanner.model.redacted import NOTHING, Redacted, joined, own
from scanner.model.redacted import number as in_figures
from scanner.model.resources import (
    Container,
    Dockerfile,
    ImageReference,
    ResourceRef,
    Workload,
)
from scanner.model.source import Located, Unknown
from scanner.model.vocabulary import KINDS
from scanner.reporting.shared.shown import ShownResource

_DRAWN = frozenset(
    (
        *("workload", "container", "dockerfile", "stage", "image_build", "chart"),
        *("service", "ingress", "network_policy", "disruption_budget", "autoscaler", "namespace", "network"),
        *("service_account", "role", "role_binding", "secret", "config_map", "stored_value", "env_file"),
    )
)
"""The kinds that are drawn, with images and zones (internet, host) beside them."""

KIND_NAMES = tuple(sorted(kind.replace("_", "-") for kind in (*_DRAWN, "image", "zone")))
"""The kinds of nodes as people write them."""

SHARED_KINDS = frozenset(("dockerfile", "stage", "image", "zone", "image_build"))
"""What belongs to no environment: all of them use the same."""


DEFAULT = own(DEFAULT_ENVIRONMENT)
_PARTS = {"container": own("container"), "stage": own("stage")}
_ZONES = {"internet": own("internet"), "host": own("host")}


class Node(NamedTuple):
    """A resource. `id` is unique in its drawing and stays the same as long as the resource has its
    name and its file. `line` is 1-based; path and line are None for what no file defines.
    `parent` is the node that this one is a part of, `project` what it is deployed or built
    with, empty for what has no place of its own."""

    id: Redacted
    kind: str
    name: Redacted
    path: Redacted | None
    line: int | None
    namespace: Redacted | None = None
    environment: Redacted = DEFAULT
    label: Redacted = NOTHING
    parent: Redacted | None = None
    project: Redacted = NOTHING
    ref: ShownResource | None = None
    facts: tuple[DrawnFact, ...] = ()


class Edge(NamedTuple):
    """A relation between two nodes, and the place that says so (None where nothing does)."""

    source: Redacted
    kind: str
    target: Redacted
    path: Redacted | None = None
    line: int | None = None
    sure: bool = True
    note: Redacted = NOTHING


class Drawing(NamedTuple):
    """Nodes and edges, both in a stable order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def draw(graph: Graph, conceal: Conceal) -> Drawing:
    """Return the drawing of a graph, without the secrets that `conceal` finds."""
    return _Drawer(graph, conceal).drawing()


class _Drawer:
    def __init__(self, graph: Graph, conceal: Conceal) -> None:
        self._graph = graph
        self._conceal = conceal
        self._projects = Projects(graph)
        self._nodes: dict[Redacted, Node] = {}
        self._ids: dict[Any, Redacted] = {}
        self._numbers: dict[Redacted, int] = {}
        self._edges: dict[tuple[Redacted, str, Redacted], Edge] = {}

    def drawing(self) -> Drawing:
        units = [unit for unit in self._graph.units if not unit.context]
        for unit in units:
            for kind, resource, whole in _resources(unit):
                self._add(kind, resource, whole, unit)
        for unit in units:
            self._inside(unit)
        for link in self._graph.links:
            source, target = self._drawn(link.source), self._drawn(link.target)
            if source is not None and target is not None and source != target:
                self._connect(source, link.verb, target, link.place, link.sure, link.note)
        return Drawing(
            tuple(self._nodes.values()),
            tuple(sorted(self._edges.values(), key=lambda edge: (edge.source, edge.kind, edge.target))),
        )

    def _add(self, kind: str, resource: Any, whole: Any, unit: GraphUnit) -> None:
        ref = _shown_ref(resource.ref, self._conceal)
        name = ref.container or ref.name
        path, line = place_of(resource.name, self._conceal)
        environment = self._conceal.name(unit.resources.environment)
        spaced = joined(ref.namespace, own("/"), ref.name) if ref.namespace else ref.name
        word = _PARTS.get(kind, ref.kind)
        parts = [self._conceal.name(word.lower().replace(" ", "-")), own(":"), spaced]
        if ref.container:
            parts += own("/"), name
        parts += own("@"), path or NOTHING
        if environment != DEFAULT:
            parts += own("#"), environment
        self._ids[resource] = identifier = self._unique(joined(*parts))
        self._nodes[identifier] = Node(
            identifier,
            kind,
            name,
            path,
            line,
            ref.namespace,
            environment,
            joined(word, own(" "), name),
            None if whole is None else self._ids[whole],
            NOTHING if kind in SHARED_KINDS else self._conceal.path(self._projects.of(unit)),
            ref,
            facts_of(kind, resource, self._graph.resolved.get(resource), self._conceal),
        )

    def _unique(self, identifier: Redacted) -> Redacted:
        if identifier not in self._nodes:
            return identifier
        number = self._numbers.get(identifier, 2)
        while f"{identifier}~{number}" in self._nodes:
            number += 1
        self._numbers[identifier] = number + 1
        return joined(identifier, own("~"), in_figures(number))

    def _inside(self, unit: GraphUnit) -> None:
        """Connect what a resource is made of, its images, and where it can be reached from."""
        for workload in unit.resources.workloads:
            for container in workload.containers:
                self._connect(self._ids[workload], "runs", self._ids[container], container.name)
                self._uses(container)
            self._publishes(workload)
        for dockerfile in unit.resources.dockerfiles:
            self._stages(dockerfile)

    def _uses(self, container: Container) -> None:
        image = container.image
        if image is not None and not isinstance(image.text.value, Unknown):
            self._connect(self._ids[container], "uses-image", self._image(image), image.text)

    def _stages(self, dockerfile: Dockerfile) -> None:
        for stage in dockerfile.stages:
            self._connect(self._ids[dockerfile], "has-stage", self._ids[stage], stage.name)
            base = stage.base
            if base is None or base.stage or base.scratch or isinstance(base.text.value, Unknown):
                continue
            self._connect(self._ids[stage], "based-on", self._image(base), base.text)

    def _image(self, image: ImageReference) -> Redacted:
        text = self._conceal.name(str(image.text.value))
        identifier = joined(own("image:"), text)
        label = joined(own("image "), text)
        self._nodes.setdefault(identifier, Node(identifier, "image", text, None, None, label=label))
        return identifier

    def _publishes(self, workload: Workload) -> None:
        resolved = self._graph.resolved.get(workload)
        exposure = resolved.exposure if resolved is not None else None
        if exposure is None or exposure.value not in _ZONES:
            return
        name = _ZONES[exposure.value]
        zone = joined(own("zone:"), name)
        self._nodes.setdefault(zone, Node(zone, "zone", name, None, None, label=name))
        self._connect(self._ids[workload], "publishes", zone, exposure)

    def _drawn(self, resource: Any) -> Redacted | None:
        """Return the node of a resource, or of what it is a part of."""
        while resource is not None:
            if resource in self._ids:
                return self._ids[resource]
            resource = self._graph.owners.get(resource)
        return None

    def _connect(
        self,
        source: Redacted,
        kind: str,
        target: Redacted,
        place: Located[Any] | None,
        sure: bool = True,
        note: str = "",
    ) -> None:
        known = self._edges.get((source, kind, target))
        if known is not None and (known.sure or not sure):
            return
        path, line = place_of(place, self._conceal)
        told = self._conceal(note.strip(" ()"))
        self._edges[source, kind, target] = Edge(source, kind, target, path, line, sure, told)


def _shown_ref(ref: ResourceRef, conceal: Conceal) -> ShownResource:
    kind, name, namespace, container, document = ref
    return ShownResource(
        conceal.name(kind),
        conceal.name(name),
        None if namespace is None else conceal.name(namespace),
        None if container is None else conceal.name(container),
        document,
    )


def _resources(unit: GraphUnit) -> Iterator[tuple[str, Any, Any]]:
    """Yield each resource with its kind and the one that it is a part of, that one first."""
    for kind in KINDS.values():
        if kind.name in _DRAWN and kind.container is None:
            held: Any = unit.resources
            for step in kind.member.split("."):
                held = getattr(held, step)
            for resource in held:
                yield kind.name, resource, None
                for inner in ("container", "stage"):
                    if KINDS[inner].container == kind.name:
                        for part in getattr(resource, KINDS[inner].member):
                            yield inner, part, resource
