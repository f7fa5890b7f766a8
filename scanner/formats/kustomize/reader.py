"""Kustomizations as units: one environment for each that no other one uses."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence

from scanner.errors import ScannerError
from scanner.formats.base import Files, Reading, broken_reading
from scanner.formats.environments import Environments, in_environment, left_out
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kubernetes.objects import read_nodes
from scanner.formats.kustomize.builder import Builder
from scanner.formats.kustomize.exposure import expose
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.kustomization import Kustomization, is_path
from scanner.formats.kustomize.nodes import BuiltSource
from scanner.formats.kustomize.overrides import with_overridden
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.environments import Lineage
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Format, UnitResources
from scanner.parsing.yaml import YamlDocument

_PLUGINS = ("generators", "transformers", "validators")


class Kustomizations:
    """The kustomizations of a tree.

    `foreign` are files that are named like one and hold an object of another kind.
    After all readings, `used` are the files that they account for: manifests, patches,
    and what is generated from.
    """

    def __init__(
        self,
        paths: Sequence[str],
        files: Files,
        helm: HelmSettings,
        environments: Environments | None = None,
    ) -> None:
        self._helm = helm
        self._environments = environments or Environments()
        self._workspace = Workspace(files)
        self._all: dict[str, Kustomization] = {}
        foreign = []
        self._broken: list[Reading] = []
        for path in sorted(paths):
            try:
                if self._is_foreign(path):
                    foreign.append(path)
            except Exception as error:
                self._broken.append(broken_reading(path, error))
        self.foreign = tuple(foreign)
        self._below = {folder: self._references(found) for folder, found in self._all.items()}

    def _is_foreign(self, path: str) -> bool:
        """Take in a kustomization; return whether the file holds an object of another kind."""
        folder = posixpath.dirname(path)
        found = self._workspace.kustomization(folder)
        chosen = self._workspace.kustomization_file(folder)
        if chosen is None:
            self._workspace.mark_unread(path)
        elif chosen != path:
            self._workspace.mark(path, Status.FAILED, "its folder has another kustomization file")
        elif found is not None:
            self._all[folder] = found
        else:
            return path not in self._workspace.used
        return False

    @property
    def used(self) -> frozenset[str]:
        """Files that need no reading of their own."""
        return self._workspace.used

    def readings(self) -> Iterator[Reading]:
        """Yield a reading for each environment, then one with the rest of the ledger.

        What is not asked for is built all the same: its files are no manifests of their own.
        """
        yield from self._broken
        written: set[str] = set()
        names = self.environments()
        chosen = self._chosen(names)
        for folder in chosen:
            yield self._guarded(self._all[folder], names[folder], written)
        for folder in names.keys() - chosen:
            left = self._guarded(self._all[folder], names[folder], written)
            why = left_out(names[folder])
            lines = (line._replace(status=Status.IGNORED, reason=why) for line in left.coverage)
            yield Reading(None, tuple(lines), bugs=left.bugs)
        if self._environments.bases:
            yield from self._bases(chosen)
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
        declared = {
            folder: one.name
            for one in self._environments.declared
            for folder in one.kustomize
            if folder in self._all
        }
        roots += [folder for folder in declared if folder not in roots]
        counted = Counter(posixpath.basename(folder) for folder in roots)
        names = {}
        for folder in sorted(roots):
            name = posixpath.basename(folder) or "default"
            name = name if counted[posixpath.basename(folder)] == 1 else folder
            names[folder] = declared.get(folder, name)
        return names

    def _chosen(self, names: dict[str, str]) -> list[str]:
        """The folders to judge. Overlays of one base are environments of one project, as are those
        that lie side by side; what is built on nothing and has no such neighbour that is asked
        for is no environment."""
        sharing: dict[str, set[str]] = {}
        below = {folder: self._layers_below(folder) for folder in names}
        beside = {folder: posixpath.dirname(folder) + "/" for folder in names}
        for folder, layers in below.items():
            for layer in (*layers, beside[folder]):
                sharing.setdefault(layer, set()).add(names[folder])
        found = []
        for folder, name in names.items():
            project = {name}.union(*(sharing[layer] for layer in (*below[folder], beside[folder])))
            chosen = self._environments.chosen(project)
            if name in chosen or not (below[folder] or chosen):
                found.append(folder)
        return found

    def _layers_below(self, folder: str) -> list[str]:
        """The kustomizations that one is built on, the nearest first, without components."""
        found: dict[str, None] = {}
        pending = list(self._below.get(folder, ()))
        for below in pending:
            known = self._all.get(below)
            if below not in found and below != folder and known is not None and not known.is_component:
                found[below] = None
                pending += self._below.get(below, ())
        return list(found)

    def _lineage(self, folder: str) -> Lineage:
        return Lineage(_layer(folder), tuple(map(_layer, self._layers_below(folder))))

    def _bases(self, chosen: Sequence[str]) -> Iterator[Reading]:
        """What the environments are built on, as it stands there; its files are in the ledger already."""
        workspace = Workspace(self._workspace.files)
        needed = {below: None for folder in chosen for below in self._layers_below(folder)}
        for folder in needed:
            if folder not in chosen:
                path = self._all[folder].path
                try:
                    built = Builder(workspace, self._helm).build(self._all[folder])
                    documents = [YamlDocument(resource.number, resource.root) for resource in built]
                    resources, _ = read_nodes(documents, BuiltSource(path))
                except Exception as error:
                    yield broken_reading(path, error)
                    continue
                line = Coverage(path, "kustomize", Status.EVALUATED)
                yield Reading(resources, (line,), lineage=self._lineage(folder), context=True)

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
            plugins = [place for place in owner.paths(*_PLUGINS) if is_path(place.value)]
            found += [self._workspace.resolve(owner, place) for place in plugins]
        except ScannerError:
            return []  # told when it is built
        except Exception as error:
            self._broken.append(broken_reading(owner.path, error))
            return []
        return [one.path for one in found if one.kind == "folder" and one.path != owner.folder]

    def _guarded(self, root: Kustomization, name: str, written: set[str]) -> Reading:
        """Read an environment; a bug that it brings to light costs no other one."""
        try:
            return self._read_environment(root, name, written)
        except Exception as error:
            return broken_reading(root.path, error)

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
        source = BuiltSource(root.path)
        resources, diagnostics = read_nodes(documents, source)
        resources = with_overridden(resources, built, source)
        for found in diagnostics:
            if found.severity == "error" and found.path is not None:
                workspace.mark(found.path, Status.PARTIAL, f"line {found.line}: {found.message}")
        workspace.diagnostics += diagnostics
        resources = expose(
            in_environment(resources, name), builder.used.values(), workspace, builder.generators
        )
        paths = [root.path, *sorted(path for path in workspace.used - before if path != root.path)]
        lines = tuple(
            line
            for path in paths
            if (path not in written and (line := workspace.line(path)).kind == "kubernetes")
            or path == root.path
        )
        written.update(line.path for line in lines)
        return Reading(resources, lines, self._take_diagnostics(), lineage=self._lineage(root.folder))

    def _take_diagnostics(self) -> tuple[Diagnostic, ...]:
        found = tuple(dict.fromkeys(self._workspace.diagnostics))
        self._workspace.diagnostics.clear()
        return found


def _layer(folder: str) -> str:
    return f"kustomize:{folder}"


def objects_of(folder: str, files: Files, helm: HelmSettings | None = None) -> list[Resource]:
    """Build the kustomization of one folder, without a ledger (for comparisons)."""
    workspace = Workspace(files)
    found = workspace.kustomization(folder)
    return [] if found is None else Builder(workspace, helm or HelmSettings()).build(found)
