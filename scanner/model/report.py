"""What a scan says: the coverage ledger, diagnostics, exit codes and the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from scanner.model.finding import Finding
from scanner.model.policy import NO_POLICY, Policy
from scanner.model.rule import Rule, Severity
from scanner.model.source import Location, Span


class ExitCode(IntEnum):
    """What the process ends with; the same in every output format."""

    CLEAN = 0
    FINDINGS = 1
    INCOMPLETE = 2
    INTERNAL = 3
    INTERRUPTED = 130


class Status(StrEnum):
    """How far an artifact was read."""

    EVALUATED = "evaluated"
    PARTIAL = "partial"
    FAILED = "failed"
    IGNORED = "ignored"


class Coverage(NamedTuple):
    """One line of the ledger. `path` is relative to the root and ends with `/` for a
    folder that was left out whole; `kind` is the format it was taken for, or None."""

    path: str
    kind: str | None
    status: Status
    reason: str | None = None


class Diagnostic(NamedTuple):
    """The scan's own trouble. `severity` is `error` (the scan is incomplete) or
    `warning`; line and column are 1-based, None where the trouble has no place."""

    path: str | None
    line: int | None
    column: int | None
    severity: str
    message: str


class Bug(NamedTuple):
    """A bug of ours that an input brought to light, told without any scanned text: the stage that it
    cost the input at `path` (None where that is not one input), and what went wrong where in our own
    code."""

    stage: str
    path: str | None
    what: str


class Action(NamedTuple):
    """One edit that makes several findings go: those whose `group` it is.

    `place` is where to edit, and `what` says how, as a phrase. `lines` are what to write there,
    empty where that depends on more than the files tell. `findings` is how many go, `rules`
    are theirs, sorted, and `severity` is that of the worst.
    """

    group: str
    place: Location
    what: str
    lines: tuple[str, ...]
    findings: int
    rules: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a scan found, ready to be rendered.

    `findings` are the open ones, sorted by path, line, column and rule; `suppressed`
    and `baseline` those that triage took out. `rules` are all that were evaluated, by
    id, and `frameworks` tells for a rule which controls of which framework it serves.
    `text_of` returns a scanned artifact's text, or None; `masked` are the spans whose
    text is a secret and appears in no output, and `secrets` the values of secrets themselves, in
    whatever text they stand: only what has crossed the border of the reports is free of them.
    `root` is the absolute path that the paths are relative to. `actions` are the edits that make
    several open findings go, what is worst and most first. `resources` and `files` count what was
    evaluated, `unknown` the verdicts that could not be decided. `policy` says what the configuration,
    and suppressions in files, took out of the report.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    baseline: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    frameworks: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    masked: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    text_of: Callable[[str], str | None] = lambda _path: None
    root: str = ""
    resources: int = 0
    files: int = 0
    unknown: int = 0
    actions: tuple[Action, ...] = ()
    policy: Policy = NO_POLICY

    def is_incomplete(self) -> bool:
        """Whether an input that was promised could not be read whole."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def reaches(self, threshold: Severity | None) -> bool:
        """Whether an open finding is at or above a severity; None is above all."""
        return threshold is not None and any(
            finding.severity.rank >= threshold.rank for finding in self.findings
        )
