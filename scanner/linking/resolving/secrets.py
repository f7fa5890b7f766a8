"""Who uses each secret: the applications whose workloads read or mount it.

The application of a workload is what its labels say, the widest first: part-of, instance and name of the
recommended labels, then app and k8s-app; without any, its own name. What one chart renders is one
application, and so is a Compose project.

That nothing uses a Secret is said of the plainest ones alone: no chart has made it for some of its
values, around it there is no object that may name Secrets in its own way (an Ingress, a custom
resource), and no role may read Secrets through the API.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from scanner.linking.index import Entry, Index
from scanner.linking.work import Linking, not_known
from scanner.model.permissions import allowance_of, allows, target_of
from scanner.model.resolved import ResolvedSecret, Step
from scanner.model.resources import Workload
from scanner.model.source import Located, Unknown


class User(NamedTuple):
    """A workload that uses a secret, and where it names it."""

    entry: Entry
    place: Located[str | Unknown]


Used = dict[Any, list[User]]
"""The users of each secret."""

_APPLICATION = (
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
)

_UNUSED_TYPES = (None, "Opaque")
_MAX_STEPS = 8


def decide_users(work: Linking, used: Used) -> None:
    """Decide of each secret which applications use it."""
    readable = _readable(work.index)
    held = {
        fact.value
        for account in work.index.of("service_accounts")
        for fact in (*account.resource.secrets, *account.resource.pull_secrets)
    }
    for entry in work.index.of("secrets"):
        users = used.get(entry.resource)
        if users is not None:
            _decide(work, entry, users)
        elif entry.resource.ref.name in held or entry.world in readable:
            continue
        elif _is_plain(entry) and _is_alone(work.index, entry):
            _decide(work, entry, [])
    for entry in work.index.of("stored"):
        if entry.resource.kind == "secret":
            _decide(work, entry, used.get(entry.resource, []))


def _decide(work: Linking, entry: Entry, users: list[User]) -> None:
    try:
        work.resolved[entry.resource] = _resolved(entry.resource, users)
    except Exception as error:
        work.note(entry.path, error)
        unknown = not_known(entry.resource.name)
        work.resolved[entry.resource] = ResolvedSecret(unknown, unknown)


def _resolved(secret: Any, users: list[User]) -> ResolvedSecret:
    by_application: dict[str, User] = {}
    for user in users:
        by_application.setdefault(_application(user.entry), user)
    name = secret.name
    steps = tuple(
        Step(f"application '{application}' uses it in {_called(user.entry.resource)}", user.place)
        for application, user in list(by_application.items())[:_MAX_STEPS]
    )
    return ResolvedSecret(
        Located(tuple(sorted(by_application)), name.place, name.source),
        Located(len(by_application), name.place, name.source),
        {"users": steps},
    )


def _called(workload: Workload) -> str:
    return f"{workload.kind} '{workload.ref.name}'"


def _application(entry: Entry) -> str:
    if entry.unit.tool in ("helm", "compose"):
        return entry.unit.path
    workload: Workload = entry.resource
    labels = workload.labels or {}
    return next((labels[key] for key in _APPLICATION if key in labels), workload.ref.name)


def _is_plain(entry: Entry) -> bool:
    secret = entry.resource
    kind = None if secret.type is None else secret.type.value
    return kind in _UNUSED_TYPES and not secret.made_by and entry.unit.tool != "helm"


def _is_alone(index: Index, entry: Entry) -> bool:
    """Whether nothing around a Secret may name it but pods and their accounts, and pods are there."""
    if index.is_defined("ingresses", entry) or index.may_be_named(entry) or index.may_have_others(entry):
        return False
    return index.is_defined("workloads", entry)


def _readable(index: Index) -> set[object]:
    """The worlds in which a role may read Secrets."""
    secrets = target_of("secrets")
    found = set()
    for entry in index.of("roles"):
        if entry.world in found:
            continue
        for rule in entry.resource.rules:
            allowance = allowance_of(rule)
            if allowance is None or allows(allowance, ("get", "list", "watch"), secrets):
                found.add(entry.world)
                break
    return found
