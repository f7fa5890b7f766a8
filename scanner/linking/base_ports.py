"""Which well-known images expose no port, from the list `scanner/data/images-without-ports.txt`."""

from __future__ import annotations

import re
from functools import lru_cache

from scanner.files.own import own_text
from scanner.model.basics import ImageReference

_TABLE = "data/images-without-ports.txt"


def exposes_nothing(image: ImageReference) -> bool:
    """Whether an image is known to expose no port of its own; false of one that nothing is known of."""
    if image.scratch:
        return True
    if image.registry is None or image.repository is None:
        return False
    registry, repository = image.registry.value, image.repository.value
    if not isinstance(registry, str) or not isinstance(repository, str):
        return False
    return _names().fullmatch(f"{registry}/{repository}") is not None


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    lines = own_text(_TABLE).splitlines()
    names = (re.escape(line).replace(r"\*", "[^/]+") for line in lines if line and line[0] != "#")
    return re.compile("|".join(names))
