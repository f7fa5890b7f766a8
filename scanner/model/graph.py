"""The linked graph: the resources of a scan, and how they refer to each other."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from scanner.model.environments import Lineage
from scanner.model.record import record
from scanner.model.relations import Relation
from scanner.model.report import Bug
from scanner.model.resources import Dockerfile, UnitResources
from scanner.model.rule import Confidence
from scanner.model.source import Located


class Link(NamedTuple):
    """One resource referring to another.

    `place` is what says so at the source's end (a selector, a name), `end` what answers at the
    target's; None where that is the resource as a whole. A link that is not `sure`
    holds only if something that the files do not tell is so. `confidence` is lower
    where the link is read off a convention; `note` then says of which, as the end of a sentence.
    """

    source: Any
    verb: str
    target: Any
    place: Located[object] | None = None
    end: Located[object] | None = None
    sure: bool = True
    confidence: Confidence = Confidence.HIGH
    note: str = ""


class Related(NamedTuple):
    """What one relation of one resource leads to: the links that surely hold, those too that
    may hold, and whether there may be others outside of the scanned files."""

    sure: tuple[Link, ...] = ()
    possible: tuple[Link, ...] = ()
    is_open: bool = False


NOTHING = Related()


@record
class GraphUnit:
    """A unit as the graph keeps it. `number` is its place among the units of the scan; `tool` is
    what makes one of its files (kubernetes, kustomize, helm, compose, dockerfile, ...), `path` the
    file that stands for it. `lineage` tells which environment it is; a `context` is there for those
    that are built on it, and nothing else knows of it: it is not deployed as it stands."""

    resources: UnitResources
    number: int
    tool: str
    path: str
    lineage: Lineage | None = None
    context: bool = False


class ReadBuild(Protocol):
    """Reads a Dockerfile as one build does."""

    def __call__(
        self,
        path: str,
        args: Mapping[str, str | None],
        contexts: Mapping[str, str],
        inline: Located[str] | None = None,
    ) -> Dockerfile | None:
        """Return the Dockerfile at a path, or the text `inline` that goes by this name, with values
        for its ARGs (None: not known), and what its named contexts are. None where there is no
        such file; one without stages where there is one that cannot be read."""


class Graph:
    """Resources and links. Resources are told apart by identity.

    `resolved` holds what was decided for a resource from all that it is linked to. `variants` are
    Dockerfiles as single builds read them, which links may lead to; no rule judges them.
    `removals` tell by resource and field what took a fact out that an environment below has. `bugs`
    are those that reading and linking the units brought to light; what they cost is not in the graph.
    """

    def __init__(
        self,
        units: Iterable[GraphUnit],
        links: Iterable[Link],
        open_ends: Mapping[tuple[str, bool], set[Any]],
        resolved: Mapping[Any, Any],
        owners: Mapping[Any, Any],
        variants: Iterable[GraphUnit] = (),
        removals: Mapping[tuple[Any, str], Located[object]] | None = None,
        bugs: Iterable[Bug] = (),
    ) -> None:
        self.units = tuple(units)
        self.variants = tuple(variants)
        self.links = tuple(links)
        self.resolved = resolved
        self.owners = owners
        self.removals = removals or {}
        self.bugs = tuple(bugs)
        self._open = open_ends
        self._sides: dict[tuple[str, bool], dict[Any, list[Link]]] = {}
        for link in self.links:
            self._sides.setdefault((link.verb, True), {}).setdefault(link.source, []).append(link)
            self._sides.setdefault((link.verb, False), {}).setdefault(link.target, []).append(link)

    def related(self, resource: Any, relation: Relation) -> Related:
        """Return what a relation of a resource leads to."""
        side = (relation.verb, relation.said_by_source)
        found = self._sides.get(side, {}).get(resource, ())
        is_open = resource in self._open.get(side, ())
        if not found:
            return Related((), (), True) if is_open else NOTHING
        return Related(tuple(link for link in found if link.sure), tuple(found), is_open)

    def sides(
        self, relations: Iterable[Relation]
    ) -> list[tuple[dict[Any, tuple[Any, ...]], dict[Any, tuple[Any, ...]], set[Any]]]:
        """Return for each relation the targets that it surely leads to, those that it may
        lead to, by the resource it is followed from, and the resources of which it may
        lead outside of the files."""
        return [self._side(relation) for relation in relations]

    def _side(
        self, relation: Relation
    ) -> tuple[dict[Any, tuple[Any, ...]], dict[Any, tuple[Any, ...]], set[Any]]:
        side = (relation.verb, relation.said_by_source)
        found = self._sides.get(side, {})
        end = operator.attrgetter("target" if relation.said_by_source else "source")
        sure = {
            resource: targets
            for resource, links in found.items()
            if (targets := tuple(end(link) for link in links if link.sure))
        }
        every = {resource: tuple(map(end, links)) for resource, links in found.items()}
        return sure, every, self._open.get(side, set())
