"""What pods are configured with and act as: Secrets, ConfigMaps, ServiceAccounts, Namespaces."""

from __future__ import annotations

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.selectors import read_entries, read_names
from scanner.model.cluster import ConfigMap, Namespace, Quota, SecretObject, ServiceAccount
from scanner.model.resources import Document

_ENFORCE = "pod-security.kubernetes.io/enforce"


def read_secret(index: Index, document: Document, facts: FactReader) -> SecretObject:
    """Return a Secret (core/v1)."""
    written = read_entries(facts.mapping(index, "data"), facts, "base64")
    plain = read_entries(facts.mapping(index, "stringData"), facts, "literal")
    return SecretObject(document.ref, document.name, facts.text(index, "type"), (*written, *plain))


def read_config_map(index: Index, document: Document, facts: FactReader) -> ConfigMap:
    """Return a ConfigMap (core/v1)."""
    plain = read_entries(facts.mapping(index, "data"), facts, "literal")
    binary = read_entries(facts.mapping(index, "binaryData"), facts, "base64")
    return ConfigMap(document.ref, document.name, (*plain, *binary))


def read_service_account(index: Index, document: Document, facts: FactReader) -> ServiceAccount:
    """Return a ServiceAccount (core/v1)."""
    return ServiceAccount(
        document.ref,
        document.name,
        facts.boolean(index, "automountServiceAccountToken"),
        read_names(index, "secrets", facts),
        read_names(index, "imagePullSecrets", facts),
    )


def read_namespace(index: Index, document: Document, facts: FactReader) -> Namespace:
    """Return a Namespace (core/v1)."""
    labels = facts.mapping(facts.mapping(index, "metadata"), "labels")
    return Namespace(document.ref, document.name, facts.labels(labels), facts.text(labels, _ENFORCE))


def read_quota(_index: Index, document: Document, _facts: FactReader) -> Quota:
    """Return a ResourceQuota or LimitRange (core/v1)."""
    return Quota(document.ref, document.name, document.kind)
