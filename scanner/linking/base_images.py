"""The user that well-known images start with, from the table `scanner/data/base-images.tsv`."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from scanner.files.own import own_text
from scanner.model.basics import ImageReference
from scanner.model.source import Unknown


class BaseUser(NamedTuple):
    """The user in an image's configuration: `user` as it says (a name or a number, maybe with a
    group), `root` where it says none. `uid` is None for a name that only the image resolves;
    `why` tells where that was read."""

    user: str
    uid: int | None
    why: str


class Row(NamedTuple):
    """A row of the table. `repository` may have `*`; `tags` is None for every tag, and `user`
    None where the row says that the user is not known."""

    repository: str
    tags: str | None
    user: str | None
    uid: int | None
    source: str

    def is_for(self, name: str) -> bool:
        """Whether the row is about images of a name with its registry."""
        if "*" not in self.repository:
            return self.repository == name
        start, _, end = self.repository.partition("*")
        middle = name[len(start) : len(name) - len(end)]
        return name.startswith(start) and name.endswith(end) and middle != "" and "/" not in middle


def default_user(image: ImageReference) -> BaseUser | None:
    """Return the user that an image has of its own, None where that is not known.

    Of an image that is pinned by its digest alone, and of one whose tag is not known, it is only
    said where all tags have the same.
    """
    if image.scratch:
        return BaseUser("root", 0, "the empty image sets no user")
    if image.stage or image.registry is None or image.repository is None:
        return None
    registry, repository = image.registry.value, image.repository.value
    if isinstance(registry, Unknown) or isinstance(repository, Unknown):
        return None
    tag = None if image.tag is None else image.tag.value
    if tag is None and image.digest is None:
        tag = "latest"
    return _user(registry, repository, tag if isinstance(tag, str) else None)


@lru_cache(maxsize=1)
def table() -> tuple[Row, ...]:
    """Return the rows of the table, in order."""
    rows = []
    for line in own_text(_TABLE).splitlines():
        if line and line[0] != "#":
            repository, tags, user, uid, source = line.split("\t")
            known = None if user == "?" else user
            number = None if uid == "-" else int(uid)
            rows.append(Row(repository, None if tags == "*" else tags, known, number, source))
    return tuple(rows)


def rows_for(name: str) -> list[Row]:
    """Return the rows about images of a name with its registry, in their order."""
    named, patterns = _index()
    found = [*named.get(name, ()), *((number, row) for number, row in patterns if row.is_for(name))]
    return [row for _, row in sorted(found, key=itemgetter(0))]


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, list[tuple[int, Row]]], list[tuple[int, Row]]]:
    named: dict[str, list[tuple[int, Row]]] = {}
    patterns: list[tuple[int, Row]] = []
    for numbered in enumerate(table()):
        name = numbered[1].repository
        (patterns if "*" in name else named.setdefault(name, [])).append(numbered)
    return named, patterns


_TABLE = "data/base-images.tsv"
_SAME = (
    ("public.ecr.aws/docker/library/", "docker.io/"),
    ("mirror.gcr.io/library/", "docker.io/"),
    ("mirror.gcr.io/", "docker.io/"),
    ("registry-1.docker.io/library/", "docker.io/"),
    ("registry-1.docker.io/", "docker.io/"),
    ("k8s.gcr.io/", "registry.k8s.io/"),
    ("gcr.io/google-containers/", "registry.k8s.io/"),
)
"""Registries that hold the images of another one, by the beginnings of names."""


@lru_cache(maxsize=1024)
def _user(registry: str, repository: str, tag: str | None) -> BaseUser | None:
    name = f"{registry}/{repository}"
    for start, other in _SAME:
        if name.startswith(start):
            name = other + name[len(start) :]
            break
    rows = rows_for(name)
    if tag is None:
        found = rows[0] if len(rows) == 1 and rows[0].tags is None else None
    else:
        found = next((row for row in rows if row.tags is None or re.fullmatch(row.tags, tag)), None)
    if found is None or found.user is None:
        return None
    return BaseUser(found.user, found.uid, found.source)
