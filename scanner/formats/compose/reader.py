"""A Compose project in one environment, read from its files to resources."""

from __future__ import annotations

from scanner.formats.base import Files, Reading
from scanner.formats.compose.definitions import read_networks, read_stored, resolve_bound_volumes
from scanner.formats.compose.dotenv import EnvText
from scanner.formats.compose.fields import FactReader
from scanner.formats.compose.interpolation import Variables
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.loading import ProjectLoader
from scanner.formats.compose.projects import ComposeUnit
from scanner.formats.compose.services import ServiceReader
from scanner.formats.compose.tree import Entry
from scanner.model.report import Diagnostic
from scanner.model.resources import Format, UnitResources, Workload


class _EnvFiles:
    """The env files of the project, each read once."""

    def __init__(self, files: Files, loader: ProjectLoader) -> None:
        self._files = files
        self._loader = loader

    def exists(self, path: str) -> bool:
        return self._files.exists(path)

    def env_text(
        self, path: str, known: Variables, *, raw: bool, asked: Entry | None = None
    ) -> EnvText | None:
        return self._loader.env_text(path, known, raw=raw, asked=asked)


def read_compose(unit: ComposeUnit, files: Files) -> Reading:
    """Read a project as `docker compose up` would run it, with all of its profiles.

    Never raises ScannerError: trouble is in the diagnostics, and the coverage has a
    line for each file that the project is made of.
    """
    ledger = Ledger()
    loader = ProjectLoader(files, ledger)
    project = loader.load(unit.files, unit.directory, unit.env_files)
    facts = FactReader()
    reader = ServiceReader(facts, _EnvFiles(files, loader), ledger)
    workloads: list[Workload] = []
    for section, kind in (("services", "service"), ("jobs", "job")):
        for name, entry in facts.mapping(project.tree, section).entries.items():
            workload = reader.read(kind, name, entry, project.gaps.get(name))
            if workload is not None:
                workloads.append(workload)
    resources = UnitResources(
        Format.COMPOSE,
        resolve_bound_volumes(tuple(workloads), project.tree, facts),
        environment=unit.environment,
        networks=read_networks(project.tree, facts),
        stored=read_stored(project.tree, facts),
        certain=facts.certain,
        invalid=project.invalid,
    )
    ledger.diagnostics += facts.diagnostics
    coverage = ledger.coverage()
    return Reading(resources, coverage, _once(ledger))


def _once(ledger: Ledger) -> tuple[Diagnostic, ...]:
    return tuple(dict.fromkeys(ledger.diagnostics))
