"""Inside of a Compose project: networks, volumes that are shared, and services that need each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

from scanner.linking.work import Linking
from scanner.model.graph import GraphUnit, Link
from scanner.model.resources import Format, Network, ResourceRef, Workload
from scanner.model.source import Located, PackedSource, Unknown

MAX_SHARING = 50
"""Between more services than this, who shares a network or a volume is left open: links between
each two of them would grow with the square of their number."""

DEFAULT_NETWORK = "default"


def link_projects(work: Linking) -> None:
    """Link the services of each Compose project to its networks and to each other."""
    for unit in work.index.units:
        if unit.resources.format is Format.COMPOSE and unit.resources.workloads:
            _Project(work, unit).link()


class _Project:
    def __init__(self, work: Linking, unit: GraphUnit) -> None:
        self._links = work.links
        self._unit = unit
        self._workloads = {workload.name.value: workload for workload in unit.resources.workloads}
        self._networks = {network.name.value: network for network in unit.resources.networks}
        self._members: dict[Network, list[Link]] = {}

    def link(self) -> None:
        """Add every link of the project."""
        for workload in self._unit.resources.workloads:
            self._join(workload)
            self._depend(workload)
            self._enter(workload)
        for network, members in self._members.items():
            self._share("shares-network", members)
            if network.external is not None and network.external.value is not False:
                for link in members:
                    self._links.leave_open("shares-network", link.source)
        for mounts in self._volumes().values():
            self._share("shares-volume", mounts)

    def _join(self, workload: Workload) -> None:
        """The networks that a service is attached to: those that it names, else the project's default
        (https://docs.docker.com/reference/compose-file/networks/#the-default-network)."""
        mode = workload.network_mode
        if mode is not None:
            if isinstance(mode.value, Unknown):
                self._links.leave_open("joins", workload)
                self._links.leave_open("shares-network", workload)
            return
        if not workload.networks:
            self._attach(workload, self._default(), workload.name)
        for name in workload.networks:
            if isinstance(name.value, Unknown):
                self._links.leave_open("joins", workload)
                self._links.leave_open("shares-network", workload)
                continue
            network = self._default() if name.value == DEFAULT_NETWORK else self._networks.get(name.value)
            if network is not None:
                self._attach(workload, network, name)

    def _attach(self, workload: Workload, network: Network, place: Located[object]) -> None:
        link = Link(workload, "joins", network, place, network.name)
        self._links.add(link)
        self._members.setdefault(network, []).append(link)

    def _default(self) -> Network:
        """The default network; where nobody defines it, the whole file stands for it."""
        if DEFAULT_NETWORK not in self._networks:
            place = Located(DEFAULT_NETWORK, PackedSource.pack(1, 1, 1, 1), PackedSource(self._unit.path))
            self._networks[DEFAULT_NETWORK] = Network(ResourceRef("network", DEFAULT_NETWORK), place)
        return self._networks[DEFAULT_NETWORK]

    def _share(self, verb: str, links: Iterable[Link]) -> None:
        members = list({link.source: link for link in links}.values())
        if len(members) > MAX_SHARING:
            for link in members:
                self._links.leave_open(verb, link.source)
            return
        for one, other in permutations(members, 2):
            self._links.add(Link(one.source, verb, other.source, one.place, other.place))

    def _depend(self, workload: Workload) -> None:
        for name in workload.depends_on:
            if isinstance(name.value, Unknown):
                self._links.leave_open("depends-on", workload)
            elif name.value in self._workloads:
                self._links.add(Link(workload, "depends-on", self._workloads[name.value], name))

    def _enter(self, workload: Workload) -> None:
        for join in workload.joins:
            whose, _, name = join.target.value.partition(":")
            host = self._workloads.get(name) if whose == "service" else None
            if host is not None:
                self._links.add(Link(workload, "enters", host, join.target))
            else:
                self._links.leave_open("enters", workload)

    def _volumes(self) -> dict[str, list[Link]]:
        """Who mounts each named volume, with the place where it does; the link's target is a name."""
        found: dict[str, list[Link]] = {}
        for workload in self._unit.resources.workloads:
            for container in workload.containers:
                for mount in container.mounts:
                    name = mount.source
                    if mount.kind == "volume" and name is not None and isinstance(name.value, str):
                        place = Link(workload, "mounts", name.value, name)
                        found.setdefault(name.value, []).append(place)
        return found
