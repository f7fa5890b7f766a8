"""What one build gives to a Dockerfile: arguments, further contexts, and the stage that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.formats.shared.images import image_reference, parse_image
from scanner.model.resources import ImageReference
from scanner.model.source import Located, Unknown

_IMAGE = "docker-image://"


class GivenToBuild(NamedTuple):
    """The arguments of a build (all of them), its contexts by name, each with its source
    (`docker-image://alpine`, `target:base`, a path), and the index of the stage to build,
    None for the last."""

    args: Mapping[str, str | Unknown]
    contexts: Mapping[str, str]
    target: int | None = None


def named_context(base: str, contexts: Mapping[str, str]) -> str | None:
    """Return the name of the context that takes the place of a stage or an image of that name,
    or None. Images are compared by their full names, `latest` where no tag is written."""
    if not contexts:
        return None
    if base.lower() in contexts:
        return base.lower()
    wanted = _full_name(base)
    return next((name for name in contexts if name == base or _full_name(name) == wanted), None)


def context_image(name: str, source: str, text: Located[str | Unknown]) -> ImageReference:
    """Return what a context of a build is as a base; no file of a path or a target tells it."""
    if source.startswith(_IMAGE):
        return image_reference(text._replace(value=source.removeprefix(_IMAGE)))
    why = Unknown(f"the build gives '{source}' for '{name}'")
    return image_reference(Located(why, text.place, text.source))


def _full_name(text: str) -> tuple[str | None, ...]:
    parsed = parse_image(text)
    if parsed.error is not None:
        return (text,)
    tag = parsed.tag or (None if parsed.digest else "latest")
    return (parsed.registry, parsed.repository, tag, parsed.digest)
