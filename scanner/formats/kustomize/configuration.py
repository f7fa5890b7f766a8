"""Which fields each change of a kustomization is for: Kustomize's own, and those that it is told of."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from scanner.formats.kustomize.field_paths import Spec, spec
from scanner.formats.kustomize.field_specs import (
    IMAGES,
    METADATA_NAME,
    NAMESPACES,
    REPLICAS,
    annotation_fields,
    common_labels,
    template_labels,
)
from scanner.formats.kustomize.identity import Kind
from scanner.formats.kustomize.nodes import MappingNode, child, find, text_at, text_of, trouble
from scanner.formats.kustomize.reference_table import NameReference, name_references, variable_fields
from scanner.parsing.yaml import Node, SequenceNode, entries, is_null, read_bool

Specs = tuple[Spec, ...]


class Configuration(NamedTuple):
    """The fields of each change, by the names that a file of `configurations` has for them."""

    name_prefix: Specs = ()
    name_suffix: Specs = ()
    namespace: Specs = ()
    common_labels: Specs = ()
    labels: Specs = ()
    template_labels: Specs = ()
    common_annotations: Specs = ()
    var_reference: Specs = ()
    images: Specs = ()
    replicas: Specs = ()
    name_reference: tuple[NameReference, ...] = ()


_NAMES = {
    "namePrefix": "name_prefix",
    "nameSuffix": "name_suffix",
    "namespace": "namespace",
    "commonLabels": "common_labels",
    "labels": "labels",
    "templateLabels": "template_labels",
    "commonAnnotations": "common_annotations",
    "varReference": "var_reference",
    "images": "images",
    "replicas": "replicas",
}


@cache
def default_configuration() -> Configuration:
    """Return Kustomize's own fields."""
    return Configuration(
        (METADATA_NAME,),
        (METADATA_NAME,),
        NAMESPACES,
        common_labels(),
        (),
        template_labels(),
        annotation_fields(),
        variable_fields(),
        IMAGES,
        REPLICAS,
        name_references(),
    )


def read_configuration(root: Node) -> Configuration:
    """Return what a file of `configurations` says. Raises FormatError at what is no such thing."""
    if root.__class__ is not MappingNode:
        raise trouble(root, "expected lists of fields, such as 'namePrefix' or 'nameReference'")
    found: dict[str, Specs] = {}
    references: list[NameReference] = []
    for key, pair in entries(root).items():
        if key == "nameReference":
            for item in _items(pair[1]):
                references.append(NameReference(_kind(item), read_specs(child(item, "fieldSpecs"))))
        elif key in _NAMES:
            found[_NAMES[key]] = read_specs(pair[1])
        else:
            raise trouble(pair, f"unknown kind of field '{key}'", ", ".join((*_NAMES, "nameReference")))
    return Configuration(**found, name_reference=tuple(references))


def read_specs(node: Node | None) -> Specs:
    """Return the fields that a list names. Raises FormatError at what names none."""
    return tuple(map(read_spec, _items(node)))


def read_spec(item: Node, default: str = "") -> Spec:
    """Return a field that is named by `path`, and by the objects that it is for."""
    path = text_at(item, "path") or default
    if not path:
        raise trouble(item, "a field needs a 'path'")
    create = find(item, "create")
    is_made = create is not None and read_bool(create[1], yaml_1_1=True) is True
    return spec(
        path,
        text_at(item, "kind"),
        group=text_at(item, "group"),
        version=text_at(item, "version"),
        create=is_made,
    )


def _kind(item: Node) -> Kind:
    return Kind(text_at(item, "group"), text_at(item, "version"), text_at(item, "kind"))


def _items(node: Node | None) -> list[Node]:
    if node is None or is_null(node):
        return []
    if node.__class__ is not SequenceNode:
        raise trouble(node, "expected a list of fields")
    for item in node.value:
        if item.__class__ is not MappingNode:
            raise trouble(item, f"expected a field, found '{text_of(item) or 'a list'}'")
    return list(node.value)


def merged(first: Configuration, second: Configuration, place: Node) -> Configuration:
    """Return the fields of both. Raises FormatError, at a place, where they differ in whether a
    field is to be made."""
    if second is first:
        return first
    changes: dict[str, object] = {
        name: merged_specs(getattr(first, name), getattr(second, name), place) for name in _NAMES.values()
    }
    references = list(first.name_reference)
    for other in second.name_reference:
        number = next((at for at, one in enumerate(references) if one.target == other.target), None)
        if number is None:
            references.append(other)
        else:
            fields = merged_specs(references[number].fields, other.fields, place)
            references[number] = NameReference(other.target, fields)
    return first._replace(**changes, name_reference=tuple(references))  # type: ignore[arg-type]  # specs by name


def merged_specs(first: Specs, second: Specs, place: Node) -> Specs:
    """Return the fields of both lists, each once. Raises FormatError like `merged`."""
    if first is second or not second:
        return first
    found = list(first)
    by_path: dict[tuple[str, ...], list[Spec]] = {}
    for one in found:
        by_path.setdefault(one.path, []).append(one)
    for one in second:
        same = next((other for other in by_path.get(one.path, ()) if other.of.is_selected(one.of)), None)
        if same is None:
            found.append(one)
            by_path.setdefault(one.path, []).append(one)
        elif same.create != one.create:
            written = "/".join(one.path)
            raise trouble(
                place, f"it is not clear whether the field '{written}' is to be made where it is missing"
            )
    return tuple(found)
