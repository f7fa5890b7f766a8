"""The one-line forms of ports and volumes, taken apart as docker/go-connections and compose-go do it."""

from __future__ import annotations

from typing import NamedTuple

from scanner.errors import FormatError
from scanner.formats.compose.interpolation import HOLE

PROTOCOLS = frozenset(("tcp", "udp", "sctp"))
PROPAGATIONS = frozenset(("rprivate", "private", "rshared", "shared", "rslave", "slave"))
MAX_PORT = 65535


class PortText(NamedTuple):
    """The parts of a port; `target` and `published` are numbers or ranges as written."""

    host_ip: str | None
    published: str | None
    target: str
    protocol: str


def split_port(text: str) -> PortText:
    """Take a port apart and check it; raises FormatError, without a place, where it is none."""
    port = cut_port(text)
    if port.protocol not in PROTOCOLS:
        raise FormatError(f"'{port.protocol}' is no protocol", hint="use tcp, udp or sctp")
    if not port.target:
        raise FormatError(f"no port of the container in '{text}'")
    first, last = port_range(port.target, "container")
    if port.published:
        host_first, host_last = port_range(port.published, "host")
        if last != first and last - first != host_last - host_first:
            raise FormatError(f"the ranges of container and host in '{text}' differ in length")
    if port.host_ip is not None and not _looks_like_address(port.host_ip):
        raise FormatError(f"'{port.host_ip}' is no IP address")
    return port


def cut_port(text: str) -> PortText:
    """Take a port apart without looking into the parts."""
    address, _, protocol = text.partition("/")
    parts = address.split(":")
    host_ip = ":".join(parts[:-2])
    if host_ip.startswith("[") and host_ip.endswith("]"):
        host_ip = host_ip[1:-1]
    published = parts[-2] if len(parts) > 1 else ""
    return PortText(host_ip or None, published or None, parts[-1], protocol.lower() or "tcp")


def expand_port(text: str) -> tuple[PortText, ...]:
    """Take a port apart, one for each port of the container that a range names."""
    port = split_port(text)
    first, last = port_range(port.target, "container")
    if port.published is None:
        return tuple(port._replace(target=str(number)) for number in range(first, last + 1))
    host_first, host_last = port_range(port.published, "host")
    if first == last:
        published = str(host_first) if host_first == host_last else port.published
        return (port._replace(target=str(first), published=published),)
    return tuple(
        port._replace(target=str(number), published=str(host_first + number - first))
        for number in range(first, last + 1)
    )


def port_range(text: str, whose: str) -> tuple[int, int]:
    """The first and the last port of a number or a range; raises FormatError where it is neither."""
    start, dash, end = text.partition("-")
    first = _port_number(start)
    last = _port_number(end) if dash else first
    if first is None or last is None or last < first:
        raise FormatError(
            f"'{text}' is no port of the {whose}", hint=f"use a number up to {MAX_PORT} or a range"
        )
    return first, last


def _port_number(text: str) -> int | None:
    if not text.isdecimal() or not text.isascii() or len(text) > 8:
        return None
    number = int(text)
    return number if number <= MAX_PORT else None


def _looks_like_address(text: str) -> bool:
    if ":" in text:
        return all(character in "0123456789abcdefABCDEF:.%" or character.isalnum() for character in text)
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdecimal() and part.isascii() and len(part) < 4 for part in parts)


class VolumeText(NamedTuple):
    """The parts of a volume. `source` is None for an anonymous one; `options` are those
    after the target, as written."""

    source: str | None
    target: str
    options: tuple[str, ...] = ()


def split_volume(text: str) -> VolumeText:
    """Take a volume apart; raises FormatError, without a place, where it has no such form."""
    if not text:
        raise FormatError("the volume is empty")
    if len(text) < 3:
        return VolumeText(None, text)
    parts = _volume_parts(text)
    if not all(parts):
        raise FormatError(f"the volume '{text}' has an empty part between colons")
    if len(parts) > 3:
        raise FormatError(
            f"the volume '{text}' has too many colons", hint="use the long form for such a path"
        )
    if len(parts) == 1:
        return VolumeText(None, parts[0])
    options = tuple(parts[2].split(",")) if len(parts) == 3 else ()
    return VolumeText(parts[0], parts[1], options)


def _volume_parts(text: str) -> list[str]:
    parts: list[str] = []
    start = position = 0
    while True:
        colon = text.find(":", position)
        if colon < 0:
            parts.append(text[start:])
            return parts
        # A single letter before a colon is a Windows drive.
        if colon == start + 1 and text[start].isalpha():
            position = colon + 1
            continue
        parts.append(text[start:colon])
        start = position = colon + 1


def is_host_path(source: str) -> bool:
    """Whether a volume's source is a path on the host, and not a name (compose-go `isFilePath`)."""
    if source[:1] in (".", "/", "~") or source.startswith("\\\\"):
        return bool(source)
    return len(source) > 1 and source[0].isalpha() and source[1] == ":"


def has_hole(text: str | None) -> bool:
    """Whether a part of a text holds a variable without a value."""
    return text is not None and HOLE in text
