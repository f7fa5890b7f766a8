"""The volumes of a pod, and the Secrets and ConfigMaps that it asks for outside of its containers."""

from __future__ import annotations

import posixpath

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.model.references import Reference
from scanner.model.resources import Volume
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import Pair, is_null

_SECRET_REFERENCES = {
    "cephfs": "secretRef",
    "cinder": "secretRef",
    "csi": "nodePublishSecretRef",
    "flexVolume": "secretRef",
    "iscsi": "secretRef",
    "rbd": "secretRef",
    "scaleIO": "secretRef",
    "storageos": "secretRef",
}
"""Types of volumes that need a Secret of the pod's namespace, each with its field (core/v1)."""
_READ = frozenset(
    ("azureFile", "configMap", "emptyDir", "hostPath", "projected", "secret", *_SECRET_REFERENCES)
)


def read_volumes(spec: Index, facts: FactReader) -> tuple[tuple[Volume, ...], tuple[Reference, ...]]:
    """Return a pod's volumes, and what they and its image pulls refer to by name."""
    volumes: list[Volume] = []
    references: list[Reference] = []
    if "volumes" in spec:
        for node, index in facts.objects(spec, "volumes"):
            name = facts.text(index, "name")
            # A volume names its type by the key that is not `name`; without one it is an
            # emptyDir (API defaulting of core/v1 Volume).
            types = [key for key, pair in index.items() if key != "name" and not is_null(pair[1])]
            kind: Located[str | Unknown]
            if types:
                kind = Located(types[0], index[types[0]], facts.source)
            else:
                kind = Located("emptyDir", index.get("name", node), facts.source)
            volumes.append(_read_volume(name, kind, index, facts, references))
    if "imagePullSecrets" in spec:
        for _, item in facts.objects(spec, "imagePullSecrets"):
            pulled = facts.text(item, "name")
            if pulled is not None:
                references.append(Reference("Secret", pulled, "image-pull"))
    return tuple(volumes), tuple(references)


def _read_volume(
    name: Located[str | Unknown] | None,
    kind: Located[str | Unknown],
    index: Index,
    facts: FactReader,
    references: list[Reference],
) -> Volume:
    word = str(kind.value)
    own = facts.mapping(index, word) if word in _READ and word in index else {}
    host_path = limit = mode = token = None
    if word == "hostPath":
        host_path = facts.text(own, "path")
        if host_path is not None and isinstance(host_path.value, str):
            host_path = host_path._replace(value=_normalized(host_path.value))
    elif word == "emptyDir":
        limit = facts.text(own, "sizeLimit")
    elif word == "secret":
        mode = facts.integer(own, "defaultMode")
        _refer(references, "Secret", "secretName", own, "volume", facts)
    elif word == "configMap":
        _refer(references, "ConfigMap", "name", own, "volume", facts)
    elif word == "projected":
        for _, source in facts.objects(own, "sources"):
            for key, object_kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
                if key in source:
                    _refer(references, object_kind, "name", facts.mapping(source, key), "projected", facts)
            if token is None and "serviceAccountToken" in source:
                token = _api_token(source["serviceAccountToken"], facts)
    elif word == "azureFile":
        _refer(references, "Secret", "secretName", own, word, facts)
    elif word in _SECRET_REFERENCES and _SECRET_REFERENCES[word] in own:
        needed = facts.mapping(own, _SECRET_REFERENCES[word])
        _refer(references, "Secret", "name", needed, word, facts)
    return Volume(name, kind, host_path, limit, mode, token)


def _api_token(pair: Pair, facts: FactReader) -> Located[bool] | None:
    """A projected token that the API server takes: one with its audience, which is the default."""
    audience = facts.text(facts.as_mapping(pair), "audience")
    if audience is not None and "kubernetes" not in str(audience.value):
        return None
    return Located(True, pair, facts.source)


def _refer(into: list[Reference], kind: str, field: str, holder: Index, via: str, facts: FactReader) -> None:
    """Add a reference for each entry that is asked for by its key, or one for all of them."""
    name = facts.text(holder, field)
    if name is None:
        return
    optional = facts.boolean(holder, "optional")
    keys = (
        [facts.text(item, "key") for _, item in facts.objects(holder, "items")] if "items" in holder else ()
    )
    known = [key for key in keys if key is not None]
    if known:
        into += [Reference(kind, name, via, key, optional) for key in known]
    else:
        into.append(Reference(kind, name, via, None, optional))


def _normalized(path: str) -> str:
    """Return a host path without doubled or trailing slashes, `.` and `..`."""
    if not path.startswith("/"):
        return path
    return posixpath.normpath("/" + path.lstrip("/"))
