"""The predicates of rules about the objects of a cluster that are no pods: what roles grant,
whom policies let through, which APIs are gone."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from scanner.engine.registry import predicate, test
from scanner.model.cluster import Autoscaler, DisruptionBudget, NetworkAllowance, NetworkPeer, PolicyRule
from scanner.model.permissions import allowance_of, allows, target_of
from scanner.model.resources import Document, Volume
from scanner.model.source import Unknown
from scanner.patterns.matching import compile_pattern


@predicate
def grants(
    rule: PolicyRule,
    *,
    verbs: tuple[str, ...],
    resources: tuple[str, ...],
    named: bool = False,
    everything: bool = True,
) -> bool | None:
    """A rule of a role allows one of `verbs` on one of `resources` (`pods/exec`, `jobs.batch`),
    wildcards understood; with `named` also where resourceNames limit it, without
    `everything` not when it allows all verbs on all resources."""
    allowance = allowance_of(rule)
    if allowance is None:
        return None
    if allowance.limits and not named:
        return False
    if not everything and "*" in allowance.verbs and "*" in allowance.resources:
        return False
    return any(allows(allowance, verbs, target_of(text)) for text in resources)


@predicate
def lets_everyone_through(allowance: NetworkAllowance) -> bool | None:
    """An entry of a network policy allows every port of every address, or of every pod there is."""
    if allowance.ports is not None:
        return False
    if not allowance.peers:
        return True
    verdicts = [_is_everyone(peer) for peer in allowance.peers]
    return True if True in verdicts else None if None in verdicts else False


def _is_everyone(peer: NetworkPeer) -> bool | None:
    if peer.cidr is not None:
        if isinstance(peer.cidr.value, Unknown):
            return None
        return peer.cidr.value in ("0.0.0.0/0", "::/0") and peer.excepted is None
    if peer.namespaces is None:
        return False
    chosen = [one for one in (peer.namespaces, peer.pods) if one is not None]
    if any(not one.certain for one in chosen):
        return None
    return all(one.is_empty for one in chosen)


@predicate
def never_allows_disruption(budget: DisruptionBudget) -> bool | None:
    """A disruption budget that no number of replicas can satisfy: none may be unavailable, or all must be
    available."""
    for fact, blocking in ((budget.max_unavailable, ("0", "0%")), (budget.min_available, ("100%",))):
        if fact is not None:
            if isinstance(fact.value, Unknown):
                return None
            if fact.value in blocking:
                return True
    return False


@predicate
def cannot_scale(scaler: Autoscaler) -> bool | None:
    """An autoscaler whose greatest number of replicas is not above its least."""
    if scaler.max_replicas is None:
        return False
    most = scaler.max_replicas.value
    least = 1 if scaler.min_replicas is None else scaler.min_replicas.value
    if isinstance(most, Unknown) or isinstance(least, Unknown):
        return None
    return most <= least


@predicate
def unplaced(document: Document, *, count: bool = True) -> bool:
    """An object of a plain manifest, which no chart or overlay puts into a namespace; false for all
    unless `count`."""
    return count and not document.rendered


@predicate
def placed_by_release(document: Document) -> bool:
    """A chart's object whose namespace is that of the release, or comes out of its values: whoever deploys
    the chart says which."""
    facts = document.find("metadata.namespace")
    ask = getattr(facts[0].source, "is_literal", None) if facts else None
    return ask is not None and not ask(facts[0].place, str(facts[0].value))


@predicate
def readable_by_others(volume: Volume, *, count_missing: bool = False) -> bool | None:
    """A volume's files have a mode that gives rights to every user, or with `count_missing` none that is
    written (0644)."""
    if volume.file_mode is None:
        return count_missing
    mode = volume.file_mode.value
    return None if isinstance(mode, Unknown) else bool(mode & 0o007)


class _Api(NamedTuple):
    kinds: frozenset[str]
    deprecated: tuple[int, ...]
    removed: tuple[int, ...] | None


@predicate
def api_gone(
    document: Document, *, table: tuple[str, ...], version: str, deprecated_too: bool = False
) -> bool:
    """An object's API version is not served any more by Kubernetes `version`, by lines of a `table`
    (`group/version Kind,Kind deprecated removed replacement`); also one that is only deprecated."""
    for api in _table(table).get(document.api_version, ()):
        if document.kind in api.kinds or "*" in api.kinds:
            target = _release(version)
            if api.removed is not None and api.removed <= target:
                return True
            return deprecated_too and api.deprecated <= target
    return False


@cache
def _table(lines: tuple[str, ...]) -> dict[str, tuple[_Api, ...]]:
    found: dict[str, tuple[_Api, ...]] = {}
    for line in lines:
        version, kinds, deprecated, removed, *_ = line.split()
        gone = None if removed == "-" else _release(removed)
        api = _Api(frozenset(kinds.split(",")), _release(deprecated), gone)
        found[version] = (*found.get(version, ()), api)
    return found


@cache
def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.lstrip("v").split(".")[:2])


@predicate
def lacks_keys(document: Document, *, path: str, keys: tuple[str, ...]) -> bool:
    """The mapping at a path of an object lacks one of `keys`; `key=pattern` also asks for a value
    that fits the regular expression."""
    for wanted in keys:
        key, _, pattern = wanted.partition("=")
        found = document.find(f"{path}[{key}]")
        if not found or found[0].value is None:
            return True
        if pattern and not compile_pattern(pattern).fullmatch(str(found[0].value)):
            return True
    return False


_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_PREFIX = r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?"


@predicate
def invalid_labels(document: Document, *, paths: tuple[str, ...]) -> bool:
    """A label in one of the mappings at `paths` has a key or a value that the API refuses."""
    for path in paths:
        for mapping in document.find(path):
            if isinstance(mapping.value, tuple) and not all(map(_is_label_key, mapping.value)):
                return True
            for label in document.find(f"{path}[*]"):
                if isinstance(label.value, str) and label.value and not _label_value().fullmatch(label.value):
                    return True
    return False


def _is_label_key(key: str) -> bool:
    return _label_key().fullmatch(key) is not None


@cache
def _label_key() -> re.Pattern[str]:
    return re.compile(f"(?:{_PREFIX}/)?{_NAME}")


@cache
def _label_value() -> re.Pattern[str]:
    return re.compile(_NAME)


_MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@test
def invalid_schedule(value: str) -> bool:
    """The text is no cron schedule that a CronJob accepts."""
    text = value.strip()
    if text.startswith("@every "):
        return False
    if text.startswith("@"):
        return text not in _MACROS
    if text.startswith(("TZ=", "CRON_TZ=")):
        text = text.partition(" ")[2]
    words = text.split()
    limits = (*_FIELDS, (1, 12, _MONTHS), (0, 6, _DAYS))
    if len(words) != len(limits):
        return True
    return not all(_is_cron_field(word, *limit) for word, limit in zip(words, limits, strict=True))


def _is_cron_field(text: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    return all(_is_cron_range(part, low, high, names) for part in text.split(","))


def _is_cron_range(text: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    span, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span in ("*", "?"):
        return True
    first, dash, last = span.partition("-")
    begin = _cron_number(first, low, names)
    end = _cron_number(last, low, names) if dash else begin
    return begin is not None and end is not None and low <= begin <= end <= high


def _cron_number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isdecimal():
        return int(text)
    return names.index(text.lower()) + low if text.lower() in names else None
