"""What governs the network of pods: which policies select them, whom policies let through, and which
namespace objects, policies and quotas belong together.

Between worlds (see `index`) only a plain manifest that names its namespace is heard, and only as
a possibility: the same cluster may not be meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from scanner.linking.index import PLAIN, Entry
from scanner.linking.selecting import Selecting, knows_all_pods
from scanner.linking.work import Linking
from scanner.model.cluster import NetworkPeer, Selector
from scanner.model.graph import Link
from scanner.model.labels import matches

_SOME = 64
"""How many of a kind count where more would say nothing new: policies that select every pod of one
place, workloads and namespaces that one peer means."""

_NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every namespace has of itself
(https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name)."""


def link_isolation(work: Linking) -> None:
    """Link namespaces with what is in them, policies with the pods that they select, and peers."""
    _link_namespaces(work)
    _link_policies(work)
    spaces = _Spaces(work)
    letting = Selecting(work, "lets-through")
    for entry in work.index.of("network_policies"):
        for allowance in entry.resource.allowances:
            for peer in allowance.peers:
                _link_peer(work, letting, spaces, entry, peer)
    letting.close()


def _link_namespaces(work: Linking) -> None:
    if not work.index.of("namespaces"):
        return
    for member, verb in (("workloads", "lives-in"), ("network_policies", "guards"), ("quotas", "limits")):
        for entry in work.index.of(member):
            if entry.namespace:
                _link_namespace(work, verb, entry)


def _link_namespace(work: Linking, verb: str, entry: Entry) -> None:
    found = work.index.named("namespaces", entry.namespace, entry, "")
    sure = True
    if not found and entry.world != PLAIN:
        found = work.index.named("namespaces", entry.namespace, entry._replace(world=PLAIN), "")
        sure = False
    for target in found:
        work.links.add(Link(entry.resource, verb, target.resource, entry.resource.name, sure=sure))


def _link_policies(work: Linking) -> None:
    """Link policies to the workloads that they select.

    Of those that select every pod of a namespace, the first few that do so in one place
    count: more add nothing, and links must not grow with the product of both.
    """
    others = _other_worlds(work)
    selecting = Selecting(work, "governs")
    everyone: dict[tuple[object, str, str], list[Entry]] = {}
    for entry in work.index.of("network_policies"):
        near = entry._replace(path=entry.path.rpartition("/")[0])
        selector = entry.resource.pods
        if selector.is_empty and selector.certain:
            group = (entry.world, entry.namespace, "" if entry.namespace else near.path)
            known = everyone.setdefault(group, [])
            if len(known) < _SOME:
                known.append(entry)
            else:
                work.links.leave_open("governs", entry.resource)
            continue
        _govern(work, selecting, entry, near, selector)
        if entry.world == PLAIN:
            for world in others.get(entry.namespace, ()):
                _govern(work, selecting, entry, near._replace(world=world), selector, sure=False)
    for (world, namespace, _), policies in everyone.items():
        near = policies[0]._replace(path=policies[0].path.rpartition("/")[0])
        _govern_all(work, selecting, policies, near)
        if world == PLAIN:
            for other in others.get(namespace, ()):
                _govern_all(work, selecting, policies, near._replace(world=other), sure=False)
    selecting.close()


def _other_worlds(work: Linking) -> dict[str, list[object]]:
    """The worlds but the plain one that have workloads in a namespace which they name."""
    if not any(entry.world == PLAIN and entry.namespace for entry in work.index.of("network_policies")):
        return {}
    found: dict[str, dict[object, None]] = {}
    for entry in work.index.of("workloads"):
        if entry.world != PLAIN and entry.namespace:
            found.setdefault(entry.namespace, {})[entry.world] = None
    return {namespace: list(islice(worlds, _SOME)) for namespace, worlds in found.items()}


def _govern(
    work: Linking, selecting: Selecting, entry: Entry, near: Entry, selector: Selector, *, sure: bool = True
) -> None:
    targets = () if selecting.is_exhausted else work.index.selected(selector, near, widely=True)
    selecting.link(entry.resource, targets, selector.place, sure=sure and selector.certain)
    if not targets and not knows_all_pods(work, entry):
        work.links.leave_open("governs", entry.resource)


def _govern_all(
    work: Linking, selecting: Selecting, policies: list[Entry], near: Entry, *, sure: bool = True
) -> None:
    """Link policies that select every pod; that there is none yet is no mistake."""
    targets = work.index.around(near, widely=True)
    for entry in policies:
        selecting.link(entry.resource, targets, entry.resource.pods.place, sure=sure)
        if not targets:
            work.links.leave_open("governs", entry.resource)


_EVERY_POD: dict[str, str] = {}


def _link_peer(work: Linking, letting: Selecting, spaces: _Spaces, entry: Entry, peer: NetworkPeer) -> None:
    """Link a peer to the first workloads that it means. One by namespace is left open: namespaces
    are often elsewhere."""
    if peer.pods is None and peer.namespaces is None:
        return
    if letting.is_exhausted:
        work.links.leave_open("lets-through", peer)
        return
    chosen = peer.pods or peer.namespaces
    assert chosen is not None
    pods = peer.pods or Selector(chosen.place, _EVERY_POD)
    namespaces = [(entry.namespace, True)] if peer.namespaces is None else spaces.of(peer.namespaces, entry)
    near = entry._replace(path=entry.path.rpartition("/")[0])
    left = _SOME
    for namespace, sure in namespaces:
        if pods.is_empty:
            found = tuple(islice(work.index.around(near, namespace, widely=True), left))
        else:
            found = work.index.selected(pods, near, namespace, widely=True, limit=left)
        letting.link(peer, found, chosen.place, sure=sure and pods.certain)
        left -= len(found)
        if left <= 0:
            return
    if left == _SOME and (peer.namespaces is not None or pods.is_empty or not knows_all_pods(work, entry)):
        work.links.leave_open("lets-through", peer)


class _Spaces:
    """The namespaces of each world, to be found by label."""

    def __init__(self, work: Linking) -> None:
        self._labelled: dict[tuple[object, str, str], list[Entry]] = {}
        self._all: dict[object, list[Entry]] = {}
        for entry in work.index.of("namespaces"):
            self._all.setdefault(entry.world, []).append(entry)
            for item in (entry.resource.labels or {}).items():
                self._labelled.setdefault((entry.world, *item), []).append(entry)

    def of(self, selector: Selector, near: Entry) -> Iterator[tuple[str, bool]]:
        """Yield the first namespaces that a selector matches, and whether it surely does; that of
        `near` also where nothing defines it and its labels are not known."""
        asked = selector.labels.get(_NAME_LABEL)
        if asked is not None and len(selector.labels) == 1 and not selector.requirements:
            yield asked, True
            return
        lists = [self._labelled.get((near.world, *item), []) for item in selector.labels.items()]
        candidates = min(lists, key=len) if lists else self._all.get(near.world, [])
        own_is_defined = False
        for entry in islice(candidates, _SOME):
            name = entry.resource.ref.name
            verdict = matches(selector, {**(entry.resource.labels or {}), _NAME_LABEL: name})
            if verdict is not False:
                own_is_defined = own_is_defined or name == near.namespace
                yield name, verdict is True
        if not own_is_defined and selector.is_empty:
            yield near.namespace, True
