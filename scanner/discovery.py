"""Which files to read: walks the scanned paths and recognises inputs by name and content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import InputError
from scanner.files.border import Border
from scanner.files.named import real_path
from scanner.ignoring import Excludes, IgnoreRules
from scanner.model.report import Coverage, Diagnostic, Status


@dataclass(frozen=True, slots=True)
class Inventory:
    """What stands under the scanned paths, all relative to `root` with `/` between parts.

    `documents` are YAML and JSON files whose content has yet to say what they are.
    `charts` are folders. `files` lists everything that is not left out, `explicit` what
    the user named himself. `special` are those of the files that are links, pipes and the like.
    """

    root: Path
    dockerfiles: tuple[str, ...] = ()
    compose: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    kustomizations: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    explicit: frozenset[str] = frozenset()
    coverage: tuple[Coverage, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    bake: tuple[str, ...] = ()
    special: frozenset[str] = frozenset()


DOCKERFILE_NAME = re.compile(
    r"(?:(?:docker|container)file(?:[.-].+)?|.+\.(?:docker|container)file)", re.IGNORECASE
)
_EXACT_DOCKERFILE = re.compile(r"(?:docker|container)file", re.IGNORECASE)
_NOT_DOCKERFILE = re.compile(
    r".*\.(?:dockerignore|containerignore|md|rst|txt|py|js|ts|go|rb|java|ya?ml|json|toml|lock|sh|html|bak|orig|rej|swp)",
    re.IGNORECASE,
)
COMPOSE_NAME = re.compile(r"(?:docker-)?compose(?:[.-].+)?\.ya?ml", re.IGNORECASE)
BAKE_NAME = re.compile(
    r"(?:(?:docker-)?bake(?:[.-].+)?|.+[.-]bake)\.hcl|(?:docker-bake(?:[.-].+)?|.+\.docker-bake)\.json",
    re.IGNORECASE,
)
KUSTOMIZATION_NAMES = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
_FROM = re.compile(rb"^[ \t]*(?:FROM|ARG)[ \t]+\S", re.IGNORECASE | re.MULTILINE)
_CHART_OWNS = re.compile(
    r"(?:templates|crds|charts|ci)/.*|(?:Chart|requirements)\.(?:ya?ml|lock)|values[^/]*\.(?:ya?ml|json)"
)
_SNIFFED = 64 * 1024


def discover(paths: Sequence[Path], excludes: Sequence[Excludes] = ()) -> Inventory:
    """Find the inputs under the given paths.

    Folders are walked: git-ignored and excluded entries are left out, symbolic links
    are not followed. Files that are named themselves are always read. Raises
    InputError when a path does not exist.
    """
    for path in paths:
        if not os.path.exists(path):
            raise InputError("no such file or folder", path=str(path))
    root = _common_root(paths)
    walk = _Walk(root, excludes)
    for path in paths:
        if os.path.isdir(path):
            walk.folder(real_path(path))
        else:
            walk.named(path)
    return walk.inventory()


def _common_root(paths: Sequence[Path]) -> Path:
    """The only folder given; else the working folder when it holds all; else what they share."""
    resolved = [real_path(path) for path in paths]
    if len(resolved) == 1 and os.path.isdir(resolved[0]):
        return resolved[0]
    try:
        here = real_path("")
    except InputError:  # it was deleted: then nothing stands in it
        here = None
    if here is not None and all(path.is_relative_to(here) for path in resolved):
        return here
    if len(resolved) == 1:
        return resolved[0].parent
    shared = Path(os.path.commonpath(resolved))
    return shared if os.path.isdir(shared) else shared.parent


class _Walk:
    def __init__(self, root: Path, excludes: Sequence[Excludes]) -> None:
        self._root = root
        self._start = len(str(root).rstrip(os.sep)) + 1
        self._border = Border(str(root))
        self._ignore = IgnoreRules(root, excludes)
        self._found: dict[str, list[str]] = {
            kind: [] for kind in ("dockerfile", "compose", "document", "kustomization", "bake")
        }
        self._files: dict[str, None] = {}
        self._explicit: set[str] = set()
        self._charts: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._special: set[str] = set()
        self._coverage: list[Coverage] = []
        self._diagnostics: list[Diagnostic] = []

    def named(self, path: Path) -> None:
        """Take a file that the user named himself."""
        full = str(real_path(path))
        relative = self._relative(full)
        self._explicit.add(relative)
        if not os.path.isfile(full):
            self._special.add(relative)
        self._take(relative, path.name)

    def folder(self, folder: Path) -> None:
        """Take everything below a folder, entries in the order of their names."""
        pending = [str(folder)]
        while pending:
            current = pending.pop()
            try:
                with os.scandir(current) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                relative = self._relative(current) + "/"
                self._fail(relative, None, f"cannot be listed: {error.strerror}")
                continue
            names = {entry.name for entry in listed}
            self._ignore.enter(current, names)
            here = self._relative(current)
            if "Chart.yaml" in names and here not in self._charts and not self._in_chart(here + "/"):
                self._charts.append(here)
            folders = []
            for entry in listed:
                try:
                    if self._entry(entry):
                        folders.append(entry.path)
                except OSError as error:  # file systems that do not tell kinds with the names
                    self._fail(self._relative(entry.path), None, f"cannot be read: {error.strerror}")
            pending += reversed(folders)

    def _entry(self, entry: os.DirEntry[str]) -> bool:
        """Take what stands in a folder; return whether it is a folder to go into."""
        if entry.is_symlink():
            self._symlink(entry)
        elif entry.is_dir():
            return not self._leave_out(entry, "/")
        elif not self._leave_out(entry, ""):
            relative = self._relative(entry.path)
            if not entry.is_file():
                self._special.add(relative)
            self._take(relative, entry.name)
        return False

    def inventory(self) -> Inventory:
        self._take_links()
        self._border.close()
        for full, message in self._ignore.unused:
            path = os.path.relpath(full, self._root).replace(os.sep, "/")
            self._diagnostics.append(Diagnostic(path, None, None, "warning", message))
        found = {kind: tuple(sorted(paths)) for kind, paths in self._found.items()}
        return Inventory(
            self._root,
            found["dockerfile"],
            found["compose"],
            found["document"],
            found["kustomization"],
            tuple(sorted(self._charts)),
            tuple(sorted(self._files)),
            frozenset(self._explicit),
            tuple(self._coverage),
            tuple(self._diagnostics),
            found["bake"],
            frozenset(self._special),
        )

    def _leave_out(self, entry: os.DirEntry[str], ending: str) -> bool:
        reason = self._ignore.reason(entry.path, entry.name, is_folder=bool(ending))
        if reason is None:
            return False
        kind = "folder" if ending else None
        self._coverage.append(Coverage(self._relative(entry.path) + ending, kind, Status.IGNORED, reason))
        return True

    def _symlink(self, entry: os.DirEntry[str]) -> None:
        target = os.path.realpath(entry.path)
        inside = os.path.commonpath((target, str(self._root))) == str(self._root)
        if not inside:
            self._pass_link(entry.path, "symbolic link that leaves the scanned root")
        elif not os.path.exists(target):
            self._pass_link(entry.path, "symbolic link to nothing")
        elif os.path.isfile(target):
            self._links.append((entry.path, target))
        elif os.path.isdir(target):
            self._pass_link(entry.path, "symbolic link to a folder, which is read where it stands")
        else:
            self._pass_link(entry.path, "symbolic link to what is no file")

    def _pass_link(self, full: str, reason: str) -> None:
        self._coverage.append(Coverage(self._relative(full), "link", Status.IGNORED, reason))

    def _take_links(self) -> None:
        """Read a file by the name of a link when its own name says nothing."""
        inputs = {path for paths in self._found.values() for path in paths}
        for full, target in self._links:
            if self._relative(target) in inputs:
                self._pass_link(full, "symbolic link; its target is read where it stands")
            else:
                self._special.add(self._relative(full))
                self._take(self._relative(full), os.path.basename(full))

    def _take(self, relative: str, name: str) -> None:
        if relative in self._files:
            return  # named twice, or in two of the paths
        self._files[relative] = None
        if self._in_chart(relative):
            return
        if BAKE_NAME.fullmatch(name):
            self._found["bake"].append(relative)
            return
        if self._is_dockerfile(relative, name):
            self._found["dockerfile"].append(relative)
            return
        if name in KUSTOMIZATION_NAMES:
            self._found["kustomization"].append(relative)
            return
        if name.endswith((".yaml", ".yml", ".json")) or relative in self._explicit:
            kind = "compose" if COMPOSE_NAME.fullmatch(name) else "document"
            self._found[kind].append(relative)
            return
        self._coverage.append(Coverage(relative, None, Status.IGNORED, "not a format that hullcheck reads"))

    def _is_dockerfile(self, relative: str, name: str) -> bool:
        """By name; a name that only resembles one, or was given by the user, needs a FROM."""
        if _EXACT_DOCKERFILE.fullmatch(name):
            return True
        if relative in self._explicit:
            resembles = not name.endswith((".yaml", ".yml", ".json"))
        else:
            resembles = bool(DOCKERFILE_NAME.fullmatch(name)) and not _NOT_DOCKERFILE.fullmatch(name)
        return resembles and bool(_FROM.search(self._head(relative)))

    def _fail(self, relative: str, kind: str | None, message: str) -> None:
        self._coverage.append(Coverage(relative, kind, Status.FAILED, message))
        self._diagnostics.append(Diagnostic(relative, None, None, "error", message))

    def _head(self, relative: str) -> bytes:
        try:
            return self._border.head(relative, _SNIFFED)
        except (OSError, InputError):
            return b"FROM it"  # reading it as a Dockerfile tells what is wrong

    def _in_chart(self, relative: str) -> bool:
        """Whether a path belongs to a chart that was found; a chart owns its known parts."""
        for chart in self._charts_above(relative):
            inner = relative[len(chart) + 1 :] if chart else relative
            if _CHART_OWNS.fullmatch(inner):
                return True
        return False

    def _charts_above(self, relative: str) -> Iterator[str]:
        for chart in self._charts:
            if not chart or relative.startswith(chart + "/"):
                yield chart

    def _relative(self, full: str) -> str:
        return full[self._start :].replace(os.sep, "/")
