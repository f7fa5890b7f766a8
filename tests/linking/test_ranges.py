"""Which addresses the internet reaches, the same on every Python."""

from __future__ import annotations

import pytest

from scanner.linking.resolving.ranges import is_everywhere, is_reachable


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "172.31.255.255", "192.168.0.0/16", "127.0.0.1", "100.64.0.0/10",
        "169.254.169.254", "192.0.0.0/29", "192.0.0.11", "198.18.0.0/15", "203.0.113.7", "255.255.255.255", "::1",
        "fe80::1", "fe80::1%eth0", "fd00::/8", "2001:db8::/32", "2001::1", "2002::/16", "3fff::/20", "64:ff9b:1::/48",
        "::ffff:10.0.0.1", "::ffff:192.168.0.0/112",
    ],
)  # fmt: skip
def test_special_addresses_are_not_reached(text: str) -> None:
    assert not is_reachable(text)


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "0.0.0.0/0", "::/0", "10.0.0.0/7",
        "192.0.0.0/24", "192.0.0.9", "192.0.1.0", "192.88.99.1", "2001:4860::8888", "2001:20::1", "2001::/23",
        "2003::", "64:ff9b::808:808", "::ffff:8.8.8.8", "::ffff:0.0.0.0/96",
    ],
)  # fmt: skip
def test_other_addresses_are_reached(text: str) -> None:
    assert is_reachable(text)


@pytest.mark.parametrize("text", ["", "localhost", "10.0.0", "010.0.0.1", "1.2.3.4/33", "::1::", "[::1]"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        is_reachable(text)


def test_the_unspecified_address_stands_for_all() -> None:
    assert is_everywhere("0.0.0.0")
    assert is_everywhere("::")
    assert not is_everywhere("127.0.0.1")
    with pytest.raises(ValueError, match="IPv4 or IPv6"):
        is_everywhere("10.0.0.0/8")
