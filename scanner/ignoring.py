"""What is left out of a walk: git-ignored entries and configured excludes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scanner.errors import ConfigError, InputError
from scanner.files.border import Border
from scanner.files.opening import reason_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


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
    count: a report should not depend on who made it. pathspec does the matching and is
    loaded only when there is a pattern. As Git does, a `.gitignore` that is a link is not followed
    and not used; `unused` tells of ignore files that are there and cannot be, by their full path.
    """

    def __init__(self, root: Path, excludes: Sequence[Excludes] = ()) -> None:
        self._specs: list[tuple[str, GitIgnoreSpec]] = []
        self._excludes = [(str(one.base or root), _spec(one.patterns)) for one in excludes if one.patterns]
        self.unused: list[tuple[str, str]] = []
        top = next((folder for folder in (root, *root.parents) if os.path.exists(folder / ".git")), None)
        self._repository = None if top is None else Border(str(top))
        if top is None:
            return
        self._read(f"{top}/.git/info/exclude", str(top))
        for folder in reversed([root, *root.parents]):
            if folder.is_relative_to(top) and folder != root:
                self._read(f"{folder}/.gitignore", str(folder))

    def enter(self, folder: str, names: Iterable[str]) -> None:
        """Take in the ignore file of a folder that the walk comes to."""
        if self._repository is not None and ".gitignore" in names:
            self._read(f"{folder}/.gitignore", folder)

    def reason(self, full: str, name: str, *, is_folder: bool) -> str | None:
        """Return why an entry is left out, or None when it is not."""
        if is_folder and name == ".git":
            return "Git's own folder"
        ending = "/" if is_folder else ""
        for base, spec in self._excludes:
            relative = os.path.relpath(full, base).replace(os.sep, "/")
            if not relative.startswith("../") and spec.match_file(relative + ending):
                return EXCLUDED
        for base, spec in reversed(self._specs):
            if not full.startswith(base + os.sep):
                continue
            relative = full[len(base) + 1 :].replace(os.sep, "/")
            verdict = spec.check_file(relative + ending).include
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
        lines = data.decode("utf-8", "replace").splitlines()
        lines = [line for line in lines if line.strip() and not line.startswith("#") and _is_usable(line)]
        if lines:
            self._specs.append((base, _spec(lines)))


_MOST_STARS = 4
"""Patterns with more wildcards in one part of a path are not used: matching them can take
for ever, and nobody means them."""


def _is_usable(line: str) -> bool:
    if any(part.replace("**", "").count("*") > _MOST_STARS for part in line.split("/")):
        return False
    try:
        _spec([line])
    except (re.error, ValueError):  # Git passes over what is no pattern, such as [z-a]
        return False
    return True


def check_patterns(patterns: Sequence[str]) -> None:
    """Raise ConfigError for an exclude pattern that cannot be used."""
    for pattern in patterns:
        if not _is_usable(pattern):
            raise ConfigError(f"'{pattern}' is no pattern that can be matched")


def path_matcher(patterns: Sequence[str], base: Path) -> Callable[[str], bool]:
    """Return what tells whether an absolute path matches patterns as in .gitignore, relative to `base`."""
    spec = _spec(patterns)

    def matches(full: str) -> bool:
        relative = os.path.relpath(full, base).replace(os.sep, "/")
        ending = "/" if full.endswith("/") else ""  # a folder
        return not relative.startswith("../") and spec.match_file(relative + ending)

    return matches


def _spec(lines: Sequence[str]) -> GitIgnoreSpec:
    import warnings

    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():  # `re` has something to say of odd sets, and on standard error
        warnings.simplefilter("ignore", FutureWarning)
        return GitIgnoreSpec.from_lines(lines)
