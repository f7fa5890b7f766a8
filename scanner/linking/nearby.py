"""Things to be found by a key from where somebody asks: the nearest folder that has any."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Generic, TypeVar

from scanner.linking.index import PLAIN, Entry

T = TypeVar("T")

MAX_FOUND = 64
"""How many things a question is answered with at most, that a scan stays linear."""


class Nearby(Generic[T]):
    """Things of the worlds of a scan (see `linking.index`), each by a key and the place of an entry."""

    def __init__(self) -> None:
        self._below: dict[tuple[object, Hashable, str], list[T]] = {}
        self._inside: dict[tuple[object, Hashable, str], list[T]] = {}
        self._keys: set[tuple[object, Hashable]] = set()

    def add(self, entry: Entry, key: Hashable, thing: T) -> None:
        """Keep a thing that is written where an entry stands."""
        folders = _folders(entry)
        self._keys.add((entry.world, key))
        for folder in folders:
            self._below.setdefault((entry.world, key, folder), []).append(thing)
        self._inside.setdefault((entry.world, key, folders[0]), []).append(thing)

    def near(self, entry: Entry, key: Hashable, *, nested: bool = False, world: object = None) -> list[T]:
        """Return what has a key in the world of an entry (or in `world`): in the entry's folder, else
        below it; else in the innermost folder around it that has any, or in folders below that
        one, if they need not be `nested`."""
        place = entry.world if world is None else world
        if (place, key) not in self._keys:
            return []
        for depth, folder in enumerate(_folders(entry)):
            found = self._inside.get((place, key, folder))
            if found is None and not (nested and depth):
                found = self._below.get((place, key, folder))
            if found is not None:
                return found[:MAX_FOUND]
        return []

    def around(self, entry: Entry, key: Hashable) -> list[T]:
        """Return what has a key in the innermost folder around an entry that has any, with all that
        stand below it."""
        if (entry.world, key) not in self._keys:
            return []
        for folder in _folders(entry):
            found = self._below.get((entry.world, key, folder))
            if found is not None:
                return found[:MAX_FOUND]
        return []


def _folders(entry: Entry) -> tuple[str, ...]:
    return folders_around(entry.path) if entry.world == PLAIN else ("",)


@lru_cache(maxsize=256)
def folders_around(path: str) -> tuple[str, ...]:
    """Return the folders around a file from the inside out; the last is the root (empty)."""
    parts = path.split("/")[:-1]
    return tuple("/".join(parts[:end]) for end in range(len(parts), -1, -1))
