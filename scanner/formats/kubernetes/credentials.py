"""Credentials in the objects of Kubernetes outside of variables, Secrets and command lines."""

from __future__ import annotations

from itertools import islice

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.shared.credentials import MOST, Leaf, of_file, of_leaf, suspects
from scanner.model.resources import Document
from scanner.model.settings import WrittenCredential
from scanner.parsing.yaml import MappingNode, Node, ScalarNode

_WITHOUT = frozenset(
    [
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "HorizontalPodAutoscaler",
        "LimitRange",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "SealedSecret",
        "ServiceAccount",
    ]
)
"""Kinds that hold no credential: schemas, rules, and values that are encrypted."""

_PASSED_OVER = frozenset(("managedFields", "encryptedData", "caBundle", "status", "openAPIV3Schema"))
_OF_PODS = _PASSED_OVER | {"env", "command", "args"}
_OF_SECRETS = _PASSED_OVER | {"data", "stringData", "binaryData"}
_EXTERNAL = _PASSED_OVER | {"secretKey", "remoteRef"}


def read_credentials(
    node: Node, index: Index, document: Document, facts: FactReader, *, has_pods: bool
) -> tuple[WrittenCredential, ...]:
    """Return the credentials of an object; where pods were read from it (`has_pods`), those of their
    variables and command lines are told elsewhere, and those of a Secret are."""
    kind = document.kind
    if kind in _WITHOUT:
        return ()
    passed_over = _PASSED_OVER
    if kind in ("Secret", "ConfigMap"):
        passed_over = _OF_SECRETS
    elif has_pods:
        passed_over = _OF_PODS
    elif kind.endswith("Secret"):
        passed_over = _EXTERNAL
    source, ref = facts.source, document.ref
    found = [
        one
        for leaf in suspects(node, passed_over)
        for one in islice(of_leaf(leaf, source, ref, "field"), MOST)
    ]
    if kind == "ConfigMap" and "data" in index and index["data"][1].__class__ is MappingNode:
        for pair in index["data"][1].value:
            key, value = pair
            if key.__class__ is ScalarNode and value.__class__ is ScalarNode:
                found += of_file(key.value, Leaf(key.value, value, (key, value)), source, ref, "config")
    return tuple(found[:MOST])
