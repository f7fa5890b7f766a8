"""Which addresses the internet does not reach: IANA's registries of special-purpose addresses.

The standard library's `is_global` answers differently from one Python to the next (3.11.10, 3.12.4 and
3.13 changed it), so the rows stand here.
https://www.iana.org/assignments/iana-ipv4-special-registry
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class _Range(NamedTuple):
    """The first and the last address of a range, as numbers."""

    version: int
    first: int
    last: int

    def holds(self, other: _Range) -> bool:
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def meets(self, other: _Range) -> bool:
        return self.version == other.version and self.first <= other.last and other.first <= self.last


def is_everywhere(address: str) -> bool:
    """Whether an address stands for all of a host's. Raises ValueError of text that is no address."""
    return _read(address, single=True).first == 0


def is_reachable(text: str) -> bool:
    """Whether the internet reaches an address, or some of a range (`10.0.0.0/8`; bits behind the
    prefix are passed over). Raises ValueError of text that is neither."""
    asked = _read(text)
    special, reachable = _table()
    inside = any(row.holds(asked) for row in special)
    return not inside or any(row.meets(asked) for row in reachable)


def _read(text: str, *, single: bool = False) -> _Range:
    from ipaddress import ip_address, ip_network

    if single:
        ip_address(text)
    network = ip_network(text.partition("%")[0] if single else text, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 6 and first >> 32 == 0xFFFF == last >> 32:
        return _Range(4, first & 0xFFFFFFFF, last & 0xFFFFFFFF)  # an IPv4 address in IPv6's writing
    return _Range(network.version, first, last)


@cache
def _table() -> tuple[tuple[_Range, ...], tuple[_Range, ...]]:
    return tuple(map(_read, _SPECIAL.split())), tuple(map(_read, _REACHABLE.split()))


# The rows that are not "globally reachable".
_SPECIAL = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
    ::/128 ::1/128 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7
    fe80::/10
"""
# Rows within these that are.
_REACHABLE = """
    192.0.0.9/32 192.0.0.10/32
    2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28
"""
