"""The predicates of rules about devices, networks and ports of Compose services and of pods."""

from __future__ import annotations

from scanner.engine.registry import predicate
from scanner.model.resources import Device, Port, Workload
from scanner.model.source import Unknown
from scanner.patterns.globs import wildcard_fits

_MEMORY_MINORS = ("*", "1", "2", "4", "11")
"""Of character devices with major 1: /dev/mem, /dev/kmem, /dev/port, /dev/kmsg
(https://www.kernel.org/doc/Documentation/admin-guide/devices.txt)."""


@predicate
def dangerous_device(device: Device, *, paths: tuple[str, ...]) -> bool | None:
    """A device that fits one of `paths` (with `*`), or a device rule that allows all devices, any
    disk, or the host's memory."""
    fact = device.rule if device.path is None else device.path
    if fact is None:
        return False
    if isinstance(fact.value, Unknown):
        return None
    if device.path is None:
        return _is_broad(fact.value)
    path = fact.value.rstrip("/") or "/"
    return any(wildcard_fits(path, pattern) for pattern in paths)


def _is_broad(rule: str) -> bool:
    """Judge `type major:minor access`; `a`, or a text without numbers, means all devices."""
    words = rule.split()
    if not words:
        return False
    major, _, minor = words[1].partition(":") if len(words) > 1 else ("*", "", "*")
    if words[0] != "c":
        return True
    return major == "*" or (major == "1" and minor in _MEMORY_MINORS)


@predicate
def covers_port(port: Port, *, ports: tuple[int, ...]) -> bool | None:
    """The container's port, or one of its range, is among `ports`."""
    first, last = port.number, port.number_last or port.number
    if first is None or last is None:
        return False
    if isinstance(first.value, Unknown) or isinstance(last.value, Unknown):
        return None
    return any(first.value <= wanted <= last.value for wanted in ports)


@predicate
def on_default_network(workload: Workload) -> bool | None:
    """The service is on the network that Compose makes for those who name none, or on the engine's
    default bridge."""
    mode = workload.network_mode
    if mode is not None:
        return None if isinstance(mode.value, Unknown) else mode.value in ("bridge", "default")
    if not workload.networks:
        return True
    names = [network.value for network in workload.networks]
    if "default" in names:
        return True
    return None if any(isinstance(name, Unknown) for name in names) else False
