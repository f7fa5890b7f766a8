"""A chart as a unit for each set of values: rendered, read as objects, every file accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scanner.errors import ScannerError
from scanner.formats.base import Files, Reading
from scanner.formats.helm.bundle import Bundle, as_diagnostic, load_bundle
from scanner.formats.helm.chart import own_files
from scanner.formats.helm.engine import Engine, engine_for
from scanner.formats.helm.ledger import Ledger, combine
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import ValueSet, find_sets
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.report import Diagnostic
from scanner.model.resources import UnitResources

INSTALL = "pip install 'hullcheck[helm]'"


def read_chart(
    folder: str, files: Files, helm: HelmSettings | None = None, declared: Sequence[ValueSet] = ()
) -> list[Reading]:
    """Read the chart in a folder ('' is the scanned root) with each of its sets of values.

    With Helm's engine the templates are rendered and read as manifests whose facts
    stand in the templates: a reading for each set, of which the first has the ledger and
    all diagnostics. Without an engine, values.yaml is read by the conventions of charts,
    which is partial and a diagnostic. A broken chart is diagnostics and failed files,
    never an exception. `declared` are sets that stand outside of the chart.
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
        return [ledger.reading(None, [as_diagnostic(error, path)])]
    if bundle.chart.is_library:
        ledger.account(bundle)
        ledger.ignore_all("a library chart renders only as part of the charts that use it")
        return [ledger.reading(None, bundle.gaps)]
    sets, trouble = find_sets(folder, files, helm, declared)
    ledger.account(bundle, [layer.path for one in sets for layer in one.layers])
    for diagnostic in trouble:
        if diagnostic.path is not None and diagnostic.severity == "error":
            ledger.fail(diagnostic.path, diagnostic.message)
    engine = engine_for(helm.engine, helm.memory_limit)
    if engine is None:
        return [_read_unrendered(bundle, files, ledger, trouble, is_wanted=helm.engine != "none")]
    return _read_rendered(bundle, files, ledger, engine, helm, sets, trouble)


def _read_rendered(
    bundle: Bundle,
    files: Files,
    ledger: Ledger,
    engine: Engine,
    helm: HelmSettings,
    sets: list[ValueSet],
    trouble: list[Diagnostic],
) -> list[Reading]:
    from scanner.formats.helm.confirmation import Confirmer
    from scanner.formats.helm.rendered import RenderedChart, merge_diagnostics
    from scanner.formats.helm.rendering import Renderer

    renderer = Renderer(bundle, engine, helm)
    chart = RenderedChart(bundle, renderer.templates)
    confirmer = Confirmer(renderer, chart, helm.confirm_limit)
    renderings = renderer.render_sets(sets)
    parts = [chart.read(rendering, ledger) for rendering in renderings]
    ledger.settle([one.name for one in sets], chart.silent())
    found = {rendering.values.name: rendering.diagnostics for rendering in renderings}
    diagnostics = [*bundle.gaps, *trouble, *merge_diagnostics(found, DEFAULT_ENVIRONMENT)]
    crds = _read_crds(files, ledger, diagnostics)
    readings: list[Reading] = []
    for rendering, own in zip(renderings, parts, strict=True):
        resources = [*(part.resources for part in own), *([crds] if crds and not readings else [])]
        unit = combine(resources, rendering.values.name)
        readings.append(Reading(unit, (), refine=confirmer.refine(rendering, own)))
    first = readings[0] if readings else Reading(crds, ())
    return [replace(first, coverage=ledger.coverage(), diagnostics=tuple(diagnostics)), *readings[1:]]


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
