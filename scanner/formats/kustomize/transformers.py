"""The plain changes of a kustomization: namespace, names, labels, annotations, replicas."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.formats.kustomize.field_paths import Spec, slots, spec
from scanner.formats.kustomize.field_specs import (
    METADATA_LABELS,
    NAMESPACES,
    REPLICAS,
    annotation_fields,
    common_labels,
    template_labels,
)
from scanner.formats.kustomize.identity import Accumulator, Kind, Resource, kind_of, replace_text
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import child, find, key_at, put, text_at, text_of, trouble
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    entries,
    is_null,
    read_bool,
)

_KEPT_NAMES = (
    Kind("", "", "CustomResourceDefinition"),
    Kind("apiregistration.k8s.io", "", "APIService"),
    Kind("", "", "Namespace"),
)


def set_namespace(owner: Kustomization, built: Accumulator) -> None:
    """Put all objects that can be in a namespace into the kustomization's."""
    pair = owner.index.get("namespace")
    name = text_of(pair[1]) if pair is not None else None
    if pair is None or not name:
        return
    for resource in built.resources:
        resource.remember()
        kind = kind_of(resource.root)
        if not kind.is_cluster_scoped:
            put(resource.metadata(), (key_at("namespace", pair[0]), pair[1]))
        if kind.kind in ("RoleBinding", "ClusterRoleBinding"):
            for subject in _items(child(resource.root, "subjects")):
                if text_at(subject, "name") == "default":
                    put(subject, (key_at("namespace", pair[0]), pair[1]))
        if kind == Kind("", "v1", "Namespace"):
            replace_text(resource.root, ("metadata", "name"), name)
        for field in NAMESPACES:
            if kind.is_selected(field.of):
                for slot in slots(resource.root, field.path, pair[0] if field.create else None):
                    slot.set(pair[1], key_at("namespace", pair[0]))
    built.changed()


def set_names(owner: Kustomization, built: Accumulator) -> None:
    """Put the kustomization's prefix and suffix around names."""
    prefix, suffix = owner.text("namePrefix"), owner.text("nameSuffix")
    if prefix:
        for resource in _renamed(built):
            resource.prefixes.append(prefix)
            resource.remember()
            resource.rename(prefix + resource.identity.name)
    if suffix:
        for resource in _renamed(built):
            resource.suffixes.append(suffix)
            resource.remember()
            resource.rename(resource.identity.name + suffix)
    if prefix or suffix:
        built.changed()


def _renamed(built: Accumulator) -> list[Resource]:
    return [
        resource
        for resource in built.resources
        if not any(resource.original.of.is_selected(kind) for kind in _KEPT_NAMES)
    ]


def set_labels(owner: Kustomization, built: Accumulator) -> None:
    """Add the kustomization's labels, to selectors and templates where it says so."""
    for label in owner.mappings("labels"):
        specs: tuple[Spec, ...] = tuple(map(_written_spec, _items(child(label, "fields"))))
        if _is_true(label, "includeSelectors"):
            specs += common_labels()
        elif _is_true(label, "includeTemplates"):
            specs += template_labels()
        else:
            specs += (METADATA_LABELS,)
        _set_entries(built, _pairs(child(label, "pairs")), specs)
    _set_entries(built, _pairs(owner.node("commonLabels")), common_labels())


def set_annotations(owner: Kustomization, built: Accumulator) -> None:
    """Add the kustomization's annotations, to pod templates as well."""
    _set_entries(built, _pairs(owner.node("commonAnnotations")), annotation_fields())


def _written_spec(field: Node) -> Spec:
    return spec(
        text_at(field, "path") or "metadata/labels",
        text_at(field, "kind"),
        group=text_at(field, "group"),
        version=text_at(field, "version"),
        create=_is_true(field, "create"),
    )


def _pairs(node: Node | None) -> list[Pair]:
    if node is None or node.__class__ is not MappingNode:
        return []
    return [pair for pair in entries(node).values() if pair[1].__class__ is ScalarNode]


def _set_entries(built: Accumulator, pairs: Sequence[Pair], specs: Sequence[Spec]) -> None:
    """Set entries in the mappings at the fields of some specs."""
    if not pairs:
        return
    by_kind: dict[Kind, list[Spec]] = {}
    for resource in built.resources:
        kind = kind_of(resource.root)
        if kind not in by_kind:
            by_kind[kind] = [one for one in specs if kind.is_selected(one.of)]
        for one in by_kind[kind]:
            for slot in slots(resource.root, one.path, pairs[0][0] if one.create else None):
                if slot.node.__class__ is MappingNode:
                    for pair in pairs:
                        put(slot.node, pair)


def set_replicas(owner: Kustomization, built: Accumulator) -> None:
    """Set how many replicas there are of the objects that are named. Raises FormatError
    at a name that no object has."""
    for item in owner.mappings("replicas"):
        name, count = text_at(item, "name"), find(item, "count")
        if count is None or count[1].__class__ is not ScalarNode:
            raise trouble(item, "a count is missing")
        is_found = False
        for field in REPLICAS:
            for resource in built.resources:
                if not any(
                    one.name == name and one.of.is_selected(field.of) for one in resource.identities()
                ):
                    continue
                is_found = True
                if kind_of(resource.root).is_selected(field.of):
                    for slot in slots(resource.root, field.path, count[0]):
                        slot.set(count[1], key_at("replicas", count[0]))
        if not is_found:
            raise trouble(item, f"no object with replicas is called '{name}'")


def _items(node: Node | None) -> list[Node]:
    if node is None or node.__class__ is not SequenceNode:
        return []
    return [item for item in node.value if item.__class__ is MappingNode and not is_null(item)]


def _is_true(node: Node, key: str) -> bool:
    pair = find(node, key)
    return pair is not None and read_bool(pair[1], yaml_1_1=True) is True
