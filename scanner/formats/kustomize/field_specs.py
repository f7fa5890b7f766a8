"""Where labels, annotations and replica counts go, by Kustomize 5's own tables."""

from __future__ import annotations

from functools import cache

from scanner.formats.kustomize.field_paths import Spec, spec

_TEMPLATED = ("Deployment", "ReplicaSet", "DaemonSet")
_AFFINITY = tuple(
    f"spec/template/spec/affinity/{kind}/{rest}"
    for kind in ("podAffinity", "podAntiAffinity")
    for rest in (
        "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        "requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    )
)
METADATA_LABELS = spec("metadata/labels", create=True)
METADATA_NAME = spec("metadata/name")


@cache
def template_labels() -> tuple[Spec, ...]:
    """Labels of objects and of what they are templates for."""
    return (
        METADATA_LABELS,
        *_templates("labels", ("batch",)),
        spec("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", group="apps", create=True),
    )


@cache
def common_labels() -> tuple[Spec, ...]:
    """The same, and the selectors that choose objects by them."""
    spread = "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels"
    return (
        spec("spec/selector", "Service", version="v1", create=True),
        spec("spec/selector", "ReplicationController", version="v1", create=True),
        *(spec("spec/selector/matchLabels", kind, create=True) for kind in _TEMPLATED),
        spec("spec/selector/matchLabels", "StatefulSet", group="apps", create=True),
        *(
            spec(path, kind, group="apps")
            for kind in ("Deployment", "StatefulSet")
            for path in (*_AFFINITY, spread)
        ),
        spec("spec/selector/matchLabels", "Job", group="batch"),
        spec("spec/jobTemplate/spec/selector/matchLabels", "CronJob", group="batch"),
        spec("spec/selector/matchLabels", "PodDisruptionBudget", group="policy"),
        spec("spec/podSelector/matchLabels", "NetworkPolicy", group="networking.k8s.io"),
        spec("spec/ingress/from/podSelector/matchLabels", "NetworkPolicy", group="networking.k8s.io"),
        spec("spec/egress/to/podSelector/matchLabels", "NetworkPolicy", group="networking.k8s.io"),
        *template_labels(),
    )


@cache
def annotation_fields() -> tuple[Spec, ...]:
    """Annotations of objects and of what they are templates for."""
    return (spec("metadata/annotations", create=True), *_templates("annotations", ()))


def _templates(field: str, group: tuple[str, ...]) -> tuple[Spec, ...]:
    path = f"spec/template/metadata/{field}"
    return (
        spec(path, "ReplicationController", version="v1", create=True),
        *(spec(path, kind, create=True) for kind in _TEMPLATED),
        spec(path, "StatefulSet", group="apps" if group else "", create=True),
        spec(path, "Job", group="batch", create=True),
        spec(f"spec/jobTemplate/metadata/{field}", "CronJob", group="batch", create=True),
        spec(f"spec/jobTemplate/spec/template/metadata/{field}", "CronJob", group="batch", create=True),
    )


NAMESPACES = (
    spec("metadata/name", "Namespace", create=True),
    spec("spec/service/namespace", "APIService", group="apiregistration.k8s.io", create=True),
    spec(
        "spec/conversion/webhook/clientConfig/service/namespace",
        "CustomResourceDefinition",
        group="apiextensions.k8s.io",
    ),
)
REPLICAS = tuple(
    spec("spec/replicas", kind, create=True)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)
IMAGES = tuple(
    spec(f"{pod}/{holder}[]/image", create=True)
    for pod in ("spec", "spec/template/spec")
    for holder in ("containers", "initContainers")
)
