"""Secrets that no manifest holds: those that an operator makes, by the objects that ask for them."""

from __future__ import annotations

from typing import NamedTuple

from scanner.model.cluster import SecretObject
from scanner.model.resources import Document
from scanner.model.source import Located


class _Maker(NamedTuple):
    """Where an object of one of the API `groups` names the Secrets made of it; where nothing stands there,
    and `own` says so, they have its own name."""

    groups: tuple[str, ...]
    paths: tuple[str, ...] = ()
    own: bool = False


_MAKERS: dict[str, _Maker] = {
    "AzureKeyVaultSecret": _Maker(("spv.no",), ("spec.output.secret.name",)),
    "BitwardenSecret": _Maker(("k8s.bitwarden.com",), ("spec.secretName",)),
    "Certificate": _Maker(("cert-manager.io", "certmanager.k8s.io"), ("spec.secretName",)),
    "ClusterExternalSecret": _Maker(
        ("external-secrets.io",), ("spec.externalSecretSpec.target.name", "spec.externalSecretName"), True
    ),
    "ExternalSecret": _Maker(("external-secrets.io", "kubernetes-client.io"), ("spec.target.name",), True),
    "InfisicalSecret": _Maker(("secrets.infisical.com",), ("spec.managedSecretReference.secretName",)),
    "OnePasswordItem": _Maker(("onepassword.com",), (), True),
    "SealedSecret": _Maker(("bitnami.com",), ("spec.template.metadata.name",), True),
    "SecretProviderClass": _Maker(
        ("secrets-store.csi.x-k8s.io", "secrets-store.csi.k8s.io"), ("spec.secretObjects[].secretName",)
    ),
    "SopsSecret": _Maker(("isindir.github.com",), ("spec.secretTemplates[].name",)),
    "VaultDynamicSecret": _Maker(("secrets.hashicorp.com",), ("spec.destination.name",)),
    "VaultPKISecret": _Maker(("secrets.hashicorp.com",), ("spec.destination.name",)),
    "VaultSecret": _Maker(("ricoberger.de",), (), True),
    "VaultStaticSecret": _Maker(("secrets.hashicorp.com",), ("spec.destination.name",)),
}
"""By kind. Other custom resources may lead to Secrets too, under names that only their operators know."""


def made_secrets(document: Document) -> list[SecretObject]:
    """Return the Secrets that come of an object, at the places that name them."""
    maker = _MAKERS.get(document.kind)
    if maker is None or document.api_version.rpartition("/")[0] not in maker.groups:
        return []
    found = [
        Located(fact.value, fact.place, fact.source, fact.overridden)
        for path in maker.paths
        for fact in document.find(path)
        if isinstance(fact.value, str) and fact.value
    ]
    if not found and maker.own:
        found = [document.name]
    ref = document.ref._replace(kind="Secret")
    return [SecretObject(ref._replace(name=fact.value), fact, made_by=document.kind) for fact in found]
