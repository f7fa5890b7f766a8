"""The coverage ledger of a chart: one line for each of its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from posixpath import basename

from scanner.formats.base import Reading
from scanner.formats.environments import in_environment
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.chart import is_values_file
from scanner.model.cluster import merged
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Format, UnitResources

_KIND = "helm"
_RANK = {Status.EVALUATED: 0, Status.IGNORED: 1, Status.PARTIAL: 2, Status.FAILED: 3}
_DESCRIPTIONS = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock")
NOTHING = "renders nothing with any set of values"


class Ledger:
    """What is known of each file of a chart so far; a worse status replaces a better one."""

    def __init__(self, folder: str, paths: Sequence[str]) -> None:
        self._skip = len(folder) + 1 if folder else 0
        self._lines = {path: Coverage(path, _KIND, Status.EVALUATED) for path in paths}
        self._templates: set[str] = set()
        self._written: set[str] = set()
        self._trouble: dict[str, dict[str, list[str]]] = {}

    def account(self, bundle: Bundle, value_files: Sequence[str] = ()) -> None:
        """Enter what gathering the chart showed: what it takes part with, and what not."""
        for path in value_files:
            self._lines.setdefault(path, Coverage(path, _KIND, Status.EVALUATED))
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
                self._set(path, Status.IGNORED, "a file of values that nothing renders the chart with")
            elif path.endswith((".tgz", ".tar.gz")):
                self._set(path, Status.PARTIAL, "a packed subchart that could not be read")
            else:
                self._set(path, Status.IGNORED, "no part of the rendered chart")
        for gap in bundle.gaps:
            if gap.path in self._lines:
                failed = gap.severity == "error"
                self._set(gap.path, Status.FAILED if failed else Status.PARTIAL, gap.message)

    def leave_out(self, paths: Iterable[str], reason: str) -> None:
        """Enter that nothing is reported of some files, although they are read."""
        for path in paths:
            self._note(path, reason)

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

    def write(self, path: str) -> None:
        """Enter that a template gave something in one environment."""
        self._written.add(path)

    def fail_in(self, environment: str, reason: str, paths: Iterable[str] | None = None) -> None:
        """Enter that some templates (None: all) could not be read in one environment."""
        for path in self._templates if paths is None else paths:
            self._trouble.setdefault(path, {}).setdefault(reason, []).append(environment)

    def settle(self, environments: Sequence[str], unreachable: Collection[str] = ()) -> None:
        """Sum up what the environments gave, all of which have been read.

        A template that failed in some is partial, in all is failed; one that failed with
        the default values alone is evaluated, as what is required has no default.
        """
        for path in self._templates:
            trouble = self._trouble.get(path, {})
            failed = {name for names in trouble.values() for name in names}
            if not trouble:
                if path not in self._written and path not in unreachable:
                    self._note(path, NOTHING)
                continue
            reason = next(iter(trouble))
            if len(failed) == len(environments):
                self._set(path, Status.FAILED, reason)
            elif failed == {DEFAULT_ENVIRONMENT}:
                self._note(path, f"{reason} with the default values")
            else:
                names = ", ".join(sorted(failed))
                self._set(path, Status.PARTIAL, f"{reason} with the values of {names}")

    def _note(self, path: str, reason: str) -> None:
        if path in self._lines:
            self._set(path, Status.EVALUATED, reason)

    def fail_all(self, reason: str) -> None:
        """Enter that nothing of the chart could be read."""
        for path in self._lines:
            self._set(path, Status.FAILED, reason)

    def ignore_templates(self, reason: str) -> None:
        """Enter that of the chart only its description is evaluated."""
        for path in self._lines:
            if path[self._skip :] not in _DESCRIPTIONS:
                self._set(path, Status.IGNORED, reason)

    def leave_unrendered(self, reason: str) -> None:
        """Enter that the templates were not rendered, and values.yaml only by convention."""
        for path, line in self._lines.items():
            if path in self._templates or (
                line.status is Status.EVALUATED and basename(path) in ("Chart.yaml", "values.yaml")
            ):
                self._set(path, Status.PARTIAL, reason)

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the lines."""
        return tuple(self._lines[path] for path in sorted(self._lines))

    def reading(self, resources: UnitResources | None, diagnostics: Iterable[Diagnostic]) -> Reading:
        """Close the ledger of a chart that is read once."""
        return Reading(resources, self.coverage(), tuple(diagnostics))

    def _set(self, path: str, status: Status, reason: str) -> None:
        line = self._lines.get(path)
        if line is not None and _RANK[status] >= _RANK[line.status]:
            self._lines[path] = Coverage(path, _KIND, status, reason)


def combine(parts: Sequence[UnitResources], environment: str = DEFAULT_ENVIRONMENT) -> UnitResources | None:
    """Put the resources of several texts together; None when there are none."""
    if not parts:
        return None
    whole = UnitResources(
        Format.KUBERNETES,
        tuple(workload for part in parts for workload in part.workloads),
        (),
        tuple(document for part in parts for document in part.documents),
        all(part.certain for part in parts),
        cluster=merged(part.cluster for part in parts),
        operated=tuple(ref for part in parts for ref in part.operated),
        untyped=tuple(ref for part in parts for ref in part.untyped),
        credentials=tuple(one for part in parts for one in part.credentials),
    )
    return in_environment(whole, environment)
