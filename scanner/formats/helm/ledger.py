"""The coverage ledger of a chart: one line for each of its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from posixpath import basename

from scanner.formats.base import Reading
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.chart import is_values_file
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Format, UnitResources

_KIND = "helm"
_RANK = {Status.EVALUATED: 0, Status.IGNORED: 1, Status.PARTIAL: 2, Status.FAILED: 3}
NOTHING = "renders nothing with these values"


class Ledger:
    """What is known of each file of a chart so far; a worse status replaces a better one."""

    def __init__(self, folder: str, paths: Sequence[str]) -> None:
        self._skip = len(folder) + 1 if folder else 0
        self._lines = {path: Coverage(path, _KIND, Status.EVALUATED) for path in paths}
        self._templates: set[str] = set()

    def account(self, bundle: Bundle, value_files: Sequence[str] = ()) -> None:
        """Enter what gathering the chart showed: what it takes part with, and what not."""
        taken = {origin.path for origin in bundle.origins.values()} | set(value_files)
        self._templates = {bundle.origins[path].path for path in bundle.templates.values()}
        for path in self._lines:
            inner = path[self._skip :]
            name = basename(path)
            if path in taken or name in (
                ".helmignore",
                "Chart.lock",
                "requirements.lock",
                "values.schema.json",
            ):
                continue
            if "crds/" in inner:
                if not path.endswith((".yaml", ".yml", ".json")):
                    self._set(path, Status.IGNORED, "not a manifest")
            elif is_values_file(inner):
                self._set(path, Status.IGNORED, "a set of values; the chart was rendered with its defaults")
            elif path.endswith((".tgz", ".tar.gz")):
                self._set(path, Status.PARTIAL, "a packed subchart that could not be read")
            else:
                self._set(path, Status.IGNORED, "no part of the rendered chart")
        for gap in bundle.gaps:
            if gap.path in self._lines:
                failed = gap.severity == "error"
                self._set(gap.path, Status.FAILED if failed else Status.PARTIAL, gap.message)

    def crds(self) -> list[str]:
        """The manifests that Helm installs before the templates."""
        return [
            path
            for path, line in self._lines.items()
            if "crds/" in path[self._skip :]
            and "templates/" not in path[self._skip :]
            and line.status is Status.EVALUATED
            and path.endswith((".yaml", ".yml", ".json"))
        ]

    def fail(self, path: str, reason: str) -> None:
        """Enter that a file could not be read."""
        self._set(path, Status.FAILED, reason)

    def note(self, path: str, reason: str) -> None:
        """Enter a remark on a file that was evaluated all the same."""
        if path in self._lines:
            self._set(path, Status.EVALUATED, reason)

    def fail_all(self, reason: str) -> None:
        """Enter that nothing of the chart could be read."""
        for path in self._lines:
            self._set(path, Status.FAILED, reason)

    def fail_templates(self, reason: str) -> None:
        """Enter that the chart did not render."""
        for path in self._templates & self._lines.keys():
            self._set(path, Status.FAILED, reason)

    def ignore_all(self, reason: str) -> None:
        """Enter that the chart is not evaluated on its own."""
        for path in self._lines:
            self._set(path, Status.IGNORED, reason)

    def leave_unrendered(self, reason: str) -> None:
        """Enter that the templates were not rendered, and values.yaml only by convention."""
        for path, line in self._lines.items():
            if path in self._templates or (
                line.status is Status.EVALUATED and basename(path) in ("Chart.yaml", "values.yaml")
            ):
                self._set(path, Status.PARTIAL, reason)

    def reading(self, resources: UnitResources | None, diagnostics: Iterable[Diagnostic]) -> Reading:
        """Close the ledger."""
        lines = tuple(self._lines[path] for path in sorted(self._lines))
        return Reading(resources, lines, tuple(diagnostics))

    def _set(self, path: str, status: Status, reason: str) -> None:
        line = self._lines.get(path)
        if line is not None and _RANK[status] >= _RANK[line.status]:
            self._lines[path] = Coverage(path, _KIND, status, reason)


def combine(parts: Sequence[UnitResources]) -> UnitResources | None:
    """Put the resources of several texts together; None when there are none."""
    if not parts:
        return None
    return UnitResources(
        Format.KUBERNETES,
        tuple(workload for part in parts for workload in part.workloads),
        (),
        tuple(document for part in parts for document in part.documents),
        all(part.certain for part in parts),
    )
