"""What pods and services are configured with: Secrets, ConfigMaps, a project's secrets and configs,
env files; and who uses each secret.

A name that no file defines is left open, as it may be in the cluster. It is closed (it dangles) where
others of its kind are defined in its place (`Index.is_defined`), no file defines the name anywhere,
no command line of a container has it (a Job may make it), and no custom resource is there whose
operator may.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from scanner.linking.index import Entry, Index
from scanner.linking.resolving.secrets import Used, User, decide_users
from scanner.linking.work import Linking
from scanner.model.graph import Link
from scanner.model.references import Reference
from scanner.model.resources import Format
from scanner.model.source import Located, Unknown


class _Kind(NamedTuple):
    """How a kind of reference is linked: where its targets are, and the verbs of a container's
    reference, a pod's own and the workload."""

    member: str
    of_container: str
    of_pod: str
    of_workload: str


_KINDS = {
    "Secret": _Kind("secrets", "reads-secret", "mounts-secret", "uses-secret"),
    "ConfigMap": _Kind("config_maps", "reads-config", "mounts-config", "uses-config"),
    "secret": _Kind("stored", "reads-stored", "mounts-stored", "uses-stored"),
    "config": _Kind("stored", "reads-stored", "mounts-stored", "uses-stored"),
}

_SEPARATORS = str.maketrans("=,;'\"", "     ")

_CONFIDENTIAL = ("Secret", "secret")

_PUBLISHED = frozenset(("kube-root-ca.crt", "openshift-service-ca.crt"))
"""ConfigMaps that the control plane puts into every namespace."""


def link_configuration(work: Linking) -> None:
    """Link references, and the workloads that they are of, to what they name; workloads to env files."""
    names = {
        member: {entry.resource.ref.name for entry in work.index.of(member)}
        for member in ("secrets", "config_maps")
    }
    used: Used = {}
    words = _Words(work.index)
    for entry in work.index.of("workloads"):
        workload = entry.resource
        for reference, own in _references(workload):
            kind = _KINDS.get(reference.kind)
            if kind is not None:
                verb = kind.of_pod if own else kind.of_container
                _link(work, entry, reference, kind, verb, names, used, words)
        if workload.format is Format.KUBERNETES:
            _link_pulls(work, entry)
        for path in workload.env_files:
            _link_file(work, entry, path)
    decide_users(work, used)


class _Words:
    """The words of all command lines, collected when they are first asked for."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @cached_property
    def found(self) -> frozenset[str]:
        """The words, also those after an equals sign or in a script."""
        containers = [one for entry in self._index.of("workloads") for one in entry.resource.containers]
        facts = [fact for one in containers for fact in (one.command, one.args) if fact is not None]
        texts = [text for fact in facts if not isinstance(fact.value, Unknown) for text in fact.value]
        return frozenset(word for text in texts for word in text.translate(_SEPARATORS).split())


def _references(workload: Any) -> Iterator[tuple[Reference, bool]]:
    for reference in workload.references:
        yield reference, True
    for container in workload.containers:
        for reference in container.references:
            yield reference, False


def _link(
    work: Linking,
    entry: Entry,
    reference: Reference,
    kind: _Kind,
    verb: str,
    names: dict[str, set[str]],
    used: Used,
    words: _Words,
) -> None:
    name = reference.name.value
    if isinstance(name, Unknown):
        work.links.leave_open(verb, reference)
        return
    found = work.index.named(kind.member, name, entry, kind=reference.kind)
    for target in found:
        work.links.add(Link(reference, verb, target.resource, reference.name))
        work.links.add(Link(entry.resource, kind.of_workload, target.resource, reference.name))
        if reference.kind in _CONFIDENTIAL and reference.via != "image-pull":
            used.setdefault(target.resource, []).append(User(entry, reference.name))
    if found or kind.member == "stored":
        return
    optional = reference.optional is not None and reference.optional.value is not False
    known = name in names[kind.member] or name in _PUBLISHED
    if optional or known or not _must_be_here(work.index, entry, kind.member) or name in words.found:
        work.links.leave_open(verb, reference)


def _must_be_here(index: Index, entry: Entry, member: str) -> bool:
    return index.is_defined(member, entry, beside=False) and not index.may_have_others(entry)


def _link_pulls(work: Linking, entry: Entry) -> None:
    """Link a workload to the Secrets that its account gives to the pulls of its images."""
    for acting in work.links.of("acts-as", entry.resource):
        for pulled in acting.target.pull_secrets:
            if isinstance(pulled.value, str):
                for secret in work.index.named("secrets", pulled.value, entry):
                    work.links.add(Link(entry.resource, "uses-secret", secret.resource, pulled))


def _link_file(work: Linking, entry: Entry, path: Located[str | Unknown]) -> None:
    found = () if isinstance(path.value, Unknown) else work.index.named("env_files", path.value, entry)
    for file in found:
        work.links.add(Link(entry.resource, "loads", file.resource, path))
    if not found:
        work.links.leave_open("loads", entry.resource)
