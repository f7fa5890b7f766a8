"""A rule that was not met, where, and for which resource."""

from __future__ import annotations

from typing import NamedTuple

from scanner.model.resources import ResourceRef
from scanner.model.rule import Confidence, Severity
from scanner.model.source import Location

DEFAULT_ENVIRONMENT = "default"
"""The environment of what has no other: a base alone, a manifest, a Dockerfile."""


class RelatedLocation(NamedTuple):
    """Another place that has to do with a finding, and what stands there."""

    location: Location
    message: str


class ValuesKey(NamedTuple):
    """The Helm values key that controls a finding's field; `line` is 1-based, or None
    for a key that would have to be added. `cure` is a safe value (in the flow style
    of YAML) with which the finding was seen to go: empty where it went with any other value, None
    where only the text in its place was seen to change. `near` is the line of the innermost mapping
    around a key that would have to be added, None where it is the whole file."""

    path: str
    line: int | None
    key: str
    cure: str | None = None
    near: int | None = None


class Cure(NamedTuple):
    """An edit that makes a finding go, at a place that other findings may have in common.

    `home` tells what is edited (an anchor, a pod, a stage) without a line, and with the path of
    `place` is its identity. `lines` are what to write there, and `what` says where, as a phrase
    that goes on from the place.
    """

    place: Location
    home: str
    what: str
    lines: tuple[str, ...] = ()


class Suppression(NamedTuple):
    """Why a finding does not count: the reason given, where, and until when (ISO date)."""

    reason: str
    location: Location | None = None
    until: str | None = None


class Finding(NamedTuple):
    """One finding.

    `message` is a sentence without a full stop and never holds a secret. `field` is
    what the rule points at, part of the identity; `item` tells items of one list
    apart (an env name, a port). `group` names findings that one edit would cure. `flow` are the
    places of a way through several resources, from its first to its last. `confidence` is
    that of the finding where it is lower than its rule's. `cures` are edits away from the finding's
    own place, each of which alone makes it go; the nearest to the resource comes first. A place that
    is not `exact` is only near what is meant (a template whose line is not known). `layer` is what it
    was found in among the environments of its project (see Lineage), and `only` tells that the
    project has others, which do not have it.
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
    flow: tuple[RelatedLocation, ...] = ()
    confidence: Confidence | None = None
    cures: tuple[Cure, ...] = ()
    exact: bool = True
    layer: str = ""
    only: bool = False
