"""Which images the repository builds, by the names that build files give them and by convention."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from scanner.linking.images_choosing import Choice, Shelf, shelves
from scanner.linking.images_folders import FolderNames
from scanner.linking.images_names import Name, Production, name_of, split_name
from scanner.linking.images_public import is_official_name, is_public
from scanner.model.graph import GraphUnit
from scanner.model.resources import BuildStage, ImageReference
from scanner.model.rule import Confidence


class How(Enum):
    """How an image was found to be built here."""

    BUILD = "its own build"
    NAME = "the same name"
    RENAMED = "the name that an overlay replaced"
    SUFFIX = "a name that a registry was put before"
    REGISTRY = "the same repository in another registry"
    FOLDER = "the name of a folder"


class Match(NamedTuple):
    """What builds an image: the candidates among which the files do not choose (one: it is that),
    or a `stage` of a Dockerfile that is called like it."""

    how: How
    candidates: tuple[Production, ...] = ()
    stage: BuildStage | None = None
    confidence: Confidence = Confidence.HIGH
    note: str = ""


class BuiltImages:
    """Finds what builds an image. Of images that are known to come from elsewhere, only a build file
    that gives them the very same name and tag says otherwise."""

    def __init__(
        self,
        productions: Iterable[Production],
        folders: FolderNames,
    ) -> None:
        self._folders = folders
        known = tuple(productions)
        self._named: dict[object, Shelf] = shelves(known, lambda one: one.name[:2])
        self._paths: dict[object, Shelf] = shelves(known, lambda one: one.name.path)
        qualified = tuple(one for one in known if "/" in one.name.repository)
        self._repositories: dict[object, Shelf] = shelves(qualified, lambda one: one.name.repository)

    def __bool__(self) -> bool:
        return bool(self._named) or bool(self._folders)

    def find(self, image: ImageReference, unit: GraphUnit | None, path: str) -> tuple[Match | None, bool]:
        """Return what builds an image that is named in the file `path` of a unit, and whether
        the answer is the same for the name in any other file.

        A digest or a tag of its own does not make it another image: it is one result
        of the same build. Where several builds share a repository, the tag tells them apart.
        """
        name = name_of(image)
        if name is None:
            return None, False
        choice = Choice(name.tag, unit, path)
        return self._find(image, name, choice), not choice.was_made

    def _find(self, image: ImageReference, name: Name, choice: Choice) -> Match | None:
        original = None if image.original is None else image.original.value
        if isinstance(original, str):
            before = split_name(original)
            found = self._named.get(before[:2])
            if found:
                return Match(How.RENAMED, choice.of(found))
        found = self._named.get(name[:2])
        if found and is_public(image):
            found = found.of_tag(name.tag)
        if found:
            return Match(How.NAME, choice.of(found))
        if is_public(image):
            return None
        return self._similar(name, choice)

    def _similar(self, name: Name, choice: Choice) -> Match | None:
        found = self._repositories.get(name.repository)
        if found:
            chosen = choice.of(found)
            note = f" (taken to be '{chosen[0].name.path}', which is built here, in another registry)"
            return Match(How.REGISTRY, chosen, None, Confidence.MEDIUM, note)
        parts = name.path.split("/")
        for start in range(1, len(parts)):
            found = self._paths.get("/".join(parts[start:]))
            if found:
                chosen = choice.of(found)
                note = f" (taken to be '{chosen[0].name.path}', which is built here, in a registry)"
                return Match(How.SUFFIX, chosen, None, Confidence.MEDIUM, note)
        stage = None if is_official_name(parts[-1]) else self._folders.stage_of(parts[-1])
        if stage is None:
            return None
        note = f" (taken to be built by {stage.name.source.path}, the only Dockerfile of that name)"
        return Match(How.FOLDER, (), stage, Confidence.LOW, note)
