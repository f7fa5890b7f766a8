"""Rules over the resources of a unit: findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scanner.engine.cases import taken_apart
from scanner.engine.compile import Evaluator, GraphEvaluator, Hit, compile_graph_rules, compile_rules
from scanner.engine.questions import crosses_files, follows
from scanner.engine.views import Viewer
from scanner.engine.witnesses import Witnesses, Witnessing, has_witnesses
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
    files could not decide, by rule id. `broken` are rules that raised, with the error.
    """

    findings: tuple[Finding, ...]
    masked: tuple[Location, ...]
    unknown: Mapping[str, int]
    broken: tuple[tuple[str, Exception], ...]
    secrets: tuple[tuple[str, Located[object]], ...] = ()


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
        self._evaluators: dict[tuple[Format, bool], Evaluator] = {}
        self._graph_evaluators: dict[Format, tuple[GraphEvaluator, tuple[Relation, ...]]] = {}
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
        self._evaluator(unit)(unit, hits.append, notes.count_unknown, notes.note_broken)
        return self._evaluation(unit, hits, notes)

    def relate(self, graph: Graph, only: GraphUnit | None = None) -> Iterator[tuple[GraphUnit, Evaluation]]:
        """Yield each unit of a graph, or `only` one, with what the rules that follow relations say.

        Of one alone, findings do not tell what they rest on in other resources.
        """
        view = Viewer(graph)
        witnessing = {
            number: Witnessing(self._rules[number], graph, self._settings(number), view)
            for number in (self._telling if only is None else ())
        }
        for unit in graph.units if only is None else (only,):
            evaluator, relations = self._graph_evaluator(unit.resources.format)
            found: list[Any] = []
            notes = _Notes(self._rules, self._shown)
            seen = view.of(relations)
            evaluator(unit.resources, seen, found.append, notes.count_unknown, notes.note_broken)
            hits = [hit[:5] for hit in found]
            told = {
                index: witnessing[hit[0]].of(hit[5], hit[6])
                for index, hit in enumerate(found)
                if hit[0] in witnessing
            }
            yield unit, self._evaluation(unit.resources, hits, notes, told)

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
        needs = _needs(unit)
        for index, (number, reference, item, fact, message) in enumerate(hits):
            rule, field = self._numbered[number]
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
        return Evaluation(tuple(findings), tuple(masked), notes.unknown, tuple(notes.broken), tuple(secrets))

    def _evaluator(self, unit: UnitResources) -> Evaluator:
        key = (unit.format, unit.certain)
        if key not in self._evaluators:
            self._evaluators[key] = compile_rules(
                self._local, self._params, unit.format, certain=unit.certain
            )
        return self._evaluators[key]

    def _graph_evaluator(self, form: Format) -> tuple[GraphEvaluator, tuple[Relation, ...]]:
        if form not in self._graph_evaluators:
            self._graph_evaluators[form] = compile_graph_rules(self.graph_rules, self._params, form)
        return self._graph_evaluators[form]


class _Notes:
    """Collects what generated code calls back with beside hits."""

    def __init__(self, rules: Mapping[int, Rule], shown: int) -> None:
        self._rules = rules
        self._shown = shown
        self.unknown: dict[str, int] = {}
        self.broken: list[tuple[str, Exception]] = []

    def count_unknown(self, number: int) -> None:
        if number < self._shown:
            identifier = self._rules[number].id
            self.unknown[identifier] = self.unknown.get(identifier, 0) + 1

    def note_broken(self, number: int, error: Exception) -> None:
        self.broken.append((self._rules[number].id, error))


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


def _needs(unit: UnitResources) -> dict[tuple[str, str], str]:
    """What a workload needs to run at all, by its kind and name, as the end of a message."""
    found: dict[tuple[str, str], str] = {}
    for workload in unit.workloads:
        if workload.profiles is not None and workload.profiles.value.__class__ is tuple:
            names = " or ".join(f"'{name}'" for name in workload.profiles.value)
            if names:
                found[workload.ref.kind, workload.ref.name] = f" (with profile {names})"
    return found


def _overridden(fact: Located[object]) -> tuple[RelatedLocation, ...]:
    return tuple(RelatedLocation(place.location, _part_in_it(place.value)) for place in fact.overridden)


def _part_in_it(value: object) -> str:
    if isinstance(value, DecidedBy):
        return f"variable '{value.variable}' is set here"
    return "overrides what is set here"
