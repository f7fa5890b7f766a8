"""What a scan keeps of its units until all are read: for the rules that follow relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from scanner.engine.evaluate import NOTHING_SAID, Engine, Evaluation
from scanner.formats.base import Reading, Refine
from scanner.formats.environments import in_environment
from scanner.guarding import Guard
from scanner.linking.detaching import Detacher
from scanner.linking.link import link, link_guarded
from scanner.model.environments import Lineage
from scanner.model.finding import Finding
from scanner.model.graph import Graph, GraphUnit, ReadBuild
from scanner.model.report import Coverage
from scanner.model.resources import UnitResources
from scanner.model.rule import Rule
from scanner.triage.image_cures import ImageCuring

_TOOLS = ("kustomize", "helm", "compose", "dockerfile", "kubernetes")


class Kept(NamedTuple):
    """A unit of the graph, and what is still to be done with findings in it. `put_off` are those of
    the rules on single resources that wait to be refined with the others."""

    unit: GraphUnit
    environment: str
    refine: Refine | None
    lines: tuple[Coverage, ...]
    put_off: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Gathering:
    """Collects the units of a scan and judges them together.

    `read_build` reads a Dockerfile for one build (see `linking.work`).
    """

    engine: Engine
    read_build: ReadBuild
    guard: Guard
    _kept: dict[int, Kept]
    _detacher: Detacher
    _building: list[GraphUnit] | None = None
    _by_layer: dict[str, list[GraphUnit]] | None = None
    _unlinked: frozenset[int] = frozenset()

    @classmethod
    def of(cls, engine: Engine, read_build: ReadBuild, guard: Guard) -> Gathering | None:
        """Return a gathering, None when no rule follows relations."""
        rules = engine.graph_rules
        return cls(engine, read_build, guard, {}, Detacher(rules.values())) if rules else None

    def keep(self, reading: Reading, number: int, put_off: tuple[Finding, ...] = ()) -> None:
        """Keep what the graph needs of a unit, and findings that are still to be refined. `number` is
        its place among those of the scan."""
        if reading.resources is None:
            return
        tool, path = origin_of(reading.coverage)
        resources = self._detacher.detach(reading.resources)
        unit = GraphUnit(resources, number, tool, path, reading.lineage, reading.context)
        environment = reading.resources.environment
        self._kept[number] = Kept(unit, environment, reading.refine, reading.coverage, put_off)

    def judge(self, rules: Mapping[str, Rule]) -> Iterator[tuple[Kept, Evaluation, tuple[Finding, ...]]]:
        """Link what was kept; yield each unit with what the rules say of it and its findings, refined.

        What a bug leaves out of the graph is yielded too, behind all others, with what was put off.
        """
        graph = self._linked()
        curing = ImageCuring(rules)
        for kept, evaluation in self._related(graph):
            unit, found = kept.unit, (*kept.put_off, *evaluation.findings)
            if kept.refine is not None:
                with self.guard.step("refining", unit.path):
                    found = kept.refine(found, self._alone(kept), rules)
            with self.guard.step("grouping", unit.path):
                found = curing.cured(found, unit.resources, graph)
            yield kept, evaluation, found

    def _linked(self) -> Graph:
        """The graph of what was kept."""
        graph = link_guarded((kept.unit for kept in self._kept.values()), self.read_build)
        self.guard.bugs += graph.bugs
        return graph

    def _related(self, graph: Graph) -> Iterator[tuple[Kept, Evaluation]]:
        """Each unit with what the rules that follow relations say of it: nothing, where it is not in
        the graph."""
        left = {number: kept for number, kept in self._kept.items() if not kept.unit.context}
        with self.guard.step("judging the graph", None):
            for unit, evaluation in self.engine.relate(graph):
                yield left.pop(unit.number), evaluation
        self._unlinked = frozenset(left)
        for kept in left.values():
            yield kept, NOTHING_SAID

    def _builders(self) -> list[GraphUnit]:
        """The units that say how images are built, found once for all."""
        if self._building is None:
            self._building = [one.unit for one in self._kept.values() if _tells_of_builds(one.unit)]
        return self._building

    def _akin(self, unit: GraphUnit) -> list[GraphUnit]:
        """Other units that are environments of the same project."""
        if self._by_layer is None:
            self._by_layer = {}
            for kept in self._kept.values():
                for layer in _layers(kept.unit.lineage) if kept.unit.lineage is not None else ():
                    self._by_layer.setdefault(layer, []).append(kept.unit)
        layers = _layers(unit.lineage) if unit.lineage is not None else ()
        found = {one.number: one for layer in layers for one in self._by_layer[layer]}
        return [one for one in found.values() if one is not unit and not _tells_of_builds(one)]

    def _alone(self, kept: Kept) -> Callable[[UnitResources], tuple[Finding, ...]]:
        """Return what judges a unit in place of one of the scan by all rules, with those around it that
        say how images are built or are environments of the same project, and no others."""
        akin = self._akin(kept.unit) if self.engine.compares_environments else []
        around = [
            one
            for one in (*self._builders(), *akin)
            if one is not kept.unit and one.number not in self._unlinked
        ]

        def judge(resources: UnitResources) -> tuple[Finding, ...]:
            own = kept.unit
            resources = in_environment(resources, kept.environment)
            if own.number in self._unlinked:
                return self.engine.evaluate(resources).findings
            unit = GraphUnit(resources, own.number, own.tool, own.path, own.lineage)
            graph = link([*around, unit], self.read_build)
            related = next(evaluation.findings for _, evaluation in self.engine.relate(graph, only=unit))
            return (*self.engine.evaluate(resources).findings, *related)

        return judge


def _layers(lineage: Lineage) -> tuple[str, ...]:
    return (lineage.layer, *lineage.below)


def linked(readings: Iterable[Reading], read_build: ReadBuild) -> Graph:
    """Return the graph of units as they were read, with all of their facts. Its bugs are also those of
    the readings."""
    guard = Guard()
    units = []
    detacher = Detacher((), everything=True)
    for number, reading in enumerate(readings):
        guard.bugs += reading.bugs
        if reading.resources is not None:
            tool, path = origin_of(reading.coverage)
            with guard.step("linking", path):
                resources = detacher.detach(reading.resources)
                units.append(GraphUnit(resources, number, tool, path, reading.lineage, reading.context))
    graph = link_guarded(units, read_build)
    graph.bugs = (*guard.bugs, *graph.bugs)
    return graph


def judging(engine: Engine, environment: str) -> Callable[[UnitResources], tuple[Finding, ...]]:
    """Return what the rules on single resources say of a unit that is read anew as that of an
    environment."""

    def judge(unit: UnitResources) -> tuple[Finding, ...]:
        return engine.evaluate(in_environment(unit, environment)).findings

    return judge


def _tells_of_builds(unit: GraphUnit) -> bool:
    return bool(unit.resources.dockerfiles or unit.resources.builds or unit.tool == "compose")


def origin_of(coverage: tuple[Coverage, ...]) -> tuple[str, str]:
    """Return the tool that makes a unit of its files, and the file that stands for it."""
    for tool in _TOOLS:
        for line in coverage:
            if line.kind == tool:
                return tool, line.path
    first = coverage[0]
    return first.kind or "", first.path
