"""A Compose project in one environment, read from its files to resources."""

from __future__ import annotations

from scanner.formats.base import Files, Reading
from scanner.formats.compose.claims import with_claims
from scanner.formats.compose.credentials import read_credentials
from scanner.formats.compose.definitions import (
    is_committed,
    read_networks,
    read_stored,
    resolve_bound_volumes,
)
from scanner.formats.compose.dotenv import EnvText
from scanner.formats.compose.environment import read_env_text
from scanner.formats.compose.environments import lineage_of
from scanner.formats.compose.fields import FactReader
from scanner.formats.compose.interpolation import Variables
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.loading import ProjectLoader
from scanner.formats.compose.projects import ComposeUnit
from scanner.formats.compose.removed import read_removed
from scanner.formats.compose.services import ServiceReader
from scanner.formats.compose.tree import Entry
from scanner.formats.environments import in_environment
from scanner.model.report import Diagnostic
from scanner.model.resources import EnvFile, Format, ResourceRef, UnitResources, Workload
from scanner.model.source import Located, Span, SpanSource


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
    stored = read_stored(project.tree, facts, files)
    env_files = _read_env_files(project.env_texts, workloads, files, facts)
    claimed = resolve_bound_volumes(with_claims(tuple(workloads)), project.tree, facts)
    networks = read_networks(project.tree, facts)
    resources = UnitResources(
        Format.COMPOSE,
        claimed,
        networks=networks,
        stored=stored,
        invalid=project.invalid,
        files=project.files,
        env_files=env_files,
        certain=facts.certain,
        removed=read_removed(project.tree),
        credentials=read_credentials(project.tree),
        private=(*project.defaults, *_private_variables(project.env_texts, files)),
    )
    resources = in_environment(resources, unit.environment)
    ledger.diagnostics += facts.diagnostics
    coverage = ledger.coverage()
    return Reading(resources, coverage, _once(ledger), lineage=lineage_of(unit))


def _read_env_files(
    texts: dict[str, EnvText], workloads: list[Workload], files: Files, facts: FactReader
) -> tuple[EnvFile, ...]:
    named = [path.value for workload in workloads for path in workload.env_files]
    paths = [*texts, *(path for path in named if isinstance(path, str))]
    return tuple(
        EnvFile(
            ResourceRef("env file", path),
            Located(path, Span(1, 1, 1, 1), SpanSource(path)),
            tuple(read_env_text(texts[path], facts)) if path in texts else (),
        )
        for path in dict.fromkeys(paths)
        if is_committed(path, files)
    )


def _private_variables(texts: dict[str, EnvText], files: Files) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, variable.value)
        for path, text in texts.items()
        if not is_committed(path, files)
        for name, variable in text.variables().items()
    )


def _once(ledger: Ledger) -> tuple[Diagnostic, ...]:
    return tuple(dict.fromkeys(ledger.diagnostics))
