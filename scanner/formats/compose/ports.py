"""Ports of a Compose service, published and merely exposed."""

from __future__ import annotations

from scanner.errors import FormatError
from scanner.formats.compose.fields import FactReader, part_of, whole_number, with_value
from scanner.formats.compose.shorthand import PROTOCOLS, cut_port, has_hole, port_range, split_port
from scanner.formats.compose.tree import Entry, Mapping, Scalar
from scanner.model.resources import Fact, Port
from scanner.model.source import Located, Unknown


def read_ports(service: Mapping, facts: FactReader) -> tuple[Port, ...]:
    """Return a service's `ports`, then what it only exposes.

    A port without a host's number is published all the same: the engine chooses one.
    """
    ports: list[Port] = []
    for item in facts.items(service, "ports"):
        port = (
            _long_port(item, item.value, facts)
            if isinstance(item.value, Mapping)
            else _short_port(item, facts)
        )
        if port is not None:
            ports.append(port)
    for item in facts.items(service, "expose"):
        port = _exposed(item, facts)
        if port is not None:
            ports.append(port)
    return tuple(ports)


def _short_port(item: Entry, facts: FactReader) -> Port | None:
    scalar = item.value
    if not isinstance(scalar, Scalar) or scalar.style == "null":
        facts.mistyped(item, "ports", "a port as item")
        return None
    if scalar.unknown is not None:
        return _open_port(item, scalar.text, scalar.unknown, facts)
    try:
        port = split_port(scalar.text)
    except FormatError as error:
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        facts.complain(item, message)
        return Port(facts.undecided(item, message))
    first, last = port_range(port.target, "container")
    published: Fact[int] = None
    published_last: Fact[int] = None
    if port.published is not None:
        host_first, host_last = port_range(port.published, "host")
        published, published_last = _range(item, host_first, host_last)
    number, number_last = _range(item, first, last)
    return Port(
        part_of(item, scalar.text),
        number,
        published if published is None or published.value else None,
        True,
        None if port.host_ip is None else part_of(item, port.host_ip),
        part_of(item, port.protocol),
        number_last=number_last,
        published_last=published_last,
    )


def _range(item: Entry, first: int, last: int) -> tuple[Fact[int], Fact[int]]:
    return part_of(item, first), part_of(item, last) if last != first else None


def _open_port(item: Entry, text: str, reason: str, facts: FactReader) -> Port:
    """A port with variables: only a part that no variable can reach is known."""
    port = cut_port(text)
    unknown = facts.undecided(item, reason)

    def number(part: str | None) -> Fact[int]:
        if part is None:
            return None
        value = whole_number(part)
        return unknown if value is None or has_hole(part) else part_of(item, value)

    sections = text.partition("/")[0].split(":")
    host_ip: Fact[str] = None
    if (has_hole(sections[0]) and len(sections) < 3) or has_hole(port.host_ip):
        host_ip = unknown
    elif port.host_ip is not None:
        host_ip = part_of(item, port.host_ip)
    return Port(
        unknown,
        number(port.target),
        unknown if len(sections) == 1 else number(port.published),
        True,
        host_ip,
        unknown if has_hole(text.rpartition(":")[2]) else part_of(item, port.protocol),
    )


def _long_port(item: Entry, mapping: Mapping, facts: FactReader) -> Port | None:
    target = facts.integer(mapping, "target")
    if target is None:
        facts.complain(item, "the port has no 'target'; write the port of the container there")
        return None
    host_ip = facts.text(mapping, "host_ip")
    published, published_last = _long_published(mapping, facts)
    protocol = facts.text(mapping, "protocol")
    return Port(
        _written(item, target, published, host_ip),
        target,
        published,
        True,
        host_ip if host_ip is None or host_ip.value != "" else None,
        part_of(item, "tcp") if protocol is None else protocol,
        facts.text(mapping, "name"),
        published_last=published_last,
    )


def _long_published(mapping: Mapping, facts: FactReader) -> tuple[Fact[int], Fact[int]]:
    text = facts.text(mapping, "published")
    if text is None:
        return None, None
    if isinstance(text.value, Unknown):
        return with_value(text, text.value), None
    if text.value in ("", "0"):
        return None, None
    try:
        first, last = port_range(text.value, "host")
    except FormatError as error:
        return facts.mistyped(
            mapping.entries["published"], "published", "a port or a range", error.hint
        ), None
    return with_value(text, first), with_value(text, last) if last != first else None


def _written(
    item: Entry, target: Located[int | Unknown], published: Fact[int], host_ip: Fact[str]
) -> Located[str | Unknown]:
    """The short form of a port in the long one."""
    values = [fact.value for fact in (host_ip, published, target) if fact is not None]
    for value in values:
        if isinstance(value, Unknown):
            return Located(value, item.place, item.source, item.overridden)
    return part_of(item, ":".join(str(value) for value in values))


def _exposed(item: Entry, facts: FactReader) -> Port | None:
    text = facts.text_of(item, "expose")
    if text is None:
        return None
    if isinstance(text.value, Unknown):
        return Port(text, with_value(text, text.value))
    port = cut_port(text.value)
    try:
        first, last = port_range(port.target, "container")
        if port.protocol not in PROTOCOLS or port.published is not None:
            raise FormatError("not a port that can be exposed")
    except FormatError:
        return Port(facts.mistyped(item, "expose", "a port of the container"))
    number, number_last = _range(item, first, last)
    return Port(text, number, protocol=part_of(item, port.protocol), number_last=number_last)
