"""Roles, what each of their rules allows, and the bindings that give them to somebody."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.selectors import selector_of
from scanner.model.basics import Fact
from scanner.model.cluster import PolicyRule, RoleBinding, RoleObject, Selector, Subject
from scanner.model.resources import Document
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import Node, SequenceNode, scalar_text


def read_role(index: Index, document: Document, facts: FactReader) -> RoleObject:
    """Return a Role or ClusterRole (rbac.authorization.k8s.io)."""
    rules = [_read_rule(node, rule, facts) for node, rule in facts.objects(index, "rules")]
    aggregation = facts.mapping(index, "aggregationRule")
    return RoleObject(
        document.ref,
        document.kind,
        document.name,
        tuple(rules),
        tuple(_aggregates(aggregation, facts)),
        facts.labels(facts.mapping(facts.mapping(index, "metadata"), "labels")),
    )


def read_binding(index: Index, document: Document, facts: FactReader) -> RoleBinding:
    """Return a RoleBinding or ClusterRoleBinding (rbac.authorization.k8s.io)."""
    role = facts.mapping(index, "roleRef")
    subjects = []
    for node, subject in facts.objects(index, "subjects"):
        name = facts.text(subject, "name") or Located("", node, facts.source)
        subjects.append(Subject(name, facts.text(subject, "kind"), facts.text(subject, "namespace")))
    return RoleBinding(
        document.ref,
        document.kind,
        document.name,
        facts.text(role, "kind"),
        facts.text(role, "name"),
        tuple(subjects),
    )


def _aggregates(aggregation: Index, facts: FactReader) -> Iterator[Selector]:
    for node, selector in facts.objects(aggregation, "clusterRoleSelectors"):
        yield selector_of(selector, Located("clusterRoleSelectors", node, facts.source), facts)


def _read_rule(node: Node, rule: Index, facts: FactReader) -> PolicyRule:
    found = {key: facts.as_texts(rule[key]) for key in _KEYS if key in rule}
    resources = found.get("resources") or found.get("nonResourceURLs")
    summary = f"{_shown(found.get('verbs'))} on {_shown(resources)}"
    fields: dict[str, Fact[tuple[str, ...]]] = {_KEYS[key]: fact for key, fact in found.items()}
    return PolicyRule(Located(summary, node, facts.source), wildcard=_wildcard(rule, facts), **fields)


def _wildcard(rule: Index, facts: FactReader) -> Fact[str]:
    for key in ("verbs", "resources", "apiGroups"):
        node = rule[key][1] if key in rule else None
        if node.__class__ is SequenceNode:
            for item in node.value:
                if scalar_text(item) == "*":
                    return Located(key, item, facts.source)
    return None


_KEYS = {
    "verbs": "verbs",
    "apiGroups": "api_groups",
    "resources": "resources",
    "resourceNames": "resource_names",
    "nonResourceURLs": "non_resource_urls",
}


def _shown(names: Fact[tuple[str, ...]]) -> str:
    if names is None:
        return "nothing"
    return "unknown" if isinstance(names.value, Unknown) else ", ".join(names.value)
