"""The last step of a scan: what it says of itself, what was suppressed, and what is left to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scanner.artifacts import Tree
from scanner.engine.evaluate import Engine
from scanner.errors import ConfigError, InputError
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
from scanner.triage.grouping import group_findings
from scanner.triage.restricting import restricted

if TYPE_CHECKING:
    from scanner.triage.suppressing import Entry, Suppressions
    from scanner.triage.suppressing_comments import Language


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


@dataclass(slots=True)
class Finishing:
    """Learns of the units of a scan, one by one, and finishes their findings."""

    engine: Engine
    catalog: Catalog
    rules: Mapping[str, Rule]
    tree: Tree
    wanted: Wanted
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

            found = tuple(annotations_of(unit))
            if found:
                self._all().add_annotated(number, found)
        return findings if self._suppressions is None else self._suppressions.annotated(number, findings)

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
        gaps = tuple(self._coverage_lines(diagnostics))
        own = self._evaluated(ScanResources(coverage_lines=gaps))
        every = sorted((*findings, *own), key=_order)
        out: list[Finding] = []
        more: list[Diagnostic] = []
        if self.tree.mentioning or self.wanted.suppressions:
            every, out, more = self._suppressed(every, coverage)
        if self.wanted.report_only is not None:
            every = restricted(every, self.wanted.report_only, self.wanted.root)
            out = restricted(out, self.wanted.report_only, self.wanted.root)
        grouped = group_findings(every, self.rules)
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

    def _evaluated(self, resources: ScanResources) -> list[Finding]:
        if not (resources.suppressions or resources.coverage_lines):
            return []
        found = self.engine.evaluate(resources).findings
        return [finding for finding in found if finding.rule in self.rules]

    def _coverage_lines(self, diagnostics: Sequence[Diagnostic]) -> Iterator[CoverageLine]:
        if not any("coverage_line" in rule.applies_to for rule in self.rules.values()):
            return
        by_path: dict[str, list[Diagnostic]] = {}
        for one in sorted(set(diagnostics), key=lambda one: (one.severity != "error", one.line or 0)):
            if one.path is not None and one.line is not None:
                by_path.setdefault(one.path, []).append(one)
        for path, kind, status, reason in sorted(self._gaps, key=lambda one: (one.path, one.reason or "")):
            told = reason or "the reason is not known"
            place = Located(path, _place_of(told, by_path.get(path, ())), SpanSource(path))
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
        still, out = suppressions.applied(findings)
        for entry in self._unused(suppressions, unsure, declared):
            entry.state = SuppressionState.UNUSED
        told, more = self._stale(suppressions)
        stale, hidden = suppressions.applied(told)
        return sorted((*still, *stale), key=_order), sorted((*out, *hidden), key=_order), more

    def _add_written(
        self, suppressions: Suppressions, findings: Iterable[Finding], kinds: Mapping[str, set[str]]
    ) -> set[str]:
        """Read the files that may hold suppressions; return those in which an unused one says nothing."""
        from scanner.triage.suppressing_comments import read_suppressions

        about = {finding.location.path for finding in findings}
        about |= {finding.values_key.path for finding in findings if finding.values_key is not None}
        unsure = {line.path for line in self._gaps}
        for path in sorted(self.tree.mentioning & (kinds.keys() | about)):
            try:
                text = self.tree.text(path)
            except InputError:
                continue
            read = read_suppressions(path, text, _language(path, kinds.get(path, set())))
            suppressions.add_written(read.written)
            if not read.is_sure or path not in kinds:
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
        for entry in unused(suppressions.entries, self.rules, self.catalog.rules):
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
        return self._evaluated(ScanResources(suppressions=tuple(found))), more


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


def _place_of(reason: str, diagnostics: Sequence[Diagnostic]) -> Span:
    """Where a file tells why it could not be read whole; errors come first among the diagnostics."""
    chosen = next((one for one in diagnostics if _says(one, reason)), None)
    if chosen is None:
        chosen = next((one for one in diagnostics if one.severity == "error"), None)
    line, column = (1, 1) if chosen is None else (chosen.line or 1, chosen.column or 1)
    return Span(line, column, line, column + 1)


def _says(diagnostic: Diagnostic, reason: str) -> bool:
    said = reason.removeprefix(f"line {diagnostic.line}: ")
    return said in diagnostic.message or diagnostic.message in said


def _language(path: str, kinds: set[str]) -> Language:
    from scanner.triage.suppressing_comments import Language

    if "dockerfile" in kinds:
        return Language.DOCKERFILE
    if "helm" in kinds and "/templates/" in f"/{path}":
        return Language.TEMPLATE
    if path.endswith((".yaml", ".yml", ".json")):
        return Language.COMPOSE if "compose" in kinds else Language.YAML
    return Language.OTHER


_order = attrgetter("location", "rule", "resource.kind", "resource.name", "item")
