"""Which values key controls a finding, confirmed by rendering again with it changed.

Findings are matched with keys that their template lines speak of (`trials.py`). Keys that
have nothing to do with each other's findings are tried in one rendering. A key counts
when with it changed the finding goes and its resource stays, or when the text in the
finding's place changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scanner.formats.base import Evaluate, Refine
from scanner.formats.helm.budget import UNTRIED, TrialBudget
from scanner.formats.helm.influence import Influence, InfluenceReader, Place
from scanner.formats.helm.plain import Plain
from scanner.formats.helm.rendered import Part, RenderedChart
from scanner.formats.helm.rendering import Renderer, Rendering
from scanner.formats.helm.trials import Plan, Planner, Trial
from scanner.formats.helm.values_view import ValuesView, labels_of, show
from scanner.model.finding import Finding, RelatedLocation, ValuesKey
from scanner.model.resources import ResourceRef, UnitResources
from scanner.model.rule import Rule

HARD_CODED = "; hard-coded: no value of the chart changes it"
"""Stands at the end of the message of a finding that no value can have to do with."""

_STEP = 3
"""Choices of a finding that are tried at a time, after the first."""

_Identity = tuple[object, ...]


@dataclass(slots=True)
class _Case:
    """A finding on its way to a key."""

    number: int
    finding: Finding
    part: Part
    lines: list[Place]
    plan: Plan
    gone: list[Trial] = field(default_factory=list)
    changed: list[Trial] = field(default_factory=list)
    is_untried: bool = False

    @property
    def fields(self) -> set[str]:
        """The fields that trials for the finding set."""
        return {trial.field for trial in self.plan.trials}

    def confirmed(self) -> Trial | None:
        """The key to name: the first whose change makes the finding go, else change its text."""
        order = {trial.identity: number for number, trial in enumerate(self.plan.trials)}
        for found in (self.gone, self.changed):
            if found:
                return min(found, key=lambda trial: order[trial.identity])
        return None


@dataclass(slots=True)
class _Outcome:
    """What one template gives under a trial."""

    findings: Counter[_Identity]
    resources: set[_Identity]
    rows: Counter[str]


class Confirmer:
    """Finds the keys for the findings of one chart, set by set."""

    def __init__(self, renderer: Renderer, chart: RenderedChart, trials: int) -> None:
        self._renderer = renderer
        self._chart = chart
        self._is_off = trials <= 0
        self.budget = TrialBudget(trials)
        self._templates = {template.path: template for template in renderer.templates}
        self._reader: InfluenceReader | None = None
        self._influences: dict[str, Influence] = {}
        self._known: dict[_Identity, Finding] = {}
        self._view: ValuesView | None = None

    def refine(self, rendering: Rendering, parts: Sequence[Part]) -> Refine:
        """Return what finds the keys of the findings in one rendering."""

        def refine(
            findings: tuple[Finding, ...], evaluate: Evaluate, rules: Mapping[str, Rule]
        ) -> tuple[Finding, ...]:
            return self._refine(findings, evaluate, rules, rendering, parts)

        return refine

    def _refine(
        self,
        findings: tuple[Finding, ...],
        evaluate: Evaluate,
        rules: Mapping[str, Rule],
        rendering: Rendering,
        parts: Sequence[Part],
    ) -> tuple[Finding, ...]:
        if self._is_off:
            return findings
        refined = list(findings)
        new: list[tuple[int, Finding]] = []
        for number, finding in enumerate(findings):
            known = self._known.get(_whole_identity(finding))
            if known is None:
                new.append((number, finding))
                continue
            related = (*finding.related, *known.related[len(finding.related) :])
            refined[number] = finding._replace(
                values_key=known.values_key, message=known.message, related=related
            )
        if not new:
            return tuple(refined)
        view = self._view = ValuesView(self._renderer.bundle, rendering.values, self._view)
        cases = list(self._cases(new, rules, parts, view))
        session = _Session(self._renderer, self._chart, rendering, view, evaluate, self.budget)
        is_complete = session.run(cases)
        for case in cases:
            finding = _named(case, view, is_complete=is_complete)
            self._known[_whole_identity(case.finding)] = finding
            refined[case.number] = finding
        return tuple(refined)

    def _cases(
        self,
        findings: Sequence[tuple[int, Finding]],
        rules: Mapping[str, Rule],
        parts: Sequence[Part],
        view: ValuesView,
    ) -> Iterable[_Case]:
        by_resource: dict[_Identity, list[Part]] = {}
        for part in parts:
            for reference in _references(part.resources):
                by_resource.setdefault(reference[:2], []).append(part)
        planners: dict[str, Planner] = {}
        plans: dict[tuple[str, str, tuple[Place, ...]], Plan] = {}
        for number, finding in findings:
            rule = rules.get(finding.rule)
            candidates = by_resource.get(_resource(finding.resource)[:2], [])
            if rule is None or not candidates:
                continue
            path = finding.location.path
            part = next((one for one in candidates if one.source.path == path), candidates[0])
            lines = self._lines(finding, part)
            if part.name not in planners:
                influence = self._influence(part)
                planners[part.name] = Planner(part.path, influence, self._templates, view)
            key = (finding.rule, part.name, tuple(lines))
            if key not in plans:
                plans[key] = planners[part.name].plan(rule, lines)
            yield _Case(number, finding, part, lines, plans[key])

    def _influence(self, part: Part) -> Influence:
        known = self._influences.get(part.name)
        if known is None:
            if self._reader is None:
                self._reader = InfluenceReader(self._renderer.templates)
            known = self._influences[part.name] = self._reader.read(part.path, labels_of(part.name))
        return known

    def _lines(self, finding: Finding, part: Part) -> list[Place]:
        """The template lines that a finding stands on; none when only its file is known."""
        path, span = finding.location
        if not part.source.exact_lines:
            return []
        inner = [
            name
            for name, origin in self._renderer.bundle.origins.items()
            if origin.path == path and not origin.is_packed and name in self._templates
        ]
        chart = part.path.split("templates/", 1)[0]
        inner = [name for name in inner if name.startswith(chart)] or inner
        return [(name, line) for name in inner[:2] for line in range(span.line, span.end_line + 1)]


class _Session:
    """Tries keys for the findings of one rendering."""

    def __init__(
        self,
        renderer: Renderer,
        chart: RenderedChart,
        rendering: Rendering,
        view: ValuesView,
        evaluate: Evaluate,
        budget: TrialBudget,
    ) -> None:
        self._budget = budget
        self._renderer = renderer
        self._chart = chart
        self._rendering = rendering
        self._view = view
        self._evaluate = evaluate
        self._outcomes: dict[tuple[str, str], _Outcome | None] = {}
        self._paths: set[str] = set()
        self._size = 0

    def run(self, cases: Sequence[_Case]) -> bool:
        """Try keys for all; false when the budget ran out, or a trial broke a limit."""
        tried: dict[_Identity, Mapping[str, str] | None] = {}
        left = [case for case in cases if case.plan.trials]
        self._paths = {case.part.path for case in left}
        self._size = self._renderer.size_of(self._paths)
        longest = max((len(case.plan.trials) for case in left), default=0)
        for start, stop in pairwise((0, 1, *range(3, longest + _STEP, _STEP))):
            left = [case for case in left if not case.gone and not case.changed]
            trials: dict[_Identity, Trial] = {}
            for case in left:
                for trial in case.plan.trials[start:stop]:
                    if trial.identity not in tried:
                        trials[trial.identity] = trial
            rounds = _pack(list(trials.values()), left)
            if not self._budget.suffices(len(rounds), self._size):
                untried = [case for case in left if len(case.plan.trials) > start]
                for case in untried:
                    case.is_untried = True
                self._budget.untried += len(untried)
                return False
            tried.update(self._answers(rounds))
            unclear: dict[_Identity, tuple[Trial, list[_Case]]] = {}
            shared = {trial.identity for members in rounds if len(members) > 1 for trial in members}
            for case in left:
                for trial in case.plan.trials[start:stop]:
                    if not self._judge(case, trial, tried[trial.identity]) and trial.identity in shared:
                        unclear.setdefault(trial.identity, (trial, []))[1].append(case)
            self._try_alone(list(unclear.values()), tried)
        return not self._renderer.has_broken

    def _try_alone(
        self,
        unclear: Sequence[tuple[Trial, list[_Case]]],
        tried: dict[_Identity, Mapping[str, str] | None],
    ) -> None:
        """Try keys one by one whose rendering another key spoiled for some findings: by
        another name for all objects, say."""
        for (trial, cases), texts in zip(
            unclear, self._render([[trial] for trial, _ in unclear]), strict=True
        ):
            tried[trial.identity] = texts
            for case in cases:
                self._judge(case, trial, texts)

    def _answers(self, rounds: Sequence[Sequence[Trial]]) -> dict[_Identity, Mapping[str, str] | None]:
        """Render each round; the trials of one that does not render are rendered one by one."""
        answers = dict(enumerate(self._render(rounds)))
        single = [trial for n, texts in answers.items() if texts is None for trial in rounds[n]]
        single = single if len(single) > 1 else []
        found: dict[_Identity, Mapping[str, str] | None] = {}
        for trial, texts in zip(single, self._render([[one] for one in single]), strict=True):
            found[trial.identity] = texts
        for number, texts in answers.items():
            for trial in rounds[number]:
                found.setdefault(trial.identity, texts)
        return found

    def _render(self, rounds: Sequence[Sequence[Trial]]) -> list[Mapping[str, str] | None]:
        overs: list[Mapping[str, object]] = []
        for trials in rounds:
            over: dict[str, Plain] = {}
            for trial in trials:
                self._view.put(over, trial.key, trial.value)
            overs.append(over)
        if not overs:
            return []
        self._budget.spend(len(overs), self._size)
        return self._renderer.try_values(self._rendering, overs, self._paths)

    def _judge(self, case: _Case, trial: Trial, texts: Mapping[str, str] | None) -> bool:
        """Note what a trial says of a finding; false when it says nothing, as the finding's
        resource is not there."""
        name = case.part.name
        before = (self._rendering.texts or {})[name]
        after = None if texts is None else texts.get(name)
        if after is None or after == before:
            return True
        old, new = self._outcome(name, before), self._outcome(name, after)
        if old is None or new is None or _resource(case.finding.resource) not in new.resources:
            return False
        identity = _identity(case.finding)
        if new.findings[identity] < old.findings[identity]:
            case.gone.append(trial)
        elif trial.counts_change:
            rows = Counter(row for place in case.lines for row in case.part.source.rows_from(*place))
            if any(new.rows[row] < old.rows[row] for row in rows if "<random>" not in row):
                case.changed.append(trial)
        return True

    def _outcome(self, name: str, text: str) -> _Outcome | None:
        key = (name, text)
        if key not in self._outcomes:
            unit = self._chart.reread(name, text)
            self._outcomes[key] = None if unit is None else self._evaluated(unit, text)
        return self._outcomes[key]

    def _evaluated(self, unit: UnitResources, text: str) -> _Outcome:
        findings = Counter(map(_identity, self._evaluate(unit)))
        return _Outcome(findings, _references(unit), Counter(text.split("\n")))


def _named(case: _Case, view: ValuesView, *, is_complete: bool) -> Finding:
    finding = case.finding
    trial = case.confirmed()
    if trial is None:
        if is_complete and case.plan.is_hard_coded:
            return finding._replace(message=finding.message + HARD_CODED)
        return finding._replace(message=finding.message + UNTRIED) if case.is_untried else finding
    path, location = view.place(trial.key)
    cure = None
    if trial in case.gone:
        cure = json.dumps(trial.value) if trial.field else ""
    key = ValuesKey(
        path, None if location is None else location.span.line, show(trial.key), cure, _near(trial, view)
    )
    related = finding.related
    if location is not None:
        related = (*related, RelatedLocation(location, f"value '{key.key}' is set here"))
    return finding._replace(values_key=key, related=related)


def _near(trial: Trial, view: ValuesView) -> int | None:
    """Return the line of the innermost key of the values around one."""
    path, _ = view.place(trial.key)
    for size in range(len(trial.key) - 1, 0, -1):
        around, location = view.place(trial.key[:size])
        if location is not None:
            return location.span.line if around == path else None
    return None


def _pack(trials: Sequence[Trial], cases: Sequence[_Case]) -> list[list[Trial]]:
    """Put trials together that can share a rendering: none has to do with a finding for which
    another of them is tried. Mere changes, which charts may refuse, are kept apart."""
    masks: dict[_Identity, tuple[int, int]] = {}
    for trial in trials:
        tried = related = 0
        for number, case in enumerate(cases):
            if any(one.identity == trial.identity for one in case.plan.trials):
                tried |= 1 << number
            elif _is_related(case, trial):
                related |= 1 << number
        masks[trial.identity] = (tried, tried | related)
    rounds: list[tuple[bool, list[Trial], int, int]] = []
    alone = [[trial] for trial in trials if _renames(trial)]
    for trial in trials:
        if _renames(trial):
            continue
        tried, related = masks[trial.identity]
        for number, (is_change, members, all_tried, all_related) in enumerate(rounds):
            fits = is_change is not bool(trial.field) and not (tried & all_related or related & all_tried)
            if fits and not any(_overlap(trial.key, one.key) for one in members):
                members.append(trial)
                rounds[number] = (is_change, members, all_tried | tried, all_related | related)
                break
        else:
            rounds.append((not trial.field, [trial], tried, related))
    return [*(members for _, members, _, _ in rounds), *alone]


def _renames(trial: Trial) -> bool:
    """Whether a key is called as if it named objects, which would spoil what it is tried with."""
    return not trial.field and trial.key[-1].lower().endswith(("override", "name"))


def _is_related(case: _Case, trial: Trial) -> bool:
    """Whether setting a key may have to do with a finding for which it is not tried."""
    if trial.field and trial.field not in case.fields:
        return False
    return any(_overlap(trial.key, key) for key in case.plan.keys)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    size = min(len(one), len(other))
    return one[:size] == other[:size]


def _identity(finding: Finding) -> _Identity:
    return (finding.rule, finding.field, finding.item, *_resource(finding.resource))


def _whole_identity(finding: Finding) -> _Identity:
    return (finding.location, *_identity(finding))


def _resource(reference: ResourceRef) -> _Identity:
    # Without the namespace: the values may move an object, and it is the same all the same.
    return (reference.kind, reference.name, reference.container)


def _references(unit: UnitResources) -> set[_Identity]:
    found = {_resource(workload.ref) for workload in unit.workloads}
    found |= {_resource(container.ref) for workload in unit.workloads for container in workload.containers}
    return found | {_resource(document.ref) for document in unit.documents}
