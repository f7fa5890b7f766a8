"""Ways into a cluster that are no part of Kubernetes: Routes of OpenShift, and VirtualServices of Istio."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.selectors import read_annotations
from scanner.model.cluster import Backend, Ingress, IngressHost
from scanner.model.resources import Document
from scanner.model.source import Located, Unknown

MESH = "Mesh"
"""The kind of a parent that is no Gateway: requests from inside of the mesh."""


def read_openshift_route(index: Index, document: Document, facts: FactReader) -> Ingress:
    """Return a Route (route.openshift.io); its port is that of the pods, and is left out."""
    spec = facts.mapping(index, "spec")
    host = facts.text(spec, "host")
    tls = facts.presence(spec, "tls")
    targets = [facts.mapping(spec, "to")] if "to" in spec else []
    targets += [target for _, target in facts.objects(spec, "alternateBackends")]
    backends = []
    for target in targets:
        name, kind = facts.text(target, "name"), facts.text(target, "kind")
        if name is not None:
            backends.append(Backend(name, kind="Service" if kind is None else str(kind.value)))
    hosts: tuple[IngressHost, ...] = ()
    if host is not None and not isinstance(host.value, Unknown):
        hosts = (IngressHost(Located(host.value, host.place, host.source), tls is not None),)
    return Ingress(
        document.ref,
        document.kind,
        document.name,
        tls=tls,
        hosts=hosts,
        backends=tuple(backends),
        annotations=read_annotations(index, facts),
    )


def read_virtual_service(index: Index, document: Document, facts: FactReader) -> Ingress:
    """Return a VirtualService (networking.istio.io) with the Gateways that it is bound to."""
    spec = facts.mapping(index, "spec")
    backends: list[Backend] = []
    for section in ("http", "tls", "tcp"):
        for _, rule in facts.objects(spec, section):
            for _, target in facts.objects(rule, "route"):
                backends += _destination(facts.mapping(target, "destination"), facts)
    parents = tuple(_gateways(spec, document, facts))
    return Ingress(
        document.ref,
        document.kind,
        document.name,
        backends=tuple(backends),
        annotations=read_annotations(index, facts),
        parents=parents,
    )


def _destination(destination: Index, facts: FactReader) -> Iterator[Backend]:
    """The Service that a host means: its name, or its name in the cluster (`web.shop.svc.cluster.local`).
    Other hosts are what a ServiceEntry says."""
    host = facts.text(destination, "host")
    if host is None:
        return
    port = facts.text(facts.mapping(destination, "port"), "number")
    if isinstance(host.value, Unknown):
        yield Backend(host, port)
        return
    name, *rest = host.value.split(".")
    if rest and rest[1:2] != ["svc"]:
        yield Backend(host, port, "Host")
    else:
        namespace = Located(rest[0], host.place, host.source) if rest else None
        yield Backend(Located(name, host.place, host.source), port, namespace=namespace)


def _gateways(spec: Index, document: Document, facts: FactReader) -> Iterator[Backend]:
    """The Gateways by name or namespace/name; without any, the mesh is meant."""
    nodes = facts.scalars(spec, "gateways")
    for node in nodes:
        namespace, _, name = node.value.rpartition("/")
        place = Located(namespace, node, facts.source) if namespace else None
        kind = MESH if node.value == "mesh" else "Gateway"
        yield Backend(Located(name, node, facts.source), kind=kind, namespace=place)
    if not nodes:
        yield Backend(Located("mesh", document.name.place, document.name.source), kind=MESH)
