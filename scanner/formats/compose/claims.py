"""Which services of a project ask for a port of the host that another one has claimed before."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from scanner.formats.compose.fields import with_value
from scanner.model.resources import Port, Workload
from scanner.model.source import Unknown


class _Claim(NamedTuple):
    """The ports of the host that one entry of `ports` asks for.

    A `floating` one may get any port of its range; a `bare` one names no port of the
    host, so that its numbers are the container's.
    """

    owner: str
    profiles: frozenset[str]
    address: str
    protocol: str
    first: int
    last: int
    floating: bool
    bare: bool


def with_claims(workloads: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """Return the workloads with what each published port collides with; the first to ask has it.

    Services of profiles that need not be active together do not collide, nor do two
    addresses of the host.
    """
    book = _Book()
    return tuple(_claimed(workload, book) for workload in workloads)


_WIDE = 256
"""Claims of more ports than this are compared one by one, others found by their ports."""

_MAX_RIVALS = 50
"""More claims of one port than this are not kept, so that hostile input costs no more."""


class _Book:
    """The claims so far, found by port."""

    def __init__(self) -> None:
        self._by_port: dict[tuple[str, int], list[_Claim]] = {}
        self._wide: list[_Claim] = []

    def enter(self, claim: _Claim) -> list[_Claim]:
        """Note a claim and return those before it that it collides with."""
        found = [rival for rival in self._wide if _collide(rival, claim)]
        if claim.last - claim.first >= _WIDE:
            for bucket in self._by_port.values():
                found += [rival for rival in bucket if _collide(rival, claim)]
            if len(self._wide) < _MAX_RIVALS:
                self._wide.append(claim)
            return found
        for number in range(claim.first, claim.last + 1):
            bucket = self._by_port.setdefault((claim.protocol, number), [])
            found += [rival for rival in bucket if _collide(rival, claim)]
            if len(bucket) < _MAX_RIVALS:
                bucket.append(claim)
        return found


def _claimed(workload: Workload, book: _Book) -> Workload:
    container = workload.containers[0]
    changed = False
    ports: list[Port] = []
    for port in container.ports:
        claim = _claim_of(workload, port)
        if claim is not None:
            collisions = book.enter(claim)
            if collisions:
                rival = min(collisions, key=lambda each: _ORDER[_sureness(each, claim)])
                owner = with_value(port.text, rival.owner)
                port = dataclasses.replace(port, claimed_by=owner, claim=_sureness(rival, claim))
                changed = True
        ports.append(port)
    if not changed:
        return workload
    return dataclasses.replace(workload, containers=(dataclasses.replace(container, ports=tuple(ports)),))


def _claim_of(workload: Workload, port: Port) -> _Claim | None:
    first = port.published or port.number
    last = port.published_last if port.published is not None else port.number_last
    if not port.is_published or first is None or isinstance(port.text.value, Unknown):
        return None
    host_ip = "" if port.host_ip is None else port.host_ip.value
    protocol = "tcp" if port.protocol is None else port.protocol.value
    mode = workload.network_mode
    profiles = () if workload.profiles is None else workload.profiles.value
    end = first.value if last is None else last.value
    if not isinstance(first.value, int) or not isinstance(end, int):
        return None
    if not isinstance(host_ip, str) or not isinstance(protocol, str) or isinstance(profiles, Unknown):
        return None
    if mode is not None and mode.value != "bridge":
        return None
    floating = port.published_last is not None and port.number_last is None
    return _Claim(
        workload.name.value,
        frozenset(profiles),
        host_ip.strip("[]"),
        protocol,
        first.value,
        end,
        floating,
        port.published is None,
    )


def _collide(one: _Claim, other: _Claim) -> bool:
    if one.protocol != other.protocol or one.first > other.last or other.first > one.last:
        return False
    if one.profiles and other.profiles and not one.profiles & other.profiles:
        return False
    return _share_address(one.address, other.address)


def _share_address(one: str, other: str) -> bool:
    if one == other or not one or not other:
        return True
    for first, second in ((one, other), (other, one)):
        if (first == "0.0.0.0" and ":" not in second) or (first == "::" and ":" in second):
            return True
    return False


_ORDER = {"certain": 0, "range": 1, "bare": 2}


def _sureness(one: _Claim, other: _Claim) -> str:
    if one.bare or other.bare:
        return "bare"
    return "range" if one.floating or other.floating else "certain"
