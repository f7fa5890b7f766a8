"""A chart as a unit for each set of values: rendered, read as objects, every file accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.errors import ScannerError
from scanner.formats.base import Evaluate, Files, Reading, Refine
from scanner.formats.environments import Environments, left_out
from scanner.formats.helm.bundle import Bundle, as_diagnostic, load_bundle
from scanner.formats.helm.chart import own_files
from scanner.formats.helm.engine import Engine, engine_for
from scanner.formats.helm.ledger import Ledger, combine
from scanner.formats.helm.metadata import read_metadata
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import ValueSet, find_sets
from scanner.model.charts import Chart
from scanner.model.environments import Lineage
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding
from scanner.model.report import Diagnostic
from scanner.model.resources import Format, UnitResources
from scanner.model.rule import Rule
from scanner.model.settings import WrittenCredential

if TYPE_CHECKING:
    from scanner.formats.helm.ownership import Ownership
    from scanner.formats.helm.rendered import Part
    from scanner.formats.helm.rendering import Rendering
    from scanner.formats.helm.verdicts import Verdicts

INSTALL = "pip install 'hullcheck[helm]'"


def read_chart(
    folder: str,
    files: Files,
    helm: HelmSettings | None = None,
    declared: Sequence[ValueSet] = (),
    environments: Environments | None = None,
) -> Iterator[Reading]:
    """Read the chart in a folder ('' is the scanned root) with each of its sets of values.

    With Helm's engine the templates are rendered and read as manifests whose facts
    stand in the templates: a reading for each set, of which the first has the ledger and
    all diagnostics. Without an engine, values.yaml is read by the conventions of charts,
    which is partial and a diagnostic. A broken chart is diagnostics and failed files,
    never an exception. `declared` are sets that stand outside of the chart. All sets are
    rendered, because the chart itself is judged by all; those of `environments` have readings.

    The last reading is the chart itself (`UnitResources.charts`); that of a rendered one is late:
    it tells what the findings in the others, which have been refined by then, say together.
    """
    helm = helm or HelmSettings()
    ledger = Ledger(folder, own_files(folder, files.listing(folder)))
    try:
        bundle = load_bundle(folder, files)
        for path in helm.value_files:
            files.text(path)
    except ScannerError as error:
        path = error.path or (f"{folder}/Chart.yaml" if folder else "Chart.yaml")
        ledger.fail_all("the chart could not be read")
        yield ledger.reading(None, [as_diagnostic(error, path)])
        return
    if bundle.chart.is_library:
        ledger.account(bundle)
        ledger.ignore_templates("a library chart renders only as part of the charts that use it")
        yield ledger.reading(None, bundle.gaps)
        yield _of_chart(read_metadata(bundle, files), ledger)
        return
    sets, trouble = find_sets(folder, files, helm, declared)
    ledger.account(bundle, [layer.path for one in sets for layer in one.layers])
    for diagnostic in trouble:
        if diagnostic.path is not None and diagnostic.severity == "error":
            ledger.fail(diagnostic.path, diagnostic.message)
    environments = environments or Environments()
    chosen = environments.chosen(one.name for one in sets)
    used = {layer.path for one in sets if one.name in chosen for layer in one.layers}
    for one in sets:
        if one.name not in chosen:
            idle = [layer.path for layer in one.layers if layer.path not in used]
            ledger.leave_out(idle, left_out(one.name))
    engine = engine_for(helm.engine, helm.memory_limit)
    if engine is None:
        yield _read_unrendered(bundle, files, ledger, trouble, is_wanted=helm.engine != "none")
        paths = [layer.path for one in sets for layer in one.layers]
        yield _of_chart(read_metadata(bundle, files), ledger, None, (), _idle(bundle, files, paths, ()))
    else:
        yield from _read_rendered(bundle, files, ledger, engine, helm, sets, trouble, chosen, environments)


def _of_chart(
    chart: Chart,
    ledger: Ledger,
    refine: Refine | None = None,
    told: tuple[Diagnostic, ...] = (),
    credentials: tuple[WrittenCredential, ...] = (),
) -> Reading:
    """The reading of a chart itself; its files stand in the ledger already."""
    unit = UnitResources(Format.HELM, charts=(chart,), credentials=credentials)
    return Reading(unit, ledger.coverage()[:1], told, refine)


def _untried(bundle: Bundle, findings: int, trials: int) -> tuple[Diagnostic, ...]:
    """Tell for how many findings the budget of renderings did not suffice."""
    if not findings:
        return ()
    message = (
        f"the values key of {findings} findings was not found with {trials} renderings; "
        "more may be tried with 'helm: {trials: N}' in the configuration"
    )
    return (Diagnostic(bundle.chart.path, None, None, "warning", message),)


def _idle(
    bundle: Bundle, files: Files, paths: Sequence[str], renderings: Sequence[Rendering]
) -> tuple[WrittenCredential, ...]:
    from scanner.formats.helm.idle_values import idle_credentials

    return idle_credentials(bundle, files, paths, renderings)


def _read_rendered(
    bundle: Bundle,
    files: Files,
    ledger: Ledger,
    engine: Engine,
    helm: HelmSettings,
    sets: list[ValueSet],
    trouble: list[Diagnostic],
    chosen: frozenset[str],
    environments: Environments,
) -> Iterator[Reading]:
    from scanner.formats.helm.confirmation import Confirmer
    from scanner.formats.helm.ownership import Ownership
    from scanner.formats.helm.reach import reached_templates
    from scanner.formats.helm.rendered import RenderedChart, merge_diagnostics
    from scanner.formats.helm.rendering import Renderer
    from scanner.formats.helm.shipped import arriving_values, confirm_arrivals
    from scanner.formats.helm.verdicts import Verdicts

    renderer = Renderer(bundle, engine, helm)
    chart = RenderedChart(bundle, renderer.templates)
    confirmer = Confirmer(renderer, chart, helm.trials)
    renderings = renderer.render_sets(sets)
    parts = [chart.read(rendering, ledger) for rendering in renderings]
    ledger.settle([one.name for one in sets], chart.silent())
    ownership = Ownership(bundle, dict(helm.subcharts))
    ledger.leave_out(ownership.ignored_files(), "read, but its findings are left out: helm.subcharts")
    verdicts = Verdicts(bundle.folder, helm.release_name)
    found = {one.values.name: one.diagnostics for one in renderings if one.values.name in chosen}
    diagnostics = [*bundle.gaps, *trouble, *merge_diagnostics(found, DEFAULT_ENVIRONMENT)]
    crds = _read_crds(files, ledger, diagnostics)
    told = False
    for rendering, own in zip(renderings, parts, strict=True):
        lineage = _lineage(bundle, rendering.values)
        if rendering.values.name not in chosen:
            if rendering.values.is_default and environments.bases:
                unit = combine([part.resources for part in own])
                yield Reading(unit, ledger.coverage()[:1], lineage=lineage, context=True)
            continue
        resources = [*(part.resources for part in own), *([crds] if crds and not told else [])]
        unit = combine(resources, rendering.values.name)
        refine = _refine_set(rendering, own, confirmer.refine(rendering, own), ownership, verdicts)
        if told:
            # One line, which is there already, tells whose unit it is.
            yield Reading(unit, ledger.coverage()[:1], refine=refine, lineage=lineage)
        else:
            yield Reading(unit, ledger.coverage(), tuple(diagnostics), refine, lineage)
            told = True
    if not told:
        yield Reading(crds, ledger.coverage(), tuple(diagnostics))

    def conclude() -> Reading:
        arrivals = arriving_values(bundle, renderings, parts)
        whole = replace(
            read_metadata(bundle, files),
            is_rendered=any(one.texts is not None for one in renderings),
            templates=reached_templates(bundle, renderer.templates, renderings, parts),
            shipped_values=tuple(one.value for one in arrivals),
            fixed_settings=verdicts.fixed_settings(),
            default_gaps=verdicts.default_gaps(),
        )
        refine = _refine_chart(confirm_arrivals(arrivals, renderer, chart), verdicts)
        paths = [layer.path for one in sets for layer in one.layers]
        told = _untried(bundle, confirmer.budget.untried, helm.trials)
        return _of_chart(whole, ledger, refine, told, _idle(bundle, files, paths, renderings))

    yield Reading(None, ledger.coverage()[:1], late=conclude)


def _lineage(bundle: Bundle, values: ValueSet) -> Lineage:
    """Where a set of values stands: it goes over the defaults of its chart."""
    chart = f"helm:{bundle.folder}:"
    below = () if values.is_default else (chart + DEFAULT_ENVIRONMENT,)
    return Lineage(chart + values.name, below)


def _refine_set(
    rendering: Rendering, parts: Sequence[Part], confirm: Refine, ownership: Ownership, verdicts: Verdicts
) -> Refine:
    """Return what names the values keys of findings, notes them and leaves out what nobody wants."""
    from scanner.formats.helm.ownership import as_in_test, is_in_test

    def refine(
        findings: tuple[Finding, ...], evaluate: Evaluate, rules: Mapping[str, Rule]
    ) -> tuple[Finding, ...]:
        wanted = ownership.settle(findings, parts)
        named = confirm(wanted, evaluate, rules) if wanted else ()
        of_tests = {number for number, finding in enumerate(named) if is_in_test(finding, parts)}
        verdicts.add(rendering, parts, [one for n, one in enumerate(named) if n not in of_tests], rules)
        return tuple(as_in_test(one, rules) if n in of_tests else one for n, one in enumerate(named))

    return refine


def _refine_chart(confirm: Refine, verdicts: Verdicts) -> Refine:
    """Return what checks the findings about a chart itself, and names the keys of its gaps."""

    def refine(
        findings: tuple[Finding, ...], evaluate: Evaluate, rules: Mapping[str, Rule]
    ) -> tuple[Finding, ...]:
        return tuple(verdicts.with_key(one, rules) for one in confirm(findings, evaluate, rules))

    return refine


def _read_unrendered(
    bundle: Bundle, files: Files, ledger: Ledger, trouble: list[Diagnostic], *, is_wanted: bool
) -> Reading:
    from scanner.formats.helm.conventions import read_values

    why = f"there is no Helm engine; install one with: {INSTALL}" if is_wanted else "rendering is turned off"
    ledger.leave_unrendered(f"not rendered, only values.yaml was read: {why}")
    message = f"chart '{bundle.chart.name}' was not rendered because {why}"
    severity = "error" if is_wanted else "warning"
    gap = Diagnostic(bundle.chart.path, None, None, severity, message)
    resources, found = read_values(bundle)
    diagnostics = [*bundle.gaps, *trouble, gap, *found]
    crds = _read_crds(files, ledger, diagnostics)
    return ledger.reading(combine([part for part in (resources, crds) if part]), diagnostics)


def _read_crds(files: Files, ledger: Ledger, diagnostics: list[Diagnostic]) -> UnitResources | None:
    """Read crds/, which Helm installs as it stands."""
    from scanner.formats.kubernetes import read_objects
    from scanner.parsing.yaml import parse_yaml

    parts = []
    for path in ledger.crds():
        try:
            file = parse_yaml(files.text(path), path)
        except ScannerError as error:
            diagnostics.append(as_diagnostic(error, path))
            ledger.fail(path, error.message)
            continue
        for broken in file.errors:
            diagnostics.append(as_diagnostic(broken, path))
            ledger.fail(path, broken.message)
        resources, found = read_objects(file, file.source)
        parts.append(resources)
        diagnostics += found
    return combine(parts)
