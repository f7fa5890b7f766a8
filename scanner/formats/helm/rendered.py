"""Rendered text read as Kubernetes objects whose facts stand in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from posixpath import basename
from typing import NamedTuple

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.ledger import Ledger
from scanner.formats.helm.markers import Alignment, Template
from scanner.formats.helm.provenance import TemplateSource, first_written
from scanner.formats.helm.rendering import Rendering, is_notes
from scanner.formats.kubernetes import read_objects
from scanner.model.report import Diagnostic
from scanner.model.resources import UnitResources
from scanner.model.source import Location, Span
from scanner.parsing.yaml import YamlFile, parse_yaml


class Part(NamedTuple):
    """What one template (`path` in the chart, `name` to the engine) gave."""

    name: str
    path: str
    source: TemplateSource
    resources: UnitResources
    diagnostics: tuple[Diagnostic, ...]
    is_broken: bool


class RenderedChart:
    """Reads the renderings of one chart; a text that several share is read once."""

    def __init__(self, bundle: Bundle, templates: Sequence[Template]) -> None:
        self._bundle = bundle
        self._templates = {template.path: template for template in templates}
        self._texts = {
            path: (bundle.origins[path].path, text)
            for path, text in bundle.files.items()
            if "templates/" in path and not bundle.origins[path].is_packed
        }
        self._known: dict[tuple[str, str], list[tuple[Alignment | None, Part]]] = {}

    def read(self, rendering: Rendering, ledger: Ledger) -> list[Part]:
        """Read what every template gave with one set of values; the ledger learns of it.

        Troubles are added to the rendering's diagnostics.
        """
        environment = rendering.values.name
        if rendering.texts is None:
            reason = rendering.diagnostics[-1].message if rendering.diagnostics else "does not render"
            ledger.fail_in(environment, reason)
            return []
        left_out = [self._bundle.origins[path].path for path in rendering.left_out]
        ledger.fail_in(environment, "fails to render", left_out)
        parts = []
        for name in sorted(rendering.texts):
            part = self._part(name, rendering.texts[name], rendering.alignments.get(name))
            if part is None:
                continue
            ledger.write(self._bundle.origins[part.path].path)
            if part.is_broken:
                ledger.fail_in(environment, part.diagnostics[0].message, [part.source.path])
            rendering.diagnostics += part.diagnostics
            parts.append(part)
        return parts

    def reread(self, name: str, text: str) -> UnitResources | None:
        """Read another text of a template, whose lines are not known; None when it holds nothing."""
        part = self._part(name, text, None, is_kept=False)
        return part.resources if part is not None and not part.is_broken else None

    def silent(self) -> set[str]:
        """The paths of the files in template folders that are not meant to write objects."""
        paths = self._bundle.templates.values()
        return {
            self._bundle.origins[path].path
            for path in paths
            if basename(path).startswith("_") or is_notes(path)
        }

    def _part(
        self, name: str, text: str, alignment: Alignment | None, *, is_kept: bool = True
    ) -> Part | None:
        path = self._bundle.templates.get(name)
        if path is None or is_notes(name) or not _has_content(text):
            return None
        known = self._known.setdefault((name, text), []) if is_kept else []
        for same, part in known:
            if same == alignment:
                return part
        whole = self._whole(path)
        file = parse_yaml(text, whole.path)
        source = TemplateSource(file.source, whole, alignment, self._texts)
        errors = _errors(file, source)
        resources, found = read_objects(file, source)
        part = Part(name, path, source, resources, (*errors, *found), bool(errors))
        known.append((alignment, part))
        return part

    def _whole(self, path: str) -> Location:
        """The place that stands for a whole template."""
        bundle = self._bundle
        origin = bundle.origins[path]
        if not origin.is_packed:
            return Location(origin.path, first_written(bundle.files[path], self._templates[path]))
        owners = [prefix for prefix in bundle.packed_by if path.startswith(prefix)]
        if not owners:
            return Location(origin.path, Span(1, 1, 1, 2))
        dependency = bundle.packed_by[max(owners, key=len)]
        return Location(dependency.path, dependency.span)


def _has_content(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "---")) for line in text.split("\n"))


def _errors(file: YamlFile, source: TemplateSource) -> list[Diagnostic]:
    diagnostics = []
    for error in file.errors:
        # The parser often gives up behind the last line that a template wrote.
        rows = [Span(row, 1, row, 2) for row in range(error.line or 1, 0, -1)]
        path, span = source.locate(next((row for row in rows if source.lines_of(row)), rows[0]))
        message = f"the template renders to broken YAML: {error.message}"
        diagnostics.append(Diagnostic(path, span.line, span.column, "error", message))
    return diagnostics


def merge_diagnostics(found: Mapping[str, list[Diagnostic]], default: str) -> list[Diagnostic]:
    """Return the troubles of all environments, each once, saying where it is not in all.

    What fails with the default values alone is a warning: a chart may require values.
    """
    names: dict[Diagnostic, list[str]] = {}
    for name, diagnostics in found.items():
        for diagnostic in dict.fromkeys(diagnostics):
            names.setdefault(diagnostic, []).append(name)
    merged = []
    for diagnostic, where in names.items():
        if len(where) == len(found):
            merged.append(diagnostic)
        elif where == [default]:
            message = f"{diagnostic.message} (with the default values)"
            merged.append(diagnostic._replace(message=message, severity="warning"))
        else:
            listed = ", ".join(f"'{name}'" for name in sorted(where))
            merged.append(diagnostic._replace(message=f"{diagnostic.message} (with the values of {listed})"))
    return merged
