"""How resources refer to each other: the words that rules use in `related`, and what they mean.

A relation is said by one resource (a Service selects pods, a pod names its Secret) and can be
followed from either end, under a name for each.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Relation(NamedTuple):
    """A relation between two kinds of resources.

    `name` is what rules on `source` call its `target`s; `verb` is the relation itself, the same for
    both directions; `said_by_source` tells in which direction the verb reads.
    """

    source: str
    name: str
    target: str
    verb: str
    said_by_source: bool
    meaning: str


def _both(
    source: str, name: str, verb: str, target: str, back: str, meaning: str
) -> tuple[Relation, Relation]:
    return (
        Relation(source, name, target, verb, True, meaning),
        Relation(target, back, source, verb, False, meaning),
    )


RELATIONS: tuple[Relation, ...] = (
    *_both("container", "built-from", "built-from", "stage", "containers", "a stage builds its image"),
    *_both(
        "stage", "base-stages", "based-on", "stage", "derived-stages", "a stage of the repository is its base"
    ),
    *_both(
        "container",
        "builds",
        "built-by",
        "image_build",
        "containers",
        "a build file says how its image is built",
    ),
    *_both("image_build", "stages", "makes", "stage", "image-builds", "its result is the stage"),
    *_both(
        "build_argument",
        "declarations",
        "fills",
        "build_arg",
        "build-arguments",
        "an ARG of the Dockerfile takes it",
    ),
    *_both(
        "build_argument",
        "dockerfiles",
        "unknown-to",
        "dockerfile",
        "unknown-arguments",
        "no ARG of the Dockerfile takes it",
    ),
    *_both("service", "workloads", "selects", "workload", "services", "its selector matches the pods"),
    *_both(
        "network_policy",
        "workloads",
        "governs",
        "workload",
        "network-policies",
        "its podSelector matches the pods",
    ),
    *_both("network_peer", "workloads", "lets-through", "workload", "peers", "its selectors match the pods"),
    *_both(
        "disruption_budget",
        "workloads",
        "protects",
        "workload",
        "disruption-budgets",
        "its selector matches the pods",
    ),
    *_both(
        "autoscaler",
        "workloads",
        "scales",
        "workload",
        "autoscalers",
        "its scaleTargetRef names the workload",
    ),
    *_both("backend", "services", "routes-to", "service", "backends", "it names the Service"),
    *_both(
        "ingress", "services", "leads-to", "service", "ingresses", "one of its backends names the Service"
    ),
    *_both("ingress", "gateways", "attaches-to", "ingress", "routes", "a route names its Gateway"),
    *_both(
        "backend", "service-ports", "reaches", "service_port", "backends", "its port is that of the Service"
    ),
    *_both(
        "service_port", "ports", "targets", "port", "service-ports", "its targetPort is that of the container"
    ),
    *_both("port", "exposed", "opened-by", "exposed_port", "ports", "the image's Dockerfile exposes it"),
    *_both(
        "workload",
        "service-accounts",
        "acts-as",
        "service_account",
        "workloads",
        "its pods run as the account",
    ),
    *_both(
        "workload",
        "bindings",
        "empowered-by",
        "role_binding",
        "workloads",
        "a binding names the account of its pods",
    ),
    *_both(
        "service_account",
        "bindings",
        "bound-by",
        "role_binding",
        "service-accounts",
        "a binding names the account",
    ),
    *_both("role_binding", "roles", "grants", "role", "bindings", "it names the role"),
    *_both(
        "role", "aggregated", "aggregates", "role", "aggregating", "its aggregation rule selects the role"
    ),
    *_both("workload", "granted", "may", "policy_rule", "holders", "its account may do so"),
    *_both("reference", "secrets", "reads-secret", "secret", "references", "it names the Secret"),
    *_both("reference", "config-maps", "reads-config", "config_map", "references", "it names the ConfigMap"),
    *_both(
        "reference",
        "stored-values",
        "reads-stored",
        "stored_value",
        "references",
        "it names the project's secret or config",
    ),
    *_both(
        "workload_reference",
        "secrets",
        "mounts-secret",
        "secret",
        "workload-references",
        "it names the Secret",
    ),
    *_both(
        "workload_reference",
        "config-maps",
        "mounts-config",
        "config_map",
        "workload-references",
        "it names the ConfigMap",
    ),
    *_both(
        "workload_reference",
        "stored-values",
        "mounts-stored",
        "stored_value",
        "workload-references",
        "it names the project's secret or config",
    ),
    *_both("workload", "secrets", "uses-secret", "secret", "workloads", "the pods read or mount it"),
    *_both("workload", "config-maps", "uses-config", "config_map", "workloads", "the pods read or mount it"),
    *_both("workload", "stored-values", "uses-stored", "stored_value", "workloads", "the service reads it"),
    *_both("workload", "env-files", "loads", "env_file", "workloads", "its environment comes from the file"),
    *_both("workload", "networks", "joins", "network", "workloads", "it is attached to the network"),
    *_both(
        "workload", "namespace-objects", "lives-in", "namespace", "workloads", "its namespace is defined here"
    ),
    *_both(
        "network_policy",
        "namespace-objects",
        "guards",
        "namespace",
        "network-policies",
        "its namespace is defined here",
    ),
    *_both("quota", "namespace-objects", "limits", "namespace", "quotas", "its namespace is defined here"),
    *_both("workload", "dependencies", "depends-on", "workload", "dependents", "it waits for the other"),
    *_both(
        "workload",
        "namespace-hosts",
        "enters",
        "workload",
        "namespace-guests",
        "it enters a namespace of the other",
    ),
    *_both(
        "workload",
        "headless-services",
        "governed-by",
        "service",
        "stateful-sets",
        "its serviceName names the Service",
    ),
    *_both(
        "container",
        "base-variants",
        "varies",
        "container",
        "variants",
        "the same container in the environment below it",
    ),
    *_both(
        "container",
        "siblings",
        "stands-beside",
        "container",
        "sibling-of",
        "the same container in another environment",
    ),
    Relation(
        "workload", "neighbours", "workload", "shares-network", True, "both are attached to one network"
    ),
    Relation("workload", "volume-sharers", "workload", "shares-volume", True, "both mount one named volume"),
    Relation(
        "workload", "sharing", "workload", "shares-selector", True, "its selector matches the other's pods"
    ),
    *_both(
        "service",
        "sharing",
        "mixes",
        "workload",
        "mixing-services",
        "its selector matches the pods, and others that run other images",
    ),
    *_both("probe", "ports", "asks", "port", "probes", "its port is one of the containers'"),
    Relation("workload", "account-sharers", "workload", "shares-account", True, "both run as one account"),
)
"""Every relation, from both ends."""


@cache
def relations_of(kind: str) -> dict[str, Relation]:
    """Return the relations that a rule on a kind can follow, by name."""
    return {relation.name: relation for relation in RELATIONS if relation.source == kind}


def relation_named(kind: str, name: str) -> tuple[Relation, bool]:
    """Return the relation that a rule on a kind calls so, and whether it is one of a kind around it
    (`workload.services` of a container). Raises KeyError for an unknown name."""
    holder, dot, word = name.rpartition(".")
    return relations_of(holder if dot else kind)[word], bool(dot)
