"""Which Compose projects are read in which environments, and which only for those built on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner.formats.base import Files
from scanner.formats.compose.paths import folder_of, join
from scanner.formats.compose.projects import DEFAULT, ComposeUnit
from scanner.formats.environments import Environments
from scanner.model.environments import Lineage


class Deployment(NamedTuple):
    """A project in an environment. A `context` is read for those that are built on it; what is not
    `wanted` is not read at all."""

    unit: ComposeUnit
    context: bool = False
    wanted: bool = True


def lineage_of(unit: ComposeUnit) -> Lineage:
    """Return where a project stands: it is built on each beginning of its list of files."""
    files = unit.files
    below = (files[:end] for end in range(len(files) - 1, 0, -1))
    return Lineage(_layer(files), tuple(map(_layer, below)))


def _layer(files: Sequence[str]) -> str:
    return "compose:" + "+".join(files)


def deployments(
    units: Iterable[ComposeUnit], environments: Environments, files: Files
) -> Iterator[Deployment]:
    """Yield what is to become of each project and environment, and the bases that are needed."""
    settled = _with_declared(list(units), environments, files)
    read = set()
    bases: dict[tuple[str, ...], ComposeUnit] = {}
    for project in _projects(settled):
        chosen = environments.chosen(unit.environment for unit in project)
        for unit in project:
            if unit.environment in chosen:
                read.add(unit.files)
                for end in range(1, len(unit.files)):
                    below = ComposeUnit(unit.directory, unit.files[:end], DEFAULT, unit.env_files)
                    bases.setdefault(below.files, below)
                yield Deployment(unit)
            else:
                yield Deployment(unit, wanted=False)
    if environments.bases:
        for names, base in bases.items():
            if names not in read:
                yield Deployment(base, context=True)


def _projects(units: Iterable[ComposeUnit]) -> list[list[ComposeUnit]]:
    """Those that begin with the same file are environments of one project."""
    projects: dict[str, list[ComposeUnit]] = {}
    for unit in units:
        projects.setdefault(unit.files[0], []).append(unit)
    return list(projects.values())


def _with_declared(units: list[ComposeUnit], environments: Environments, files: Files) -> list[ComposeUnit]:
    """The projects as the configuration has them, with those that it does not speak of."""
    declared = []
    for environment in environments.declared:
        for paths in environment.compose:
            folder = folder_of(paths[0])
            env_files = tuple(path for path in (join(folder, ".env"),) if files.exists(path))
            declared.append(ComposeUnit(folder, paths, environment.name, env_files))
    if not declared:
        return units
    whole = {unit.files for unit in declared}
    laid_over = {path for unit in declared for path in unit.files[1:]}
    kept = [unit for unit in units if unit.files not in whole and unit.files[-1] not in laid_over]
    return [*kept, *declared]
