"""Ports all the way: from a backend's to its Service's, to the containers', to what the image exposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from scanner.linking.base_ports import exposes_nothing
from scanner.linking.routing import ACTION_PORT
from scanner.linking.work import Linking
from scanner.model.basics import Fact, Port
from scanner.model.cluster import Backend, Service, ServicePort
from scanner.model.graph import Link
from scanner.model.resources import Container, Probe, Role, Workload
from scanner.model.source import Located, Unknown

_MOST_PORTS = 256
"""Of so many ports of a pod those are looked at that something may lead to; what leads to none of them is
left open where there are more."""


def link_ports(work: Linking) -> None:
    """Link ports by number and by name. What a port may lead to is left open where a variable, an
    unknown image or a Service from elsewhere decides."""
    for entry in work.index.of("ingresses"):
        for backend in entry.resource.backends:
            _link_backend(work, backend)
    for entry in work.index.of("services"):
        _link_service(work, entry.resource)
    for entry in work.index.of("workloads"):
        for container in entry.resource.containers:
            if container.ports:
                _link_container(work, container)
            for probe in container.probes:
                if probe.port is not None:
                    _link_probe(work, entry.resource, container, probe)


def _link_backend(work: Linking, backend: Backend) -> None:
    services = work.links.of("routes-to", backend)
    asked = backend.port
    if not services or asked is None or isinstance(asked.value, Unknown) or asked.value == ACTION_PORT:
        work.links.leave_open("reaches", backend)
        return
    for route in services:
        for port in route.target.ports:
            if asked.value in (port.name.value, _text(port.number)):
                work.links.add(Link(backend, "reaches", port, asked, port.name, sure=route.sure))


def _link_service(work: Linking, service: Service) -> None:
    selected = work.links.of("selects", service)
    for port in service.ports:
        found = False
        for link in selected:
            for other in _targets(port, link.target):
                found = True
                place = port.target or port.number
                work.links.add(Link(port, "targets", other, place, other.text, sure=link.sure))
        if not found and (not selected or any(_may_listen(work, port, one.target) for one in selected)):
            work.links.leave_open("targets", port)


def _targets(port: ServicePort, workload: Workload) -> Iterator[Port]:
    """The ports of the pods that a Service's port leads to (core/v1 ServicePort.targetPort)."""
    wanted = _text(port.target) or _text(port.number)
    if wanted is None:
        return
    served = (one for one in workload.containers if one.role is not Role.INIT)
    for other in islice((other for container in served for other in container.ports), _MOST_PORTS):
        known = _text(other.number) if wanted.isdecimal() else _text(other.name)
        if known == wanted and _protocol(other) == _protocol(port):
            yield other


def _may_listen(work: Linking, port: ServicePort, workload: Workload) -> bool:
    """Whether pods may serve a port that they do not name: containers need not say on which numbers
    they listen, and many say nothing at all."""
    wanted = _text(port.target) or _text(port.number)
    ports = _ports_of(workload)
    if wanted is None or len(ports) > _MOST_PORTS or any(_text(other.number) is None for other in ports):
        return True
    if not wanted.isdecimal():
        return any(other.name is not None and isinstance(other.name.value, Unknown) for other in ports)
    if not ports:
        return True
    exposed = (other for container in workload.containers for other in _exposed(work, container))
    return any(_text(other.number) == wanted for other in exposed)


def _ports_of(workload: Workload) -> Sequence[Port]:
    """The ports of a pod; one more than `_MOST_PORTS` where there are more."""
    ports = (port for container in workload.containers for port in container.ports)
    return tuple(islice(ports, _MOST_PORTS + 1))


def _link_container(work: Linking, container: Container) -> None:
    built = work.links.of("built-from", container)
    exposed = list(_exposed(work, container))
    for port in container.ports:
        found = [other for other in exposed if _overlap(port, other) and _protocol(other) == _protocol(port)]
        for other in found:
            work.links.add(
                Link(port, "opened-by", other, port.number, other.text, all(one.sure for one in built))
            )
        if not found and not (built and all(_is_complete(work, one.target) for one in built)):
            work.links.leave_open("opened-by", port)


def _overlap(one: Port, other: Port) -> bool:
    """Whether two ports, or ranges of ports, have a number in common."""
    first, second = _numbers(one), _numbers(other)
    return first is not None and second is not None and first[0] <= second[1] and second[0] <= first[1]


def _numbers(port: Port) -> tuple[int, int] | None:
    number, last = port.number, port.number_last or port.number
    if number is None or last is None:
        return None
    if isinstance(number.value, Unknown) or isinstance(last.value, Unknown):
        return None
    return number.value, last.value


def _link_probe(work: Linking, workload: Workload, container: Container, probe: Probe) -> None:
    """A probe asks a port of its own container by name, and by number any of its pod's, for they share
    one address."""
    wanted = _text(probe.port)
    if wanted is None:
        work.links.leave_open("asks", probe)
        return
    by_number = wanted.isdecimal()
    ports = _ports_of(workload) if by_number else container.ports
    found = [port for port in ports if _text(port.number if by_number else port.name) == wanted]
    for port in found:
        work.links.add(Link(probe, "asks", port, probe.port, port.text))
    if not found and (
        len(ports) > _MOST_PORTS
        or any(_text(port.number) is None for port in ports)
        or (by_number and not container.ports)
        or any(_text(other.number) == wanted for other in _exposed(work, container))
    ):
        work.links.leave_open("asks", probe)


def _exposed(work: Linking, container: Container) -> Iterator[Port]:
    """What the Dockerfile of a container's image exposes, with what it is based on."""
    seen: set[Any] = set()
    stages = [link.target for link in work.links.of("built-from", container)]
    while stages:
        stage = stages.pop()
        if stage not in seen:
            seen.add(stage)
            yield from stage.ports
            stages += [link.target for link in work.links.of("based-on", stage)]


def _is_complete(work: Linking, stage: Any) -> bool:
    """Whether nothing outside of the repository adds to what a stage exposes."""
    seen: set[Any] = set()
    while stage not in seen:
        seen.add(stage)
        if any(isinstance(port.number.value, Unknown) for port in stage.ports if port.number is not None):
            return False
        bases = work.links.of("based-on", stage)
        if not bases:
            return stage.base is not None and exposes_nothing(stage.base)
        stage = bases[0].target
    return True


def _text(fact: Fact[str] | Fact[int]) -> str | None:
    return None if fact is None or isinstance(fact.value, Unknown) else str(fact.value)


def _protocol(port: Port | ServicePort) -> str:
    fact: Located[Any] | None = port.protocol
    return "TCP" if fact is None or not isinstance(fact.value, str) else fact.value.upper()
