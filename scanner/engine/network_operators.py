"""The predicates of rules about network policies: what they refuse, and what they let out."""

from __future__ import annotations

from functools import lru_cache

from scanner.engine.registry import predicate
from scanner.model.basics import Fact
from scanner.model.cluster import NetworkAllowance, NetworkPeer, NetworkPolicy
from scanner.model.source import Unknown


@predicate
def denies_by_default(policy: NetworkPolicy) -> bool | None:
    """A network policy selects every pod and allows nothing to come in."""
    if policy.types is not None and isinstance(policy.types.value, Unknown):
        return None
    if not policy.ingress or any(one.direction == "ingress" for one in policy.allowances):
        return False
    return policy.pods.is_empty if policy.pods.certain else None


@predicate
def lets_out_to(policy: NetworkPolicy, *, address: str, port: int) -> bool | None:
    """A network policy that governs what pods open allows TCP connections to a `port` of an `address`."""
    if policy.types is not None and isinstance(policy.types.value, Unknown):
        return None
    verdicts = [
        _allows(one, address, port)
        for one in policy.allowances
        if policy.egress and one.direction == "egress"
    ]
    return True if True in verdicts else None if None in verdicts else False


def _allows(allowance: NetworkAllowance, address: str, port: int) -> bool | None:
    verdicts = [_is_in(peer, address) for peer in allowance.peers] or [True]
    reached = True if True in verdicts else None if None in verdicts else False
    open_port = _covers(allowance.ports, port)
    if reached is False or open_port is False:
        return False
    return reached and open_port


def _covers(ports: Fact[tuple[str, ...]], wanted: int) -> bool | None:
    """Whether one of the ports, `protocol/first-last`, is the wanted one. A name is that of a pod's."""
    if ports is None or isinstance(ports.value, Unknown):
        return True if ports is None else None
    for text in ports.value:
        protocol, _, numbers = text.partition("/")
        first, _, last = numbers.partition("-")
        if protocol == "TCP" and (
            first == "*"
            or (first.isdecimal() and int(first) <= wanted <= int(last if last.isdecimal() else first))
        ):
            return True
    return False


def _is_in(peer: NetworkPeer, address: str) -> bool | None:
    """Whether a peer's range of addresses has one; peers by label are pods and never that."""
    if peer.cidr is None:
        return False
    excepted = () if peer.excepted is None else peer.excepted.value
    if isinstance(peer.cidr.value, Unknown) or isinstance(excepted, Unknown):
        return None
    return _contains(peer.cidr.value, address) and not any(_contains(one, address) for one in excepted)


@lru_cache(maxsize=1024)
def _contains(cidr: str, address: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(address) in ip_network(cidr.strip(), strict=False)
    except ValueError:
        return False
