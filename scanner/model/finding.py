"""A rule that was not met, where, and for which resource."""

from __future__ import annotations

from typing import NamedTuple

from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.model.source import Location

DEFAULT_ENVIRONMENT = "default"
"""The environment of what has no other: a base alone, a manifest, a Dockerfile."""


class RelatedLocation(NamedTuple):
    """Another place that has to do with a finding, and what stands there."""

    location: Location
    message: str


class ValuesKey(NamedTuple):
    """The Helm values key that controls a finding's field; `line` is 1-based, or None
    for a key that would have to be added."""

    path: str
    line: int | None
    key: str


class Suppression(NamedTuple):
    """Why a finding does not count: the reason given, where, and until when (ISO date)."""

    reason: str
    location: Location | None = None
    until: str | None = None


class Finding(NamedTuple):
    """One finding.

    `message` is a sentence without a full stop and never holds a secret. `field` is
    what the rule points at, part of the identity; `item` tells items of one list
    apart (an env name, a port). `group` names findings that one edit would cure.
    A NamedTuple for speed: a scan makes hundreds of thousands.
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    resource: ResourceRef
    field: str
    item: str = ""
    related: tuple[RelatedLocation, ...] = ()
    environments: tuple[str, ...] = (DEFAULT_ENVIRONMENT,)
    values_key: ValuesKey | None = None
    group: str | None = None
    suppressed: Suppression | None = None
