"""Which objects of a manifest have a type of their own, and the reading of them."""

from __future__ import annotations

from collections.abc import Callable

from scanner.formats.kubernetes.configuration import (
    read_config_map,
    read_namespace,
    read_quota,
    read_secret,
    read_service_account,
)
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.made_secrets import made_secrets
from scanner.formats.kubernetes.networking import read_gateway, read_ingress, read_route, read_service
from scanner.formats.kubernetes.policies import (
    read_autoscaler,
    read_disruption_budget,
    read_network_policy,
    read_scaled_object,
)
from scanner.formats.kubernetes.rbac import read_binding, read_role
from scanner.formats.kubernetes.routes import read_openshift_route, read_virtual_service
from scanner.model.cluster import NO_OBJECTS, ClusterObjects
from scanner.model.resources import Document

Found = dict[str, list[object]]
"""Objects by the field of ClusterObjects that they belong to."""

_Reader = Callable[[Index, Document, FactReader], object]

_GATEWAY = "gateway.networking.k8s.io"
_RBAC = ("rbac.authorization.k8s.io",)

_KINDS: dict[str, tuple[tuple[str, ...], str, _Reader]] = {
    "Service": (("",), "services", read_service),
    "Ingress": (("networking.k8s.io", "extensions"), "ingresses", read_ingress),
    "Gateway": ((_GATEWAY,), "ingresses", read_gateway),
    "HTTPRoute": ((_GATEWAY,), "ingresses", read_route),
    "GRPCRoute": ((_GATEWAY,), "ingresses", read_route),
    "TLSRoute": ((_GATEWAY,), "ingresses", read_route),
    "TCPRoute": ((_GATEWAY,), "ingresses", read_route),
    "UDPRoute": ((_GATEWAY,), "ingresses", read_route),
    "Route": (("route.openshift.io",), "ingresses", read_openshift_route),
    "VirtualService": (("networking.istio.io",), "ingresses", read_virtual_service),
    "NetworkPolicy": (("networking.k8s.io", "extensions"), "network_policies", read_network_policy),
    "ServiceAccount": (("",), "service_accounts", read_service_account),
    "Role": (_RBAC, "roles", read_role),
    "ClusterRole": (_RBAC, "roles", read_role),
    "RoleBinding": (_RBAC, "role_bindings", read_binding),
    "ClusterRoleBinding": (_RBAC, "role_bindings", read_binding),
    "Secret": (("",), "secrets", read_secret),
    "ConfigMap": (("",), "config_maps", read_config_map),
    "Namespace": (("",), "namespaces", read_namespace),
    "LimitRange": (("",), "quotas", read_quota),
    "ResourceQuota": (("",), "quotas", read_quota),
    "PodDisruptionBudget": (("policy",), "disruption_budgets", read_disruption_budget),
    "HorizontalPodAutoscaler": (("autoscaling",), "autoscalers", read_autoscaler),
    "ScaledObject": (("keda.sh",), "autoscalers", read_scaled_object),
}
"""By kind: the API groups whose kind it is, where it belongs, and its reader."""


def read_object(index: Index, document: Document, facts: FactReader, found: Found) -> bool:
    """Add the typed form of an object to `found`, if its kind has one; return whether it has, or
    is known to speak of no other object."""
    entry = _KINDS.get(document.kind)
    if entry is None:
        made = made_secrets(document)
        if made:
            found.setdefault("secrets", []).extend(made)
        return document.kind in _ALONE
    groups, member, read = entry
    if document.api_version.rpartition("/")[0] not in groups:
        return False
    found.setdefault(member, []).append(read(index, document, facts))
    return True


_ALONE = frozenset(
    ("CustomResourceDefinition", "IngressClass", "PersistentVolumeClaim", "PriorityClass", "RuntimeClass")
)


def cluster_objects(found: Found) -> ClusterObjects:
    """Return what was found; one shared value for nothing."""
    if not found:
        return NO_OBJECTS
    members: dict[str, tuple[object, ...]] = {name: tuple(objects) for name, objects in found.items()}
    return ClusterObjects(**members)  # type: ignore[arg-type]  # each reader stands beside its own field
