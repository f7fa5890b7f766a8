"""What a cluster of a Kubernetes version answers to `.Capabilities.APIVersions.Has`.

Helm's engine knows without a cluster only the groups of its own client library: it lacks
those that the cluster adds (apiregistration.k8s.io), every `group/version/Kind`, and it
still has versions that were removed long ago. A chart then takes a way that it takes in no
cluster. Here are the versions that Kubernetes serves by default; what comes with custom
resources is there only when the user names it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from scanner.formats.helm.actions import scan_actions

_FIRST, _LATEST = 0, 10_000

_Served = tuple[int, int]
"""The minor versions 1.x with which something came and from which on it was gone."""

_ALWAYS: _Served = (_FIRST, _LATEST)

# https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and the API overviews.
# Alpha versions, and beta versions since 1.24, are off unless somebody turns them on.
_VERSIONS: dict[str, _Served] = {
    "v1": _ALWAYS,
    "admissionregistration.k8s.io/v1": (16, _LATEST),
    "admissionregistration.k8s.io/v1beta1": (9, 22),
    "apiextensions.k8s.io/v1": (16, _LATEST),
    "apiextensions.k8s.io/v1beta1": (7, 22),
    "apiregistration.k8s.io/v1": (10, _LATEST),
    "apiregistration.k8s.io/v1beta1": (7, 22),
    "apps/v1": (9, _LATEST),
    "apps/v1beta1": (6, 16),
    "apps/v1beta2": (8, 16),
    "authentication.k8s.io/v1": (6, _LATEST),
    "authentication.k8s.io/v1beta1": (4, 22),
    "authorization.k8s.io/v1": (6, _LATEST),
    "authorization.k8s.io/v1beta1": (4, 22),
    "autoscaling/v1": (3, _LATEST),
    "autoscaling/v2": (23, _LATEST),
    "autoscaling/v2beta1": (8, 25),
    "autoscaling/v2beta2": (12, 26),
    "batch/v1": (3, _LATEST),
    "batch/v1beta1": (8, 25),
    "certificates.k8s.io/v1": (19, _LATEST),
    "certificates.k8s.io/v1beta1": (6, 22),
    "coordination.k8s.io/v1": (14, _LATEST),
    "coordination.k8s.io/v1beta1": (12, 22),
    "discovery.k8s.io/v1": (21, _LATEST),
    "discovery.k8s.io/v1beta1": (17, 25),
    "events.k8s.io/v1": (19, _LATEST),
    "events.k8s.io/v1beta1": (8, 25),
    "extensions/v1beta1": (_FIRST, 22),
    "flowcontrol.apiserver.k8s.io/v1": (29, _LATEST),
    "flowcontrol.apiserver.k8s.io/v1beta1": (20, 26),
    "flowcontrol.apiserver.k8s.io/v1beta2": (23, 29),
    "flowcontrol.apiserver.k8s.io/v1beta3": (26, 32),
    "networking.k8s.io/v1": (7, _LATEST),
    "networking.k8s.io/v1beta1": (14, 22),
    "node.k8s.io/v1": (20, _LATEST),
    "node.k8s.io/v1beta1": (14, 25),
    "policy/v1": (21, _LATEST),
    "policy/v1beta1": (5, 25),
    "rbac.authorization.k8s.io/v1": (8, _LATEST),
    "rbac.authorization.k8s.io/v1beta1": (6, 22),
    "resource.k8s.io/v1": (34, _LATEST),
    "scheduling.k8s.io/v1": (14, _LATEST),
    "scheduling.k8s.io/v1beta1": (11, 22),
    "storage.k8s.io/v1": (6, _LATEST),
    "storage.k8s.io/v1beta1": (6, 27),
}
_KINDS: dict[str, str] = {
    "v1": "ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod "
    "PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1beta1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "apiregistration.k8s.io/v1beta1": "APIService",
    "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "apps/v1beta1": "ControllerRevision Deployment StatefulSet",
    "apps/v1beta2": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authentication.k8s.io/v1": "TokenReview",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "autoscaling/v2beta1": "HorizontalPodAutoscaler",
    "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "batch/v1beta1": "CronJob",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "discovery.k8s.io/v1beta1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "flowcontrol.apiserver.k8s.io/v1": "FlowSchema PriorityLevelConfiguration",
    "node.k8s.io/v1": "RuntimeClass",
    "policy/v1": "PodDisruptionBudget",
    "policy/v1beta1": "PodDisruptionBudget PodSecurityPolicy",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
}
"""Kinds that were in a version as long as the version itself."""
_OWN_KINDS: dict[str, _Served] = {
    "batch/v1/Job": (3, _LATEST),
    "batch/v1/CronJob": (21, _LATEST),
    "extensions/v1beta1/Ingress": (1, 22),
    "extensions/v1beta1/DaemonSet": (1, 16),
    "extensions/v1beta1/Deployment": (1, 16),
    "extensions/v1beta1/NetworkPolicy": (3, 16),
    "extensions/v1beta1/PodSecurityPolicy": (2, 16),
    "extensions/v1beta1/ReplicaSet": (2, 16),
    "networking.k8s.io/v1/Ingress": (19, _LATEST),
    "networking.k8s.io/v1/IngressClass": (19, _LATEST),
    "networking.k8s.io/v1/NetworkPolicy": (7, _LATEST),
    "networking.k8s.io/v1beta1/Ingress": (14, 22),
    "networking.k8s.io/v1beta1/IngressClass": (18, 22),
    "storage.k8s.io/v1/CSIDriver": (18, _LATEST),
    "storage.k8s.io/v1/CSINode": (17, _LATEST),
    "storage.k8s.io/v1/CSIStorageCapacity": (24, _LATEST),
    "storage.k8s.io/v1/StorageClass": (6, _LATEST),
    "storage.k8s.io/v1/VolumeAttachment": (13, _LATEST),
    "storage.k8s.io/v1beta1/CSIDriver": (14, 22),
    "storage.k8s.io/v1beta1/CSIStorageCapacity": (21, 27),
    "storage.k8s.io/v1beta1/StorageClass": (6, 22),
}


@lru_cache(maxsize=64)
def served_versions(kube_version: str | None) -> tuple[str, ...]:
    """Return every `group/version` and `group/version/Kind` that a Kubernetes version serves by
    default, sorted; without a version, or with one that cannot be read, those of the latest."""
    minor = _minor(kube_version)
    return tuple(sorted(name for name, (since, until) in _everything().items() if since <= minor < until))


class Absence:
    """Knows what a version of Kubernetes does not serve by default of the groups that are its own,
    but for what the user says is there (`named`)."""

    def __init__(self, kube_version: str | None, named: Collection[str] = ()) -> None:
        self._present = {*served_versions(kube_version), *named}

    def holds(self, name: str) -> bool:
        """Whether a `group/version`, with a kind or without, is surely not there."""
        group, _, rest = name.partition("/")
        version = f"{group}/{rest.partition('/')[0]}"
        return group in _groups() and not {name, version} & self._present

    def answer(self, text: str) -> str:
        """Return a template in which the question for a version that is not there is answered with
        `false`; everything stays at its line and column."""
        if ".APIVersions.Has" not in text:
            return text

        def answer(match: re.Match[str]) -> str:
            return "false".ljust(len(match[0])) if self.holds(match["name"]) else match[0]

        pieces = []
        position = 0
        for action in scan_actions(text):
            pieces.append(text[position : action.start])
            pieces.append(_question().sub(answer, text[action.start : action.end]))
            position = action.end
        return "".join(pieces) + text[position:]


@lru_cache(maxsize=1)
def _groups() -> frozenset[str]:
    """The groups that Kubernetes itself has, those included that are off by default."""
    own = {version.partition("/")[0] for version in _VERSIONS if "/" in version}
    return frozenset(own | {"internal.apiserver.k8s.io", "storagemigration.k8s.io"})


@lru_cache(maxsize=1)
def _question() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.$])[$.][\w.]{0,80}?Capabilities\.APIVersions\.Has"
        r"""[ \t]{1,8}(["`])(?P<name>[\w./-]{1,120})\1"""
    )


@lru_cache(maxsize=1)
def _everything() -> dict[str, _Served]:
    return {**_VERSIONS, **dict(_with_kinds()), **_OWN_KINDS}


def _with_kinds() -> Iterator[tuple[str, _Served]]:
    for version, kinds in _KINDS.items():
        for kind in kinds.split():
            yield f"{version}/{kind}", _VERSIONS[version]


def _minor(version: str | None) -> int:
    match = re.match(r"v?1\.(\d{1,3})(?:\D|$)", version or "")
    return int(match[1]) if match is not None else _LATEST - 1
