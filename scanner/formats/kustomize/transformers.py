"""The plain changes of a kustomization: namespace, names, labels, annotations, replicas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.configuration import Configuration, merged_specs, read_spec
from scanner.formats.kustomize.field_paths import Spec, slots
from scanner.formats.kustomize.field_specs import METADATA_LABELS
from scanner.formats.kustomize.identity import Kind, Resource, kind_of, replace_text
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import (
    MappingNode,
    child,
    find,
    is_empty,
    key_at,
    new_scalar,
    put,
    text_at,
    text_of,
    trouble,
)
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, entries, is_null, read_bool

_KEPT_NAMES = (
    Kind("", "", "CustomResourceDefinition"),
    Kind("apiregistration.k8s.io", "", "APIService"),
    Kind("", "", "Namespace"),
)


def set_namespace(
    owner: Kustomization,
    built: Accumulator,
    fields: Configuration,
    *,
    unset_only: bool = False,
    subjects: str = "defaultOnly",
) -> None:
    """Put all objects that can be in a namespace into the kustomization's; with `unset_only`
    those that are in none. `subjects` are those of role bindings that are put there as well:
    `defaultOnly` (accounts of that name), `allServiceAccounts` or `none`."""
    pair = owner.index.get("namespace")
    name = text_of(pair[1]) if pair is not None else None
    if pair is None or not name:
        return
    entry = key_at("namespace", pair[0]), pair[1]
    for resource in built.resources:
        resource.remember()
        kind = kind_of(resource.root)
        if not kind.is_cluster_scoped:
            _put_namespace(resource.metadata(), entry, unset_only=unset_only)
        is_binding = kind.kind in ("RoleBinding", "ClusterRoleBinding")
        if is_binding and subjects != "none":
            for subject in _items(child(resource.root, "subjects")):
                key, wanted = _SUBJECTS[subjects]
                if subject.__class__ is MappingNode and text_at(subject, key) == wanted:
                    _put_namespace(subject, entry, unset_only=unset_only)
        for field in fields.namespace:
            if not kind.is_selected(field.of) or field.path == ("metadata", "namespace"):
                continue
            if field.path == ("metadata", "name"):
                if not (kind.group or kind.version != "v1" or unset_only):
                    replace_text(resource.root, field.path, name)
            elif not (is_binding and field.path == ("subjects", "namespace")):
                for slot in slots(resource.root, field.path, pair[0] if field.create else None):
                    if not (unset_only and text_of(slot.node)):
                        slot.set(pair[1], key_at(_name_of(field), pair[0]))
    built.changed()


def _name_of(field: Spec) -> str:
    return field.path[-1].removesuffix("[]")


_SUBJECTS = {"defaultOnly": ("name", "default"), "allServiceAccounts": ("kind", "ServiceAccount")}


def _put_namespace(holder: MappingNode, entry: Pair, *, unset_only: bool) -> None:
    if not (unset_only and text_at(holder, "namespace")):
        put(holder, entry)


def set_names(owner: Kustomization, built: Accumulator, fields: Configuration) -> None:
    """Put the kustomization's prefix and suffix around names."""
    prefix, suffix = owner.text("namePrefix"), owner.text("nameSuffix")
    if prefix:
        for resource in _renamed(built):
            for field in _fields_of(resource, fields.name_prefix):
                if field is None:
                    resource.prefixes.append(prefix)
                    resource.remember()
                    resource.rename(prefix + resource.identity.name)
                else:
                    _rewrite(resource, field, prefix, "", owner.index["namePrefix"][0])
    if suffix:
        for resource in _renamed(built):
            for field in _fields_of(resource, fields.name_suffix):
                if field is None:
                    resource.suffixes.append(suffix)
                    resource.remember()
                    resource.rename(resource.identity.name + suffix)
                else:
                    _rewrite(resource, field, "", suffix, owner.index["nameSuffix"][0])
    if prefix or suffix:
        built.changed()


def _fields_of(resource: Resource, specs: Sequence[Spec]) -> Iterator[Spec | None]:
    """Yield the fields of an object that take a prefix or suffix; None stands for its name."""
    first = resource.original.of
    for field in specs:
        if first.is_selected(field.of):
            yield None if field.path == ("metadata", "name") else field


def _rewrite(resource: Resource, field: Spec, prefix: str, suffix: str, at: Node) -> None:
    for slot in slots(resource.root, field.path, at if field.create else None):
        if slot.node.__class__ is ScalarNode or is_empty(slot.node):
            text = text_of(slot.node) or ""
            slot.set(new_scalar(prefix + text + suffix, slot.node))


def _renamed(built: Accumulator) -> list[Resource]:
    return [
        resource
        for resource in built.resources
        if not any(resource.original.of.is_selected(kind) for kind in _KEPT_NAMES)
    ]


def set_labels(owner: Kustomization, built: Accumulator, fields: Configuration) -> None:
    """Add the kustomization's labels, to selectors and templates where it says so."""
    for label in owner.mappings("labels"):
        own = tuple(read_spec(item, "metadata/labels") for item in _items(child(label, "fields")))
        specs = merged_specs(own, fields.labels, label)
        if _is_true(label, "includeSelectors"):
            specs = merged_specs(specs, fields.common_labels, label)
        else:
            if _is_true(label, "includeTemplates"):
                specs = merged_specs(specs, fields.template_labels, label)
            specs = merged_specs(specs, (METADATA_LABELS,), label)
        _set_entries(built, _pairs(child(label, "pairs")), specs)
    _set_entries(built, _pairs(owner.node("commonLabels")), fields.common_labels)


def set_annotations(owner: Kustomization, built: Accumulator, fields: Configuration) -> None:
    """Add the kustomization's annotations, to pod templates as well."""
    _set_entries(built, _pairs(owner.node("commonAnnotations")), fields.common_annotations)


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


def set_replicas(owner: Kustomization, built: Accumulator, fields: Configuration) -> None:
    """Set how many replicas there are of the objects that are named. Raises FormatError
    at a name that no object has."""
    for item in owner.mappings("replicas"):
        name, count = text_at(item, "name"), find(item, "count")
        if count is None or count[1].__class__ is not ScalarNode:
            raise trouble(item, "a count is missing")
        is_found = False
        for field in fields.replicas:
            for resource in built.resources:
                if not any(
                    one.name == name and one.of.is_selected(field.of) for one in resource.identities()
                ):
                    continue
                is_found = True
                if kind_of(resource.root).is_selected(field.of):
                    for slot in slots(resource.root, field.path, count[0] if field.create else None):
                        slot.set(count[1], key_at(_name_of(field), count[0]))
        if not is_found:
            raise trouble(item, f"no object with replicas is called '{name}'")


def _items(node: Node | None) -> list[Node]:
    if node is None or node.__class__ is not SequenceNode:
        return []
    return [item for item in node.value if item.__class__ is MappingNode and not is_null(item)]


def _is_true(node: Node, key: str) -> bool:
    pair = find(node, key)
    return pair is not None and read_bool(pair[1], yaml_1_1=True) is True
