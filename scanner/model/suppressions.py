"""What a scan says of itself: suppressions and what became of them, and lines of its ledger."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from scanner.model.record import record
from scanner.model.resources import Format, ResourceRef, UnitResources
from scanner.model.source import Located, Location

ANNOTATION = "hullcheck.dev/ignore."
"""Begins the keys of annotations and labels that suppress; the rule follows."""

EVERY_RULE = "*"
"""Stands for all rules in a suppression, but for those on the scan itself."""

SCAN_KINDS = frozenset(("suppression", "coverage_line"))
"""The kinds of resource that are a scan's own: rules on them speak of no scanned file."""


class DeclaredSuppression(NamedTuple):
    """A suppression of the configuration.

    `paths` are patterns as in .gitignore, relative to the folder of the configuration, and
    `resources` are names or `Kind/name`, with `*` for any text; empty ones restrict nothing.
    `location` has the absolute path of the configuration. `until` is an ISO date, the last
    day on which it counts.
    """

    rules: tuple[str, ...]
    reason: str
    location: Location
    paths: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    owner: str | None = None
    until: str | None = None


class SuppressionState(StrEnum):
    """Why a suppression is of no use."""

    UNUSED = "unused"
    EXPIRED = "expired"
    REASONLESS = "reasonless"
    UNKNOWN_RULE = "unknown-rule"
    MALFORMED = "malformed"


@record
class StaleSuppression:
    """A suppression that is of no use, once for each of its rules. `rule` is as written, `detail`
    what there is to say of the state: a suggestion behind a semicolon, or what is wrong."""

    ref: ResourceRef
    place: Located[str]
    rule: str
    state: SuppressionState
    reason: str
    until: str
    detail: str


@record
class CoverageLine:
    """A file that could not be read, or not whole; `kind` is the format that it was taken for, or
    `file`. `place` is what stopped the reading, or the first line."""

    ref: ResourceRef
    place: Located[str]
    path: str
    kind: str
    status: str
    reason: str


@record
class ScanResources(UnitResources):
    """What the rules on the scan itself are asked about; its format is `scan`."""

    format: Format = Format.SCAN
    suppressions: tuple[StaleSuppression, ...] = ()
    coverage_lines: tuple[CoverageLine, ...] = ()


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, as YYYY-MM-DD."""
    from datetime import date  # costs a millisecond, and few scans have a date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
