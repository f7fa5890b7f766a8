"""Kustomizations as units: one environment for each that no other one uses."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scanner.errors import ScannerError
from scanner.formats.base import Files, Reading
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kubernetes.objects import read_nodes
from scanner.formats.kustomize.builder import Builder
from scanner.formats.kustomize.exposure import expose
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import BuiltSource
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.report import Diagnostic, Status
from scanner.model.resources import Format, UnitResources
from scanner.parsing.yaml import YamlDocument


class Kustomizations:
    """The kustomizations of a tree.

    `foreign` are files that are named like one and hold an object of another kind.
    After all readings, `used` are the files that they account for: manifests, patches,
    and what is generated from.
    """

    def __init__(self, paths: Sequence[str], files: Files, helm: HelmSettings) -> None:
        self._helm = helm
        self._workspace = Workspace(files)
        self._all: dict[str, Kustomization] = {}
        foreign = []
        for path in sorted(paths):
            folder = posixpath.dirname(path)
            found = self._workspace.kustomization(folder)
            if self._workspace.kustomization_file(folder) != path:
                self._workspace.mark(path, Status.FAILED, "its folder has another kustomization file")
            elif found is not None:
                self._all[folder] = found
            elif path not in self._workspace.used:
                foreign.append(path)
        self.foreign = tuple(foreign)
        self._below = {folder: self._references(found) for folder, found in self._all.items()}

    @property
    def used(self) -> frozenset[str]:
        """Files that need no reading of their own."""
        return self._workspace.used

    def readings(self) -> Iterator[Reading]:
        """Yield a reading for each environment, then one with the rest of the ledger."""
        written: set[str] = set()
        names = self.environments()
        for folder, name in names.items():
            yield self._read_environment(self._all[folder], name, written)
        loose = [found for folder, found in self._all.items() if folder not in self._reach(names)]
        for found in loose:
            reason = "a component that no kustomization uses: there is nothing to apply it to"
            self._workspace.mark(found.path, Status.PARTIAL, reason)
        rest = tuple(self._workspace.line(path) for path in sorted(self.used - written))
        resources = expose(UnitResources(Format.KUBERNETES), loose, self._workspace) if loose else None
        yield Reading(resources, rest, self._take_diagnostics())

    def environments(self) -> dict[str, str]:
        """Return the folders that are built, each with the name of its environment."""
        used = {below for found in self._below.values() for below in found}
        roots = [
            folder for folder, found in self._all.items() if folder not in used and not found.is_component
        ]
        loose = [folder for folder, found in self._all.items() if folder not in used and found.is_component]
        seen = self._reach((*roots, *loose))
        for folder, found in self._all.items():  # what only a circle uses
            if folder not in seen and not found.is_component:
                roots.append(folder)
                seen |= self._reach((folder,))
        counted = Counter(posixpath.basename(folder) for folder in roots)
        names = {}
        for folder in sorted(roots):
            name = posixpath.basename(folder) or "default"
            names[folder] = name if counted[posixpath.basename(folder)] == 1 else folder
        return names

    def _reach(self, folders: Sequence[str] | dict[str, str]) -> set[str]:
        seen: set[str] = set()
        pending = list(folders)
        while pending:
            folder = pending.pop()
            if folder not in seen:
                seen.add(folder)
                pending += self._below.get(folder, ())
        return seen

    def _references(self, owner: Kustomization) -> list[str]:
        try:
            places = list(owner.paths("resources", "bases"))
            found = [self._workspace.resolve(owner, place) for place in places]
            found += [
                self._workspace.resolve(owner, place, only_folder=True) for place in owner.paths("components")
            ]
        except ScannerError:
            return []  # told when it is built
        return [one.path for one in found if one.kind == "folder" and one.path != owner.folder]

    def _read_environment(self, root: Kustomization, name: str, written: set[str]) -> Reading:
        workspace = self._workspace
        before = workspace.used
        builder = Builder(workspace, self._helm)
        built = builder.build(root)
        for used in builder.used.values():
            line = workspace.line(used.path)
            if used is not root and line.status is not Status.EVALUATED:
                workspace.mark(root.path, Status.PARTIAL, f"{used.path}: {line.reason}")
        documents = [YamlDocument(resource.number, resource.root) for resource in built]
        resources, diagnostics = read_nodes(documents, BuiltSource(root.path))
        for found in diagnostics:
            if found.severity == "error" and found.path is not None:
                workspace.mark(found.path, Status.PARTIAL, f"line {found.line}: {found.message}")
        workspace.diagnostics += diagnostics
        resources = expose(replace(resources, environment=name), builder.used.values(), workspace)
        paths = [root.path, *sorted(path for path in workspace.used - before if path != root.path)]
        lines = tuple(
            line
            for path in paths
            if (path not in written and (line := workspace.line(path)).kind == "kubernetes")
            or path == root.path
        )
        written.update(line.path for line in lines)
        return Reading(resources, lines, self._take_diagnostics())

    def _take_diagnostics(self) -> tuple[Diagnostic, ...]:
        found = tuple(dict.fromkeys(self._workspace.diagnostics))
        self._workspace.diagnostics.clear()
        return found


def objects_of(folder: str, files: Files, helm: HelmSettings | None = None) -> list[Resource]:
    """Build the kustomization of one folder, without a ledger (for comparisons)."""
    workspace = Workspace(files)
    found = workspace.kustomization(folder)
    return [] if found is None else Builder(workspace, helm or HelmSettings()).build(found)
