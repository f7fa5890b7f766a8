"""From bindings to roles, and from roles to the rules that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from scanner.linking.builtin_roles import BUILTIN_ROLES, BUILTIN_SYSTEM_ROLES
from scanner.linking.index import PLAIN, Entry, Index
from scanner.linking.links import Links
from scanner.linking.nearby import Nearby
from scanner.linking.powers import in_scope, powers_of
from scanner.model.cluster import PolicyRule, RoleBinding, RoleObject, Selector
from scanner.model.graph import Link
from scanner.model.labels import matches
from scanner.model.rule import Confidence
from scanner.model.source import Located, Unknown

CLUSTER_ROLE = "ClusterRole"

MAX_RULES = 100
"""How many rules are linked to a workload at most (`may`); its powers are those of all rules."""


class Right(NamedTuple):
    """A power that a binding gives, by its word with where it holds; `rule` and `role` say so, None
    for a role that every cluster has."""

    word: str
    rule: PolicyRule | None = None
    role: RoleObject | None = None


class Grant(NamedTuple):
    """What a binding gives: the rules of its role, and the powers in them. `unknown` says what of it the
    files do not tell. `dangles` is true where its role does not exist."""

    binding: RoleBinding
    rules: tuple[PolicyRule, ...] = ()
    rights: tuple[Right, ...] = ()
    unknown: str = ""
    dangles: bool = False


class _Powers(NamedTuple):
    """The powers in a role, each by the first rule that has it, and what is not known of them."""

    words: dict[str, PolicyRule]
    unknown: str


class Grants:
    """What the bindings of a scan give; links them to their roles, and roles to those they are made of."""

    def __init__(self, index: Index, links: Links) -> None:
        self._index = index
        self._links = links
        self._parts: dict[RoleObject, tuple[RoleObject, ...]] = {}
        self._powers: dict[RoleObject, _Powers] = {}
        self._labelled: Nearby[RoleObject] | None = None
        self._kinds = {(entry.world, entry.resource.kind) for entry in index.of("roles")}
        self._names = {(entry.resource.kind, entry.resource.ref.name) for entry in index.of("roles")}

    def of(self, entry: Entry) -> Grant:
        """Link a binding to its role and return what it gives.

        A ClusterRole that a chart or an overlay does not have is looked for among the plain
        manifests, which may be for the same cluster (confidence medium). A role that is nowhere is
        unknown; it dangles where others of its kind are defined where it would be.
        """
        binding = entry.resource
        kind, name = binding.role_kind, binding.role_name
        if kind is None or name is None:
            return Grant(binding)
        if isinstance(kind.value, Unknown) or isinstance(name.value, Unknown):
            return Grant(binding, unknown="the role of a binding is not known")
        roles, confidence, note = self._roles(entry, kind.value, name.value)
        for role in roles:
            self._links.add(Link(binding, "grants", role.resource, name, confidence=confidence, note=note))
        namespace = None if binding.kind == "ClusterRoleBinding" else (binding.ref.namespace or "")
        if roles:
            return self._sum(binding, [part for role in roles for part in self._whole(role)], namespace)
        known = _builtin(kind.value, namespace).get(name.value)
        if known is not None:
            words = in_scope(known, namespace)
            self._links.leave_open("grants", binding)
            return Grant(binding, rights=tuple(map(Right, words)))
        dangles = self._dangles(entry, kind.value, name.value)
        if not dangles:
            self._links.leave_open("grants", binding)
        return Grant(
            binding, unknown=f"{kind.value} '{name.value}' is not in the scanned files", dangles=dangles
        )

    def _roles(self, entry: Entry, kind: str, name: str) -> tuple[tuple[Entry, ...], Confidence, str]:
        namespace = "" if kind == CLUSTER_ROLE else None
        roles = self._index.named("roles", name, entry, namespace, kind)
        if roles or kind != CLUSTER_ROLE or entry.world == PLAIN or name in BUILTIN_ROLES:
            return roles, Confidence.HIGH, ""
        others = self._index.named("roles", name, entry._replace(world=PLAIN), namespace, kind)
        note = f" (if the manifest of {CLUSTER_ROLE} '{name}' is applied to the same cluster)"
        return others[:1], Confidence.MEDIUM, note

    def _dangles(self, entry: Entry, kind: str, name: str) -> bool:
        if (kind, name) in self._names or name.startswith("system:"):
            return False
        space = "" if kind == CLUSTER_ROLE else None
        return (entry.world, kind) in self._kinds and self._index.is_defined("roles", entry, space)

    def _whole(self, entry: Entry) -> tuple[RoleObject, ...]:
        """Return a role with those that its aggregation rule selects."""
        role: RoleObject = entry.resource
        if not role.aggregates:
            return (role,)
        if role not in self._parts:
            found: dict[RoleObject, None] = {}
            for selector in role.aggregates:
                for part in self._selected(selector, entry):
                    if part is not role and matches(selector, part.labels) and part not in found:
                        found[part] = None
                        self._links.add(Link(role, "aggregates", part, selector.place))
            self._parts[role] = (role, *found)
        return self._parts[role]

    def _selected(self, selector: Selector, entry: Entry) -> list[RoleObject]:
        if self._labelled is None:
            self._labelled = Nearby()
            for other in self._index.of("roles"):
                if other.resource.kind == CLUSTER_ROLE:
                    self._labelled.add(other, None, other.resource)
                    for pair in (other.resource.labels or {}).items():
                        self._labelled.add(other, pair, other.resource)
        key = next(iter(selector.labels.items()), None)
        return self._labelled.around(entry, key)

    def _sum(self, binding: RoleBinding, roles: list[RoleObject], namespace: str | None) -> Grant:
        rights: dict[str, Right] = {}
        unknown = ""
        for role in roles:
            powers = self._powers_of(role)
            unknown = unknown or powers.unknown
            for word, rule in powers.words.items():
                for scoped in in_scope((word,), namespace):
                    rights.setdefault(scoped, Right(scoped, rule, role))
        rules = tuple(islice((rule for role in roles for rule in role.rules), MAX_RULES))
        return Grant(binding, rules, tuple(rights.values()), unknown)

    def _powers_of(self, role: RoleObject) -> _Powers:
        if role not in self._powers:
            words: dict[str, PolicyRule] = {}
            unknown = ""
            for rule in role.rules:
                found = powers_of(rule)
                if found is None:
                    unknown = f"a rule of {role.kind} '{role.ref.name}' is not known"
                    continue
                for word in found:
                    words.setdefault(word, rule)
            self._powers[role] = _Powers(words, unknown)
        return self._powers[role]


def _builtin(kind: str, namespace: str | None) -> Mapping[str, tuple[str, ...]]:
    if kind == CLUSTER_ROLE:
        return BUILTIN_ROLES
    return BUILTIN_SYSTEM_ROLES if namespace == "kube-system" else {}


def missing_role(grant: Grant) -> Located[str | Unknown] | None:
    """Return the role of a binding that dangles, as people call it; unknown where the files cannot
    tell, None where it is there."""
    kind, name = grant.binding.role_kind, grant.binding.role_name
    if kind is None or name is None or not grant.unknown or isinstance(name.value, Unknown):
        return None
    if grant.rules or grant.rights:
        return None
    text: str | Unknown = f"{kind.value} '{name.value}'" if grant.dangles else Unknown(grant.unknown)
    return Located(text, name.place, name.source)
