"""One scan under way: units are read and judged, then judged together, then finished."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from scanner.artifacts import Tree
from scanner.discovery import Inventory
from scanner.engine.evaluate import Engine, Evaluation
from scanner.environments import check_environments, environments_of, policies_of
from scanner.errors import InputError
from scanner.files.named import real_path
from scanner.finishing import Finished, Finishing, Wanted
from scanner.formats.base import Reading
from scanner.gathering import Gathering, Kept, judging
from scanner.inputs import inputs_of
from scanner.model.environments import EnvironmentPolicy, Lineage
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding
from scanner.model.policy import Policy
from scanner.model.report import Coverage, Diagnostic, Report, Status
from scanner.model.resources import Format, UnitResources
from scanner.model.source import Span
from scanner.policy.catalog import Catalog, companions_of, left_out_by
from scanner.secrets.learning import Learning
from scanner.settings import Settings, chosen_rules, excluded_by, rules_of_configuration
from scanner.triage.cures import Curing, Prospects
from scanner.triage.environments import Projects, judged_in, merge_environments
from scanner.triage.ledger import ledger_of, undecided_note, with_note
from scanner.triage.policy import Facts, policy_of
from scanner.units import build_reader, read_units

_TEMPLATED = frozenset(("helm", "kustomize"))
"""The tools whose values fill in other fields; what made a unit's files is the kind of its coverage."""


class Scan:
    """One scan: what it was asked, and what it has found so far."""

    def __init__(self, settings: Settings, catalog: Catalog, engine: Engine | None = None) -> None:
        rules, hidden = chosen_rules(catalog, settings)
        companions = companions_of(catalog, rules, settings.selection.ignore, settings.severities)
        self._settings = settings
        self._catalog = catalog
        self._rules = {rule.id: rule for rule in rules}
        self._known = {**self._rules, **{rule.id: rule for rule in companions}}
        self._engine = engine or Engine((*rules, *companions), settings.params, hidden)
        self._inventory, self._tree = inputs_of(settings)
        self._environments = environments_of(
            settings.environments,
            settings.declared,
            self._inventory.root,
            bases=self._engine.compares_environments,
        )
        self._policies = policies_of(settings.policies, catalog, settings.places)
        wanted = _wanted(settings, self._inventory, self._policies)
        self._finishing = Finishing(self._engine, catalog, self._rules, self._tree, wanted)
        self._gathering = Gathering.of(self._engine, build_reader(self._tree))
        self._projects = Projects()
        self._secrets = Learning()
        self._curing = Curing(self._rules)
        self._prospects: dict[int, Prospects] = {}
        self._late: list[Callable[[], Reading]] = []
        self._findings: list[Finding] = []
        self._coverage: list[Coverage] = list(self._inventory.coverage)
        self._diagnostics: list[Diagnostic] = list(self._inventory.diagnostics)
        self._masked: dict[str, list[Span]] = {}
        self._notes: dict[Coverage, str] = {}
        self._resources = self._unknown = 0
        self._tally: Counter[str] = Counter()

    @property
    def engine(self) -> Engine:
        """The compiled rules, for other scans that select the same."""
        return self._engine

    def run(self) -> Report:
        """Read, judge and finish everything; return the report."""
        self._finishing.note_lines(self._coverage)
        readings = read_units(self._inventory, self._tree, self._settings.helm, self._environments)
        for number, reading in enumerate(readings):
            self._take(number, reading)
        if self._gathering is not None:
            for kept, evaluation, found in self._gathering.judge(self._known):
                self._take_related(kept, evaluation, found)
        for read in self._late:
            self._take_late(read())
        return self._report()

    def _take(self, number: int, reading: Reading) -> None:
        """Judge a unit by itself, and keep what the graph needs of it."""
        unit = None if reading.context else reading.resources
        evaluation = None if unit is None else self._engine.evaluate(unit)
        found = () if evaluation is None else evaluation.findings
        # Refining reads the unit anew and is dear: once for all findings, when they are all there.
        later = reading.refine is not None and self._gathering is not None
        if self._gathering is not None:
            self._gathering.keep(reading, number, found if later else ())
        if reading.context:
            return
        if reading.late is not None:
            self._late.append(reading.late)
        lines, told = reading.coverage, reading.diagnostics
        if unit is None or evaluation is None:
            self._finishing.note_lines(lines)
        else:
            self._environments.met.add(unit.environment)
            if reading.lineage is not None:
                self._projects.add(reading.lineage, unit.environment)
            self._resources += _count(unit)
            prospects = self._curing.prospects(unit)
            if prospects:
                self._prospects[number] = prospects
            self._secrets.learn_unit(unit, every=_fills_in(unit, lines))
            self._finishing.note_lines(lines)
            if later:
                found = ()
            elif reading.refine is not None:
                found = self._refined(reading, unit, found)
            if unit.dockerfiles:
                found = self._curing.images.cured(found, unit)
            self._add(number, found, unit, reading.lineage, first=True)
            lines = self._note(evaluation, unit, lines)
        self._coverage += lines
        self._diagnostics += told

    def _take_related(self, kept: Kept, evaluation: Evaluation, found: tuple[Finding, ...]) -> None:
        """Take what the rules that follow relations say of a unit, and what was put off for it."""
        if kept.refine is not None:
            self._mask_added((*kept.put_off, *evaluation.findings), found)
        self._add(kept.unit.number, found, kept.unit.resources, kept.unit.lineage)
        noted = self._note(evaluation, kept.unit.resources, kept.lines)
        if kept.unit.resources.certain:
            return  # the files say all they could; what is not known is elsewhere
        changed = (pair for pair in zip(kept.lines, noted, strict=True) if pair[0] is not pair[1])
        self._notes.update((old, new.reason or "") for old, new in changed)

    def _take_late(self, reading: Reading) -> None:
        """Judge a unit that could only be read when all others were judged."""
        self._finishing.note_lines(reading.coverage)
        self._coverage += reading.coverage
        self._diagnostics += reading.diagnostics
        unit = reading.resources
        if unit is not None:
            self._secrets.learn_unit(unit)
            evaluation = self._engine.evaluate(unit)
            found = evaluation.findings
            if reading.refine is not None:
                found = self._refined(reading, unit, found)
            self._add(None, found, unit, reading.lineage)
            self._note(evaluation, unit, reading.coverage)

    def _refined(
        self, reading: Reading, unit: UnitResources, found: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        assert reading.refine is not None
        refined = reading.refine(found, judging(self._engine, unit.environment), self._known)
        self._mask_added(found, refined)
        return refined

    def _add(
        self,
        number: int | None,
        found: tuple[Finding, ...],
        unit: UnitResources,
        lineage: Lineage | None,
        *,
        first: bool = False,
    ) -> None:
        """Add findings of a unit, by its number among those of the scan; the `first` of it are given
        with all of its resources."""
        if len(self._known) > len(self._rules):
            found = tuple(finding for finding in found if finding.rule in self._rules)
        prospects = self._prospects.get(number) if number is not None else None
        if prospects:
            found = self._curing.cured(found, prospects, unit.format)
        if number is not None:
            found = self._finishing.annotated(number, found, unit if first else None)
        self._findings += judged_in(
            found, unit.environment, lineage, self._policies, self._settings.environments, self._tally
        )

    def _note(
        self, evaluation: Evaluation, unit: UnitResources, lines: tuple[Coverage, ...]
    ) -> tuple[Coverage, ...]:
        """Note secrets, undecided verdicts and failed rules; return the lines with what is undecided."""
        for location in evaluation.masked:
            self._masked.setdefault(location.path, []).append(location.span)
        for name, fact in evaluation.secrets:
            self._secrets.learn_found(name, fact)
        self._diagnostics += _broken(evaluation, lines)
        undecided = {rule: count for rule, count in evaluation.unknown.items() if rule in self._rules}
        if not undecided:
            return lines
        self._unknown += sum(undecided.values())
        self._finishing.note_undecided(undecided, lines)
        note = undecided_note(unit, undecided)
        return tuple(with_note(line, note) for line in lines)

    def _mask_added(self, before: Iterable[Finding], after: Iterable[Finding]) -> None:
        """Hide the text at the related places that refining added to findings of sensitive rules."""
        had = {(one.rule, one.location, one.resource, one.item): len(one.related) for one in before}
        for new in after:
            if self._known[new.rule].sensitive:
                known = had.get((new.rule, new.location, new.resource, new.item), 0)
                for related in new.related[known:]:
                    self._masked.setdefault(related.location.path, []).append(related.location.span)

    def _report(self) -> Report:
        coverage = [
            with_note(line, self._notes[line]) if line in self._notes else line for line in self._coverage
        ]
        findings = self._findings
        check_environments(self._environments)
        if self._environments.met - {DEFAULT_ENVIRONMENT}:
            findings = merge_environments(findings, self._projects)
        finished = self._finishing.finish(findings, coverage, self._diagnostics)
        diagnostics = {*self._diagnostics, *finished.diagnostics}
        return Report(
            findings=finished.findings,
            suppressed=finished.suppressed,
            actions=finished.actions,
            coverage=ledger_of(coverage),
            diagnostics=tuple(sorted(diagnostics, key=_diagnostic_order)),
            rules=self._rules,
            frameworks=self._catalog.controls,
            masked={path: tuple(sorted(set(spans))) for path, spans in self._masked.items()},
            secrets=self._secrets.values,
            text_of=_reader(self._tree),
            root=str(self._inventory.root),
            resources=self._resources,
            files=len({line.path for line in coverage if line.status is not Status.IGNORED}),
            unknown=self._unknown,
            policy=self._policy(finished, coverage),
        )

    def _policy(self, finished: Finished, coverage: Iterable[Coverage]) -> Policy:
        """Return what the configuration and suppressions in files took out of the report."""
        settings, catalog = self._settings, self._catalog
        configured, own = settings.configured, catalog.rules
        excluded = charts = 0
        left_out: dict[str, frozenset[str]] = {}
        if configured is not None:
            lines = list(coverage)
            excluded = excluded_by(settings, self._inventory.root, lines)
            charts = len(
                {line.path for line in lines if line.kind == "helm" and line.path.endswith("Chart.yaml")}
            )
            left_out = {
                key: left_out_by(key, catalog, settings.selection)
                for key in ("profile", "select", "frameworks", "ignore")
            }
        facts = Facts(
            findings=finished.findings,
            suppressed=finished.suppressed,
            left_out=left_out,
            added=rules_of_configuration(catalog, settings),
            lowered={
                rule for rule, level in settings.severities.items() if level.rank < own[rule].severity.rank
            },
            excluded=excluded,
            charts=charts,
            environments=self._tally,
        )
        return policy_of(configured, facts, str(self._inventory.root))


def _fills_in(unit: UnitResources, lines: tuple[Coverage, ...]) -> bool:
    """Whether the variables of a unit's containers may fill in other fields of it (`image: ${X}`), as those
    of Compose files and values of charts do; in plain manifests none does."""
    return unit.format is not Format.KUBERNETES or lines[0].kind in _TEMPLATED


def _wanted(settings: Settings, inventory: Inventory, policies: Mapping[str, EnvironmentPolicy]) -> Wanted:
    paths = () if settings.stdin else settings.paths
    folders = tuple(real_path(path) for path in paths if os.path.isdir(path))
    return Wanted(
        inventory.root,
        settings.suppressions,
        folders,
        settings.stdin is None and len(folders) == len(settings.paths),
        bool(settings.environments),
        frozenset(rule for policy in policies.values() for rule in policy.ignored),
        settings.report_only,
        settings.today,
    )


def _broken(evaluation: Evaluation, lines: tuple[Coverage, ...]) -> list[Diagnostic]:
    """Tell of rules that failed on a unit: a bug, and never a reason to stop."""
    path = lines[0].path if lines else None
    told = "internal error in rule '{}': {!r}; please report it"
    return [
        Diagnostic(path, None, None, "error", told.format(identifier, error))
        for identifier, error in evaluation.broken
    ]


def _count(resources: UnitResources) -> int:
    stages = sum(len(dockerfile.stages) for dockerfile in resources.dockerfiles)
    return stages + max(len(resources.documents), len(resources.workloads))


def _diagnostic_order(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.path or "", diagnostic.line or 0, diagnostic.column or 0, diagnostic.message)


def _reader(tree: Tree) -> Callable[[str], str | None]:
    """Return a function that gives the text of a scanned artifact, None when it cannot be read."""

    @lru_cache(maxsize=8)
    def text_of(path: str) -> str | None:
        try:
            return tree.text(path)
        except InputError:
            return None

    return text_of
