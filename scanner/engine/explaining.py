"""What made a rule fire on a resource, or not: its trace, and the facts that decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scanner.engine.cases import condition_for, taken_apart
from scanner.engine.compile import GraphEvaluator, GraphHit, View, compile_graph_rules
from scanner.engine.tracing import Trace, Tracer
from scanner.engine.views import Viewer
from scanner.engine.witnesses import Witnessing
from scanner.guarding import bug_of, rule_stage
from scanner.model.graph import Graph, GraphUnit
from scanner.model.report import Bug
from scanner.model.rule import All, Condition, FieldTest, Not, Operand, Predicate, Quantified, Related, Rule
from scanner.model.rule import Any as AnyOf
from scanner.model.source import Located
from scanner.model.vocabulary import KINDS, Shape, containers_of, fields_of


class Explanation(NamedTuple):
    """A rule and one resource of `kind` in a unit.

    `fact` is what a finding points at and `message` what it says (None where there is none).
    `decisive` are the parts of the trace of which, all changed together, the verdict
    changes; there is no smaller set that does without changing what a resource is.
    """

    rule: Rule
    unit: GraphUnit
    kind: str
    resource: Any
    trace: Trace
    decisive: tuple[Trace, ...]
    fact: Located[object] | None = None
    message: str | None = None


class Explainer:
    """Explains one rule over a graph; `params` are the settings of rules, by id. `bugs` tells of the
    resources that could not be asked or explained."""

    def __init__(self, rule: Rule, graph: Graph, params: Mapping[str, Mapping[str, Operand]]) -> None:
        self._rule = rule
        self._graph = graph
        self._params = params
        self._settings = {**rule.params, **params.get(rule.id, {})}
        self._tracer = Tracer(graph, self._settings)
        self.bugs: list[Bug] = []

    def findings(self) -> Iterator[Explanation]:
        """Yield the resources on which the rule fires, in the order of a scan; for each of its cases."""
        viewer = Viewer(self._graph)
        for case in taken_apart((self._rule,)):
            witnessing = Witnessing(case, self._graph, self._settings, viewer)
            for form in case.formats:
                evaluate, relations = compile_graph_rules({0: case}, self._params, form)
                for unit in self._graph.units:
                    if unit.resources.format is form:
                        for hit in self._hits(evaluate, unit, viewer.of(relations)):
                            yield from self._finding(case, witnessing, unit, hit)

    def _hits(self, evaluate: GraphEvaluator, unit: GraphUnit, view: View) -> list[GraphHit]:
        hits: list[GraphHit] = []

        def broken(_number: int, error: Exception) -> None:
            self._note(unit, error)

        try:
            evaluate(unit.resources, view, hits.append, _ignore, broken)
        except Exception as error:
            self._note(unit, error)
        return hits

    def _finding(
        self, case: Rule, witnessing: Witnessing, unit: GraphUnit, hit: GraphHit
    ) -> Iterator[Explanation]:
        _, _, _, fact, message, kind, resource = hit
        try:
            told = witnessing.of(kind, resource).fill(message)
            yield self._explain(unit, kind, resource, case.when, fact, told)
        except Exception as error:
            self._note(unit, error)

    def _note(self, unit: GraphUnit, error: Exception) -> None:
        self.bugs.append(bug_of(rule_stage(self._rule.id), unit.path, error))

    def others(self) -> Iterator[Explanation]:
        """Yield the resources that the rule was asked of and does not fire on."""
        for unit in self._graph.units:
            if unit.resources.format not in self._rule.formats:
                continue
            for kind in self._rule.applies_to:
                try:
                    yield from self._others_in(unit, kind)
                except Exception as error:
                    self._note(unit, error)

    def _others_in(self, unit: GraphUnit, kind: str) -> Iterator[Explanation]:
        for resource in resources_of(kind, unit):
            if kind != "document" or self._applies(resource.kind):
                explained = self._explain(unit, kind, resource, condition_for(self._rule, kind))
                if explained.trace.verdict is not True:
                    yield explained

    def _applies(self, document_kind: str) -> bool:
        return not self._rule.resource_kinds or document_kind in self._rule.resource_kinds

    def _explain(
        self,
        unit: GraphUnit,
        kind: str,
        resource: Any,
        condition: Condition,
        fact: Located[object] | None = None,
        message: str | None = None,
    ) -> Explanation:
        trace = self._tracer.trace(condition, kind, resource)
        return Explanation(
            self._rule, unit, kind, resource, trace, decisive(trace, self._rule.at), fact, message
        )


def _ignore(*_: object) -> None:
    """Leave out what a scan counts and an explanation shows by itself."""


def resources_of(kind: str, unit: GraphUnit) -> Iterator[Any]:
    """Yield the resources of a kind in a unit, in the order in which they are written."""
    around = containers_of(kind)
    member = KINDS[kind].member
    if not around:
        held: Any = unit.resources
        for step in member.split("."):
            held = getattr(held, step)
        yield from held
        return
    single = fields_of(around[0])[member].shape is Shape.RESOURCE
    for holder in resources_of(around[0], unit):
        held = getattr(holder, member)
        if not single:
            yield from held
        elif held is not None:
            yield held


def decisive(trace: Trace, at: tuple[str, ...] = ()) -> tuple[Trace, ...]:
    """Return a smallest set of leaves of a trace that, all changed, change its verdict.

    An undecided trace is decided by those of its parts that are undecided. Of sets of one size the
    one that is easiest to change is taken, and what a resource is (its kind, its role) is left alone
    where anything else would do; `at` are the fields that the rule points at, which are
    what people are told to change.
    """
    match trace.condition:
        case FieldTest() | Predicate():
            return (trace,)
        case Not():
            return decisive(trace.parts[0], at)
        case All():
            return _of_parts(trace, at, every=True)
        case AnyOf():
            return _of_parts(trace, at, every=False)
        case Quantified(quantifier=quantifier) | Related(quantifier=quantifier):
            if not trace.parts or quantifier not in ("any_of", "all_of", "none_of"):
                return (trace,)
            return _of_parts(trace, at, every=quantifier == "all_of")


def _of_parts(trace: Trace, at: tuple[str, ...], *, every: bool) -> tuple[Trace, ...]:
    """Return the leaves of a trace that holds if `every` part of it does, or if any does."""
    if trace.verdict is None:
        parts = [part for part in trace.parts if part.verdict is None]
        return decisive(parts[0], at) if parts else (trace,)
    holds = all(part.verdict is True for part in trace.parts)
    fulfilled = holds if every else any(part.verdict is True for part in trace.parts)
    if every is fulfilled:
        # Any one part that changes is enough.
        sets = [decisive(part, at) for part in trace.parts]
        return min(sets, key=lambda leaves: _effort(leaves, at)) if sets else (trace,)
    wanted = [part for part in trace.parts if (part.verdict is True) is fulfilled]
    return tuple(dict.fromkeys(leaf for part in wanted for leaf in decisive(part, at)))


def _effort(leaves: tuple[Trace, ...], at: tuple[str, ...]) -> tuple[bool, int, int]:
    """How hard it would be to change some leaves."""
    hardest = max(_hardness(leaf, at) for leaf in leaves)
    return hardest == _HARDEST, len(leaves), hardest


_WHAT_IT_IS = frozenset(
    ("driver", "format", "hook", "kind", "name", "namespace", "operating_system", "repository", "role")
)
"""Fields that tell what a resource is. Nobody changes these to cure a finding."""
_HARDEST = 5


def _hardness(leaf: Trace, at: tuple[str, ...]) -> int:
    """How hard one leaf is to change. What stands in a file and holds is changed by writing anything
    else; what does not hold has to become one certain thing, and that is easier where nothing
    stands yet. In both, what the rule points at comes first."""
    path = getattr(leaf.condition, "path", "")
    if leaf.plain is not None or path.rpartition(".")[2] in _WHAT_IT_IS:
        return _HARDEST
    pointed = path in at
    if isinstance(leaf.condition, Predicate):
        return 4
    if leaf.fact is None and not _placed(leaf):
        return 2 if pointed else 3
    if pointed:
        return 0
    return 1 if leaf.verdict is True else 3


def _placed(leaf: Trace) -> bool:
    """Whether something that stands in a file says what a leaf has found."""
    return any(step.fact is not None for step in leaf.steps) or any(link.place for link in leaf.links)
