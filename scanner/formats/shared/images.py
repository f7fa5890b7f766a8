"""Image references: the grammar of the distribution project, and what its parts mean."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from scanner.model.resources import ImageReference
from scanner.model.source import Located, Unknown

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:([0-9a-fA-F]{32,})")
_DOMAIN = re.compile(
    r"(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
    r"(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
)
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


class ParsedImage(NamedTuple):
    """The parts of a reference, or `error` when the text is none; where the name alone is wrong,
    the tag and the digest are told all the same.

    `registry` is `docker.io` where the text has none, and `repository` then has the
    `library/` that Docker adds left out.
    """

    registry: str | None = None
    repository: str | None = None
    tag: str | None = None
    digest: str | None = None
    error: str | None = None


@lru_cache(maxsize=4096)
def parse_image(text: str) -> ParsedImage:
    """Split an image reference (distribution/reference grammar, normalized names)."""
    if not text:
        return ParsedImage(error="the reference is empty")
    if text != text.strip() or any(character.isspace() for character in text):
        return ParsedImage(error="the reference holds white space")
    name, at, digest_text = text.partition("@")
    digest = digest_text if at else None
    if digest is not None:
        problem = _digest_problem(digest)
        if problem:
            return ParsedImage(error=problem)
    head, slash, last = name.rpartition("/")
    last, colon, tag_text = last.partition(":")
    tag = tag_text if colon else None
    if tag is not None and not _TAG.fullmatch(tag):
        return ParsedImage(error="the tag is empty" if not tag else f"'{tag}' is no valid tag")
    path = head + slash + last
    registry, repository = _split_domain(path)
    if not repository:
        return ParsedImage(error="the repository name is empty")
    if registry != "docker.io" and not _DOMAIN.fullmatch(registry):
        return ParsedImage(tag=tag, digest=digest, error=f"'{registry}' is no valid registry host")
    for component in repository.split("/"):
        if not _COMPONENT.fullmatch(component):
            if component.lower() != component:
                return ParsedImage(
                    error=f"'{component}' has upper-case letters, which a repository name cannot"
                )
            return ParsedImage(error=f"'{component}' is no valid part of a repository name")
    if len(registry) + len(repository) > 255:
        return ParsedImage(error="the name is longer than 255 characters")
    return ParsedImage(registry, repository, tag, digest)


def _digest_problem(digest: str) -> str | None:
    found = _DIGEST.fullmatch(digest)
    if not found:
        return f"'@{digest[:80]}' is no digest; one looks like @sha256: and 64 hexadecimal digits"
    wanted = _DIGEST_LENGTHS.get(digest.partition(":")[0])
    if wanted is not None and len(found.group(1)) != wanted:
        return f"the digest has {len(found.group(1))} digits where {wanted} belong"
    return None


def _split_domain(path: str) -> tuple[str, str]:
    first, slash, rest = path.partition("/")
    if slash and (any(mark in first for mark in ".:[") or first == "localhost" or first.lower() != first):
        if first == "index.docker.io":
            first = "docker.io"
        return first, rest.removeprefix("library/") if first == "docker.io" else rest
    return "docker.io", path.removeprefix("library/")


def image_reference(
    text: Located[str | Unknown],
    *,
    built: bool = False,
    stage: bool = False,
    scratch: bool = False,
    pull_policy: Located[str | Unknown] | None = None,
) -> ImageReference:
    """Make the resource of a reference; every part stands where the text stands."""
    value = text.value
    if stage or scratch:
        return ImageReference(text, stage=stage, scratch=scratch, built=built, pull_policy=pull_policy)
    if isinstance(value, Unknown):
        return ImageReference(text, text, text, text, text, text, built=built, pull_policy=pull_policy)
    parsed = parse_image(value)

    def at(part: str | None) -> Located[str | Unknown] | None:
        return None if part is None else Located(part, text.place, text.source, text.overridden)

    return ImageReference(
        text,
        at(parsed.registry),
        at(parsed.repository),
        at(parsed.tag),
        at(parsed.digest),
        at(parsed.error),
        built=built,
        pull_policy=pull_policy,
    )
