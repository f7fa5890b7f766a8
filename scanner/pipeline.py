"""One scan from end to end: settings in, report out."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from scanner.artifacts import Tree
from scanner.discovery import Inventory, discover
from scanner.engine.compile import check_patterns
from scanner.engine.evaluate import Engine, Evaluation
from scanner.engine.registry import predicates, summaries, tests
from scanner.engine.secrets import is_literal_credential, redact
from scanner.environments import check_environments, environments_of, policies_of
from scanner.errors import ConfigError, InputError
from scanner.finishing import Finishing, Wanted, check_suppressions
from scanner.formats.base import Reading
from scanner.formats.helm.settings import HelmSettings
from scanner.gathering import Gathering, judging, linked
from scanner.ignoring import Excludes
from scanner.model.environments import DeclaredEnvironment, EnvironmentPolicy
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding
from scanner.model.graph import Graph
from scanner.model.report import Coverage, Diagnostic, Report, Status
from scanner.model.resources import UnitResources
from scanner.model.rule import Operand, Rule, Severity
from scanner.model.source import Span
from scanner.model.suppressions import DeclaredSuppression
from scanner.policy.catalog import Catalog, Selection, companions_of, load_catalog, select_rules
from scanner.policy.loader import Words
from scanner.policy.nodes import suggest
from scanner.triage.cures import Curing, Prospects
from scanner.triage.environments import Projects, judged_in, merge_environments
from scanner.triage.hiding import MASK, TEMPLATED, Hiding, hide_in, hide_in_names, secret_pattern
from scanner.triage.ledger import ledger_of, undecided_note, with_note
from scanner.units import build_reader, read_units


@dataclass(frozen=True, slots=True)
class Settings:
    """What a scan is asked to do.

    `severities` and `params` change rules, by id. `report_only` are files, relative to
    the working folder, to which findings are restricted: at their own place or at a
    related one. `stdin` is a text to scan in place of files, with the name it goes by.
    `environments` are the names of those that the scan is about (none: all), `declared` what the
    user said that environments are made of, with absolute paths, and `policies` what was
    decided for them, by name. `suppressions` are those of the configuration; `today` is an ISO date,
    by default HULLCHECK_TODAY or the day of the scan.
    """

    paths: tuple[Path, ...] = (Path(),)
    selection: Selection = field(default_factory=Selection)
    rule_folders: tuple[Path, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Operand]] = field(default_factory=dict)
    excludes: tuple[Excludes, ...] = ()
    report_only: tuple[Path, ...] | None = None
    stdin: tuple[str, str] | None = None
    helm: HelmSettings = field(default_factory=HelmSettings)
    environments: tuple[str, ...] = ()
    declared: tuple[DeclaredEnvironment, ...] = ()
    policies: Mapping[str, EnvironmentPolicy] = field(default_factory=dict)
    suppressions: tuple[DeclaredSuppression, ...] = ()
    today: str | None = None


def words() -> Words:
    """Return the names that conditions may use, with their documentation."""
    return Words(summaries(predicates()), summaries(tests()))


def catalog_of(settings: Settings, *, examples: bool = False) -> Catalog:
    """Load the built-in and the user's rules, with their examples if asked. Raises RuleError."""
    return load_catalog(words(), settings.rule_folders, examples=examples)


def scan(settings: Settings, catalog: Catalog | None = None) -> Report:
    """Scan and return the report. A `catalog` that was loaded before is used as it is.

    Raises ConfigError, RuleError or InputError when the scan cannot begin; trouble
    with single inputs is in the report's diagnostics and coverage.
    """
    collecting = gc.isenabled()
    # Resources are trees and freed at once; the collector only walks what is alive.
    gc.disable()
    try:
        return _scan(settings, catalog or catalog_of(settings))
    finally:
        if collecting:
            gc.enable()


def whole_graph(settings: Settings) -> Graph:
    """Return the graph of what a scan with these settings reads, with every fact of its resources.

    Trouble with single inputs is for `scan` to tell. Raises ConfigError and InputError as it does.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        inventory, tree = _inputs(settings)
        environments = environments_of(settings.environments, settings.declared, inventory.root, bases=True)
        readings = read_units(inventory, tree, settings.helm, environments)
        return linked(readings, build_reader(tree))
    finally:
        if collecting:
            gc.enable()


def _scan(settings: Settings, catalog: Catalog) -> Report:
    rules, hidden = _chosen(catalog, settings)
    companions = companions_of(catalog, rules, settings.selection.ignore, settings.severities)
    engine = Engine((*rules, *companions), settings.params, hidden)
    inventory, tree = _inputs(settings)
    findings: list[Finding] = []
    coverage: list[Coverage] = list(inventory.coverage)
    diagnostics: list[Diagnostic] = list(inventory.diagnostics)
    masked: dict[str, list[Span]] = {}
    environments = environments_of(
        settings.environments, settings.declared, inventory.root, bases=engine.compares_environments
    )
    policies = policies_of(settings.policies, catalog)
    projects = Projects()
    by_id = {rule.id: rule for rule in rules}
    known = {**by_id, **{rule.id: rule for rule in companions}}
    finishing = Finishing(engine, catalog, by_id, tree, _wanted(settings, inventory, policies))
    finishing.note_lines(coverage)

    gathering = Gathering.of(engine, build_reader(tree))
    hiding = Hiding()
    curing = Curing(by_id)
    sharing: dict[int, Prospects] = {}
    noted: dict[Coverage, str] = {}
    late: list[Callable[[], Reading]] = []
    resources = unknown = 0
    for number, reading in enumerate(read_units(inventory, tree, settings.helm, environments)):
        lines = reading.coverage
        told = reading.diagnostics
        if gathering is not None:
            gathering.keep(reading, number)
        if reading.context:
            continue
        if reading.late is not None:
            late.append(reading.late)
        if reading.resources is not None:
            evaluation = engine.evaluate(reading.resources)
            environment = reading.resources.environment
            environments.met.add(environment)
            if reading.lineage is not None:
                projects.add(reading.lineage, environment)
            found = evaluation.findings
            if reading.refine is not None:
                found = reading.refine(found, judging(engine, environment), known)
                _mask_added(evaluation.findings, found, known, masked)
            if companions:
                found = tuple(finding for finding in found if finding.rule in by_id)
            if reading.resources.dockerfiles:
                found = curing.images.cured(found, reading.resources)
            prospects = curing.prospects(reading.resources)
            if prospects:
                sharing[number] = prospects
                found = curing.cured(found, prospects, reading.resources.format)
            secret = secret_pattern(
                reading.resources, is_literal_credential, templated=lines[0].kind in TEMPLATED
            )
            if secret is not None:
                hiding.add(secret, (line.path for line in lines))
                found = tuple(hide_in(finding, secret) for finding in found)
                told = tuple(one._replace(message=secret.sub(MASK, one.message)) for one in told)
                lines = tuple(
                    line._replace(reason=secret.sub(MASK, line.reason)) if line.reason else line
                    for line in lines
                )
            found = finishing.annotated(number, found, reading.resources)
            findings += judged_in(found, environment, reading.lineage, policies, settings.environments)
            resources += _count(reading.resources)
            finishing.note_lines(lines)
            for location in evaluation.masked:
                masked.setdefault(location.path, []).append(location.span)
            open_ = {rule: count for rule, count in evaluation.unknown.items() if rule in by_id}
            undecided = sum(open_.values())
            if undecided:
                unknown += undecided
                finishing.note_undecided(open_, lines)
                note = undecided_note(reading.resources, open_)
                lines = tuple(with_note(line, note) for line in lines)
            diagnostics += _broken(evaluation, lines)
        else:
            finishing.note_lines(lines)
        coverage += lines
        diagnostics += told
    for kept, evaluation, found in gathering.judge(known) if gathering is not None else ():
        _mask_added(evaluation.findings, found, known, masked)
        found = tuple(finding for finding in found if finding.rule in by_id)
        if kept.unit.number in sharing:
            found = curing.cured(found, sharing[kept.unit.number], kept.unit.resources.format)
        found = finishing.annotated(kept.unit.number, tuple(map(hiding.hide_in, found)))
        findings += judged_in(found, kept.environment, kept.unit.lineage, policies, settings.environments)
        for location in evaluation.masked:
            masked.setdefault(location.path, []).append(location.span)
        open_ = {rule: count for rule, count in evaluation.unknown.items() if rule in by_id}
        undecided = sum(open_.values())
        if undecided:
            unknown += undecided
            finishing.note_undecided(open_, kept.lines)
            note = undecided_note(kept.unit.resources, open_)
            noted.update((line, note) for line in kept.lines)
        diagnostics += _broken(evaluation, kept.lines)
    for reading in (read() for read in late):
        finishing.note_lines(reading.coverage)
        coverage += reading.coverage
        diagnostics += reading.diagnostics
        if reading.resources is not None:
            evaluation = engine.evaluate(reading.resources)
            environment = reading.resources.environment
            found = evaluation.findings
            if reading.refine is not None:
                found = reading.refine(found, judging(engine, environment), known)
                _mask_added(evaluation.findings, found, known, masked)
            found = tuple(finding for finding in found if finding.rule in by_id)
            findings += judged_in(found, environment, reading.lineage, policies, settings.environments)
            for location in evaluation.masked:
                masked.setdefault(location.path, []).append(location.span)
            unknown += sum(count for rule, count in evaluation.unknown.items() if rule in by_id)
            diagnostics += _broken(evaluation, reading.coverage)
    if noted:
        coverage = [with_note(line, noted[line]) if line in noted else line for line in coverage]
    findings = hide_in_names(findings, redact)
    check_environments(environments)
    if environments.met - {DEFAULT_ENVIRONMENT}:
        findings = merge_environments(findings, projects)
    finished = finishing.finish(findings, coverage, diagnostics, hiding)
    diagnostics += finished.diagnostics
    return Report(
        findings=finished.findings,
        suppressed=finished.suppressed,
        actions=finished.actions,
        coverage=ledger_of(coverage),
        diagnostics=tuple(sorted(set(diagnostics), key=_diagnostic_order)),
        rules=by_id,
        frameworks=catalog.controls,
        masked={path: tuple(sorted(set(spans))) for path, spans in masked.items()},
        text_of=_reader(tree),
        root=str(inventory.root),
        resources=resources,
        files=len({line.path for line in coverage if line.status is not Status.IGNORED}),
        unknown=unknown,
    )


def _wanted(settings: Settings, inventory: Inventory, policies: Mapping[str, EnvironmentPolicy]) -> Wanted:
    folders = () if settings.stdin else tuple(path.resolve() for path in settings.paths if path.is_dir())
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


def _chosen(catalog: Catalog, settings: Settings) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules to report, and the unselected ones that know where secrets stand."""
    _check_settings(catalog, settings)
    chosen = select_rules(catalog, settings.selection)
    if not chosen:
        raise ConfigError("no rule is left to evaluate", hint="look at --select and --ignore")
    rules = tuple(replace(rule, severity=settings.severities.get(rule.id, rule.severity)) for rule in chosen)
    selected = {rule.id for rule in rules}
    hidden = tuple(rule for rule in catalog.rules.values() if rule.sensitive and rule.id not in selected)
    return rules, hidden


def _check_settings(catalog: Catalog, settings: Settings) -> None:
    """Refuse a severity or a parameter for a rule or parameter that does not exist."""
    check_suppressions(settings.suppressions, catalog)
    for identifier in (*settings.severities, *settings.params):
        if identifier not in catalog.rules:
            raise ConfigError(f"unknown rule '{identifier}'", hint=suggest(identifier, catalog.rules))
    for identifier, params in settings.params.items():
        known = catalog.rules[identifier].params
        for name, value in params.items():
            if name not in known:
                hint = suggest(name, known)
                raise ConfigError(f"rule '{identifier}' has no parameter '{name}'", hint=hint)
            if type(value) is not type(known[name]):
                wanted = _TYPE_NAMES[type(known[name])]
                raise ConfigError(f"parameter '{name}' of rule '{identifier}' must be {wanted}")
        for form in catalog.rules[identifier].formats:
            try:
                check_patterns(catalog.rules[identifier], settings.params, form)
            except re.error as error:
                message = f"a parameter of rule '{identifier}' is no regular expression: {error}"
                raise ConfigError(message) from None


_TYPE_NAMES = {str: "text", int: "a number", bool: "true or false", tuple: "a list"}


def _inputs(settings: Settings) -> tuple[Inventory, Tree]:
    if settings.stdin is None:
        inventory = discover(settings.paths, settings.excludes)
        return inventory, Tree(inventory.root, inventory.files)
    name, text = settings.stdin
    root = Path.cwd()
    tree = Tree(root, (name,), {name: text})
    kind = _kind_of_text(name, text)
    explicit = frozenset((name,))
    inventory = Inventory(root, files=(name,), explicit=explicit)
    if kind == "dockerfile":
        return replace(inventory, dockerfiles=(name,)), tree
    if kind == "compose":
        return replace(inventory, compose=(name,)), tree
    return replace(inventory, documents=(name,)), tree


def _kind_of_text(name: str, text: str) -> str:
    from scanner.discovery import COMPOSE_NAME, DOCKERFILE_NAME

    base = name.rpartition("/")[2]
    if DOCKERFILE_NAME.fullmatch(base):
        return "dockerfile"
    if COMPOSE_NAME.fullmatch(base):
        return "compose"
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return "dockerfile" if first.upper().split()[:1] in (["FROM"], ["ARG"]) else "document"


def _count(resources: UnitResources) -> int:
    stages = sum(len(dockerfile.stages) for dockerfile in resources.dockerfiles)
    return stages + max(len(resources.documents), len(resources.workloads))


def _mask_added(
    before: Iterable[Finding],
    after: Iterable[Finding],
    rules: Mapping[str, Rule],
    masked: dict[str, list[Span]],
) -> None:
    """Hide the text at the related places that refining added to findings of sensitive rules."""
    had = {(one.rule, one.location, one.resource, one.item): len(one.related) for one in before}
    for new in after:
        if rules[new.rule].sensitive:
            for related in new.related[had.get((new.rule, new.location, new.resource, new.item), 0) :]:
                masked.setdefault(related.location.path, []).append(related.location.span)


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
