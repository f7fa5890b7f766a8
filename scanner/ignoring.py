"""What is left out of a walk: git-ignored entries and configured excludes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from scanner.errors import ConfigError, InputError
from scanner.files.border import Border
from scanner.files.opening import reason_of
from scanner.patterns.gitignore import GitPatterns, is_usable

EXCLUDED = "excluded by the configuration"
"""Why the ledger leaves out what a pattern of the configuration or of `--exclude` matches."""


class Excludes(NamedTuple):
    """Patterns as in .gitignore, relative to `base`; None is the scanned root."""

    patterns: tuple[str, ...]
    base: Path | None = None


class IgnoreRules:
    """The ignore files that hold in a walk below `root`.

    Inside a Git repository its `.gitignore` files and `.git/info/exclude` count, a
    deeper file before an outer one, as `man gitignore` says; Git itself is not run, for
    a hostile repository could make it run things. A user's global ignore file does not
    count: a report should not depend on who made it. As Git does, a `.gitignore` that is a link is not
    followed and not used; `unused` tells of ignore files that are there and cannot be, by their full path.
    """

    def __init__(self, root: Path, excludes: Sequence[Excludes] = ()) -> None:
        self._specs: list[tuple[str, GitPatterns]] = []
        self._excludes = [
            (str(one.base or root), GitPatterns(one.patterns)) for one in excludes if one.patterns
        ]
        self._outside: str | None = None
        self.unused: list[tuple[str, str]] = []
        top = next((folder for folder in (root, *root.parents) if os.path.exists(folder / ".git")), None)
        self._repository = None if top is None else Border(str(top))
        if top is not None:
            self._read(f"{top}/.git/info/exclude", str(top))
            for folder in reversed(root.parents):
                if folder.is_relative_to(top):
                    self._read(f"{folder}/.gitignore", str(folder))
        if self._specs or any(one.base is not None for one in excludes):
            # What holds a left out folder is left out, and the walk asks about nothing above its root.
            above = [root, *root.parents]
            reasons = (self._decided(str(folder), is_folder=True) for folder in reversed(above))
            self._outside = next((reason for reason in reasons if reason is not None), None)

    def enter(self, folder: str, names: Iterable[str]) -> None:
        """Take in the ignore file of a folder that the walk comes to."""
        if self._repository is not None and ".gitignore" in names:
            self._read(f"{folder}/.gitignore", folder)

    def reason(self, full: str, name: str, *, is_folder: bool) -> str | None:
        """Return why an entry is left out, or None when it is not."""
        if is_folder and name == ".git":
            return "Git's own folder"
        return self._outside or self._decided(full, is_folder=is_folder)

    def _decided(self, full: str, *, is_folder: bool) -> str | None:
        for base, patterns in self._excludes:
            relative = _relative(full, base)
            if relative is not None and patterns.verdict(relative, is_folder=is_folder):
                return EXCLUDED
        for base, patterns in reversed(self._specs):
            relative = _relative(full, base)
            verdict = None if relative is None else patterns.verdict(relative, is_folder=is_folder)
            if verdict is not None:
                return "git-ignored" if verdict else None
        return None

    def _read(self, full: str, base: str) -> None:
        assert self._repository is not None
        try:
            data = self._repository.read(self._repository.relative(full), follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return
        except InputError as error:  # `.git/info` leads elsewhere
            self.unused.append((full, f"{error.message}, so the file is not used"))
            return
        except OSError as error:
            self.unused.append((full, f"{reason_of(error)}, so the file is not used"))
            return
        # Git knows no other line break, and compares bytes.
        lines = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").split("\n")
        self._specs.append((base, GitPatterns(lines)))


def check_patterns(patterns: Sequence[str]) -> None:
    """Raise ConfigError for an exclude pattern that cannot be used."""
    for pattern in patterns:
        if not is_usable(pattern):
            raise ConfigError(f"'{pattern}' is no pattern that can be matched")


def path_matcher(patterns: Sequence[str], base: Path) -> Callable[[str], bool]:
    """Return what tells whether an absolute path matches patterns as in .gitignore, relative to `base`;
    that of a folder ends in `/`."""
    lines = GitPatterns(patterns)
    folder = str(base)

    def matches(full: str) -> bool:
        relative = _relative(full.removesuffix("/"), folder)
        return relative is not None and lines.covers(relative, is_folder=full.endswith("/"))

    return matches


def _relative(full: str, base: str) -> str | None:
    """Return a path as seen from a folder, with `/`; None for the folder itself and what is not in it."""
    if full.startswith(base) and full[len(base) : len(base) + 1] == os.sep:
        relative = full[len(base) + 1 :]
    else:
        relative = os.path.relpath(full, base)
        if relative in (os.curdir, os.pardir) or relative.startswith(os.pardir + os.sep):
            return None
    return relative if os.sep == "/" else relative.replace(os.sep, "/")
