"""Where fuzzing begins: whole projects, and what one mutated input of them is."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from scanner.pipeline import Settings, catalog_of
from scanner.rule_tests import name_of_example
from tests.fuzz.kitchen import PROJECTS
from tests.fuzz.mutators import mutate
from tests.fuzz.swaps import Spot, scatter, spots, swap
from tests.hostile_trees import WEAPONS, armed, secrets_everywhere
from tests.support import ROOT

Files = Mapping[str, str]


class Mutant(NamedTuple):
    """A project in which one file was changed: what it began as, and its files."""

    origin: str
    changed: str
    files: dict[str, str]


@cache
def seeds() -> tuple[tuple[str, Files], ...]:
    """Return all projects by name: our own, the fixtures, the hostile ones, and each rule's examples."""
    found: list[tuple[str, Files]] = [(f"kitchen/{name}", files) for name, files in PROJECTS.items()]
    for project in sorted(path for path in (ROOT / "fixtures").iterdir() if path.is_dir()):
        files = {
            path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(project.rglob("*"))
            if path.is_file() and path.name != "expected.txt"
        }
        found.append((f"fixtures/{project.name}", files))
    found.append(("hostile/secrets", secrets_everywhere().files))
    found += [(f"hostile/{name}", armed(weapon)) for name, weapon in WEAPONS.items()]
    catalog = catalog_of(Settings(), examples=True)
    for identifier in sorted(catalog.rules):
        for number, example in enumerate(catalog.rules[identifier].examples):
            files = {name_of_example(example): example.source, **dict(example.files)}
            found.append((f"rule/{identifier}/{number}", files))
    return tuple(found)


@cache
def _texts() -> tuple[str, ...]:
    return tuple(text for files in PROJECTS.values() for text in files.values())


@cache
def _spots(text: str) -> tuple[Spot, ...]:
    return tuple(spots(text))


def mutant(rng: random.Random, among: Sequence[tuple[str, Files]] | None = None) -> Mutant:
    """Return a project with a swap of types or a mistake of the text in one of its files.

    Half of the projects are of our own, which use every field; others are short.
    """
    every = seeds() if among is None else among
    own = [seed for seed in every if seed[0].startswith("kitchen/")]
    origin, files = rng.choice(own if own and rng.random() < 0.5 else every)
    weights = [min(len(text), 4_000) + 50 for text in files.values()]
    path = rng.choices(list(files), weights)[0]
    text = files[path]
    places = list(_spots(text))
    kind = rng.random()
    if places and kind < 0.4:
        changed = scatter(text, rng, places, rng.choice((2, 4, 8, 16)))
    elif places and kind < 0.8:
        changed = swap(text, rng, places)
    else:
        changed = mutate(text, rng, _texts())
    return Mutant(origin, path, {**files, path: changed})
