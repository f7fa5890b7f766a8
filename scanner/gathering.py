"""What a scan keeps of its units until all are read: for the rules that follow relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from scanner.engine.evaluate import Engine, Evaluation
from scanner.formats.base import Reading, Refine
from scanner.formats.environments import in_environment
from scanner.linking.detaching import Detacher
from scanner.linking.link import link
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
    _kept: dict[int, Kept]
    _detacher: Detacher
    _building: list[GraphUnit] | None = None
    _by_layer: dict[str, list[GraphUnit]] | None = None

    @classmethod
    def of(cls, engine: Engine, read_build: ReadBuild) -> Gathering | None:
        """Return a gathering, None when no rule follows relations."""
        rules = engine.graph_rules
        return cls(engine, read_build, {}, Detacher(rules.values())) if rules else None

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
        """Link what was kept; yield each unit with what the rules say of it and its findings, refined."""
        graph = self.graph()
        curing = ImageCuring(rules)
        for unit, evaluation in self.engine.relate(graph):
            kept = self._kept[unit.number]
            found = (*kept.put_off, *evaluation.findings)
            if kept.refine is not None:
                found = kept.refine(found, self._alone(kept), rules)
            yield kept, evaluation, curing.cured(found, unit.resources, graph)

    def graph(self) -> Graph:
        """Return the graph of what was kept."""
        return link((kept.unit for kept in self._kept.values()), self.read_build)

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
        around = [one for one in (*self._builders(), *akin) if one is not kept.unit]

        def judge(resources: UnitResources) -> tuple[Finding, ...]:
            own = kept.unit
            resources = in_environment(resources, kept.environment)
            unit = GraphUnit(resources, own.number, own.tool, own.path, own.lineage)
            graph = link([*around, unit], self.read_build)
            related = next(evaluation.findings for _, evaluation in self.engine.relate(graph, only=unit))
            return (*self.engine.evaluate(resources).findings, *related)

        return judge


def _layers(lineage: Lineage) -> tuple[str, ...]:
    return (lineage.layer, *lineage.below)


def linked(readings: Iterable[Reading], read_build: ReadBuild) -> Graph:
    """Return the graph of units as they were read, with all of their facts."""
    units = []
    detacher = Detacher((), everything=True)
    for number, reading in enumerate(readings):
        if reading.resources is not None:
            tool, path = origin_of(reading.coverage)
            resources = detacher.detach(reading.resources)
            units.append(GraphUnit(resources, number, tool, path, reading.lineage, reading.context))
    return link(units, read_build)


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
