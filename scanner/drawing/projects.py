"""What is deployed together, by a name that people know: a Compose project, a chart, a folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from scanner.model.graph import Graph, GraphUnit
from scanner.model.resources import Format

_FOLDERS = frozenset(("helm", "kustomize"))
"""The tools for which a folder is a project."""


class Projects:
    """Names the project of each unit of a graph. Plain manifests of one folder are one project, and
    so are folders that refer to each other."""

    def __init__(self, graph: Graph) -> None:
        self._homes: dict[str, str] = {}
        owners = _folders_of_resources(graph)
        for link in graph.links:
            source, target = owners.get(link.source), owners.get(link.target)
            if source is not None and target is not None and source != target and link.sure:
                self._unite(source, target)
        self._names: dict[str, str] = {}
        for folder in sorted(self._homes):
            home = self._home(folder)
            known = self._names.get(home)
            self._names[home] = folder if known is None else _common(known, folder)

    def of(self, unit: GraphUnit) -> str:
        """Return the name of the project that a unit belongs to."""
        if unit.tool in _FOLDERS:
            return _folder(unit.path) or unit.path
        if not _is_plain(unit):
            return unit.path
        folder = _folder(unit.path)
        return self._names.get(self._home(folder), folder)

    def _home(self, folder: str) -> str:
        while (above := self._homes.get(folder, folder)) != folder:
            folder = above
        return folder

    def _unite(self, one: str, other: str) -> None:
        for folder in (one, other):
            self._homes.setdefault(folder, folder)
        first, second = sorted((self._home(one), self._home(other)))
        self._homes[second] = first


def _folders_of_resources(graph: Graph) -> dict[object, str]:
    found: dict[object, str] = {}
    for unit in graph.units:
        if _is_plain(unit):
            folder = _folder(unit.path)
            cluster = unit.resources.cluster
            held = (unit.resources.workloads, cluster.services, cluster.ingresses, cluster.network_policies)
            found.update((resource, folder) for resources in held for resource in resources)
    return found


def _is_plain(unit: GraphUnit) -> bool:
    return unit.resources.format is Format.KUBERNETES and unit.tool == "kubernetes"


def _folder(path: str) -> str:
    parent = PurePosixPath(path).parent.as_posix()
    return "" if parent == "." else parent


def _common(one: str, other: str) -> str:
    parts = []
    for left, right in zip(PurePosixPath(one).parts, PurePosixPath(other).parts, strict=False):
        if left != right:
            break
        parts.append(left)
    return "/".join(parts)
