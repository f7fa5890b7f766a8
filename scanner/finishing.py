"""The last step of a scan: what it says of itself, what was suppressed, and what is left to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from scanner.artifacts import Tree
from scanner.engine.evaluate import NOTHING_SAID, Engine
from scanner.errors import ConfigError, InputError
from scanner.guarding import Guard, sift
from scanner.ignoring import path_matcher
from scanner.model.finding import Finding
from scanner.model.report import Action, Coverage, Diagnostic, Status
from scanner.model.resources import ResourceRef, UnitResources
from scanner.model.rule import Rule
from scanner.model.source import Located, Location, Span, SpanSource
from scanner.model.suppressions import (
    ANNOTATION,
    EVERY_RULE,
    SCAN_KINDS,
    CoverageLine,
    DeclaredSuppression,
    ScanResources,
    StaleSuppression,
    SuppressionState,
    is_date,
)
from scanner.policy.catalog import Catalog
from scanner.policy.nodes import suggest
from scanner.triage.grouping import group_guarded
from scanner.triage.ledger import place_of_reason
from scanner.triage.ordering import in_order
from scanner.triage.restricting import restricted

if TYPE_CHECKING:
    from scanner.triage.suppressing import Entry, Suppressions


class Wanted(NamedTuple):
    """What the user asked for that concerns the last step (see `pipeline.Settings`). `folders` are
    those that were scanned whole, `ignored` the rules that do not count in some environment."""

    root: Path
    suppressions: tuple[DeclaredSuppression, ...]
    folders: tuple[Path, ...]
    only_folders: bool
    one_environment: bool
    ignored: frozenset[str]
    report_only: tuple[Path, ...] | None
    today: str | None


class Finished(NamedTuple):
    """What a report says: open findings in groups, suppressed ones, and further diagnostics."""

    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    suppressed: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def unfinished(findings: Iterable[Finding]) -> Finished:
    """Return what a report says where a bug keeps findings from being finished: all of them."""
    found = sorted(findings, key=lambda one: (one.location, one.rule))
    out = tuple(one for one in found if one.suppressed is not None)
    return Finished(tuple(one for one in found if one.suppressed is None), (), out, ())


@dataclass(slots=True)
class Finishing:
    """Learns of the units of a scan, one by one, and finishes their findings."""

    engine: Engine
    catalog: Catalog
    rules: Mapping[str, Rule]
    tree: Tree
    wanted: Wanted
    guard: Guard
    _gaps: set[Coverage] = field(default_factory=set)
    _undecided: dict[str, set[str]] = field(default_factory=dict)
    _suppressions: Suppressions | None = None
    _searched: set[str] = field(default_factory=set)
    _annotates: bool = False

    def note_lines(self, lines: Iterable[Coverage]) -> None:
        """Note the files that could not be read whole, before anything else is said of them."""
        self._gaps.update(line for line in lines if line.status in (Status.FAILED, Status.PARTIAL))

    def annotated(
        self, number: int, findings: tuple[Finding, ...], unit: UnitResources | None = None
    ) -> tuple[Finding, ...]:
        """Return findings of the unit of that number, those suppressed that an annotation of their
        object speaks of. `unit` is given once, and before all further findings in it."""
        if not self.tree.mentioning:
            return findings
        if unit is not None and unit.documents and self._has_annotations():
            from scanner.triage.suppressing_objects import annotations_of

            with self.guard.step(_SUPPRESSIONS, unit.documents[0].name.source.path):
                found = tuple(annotations_of(unit))
                if found:
                    self._all().add_annotated(number, found)
        known = self._suppressions
        if known is None:
            return findings
        return self.guard.each(_SUPPRESSIONS, findings, lambda some: known.annotated(number, tuple(some)))

    def note_undecided(self, rules: Iterable[str], lines: Iterable[Coverage]) -> None:
        """Note the rules about which the files of a unit do not tell."""
        for line in lines:
            self._undecided.setdefault(line.path, set()).update(rules)

    def finish(
        self,
        findings: Iterable[Finding],
        coverage: Iterable[Coverage],
        diagnostics: Sequence[Diagnostic],
    ) -> Finished:
        """Return what is left of the findings of all units, with those on the scan itself."""
        gaps: tuple[CoverageLine, ...] = ()
        with self.guard.step(_OF_THE_SCAN, None):
            gaps = tuple(self._coverage_lines(diagnostics))
        own = self._judged(gaps, lambda some: ScanResources(coverage_lines=tuple(some)))
        every = in_order((*findings, *own))
        out: list[Finding] = []
        more: list[Diagnostic] = []
        if self.tree.mentioning or self.wanted.suppressions:
            with self.guard.step(_SUPPRESSIONS, None):
                every, out, more = self._suppressed(every, coverage)
        with self.guard.step("choosing what was asked for", None):
            if self.wanted.report_only is not None:
                every = restricted(every, self.wanted.report_only, self.wanted.root)
                out = restricted(out, self.wanted.report_only, self.wanted.root)
        grouped = group_guarded(every, self.rules, self.guard)
        return Finished(grouped.findings, grouped.actions, tuple(out), tuple(more))

    def _all(self) -> Suppressions:
        if self._suppressions is None:
            from scanner.triage.suppressing import Judging, Suppressions

            rules = self.catalog.rules
            judging = Judging(
                self.catalog.resolve, lambda name: suggest(name, rules), _Today(self.wanted.today)
            )
            self._suppressions = Suppressions(judging, self._about_scan())
        return self._suppressions

    def _has_annotations(self) -> bool:
        """Whether a file that was read so far has an annotation of ours."""
        for path in () if self._annotates else sorted(self.tree.mentioning - self._searched):
            self._searched.add(path)
            with suppress(InputError):
                self._annotates = self._annotates or ANNOTATION in self.tree.text(path)
        return self._annotates

    def _about_scan(self) -> frozenset[str]:
        found = (rule.id for rule in self.rules.values() if SCAN_KINDS.intersection(rule.applies_to))
        return frozenset(found)

    def _judged(self, parts: Sequence[T], resources: Callable[[Sequence[T]], ScanResources]) -> list[Finding]:
        """Return what the rules say of parts of the scan itself; where a bug keeps that from being told
        of some of them, of the others."""

        def judge(some: Sequence[T]) -> list[Finding]:
            found = self.engine.evaluate(resources(some)) if some else NOTHING_SAID
            for stage, error in found.broken:
                self.guard.note(stage, None, error)
            return [one for one in found.findings if one.rule in self.rules]

        findings, left_out = sift(parts, judge)
        for _, error in left_out:
            self.guard.note(_OF_THE_SCAN, None, error)
        return findings or []

    def _coverage_lines(self, diagnostics: Sequence[Diagnostic]) -> Iterator[CoverageLine]:
        if not any("coverage_line" in rule.applies_to for rule in self.rules.values()):
            return
        by_path: dict[str, list[Diagnostic]] = {}
        for one in sorted(set(diagnostics), key=lambda one: (one.severity != "error", one.line or 0)):
            if one.path is not None and one.line is not None:
                by_path.setdefault(one.path, []).append(one)
        for path, kind, status, reason in sorted(self._gaps, key=lambda one: (one.path, one.reason or "")):
            told = reason or "the reason is not known"
            place = Located(path, place_of_reason(told, by_path.get(path, ())), SpanSource(path))
            yield CoverageLine(ResourceRef("file", path), place, path, kind or "file", status.value, told)

    def _suppressed(
        self, findings: Sequence[Finding], coverage: Iterable[Coverage]
    ) -> tuple[list[Finding], list[Finding], list[Diagnostic]]:
        suppressions = self._all()
        kinds: dict[str, set[str]] = {}
        for line in coverage:
            if line.status is not Status.IGNORED:
                kinds.setdefault(line.path, set()).add(line.kind or "")
        unsure = self._add_written(suppressions, findings, kinds)
        declared = self._add_declared(suppressions)
        still, out = self._applied(suppressions, findings)
        told: list[Finding] = []
        more: list[Diagnostic] = []
        with self.guard.step(_SUPPRESSIONS, None):
            for entry in self._unused(suppressions, unsure, declared):
                entry.state = SuppressionState.UNUSED
            told, more = self._stale(suppressions)
        stale, hidden = self._applied(suppressions, told)
        return in_order((*still, *stale)), in_order((*out, *hidden)), more

    def _applied(
        self, suppressions: Suppressions, findings: Sequence[Finding]
    ) -> tuple[list[Finding], list[Finding]]:
        """Return the findings that count and those that do not; where a bug keeps that from being told,
        a finding counts, unless an annotation has suppressed it before."""
        known: dict[bool, list[Finding]] = {False: [], True: []}

        def apply(some: Sequence[Finding]) -> Sequence[Finding]:
            still, out = suppressions.applied(some)
            return (*still, *out)

        for one in self.guard.each(_SUPPRESSIONS, findings, apply):
            known[one.suppressed is not None].append(one)
        return known[False], known[True]

    def _add_written(
        self, suppressions: Suppressions, findings: Iterable[Finding], kinds: Mapping[str, set[str]]
    ) -> set[str]:
        """Read the files that may hold suppressions; return those in which an unused one says nothing."""
        from scanner.triage.suppressing_comments import language_of, read_suppressions

        about = {finding.location.path for finding in findings}
        about |= {finding.values_key.path for finding in findings if finding.values_key is not None}
        unsure = {line.path for line in self._gaps}
        for path in sorted(self.tree.mentioning & (kinds.keys() | about)):
            try:
                text = self.tree.text(path)
            except InputError:
                continue
            is_sure = False
            with self.guard.step(_SUPPRESSIONS, path):
                read = read_suppressions(path, text, language_of(path, kinds.get(path, set())))
                suppressions.add_written(read.written)
                is_sure = read.is_sure and path in kinds
            if not is_sure:
                unsure.add(path)
        return unsure

    def _add_declared(self, suppressions: Suppressions) -> list[Entry]:
        """Take in what the configuration suppresses; return the entries that this scan can judge."""
        judged = []
        root = str(self.wanted.root)
        for one in self.wanted.suppressions:
            file, span = one.location
            base = Path(file).parent
            place = Location(os.path.relpath(file, root).replace(os.sep, "/"), span)
            matches = path_matcher(one.paths, base) if one.paths else None
            is_in = _below(root, matches)
            with self.guard.step(_SUPPRESSIONS, None):
                entries = suppressions.add_declared(one, place, is_in)
                is_whole = any(base.is_relative_to(folder) for folder in self.wanted.folders)
                if is_whole and not any(is_in(line.path) for line in self._gaps):
                    open_ = {rule for path, rules in self._undecided.items() if is_in(path) for rule in rules}
                    judged += [entry for entry in entries if entry.rule not in open_]
        return judged

    def _unused(
        self, suppressions: Suppressions, unsure: set[str], declared: Sequence[Entry]
    ) -> Iterator[Entry]:
        """Yield those that this scan would have used if they were of use."""
        from scanner.triage.suppressing import unused

        if self.wanted.one_environment:
            return
        across = {rule.id for rule in self.engine.graph_rules.values()}
        judged = {id(entry) for entry in declared}
        files = {one.location.path for one in self.wanted.suppressions}
        root = str(self.wanted.root)
        outside = {os.path.relpath(file, root).replace(os.sep, "/") for file in files}
        found, left_out = sift(
            suppressions.entries, lambda some: unused(some, self.rules, self.catalog.rules)
        )
        for broken, error in left_out:
            self.guard.note(_SUPPRESSIONS, broken.place.path, error)
        for entry in found or ():
            path = entry.place.path
            rule = self.rules.get(entry.rule)
            if path in outside and id(entry) not in judged:
                continue
            if not self.wanted.only_folders and (entry.rule in across or entry.rule == EVERY_RULE):
                continue
            if path in unsure or entry.rule in self._undecided.get(path, ()):
                continue
            if entry.rule in self.wanted.ignored or (rule is not None and "suppression" in rule.applies_to):
                continue
            yield entry

    def _stale(self, suppressions: Suppressions) -> tuple[list[Finding], list[Diagnostic]]:
        """Return findings about suppressions that are of no use; of those outside the root a warning."""
        found: list[StaleSuppression] = []
        more: list[Diagnostic] = []
        if not any("suppression" in rule.applies_to for rule in self.rules.values()):
            return [], []
        for entry in suppressions.entries:
            if entry.state is None:
                continue
            path, span = entry.place
            if path.startswith("../"):
                message = f"{path}:{span.line}: the suppression of '{entry.rule}' is {entry.state.value}"
                more.append(Diagnostic(None, None, None, "warning", message))
                continue
            # A place of its own: what stands at one place for one resource is one finding.
            place = Located(entry.rule, Span(*span), SpanSource(path))
            reason, _, until = entry.suppression
            found.append(
                StaleSuppression(
                    ResourceRef("file", path),
                    place,
                    entry.rule,
                    entry.state,
                    reason,
                    until or "",
                    entry.detail,
                )
            )
        return self._judged(found, lambda some: ScanResources(suppressions=tuple(some))), more


def check_suppressions(suppressions: Iterable[DeclaredSuppression], catalog: Catalog) -> None:
    """Refuse a rule that does not exist in a suppression of the configuration. Raises ConfigError."""
    for one in suppressions:
        for name in one.rules:
            if name != EVERY_RULE and catalog.resolve(name) is None:
                path, span = one.location
                hint = suggest(name, catalog.rules)
                message = f"unknown rule '{name}' in a suppression"
                raise ConfigError(message, path=path, line=span.line, column=span.column, hint=hint)


class _Today:
    """Tells the day, in UTC, when somebody asks: that given, or HULLCHECK_TODAY, or today."""

    def __init__(self, given: str | None) -> None:
        self._day = given

    def __call__(self) -> str:
        if self._day is None:
            self._day = os.environ.get("HULLCHECK_TODAY") or _utc_today()
        if not is_date(self._day):
            raise ConfigError(f"HULLCHECK_TODAY='{self._day}' is no date such as 2027-01-31")
        return self._day


def _utc_today() -> str:
    from datetime import UTC, datetime  # see `is_date`

    return datetime.now(UTC).date().isoformat()


def _below(root: str, matches: Callable[[str], bool] | None) -> Callable[[str], bool]:
    if matches is None:
        return lambda _path: True
    known: dict[str, bool] = {}

    def is_in(path: str) -> bool:
        if path not in known:
            known[path] = matches(f"{root}/{path}")
        return known[path]

    return is_in


T = TypeVar("T")

_OF_THE_SCAN = "judging the scan"

_SUPPRESSIONS = "reading suppressions"
"""The stage in which suppressions are read and applied: where it fails, findings count."""
