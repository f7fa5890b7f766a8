"""What linkers work on and write to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scanner.guarding import bug_of
from scanner.linking.index import Index
from scanner.linking.links import Links
from scanner.model.graph import GraphUnit
from scanner.model.graph import ReadBuild as ReadBuild
from scanner.model.report import Bug
from scanner.model.source import Located, Unknown


@dataclass(frozen=True, slots=True)
class Linking:
    """What linkers work on: the resources to be found, the links they add, the facts they decide
    (by resource), and a way to read a Dockerfile for one build. `variants` are Dockerfiles that were
    read so and say something else for that build; `made` is how the image of a container was found
    to be built here (see `linking.images_built`). `contexts` are units that others are built on and
    that are not deployed themselves: they are not in the index. `removals` are those of the graph, and
    `bugs` are of facts that could not be decided."""

    index: Index
    links: Links
    read_build: ReadBuild
    resolved: dict[Any, Any] = field(default_factory=dict)
    variants: list[GraphUnit] = field(default_factory=list)
    made: dict[Any, Any] = field(default_factory=dict)
    contexts: tuple[GraphUnit, ...] = ()
    removals: dict[tuple[Any, str], Located[object]] = field(default_factory=dict)
    bugs: list[Bug] = field(default_factory=list)

    def note(self, path: str, error: Exception) -> None:
        """Note an exception that a resolver raised on a resource of a file."""
        self.bugs.append(bug_of("resolving", path, error))


def not_known(fact: Located[Any]) -> Located[Any]:
    """Return the fact that stands for one that could not be decided because of a bug; `fact` is the
    name of the resource that it is about."""
    return Located(_BUG, fact.place, fact.source)


_BUG = Unknown("internal error in resolving")
