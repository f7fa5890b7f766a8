"""Whole scans of mutated projects, in every format: what must hold of each of them."""

from __future__ import annotations

import os
import re
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from scanner.cli.scan import exit_code
from scanner.drawing.drawing import draw
from scanner.drawing.texts import as_json
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Report
from scanner.model.rule import Severity
from scanner.pipeline import Settings, catalog_of, engine_of, scan, whole_graph
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter, reporter_names
from scanner.secrets.concealing import Concealing
from tests.fuzz.fact_types import mistyped_of_tree
from tests.fuzz.projects import Mutant

VICTIM = {
    "compose.yaml": "services:\n  v: {image: 'victim:1', privileged: true, network_mode: host}\n",
    "k.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: victim}\nspec:\n  hostPID: true\n  containers:\n"
    "  - {name: v, image: 'victim:1', securityContext: {privileged: true, runAsUser: 0}}\n",
    "Dockerfile": "FROM victim\nRUN curl https://x.example.com | sh\nUSER root\n",
}
"""Files that nobody touches; what is found in them by themselves must be found beside any other."""

_OPTIONS: dict[str, object] = {
    "allow_partial": False,
    "allow_empty": False,
    "report_only": False,
    "exit_zero": False,
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FRAME = re.compile(r'File ".*?/(scanner/[^"]+)", line (\d+), in (\S+)')

Spotted = tuple[str, int, str]


class Failure(NamedTuple):
    """What went wrong with some mutants: `cause` is the same for all that have one root."""

    cause: str
    detail: str
    mutants: tuple[Mutant, ...]


class WholeScans:
    """Scans mutants, several in one tree, with all rules; these are compiled once."""

    def __init__(self, *, charts: bool = False) -> None:
        helm = HelmSettings() if charts else HelmSettings(engine="none")
        self._settings = Settings(selection=Selection(profile="all"), helm=helm, today="2030-01-01")
        self._catalog = catalog_of(self._settings)
        with _tree({}) as root:
            self._engine = engine_of(replace(self._settings, paths=(root,)), self._catalog)
        self._related = {rule.id for rule in self._engine.graph_rules.values()}
        self._reporters = [load_reporter(name) for name in reporter_names()]
        with _tree({f"victim/{path}": text for path, text in VICTIM.items()}) as root:
            self._wanted = self._of_victim(self._scan(root))
        assert {path for path, _, _ in self._wanted} == {f"victim/{path}" for path in VICTIM}

    def failures(
        self, mutants: Sequence[Mutant], *, rendered: bool = True, types: bool = False
    ) -> list[Failure]:
        """Scan mutants beside the victim; return what went wrong, for as few mutants as show it.

        The report is `rendered` in every format; with `types` facts are held against their fields, and
        the graph is drawn.
        """
        problem = self._problem(mutants, rendered, types)
        if problem is None:
            return []
        found = []
        for one in mutants if len(mutants) > 1 else ():
            alone = self._problem((one,), rendered, types)
            if alone is not None:
                found.append(Failure(*alone, (one,)))
        return found or [Failure(*problem, tuple(mutants))]

    def _problem(self, mutants: Sequence[Mutant], rendered: bool, types: bool) -> tuple[str, str] | None:
        files = {f"victim/{path}": text for path, text in VICTIM.items()}
        for number, one in enumerate(mutants):
            files.update({f"p{number:03}/{path}": text for path, text in one.files.items()})
        with _tree(files) as root:
            settings = replace(self._settings, paths=(root,))
            try:
                report = self._scan(root)
                problem = self._look_at(report, rendered)
                if problem is not None:
                    return problem
                if types:
                    graph = whole_graph(settings)
                    as_json(draw(graph, Concealing(graph)))
                    for one in mistyped_of_tree(settings):
                        return f"mistyped {one.field}: {one.found.partition(':')[0]}", str(one)
            except Exception as error:
                return cause_of(error), traceback.format_exc()
            if not mutants or "internal error" not in _everything(report):
                return None
            with _debugging():
                try:
                    self._scan(root)
                except Exception as error:
                    return cause_of(error), traceback.format_exc()
        told = next(one.message for one in report.diagnostics if "internal error" in one.message)
        return told[:200], told

    def _scan(self, root: Path) -> Report:
        return scan(replace(self._settings, paths=(root,)), self._catalog, self._engine)

    def _look_at(self, report: Report, rendered: bool) -> tuple[str, str] | None:
        code = exit_code(report, _OPTIONS, Severity.HIGH)
        if code not in (0, 1, 2):
            return f"exit code {code}", ""
        lost = self._wanted - self._of_victim(report)
        if lost:
            return "findings of an untouched file are lost", repr(sorted(lost))
        for reporter in self._reporters if rendered else ():
            text = reporter.render(report, RenderOptions(workflow_commands=True, verbose=True))
            control = _CONTROL.search(text)
            if control is not None:
                around = text[max(control.start() - 80, 0) : control.end() + 20]
                return f"a control character in {reporter.name}", repr(around)
            if "Traceback (most" in text:
                return f"a traceback in {reporter.name}", text
        return None

    def _of_victim(self, report: Report) -> set[Spotted]:
        return {
            (found.location.path, found.location.span.line, found.rule)
            for found in report.findings
            if found.location.path.startswith("victim/") and found.rule not in self._related
        }


def cause_of(error: BaseException) -> str:
    """Return what exceptions of one root have in common: the type, and the innermost frame of ours."""
    frames = _FRAME.findall("".join(traceback.format_exception(error)))
    place = "{}:{} {}".format(*frames[-1]) if frames else "?"
    return f"{type(error).__name__} at {place}"


def _everything(report: Report) -> str:
    return "\n".join(one.message for one in report.diagnostics)


@contextmanager
def _tree(files: Mapping[str, str]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        root = Path(name)
        for path, text in files.items():
            full = root / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield root


@contextmanager
def _debugging() -> Iterator[None]:
    """Let bugs through that the scan tells in its report."""
    os.environ["HULLCHECK_DEBUG"] = "1"
    try:
        yield
    finally:
        del os.environ["HULLCHECK_DEBUG"]
