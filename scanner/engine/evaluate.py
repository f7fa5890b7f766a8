"""Rules over the resources of a unit: findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple

from scanner.engine.cases import taken_apart
from scanner.engine.compile import (
    Evaluator,
    GraphEvaluator,
    GraphHit,
    Hit,
    compile_graph_rules,
    compile_rules,
)
from scanner.engine.questions import crosses_files, follows
from scanner.engine.views import Viewer
from scanner.engine.witnesses import Witnesses, Witnessing, has_witnesses, untold
from scanner.guarding import rule_stage
from scanner.model.finding import Finding, RelatedLocation
from scanner.model.graph import Graph, GraphUnit
from scanner.model.relations import Relation
from scanner.model.resources import DecidedBy, Format, UnitResources
from scanner.model.rule import Operand, Rule
from scanner.model.source import Located, Location

_BETWEEN_ENVIRONMENTS = frozenset(("base-variants", "variants", "siblings", "sibling-of"))


class Evaluation(NamedTuple):
    """What the rules said of one unit.

    `masked` are the places whose text is a secret, and `secrets` the facts there, each with the
    name of what it is the value of (empty where it has none). `unknown` counts verdicts that the
    files could not decide, by rule id. `broken` are the rules (`rule 'x'`) and other steps that
    raised, each with its first error.
    """

    findings: tuple[Finding, ...]
    masked: tuple[Location, ...]
    unknown: Mapping[str, int]
    broken: tuple[tuple[str, Exception], ...]
    secrets: tuple[tuple[str, Located[object]], ...] = ()


NOTHING_SAID = Evaluation((), (), {}, ())
"""What is said of a unit that no rule was asked of."""


class Engine:
    """Evaluates a fixed set of rules; the code for a format is generated on first use.

    `params` replace the defaults of rules, by rule id. Rules in `hidden` are evaluated
    for the secrets they find alone, which must be masked whether or not the rule is
    selected; they give no findings. Rules that follow relations, or ask for what the graph
    decides, are evaluated by `relate` alone, all others by `evaluate` alone.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        params: Mapping[str, Mapping[str, Operand]] | None = None,
        hidden: Sequence[Rule] = (),
    ) -> None:
        shown = tuple(taken_apart(rules))
        numbered = dict(enumerate((*shown, *taken_apart(hidden))))
        self._shown = len(shown)
        self._rules = numbered
        self._params = params or {}
        self.graph_rules = {number: rule for number, rule in numbered.items() if crosses_files(rule.when)}
        self._local = {number: rule for number, rule in numbered.items() if number not in self.graph_rules}
        self._evaluators: dict[tuple[Format, bool, int | None], Evaluator] = {}
        self._graph_evaluators: dict[
            tuple[Format, int | None], tuple[GraphEvaluator, tuple[Relation, ...]]
        ] = {}
        self._uncompiled: dict[object, tuple[Exception, TracebackType | None]] = {}
        self._numbered = tuple((rule, rule.at[0] if rule.at else "") for rule in numbered.values())
        self._telling = {
            number for number, rule in self.graph_rules.items() if has_witnesses(rule) and number < len(shown)
        }
        # Whether a rule asks for what an environment is built on, or for its siblings.
        self.compares_environments = any(
            follows(rule.when, _BETWEEN_ENVIRONMENTS) for rule in self.graph_rules.values()
        )

    def evaluate(self, unit: UnitResources) -> Evaluation:
        """Return what the rules on single resources say of a unit.

        Two hits of a rule at one place for one workload (what a pod sets and its
        containers inherit) are one finding.
        """
        hits: list[Hit] = []
        notes = _Notes(self._rules, self._shown)
        try:
            self._evaluator(unit)(unit, hits.append, notes.count_unknown, notes.note_broken)
        except Exception:
            hits, notes = [], _Notes(self._rules, self._shown)
            for number, rule in self._local.items():
                if unit.format in rule.formats:
                    try:
                        evaluator = self._evaluator(unit, number)
                        evaluator(unit, hits.append, notes.count_unknown, notes.note_broken)
                    except Exception as error:
                        notes.note_broken(number, error)
        return self._evaluation(unit, hits, notes)

    def relate(self, graph: Graph, only: GraphUnit | None = None) -> Iterator[tuple[GraphUnit, Evaluation]]:
        """Yield each unit of a graph, or `only` one, with what the rules that follow relations say.

        Of one alone, findings do not tell what they rest on in other resources.
        """
        view = Viewer(graph)
        telling = _Telling(self, graph, view) if only is None else None
        for unit in graph.units if only is None else (only,):
            try:
                found, notes = self._ask_of(unit.resources, view)
                hits = [hit[:5] for hit in found]
                told = {} if telling is None else telling.witnesses(found, notes)
                evaluation = self._evaluation(unit.resources, hits, notes, told)
            except Exception as error:
                evaluation = NOTHING_SAID._replace(broken=(("judging the graph", error),))
            yield unit, evaluation

    def _ask_of(self, unit: UnitResources, view: Viewer) -> tuple[list[GraphHit], _Notes]:
        """Ask all rules that follow relations of a unit: together, or one by one where that fails."""
        found: list[GraphHit] = []
        notes = _Notes(self._rules, self._shown)
        try:
            evaluator, relations = self._graph_evaluator(unit.format)
            seen = view.of(relations)
            evaluator(unit, seen, found.append, notes.count_unknown, notes.note_broken)
        except Exception:
            found, notes = [], _Notes(self._rules, self._shown)
            for number, rule in self.graph_rules.items():
                if unit.format in rule.formats:
                    try:
                        evaluator, relations = self._graph_evaluator(unit.format, number)
                        seen = view.of(relations)
                        evaluator(unit, seen, found.append, notes.count_unknown, notes.note_broken)
                    except Exception as error:
                        notes.note_broken(number, error)
        return found, notes

    def _settings(self, number: int) -> Mapping[str, Operand]:
        rule = self._rules[number]
        return {**rule.params, **self._params.get(rule.id, {})}

    def _evaluation(
        self,
        unit: UnitResources,
        hits: Sequence[Hit],
        notes: _Notes,
        told: Mapping[int, Witnesses] | None = None,
    ) -> Evaluation:
        findings: list[Finding] = []
        masked: list[Location] = []
        secrets: list[tuple[str, Located[object]]] = []
        seen: set[tuple[int, object, str, int | None]] = set()
        needs = _needs(unit, notes)
        for index, (number, reference, item, fact, message) in enumerate(hits):
            rule, field = self._numbered[number]
            try:
                # A name that stands there without a value is no secret.
                if rule.sensitive and fact.value != item:
                    masked.append(fact.source.extent(fact.place))
                    secrets.append((item, fact))
                if number >= self._shown:
                    continue
                # What a pod sets and its containers inherit is one place: the same object.
                place = fact.place
                same = place if place.__class__ is int else id(place)
                identity = (number, same, reference.name, reference.document)
                if identity in seen:
                    continue
                seen.add(identity)
                message += needs.get((reference.kind, reference.name), "")
                related = _overridden(fact) if fact.overridden else ()
                location = fact.source.locate(place)
                finding = Finding(rule.id, rule.severity, message, location, reference, field, item, related)
                ask = getattr(fact.source, "is_exact", None)
                if ask is not None and not ask(place):
                    finding = finding._replace(exact=False)
                findings.append(
                    finding if told is None or index not in told else _told(finding, told[index], rule)
                )
            except Exception as error:
                notes.note_broken(number, error)
        broken = tuple(notes.broken.items())
        return Evaluation(tuple(findings), tuple(masked), notes.unknown, broken, tuple(secrets))

    def _evaluator(self, unit: UnitResources, alone: int | None = None) -> Evaluator:
        """Return what asks all rules on single resources, or the one of a number."""
        key = (unit.format, unit.certain, alone)
        if key not in self._evaluators:
            rules = _only(self._local, alone)
            with self._remembered(key):
                self._evaluators[key] = compile_rules(rules, self._params, unit.format, certain=unit.certain)
        return self._evaluators[key]

    def _graph_evaluator(
        self, form: Format, alone: int | None = None
    ) -> tuple[GraphEvaluator, tuple[Relation, ...]]:
        key = (form, alone)
        if key not in self._graph_evaluators:
            rules = _only(self.graph_rules, alone)
            with self._remembered(key):
                self._graph_evaluators[key] = compile_graph_rules(rules, self._params, form)
        return self._graph_evaluators[key]

    @contextmanager
    def _remembered(self, key: object) -> Iterator[None]:
        """Raise what compiling has raised before, without doing it again."""
        known = self._uncompiled.get(key)
        if known is not None:
            raise known[0].with_traceback(known[1])
        try:
            yield
        except Exception as error:
            self._uncompiled[key] = error, error.__traceback__
            raise

    def witnessing(self, number: int, graph: Graph, view: Viewer) -> Witnessing | None:
        """Return what finds the witnesses of a rule's findings, None where there can be none."""
        if number not in self._telling:
            return None
        return Witnessing(self._rules[number], graph, self._settings(number), view)

    def rule(self, number: int) -> Rule:
        """Return the rule (or the case of one) of a number."""
        return self._rules[number]


def _only(rules: Mapping[int, Rule], number: int | None) -> Mapping[int, Rule]:
    return rules if number is None else {number: rules[number]}


class _Telling:
    """Finds what findings in a graph rest on."""

    def __init__(self, engine: Engine, graph: Graph, view: Viewer) -> None:
        self._engine = engine
        self._graph = graph
        self._view = view
        self._witnessing: dict[int, Witnessing | None] = {}

    def witnesses(self, hits: Sequence[GraphHit], notes: _Notes) -> dict[int, Witnesses]:
        """Return by their indexes what those hits rest on that may rest on something."""
        told = {}
        for index, (number, _, _, _, _, kind, resource) in enumerate(hits):
            try:
                if number not in self._witnessing:
                    self._witnessing[number] = self._engine.witnessing(number, self._graph, self._view)
                asked = self._witnessing[number]
                if asked is not None:
                    told[index] = asked.of(kind, resource)
            except Exception as error:
                notes.note_broken(number, error)
                told[index] = untold(self._engine.rule(number), kind)
        return told


class _Notes:
    """Collects what generated code calls back with beside hits."""

    def __init__(self, rules: Mapping[int, Rule], shown: int) -> None:
        self._rules = rules
        self._shown = shown
        self.unknown: dict[str, int] = {}
        self.broken: dict[str, Exception] = {}

    def count_unknown(self, number: int) -> None:
        if number < self._shown:
            identifier = self._rules[number].id
            self.unknown[identifier] = self.unknown.get(identifier, 0) + 1

    def note_broken(self, number: int, error: Exception) -> None:
        self.broken.setdefault(rule_stage(self._rules[number].id), error)


def _told(finding: Finding, witnesses: Witnesses, rule: Rule) -> Finding:
    """Return a finding with the places of other resources that it rests on."""
    own = finding.location
    places = tuple(
        RelatedLocation(step.fact.location, step.text) for step in witnesses.steps if step.fact is not None
    )
    known = {own, *(place.location for place in finding.related)}
    others = tuple(dict.fromkeys(place for place in places if place.location not in known))
    return finding._replace(
        message=witnesses.fill(finding.message) + witnesses.note,
        related=(*finding.related, *others),
        flow=tuple(dict.fromkeys(places)) if rule.flow else (),
        confidence=witnesses.confidence,
    )


def _needs(unit: UnitResources, notes: _Notes) -> dict[tuple[str, str], str]:
    """What a workload needs to run at all, by its kind and name, as the end of a message."""
    found: dict[tuple[str, str], str] = {}
    try:
        for workload in unit.workloads:
            if workload.profiles is not None and workload.profiles.value.__class__ is tuple:
                names = " or ".join(f"'{name}'" for name in workload.profiles.value)
                if names:
                    found[workload.ref.kind, workload.ref.name] = f" (with profile {names})"
    except Exception as error:
        notes.broken.setdefault("judging", error)
    return found


def _overridden(fact: Located[object]) -> tuple[RelatedLocation, ...]:
    return tuple(RelatedLocation(place.location, _part_in_it(place.value)) for place in fact.overridden)


def _part_in_it(value: object) -> str:
    if isinstance(value, DecidedBy):
        return f"variable '{value.variable}' is set here"
    return "overrides what is set here"
