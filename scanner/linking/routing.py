"""From the ways into a cluster to Services: backends of Ingresses and routes, and the Gateways of routes."""

from __future__ import annotations

from scanner.linking.index import Entry
from scanner.linking.work import Linking
from scanner.model.cluster import Backend
from scanner.model.graph import Link
from scanner.model.source import Unknown

ACTION_PORT = "use-annotation"
"""The port by which the controller of AWS is told that a backend is an action: an annotation says where it
leads (https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#actions)."""


def link_routes(work: Linking) -> None:
    """Link each backend, and the Ingress that it is part of, to the Service that it names, and
    routes to their Gateways."""
    for entry in work.index.of("ingresses"):
        for backend in entry.resource.backends:
            if backend.kind == "Service":
                _link_backend(work, entry, backend)
        for parent in entry.resource.parents:
            if parent.kind == "Gateway":
                _link_gateway(work, entry, parent)


def _link_backend(work: Linking, entry: Entry, backend: Backend) -> None:
    namespace = _namespace(backend)
    if isinstance(backend.name.value, Unknown) or isinstance(namespace, Unknown):
        work.links.leave_open("routes-to", backend)
        return
    found = work.index.named("services", backend.name.value, entry, namespace)
    for target in found:
        work.links.add(Link(backend, "routes-to", target.resource, backend.name))
        work.links.add(Link(entry.resource, "leads-to", target.resource, backend.name))
    if not found and (
        (backend.port is not None and backend.port.value == ACTION_PORT)
        or not work.index.is_defined("services", entry, namespace)
        or work.index.may_have_others(entry, namespace)
    ):
        work.links.leave_open("routes-to", backend)


def _link_gateway(work: Linking, entry: Entry, parent: Backend) -> None:
    namespace = _namespace(parent)
    if isinstance(parent.name.value, Unknown) or isinstance(namespace, Unknown):
        work.links.leave_open("attaches-to", entry.resource)
        return
    found = work.index.named("ingresses", parent.name.value, entry, namespace, "Gateway")
    for target in found:
        work.links.add(Link(entry.resource, "attaches-to", target.resource, parent.name))
    if not found:
        work.links.leave_open("attaches-to", entry.resource)


def _namespace(reference: Backend) -> str | Unknown | None:
    return None if reference.namespace is None else reference.namespace.value
