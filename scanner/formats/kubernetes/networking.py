"""Services and Ingresses: under which names and ports pods are reached."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.selectors import read_annotations, read_plain_selector
from scanner.model.basics import Fact
from scanner.model.cluster import Backend, Ingress, IngressHost, Service, ServicePort
from scanner.model.resources import Document
from scanner.model.source import Located, Unknown

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"


def read_service(index: Index, document: Document, facts: FactReader) -> Service:
    """Return a Service (core/v1)."""
    spec = facts.mapping(index, "spec")
    ports = []
    for node, port in facts.objects(spec, "ports"):
        number = facts.integer(port, "port")
        name = facts.text(port, "name")
        if name is None or isinstance(name.value, Unknown):
            shown = "" if number is None or isinstance(number.value, Unknown) else str(number.value)
            known = Located(shown, node if number is None else number.place, facts.source)
        else:
            known = Located(name.value, name.place, name.source)
        node_port = facts.integer(port, "nodePort")
        target, protocol = facts.text(port, "targetPort"), facts.text(port, "protocol")
        ports.append(ServicePort(known, number, target, node_port, protocol))
    return Service(
        document.ref,
        document.name,
        facts.text(spec, "type"),
        facts.text(spec, "clusterIP"),
        facts.text(spec, "externalName"),
        _texts(spec, "externalIPs", facts),
        _texts(spec, "loadBalancerSourceRanges", facts),
        tuple(ports),
        read_plain_selector(spec, "selector", facts),
        read_annotations(index, facts),
    )


def read_ingress(index: Index, document: Document, facts: FactReader) -> Ingress:
    """Return an Ingress (networking.k8s.io, and the older extensions)."""
    spec = facts.mapping(index, "spec")
    annotations = read_annotations(index, facts)
    annotated = next((one.value for one in annotations if one.name.value == _CLASS_ANNOTATION), None)
    tls = facts.presence(spec, "tls")
    covered, everything = _tls_hosts(spec, facts)
    backends: list[Backend] = []
    hosts: list[IngressHost] = []
    for key in ("defaultBackend", "backend"):  # the latter until networking.k8s.io/v1beta1
        if key in spec:
            backends += _backend(facts.mapping(spec, key), facts)
    for node, rule in facts.objects(spec, "rules"):
        host = facts.text(rule, "host")
        known = "" if host is None or isinstance(host.value, Unknown) else host.value
        place = node if host is None else host.place
        encrypted = everything or _is_covered(known, covered)
        hosts.append(IngressHost(Located(known, place, facts.source), encrypted))
        for _, path in facts.objects(facts.mapping(rule, "http"), "paths"):
            backends += _backend(facts.mapping(path, "backend"), facts)
    return Ingress(
        document.ref,
        document.kind,
        document.name,
        facts.text(spec, "ingressClassName") or annotated,
        tls if facts.items(spec, "tls") else None,
        None if tls is None else Located(tuple(covered), tls.place, tls.source),
        tuple(hosts),
        tuple(backends),
        annotations,
    )


def _tls_hosts(spec: Index, facts: FactReader) -> tuple[list[str], bool]:
    """The host names of `tls`, and whether an entry without names covers every host.

    Which hosts such an entry covers is the controller's to say; the certificate's names
    are the usual answer.
    """
    covered: list[str] = []
    everything = False
    for _, entry in facts.objects(spec, "tls"):
        hosts = _texts(entry, "hosts", facts)
        if hosts is None or isinstance(hosts.value, Unknown) or not hosts.value:
            everything = True
        else:
            covered += hosts.value
    return covered, everything


def _is_covered(host: str, covered: list[str]) -> bool:
    """Whether one of the names is the host, or a wildcard for it (one label deep)."""
    return host in covered or "*." + host.partition(".")[2] in covered


def _backend(backend: Index, facts: FactReader) -> Iterator[Backend]:
    if "service" in backend:
        service = facts.mapping(backend, "service")
        name = facts.text(service, "name")
        port = facts.mapping(service, "port")
        if name is not None:
            yield Backend(name, facts.text(port, "number") or facts.text(port, "name"))
    elif "serviceName" in backend:
        name = facts.text(backend, "serviceName")
        if name is not None:
            yield Backend(name, facts.text(backend, "servicePort"))
    elif "resource" in backend:
        resource = facts.mapping(backend, "resource")
        name, kind = facts.text(resource, "name"), facts.text(resource, "kind")
        if name is not None:
            yield Backend(name, kind=str(kind.value) if kind is not None else "")


def read_gateway(index: Index, document: Document, facts: FactReader) -> Ingress:
    """Return a Gateway; each of its listeners is a host (gateway.networking.k8s.io)."""
    spec = facts.mapping(index, "spec")
    hosts, tls, covered = [], None, []
    for node, listener in facts.objects(spec, "listeners"):
        host, protocol = facts.text(listener, "hostname"), facts.text(listener, "protocol")
        known = "" if host is None or isinstance(host.value, Unknown) else host.value
        encrypted = protocol is not None and protocol.value in ("HTTPS", "TLS")
        if encrypted:
            tls = tls or facts.presence(listener, "tls") or facts.presence(listener, "protocol")
            covered.append(known)
        place = protocol or facts.text(listener, "name") or Located("", node, facts.source)
        hosts.append(
            IngressHost(
                Located(known, host.place if host is not None else place.place, facts.source),
                encrypted,
                facts.integer(listener, "port"),
                protocol,
            )
        )
    return Ingress(
        document.ref,
        document.kind,
        document.name,
        facts.text(spec, "gatewayClassName"),
        tls,
        None if tls is None else Located(tuple(covered), tls.place, tls.source),
        tuple(hosts),
        annotations=read_annotations(index, facts),
    )


def read_route(index: Index, document: Document, facts: FactReader) -> Ingress:
    """Return a route (HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute) and the Services behind it."""
    spec = facts.mapping(index, "spec")
    hosts = [
        IngressHost(Located(item.value, item, facts.source)) for item in facts.scalars(spec, "hostnames")
    ]
    backends: list[Backend] = []
    for _, rule in facts.objects(spec, "rules"):
        backends += _references(rule, "backendRefs", "Service", facts)
    parents = tuple(_references(spec, "parentRefs", "Gateway", facts))
    annotations = read_annotations(index, facts)
    return Ingress(
        document.ref,
        document.kind,
        document.name,
        hosts=tuple(hosts),
        backends=tuple(backends),
        annotations=annotations,
        parents=parents,
    )


def _references(index: Index, key: str, default: str, facts: FactReader) -> Iterator[Backend]:
    for _, reference in facts.objects(index, key):
        name, kind = facts.text(reference, "name"), facts.text(reference, "kind")
        if name is not None:
            port = facts.text(reference, "port") or facts.text(reference, "sectionName")
            namespace = facts.text(reference, "namespace")
            yield Backend(name, port, default if kind is None else str(kind.value), namespace)


def _texts(index: Index, key: str, facts: FactReader) -> Fact[tuple[str, ...]]:
    return facts.as_texts(index[key]) if key in index else None
