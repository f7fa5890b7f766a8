"""Rules over the resources of a unit: findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scanner.engine.compile import Evaluator, Hit, compile_rules
from scanner.model.finding import Finding, RelatedLocation
from scanner.model.resources import DecidedBy, Format, UnitResources
from scanner.model.rule import Operand, Rule
from scanner.model.source import Located, Location


class Evaluation(NamedTuple):
    """What the rules said of one unit.

    `masked` are the places whose text is a secret. `unknown` counts verdicts that the
    files could not decide, by rule id. `broken` are rules that raised, with the error.
    """

    findings: tuple[Finding, ...]
    masked: tuple[Location, ...]
    unknown: Mapping[str, int]
    broken: tuple[tuple[str, Exception], ...]


class Engine:
    """Evaluates a fixed set of rules; the code for a format is generated on first use.

    `params` replace the defaults of rules, by rule id. Rules in `hidden` are evaluated
    for the secrets they find alone, which must be masked whether or not the rule is
    selected; they give no findings.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        params: Mapping[str, Mapping[str, Operand]] | None = None,
        hidden: Sequence[Rule] = (),
    ) -> None:
        self._rules = (*rules, *hidden)
        self._shown = len(rules)
        self._params = params or {}
        self._evaluators: dict[tuple[Format, bool], Evaluator] = {}
        self._numbered = tuple((rule, rule.at[0] if rule.at else "") for rule in self._rules)

    def evaluate(self, unit: UnitResources) -> Evaluation:
        """Return what the rules say of a unit.

        Two hits of a rule at one place for one workload (what a pod sets and its
        containers inherit) are one finding.
        """
        hits: list[Hit] = []
        unknown: dict[str, int] = {}
        broken: list[tuple[str, Exception]] = []

        def count_unknown(number: int) -> None:
            if number < self._shown:
                identifier = self._rules[number].id
                unknown[identifier] = unknown.get(identifier, 0) + 1

        def note_broken(number: int, error: Exception) -> None:
            broken.append((self._rules[number].id, error))

        self._evaluator(unit)(unit, hits.append, count_unknown, note_broken)
        findings: list[Finding] = []
        masked: list[Location] = []
        seen: set[tuple[int, int, str, int | None]] = set()
        needs = _needs(unit)
        for number, reference, item, fact, message in hits:
            rule, field = self._numbered[number]
            # A name that stands there without a value is no secret.
            if rule.sensitive and fact.value != item:
                masked.append(fact.source.extent(fact.place))
            if number >= self._shown:
                continue
            # What a pod sets and its containers inherit is one place: the same object.
            identity = (number, id(fact.place), reference.name, reference.document)
            if identity in seen:
                continue
            seen.add(identity)
            message += needs.get((reference.kind, reference.name), "")
            related = _overridden(fact) if fact.overridden else ()
            location = fact.source.locate(fact.place)
            findings.append(
                Finding(rule.id, rule.severity, message, location, reference, field, item, related)
            )
        return Evaluation(tuple(findings), tuple(masked), unknown, tuple(broken))

    def _evaluator(self, unit: UnitResources) -> Evaluator:
        key = (unit.format, unit.certain)
        if key not in self._evaluators:
            self._evaluators[key] = compile_rules(
                self._rules, self._params, unit.format, certain=unit.certain
            )
        return self._evaluators[key]


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
