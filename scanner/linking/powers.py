"""What an account may do that leads further than its own work: the words for it, and what is behind each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from scanner.model.cluster import PolicyRule
from scanner.model.permissions import Allowance, Target, allowance_of, allows, target_of


class Power(NamedTuple):
    """A way to get further: one of `verbs` on one of `targets`. Limited to objects by their names it
    counts for `names` alone. A `global_only` one is about objects of no namespace, on which a
    RoleBinding gives no rights. An `explicit` one does not count for who may read just everything,
    whose Secrets are the shorter way."""

    word: str
    verbs: tuple[str, ...]
    targets: tuple[str, ...]
    names: frozenset[str] = frozenset()
    global_only: bool = False
    explicit: bool = False


ADMIN = "cluster-admin"
"""May do everything; the words of all other powers are then left out."""

_WRITE = ("create", "update", "patch")
_ROLES = ("roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io")
_CONTROLLERS = (
    "deployments.apps",
    "daemonsets.apps",
    "statefulsets.apps",
    "replicasets.apps",
    "deployments.extensions",
    "daemonsets.extensions",
    "cronjobs.batch",
    "replicationcontrollers",
)
_MIGHTY = frozenset(("cluster-admin", "admin", "edit"))

POWERS: tuple[Power, ...] = (
    Power("escalate", ("escalate",), _ROLES),
    Power("bind", ("bind",), _ROLES, _MIGHTY),
    Power("impersonate", ("impersonate",), ("users", "groups"), frozenset(("system:masters",)), True),
    Power("impersonate-accounts", ("impersonate",), ("serviceaccounts",)),
    Power("create-workloads", ("create",), ("pods", "jobs.batch", *_CONTROLLERS)),
    Power("edit-workloads", ("update", "patch"), _CONTROLLERS),
    Power("exec-into-pods", ("create",), ("pods/exec", "pods/attach")),
    Power("exec-into-pods", ("get",), ("pods/exec", "pods/attach"), explicit=True),
    Power("exec-into-pods", ("update", "patch"), ("pods/ephemeralcontainers",)),
    Power("create-tokens", ("create",), ("serviceaccounts/token",)),
    Power("read-secrets", ("get", "list", "watch"), ("secrets",)),
    Power("node-proxy", ("create",), ("nodes/proxy",), global_only=True),
    Power("node-proxy", ("get",), ("nodes/proxy",), global_only=True, explicit=True),
    Power(
        "edit-webhooks",
        _WRITE,
        (
            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
        ),
        global_only=True,
    ),
    Power(
        "approve-csr",
        ("update", "patch"),
        ("certificatesigningrequests.certificates.k8s.io/approval",),
        global_only=True,
    ),
    Power("create-volumes", ("create",), ("persistentvolumes",), global_only=True),
    Power(
        "edit-roles",
        _WRITE,
        (
            *_ROLES,
            "rolebindings.rbac.authorization.k8s.io",
            "clusterrolebindings.rbac.authorization.k8s.io",
        ),
    ),
    Power("edit-configmaps", _WRITE, ("configmaps",), frozenset(("aws-auth", "coredns"))),
)
"""Every power but ADMIN, what leads furthest first. The API server lets nobody make a role or a binding that
has more rights than they have themselves, unless they may `escalate` or `bind`: `edit-roles` alone is
no way up."""

WORDS: tuple[str, ...] = tuple(dict.fromkeys((ADMIN, *(power.word for power in POWERS))))
"""The words, what leads furthest first."""

_ANY = "*"
_RANKS = {word: rank for rank, word in enumerate(WORDS)}
_GLOBAL_ONLY = frozenset(power.word for power in POWERS if power.global_only)
_SYSTEM = "kube-system"


def powers_of(rule: PolicyRule) -> tuple[str, ...] | None:
    """Return the words for what a rule allows, None where it cannot be read."""
    allowance = allowance_of(rule)
    return None if allowance is None else _powers(allowance)


def in_scope(words: Iterable[str], namespace: str | None) -> tuple[str, ...]:
    """Return the words as they hold in a namespace (None: in the whole cluster), with where they hold.

    In one namespace that is `read-secrets-in-namespace`, in kube-system `read-secrets-in-kube-system`
    (whose pods run the cluster); all rights are `admin-in-namespace` there.
    """
    if namespace is None:
        return tuple(words)
    where = _SYSTEM if namespace == _SYSTEM else "namespace"
    kept = (word for word in words if word not in _GLOBAL_ONLY)
    return tuple(f"{'admin' if word == ADMIN else word}-in-{where}" for word in kept)


def rank(word: str) -> tuple[int, int]:
    """Return what sorts words: those about the whole cluster first, then what leads furthest."""
    base, _, where = word.partition("-in-")
    if not where:
        return 0, _RANKS[base]
    return (1 if where == _SYSTEM else 2), _RANKS[ADMIN if base == "admin" else base]


class _Candidate(NamedTuple):
    power: Power
    target: Target


def _candidates() -> dict[str, tuple[_Candidate, ...]]:
    found: dict[str, tuple[_Candidate, ...]] = {}
    for power in POWERS:
        for text in power.targets:
            target = target_of(text)
            names = [target.name, *([f"*/{target.subresource}"] if target.subresource else [])]
            names += [] if power.explicit else [_ANY]
            for name in names:
                found[name] = (*found.get(name, ()), _Candidate(power, target))
    return found


_CANDIDATES = _candidates()


@lru_cache(maxsize=4096)
def _powers(allowance: Allowance) -> tuple[str, ...]:
    verbs, groups, resources, limits = allowance
    if _ANY in verbs and _ANY in groups and _ANY in resources and not limits:
        return (ADMIN,)
    found = set()
    for written in resources:
        for power, target in _CANDIDATES.get(written, ()):
            if limits and power.names.isdisjoint(limits):
                continue
            if power.word not in found and allows(allowance, power.verbs, target):
                found.add(power.word)
    return tuple(sorted(found, key=_RANKS.__getitem__))
