"""Which attributes of a Compose project merge specially, and when two items of a list are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import TypeAlias

from scanner.errors import FormatError
from scanner.formats.compose.shorthand import split_port, split_volume
from scanner.formats.compose.tree import Mapping, Scalar, Value

KeyOf: TypeAlias = Callable[[Value], str | None]
"""What an item of a list is known by; None for an item that is like no other."""


class Strategy(Enum):
    """How a value is laid over another at the same path."""

    PLAIN = auto()
    REPLACE = auto()
    LIST = auto()
    HOSTS = auto()
    NAMES = auto()
    BUILD = auto()
    LOGGING = auto()
    SUBNETS = auto()


@dataclass(slots=True)
class Rule:
    """The strategy and the item key of one path, and the rules of the paths below it."""

    strategy: Strategy = Strategy.PLAIN
    key: KeyOf | None = None
    children: dict[str, Rule] = field(default_factory=dict)

    def child(self, key: str) -> Rule:
        """The rule of an entry."""
        found = self.children.get(key)
        return found if found is not None else self.children.get("*", PLAIN)


PLAIN = Rule()


@cache
def merge_rules() -> Rule:
    """The rules of a whole project (compose-go `override.mergeSpecials` and `override.unique`)."""
    root = Rule()
    for path, strategy in _STRATEGIES.items():
        _at(root, path).strategy = strategy
    for path, key in _KEYS.items():
        _at(root, path).key = key
    root.children["jobs"] = root.children["services"]
    return root


def _at(rule: Rule, path: str) -> Rule:
    for name in path.split("."):
        rule = rule.children.setdefault(name, Rule())
    return rule


def _text_of(value: Value | None) -> str | None:
    if isinstance(value, Scalar) and value.unknown is None:
        return value.text
    return None


def _field(value: Value, name: str) -> str | None:
    if isinstance(value, Mapping):
        entry = value.entries.get(name)
        return _text_of(entry.value) if entry is not None else None
    return None


def _key_value(value: Value) -> str | None:
    # The name counts even where a variable leaves the value open.
    if isinstance(value, Scalar):
        name, equals, _ = value.text.partition("=")
        return name if equals or value.unknown is None else None
    return None


def _volume(value: Value) -> str | None:
    if isinstance(value, Mapping):
        return _field(value, "target")
    text = _text_of(value)
    if text is None:
        return None
    try:
        return split_volume(text).target
    except FormatError:
        return None


def _device(value: Value) -> str | None:
    if isinstance(value, Mapping):
        return _field(value, "target") or _field(value, "source")
    text = _text_of(value)
    if text is None:
        return None
    parts = text.split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def _env_file(value: Value) -> str | None:
    return _field(value, "path") if isinstance(value, Mapping) else _text_of(value)


def _secret(value: Value) -> str | None:
    return _granted(value, "/run/secrets/")


def _config(value: Value) -> str | None:
    return _granted(value, "/")


def _granted(value: Value, folder: str) -> str | None:
    if isinstance(value, Mapping):
        target = _field(value, "target")
        if target is not None:
            return target
        source = _field(value, "source")
        return None if source is None else folder + source
    text = _text_of(value)
    return None if text is None else folder + text


def _port(value: Value) -> str | None:
    if isinstance(value, Mapping):
        target = _field(value, "target")
        if target is None:
            return None
        published = _field(value, "published") or ""
        return _port_key(_field(value, "host_ip"), published, target, _field(value, "protocol") or "tcp")
    text = _text_of(value)
    if text is None:
        return None
    try:
        port = split_port(text)
    except FormatError:
        return text
    return _port_key(port.host_ip, port.published or "", port.target, port.protocol)


def _port_key(host: str | None, published: str, target: str, protocol: str) -> str:
    return f"{host or '0.0.0.0'}:{published}:{target}/{protocol}"


_STRATEGIES = {
    "networks.*.ipam.config": Strategy.SUBNETS,
    "networks.*.labels": Strategy.LIST,
    "volumes.*.labels": Strategy.LIST,
    "services.*.annotations": Strategy.LIST,
    "services.*.build": Strategy.BUILD,
    "services.*.build.args": Strategy.LIST,
    "services.*.build.additional_contexts": Strategy.LIST,
    "services.*.build.extra_hosts": Strategy.HOSTS,
    "services.*.build.labels": Strategy.LIST,
    "services.*.command": Strategy.REPLACE,
    "services.*.depends_on": Strategy.NAMES,
    "services.*.deploy.labels": Strategy.LIST,
    "services.*.dns": Strategy.LIST,
    "services.*.dns_opt": Strategy.LIST,
    "services.*.dns_search": Strategy.LIST,
    "services.*.entrypoint": Strategy.REPLACE,
    "services.*.env_file": Strategy.LIST,
    "services.*.label_file": Strategy.LIST,
    "services.*.environment": Strategy.LIST,
    "services.*.extra_hosts": Strategy.HOSTS,
    "services.*.healthcheck.test": Strategy.REPLACE,
    "services.*.labels": Strategy.LIST,
    "services.*.logging": Strategy.LOGGING,
    "services.*.models": Strategy.NAMES,
    "services.*.networks": Strategy.NAMES,
    "services.*.sysctls": Strategy.LIST,
    "services.*.tmpfs": Strategy.LIST,
    "services.*.ulimits.*": Strategy.REPLACE,
    "models.*.runtime_flags": Strategy.REPLACE,
}

_KEYS: dict[str, KeyOf] = {
    "networks.*.labels": _key_value,
    "networks.*.ipam.options": _key_value,
    "services.*.annotations": _key_value,
    "services.*.build.args": _key_value,
    "services.*.build.additional_contexts": _key_value,
    "services.*.build.platform": _key_value,
    "services.*.build.tags": _key_value,
    "services.*.build.labels": _key_value,
    "services.*.cap_add": _key_value,
    "services.*.cap_drop": _key_value,
    "services.*.devices": _device,
    "services.*.configs": _config,
    "services.*.deploy.labels": _key_value,
    "services.*.dns": _key_value,
    "services.*.dns_opt": _key_value,
    "services.*.dns_search": _key_value,
    "services.*.environment": _key_value,
    "services.*.env_file": _env_file,
    "services.*.expose": _text_of,
    "services.*.labels": _key_value,
    "services.*.links": _key_value,
    "services.*.networks.*.aliases": _key_value,
    "services.*.networks.*.link_local_ips": _key_value,
    "services.*.ports": _port,
    "services.*.profiles": _key_value,
    "services.*.secrets": _secret,
    "services.*.sysctls": _key_value,
    "services.*.tmpfs": _key_value,
    "services.*.volumes": _volume,
}
