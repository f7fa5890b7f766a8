"""What an object is called now and was called before, and the object while it is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.formats.kustomize.nodes import (
    MappingNode,
    child,
    drop,
    find,
    key_at,
    new_mapping,
    new_scalar,
    put,
    text_at,
)
from scanner.parsing.yaml import Node, Pair, ScalarNode

_CLUSTER_SCOPED = frozenset(
    (
        *((group, "v1", kind) for group, kind in (("", "ComponentStatus"), ("", "Namespace"), ("", "Node"))),
        ("", "v1", "PersistentVolume"),
        ("policy", "v1beta1", "PodSecurityPolicy"),
        ("certificates.k8s.io", "v1", "CertificateSigningRequest"),
        ("certificates.k8s.io", "v1beta1", "CertificateSigningRequest"),
        ("flowcontrol.apiserver.k8s.io", "v1beta1", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "v1beta1", "PriorityLevelConfiguration"),
        *(
            (group, version, kind)
            for version in ("v1", "v1beta1")
            for group, kind in (
                ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
                ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
                ("apiextensions.k8s.io", "CustomResourceDefinition"),
                ("apiregistration.k8s.io", "APIService"),
                ("networking.k8s.io", "IngressClass"),
                ("node.k8s.io", "RuntimeClass"),
                ("rbac.authorization.k8s.io", "ClusterRole"),
                ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
                ("scheduling.k8s.io", "PriorityClass"),
                ("storage.k8s.io", "CSIDriver"),
                ("storage.k8s.io", "CSINode"),
                ("storage.k8s.io", "StorageClass"),
                ("storage.k8s.io", "VolumeAttachment"),
            )
        ),
    )
)
"""Kinds that Kustomize 5 knows (by the API of Kubernetes 1.21) to be in no namespace."""


class Kind(NamedTuple):
    """A group, version and kind; an empty part of a pattern stands for any."""

    group: str
    version: str
    kind: str

    def is_selected(self, pattern: Kind) -> bool:
        """Whether a pattern selects this kind."""
        return (
            (not pattern.kind or pattern.kind == self.kind)
            and (not pattern.group or pattern.group == self.group)
            and (not pattern.version or pattern.version == self.version)
        )

    @property
    def is_cluster_scoped(self) -> bool:
        """Whether objects of the kind are certainly in no namespace."""
        return tuple(self) in _CLUSTER_SCOPED


class Identity(NamedTuple):
    """The name of an object in a cluster."""

    of: Kind
    name: str
    namespace: str

    @property
    def effective_namespace(self) -> str:
        """The namespace that it is in; none is the same as `default`."""
        return "" if self.of.is_cluster_scoped else self.namespace or "default"

    def equals(self, other: Identity) -> bool:
        """Whether both mean the same object."""
        return (
            self.name == other.name
            and self.of == other.of
            and self.effective_namespace == other.effective_namespace
        )

    def label(self) -> str:
        """How messages call it."""
        return f"{self.of.kind} '{self.name}'"


def kind_of(root: Node) -> Kind:
    """Return the group, version and kind that an object says."""
    version = text_at(root, "apiVersion")
    group, slash, rest = version.partition("/")
    return Kind(group if slash else "", rest if slash else version, text_at(root, "kind"))


def identity_of(root: Node) -> Identity:
    """Return what an object is called."""
    metadata = child(root, "metadata")
    return Identity(kind_of(root), text_at(metadata, "name"), text_at(metadata, "namespace"))


class Resource:
    """An object while it is built. `number` is the 0-based document of its text.

    `previous` are its earlier identities, the oldest first; `prefixes` and `suffixes`
    what was put around its name. A generated one has a `behavior`, and `needs_hash`.
    """

    __slots__ = ("behavior", "needs_hash", "number", "prefixes", "previous", "root", "suffixes", "variables")

    def __init__(self, root: MappingNode, number: int = 0) -> None:
        self.root = root
        self.number = number
        self.previous: list[Identity] = []
        self.prefixes: list[str] = []
        self.suffixes: list[str] = []
        self.behavior = "create"
        self.needs_hash = False
        self.variables: list[str] = []

    @property
    def identity(self) -> Identity:
        """What it is called now."""
        return identity_of(self.root)

    @property
    def original(self) -> Identity:
        """What it was called first."""
        return self.previous[0] if self.previous else self.identity

    def identities(self) -> Iterator[Identity]:
        """What it was and is called."""
        yield from self.previous
        yield self.identity

    def remember(self) -> None:
        """Keep what it is called now as a previous identity."""
        now = self.identity
        self.previous.append(now._replace(namespace=now.effective_namespace))

    def rename(self, name: str) -> None:
        """Change its name; the place stays that of the name as it was written."""
        pair = find(child(self.root, "metadata"), "name")
        if pair is not None:
            replace_text(self.root, ("metadata", "name"), name)

    def metadata(self) -> MappingNode:
        """Return its metadata, made when there is none."""
        pair = find(self.root, "metadata")
        if pair is not None and pair[1].__class__ is MappingNode:
            return pair[1]
        made = new_mapping(self.root)
        put(self.root, (key_at("metadata", self.root), made))
        return made


def replace_text(root: Node, path: tuple[str, ...], text: str) -> None:
    """Change a text where it stands."""
    holder = child(root, *path[:-1])
    if holder is None or holder.__class__ is not MappingNode:
        return
    for index, (key, value) in enumerate(holder.value):
        if key.value == path[-1] and value.__class__ is ScalarNode:
            holder.value[index] = (key, new_scalar(text, value))


def keep_identity(root: MappingNode, before: Node, *, name: bool, kind: bool) -> None:
    """Give an object the namespace that another tree of it had, and its name and kind
    where asked (what a patch may not change)."""
    if kind:
        _restore(root, find(before, "kind"), "kind")
    metadata = child(root, "metadata")
    if metadata is None or metadata.__class__ is not MappingNode:
        return
    if name:
        _restore(metadata, find(child(before, "metadata"), "name"), "name")
    _restore(metadata, find(child(before, "metadata"), "namespace"), "namespace")


def _restore(holder: MappingNode, pair: Pair | None, key: str) -> None:
    if pair is None:
        drop(holder, key)
        return
    for index, old in enumerate(holder.value):
        if old[0].value == key:
            holder.value[index] = pair
            return
    holder.value.append(pair)
