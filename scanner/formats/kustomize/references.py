"""References to objects whose names were changed, changed with them."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.field_paths import Slot, slots
from scanner.formats.kustomize.identity import Identity, Kind, Resource
from scanner.formats.kustomize.nodes import MappingNode, child, find, key_at, new_scalar, text_at, text_of
from scanner.formats.kustomize.reference_table import by_kind, name_references, references_by_kind
from scanner.parsing.yaml import ScalarNode, SequenceNode

_MAX_CANDIDATES = 200


def fix_references(built: Accumulator) -> None:
    """Put the present names of objects into the fields that name them, where the name that
    stands there was theirs before. The place stays that of the field as it was written."""
    _Fixer(built).run()


class _Candidate:
    """An object that may be referred to, with its identities worked out once."""

    __slots__ = ("now", "order", "resource", "was")

    def __init__(self, resource: Resource, order: int) -> None:
        self.resource = resource
        self.order = order
        self.now = resource.identity
        self.was = resource.previous


class _Fixer:
    def __init__(self, built: Accumulator) -> None:
        self._built = built
        self._by_name: dict[str, list[_Candidate]] = {}
        self._moved: set[str] = set()
        for order, resource in enumerate(built.resources):
            if not resource.previous:
                continue
            candidate = _Candidate(resource, order)
            for name in {identity.name for identity in resource.previous}:
                self._by_name.setdefault(name, []).append(candidate)
            if any(identity.name != candidate.now.name for identity in resource.previous):
                self._moved.update(identity.of.kind for identity in resource.previous)

    def run(self) -> None:
        if not self._by_name:
            return
        references = self._built.fields.name_reference
        table = references_by_kind() if references is name_references() else by_kind(references)
        anywhere = table.get("", ())
        for resource in self._built.resources:
            first = resource.original.of
            for target, field in (*table.get(first.kind, ()), *anywhere):
                if target.kind not in self._moved and field.path[-1] not in ("subjects", "service"):
                    continue
                if first.is_selected(field.of):
                    for slot in slots(resource.root, field.path):
                        self._fix(slot, resource, target, field.path)

    def _fix(self, slot: Slot, referrer: Resource, target: Kind, path: tuple[str, ...]) -> None:
        node = slot.node
        if node.__class__ is ScalarNode:
            self._fix_scalar(slot, referrer, target, path)
        elif node.__class__ is MappingNode:
            self._fix_mapping(node, referrer, target)
        elif node.__class__ is SequenceNode:
            for number, item in enumerate(node.value):
                if item.__class__ is ScalarNode:
                    self._fix_scalar(Slot(node, number), referrer, target, path)
                elif item.__class__ is MappingNode:
                    self._fix_mapping(item, referrer, target)

    def _fix_scalar(self, slot: Slot, referrer: Resource, target: Kind, path: tuple[str, ...]) -> None:
        name = text_of(slot.node)
        if name is None:
            return
        candidates = self._candidates(name, referrer, target, path)
        found = _choose(candidates, referrer)
        if found is not None and found.now.name != name:
            slot.set(new_scalar(found.now.name, slot.node, like=slot.node))

    def _fix_mapping(self, node: MappingNode, referrer: Resource, target: Kind) -> None:
        pair = find(node, "name")
        name = None if pair is None else text_of(pair[1])
        if name is None:
            return
        candidates = self._candidates(name, referrer, target, ())
        if find(node, "namespace") is not None:
            candidates = _in_namespace(candidates, text_at(node, "namespace"))
        found = _choose(candidates, referrer, with_namespace=True)
        if found is None or (found.now.name == name and not found.now.namespace):
            return
        for number, (key, value) in enumerate(node.value):
            if key.value == "name":
                node.value[number] = (key, new_scalar(found.now.name, value, like=value))
        if found.now.namespace:
            self._set_namespace(node, found)

    @staticmethod
    def _set_namespace(node: MappingNode, found: _Candidate) -> None:
        written = find(child(found.resource.root, "metadata"), "namespace")
        for number, (key, value) in enumerate(node.value):
            if key.value == "namespace":
                node.value[number] = (key, new_scalar(found.now.namespace, value))
                return
        if written is not None:
            node.value.append((key_at("namespace", written[0]), written[1]))

    def _candidates(
        self, name: str, referrer: Resource, target: Kind, path: tuple[str, ...]
    ) -> list[_Candidate]:
        now = referrer.identity
        namespaces = _bound_namespaces(referrer) if now.of.kind == "RoleBinding" else frozenset()
        role = child(referrer.root, "roleRef") if path[-2:] == ("roleRef", "name") else None
        wanted = None
        if role is not None and find(role, "apiGroup") and find(role, "kind"):
            wanted = Kind(text_at(role, "apiGroup"), "", text_at(role, "kind"))
        return [
            candidate
            for candidate in self._by_name.get(name, ())[:_MAX_CANDIDATES]
            if any(identity.of.is_selected(target) for identity in candidate.was)
            and (wanted is None or any(identity.of.is_selected(wanted) for identity in candidate.was))
            and _is_reachable(candidate.now, now, namespaces)
        ]


def _is_reachable(target: Identity, referrer: Identity, namespaces: Iterable[str]) -> bool:
    """Whether an object may refer to another: in one namespace, or where one is in none;
    a RoleBinding also to accounts in namespaces that it names."""
    if referrer.of.is_cluster_scoped or target.of.is_cluster_scoped:
        return True
    if target.effective_namespace == referrer.effective_namespace:
        return True
    return target.of.kind == "ServiceAccount" and target.namespace in namespaces


def _bound_namespaces(binding: Resource) -> frozenset[str]:
    subjects = child(binding.root, "subjects")
    if subjects is None or subjects.__class__ is not SequenceNode:
        return frozenset()
    return frozenset(
        text_at(item, "namespace")
        for item in subjects.value
        if text_at(item, "kind") == "ServiceAccount" and find(item, "namespace") is not None
    )


def _in_namespace(candidates: list[_Candidate], namespace: str) -> list[_Candidate]:
    first = [one for one in candidates if one.resource.original.effective_namespace == namespace]
    return first or [one for one in candidates if one.now.effective_namespace == namespace]


def _choose(
    candidates: list[_Candidate], referrer: Resource, *, with_namespace: bool = False
) -> _Candidate | None:
    """Return the one that is meant; None when that is not clear."""
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    candidates = [one for one in candidates if _is_kin(one.resource, referrer, allow_empty=True)]
    if len(candidates) > 1:
        candidates = [one for one in candidates if _is_kin(one.resource, referrer, allow_empty=False)]
    if not candidates:
        return None
    names = {(one.now.name, one.now.namespace if with_namespace else "") for one in candidates}
    return candidates[0] if len(names) == 1 else None


def _is_kin(first: Resource, second: Resource, *, allow_empty: bool) -> bool:
    """Whether the names of two objects were built by the same kustomizations."""
    return all(
        (allow_empty and (not left or not right)) or _same_end(left, right)
        for left, right in ((first.prefixes, second.prefixes), (first.suffixes, second.suffixes))
    )


def _same_end(left: list[str], right: list[str]) -> bool:
    size = min(len(left), len(right))
    if not size:
        return len(left) == len(right)
    return left[-size:] == right[-size:]
