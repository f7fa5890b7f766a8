"""Which fields name which objects, and which may hold `$(variables)`: Kustomize 5's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from scanner.formats.kustomize.field_paths import Spec, spec
from scanner.formats.kustomize.identity import Kind

_TEMPLATE = "spec/template/spec"
_PODS = {
    "Pod": "spec",
    "PodTemplate": "template/spec",
    "Deployment": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "ReplicationController": _TEMPLATE,
    "CronJob": "spec/jobTemplate/spec/template/spec",
}
_CONFIGURED = ("Pod", "PodTemplate", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob")
_ADMITTED = ("Pod", "StatefulSet", "Deployment", "ReplicationController", "CronJob", "Job", "DaemonSet")
_VARIED = ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet")
_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"


class NameReference(NamedTuple):
    """Fields that hold the name of an object of a kind."""

    target: Kind
    fields: tuple[Spec, ...]


@cache
def name_references() -> tuple[NameReference, ...]:
    """Return the fields that name an object, by the kind of the object."""
    return tuple(_name_references())


def by_kind(references: Iterable[NameReference]) -> Mapping[str, tuple[tuple[Kind, Spec], ...]]:
    """Return the fields of each kind (those of any kind under no name) that name an object,
    with the kind of the object."""
    found: dict[str, list[tuple[Kind, Spec]]] = {}
    for reference in references:
        for field in reference.fields:
            found.setdefault(field.of.kind, []).append((reference.target, field))
    return {kind: tuple(fields) for kind, fields in found.items()}


@cache
def references_by_kind() -> Mapping[str, tuple[tuple[Kind, Spec], ...]]:
    """Return the same of Kustomize's own fields."""
    return by_kind(name_references())


def _name_references() -> Iterable[NameReference]:
    scaled = (spec("spec/scaleTargetRef/name", "HorizontalPodAutoscaler"),)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"):
        yield NameReference(Kind("", "", kind), scaled)
    yield NameReference(Kind("", "v1", "ConfigMap"), tuple(_config_fields()))
    yield NameReference(Kind("", "v1", "Secret"), tuple(_secret_fields()))
    yield NameReference(Kind("", "v1", "Service"), tuple(_service_fields()))
    bindings = [spec("roleRef/name", kind, group=_RBAC) for kind in ("RoleBinding", "ClusterRoleBinding")]
    yield NameReference(Kind(_RBAC, "", "Role"), (bindings[0],))
    yield NameReference(Kind(_RBAC, "", "ClusterRole"), tuple(bindings))
    subjects = [spec("subjects", kind, group=_RBAC) for kind in ("RoleBinding", "ClusterRoleBinding")]
    accounts = _in_pods(("serviceAccountName",), _ADMITTED)
    yield NameReference(Kind("", "v1", "ServiceAccount"), (*subjects, *accounts))
    claims = _in_pods(("volumes/persistentVolumeClaim/claimName",), _ADMITTED)
    yield NameReference(Kind("", "v1", "PersistentVolumeClaim"), tuple(claims))
    yield NameReference(
        Kind("", "v1", "PersistentVolume"),
        (spec("spec/volumeName", "PersistentVolumeClaim"), spec("rules/resourceNames", "ClusterRole")),
    )
    yield NameReference(
        Kind("storage.k8s.io", "v1", "StorageClass"),
        (
            spec("spec/storageClassName", "PersistentVolume"),
            spec("spec/storageClassName", "PersistentVolumeClaim"),
            spec("spec/volumeClaimTemplates/spec/storageClassName", "StatefulSet"),
        ),
    )
    priorities = _in_pods(("priorityClassName",), _ADMITTED)
    yield NameReference(Kind("scheduling.k8s.io", "v1", "PriorityClass"), tuple(priorities))
    yield NameReference(
        Kind(_ADMISSION, "", "ValidatingAdmissionPolicy"),
        (spec("spec/policyName", "ValidatingAdmissionPolicyBinding", group=_ADMISSION),),
    )


def _in_pods(paths: Iterable[str], kinds: Iterable[str]) -> list[Spec]:
    return [spec(f"{_PODS[kind]}/{path}", kind) for kind in kinds for path in paths]


_CONTAINERS = ("containers", "initContainers")


def _config_fields() -> Iterable[Spec]:
    yield from _in_pods(("volumes/configMap/name", "volumes/projected/sources/configMap/name"), _CONFIGURED)
    for holder in _CONTAINERS:
        yield from _in_pods(
            (f"{holder}/env/valueFrom/configMapKeyRef/name", f"{holder}/envFrom/configMapRef/name"),
            _CONFIGURED,
        )
    yield spec("spec/configSource/configMap", "Node")
    yield spec("rules/resourceNames", "Role")
    yield spec("rules/resourceNames", "ClusterRole")
    yield spec("metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap", "Ingress")


def _secret_fields() -> Iterable[Spec]:
    yield from _in_pods(
        ("volumes/secret/secretName", "imagePullSecrets/name", "volumes/projected/sources/secret/name"),
        _CONFIGURED,
    )
    for holder in _CONTAINERS:
        yield from _in_pods(
            (f"{holder}/env/valueFrom/secretKeyRef/name", f"{holder}/envFrom/secretRef/name"), _CONFIGURED
        )
    yield spec("spec/tls/secretName", "Ingress")
    for annotation in (
        "ingress.kubernetes.io\\/auth-secret",
        "nginx.ingress.kubernetes.io\\/auth-secret",
        "nginx.ingress.kubernetes.io\\/auth-tls-secret",
    ):
        yield spec(f"metadata/annotations/{annotation}", "Ingress")
    yield spec("imagePullSecrets/name", "ServiceAccount")
    for name in ("secretName", "adminSecretName", "userSecretName", "secretRef"):
        yield spec(f"parameters/{name}", "StorageClass")
    yield spec("rules/resourceNames", "Role")
    yield spec("rules/resourceNames", "ClusterRole")
    knative = f"{_TEMPLATE}/containers/env/valueFrom/secretKeyRef/name"
    yield spec(knative, "Service", group="serving.knative.dev", version="v1")
    yield spec("spec/azureFile/secretName", "PersistentVolume")


def _service_fields() -> Iterable[Spec]:
    yield spec("spec/serviceName", "StatefulSet", group="apps")
    for path in (
        "spec/rules/http/paths/backend/serviceName",
        "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name",
        "spec/defaultBackend/service/name",
    ):
        yield spec(path, "Ingress")
    yield spec("spec/service/name", "APIService", group="apiregistration.k8s.io")
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        yield spec("webhooks/clientConfig/service", kind, group=_ADMISSION)


@cache
def variable_fields() -> tuple[Spec, ...]:
    """Return the fields in which `$(NAME)` is replaced by a variable of a kustomization."""
    found = [
        spec(f"{_PODS[kind]}/{holder}/{path}", kind)
        for kind in _VARIED
        for holder in _CONTAINERS
        for path in ("args", "command", "env/value", "volumeMounts/mountPath")
    ]
    found += [spec(f"{_PODS[kind]}/volumes/nfs/server", kind) for kind in _VARIED if kind != "CronJob"]
    found += [
        spec("spec/jobTemplate/spec/template/volumes/nfs/server", "CronJob"),
        spec("spec/template/metadata/annotations", "Deployment"),
        spec("spec/rules/host", "Ingress"),
        spec("spec/tls/hosts", "Ingress"),
        spec("spec/tls/secretName", "Ingress"),
        spec("spec/ports/port", "Service"),
        spec("spec/ports/targetPort", "Service"),
        spec("spec/volumeClaimTemplates/spec/nfs/server", "StatefulSet"),
        spec("spec/nfs/server", "PersistentVolume"),
        spec("metadata/labels"),
        spec("metadata/annotations"),
    ]
    return tuple(found)
