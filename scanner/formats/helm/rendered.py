"""Rendered text read as Kubernetes objects whose facts stand in the templates."""

from __future__ import annotations

from posixpath import basename

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.ledger import NOTHING, Ledger
from scanner.formats.helm.markers import read_templates
from scanner.formats.helm.provenance import TemplateSource, first_written
from scanner.formats.helm.rendering import Rendering, is_notes
from scanner.formats.kubernetes import read_objects
from scanner.model.report import Diagnostic
from scanner.model.resources import UnitResources
from scanner.model.source import Location, Span
from scanner.parsing.yaml import YamlFile, parse_yaml


def read_rendered(
    bundle: Bundle, rendering: Rendering, ledger: Ledger, diagnostics: list[Diagnostic]
) -> list[UnitResources]:
    """Read what every template gave; troubles go to the ledger and to the diagnostics."""
    texts = {
        path: (bundle.origins[path].path, text)
        for path, text in bundle.files.items()
        if "templates/" in path and not bundle.origins[path].is_packed
    }
    written: set[str] = set()
    parts = []
    for name in sorted(rendering.texts or ()):
        text = (rendering.texts or {})[name]
        path = bundle.templates.get(name)
        if path is None or is_notes(name) or not _has_content(text):
            continue
        written.add(path)
        whole = _whole(bundle, path)
        file = parse_yaml(text, whole.path)
        source = TemplateSource(file.source, whole, rendering.alignments.get(name), texts)
        _report_errors(file, source, ledger, diagnostics)
        resources, found = read_objects(file, source)
        parts.append(resources)
        diagnostics += found
    _note_templates(bundle, rendering, written, ledger)
    return parts


def _has_content(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "---")) for line in text.split("\n"))


def _whole(bundle: Bundle, path: str) -> Location:
    """The place that stands for a whole template."""
    origin = bundle.origins[path]
    if not origin.is_packed:
        (template,) = read_templates(bundle.files, [path])
        return Location(origin.path, first_written(template.text, template))
    owners = [prefix for prefix in bundle.packed_by if path.startswith(prefix)]
    if not owners:
        return Location(origin.path, Span(1, 1, 1, 2))
    dependency = bundle.packed_by[max(owners, key=len)]
    return Location(dependency.path, dependency.span)


def _report_errors(
    file: YamlFile, source: TemplateSource, ledger: Ledger, diagnostics: list[Diagnostic]
) -> None:
    for error in file.errors:
        # The parser often gives up behind the last line that a template wrote.
        rows = [Span(row, 1, row, 2) for row in range(error.line or 1, 0, -1)]
        path, span = source.locate(next((row for row in rows if source.lines_of(row)), rows[0]))
        message = f"the template renders to broken YAML: {error.message}"
        diagnostics.append(Diagnostic(path, span.line, span.column, "error", message))
        ledger.fail(source.path, message)


def _note_templates(bundle: Bundle, rendering: Rendering, written: set[str], ledger: Ledger) -> None:
    reasons = dict.fromkeys(rendering.left_out, "fails to render with these values")
    alive = {bundle.origins[path].path for path in written}
    for path in set(bundle.templates.values()):
        origin = bundle.origins[path].path
        if path in reasons:
            ledger.fail(origin, reasons[path])
        elif origin not in alive and not basename(path).startswith("_") and not is_notes(path):
            ledger.note(origin, NOTHING)
