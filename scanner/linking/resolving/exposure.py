"""From how far away the pods of a Kubernetes workload are reached, and on which way.

- `internet`: a Service of type LoadBalancer that neither its annotations nor its source ranges
  keep private; external IPs that are public; an Ingress, or a route of the Gateway API, whose
  class is not an internal one; a Knative Service that is not kept in the cluster.
- `host`: the same where it is private; a node port; a port of the node (hostPort), or its network.
- `cluster`: any other Service.
- `none`: no Service of the namespace selects the pods. Where the files have no Service at all for
  that namespace, they may be elsewhere, and nothing is decided.

What NetworkPolicies cut off is not subtracted. A Service that nothing but another pod leads to (a
proxy in the same cluster) does not make the pods behind it more than `cluster`.
"""

from __future__ import annotations

import re
from typing import Any

from scanner.linking.index import Entry
from scanner.linking.resolving.ways import (
    CLUSTER,
    HOST,
    INTERNET,
    NONE,
    Way,
    is_private_range,
    located,
    widest,
)
from scanner.linking.resolving.workloads import decide
from scanner.linking.work import Linking, not_known
from scanner.model.cluster import Ingress, Service
from scanner.model.graph import Link
from scanner.model.resolved import Step
from scanner.model.resources import Format, Workload
from scanner.model.source import Located, Unknown

_INTERNAL_ANNOTATIONS = frozenset(
    (
        "cloud.google.com/load-balancer-type",
        "networking.gke.io/load-balancer-type",
        "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
        "service.beta.kubernetes.io/aws-load-balancer-internal",
        "service.beta.kubernetes.io/aws-load-balancer-scheme",
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        "service.beta.kubernetes.io/oci-load-balancer-internal",
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
        "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
    )
)
_PUBLIC_VALUES = frozenset(("false", "internet-facing", "external", "public", "internet"))
"""Annotations that make a load balancer internal, and the values with which they do not."""

_ALB_SCHEME = "alb.ingress.kubernetes.io/scheme"
_INTERNAL_CLASS = re.compile(r"(?:^|[-_.])(?:internal|private|rilb|intranet)(?:$|[-_.])")
_CLUSTER_LOCAL = "networking.knative.dev/visibility"


def decide_exposure(work: Linking) -> None:
    """Decide the exposure of every workload of Kubernetes."""
    known: dict[Service, Way] = {}
    for entry in work.index.of("workloads"):
        if entry.resource.format is Format.KUBERNETES:
            try:
                _decide(work, entry, known)
            except Exception as error:
                work.note(entry.path, error)
                decide(work, entry.resource, exposure=not_known(entry.resource.name))


def _decide(work: Linking, entry: Entry, known: dict[Service, Way]) -> None:
    workload = entry.resource
    ways = _own_ways(workload)
    for link in work.links.to("selects", workload):
        if link.source not in known:
            known[link.source] = _way_of(work, link.source)
        ways.append(_through(known[link.source], link))
    way = widest(ways) if ways else None
    if way is not None:
        decide(work, workload, exposure=located(way), steps={"exposure": way.steps})
    elif work.index.is_defined("services", entry) and workload not in work.links.open_ends.get(
        ("selects", False), ()
    ):
        decide(work, workload, exposure=Located(NONE, workload.name.place, workload.name.source))


def _through(way: Way, link: Link) -> Way:
    level: str | Unknown = way.level
    if not link.sure:
        level = Unknown("the selector of a Service could not be read")
    ref, service = link.target.ref, link.source.ref
    step = Step(f"Service '{service.name}' selects {ref.kind} '{ref.name}'", link.place)
    return Way(level, way.fact, (*way.steps, step))


def _own_ways(workload: Workload) -> list[Way]:
    """Ways that need no Service."""
    ways: list[Way] = []
    network = workload.host_network
    if network is not None and network.value is not False:
        level = network.value if isinstance(network.value, Unknown) else HOST
        step = Step(f"{workload.ref.kind} '{workload.ref.name}' uses the network of its node", network)
        ways.append(Way(level, network, (step,)))
    for container in workload.containers:
        for port in container.ports:
            if port.is_published and port.published is not None:
                text = (
                    f"port {_shown(port.published)} of the node leads to container '{container.name.value}'"
                )
                ways.append(Way(HOST, port.published, (Step(text, port.published),)))
    if workload.kind == "Service":
        ways.append(_knative(workload))
    return ways


def _knative(workload: Workload) -> Way:
    """A Service of Knative gets a route on its gateway."""
    labels = workload.labels or {}
    local = labels.get(_CLUSTER_LOCAL) == "cluster-local"
    text = f"Knative serves '{workload.ref.name}' " + ("in the cluster" if local else "on its gateway")
    return Way(CLUSTER if local else INTERNET, workload.name, (Step(text, workload.name),))


def _way_of(work: Linking, service: Service) -> Way:
    """The widest way to a Service."""
    ways = [_by_type(service)]
    if service.external_ips is not None:
        ways.append(_by_external_ips(service, service.external_ips))
    ways += [_by_ingress(work, link) for link in work.links.to("leads-to", service)]
    found = widest(ways)
    assert found is not None
    return found


def _by_type(service: Service) -> Way:
    name, fact = service.ref.name, service.type
    if fact is None or fact.value == "ClusterIP":
        step = Step(f"Service '{name}' is reached from the whole cluster", service.name)
        return Way(CLUSTER, service.name, (step,))
    if isinstance(fact.value, Unknown):
        return Way(fact.value, fact, (Step(f"the type of Service '{name}' is not known", fact),))
    if fact.value == "LoadBalancer":
        internal = _internal(service)
        if internal is None:
            step = Step(f"Service '{name}' has a load balancer with an address of its own", fact)
            return Way(INTERNET, fact, (step,))
        step = Step(f"Service '{name}' has a load balancer for private addresses", internal)
        return Way(HOST, fact, (step,))
    if fact.value == "NodePort":
        return Way(HOST, fact, (Step(f"Service '{name}' opens a port on every node", fact),))
    return Way(CLUSTER, fact, (Step(f"Service '{name}' is of type {fact.value}", fact),))


def _internal(service: Service) -> Located[object] | None:
    """What keeps a load balancer private, None where nothing does."""
    for annotation in service.annotations:
        if annotation.name.value in _INTERNAL_ANNOTATIONS:
            value = annotation.value.value if annotation.value is not None else ""
            if isinstance(value, str) and value.lower() not in _PUBLIC_VALUES:
                return annotation.name
    ranges = service.source_ranges
    if ranges is not None and not isinstance(ranges.value, Unknown) and ranges.value:
        return ranges if all(map(is_private_range, ranges.value)) else None
    return None


def _by_external_ips(service: Service, fact: Located[Any]) -> Way:
    if isinstance(fact.value, Unknown):
        return Way(fact.value, fact, (Step("external IPs are not known", fact),))
    level = HOST if all(map(is_private_range, fact.value)) else INTERNET
    step = Step(f"Service '{service.ref.name}' answers on external IPs", fact)
    return Way(level if fact.value else CLUSTER, fact, (step,))


def _by_ingress(work: Linking, link: Link) -> Way:
    """The way through an Ingress, or a route and its Gateway."""
    ingress = link.source
    here = f"{ingress.kind} '{ingress.ref.name}'"
    step = Step(f"{here} leads to Service '{link.target.ref.name}'", link.place)
    assert link.place is not None
    if ingress.parents and all(parent.kind != "Gateway" for parent in ingress.parents):
        return Way(CLUSTER, link.place, (step,))  # a route of a mesh, between Services
    gateways = work.links.of("attaches-to", ingress)
    outer = gateways[0].target if gateways else ingress
    internal = _internal_class(outer)
    steps: tuple[Step, ...] = (step,)
    if gateways:
        steps = (Step(f"Gateway '{outer.ref.name}' takes in requests", outer.name), step)
    if internal is not None:
        return Way(HOST, internal, (Step(f"{here} is for private addresses", internal), step))
    return Way(INTERNET, link.place, steps)


def _internal_class(ingress: Ingress) -> Located[object] | None:
    """What keeps an Ingress or Gateway private, None where nothing does. The controller of AWS makes
    internal load balancers unless it is told otherwise."""
    scheme = next((one.value for one in ingress.annotations if one.name.value == _ALB_SCHEME), None)
    if scheme is not None:
        return scheme if scheme.value == "internal" else None
    name = ingress.class_name
    if name is None or isinstance(name.value, Unknown):
        return None
    return name if name.value == "alb" or _INTERNAL_CLASS.search(name.value) else None


def _shown(fact: Located[Any]) -> str:
    return "(a variable)" if isinstance(fact.value, Unknown) else str(fact.value)
