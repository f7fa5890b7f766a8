"""Which images the repository builds, by the names that build files give them and by convention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from scanner.linking.images_folders import FolderNames
from scanner.linking.images_public import is_official_name, is_public
from scanner.linking.images_stages import Outcome
from scanner.model.graph import GraphUnit
from scanner.model.resources import BuildStage, ImageBuild, ImageReference
from scanner.model.rule import Confidence
from scanner.model.source import Located

_HUB = "docker.io"


class Name(NamedTuple):
    """An image's name without its digest; `registry` is docker.io where none is written."""

    registry: str
    repository: str
    tag: str | None

    @property
    def path(self) -> str:
        """The name as a path: without the registry where that is the usual one."""
        return self.repository if self.registry == _HUB else f"{self.registry}/{self.repository}"


class Production(NamedTuple):
    """An image that a build file says is built: its name as `written`, and what it is built from.
    `build` is the tool's own entry, where there is one; a conditional one needs a profile."""

    name: Name
    written: Located[str]
    outcome: Outcome
    unit: GraphUnit | None
    build: ImageBuild | None = None
    conditional: bool = False


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
        self._named: dict[tuple[str, str], list[Production]] = {}
        self._paths: dict[str, list[Production]] = {}
        self._repositories: dict[str, list[Production]] = {}
        for one in productions:
            self._named.setdefault(one.name[:2], []).append(one)
            self._paths.setdefault(one.name.path, []).append(one)
            if "/" in one.name.repository:
                self._repositories.setdefault(one.name.repository, []).append(one)

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
        choice = _Choice(name, unit, path)
        return self._find(image, name, choice), not choice.was_made

    def _find(self, image: ImageReference, name: Name, choice: _Choice) -> Match | None:
        original = None if image.original is None else image.original.value
        if isinstance(original, str):
            before = split_name(original)
            found = self._named.get(before[:2])
            if found:
                return Match(How.RENAMED, choice.of(found))
        found = self._named.get(name[:2])
        if found and is_public(image):
            found = [one for one in found if (one.name.tag or "latest") == (name.tag or "latest")]
        if found:
            return Match(How.NAME, choice.of(found))
        if is_public(image):
            return None
        return self._similar(name, choice)

    def _similar(self, name: Name, choice: _Choice) -> Match | None:
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


def name_of(image: ImageReference) -> Name | None:
    """Return an image's name, None where it is not known or none."""
    if image.repository is None or image.registry is None:
        return None
    registry, repository = image.registry.value, image.repository.value
    if not isinstance(registry, str) or not isinstance(repository, str):
        return None
    tag = None if image.tag is None else image.tag.value
    return Name(registry, repository, tag if isinstance(tag, str) else None)


def split_name(text: str) -> Name:
    """Split the text of an image's name, which is taken to be one."""
    path = text.partition("@")[0]
    head, slash, last = path.rpartition("/")
    last, _, tag = last.partition(":")
    path = head + slash + last
    first, slash, rest = path.partition("/")
    if slash and (any(mark in first for mark in ".:[") or first == "localhost"):
        if first in (_HUB, "index.docker.io"):
            return Name(_HUB, rest.removeprefix("library/"), tag or None)
        return Name(first, rest, tag or None)
    return Name(_HUB, path.removeprefix("library/"), tag or None)


class _Choice:
    """Chooses among several builds of one repository those that are meant: built without a profile,
    of the same tag, of the same project, nearest; one alone where all have the same result."""

    def __init__(self, name: Name, unit: GraphUnit | None, path: str) -> None:
        self._tag = name.tag
        self._unit = unit
        self._path = path
        self.was_made = False

    def of(self, found: Sequence[Production]) -> tuple[Production, ...]:
        """Return the builds that are meant."""
        left = _narrowed(found, lambda one: not one.conditional)
        left = _narrowed(left, lambda one: (one.name.tag or "latest") == (self._tag or "latest"))
        if self._tag is not None:
            tail = _tail_of(self._tag)
            left = _narrowed(left, lambda one: one.name.tag is not None and _tail_of(one.name.tag) == tail)
        if _are_one(left):
            return left[:1]
        self.was_made = True
        left = _narrowed(left, lambda one: one.unit is self._unit)
        shared = [_shared(self._path, one.written.source.path) for one in left]
        left = tuple(one for one, depth in zip(left, shared, strict=True) if depth == max(shared))
        return left[:1] if _are_one(left) else left


def _narrowed(found: Sequence[Production], test: Callable[[Production], bool]) -> tuple[Production, ...]:
    return tuple(found) if len(found) < 2 else tuple(filter(test, found)) or tuple(found)


def _are_one(found: Sequence[Production]) -> bool:
    return len({id(one.outcome.stage or one.outcome) for one in found}) == 1


_VERSION = re.compile(r"v?[0-9][^-]*|latest|main|master|edge|nightly|dev")


def _tail_of(tag: str) -> str:
    """What is left of a tag without the version that it begins with: of `2.1.0-ad`, `-ad`."""
    found = _VERSION.match(tag)
    return tag if found is None else tag[found.end() :]


def _shared(one: str, other: str) -> int:
    shared = 0
    for mine, theirs in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
