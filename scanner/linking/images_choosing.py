"""Which of several builds that give images one name is meant by whoever names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from scanner.linking.images_names import Production
from scanner.model.graph import GraphUnit

MOST = 8
"""Of more builds than this that may be meant, one more is told and no other."""


class Shelf:
    """Builds that give images one name, to be narrowed down without a look at each, however many
    there are."""

    def __init__(self, builds: tuple[Production, ...]) -> None:
        self.builds = builds
        self._parts: dict[str, dict[object, Shelf]] = {}
        self._is_one: bool | None = None

    def of_tag(self, tag: str | None) -> Shelf | None:
        """Return those of a tag alone."""
        return self._part("tag", lambda one: one.name.tag or "latest").get(tag or "latest")

    def of_tail(self, tag: str) -> Shelf | None:
        """Return those whose tags are alike but for the version that they begin with."""
        return self._part("tail", lambda one: None if one.name.tag is None else _tail_of(one.name.tag)).get(
            _tail_of(tag)
        )

    def unconditional(self) -> Shelf | None:
        """Return those that need no profile."""
        return self._part("conditional", lambda one: one.conditional).get(False)

    def of_unit(self, unit: GraphUnit | None) -> Shelf | None:
        """Return those of one project."""
        return None if unit is None else self._part("unit", lambda one: one.unit).get(unit)

    def nearest(self, path: str) -> Shelf:
        """Return those that are said in the innermost folder around a file in which any is."""
        if "near" not in self._parts:
            around: dict[object, list[Production]] = {}
            for one in self.builds:
                for folder in _around(one.written.source.path):
                    around.setdefault(folder, []).append(one)
            self._parts["near"] = {folder: Shelf(tuple(found)) for folder, found in around.items()}
        near = self._parts["near"]
        return next(near[folder] for folder in _around(path) if folder in near)

    def is_one(self) -> bool:
        """Whether all have the same result."""
        if self._is_one is None:
            self._is_one = len({id(one.outcome.stage or one.outcome) for one in self.builds}) == 1
        return self._is_one

    def _part(self, what: str, key: Callable[[Production], Any]) -> dict[object, Shelf]:
        if what not in self._parts:
            self._parts[what] = shelves(self.builds, key)
        return self._parts[what]


def shelves(builds: Iterable[Production], key: Callable[[Production], Any]) -> dict[object, Shelf]:
    """Sort builds by a key."""
    found: dict[object, list[Production]] = {}
    for one in builds:
        found.setdefault(key(one), []).append(one)
    return {value: Shelf(tuple(group)) for value, group in found.items()}


class Choice:
    """Chooses the builds that a name in a file of a unit means: those built without a profile, of the
    same tag, of the same project, nearest; one alone where all have the same result."""

    def __init__(self, tag: str | None, unit: GraphUnit | None, path: str) -> None:
        self._tag = tag
        self._unit = unit
        self._path = path
        self.was_made = False

    def of(self, shelf: Shelf) -> tuple[Production, ...]:
        """Return the builds that are meant."""
        shelf = shelf.unconditional() or shelf
        narrower = shelf.of_tag(self._tag)
        if narrower is None and self._tag is not None:
            narrower = shelf.of_tail(self._tag)
        shelf = narrower or shelf
        if not shelf.is_one():
            self.was_made = True
            shelf = (shelf.of_unit(self._unit) or shelf).nearest(self._path)
        return shelf.builds[: 1 if shelf.is_one() else MOST + 1]


_VERSION = re.compile(r"v?[0-9][^-]*|latest|main|master|edge|nightly|dev")


def _tail_of(tag: str) -> str:
    """What is left of a tag without the version that it begins with: of `2.1.0-ad`, `-ad`."""
    found = _VERSION.match(tag)
    return tag if found is None else tag[found.end() :]


def _around(path: str) -> list[str]:
    """The folders around a file, from the inside out; the root is empty."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:end]) for end in range(len(parts), -1, -1)]
