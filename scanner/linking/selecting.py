"""Which pods Services, disruption budgets and autoscalers mean, and which Service a StatefulSet names.

A selector that matches nothing is left open where pods may come from elsewhere: no workload
stands in reach (see `Index.is_defined`), or an operator may make pods there. Links grow with the
workloads, and not with the product of selectors and workloads: see `Selecting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from scanner.linking.index import Entry
from scanner.linking.work import Linking
from scanner.model.cluster import Selector, Service
from scanner.model.graph import Link
from scanner.model.resources import Workload
from scanner.model.source import Located, Unknown

_LINKS_PER_WORKLOAD = 32
_LINKS_ANYWAY = 10_000


class Selecting:
    """Links from selectors to workloads, under a `verb`, as many as a linear scan can have.

    Once there are far more than people write (everything selects everything), what is left is left
    open, from both ends.
    """

    def __init__(self, work: Linking, verb: str) -> None:
        self._work = work
        self._verb = verb
        self._left = _LINKS_ANYWAY + _LINKS_PER_WORKLOAD * len(work.index.of("workloads"))

    @property
    def is_exhausted(self) -> bool:
        """Whether no more links can be added."""
        return self._left <= 0

    def link(
        self, source: Any, targets: Iterable[Entry], place: Located[object] | None, *, sure: bool = True
    ) -> None:
        """Link a resource to workloads."""
        links = self._work.links
        for target in islice(targets, max(self._left, 0)):
            self._left -= 1
            links.add(Link(source, self._verb, target.resource, place, sure=sure))
        if self.is_exhausted:
            links.leave_open(self._verb, source)

    def close(self) -> None:
        """Leave every workload open where links are missing."""
        if self.is_exhausted:
            for entry in self._work.index.of("workloads"):
                self._work.links.leave_open(self._verb, entry.resource, is_source=False)


def link_selectors(work: Linking) -> None:
    """Link what has a selector or a reference of its own to the workloads that are meant."""
    services, budgets = Selecting(work, "selects"), Selecting(work, "protects")
    for entry in work.index.of("services"):
        selector = entry.resource.selector
        if selector is not None and not selector.is_empty:
            _select(work, services, "selects", entry, selector)
            _link_mixed(work, entry.resource)
    for entry in work.index.of("disruption_budgets"):
        if entry.resource.selector is not None:
            _select(work, budgets, "protects", entry, entry.resource.selector)
    services.close()
    budgets.close()
    for entry in work.index.of("autoscalers"):
        _link_target(work, entry)
    for entry in work.index.of("workloads"):
        if entry.resource.service_name is not None:
            _link_governing(work, entry)
        if entry.resource.selector is not None and entry.resource.kind not in _ENDING:
            _link_rivals(work, entry)


_ENDING = frozenset(("Job", "CronJob"))
"""Kinds whose pods end by themselves, and whose selectors are made by the cluster."""


def _select(work: Linking, selecting: Selecting, verb: str, entry: Entry, selector: Selector) -> None:
    """Link to the workloads that a selector matches. Pods of Helm hooks and tests come and go, and
    nobody selects them on purpose."""
    chosen = () if selecting.is_exhausted else work.index.selected(selector, entry)
    found = [target for target in chosen if target.resource.hook is None]
    selecting.link(entry.resource, found, selector.place, sure=selector.certain)
    if not found and not knows_all_pods(work, entry):
        work.links.leave_open(verb, entry.resource)


def _link_mixed(work: Linking, service: Service) -> None:
    """Link a Service to the workloads that it selects where they run different programs: some have no
    image in common with the first. A canary or a replica runs the image of the others."""
    links = [
        link for link in work.links.of("selects", service) if link.sure and link.target.kind not in _ENDING
    ]
    if len(links) < 2:
        return
    programs = [_programs(link.target) for link in links]
    if all(programs) and any(programs[0].isdisjoint(others) for others in programs[1:]):
        for link in links:
            work.links.add(link._replace(verb="mixes"))


def _programs(workload: Workload) -> frozenset[str]:
    """The repositories of the images of a workload's containers, as far as they are known."""
    names = (one.image.repository for one in workload.containers if one.image is not None)
    return frozenset(name.value for name in names if name is not None and isinstance(name.value, str))


_RIVALS = 16
"""More workloads that one selector matches say nothing new."""


def _link_rivals(work: Linking, entry: Entry) -> None:
    """Link a workload to others of its namespace whose pods its selector matches, and which take
    them for their own too."""
    selector = entry.resource.selector
    if selector.is_empty or not selector.certain:
        return
    for target in work.index.selected(selector, entry, limit=_RIVALS):
        other = target.resource
        if other is entry.resource or other.selector is None or other.kind in _ENDING:
            continue
        if (other.kind, other.ref.name) != (entry.resource.kind, entry.resource.ref.name):
            work.links.add(Link(entry.resource, "shares-selector", other, selector.place))


def knows_all_pods(work: Linking, near: Entry, namespace: str | None = None) -> bool:
    """Whether a workload that is not found where `near` looks for it surely is not there."""
    index = work.index
    return index.is_defined("workloads", near, namespace) and not index.may_have_others(near, namespace)


def _link_target(work: Linking, entry: Entry) -> None:
    scaler = entry.resource
    name, kind = scaler.target_name, scaler.target_kind
    if name is None or kind is None or isinstance(name.value, Unknown) or isinstance(kind.value, Unknown):
        work.links.leave_open("scales", scaler)
        return
    found = work.index.named("workloads", name.value, entry, kind=kind.value)
    for target in found:
        work.links.add(Link(scaler, "scales", target.resource, name))
    if not found and not (kind.value in _PLAIN_KINDS and knows_all_pods(work, entry)):
        work.links.leave_open("scales", scaler)


_PLAIN_KINDS = frozenset(("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"))
"""Kinds that are always read as workloads; others may stand for pods that no file shows."""


def _link_governing(work: Linking, entry: Entry) -> None:
    name = entry.resource.service_name
    if isinstance(name.value, Unknown):
        work.links.leave_open("governed-by", entry.resource)
        return
    found = work.index.named("services", name.value, entry)
    for target in found:
        work.links.add(Link(entry.resource, "governed-by", target.resource, name))
    if not found and not work.index.is_defined("services", entry):
        work.links.leave_open("governed-by", entry.resource)
