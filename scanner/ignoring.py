"""What is left out of a walk: git-ignored entries and configured excludes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class IgnoreRules:
    """The ignore files that hold in a walk below `root`.

    Inside a Git repository its `.gitignore` files and `.git/info/exclude` count, a
    deeper file before an outer one, as `man gitignore` says; Git itself is not run, for
    a hostile repository could make it run things. A user's global ignore file does not
    count: a report should not depend on who made it. pathspec does the matching and is
    loaded only when there is a pattern.
    """

    def __init__(self, root: Path, excludes: Sequence[str] = ()) -> None:
        self._root = str(root)
        self._specs: list[tuple[str, GitIgnoreSpec]] = []
        self._excludes = _spec(excludes) if excludes else None
        top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
        self._repository = str(top) if top is not None else None
        if top is None:
            return
        self._read(top / ".git" / "info" / "exclude", str(top))
        for folder in reversed([root, *root.parents]):
            if folder.is_relative_to(top) and folder != root:
                self._read(folder / ".gitignore", str(folder))

    def enter(self, folder: str, names: Iterable[str]) -> None:
        """Take in the ignore file of a folder that the walk comes to."""
        if self._repository is not None and ".gitignore" in names:
            self._read(Path(folder) / ".gitignore", folder)

    def reason(self, full: str, name: str, *, is_folder: bool) -> str | None:
        """Return why an entry is left out, or None when it is not."""
        if is_folder and name == ".git":
            return "Git's own folder"
        ending = "/" if is_folder else ""
        if self._excludes is not None:
            relative = os.path.relpath(full, self._root).replace(os.sep, "/")
            if self._excludes.match_file(relative + ending):
                return "excluded by the configuration"
        for base, spec in reversed(self._specs):
            if not full.startswith(base + os.sep):
                continue
            relative = full[len(base) + 1 :].replace(os.sep, "/")
            verdict = spec.check_file(relative + ending).include
            if verdict is not None:
                return "git-ignored" if verdict else None
        return None

    def _read(self, path: Path, base: str) -> None:
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        lines = [line for line in lines if line.strip() and not line.startswith("#")]
        if lines:
            self._specs.append((base, _spec(lines)))


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)
