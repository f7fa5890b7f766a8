"""One scan under way: units are read and judged, then judged together, then finished."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from scanner.discovery import Inventory
from scanner.engine.evaluate import NOTHING_SAID, Engine, Evaluation
from scanner.environments import check_environments, environments_of, policies_of
from scanner.errors import ScannerError
from scanner.files.named import real_path
from scanner.finishing import Finishing, Wanted, unfinished
from scanner.formats.base import Reading
from scanner.gathering import Gathering, Kept, judging
from scanner.guarding import Guard, told_of
from scanner.inputs import inputs_of, text_reader
from scanner.model.environments import EnvironmentPolicy, Lineage
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding
from scanner.model.policy import Policy
from scanner.model.report import Coverage, Diagnostic, Report, Status
from scanner.model.resources import Format, UnitResources
from scanner.model.source import Span
from scanner.policy.catalog import Catalog, companions_of
from scanner.secrets.learning import Learning
from scanner.secrets.redaction import MASK
from scanner.settings import Settings, chosen_rules
from scanner.triage.bare import bare
from scanner.triage.cures import Curing, Prospects
from scanner.triage.environments import Projects, judged_in, merge_guarded
from scanner.triage.ledger import ledger_of, undecided_note, with_note, with_reasons
from scanner.units import build_reader, read_units
from scanner.weakening import policy_told

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
        self._guard = Guard()
        self._finishing = Finishing(self._engine, catalog, self._rules, self._tree, wanted, self._guard)
        self._gathering = Gathering.of(self._engine, build_reader(self._tree), self._guard)
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
        self._unsafe: set[int | None] = set()
        self._resources = self._unknown = 0
        self._tally: Counter[str] = Counter()

    @property
    def engine(self) -> Engine:
        """The compiled rules, for other scans that select the same."""
        return self._engine

    def run(self) -> Report:
        """Read, judge and finish everything; return the report."""
        self._finishing.note_lines(self._coverage)
        for number, reading in enumerate(self._readings()):
            self._guard.bugs += reading.bugs
            with self._guard.step("judging", _path_of(reading)):
                self._take(number, reading)
        if self._gathering is not None:
            for kept, evaluation, found in self._gathering.judge(self._known):
                with self._guard.step("judging the graph", kept.unit.path):
                    self._take_related(kept, evaluation, found)
        for read in self._late:
            late = read()
            self._guard.bugs += late.bugs
            with self._guard.step("judging", _path_of(late)):
                self._take_late(late)
        return self._report()

    def _readings(self) -> Iterator[Reading]:
        """Read all units; a bug between two of them costs those that would have come."""
        try:
            yield from read_units(self._inventory, self._tree, self._settings.helm, self._environments)
        except ScannerError:
            raise  # a file that an option names
        except Exception as error:
            self._guard.note("reading", None, error)

    def _take(self, number: int, reading: Reading) -> None:
        """Judge a unit by itself, and keep what the graph needs of it."""
        unit = None if reading.context else reading.resources
        path = _path_of(reading)
        evaluation = NOTHING_SAID if unit is None else self._evaluated(unit, path)
        found = evaluation.findings
        # Refining reads the unit anew and is dear: once for all findings, when they are all there.
        later = self._keep(number, reading, found)
        if reading.context:
            return
        if reading.late is not None:
            self._late.append(reading.late)
        if unit is None:
            self._tell(reading)
            return
        self._environments.met.add(unit.environment)
        if reading.lineage is not None:
            with self._guard.step("merging environments", path):
                self._projects.add(reading.lineage, unit.environment)
        lines, told = self._safely_told(number, unit, reading)
        self._finishing.note_lines(lines)
        self._diagnostics += told
        self._resources += _count(unit)
        with self._guard.step("grouping", path):
            self._prospects[number] = self._curing.prospects(unit)
        if later:
            found = ()
        elif reading.refine is not None:
            found = self._refined(reading, unit, found)
        if unit.dockerfiles:
            with self._guard.step("grouping", path):
                found = self._curing.images.cured(found, unit)
        self._add(number, found, unit, reading.lineage, first=True)
        self._coverage += self._note(evaluation, unit, lines)

    def _evaluated(self, unit: UnitResources, path: str | None) -> Evaluation:
        with self._guard.step("judging", path):
            return self._engine.evaluate(unit)
        return NOTHING_SAID

    def _keep(self, number: int, reading: Reading, found: tuple[Finding, ...]) -> bool:
        """Keep what the graph needs of a unit; return whether its findings are put off until then."""
        later = reading.refine is not None and self._gathering is not None
        if self._gathering is None:
            return False
        with self._guard.step("linking", _path_of(reading)):
            self._gathering.keep(reading, number, found if later else ())
            return later
        return False

    def _tell(self, reading: Reading) -> None:
        """Take in what is said of the files of a unit that gives no findings now."""
        self._finishing.note_lines(reading.coverage)
        self._coverage += reading.coverage
        self._diagnostics += reading.diagnostics

    def _take_related(self, kept: Kept, evaluation: Evaluation, found: tuple[Finding, ...]) -> None:
        """Take what the rules that follow relations say of a unit, and what was put off for it."""
        if kept.refine is not None:
            before = (*kept.put_off, *evaluation.findings)
            found = self._masked_in(before, found, kept.unit.path)
        self._add(kept.unit.number, found, kept.unit.resources, kept.unit.lineage)
        noted = self._note(evaluation, kept.unit.resources, kept.lines)
        if kept.unit.resources.certain:
            return  # the files say all they could; what is not known is elsewhere
        changed = (pair for pair in zip(kept.lines, noted, strict=True) if pair[0] is not pair[1])
        self._notes.update((old, new.reason or "") for old, new in changed)

    def _take_late(self, reading: Reading) -> None:
        """Judge a unit that could only be read when all others were judged."""
        self._tell(reading)
        unit = reading.resources
        if unit is not None:
            with self._guard.step("looking for secrets", _path_of(reading)):
                self._secrets.learn_unit(unit)
            evaluation = self._evaluated(unit, _path_of(reading))
            found = evaluation.findings
            if reading.refine is not None:
                found = self._refined(reading, unit, found)
            self._add(None, found, unit, reading.lineage)
            self._note(evaluation, unit, reading.coverage)

    def _refined(
        self, reading: Reading, unit: UnitResources, found: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        assert reading.refine is not None
        path, refined = _path_of(reading), found
        with self._guard.step("refining", path):
            refined = reading.refine(found, judging(self._engine, unit.environment), self._known)
        return self._masked_in(found, refined, path)

    def _safely_told(
        self, number: int, unit: UnitResources, reading: Reading
    ) -> tuple[tuple[Coverage, ...], tuple[Diagnostic, ...]]:
        """Learn the secrets of a unit; return what is said of its files. Where they cannot be learned,
        nothing is said that its files say."""
        lines, told = reading.coverage, reading.diagnostics
        with self._guard.step("looking for secrets", _path_of(reading)):
            self._secrets.learn_unit(unit, every=_fills_in(unit, lines))
            return lines, told
        self._unsafe.add(number)
        return (
            tuple(line._replace(reason=line.reason and MASK) for line in lines),
            tuple(one._replace(message=MASK) for one in told),
        )

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
            found = self._guard.each(
                "grouping", found, lambda some: self._curing.cured(some, prospects, unit.format)
            )
        if number in self._unsafe:
            found = tuple(map(self._bare, found))
        if number is not None:
            found = self._finishing.annotated(number, found, unit if first else None)
        asked = (unit.environment, lineage, self._policies, self._settings.environments, self._tally)
        self._findings += self._guard.each("judging", found, lambda some: judged_in(some, *asked))

    def _bare(self, finding: Finding) -> Finding:
        return bare(finding, self._known)

    def _note(
        self, evaluation: Evaluation, unit: UnitResources, lines: tuple[Coverage, ...]
    ) -> tuple[Coverage, ...]:
        """Note secrets, undecided verdicts and failed rules; return the lines with what is undecided."""
        for location in evaluation.masked:
            self._masked.setdefault(location.path, []).append(location.span)
        path = lines[0].path if lines else None
        with self._guard.step("looking for secrets", path):
            for name, fact in evaluation.secrets:
                self._secrets.learn_found(name, fact)
        for stage, error in evaluation.broken:
            self._guard.note(stage, path, error)
        undecided = {rule: count for rule, count in evaluation.unknown.items() if rule in self._rules}
        if not undecided:
            return lines
        self._unknown += sum(undecided.values())
        self._finishing.note_undecided(undecided, lines)
        note = "not decided"
        with self._guard.step("judging", path):
            note = undecided_note(unit, undecided)
        return tuple(with_note(line, note) for line in lines)

    def _masked_in(
        self, before: tuple[Finding, ...], after: tuple[Finding, ...], path: str | None
    ) -> tuple[Finding, ...]:
        """Return the findings that refining gave, those before where they cannot be made safe."""
        with self._guard.step("refining", path):
            self._mask_added(before, after)
            return after
        return before

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
        findings = tuple(self._findings)
        check_environments(self._environments)
        if self._environments.met - {DEFAULT_ENVIRONMENT}:
            findings = merge_guarded(findings, self._projects, self._guard)
        reasons = self._guard.reasons()
        if reasons:
            coverage = with_reasons(coverage, reasons)
            self._finishing.note_lines(line for line in coverage if line.path in reasons)
        finished = unfinished(findings)
        with self._guard.step("finishing", None):
            finished = self._finishing.finish(findings, coverage, self._diagnostics)
        policy = Policy()
        with self._guard.step("finishing", None):
            facts = (finished.findings, finished.suppressed, coverage, self._tally)
            policy = policy_told(self._settings, self._catalog, self._inventory.root, *facts)
        ledger = tuple(coverage)
        with self._guard.step("finishing", None):
            ledger = ledger_of(coverage)
        diagnostics = {*self._diagnostics, *finished.diagnostics, *told_of(self._guard.bugs)}
        return Report(
            findings=finished.findings,
            suppressed=finished.suppressed,
            actions=finished.actions,
            coverage=ledger,
            diagnostics=tuple(sorted(diagnostics, key=_diagnostic_order)),
            rules=self._rules,
            frameworks=self._catalog.controls,
            masked={path: tuple(sorted(set(spans))) for path, spans in self._masked.items()},
            secrets=self._secrets.values,
            text_of=text_reader(self._tree),
            root=str(self._inventory.root),
            resources=self._resources,
            files=len({line.path for line in coverage if line.status is not Status.IGNORED}),
            unknown=self._unknown,
            policy=policy,
        )


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


def _path_of(reading: Reading) -> str | None:
    return reading.coverage[0].path if reading.coverage else None


def _count(resources: UnitResources) -> int:
    stages = sum(len(dockerfile.stages) for dockerfile in resources.dockerfiles)
    return stages + max(len(resources.documents), len(resources.workloads))


def _diagnostic_order(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.path or "", diagnostic.line or 0, diagnostic.column or 0, diagnostic.message)
