"""What a rule of a role allows, compared as the authorizer of Kubernetes does."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from scanner.model.basics import Fact
from scanner.model.cluster import PolicyRule
from scanner.model.source import Unknown

_UNNAMED_VERBS = frozenset(("create", "deletecollection"))
"""Requests that carry no name, so that a rule with resourceNames never allows them
(https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources)."""


class Target(NamedTuple):
    """A kind of object that verbs act on; `name` has its subresource: pods/exec."""

    group: str
    name: str
    subresource: str


class Allowance(NamedTuple):
    """The words of a rule; `limits` are the names of the only objects that it is about."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    limits: tuple[str, ...]


@cache
def target_of(text: str) -> Target:
    """Read `name.group/subresource`; the group of core/v1 is empty."""
    full, _, subresource = text.partition("/")
    name, _, group = full.partition(".")
    return Target(group, f"{name}/{subresource}" if subresource else name, subresource)


def allowance_of(rule: PolicyRule) -> Allowance | None:
    """Return the words of a rule, None where one of its lists is not known. A rule that leaves its
    groups out is read as one about all of them."""
    facts = (rule.verbs, rule.api_groups, rule.resources, rule.resource_names)
    if any(fact is not None and isinstance(fact.value, Unknown) for fact in facts):
        return None
    groups = _names(rule.api_groups) if rule.api_groups is not None else ("*",)
    return Allowance(_names(rule.verbs), groups, _names(rule.resources), _names(rule.resource_names))


def allows(allowance: Allowance, verbs: tuple[str, ...], target: Target) -> bool:
    """Whether one of `verbs` is allowed on some objects of a kind, wildcards understood: `*` is
    everything, `*/exec` that subresource of all
    (https://pkg.go.dev/k8s.io/kubernetes/pkg/apis/rbac/v1#ResourceMatches)."""
    written = allowance.resources
    if not (
        "*" in written
        or target.name in written
        or (target.subresource and f"*/{target.subresource}" in written)
    ):
        return False
    if "*" not in allowance.groups and target.group not in allowance.groups:
        return False
    for verb in verbs:
        if verb in allowance.verbs or "*" in allowance.verbs:
            if allowance.limits and verb in _UNNAMED_VERBS and not target.subresource:
                continue
            return True
    return False


def _names(fact: Fact[tuple[str, ...]]) -> tuple[str, ...]:
    return () if fact is None or isinstance(fact.value, Unknown) else fact.value
