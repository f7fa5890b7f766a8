"""Variables of a kustomization (`vars`), put in place of `$(NAME)`."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.field_paths import Slot, slots
from scanner.formats.kustomize.identity import Identity, Kind
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import MappingNode, child, new_scalar, text_at, text_of, trouble
from scanner.formats.kustomize.replacements import split_path
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, is_plain, read_bool, read_int, scalar_text


def declare(owner: Kustomization, built: Accumulator) -> None:
    """Note which objects the variables of a kustomization take their values from.

    Raises FormatError at a variable that is declared twice or that fits several objects.
    """
    for item in owner.mappings("vars"):
        name = text_at(item, "name")
        if not name:
            raise trouble(item, "a variable needs a name")
        if name in built.variables:
            raise trouble(item, f"the variable '{name}' is declared twice")
        built.variables[name] = item
        wanted = _wanted(item)
        found = [
            resource
            for resource in built.resources
            if any(_fits(identity, wanted) for identity in resource.identities())
        ]
        if len(found) > 1:
            raise trouble(item, f"several objects fit the variable '{name}'")
        for resource in found:
            resource.variables.append(name)


def _wanted(item: Node) -> Identity:
    target = _lookup(item, "objref")
    version = text_of(_lookup(target, "apiversion")) or ""
    group, slash, rest = version.partition("/")
    kind = Kind(
        (group if slash else "") if version else text_at(target, "group"),
        (rest if slash else version) if version else text_at(target, "version"),
        text_at(target, "kind"),
    )
    return Identity(kind, text_at(target, "name"), text_at(target, "namespace"))


def _lookup(node: Node | None, key: str) -> Node | None:
    """Find a field by its name in any case, as Go's decoder of JSON does."""
    if node is None or node.__class__ is not MappingNode:
        return None
    return next((value for name, value in node.value if str(name.value).lower() == key), None)


def _fits(identity: Identity, wanted: Identity) -> bool:
    if wanted.namespace or wanted.of.is_cluster_scoped:
        return wanted.equals(identity)
    return identity.name == wanted.name and identity.of == wanted.of


def resolve(built: Accumulator, workspace: Workspace, path: str) -> None:
    """Put the values of all variables into the fields that may hold them. The place stays
    that of the text that has the variable."""
    values: dict[str, Node] = {}
    for name, item in built.variables.items():
        holder = next((one for one in built.resources if name in one.variables), None)
        field = text_of(_lookup(_lookup(item, "fieldref"), "fieldpath")) or "metadata.name"
        node = None if holder is None else _value(holder.root, field)
        if node is None or node.__class__ is not ScalarNode:
            workspace.report(trouble(item, f"the variable '{name}' has no value"), path)
        else:
            values[name] = node
    if not values:
        return
    for resource in built.resources:
        kind = resource.original.of
        for field_spec in built.fields.var_reference:
            if kind.is_selected(field_spec.of):
                for slot in slots(resource.root, field_spec.path):
                    _expand_slot(slot, values)


def _value(root: Node, path: str) -> Node | None:
    node: Node | None = root
    for part in split_path(path.replace("[", ".[").replace("]", "]")):
        name = part.strip("[]")
        if node is not None and node.__class__ is SequenceNode:
            node = node.value[int(name)] if name.isdecimal() and int(name) < len(node.value) else None
        else:
            node = child(node, name)
    return node


def _expand_slot(slot: Slot, values: Mapping[str, Node]) -> None:
    node = slot.node
    if isinstance(node, (MappingNode, SequenceNode)):
        for number in range(len(node.value)):
            _set(Slot(node, number), values)
    else:
        _set(slot, values)


def _set(slot: Slot, values: Mapping[str, Node]) -> None:
    node = slot.node
    if node.__class__ is not ScalarNode or "$" not in node.value or (is_plain(node) and _is_typed(node)):
        return
    text, whole = expand(node.value, values)
    slot.set(new_scalar(text, node, like=whole))


def _is_typed(node: Node) -> bool:
    return read_int(node) is not None or read_bool(node, yaml_1_1=True) is not None


def expand(text: str, values: Mapping[str, Node]) -> tuple[str, Node | None]:
    """Return a text with its variables replaced; and the value, when the text is one variable."""
    out = []
    at = 0
    while (dollar := text.find("$", at)) >= 0 and dollar + 1 < len(text):
        out.append(text[at:dollar])
        following = text[dollar + 1]
        close = text.find(")", dollar) if following == "(" else -1
        if following == "$":
            out.append("$")
            at = dollar + 2
        elif close > 0:
            name = text[dollar + 2 : close]
            value = values.get(name)
            known = scalar_text(value)
            if known is not None and dollar == 0 and close == len(text) - 1:
                return known, value
            out.append(f"$({name})" if known is None else known)
            at = close + 1
        else:
            out.append("$" + following)
            at = dollar + 2
    return "".join(out) + text[at:], None
