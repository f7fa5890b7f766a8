"""Images that are known to come from elsewhere, whatever folders a repository has."""

from __future__ import annotations

from functools import lru_cache

from scanner.files.own import own_text
from scanner.linking.base_images import rows_for
from scanner.model.basics import ImageReference

_TABLE = "data/official-images.txt"


def is_public(image: ImageReference) -> bool:
    """Whether an image is one of the table of well-known images, or a Docker Official Image."""
    if image.registry is None or image.repository is None:
        return False
    registry, repository = image.registry.value, image.repository.value
    return isinstance(registry, str) and isinstance(repository, str) and _is_known(registry, repository)


def is_official_name(name: str) -> bool:
    """Whether a name is that of a Docker Official Image, which many registries hold a copy of."""
    return _is_known("docker.io", name)


@lru_cache(maxsize=4096)
def _is_known(registry: str, repository: str) -> bool:
    if registry == "docker.io" and repository in _official():
        return True
    return bool(rows_for(f"{registry}/{repository}"))


@lru_cache(maxsize=1)
def _official() -> frozenset[str]:
    lines = own_text(_TABLE).splitlines()
    return frozenset(line for line in lines if line and line[0] != "#")
