"""A report as it may be shown: what reporters are given. No text in it holds a secret.

Each type stands beside one of `model.report` and `model.finding`, with texts that are `Redacted`:
only the border (`shared.border`) makes them, so that nothing can be rendered that did not cross it.
Messages hold no character that controls; names and paths may, since formats differ in how they show
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from scanner.model.policy import Counted
from scanner.model.redacted import Redacted
from scanner.model.report import Status
from scanner.model.rule import Confidence, Severity, Tier
from scanner.model.source import Span
from scanner.reporting.shared.sources import Sources


class ShownPlace(NamedTuple):
    """A span in a file (see `model.source.Location`)."""

    path: Redacted
    span: Span


class ShownRelated(NamedTuple):
    """Another place that has to do with a finding, and what stands there."""

    location: ShownPlace
    message: Redacted


class ShownResource(NamedTuple):
    """What people call a resource (see `model.basics.ResourceRef`)."""

    kind: Redacted
    name: Redacted
    namespace: Redacted | None
    container: Redacted | None
    document: int | None


class ShownKey(NamedTuple):
    """The Helm values key that controls a finding's field; `line` is None for one that is to be added."""

    path: Redacted
    line: int | None
    key: Redacted


class ShownSuppression(NamedTuple):
    """Why a finding does not count."""

    reason: Redacted
    location: ShownPlace | None
    until: Redacted | None


class ShownFinding(NamedTuple):
    """A finding (see `model.finding.Finding`)."""

    rule: Redacted
    severity: Severity
    message: Redacted
    location: ShownPlace
    resource: ShownResource
    field: Redacted
    item: Redacted
    related: tuple[ShownRelated, ...]
    environments: tuple[Redacted, ...]
    values_key: ShownKey | None
    group: Redacted | None
    suppressed: ShownSuppression | None
    flow: tuple[ShownRelated, ...]
    confidence: Confidence | None
    only: bool


class ShownCoverage(NamedTuple):
    """One line of the ledger."""

    path: Redacted
    kind: Redacted | None
    status: Status
    reason: Redacted | None


class ShownDiagnostic(NamedTuple):
    """The scan's own trouble."""

    path: Redacted | None
    line: int | None
    column: int | None
    severity: str
    message: Redacted


class ShownAction(NamedTuple):
    """One edit that makes several findings go."""

    group: Redacted
    place: ShownPlace
    what: Redacted
    lines: tuple[Redacted, ...]
    findings: int
    rules: tuple[Redacted, ...]
    severity: Severity


class ShownRule(NamedTuple):
    """A rule, with what its reader is told."""

    id: Redacted
    title: Redacted
    severity: Severity
    confidence: Confidence
    tier: Tier
    applies_to: tuple[Redacted, ...]
    tags: tuple[Redacted, ...]
    description: Redacted
    remediation: Mapping[str, Redacted]
    references: tuple[Redacted, ...]


class ShownEffect(NamedTuple):
    """What one key of a configuration did."""

    key: Redacted
    place: ShownPlace
    amount: int
    counted: Counted
    message: Redacted


class ShownPolicy(NamedTuple):
    """What made a report smaller (see `model.policy.Policy`)."""

    configuration: Redacted | None
    source: str | None
    effects: tuple[ShownEffect, ...]

    @property
    def from_tree(self) -> bool:
        """Whether the configuration came with what is scanned."""
        return self.source == "tree"

    def shrinking(self) -> tuple[ShownEffect, ...]:
        """Return the effects that made something smaller."""
        return tuple(effect for effect in self.effects if effect.amount)


@dataclass(frozen=True, slots=True)
class Shown:
    """A report (see `model.report.Report`) that has crossed the border; `sources` gives lines of the
    scanned files as they may be shown."""

    findings: tuple[ShownFinding, ...]
    suppressed: tuple[ShownFinding, ...]
    baseline: tuple[ShownFinding, ...]
    coverage: tuple[ShownCoverage, ...]
    diagnostics: tuple[ShownDiagnostic, ...]
    rules: Mapping[str, ShownRule]
    frameworks: Mapping[str, Mapping[str, tuple[str, ...]]]
    actions: tuple[ShownAction, ...]
    sources: Sources
    resources: int
    files: int
    unknown: int
    policy: ShownPolicy

    def is_incomplete(self) -> bool:
        """Whether an input that was promised could not be read whole."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def reaches(self, threshold: Severity | None) -> bool:
        """Whether an open finding is at or above a severity; None is above all."""
        return threshold is not None and any(
            finding.severity.rank >= threshold.rank for finding in self.findings
        )
