"""The files that kustomizations are built from, each read once, and what became of them."""

from __future__ import annotations

from typing import NamedTuple

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.kubernetes.objects import repeated_keys
from scanner.formats.kustomize.kustomization import (
    NAMES,
    Kustomization,
    Reference,
    is_remote,
    read_kustomization,
)
from scanner.formats.kustomize.nodes import claim, origin_of
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.parsing.yaml import Node, ScalarNode, YamlDocument, YamlFile, parse_yaml

_RANKS = {Status.EVALUATED: 0, Status.PARTIAL: 1, Status.FAILED: 2}


class Manifest(NamedTuple):
    """A file of objects or of patches."""

    path: str
    file: YamlFile
    documents: tuple[YamlDocument, ...]


class Workspace:
    """Reads files for all environments of one scan, and keeps their ledger."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.diagnostics: list[Diagnostic] = []
        self._manifests: dict[str, Manifest] = {}
        self._kustomizations: dict[str, Kustomization | None] = {}
        self._kinds: dict[str, str] = {}
        self._marks: dict[str, tuple[Status, str]] = {}
        self._broken: dict[str, ScannerError] = {}

    @property
    def used(self) -> frozenset[str]:
        """The files that kustomizations use, and that are not to be read once more."""
        return frozenset(self._kinds)

    def use(self, path: str, kind: str) -> None:
        """Note what a file was used for."""
        self._kinds.setdefault(path, kind)

    def mark(self, path: str, status: Status, reason: str) -> None:
        """Note that a file was not read whole; the worst counts."""
        self._kinds.setdefault(path, "kustomize")
        known = self._marks.get(path)
        if known is None or _RANKS[status] > _RANKS[known[0]]:
            self._marks[path] = (status, reason)

    def line(self, path: str) -> Coverage:
        """Return a file's line of the ledger as it stands now."""
        status, reason = self._marks.get(path, (Status.EVALUATED, None))
        return Coverage(path, self._kinds.get(path, "kustomize"), status, reason)

    def report(self, error: ScannerError, path: str) -> None:
        """Note trouble that leaves the file where it stands read in part."""
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        where = error.path or path
        self.diagnostics.append(Diagnostic(where, error.line, error.column, "error", message))
        place = "" if error.line is None else f"line {error.line}: "
        self.mark(where, Status.PARTIAL, place + error.message)

    def gap(self, place: Node | None, path: str, message: str) -> None:
        """Note what cannot be known or is not done, at a place or for a file."""
        line = column = None
        origin = None if place is None else origin_of(place)
        if origin is not None:
            path, span = origin.locate(place)
            line, column = span.line, span.column
        self.diagnostics.append(Diagnostic(path, line, column, "warning", message))
        self.mark(path, Status.PARTIAL, message)

    def manifest(self, path: str, kind: str) -> Manifest:
        """Return the documents of a file, and note its use. Raises InputError."""
        self.use(path, kind)
        known = self._manifests.get(path)
        if known is None:
            try:
                file = parse_yaml(self.files.text(path), path)
            except ScannerError as error:
                self.mark(path, Status.FAILED, error.message)
                raise
            for _, root in file.documents:
                if root is not None:
                    claim(root, file.source)
            for broken in file.errors:
                self.report(broken, path)
            if file.errors and not file.documents:
                self.mark(path, Status.FAILED, file.errors[0].message)
            self.diagnostics += repeated_keys(file)
            known = self._manifests[path] = Manifest(path, file, file.documents)
        return known

    def kustomization(self, folder: str) -> Kustomization | None:
        """Return the kustomization of a folder; None when there is none that can be read."""
        if folder not in self._kustomizations:
            self._kustomizations[folder] = self._read(folder)
        return self._kustomizations[folder]

    def _read(self, folder: str) -> Kustomization | None:
        path = self.kustomization_file(folder)
        if path is None:
            return None
        try:
            file = parse_yaml(self.files.text(path), path)
            found = read_kustomization(file, path)
        except ScannerError as error:
            self.report(error, path)
            self.mark(path, Status.FAILED, error.message)
            return None
        if found is not None:
            self.use(path, "kustomize")
            self.diagnostics += repeated_keys(file)
        return found

    def mark_unread(self, path: str) -> None:
        """Note why a file that was found is none that can be read: a pipe, or gone meanwhile."""
        try:
            self.files.text(path)
        except ScannerError as error:
            self.report(error, path)
            self.mark(path, Status.FAILED, error.message)
        else:
            self.mark(path, Status.FAILED, "the file changed during the scan")

    def kustomization_file(self, folder: str) -> str | None:
        """Return the path of a folder's kustomization file."""
        for name in NAMES:
            path = f"{folder}/{name}" if folder else name
            if self.files.exists(path):
                return path
        return None

    def resolve(self, owner: Kustomization, place: ScalarNode, *, only_folder: bool = False) -> Reference:
        """Tell what a path in a kustomization means."""
        text = place.value.strip()
        path = owner.join(text)
        if path is None:
            return Reference("remote" if is_remote(text) else "outside", text, place)
        if not only_folder and path and self.files.exists(path):
            return Reference("file", path, place)
        if self.kustomization_file(path) is not None:
            return Reference("folder", path, place)
        return Reference("remote", text, place) if is_remote(text) else Reference("missing", path, place)
