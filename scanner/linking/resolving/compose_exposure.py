"""From how far away a Compose service is reached, and on which way.

- `internet`: a port is published on every address of the host, or on a public one; the Docker
  engine lets such ports past most firewalls of the host.
- `host`: a port is published on a loopback or private address, or the service uses the host's network.
- `cluster`: it shares a network with another service, or one that others may join.
- `none`: neither.

A service in the network of another (`network_mode: service:x`) is reached where that one is. The
engine publishes nothing of a service whose networks are all internal. A reverse proxy in the same
network does not make the services behind it more than `cluster`: what it lets through is written in
its own configuration.
"""

from __future__ import annotations

from scanner.linking.resolving.ways import (
    CLUSTER,
    HOST,
    NONE,
    Way,
    address_level,
    located,
    widest,
)
from scanner.linking.resolving.workloads import decide
from scanner.linking.work import Linking, not_known
from scanner.model.graph import Link
from scanner.model.resolved import Step
from scanner.model.resources import Format, Port, Workload
from scanner.model.source import Located, Unknown

_MOST_GUESTS = 32
"""A longer chain of services, each in the network of the next, is not followed to its end."""


def decide_compose_exposure(work: Linking) -> None:
    """Decide the exposure of every Compose service."""
    for entry in work.index.of("workloads"):
        if entry.resource.format is Format.COMPOSE:
            try:
                _decide(work, entry.resource)
            except Exception as error:
                work.note(entry.path, error)
                decide(work, entry.resource, exposure=not_known(entry.resource.name))


def _decide(work: Linking, workload: Workload) -> None:
    way = _way_of(work, workload, frozenset())
    if way is None:
        name = workload.name
        decide(work, workload, exposure=Located(NONE, name.place, name.source))
    else:
        decide(work, workload, exposure=located(way), steps={"exposure": way.steps})


def _way_of(work: Linking, workload: Workload, guests: frozenset[Workload]) -> Way | None:
    mode = workload.network_mode
    if mode is not None:
        return _by_mode(work, workload, mode, guests | {workload})
    ways = [_published(workload, port) for port in _published_ports(workload)]
    joined = work.links.of("joins", workload)
    internal = [link.target.internal for link in joined]
    if ways and joined and all(fact is not None and fact.value is not False for fact in internal):
        fact = internal[0]
        assert fact is not None
        if not any(isinstance(one.value, Unknown) for one in internal if one is not None):
            step = Step("an internal network publishes nothing", fact)
            return Way(CLUSTER, fact, (Step(_joins(joined[0]), joined[0].place), step))
        ways = [way._replace(level=Unknown("whether its networks are internal")) for way in ways]
    shared = work.links.of("shares-network", workload)
    for link in [one for one in joined if _is_shared(one)] or (joined[:1] if shared else ()):
        fact = link.place or workload.name
        ways.append(Way(CLUSTER, fact, (Step(_joins(link), fact),)))
    return widest(ways)


def _is_shared(link: Link) -> bool:
    external = link.target.external
    return external is not None and external.value is True


def _joins(link: Link) -> str:
    return f"service '{link.source.ref.name}' joins network '{link.target.ref.name}'"


def _published_ports(workload: Workload) -> list[Port]:
    return [port for container in workload.containers for port in container.ports if port.is_published]


def _published(workload: Workload, port: Port) -> Way:
    """The way through a published port, by the address on which it is published."""
    level = address_level(port.host_ip)
    where = "every address" if port.host_ip is None else "an address"
    text = f"service '{workload.ref.name}' publishes port {_number(port)} on {where} of the host"
    return Way(level, port.text, (Step(text, port.text),))


def _number(port: Port) -> str:
    fact = port.published or port.number
    return "(a variable)" if fact is None or isinstance(fact.value, Unknown) else str(fact.value)


def _by_mode(
    work: Linking, workload: Workload, mode: Located[str | Unknown], guests: frozenset[Workload]
) -> Way | None:
    """The way that a network mode decides."""
    name = workload.ref.name
    if isinstance(mode.value, Unknown):
        return Way(mode.value, mode, (Step(f"the network of service '{name}' is not known", mode),))
    if mode.value == "none":
        return None
    if mode.value == "host":
        return Way(HOST, mode, (Step(f"service '{name}' uses the network of the host", mode),))
    if mode.value.startswith("container:"):
        reason = "the network is that of a container from elsewhere"
        return Way(Unknown(reason), mode, (Step(reason, mode),))
    if mode.value.startswith("service:"):
        return _by_host(work, workload, mode, guests)
    step = Step(f"service '{name}' joins the network '{mode.value}' of the engine", mode)
    ways = [_published(workload, port) for port in _published_ports(workload)]
    return widest([*ways, Way(CLUSTER, mode, (step,))])


def _by_host(
    work: Linking, workload: Workload, mode: Located[str | Unknown], guests: frozenset[Workload]
) -> Way | None:
    """The way to the service whose network this one enters."""
    if len(guests) > _MOST_GUESTS:
        reason = f"more than {_MOST_GUESTS} services enter the network of one another"
        return Way(Unknown(reason), mode, (Step(reason, mode),))
    for link in work.links.of("enters", workload):
        if link.place is not None and link.place.value == mode.value and link.target not in guests:
            way = _way_of(work, link.target, guests)
            if way is None:
                return None
            text = f"service '{workload.ref.name}' is in the network of service '{link.target.ref.name}'"
            return Way(way.level, way.fact, (*way.steps, Step(text, mode)))
    reason = "the service whose network is entered is not among the files"
    return Way(Unknown(reason), mode, (Step(reason, mode),))
