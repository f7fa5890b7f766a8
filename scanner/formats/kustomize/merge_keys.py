"""Which lists of Kubernetes' own types a strategic merge patch merges, and by which keys.

From the OpenAPI definitions of Kubernetes 1.21, which Kustomize 5 is built with. A list
that is not here is replaced as a whole, as are all lists of custom resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Field(NamedTuple):
    """The type of a field, or of a list's items, and the keys of a list that is merged:
    None for one that is replaced, none for a list of plain values."""

    type: str = ""
    keys: tuple[str, ...] | None = None


Type = Mapping[str, Field]
"""The fields of a type that are merged, or below which something is."""

_POD_SPEC = {
    "containers": Field("Container", ("name",)),
    "ephemeralContainers": Field("EphemeralContainer", ("name",)),
    "hostAliases": Field("", ("ip",)),
    "imagePullSecrets": Field("", ("name",)),
    "initContainers": Field("Container", ("name",)),
    "topologySpreadConstraints": Field("", ("topologyKey", "whenUnsatisfiable")),
    "volumes": Field("Volume", ("name",)),
}
_EPHEMERAL_CONTAINER = {
    "env": Field("", ("name",)),
    "volumeDevices": Field("", ("devicePath",)),
    "volumeMounts": Field("", ("mountPath",)),
}
_METADATA = Field("ObjectMeta")
_TYPES: Mapping[str, Type] = {
    "": {},
    "ObjectMeta": {"finalizers": Field("", ()), "ownerReferences": Field("", ("uid",))},
    "PodSpec": _POD_SPEC,
    "Container": {**_EPHEMERAL_CONTAINER, "ports": Field("", ("containerPort", "protocol"))},
    "EphemeralContainer": _EPHEMERAL_CONTAINER,
    "Volume": {"ephemeral": Field("EphemeralVolume")},
    "EphemeralVolume": {"volumeClaimTemplate": Field("Template")},
    "Template": {"metadata": _METADATA},
    "PodTemplate": {"metadata": _METADATA, "spec": Field("PodSpec")},
    "WorkloadSpec": {"template": Field("PodTemplate")},
    "JobTemplate": {"metadata": _METADATA, "spec": Field("WorkloadSpec")},
    "CronJobSpec": {"jobTemplate": Field("JobTemplate")},
    "ServiceSpec": {"ports": Field("", ("port", "protocol"))},
    "NodeSpec": {"podCIDRs": Field("", ())},
    "Workload": {"metadata": _METADATA, "spec": Field("WorkloadSpec")},
    "CronJob": {"metadata": _METADATA, "spec": Field("CronJobSpec")},
    "Pod": {"metadata": _METADATA, "spec": Field("PodSpec")},
    "PodTemplateObject": {"metadata": _METADATA, "template": Field("PodTemplate")},
    "Service": {"metadata": _METADATA, "spec": Field("ServiceSpec")},
    "ServiceAccount": {"metadata": _METADATA, "secrets": Field("", ("name",))},
    "Node": {"metadata": _METADATA, "spec": Field("NodeSpec")},
    "Webhooks": {"metadata": _METADATA, "webhooks": Field("", ("name",))},
}
_KINDS = {
    ("apps/v1", "DaemonSet"): "Workload",
    ("apps/v1", "Deployment"): "Workload",
    ("apps/v1", "ReplicaSet"): "Workload",
    ("apps/v1", "StatefulSet"): "Workload",
    ("batch/v1", "CronJob"): "CronJob",
    ("batch/v1", "Job"): "Workload",
    ("batch/v1beta1", "CronJob"): "CronJob",
    ("v1", "Node"): "Node",
    ("v1", "Pod"): "Pod",
    ("v1", "PodTemplate"): "PodTemplateObject",
    ("v1", "ReplicationController"): "Workload",
    ("v1", "Service"): "Service",
    ("v1", "ServiceAccount"): "ServiceAccount",
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): "Webhooks",
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): "Webhooks",
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"): "Webhooks",
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"): "Webhooks",
}


class Types(Protocol):
    """Which lists are merged, by the types of objects and of their fields."""

    def of_object(self, api_version: str, kind: str) -> Type:
        """Return the type of an object."""

    def named(self, name: str) -> Type:
        """Return the type that a field has the name of."""


class _BuiltIn:
    """Kubernetes' own types."""

    def of_object(self, api_version: str, kind: str) -> Type:
        """Return the type of an object."""
        name = _KINDS.get((api_version, kind))
        if name is None:
            group = api_version.rpartition("/")[0]
            is_own = "." not in group or group.endswith(".k8s.io")
            name = "Template" if is_own else ""
        return _TYPES[name]

    def named(self, name: str) -> Type:
        """Return the type of a field."""
        return _TYPES[name]


BUILT_IN: Types = _BuiltIn()
