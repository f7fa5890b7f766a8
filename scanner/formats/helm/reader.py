"""A chart as one unit: rendered, read as Kubernetes objects, every file accounted for."""

from __future__ import annotations

from scanner.errors import ScannerError
from scanner.formats.base import Files, Reading
from scanner.formats.helm.bundle import Bundle, as_diagnostic, load_bundle
from scanner.formats.helm.chart import own_files
from scanner.formats.helm.engine import engine_for
from scanner.formats.helm.ledger import Ledger, combine
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Diagnostic
from scanner.model.resources import UnitResources

INSTALL = "pip install 'hullcheck[helm]'"


def read_chart(folder: str, files: Files, helm: HelmSettings | None = None) -> Reading:
    """Read the chart in a folder ('' is the scanned root) with its default values, over
    which the settings' value files and assignments go.

    With Helm's engine the templates are rendered and read as manifests whose facts
    stand in the templates. Without one, values.yaml is read by the conventions of
    charts, which is partial and a diagnostic. A broken chart is diagnostics and failed
    files, never an exception. `.Capabilities` and `.Release` answer with the engine's
    defaults and the settings' names.
    """
    helm = helm or HelmSettings()
    ledger = Ledger(folder, own_files(folder, files.listing(folder)))
    try:
        bundle = load_bundle(folder, files)
        values = tuple(files.text(path) for path in helm.value_files)
    except ScannerError as error:
        path = error.path or (f"{folder}/Chart.yaml" if folder else "Chart.yaml")
        ledger.fail_all("the chart could not be read")
        return ledger.reading(None, [as_diagnostic(error, path)])
    ledger.account(bundle, helm.value_files)
    if bundle.chart.is_library:
        ledger.ignore_all("a library chart renders only as part of the charts that use it")
        return ledger.reading(None, bundle.gaps)
    engine = engine_for(helm.engine, helm.memory_limit)
    if engine is None:
        return _read_unrendered(bundle, files, ledger, is_wanted=helm.engine != "none")
    from scanner.formats.helm.rendering import render_chart

    rendering = render_chart(bundle, engine, helm, values)
    diagnostics = [*bundle.gaps, *rendering.diagnostics]
    if rendering.texts is None:
        ledger.fail_templates(diagnostics[-1].message)
        return ledger.reading(_read_crds(files, ledger, diagnostics), diagnostics)
    from scanner.formats.helm.rendered import read_rendered

    parts = read_rendered(bundle, rendering, ledger, diagnostics)
    crds = _read_crds(files, ledger, diagnostics)
    return ledger.reading(combine([*parts, *filter(None, [crds])]), diagnostics)


def _read_unrendered(bundle: Bundle, files: Files, ledger: Ledger, *, is_wanted: bool) -> Reading:
    from scanner.formats.helm.conventions import read_values

    why = f"there is no Helm engine; install one with: {INSTALL}" if is_wanted else "rendering is turned off"
    ledger.leave_unrendered(f"not rendered, only values.yaml was read: {why}")
    message = f"chart '{bundle.chart.name}' was not rendered because {why}"
    severity = "error" if is_wanted else "warning"
    trouble = Diagnostic(bundle.chart.path, None, None, severity, message)
    resources, found = read_values(bundle)
    diagnostics = [*bundle.gaps, trouble, *found]
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
