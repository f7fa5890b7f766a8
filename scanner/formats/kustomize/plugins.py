"""Kustomize's own generators and transformers, where they are written as objects of their own.

Each does what a field of a kustomization does, in fields that it names itself. So each is
read as a kustomization of one field, with a configuration of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from scanner.formats.kustomize.configuration import Configuration, read_specs
from scanner.formats.kustomize.identity import kind_of
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import (
    MappingNode,
    child,
    find,
    key_at,
    new_list,
    new_mapping,
    text_at,
    trouble,
)
from scanner.parsing.yaml import Node, Pair, SequenceNode, entries, read_bool


class Plugin(NamedTuple):
    """What an object asks for: the one field of `kustomization`, done in the fields of
    `configuration`. `unset_only` and `subjects` are those of a namespace."""

    kustomization: Kustomization
    configuration: Configuration = Configuration()
    unset_only: bool = False
    subjects: str = "defaultOnly"


def is_builtin(root: Node) -> bool:
    """Whether an object is one of Kustomize's own plugins, and not a program to be run."""
    kind = kind_of(root)
    return (kind.group, kind.version) == ("", "builtin")


def read_plugin(root: Node, owner: Kustomization, kinds: frozenset[str]) -> Plugin | None:
    """Return what one of Kustomize's own plugins asks for; None when it is none of `kinds`, or
    its changes are not known here. Raises FormatError at what it lacks."""
    kind = text_at(root, "kind")
    if kind not in kinds or not is_builtin(root):
        return None
    return _READERS[kind](root, owner)


def _as_kustomization(owner: Kustomization, pairs: list[Pair], at: Node) -> Kustomization:
    return Kustomization(owner.path, owner.source, new_mapping(at, pairs))


def _list_of(name: str, items: list[Node], at: Node) -> Pair:
    return key_at(name, at), new_list(at, items)


def _field(root: Node, key: str) -> Pair:
    pair = find(root, key)
    if pair is None:
        raise trouble(root, f"the {text_at(root, 'kind')} needs '{key}'")
    return pair


def _data(field: str) -> Callable[[Node, Kustomization], Plugin]:
    """A generator, whose name and namespace may stand in its metadata."""

    def read(root: Node, owner: Kustomization) -> Plugin:
        written = entries(root) if root.__class__ is MappingNode else {}
        metadata = child(root, "metadata")
        pairs = [pair for key, pair in written.items() if key not in ("apiVersion", "kind", "metadata")]
        for key in ("name", "namespace"):
            pair = find(metadata, key)
            if pair is not None and not text_at(root, key):
                pairs.append(pair)
        return Plugin(_as_kustomization(owner, [_list_of(field, [new_mapping(root, pairs)], root)], root))

    return read


def _specs(root: Node, field: str) -> Configuration:
    specs: dict[str, Any] = {field: read_specs(child(root, "fieldSpecs"))}
    return Configuration(**specs)


def _entries(written: str, field: str, specs: str) -> Callable[[Node, Kustomization], Plugin]:
    """A plugin whose value is that of a field, done in the fields that it names."""

    def read(root: Node, owner: Kustomization) -> Plugin:
        pair = find(root, written)
        pairs = [] if pair is None else [(key_at(field, pair[0]), pair[1])]
        return Plugin(_as_kustomization(owner, pairs, root), _specs(root, specs))

    return read


def _item(written: str, field: str, specs: str) -> Callable[[Node, Kustomization], Plugin]:
    """A plugin whose value is an item of a field."""

    def read(root: Node, owner: Kustomization) -> Plugin:
        _, value = _field(root, written)
        return Plugin(_as_kustomization(owner, [_list_of(field, [value], root)], root), _specs(root, specs))

    return read


def _around_names(**fields: str) -> Callable[[Node, Kustomization], Plugin]:
    def read(root: Node, owner: Kustomization) -> Plugin:
        _field(root, "fieldSpecs")
        specs = read_specs(child(root, "fieldSpecs"))
        pairs = [
            (key_at(field, pair[0]), pair[1])
            for written, field in fields.items()
            if (pair := find(root, written)) is not None
        ]
        return Plugin(
            _as_kustomization(owner, pairs, root), Configuration(name_prefix=specs, name_suffix=specs)
        )

    return read


def _namespace(root: Node, owner: Kustomization) -> Plugin:
    pair = find(child(root, "metadata"), "namespace")
    subjects = text_at(root, "setRoleBindingSubjects") or "defaultOnly"
    if subjects not in ("defaultOnly", "allServiceAccounts", "none"):
        raise trouble(_field(root, "setRoleBindingSubjects"), f"'{subjects}' is not known here")
    only = find(root, "unsetOnly")
    return Plugin(
        _as_kustomization(owner, [] if pair is None else [pair], root),
        _specs(root, "namespace"),
        only is not None and read_bool(only[1], yaml_1_1=True) is True,
        subjects,
    )


def _patch(root: Node, owner: Kustomization) -> Plugin:
    return Plugin(_as_kustomization(owner, [_list_of("patches", [root], root)], root))


def _json_patch(root: Node, owner: Kustomization) -> Plugin:
    pairs = [pair for key in ("target", "path") if (pair := find(root, key)) is not None]
    steps = find(root, "jsonOp")
    if steps is not None:
        pairs.append((key_at("patch", steps[0]), steps[1]))
    entry = new_mapping(root, pairs)
    return Plugin(_as_kustomization(owner, [_list_of("patchesJson6902", [entry], root)], root))


def _merge_patches(root: Node, owner: Kustomization) -> Plugin:
    paths, text = child(root, "paths"), find(root, "patches")
    items = list(paths.value) if paths is not None and paths.__class__ is SequenceNode else []
    if text is not None:
        items.append(text[1])
    return Plugin(_as_kustomization(owner, [_list_of("patchesStrategicMerge", items, root)], root))


def _replacements(root: Node, owner: Kustomization) -> Plugin:
    pair = _field(root, "replacements")
    return Plugin(_as_kustomization(owner, [pair], root))


def _chart(root: Node, owner: Kustomization) -> Plugin:
    return Plugin(_as_kustomization(owner, [_list_of("helmCharts", [root], root)], root))


_GENERATORS: dict[str, Callable[[Node, Kustomization], Plugin]] = {
    "ConfigMapGenerator": _data("configMapGenerator"),
    "HelmChartInflationGenerator": _chart,
    "SecretGenerator": _data("secretGenerator"),
}
_TRANSFORMERS: dict[str, Callable[[Node, Kustomization], Plugin]] = {
    "AnnotationsTransformer": _entries("annotations", "commonAnnotations", "common_annotations"),
    "ImageTagTransformer": _item("imageTag", "images", "images"),
    "LabelTransformer": _entries("labels", "commonLabels", "common_labels"),
    "NamespaceTransformer": _namespace,
    "PatchJson6902Transformer": _json_patch,
    "PatchStrategicMergeTransformer": _merge_patches,
    "PatchTransformer": _patch,
    "PrefixSuffixTransformer": _around_names(prefix="namePrefix", suffix="nameSuffix"),
    "PrefixTransformer": _around_names(prefix="namePrefix"),
    "ReplacementTransformer": _replacements,
    "ReplicaCountTransformer": _item("replica", "replicas", "replicas"),
    "SuffixTransformer": _around_names(suffix="nameSuffix"),
}
_READERS = {**_GENERATORS, **_TRANSFORMERS}
GENERATORS, TRANSFORMERS = frozenset(_GENERATORS), frozenset(_TRANSFORMERS)
