"""What a Compose service may use and how often it is restarted: `deploy` and the older keys."""

from __future__ import annotations

from typing import NamedTuple

from scanner.formats.compose.fields import FactReader, is_absent, part_of, whole_number, with_value
from scanner.formats.compose.tree import Mapping, Scalar
from scanner.formats.shared.quantities import parse_bytes, parse_cpus
from scanner.model.resources import Fact
from scanner.model.source import Located, Unknown

_CPU_PERIOD = 100_000
"""Microseconds; what the kernel takes where a service sets a quota only."""


class Limits(NamedTuple):
    """Limits and reservations as written; `presence` is where the first of them stands."""

    memory: Fact[str] = None
    memory_request: Fact[str] = None
    cpu: Fact[str] = None
    cpu_request: Fact[str] = None
    pids: Fact[int] = None
    ulimits: Fact[tuple[str, ...]] = None
    presence: Fact[str] = None


def read_limits(service: Mapping, facts: FactReader) -> Limits:
    """Read a service's limits; a limit of zero is none."""
    deploy = facts.mapping(service, "deploy")
    resources = facts.mapping(deploy, "resources")
    limits = facts.mapping(resources, "limits")
    reservations = facts.mapping(resources, "reservations")
    memory = _bytes(limits, "memory", facts) or _bytes(service, "mem_limit", facts)
    cpu = _cpus(limits, "cpus", facts) or _cpus(service, "cpus", facts) or _quota(service, facts)
    pids = facts.integer(limits, "pids") or facts.integer(service, "pids_limit")
    return Limits(
        memory,
        _bytes(reservations, "memory", facts) or _bytes(service, "mem_reservation", facts),
        cpu,
        _cpus(reservations, "cpus", facts),
        pids,
        _read_ulimits(service, facts),
        facts.presence(deploy, "resources"),
    )


class Restart(NamedTuple):
    """When a service is started again, and how often after a failure."""

    policy: Fact[str] = None
    attempts: Fact[int] = None


def read_restart(service: Mapping, deploy: Mapping, facts: FactReader) -> Restart:
    """Read `restart`, which may hold a number (`on-failure:5`), else `deploy.restart_policy`."""
    policy = facts.text(service, "restart")
    if policy is None:
        written = facts.mapping(deploy, "restart_policy")
        return Restart(facts.text(written, "condition"), facts.integer(written, "max_attempts"))
    if isinstance(policy.value, Unknown):
        return Restart(policy, with_value(policy, policy.value))
    name, colon, number = policy.value.partition(":")
    attempts = whole_number(number) if colon else None
    return Restart(with_value(policy, name), None if attempts is None else with_value(policy, attempts))


def _bytes(mapping: Mapping, key: str, facts: FactReader) -> Fact[str]:
    text = facts.text(mapping, key)
    if text is None or isinstance(text.value, Unknown):
        return text
    amount = parse_bytes(text.value)
    if amount is None:
        return facts.mistyped(mapping.entries[key], key, "an amount of memory", "write one like 512m or 1g")
    return text if amount > 0 else None


def _cpus(mapping: Mapping, key: str, facts: FactReader) -> Fact[str]:
    text = facts.text(mapping, key)
    if text is None or isinstance(text.value, Unknown):
        return text
    amount = parse_cpus(text.value)
    if amount is None or text.value.endswith("m"):
        return facts.mistyped(mapping.entries[key], key, "a number of CPUs", "write one like 0.5")
    return text if amount > 0 else None


def _quota(service: Mapping, facts: FactReader) -> Fact[str]:
    quota = facts.integer(service, "cpu_quota")
    period = facts.integer(service, "cpu_period")
    if quota is None:
        return None
    each = _CPU_PERIOD if period is None else period.value
    for value in (quota.value, each):
        if isinstance(value, Unknown):
            return Located(value, quota.place, quota.source, quota.overridden)
    if not isinstance(quota.value, int) or not isinstance(each, int) or quota.value <= 0:
        return None
    cpus = quota.value / (each if each > 0 else _CPU_PERIOD)
    return Located(f"{cpus:g}", quota.place, quota.source, quota.overridden)


def _read_ulimits(service: Mapping, facts: FactReader) -> Fact[tuple[str, ...]]:
    entry = service.entries.get("ulimits")
    if entry is None or is_absent(entry):
        return None
    texts: list[str] = []
    for name, each in facts.mapping(service, "ulimits").entries.items():
        if isinstance(each.value, Mapping):
            parts = [facts.integer(each.value, "soft"), facts.integer(each.value, "hard")]
        elif isinstance(each.value, Scalar):
            parts = [facts.integer(Mapping({name: each}), name)]
        else:
            parts = [facts.mistyped(each, name, "a number or a mapping with 'soft' and 'hard'")]
        for part in parts:
            if part is not None and isinstance(part.value, Unknown):
                return facts.undecided(entry, part.value.reason)
        texts.append(f"{name}={':'.join('' if part is None else str(part.value) for part in parts)}")
    return part_of(entry, tuple(texts))
