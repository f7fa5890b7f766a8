"""Names of images, and the images that build files give them to."""

from __future__ import annotations

from typing import NamedTuple

from scanner.linking.images_stages import Outcome
from scanner.model.graph import GraphUnit
from scanner.model.resources import ImageBuild, ImageReference
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
