"""Who pods act as, and which bindings name that account.

An account is known by its name and namespace, also where no file defines it. A pod that names none
acts as `default`. A subject without a namespace means that of its RoleBinding (the authorizer does
so). Where the namespace is written on neither side, `default` is taken for the same account only
in nested folders: every unrelated example has a pod of that account.

Two links are less sure. A manifest that leaves its namespace to who applies it is often bound by a
ClusterRoleBinding, which must write one: the same name is then taken for the same account (not
`default`). And plain manifests may bind an account of a chart or an overlay, if both write one
and the same namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.linking.index import PLAIN, Entry, Index, plain_namespace
from scanner.linking.links import Links
from scanner.linking.nearby import Nearby
from scanner.model.cluster import RoleBinding, Subject
from scanner.model.graph import Link
from scanner.model.resources import Format, Workload
from scanner.model.rule import Confidence
from scanner.model.source import Unknown

DEFAULT_ACCOUNT = "default"

_ALL_ACCOUNTS = ("system:authenticated", "system:serviceaccounts")
_OF_NAMESPACE = "system:serviceaccounts:"
_AS_USER = "system:serviceaccount:"


class Named(NamedTuple):
    """A binding, the subject in it that names an account, and how sure it means that one."""

    entry: Entry
    subject: Subject
    namespace: str = ""
    confidence: Confidence = Confidence.HIGH
    note: str = ""
    sure: bool = True


class Bindings:
    """The bindings of a scan by the accounts that they name."""

    def __init__(self, index: Index) -> None:
        self._table: Nearby[Named] = Nearby()
        self.is_empty = True
        for entry in index.of("role_bindings"):
            for subject in entry.resource.subjects:
                self._add(entry, subject)

    def of(self, entry: Entry, account: str, *, placed: bool) -> list[Named]:
        """Return the bindings of an account, the one that `entry` is or acts as. `placed` tells whether
        a namespace is written there."""
        if self.is_empty:
            return []
        table = self._table
        key = ("account", entry.namespace, account)
        if entry.namespace:
            found = table.around(entry, key)
        else:
            found = table.near(entry, key, nested=account == DEFAULT_ACCOUNT)
        if not found and not placed and account != DEFAULT_ACCOUNT:
            found = self._unplaced(entry, account)
        if not found and entry.namespace and entry.world != PLAIN:
            found = [
                named._replace(confidence=Confidence.MEDIUM, note=_OTHER_TOOL)
                for named in table.near(entry, key, world=PLAIN)
            ]
        for group in (("group",), ("group", entry.namespace)):
            found += table.near(entry, group, nested=True)
        return found

    def _unplaced(self, entry: Entry, account: str) -> list[Named]:
        found = self._table.near(entry, ("name", account))
        spaces = {named.namespace for named in found}
        note = f" (taken to be deployed to namespace '{min(spaces)}')" if spaces else ""
        one = len(spaces) == 1
        return [named._replace(confidence=Confidence.MEDIUM, note=note, sure=one) for named in found]

    def _add(self, entry: Entry, subject: Subject) -> None:
        name = subject.name.value
        kind = None if subject.kind is None else subject.kind.value
        if isinstance(name, Unknown) or isinstance(kind, Unknown):
            return
        self.is_empty = False
        named = Named(entry, subject)
        account = account_of(entry.resource, subject)
        if account is not None:
            space, name = account
            self._table.add(entry, ("account", plain_namespace(space), name), named)
            if plain_namespace(space):
                self._table.add(entry, ("name", name), named._replace(namespace=space))
        elif kind == "Group" and name in _ALL_ACCOUNTS:
            self._table.add(entry, ("group",), named)
        elif kind == "Group" and name.startswith(_OF_NAMESPACE):
            self._table.add(entry, ("group", plain_namespace(name.removeprefix(_OF_NAMESPACE))), named)


_OTHER_TOOL = " (if both are deployed to one cluster)"


def account_of(binding: RoleBinding, subject: Subject) -> tuple[str, str] | None:
    """Return the namespace (empty where it is left open) and the name of the account that a subject is,
    None where it is none or cannot be told."""
    name = subject.name.value
    kind = None if subject.kind is None else subject.kind.value
    if isinstance(name, Unknown) or not name:
        return None
    if kind == "User" and name.startswith(_AS_USER):
        space, _, account = name.removeprefix(_AS_USER).partition(":")
        return (space, account) if account else None
    if kind != "ServiceAccount":
        return None
    if subject.namespace is not None:
        return None if isinstance(subject.namespace.value, Unknown) else (subject.namespace.value, name)
    # A ClusterRoleBinding has no namespace to fall back on, and the API server refuses it.
    return (binding.ref.namespace or "", name) if binding.kind == "RoleBinding" else None


class Actor(NamedTuple):
    """A workload with the account that it acts as. `account` is the object, where one is defined."""

    entry: Entry
    name: str
    account: Entry | None = None


class Accounts:
    """The accounts of a scan; links workloads to them."""

    def __init__(self, index: Index, links: Links) -> None:
        self._index = index
        self._links = links
        self._names = {entry.resource.ref.name for entry in index.of("service_accounts")}

    def actors(self) -> Iterator[Actor]:
        """Link each workload of Kubernetes to its account, and yield those whose account is known.

        An account that is named and nowhere defined is left open, unless others are defined
        where it would be and no file has one of that name.
        """
        for entry in self._index.of("workloads"):
            workload = entry.resource
            if not _is_pod(workload):
                continue
            written = workload.service_account
            if written is not None and isinstance(written.value, Unknown):
                self._links.leave_open("acts-as", workload)
                continue
            name = DEFAULT_ACCOUNT if written is None else written.value or DEFAULT_ACCOUNT
            account = self.find(entry, name)
            if account is not None:
                self._links.add(Link(workload, "acts-as", account.resource, written))
            elif name != DEFAULT_ACCOUNT and not self.is_missing(entry, name):
                self._links.leave_open("acts-as", workload)
            yield Actor(entry, name, account)

    def find(self, entry: Entry, name: str, namespace: str | None = None) -> Entry | None:
        """Return the account of a name where an entry stands, or in the given namespace."""
        if name not in self._names:
            return None
        found = self._index.named("service_accounts", name, entry, namespace)
        return found[0] if found else None

    def is_named(self, name: str) -> bool:
        """Whether any file defines an account of a name, wherever it is."""
        return name in self._names

    def is_missing(self, entry: Entry, name: str, namespace: str | None = None) -> bool:
        """Whether an account that was not found is defined nowhere, where others are defined."""
        if name == DEFAULT_ACCOUNT or name in self._names:
            return False
        return self._index.is_defined("service_accounts", entry, namespace)


def _is_pod(workload: Workload) -> bool:
    return workload.format is Format.KUBERNETES
