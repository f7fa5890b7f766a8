"""Why a condition holds, does not hold or cannot be decided: the same code as in a scan, part by part.

Every part of a condition is compiled as it is for a scan, on its own; so a trace cannot
disagree with the verdict that a scan gave.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from scanner.engine.compile import View
from scanner.engine.expressions import ExpressionWriter, Mode
from scanner.engine.telling import base_names, view_opened
from scanner.engine.views import Viewer
from scanner.model.graph import Graph, Link
from scanner.model.relations import Relation, relation_named
from scanner.model.resolved import Step
from scanner.model.rule import All, Condition, FieldTest, Not, Operand, Predicate, Quantified, Related
from scanner.model.rule import Any as AnyOf
from scanner.model.source import Located
from scanner.model.vocabulary import RESOLVED_FIELD, containers_of, fields_of, item_kind
from scanner.trees import nodes
from scanner.trees.running import made


class Trace(NamedTuple):
    """What came of one condition for one resource.

    `verdict` is None where the files cannot decide. `subject` is the resource, of `kind`. A field
    test has the `fact` that it looked at (None where it is absent), or
    the `plain` value of what has no place, and, of a fact that was
    resolved, the `steps` to it and the `resolved` record itself; a relation has the
    `links` that it followed, with the parts about their targets, in this order.
    """

    condition: Condition
    kind: str
    subject: Any
    verdict: bool | None
    parts: tuple[Trace, ...] = ()
    fact: Located[object] | None = None
    steps: tuple[Step, ...] = ()
    links: tuple[Link, ...] = ()
    resolved: Any = None
    plain: object = None


Check = Callable[[Any, View], Any]


class Tracer:
    """Traces the conditions of one rule over the resources of a graph; `params` are its settings.

    Resources must be those of the graph, which knows what they belong to.
    """

    def __init__(self, graph: Graph, params: Mapping[str, Operand], viewer: Viewer | None = None) -> None:
        self._graph = graph
        self._viewer = viewer or Viewer(graph)
        self._params = params
        self._checks: dict[tuple[int, str, Mode], tuple[Check, tuple[Relation, ...], Condition]] = {}
        self._finders: dict[tuple[str, str], Check] = {}

    def trace(self, condition: Condition, kind: str, subject: Any) -> Trace:
        """Return what comes of a condition about a resource of `kind`, with all of its parts."""
        verdict = self.verdict(condition, kind, subject)
        match condition:
            case All(parts) | AnyOf(parts):
                traces = tuple(self.trace(part, kind, subject) for part in parts)
                return Trace(condition, kind, subject, verdict, traces)
            case Not(inner):
                return Trace(condition, kind, subject, verdict, (self.trace(inner, kind, subject),))
            case Quantified(_, _, inner):
                items = self.items(condition, kind, subject)
                traces = tuple(self.trace(inner, of, item) for of, item in items)
                return Trace(condition, kind, subject, verdict, traces)
            case Related(_, _, about):
                relation, holder, links = self.followed(condition, kind, subject)
                traces = ()
                if about is not None:
                    ends = (link.target if relation.said_by_source else link.source for link in links)
                    traces = tuple(self.trace(about, relation.target, end) for end in ends)
                return Trace(condition, relation.source, holder, verdict, traces, links=links)
            case FieldTest():
                return self.looked_at(condition, kind, subject)._replace(verdict=verdict)
            case Predicate():
                return Trace(condition, kind, subject, verdict)

    def verdict(self, condition: Condition, kind: str, subject: Any) -> bool | None:
        """Return whether a condition holds, None where the files cannot decide."""
        if self.holds(condition, kind, subject):
            return True
        return None if self._check(condition, kind, subject, Mode.POSSIBLE) else False

    def holds(self, condition: Condition, kind: str, subject: Any) -> bool:
        """Return whether a condition surely holds."""
        return self._check(condition, kind, subject, Mode.TRUE)

    def looked_at(self, condition: FieldTest, kind: str, subject: Any) -> Trace:
        """Return what a field test looks at, without its verdict."""
        found = self._value(condition.path, kind, subject)
        fact = found if isinstance(found, Located) else None
        resolved, steps = self._steps(condition.path, kind, subject)
        plain = None if fact is not None or isinstance(found, tuple) else found
        return Trace(condition, kind, subject, None, (), fact, steps, (), resolved, plain)

    def _value(self, path: str, kind: str, subject: Any) -> Any:
        if kind == "value":
            return subject
        finder = self._finders.get((path, kind))
        if finder is None:
            writer = ExpressionWriter(self._params, {}, "c", [], remote=(kind, "subject"))
            finder = _function(writer.located(path, kind, "subject"), base_names(), 0)
            self._finders[path, kind] = finder
        return finder(subject, View((), self._graph.resolved, self._graph.owners))

    def shown(self, path: str, kind: str, subject: Any) -> str:
        """Return the value of a field as text for people."""
        writer = ExpressionWriter(self._params, {}, "c", [], remote=(kind, "subject"))
        finder = _function(writer.shown(path, kind, "subject"), base_names(), 0)
        return str(finder(subject, View((), self._graph.resolved, self._graph.owners)))

    def _check(self, condition: Condition, kind: str, subject: Any, mode: Mode) -> bool:
        key = (id(condition), kind, mode)
        if key not in self._checks:
            names = base_names()
            relations: list[Relation] = []
            writer = ExpressionWriter(self._params, names, "c", relations, remote=(kind, "subject"))
            expression = writer.condition(condition, kind, "subject", mode)
            check = _function(expression, names, len(relations))
            self._checks[key] = check, tuple(relations), condition
        check, followed, _ = self._checks[key]
        return bool(check(subject, self._viewer.of(followed)))

    def items(self, condition: Quantified, kind: str, subject: Any) -> list[tuple[str, Any]]:
        """Return the items of the list that a condition goes over, each with its kind."""
        steps = condition.path.split(".")
        holder = subject
        if steps[0] not in fields_of(kind):
            holder = self._around(steps.pop(0), kind, subject)
        for step in steps:
            if holder is None:
                return []
            holder = self._graph.resolved.get(holder) if step == RESOLVED_FIELD else getattr(holder, step)
        if isinstance(holder, Located):
            values = holder.value
            return [("value", one) for one in values] if isinstance(values, tuple) else []
        if not isinstance(holder, tuple):
            return []
        of = item_kind(kind, condition.path)
        return [(of, item) for item in holder]

    def followed(self, condition: Related, kind: str, subject: Any) -> tuple[Relation, Any, tuple[Link, ...]]:
        """Return the relation that a condition follows, the resource it follows it from, and the
        links, those that only may hold included."""
        relation, around = relation_named(kind, condition.relation)
        holder = self._around(relation.source, kind, subject) if around else subject
        return relation, holder, self._graph.related(holder, relation).possible

    def _around(self, wanted: str, kind: str, subject: Any) -> Any:
        if wanted == kind:
            return subject
        for outer in containers_of(kind):
            subject = self._graph.owners.get(subject)
            if outer == wanted:
                return subject
        return None

    def _steps(self, path: str, kind: str, subject: Any) -> tuple[Any, tuple[Step, ...]]:
        steps = path.split(".")
        if RESOLVED_FIELD not in steps:
            return None, ()
        if steps[0] not in fields_of(kind):
            subject = self._around(steps.pop(0), kind, subject)
        for step in steps[: steps.index(RESOLVED_FIELD)]:
            subject = getattr(subject, step, None)
        record = self._graph.resolved.get(subject)
        return record, () if record is None else record.steps.get(steps[-1], ())


def _function(expression: ast.expr, names: dict[str, object], relations: int) -> Check:
    body = [*view_opened("view", list(range(relations))), nodes.returned(expression)]
    tree = nodes.module(nodes.function("check", ("subject", "view"), body))
    return cast("Check", made(tree, "check", names, "a condition"))
