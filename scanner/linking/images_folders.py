"""What images are called after: the folders of their Dockerfiles, by convention."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from scanner.model.resources import BuildStage, Dockerfile

_USUAL_NAMES = ("Dockerfile", "Containerfile")


class FolderNames:
    """Finds the one Dockerfile whose folder, or a folder around it, bears a name.

    Names are equal without regard to case, `-` and `_`. A name that folders of several
    Dockerfiles bear, or a folder with several, means none of them.
    """

    def __init__(self, dockerfiles: Iterable[Dockerfile]) -> None:
        self._by_folder: dict[str, list[Dockerfile]] = {}
        for dockerfile in dockerfiles:
            folder = posixpath.dirname(dockerfile.name.source.path)
            self._by_folder.setdefault(folder, []).append(dockerfile)
        self._folders: dict[str, set[str]] = {}
        for folder in self._by_folder:
            for part in folder.split("/"):
                if part:
                    self._folders.setdefault(_plain(part), set()).add(folder)

    def __bool__(self) -> bool:
        return bool(self._folders)

    def stage_of(self, name: str) -> BuildStage | None:
        """Return the final stage of the only Dockerfile of that name."""
        folders = self._folders.get(_plain(name), ())
        if len(folders) != 1:
            return None
        (folder,) = folders
        found = self._by_folder[folder]
        usual = [one for one in found if posixpath.basename(one.name.source.path) in _USUAL_NAMES]
        chosen = usual if len(found) > 1 else found
        if len(chosen) != 1 or not chosen[0].stages or not chosen[0].stages[-1].final:
            return None
        return chosen[0].stages[-1]


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
