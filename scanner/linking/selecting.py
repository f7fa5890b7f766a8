"""Which pods Services, disruption budgets and autoscalers mean, and which Service a StatefulSet names.

A selector that matches nothing is left open where pods may come from elsewhere: no workload
stands in reach (see `Index.is_defined`), or an operator may make pods there.
"""

from __future__ import annotations

from scanner.linking.index import Entry
from scanner.linking.work import Linking
from scanner.model.cluster import Selector, Service
from scanner.model.graph import Link
from scanner.model.resources import Workload
from scanner.model.source import Unknown


def link_selectors(work: Linking) -> None:
    """Link what has a selector or a reference of its own to the workloads that are meant."""
    for entry in work.index.of("services"):
        selector = entry.resource.selector
        if selector is not None and not selector.is_empty:
            _select(work, "selects", entry, selector)
            _link_mixed(work, entry.resource)
    for entry in work.index.of("disruption_budgets"):
        if entry.resource.selector is not None:
            _select(work, "protects", entry, entry.resource.selector)
    for entry in work.index.of("autoscalers"):
        _link_target(work, entry)
    for entry in work.index.of("workloads"):
        if entry.resource.service_name is not None:
            _link_governing(work, entry)
        if entry.resource.selector is not None and entry.resource.kind not in _ENDING:
            _link_rivals(work, entry)


_ENDING = frozenset(("Job", "CronJob"))
"""Kinds whose pods end by themselves, and whose selectors are made by the cluster."""


def _select(work: Linking, verb: str, entry: Entry, selector: Selector) -> None:
    """Link to the workloads that a selector matches. Pods of Helm hooks and tests come and go, and
    nobody selects them on purpose."""
    found = False
    for target in work.index.selected(selector, entry):
        if target.resource.hook is None:
            found = True
            work.links.add(Link(entry.resource, verb, target.resource, selector.place, sure=selector.certain))
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


def _link_rivals(work: Linking, entry: Entry) -> None:
    """Link a workload to others of its namespace whose pods its selector matches, and which take
    them for their own too."""
    selector = entry.resource.selector
    if selector.is_empty or not selector.certain:
        return
    for target in work.index.selected(selector, entry):
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
