"""What governs pods from outside: network policies, disruption budgets, autoscalers."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.kubernetes.facts import FactReader, Index, describe
from scanner.formats.kubernetes.selectors import read_selector
from scanner.model.basics import Fact
from scanner.model.cluster import (
    Autoscaler,
    DisruptionBudget,
    NetworkAllowance,
    NetworkPeer,
    NetworkPolicy,
    Selector,
)
from scanner.model.resources import Document
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import MappingNode, Node, entries, is_null


def read_network_policy(index: Index, document: Document, facts: FactReader) -> NetworkPolicy:
    """Return a NetworkPolicy (networking.k8s.io, and the older extensions)."""
    spec = facts.mapping(index, "spec")
    pods = read_selector(spec, "podSelector", facts)
    if pods is None:  # nothing said selects every pod, like {}
        pods = Selector(document.name, {})
    types = facts.as_texts(spec["policyTypes"]) if "policyTypes" in spec else None
    allowances = [*_allowances(spec, "ingress", "from", facts), *_allowances(spec, "egress", "to", facts)]
    if types is None or isinstance(types.value, Unknown) or not types.value:
        # Without policyTypes a policy is for ingress, and for egress when it speaks of it.
        governs = (True, any(one.direction == "egress" for one in allowances))
    else:
        governs = ("Ingress" in types.value, "Egress" in types.value)
    return NetworkPolicy(document.ref, document.name, pods, types, *governs, tuple(allowances))


def _allowances(spec: Index, direction: str, whom: str, facts: FactReader) -> Iterator[NetworkAllowance]:
    for node in facts.items(spec, direction):
        if is_null(node):
            yield NetworkAllowance(Located(direction, node, facts.source), direction)
            continue
        if node.__class__ is not MappingNode:
            facts.complain(node, f"expected a mapping as item of '{direction}', found {describe(node)}")
            continue
        index = entries(node)
        peers = [_peer(at, peer, facts) for at, peer in facts.objects(index, whom)]
        place = Located(direction, index.get(whom, node), facts.source)
        yield NetworkAllowance(place, direction, tuple(peers), _ports(index, facts))


def _peer(node: Node, peer: Index, facts: FactReader) -> NetworkPeer:
    block = facts.mapping(peer, "ipBlock")
    cidr = facts.text(block, "cidr")
    if cidr is not None:
        name = Located(str(cidr.value), cidr.place, cidr.source)
    else:
        name = Located(", ".join(peer), node, facts.source)
    return NetworkPeer(
        name,
        cidr,
        facts.as_texts(block["except"]) if "except" in block else None,
        read_selector(peer, "podSelector", facts),
        read_selector(peer, "namespaceSelector", facts),
    )


def _ports(index: Index, facts: FactReader) -> Fact[tuple[str, ...]]:
    """The ports as `protocol/port` or `protocol/first-last`, `*` where each is meant."""
    found = []
    for _, port in facts.objects(index, "ports"):
        protocol, number, last = (facts.text(port, key) for key in ("protocol", "port", "endPort"))
        shown = "*" if number is None else str(number.value)
        if last is not None:
            shown += f"-{last.value}"
        found.append(f"{'TCP' if protocol is None else protocol.value}/{shown}")
    return Located(tuple(found), index["ports"], facts.source) if found else None


def read_disruption_budget(index: Index, document: Document, facts: FactReader) -> DisruptionBudget:
    """Return a PodDisruptionBudget (policy)."""
    spec = facts.mapping(index, "spec")
    return DisruptionBudget(
        document.ref,
        document.name,
        facts.text(spec, "minAvailable"),
        facts.text(spec, "maxUnavailable"),
        read_selector(spec, "selector", facts),
    )


def read_autoscaler(index: Index, document: Document, facts: FactReader) -> Autoscaler:
    """Return a HorizontalPodAutoscaler (autoscaling)."""
    spec = facts.mapping(index, "spec")
    target = facts.mapping(spec, "scaleTargetRef")
    return Autoscaler(
        document.ref,
        document.name,
        facts.integer(spec, "minReplicas"),
        facts.integer(spec, "maxReplicas"),
        facts.text(target, "kind"),
        facts.text(target, "name"),
    )


def read_scaled_object(index: Index, document: Document, facts: FactReader) -> Autoscaler:
    """Return a ScaledObject (keda.sh), which scales down to none by default."""
    spec = facts.mapping(index, "spec")
    target = facts.mapping(spec, "scaleTargetRef")
    kind = facts.text(target, "kind") or Located("Deployment", document.name.place, facts.source)
    return Autoscaler(
        document.ref,
        document.name,
        facts.integer(spec, "minReplicaCount"),
        facts.integer(spec, "maxReplicaCount"),
        kind,
        facts.text(target, "name"),
    )
