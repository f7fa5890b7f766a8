"""The objects of a cluster that are no pods: what they offer, allow, bind and keep.

Like all resources they own what they contain and refer to others by name alone; what
a selector or a name means is for the graph to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scanner.model.basics import EnvVar, Fact, ResourceRef
from scanner.model.record import record
from scanner.model.source import Located, Unknown


@record
class Requirement:
    """One of a selector's matchExpressions; `operator` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@record
class Selector:
    """What a selector asks of labels: all of `labels` and all of `requirements`.

    One that asks nothing selects everything or, in a Service, nothing. `certain` is
    false when a part of it could not be read.
    """

    place: Located[str]
    labels: Mapping[str, str]
    requirements: tuple[Requirement, ...] = ()
    certain: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether it asks nothing."""
        return not self.labels and not self.requirements


@record
class ServicePort:
    """A port of a Service. `name` is its name, or its number as text where it has none;
    `target` the number or the name of the pods' port, None where it is the same."""

    name: Located[str]
    number: Fact[int] = None
    target: Fact[str] = None
    node_port: Fact[int] = None
    protocol: Fact[str] = None


@record
class Service:
    """A Service; `type` is None where it is the default, ClusterIP. `source_ranges` are who may
    reach a load balancer. `selector` is None where others supply the endpoints."""

    ref: ResourceRef
    name: Located[str]
    type: Fact[str] = None
    cluster_ip: Fact[str] = None
    external_name: Fact[str] = None
    external_ips: Fact[tuple[str, ...]] = None
    source_ranges: Fact[tuple[str, ...]] = None
    ports: tuple[ServicePort, ...] = ()
    selector: Selector | None = None
    annotations: tuple[EnvVar, ...] = ()


@record
class Backend:
    """A Service that an Ingress or route sends requests to: its `name`, and the `port` by number
    or name. `kind` is Service for all but special backends; `namespace` is None for the
    one of the Ingress itself."""

    name: Located[str | Unknown]
    port: Fact[str] = None
    kind: str = "Service"
    namespace: Fact[str] = None


@record
class IngressHost:
    """A host name under which an Ingress, Gateway listener or route is reached. `name` is empty
    where every host is meant. `encrypted` tells whether the object offers TLS for it;
    None where that is another object's to say (a route's Gateway)."""

    name: Located[str]
    encrypted: bool | None = None
    port: Fact[int] = None
    protocol: Fact[str] = None


@record
class Ingress:
    """A way into the cluster (`kind`): an Ingress, a Gateway, a route of the Gateway API, a Route of
    OpenShift or a VirtualService of Istio.

    `tls` is there when it has a part about TLS, `tls_hosts` are the names in it.
    `class_name` is that of the Ingress or the Gateway; `parents` name a route's Gateways.
    """

    ref: ResourceRef
    kind: str
    name: Located[str]
    class_name: Fact[str] = None
    tls: Located[str] | None = None
    tls_hosts: Fact[tuple[str, ...]] = None
    hosts: tuple[IngressHost, ...] = ()
    backends: tuple[Backend, ...] = ()
    annotations: tuple[EnvVar, ...] = ()
    parents: tuple[Backend, ...] = ()


@record
class NetworkPeer:
    """Whom a network policy lets through. `name` is the address range or the text of the kind of
    selector that stands there; `cidr` is a range of addresses, less those of `excepted`."""

    name: Located[str]
    cidr: Fact[str] = None
    excepted: Fact[tuple[str, ...]] = None
    pods: Selector | None = None
    namespaces: Selector | None = None


@record
class NetworkAllowance:
    """What one entry of a network policy's `direction` (ingress, egress) lets through: with no
    `peers` everybody, with no `ports` every port. `name` is the direction, at its place."""

    name: Located[str]
    direction: str
    peers: tuple[NetworkPeer, ...] = ()
    ports: Fact[tuple[str, ...]] = None


@record
class NetworkPolicy:
    """A NetworkPolicy. `ingress` and `egress` tell whether it governs that direction, by its
    policyTypes or by their default; what it then does not allow is refused."""

    ref: ResourceRef
    name: Located[str]
    pods: Selector
    types: Fact[tuple[str, ...]] = None
    ingress: bool = True
    egress: bool = False
    allowances: tuple[NetworkAllowance, ...] = ()


@record
class ServiceAccount:
    """A ServiceAccount; `secrets` and `pull_secrets` are names."""

    ref: ResourceRef
    name: Located[str]
    automount_token: Fact[bool] = None
    secrets: tuple[Located[str | Unknown], ...] = ()
    pull_secrets: tuple[Located[str | Unknown], ...] = ()


@record
class PolicyRule:
    """What one rule of a role allows. `name` says it in words, at the rule's place. Names are as
    written: `*` and `*/scale` are wildcards, `pods/exec` a subresource. `wildcard` stands at the
    first `*` that is the whole of a verb, resource or API group, and names its list."""

    name: Located[str]
    verbs: Fact[tuple[str, ...]] = None
    api_groups: Fact[tuple[str, ...]] = None
    resources: Fact[tuple[str, ...]] = None
    resource_names: Fact[tuple[str, ...]] = None
    non_resource_urls: Fact[tuple[str, ...]] = None
    wildcard: Fact[str] = None


@record
class RoleObject:
    """A Role or ClusterRole (`kind`). The rules of one with `aggregates` are collected from the
    ClusterRoles that one of these selects."""

    ref: ResourceRef
    kind: str
    name: Located[str]
    rules: tuple[PolicyRule, ...] = ()
    aggregates: tuple[Selector, ...] = ()
    labels: Mapping[str, str] | None = None


@record
class Subject:
    """Whom a binding gives a role to; `kind` is User, Group or ServiceAccount."""

    name: Located[str | Unknown]
    kind: Fact[str] = None
    namespace: Fact[str] = None


@record
class RoleBinding:
    """A RoleBinding or ClusterRoleBinding (`kind`), and the role that it gives by kind and name."""

    ref: ResourceRef
    kind: str
    name: Located[str]
    role_kind: Fact[str] = None
    role_name: Fact[str] = None
    subjects: tuple[Subject, ...] = ()


@record
class SecretObject:
    """A Secret. Entries of `data` have the origin `base64`, those of `stringData` `literal`. One that
    an operator makes is known by its name alone; `made_by` is then the kind of the object that says so."""

    ref: ResourceRef
    name: Located[str]
    type: Fact[str] = None
    entries: tuple[EnvVar, ...] = ()
    made_by: str = ""


@record
class ConfigMap:
    """A ConfigMap. Entries of `binaryData` have the origin `base64`."""

    ref: ResourceRef
    name: Located[str]
    entries: tuple[EnvVar, ...] = ()


@record
class Namespace:
    """A Namespace; `enforced` is the Pod Security level that its labels enforce."""

    ref: ResourceRef
    name: Located[str]
    labels: Mapping[str, str] | None = None
    enforced: Fact[str] = None


@record
class DisruptionBudget:
    """A PodDisruptionBudget; amounts are numbers or percentages as text."""

    ref: ResourceRef
    name: Located[str]
    min_available: Fact[str] = None
    max_unavailable: Fact[str] = None
    selector: Selector | None = None


@record
class Autoscaler:
    """A HorizontalPodAutoscaler, or a KEDA ScaledObject, and the workload that it scales."""

    ref: ResourceRef
    name: Located[str]
    min_replicas: Fact[int] = None
    max_replicas: Fact[int] = None
    target_kind: Fact[str] = None
    target_name: Fact[str] = None


@record
class Quota:
    """A ResourceQuota or LimitRange (`kind`), which bounds what its namespace may ask for."""

    ref: ResourceRef
    name: Located[str]
    kind: str


@record
class ClusterObjects:
    """The typed objects of a unit that are no pods, by their kinds."""

    services: tuple[Service, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    network_policies: tuple[NetworkPolicy, ...] = ()
    service_accounts: tuple[ServiceAccount, ...] = ()
    roles: tuple[RoleObject, ...] = ()
    role_bindings: tuple[RoleBinding, ...] = ()
    secrets: tuple[SecretObject, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    disruption_budgets: tuple[DisruptionBudget, ...] = ()
    autoscalers: tuple[Autoscaler, ...] = ()
    quotas: tuple[Quota, ...] = ()


NO_OBJECTS = ClusterObjects()
"""Those of a unit that has none."""


def merged(parts: Iterable[ClusterObjects]) -> ClusterObjects:
    """Return the objects of all parts together."""
    some = [part for part in parts if part is not NO_OBJECTS]
    if len(some) < 2:
        return some[0] if some else NO_OBJECTS
    return ClusterObjects(
        **{
            name: tuple(one for part in some for one in getattr(part, name))
            for name in ClusterObjects.__dataclass_fields__
        }
    )
