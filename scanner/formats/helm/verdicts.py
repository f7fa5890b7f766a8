"""What the findings of all sets of values, seen together, say of a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scanner.formats.helm.confirmation import HARD_CODED
from scanner.formats.helm.hardening import is_hardening
from scanner.formats.helm.rendered import Part
from scanner.formats.helm.rendering import Rendering
from scanner.model.charts import DefaultGap, FixedSetting
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding, ValuesKey
from scanner.model.resources import ResourceRef, UnitResources
from scanner.model.rule import Rule
from scanner.model.source import Located, Location, SpanSource

_RELEASE = "<release>"
_GAP = "default_gap"
_CI = "ci/"
"""What the names of sets begin with that charts are tested with."""

_Object = tuple[str, str, str | None]
"""Kind, name and container; the same in every set of values, however the release is called."""


@dataclass(slots=True)
class _Outcome:
    """What the rules said of one set of values, and of which objects."""

    findings: list[Finding]
    objects: frozenset[_Object]
    release: str


class _Gap(NamedTuple):
    finding: Finding
    environments: tuple[str, ...]


class Verdicts:
    """Gathers the findings in one chart, set by set."""

    def __init__(self, folder: str, release: str) -> None:
        self._folder = folder
        self._release = release
        self._outcomes: dict[str, _Outcome] = {}
        self._rules: dict[str, Rule] = {}
        self._keys: dict[str, ValuesKey] = {}

    def add(
        self,
        rendering: Rendering,
        parts: Sequence[Part],
        findings: Sequence[Finding],
        rules: Mapping[str, Rule],
    ) -> None:
        """Take in findings of a set that rendered; there may be none, and more may follow."""
        if rendering.texts is None:
            return
        self._rules.update(rules)
        outcome = self._outcomes.get(rendering.values.name)
        if outcome is None:
            release = rendering.values.release or self._release
            objects = frozenset(one for part in parts for one in _objects(part.resources, release))
            outcome = self._outcomes[rendering.values.name] = _Outcome([], objects, release)
        outcome.findings.extend(findings)

    def fixed_settings(self) -> tuple[FixedSetting, ...]:
        """Return the objects of the chart's own templates with settings that no value changes."""
        found: dict[tuple[str, str, str | None], list[Finding]] = {}
        for outcome in self._outcomes.values():
            for finding in outcome.findings:
                if self._is_fixed(finding):
                    key = (finding.location.path, *_object(finding.resource, outcome.release)[1:])
                    found.setdefault(key, []).append(finding)
        settings = [_fixed(findings) for findings in found.values()]
        return tuple(sorted(settings, key=lambda one: one.name.location))

    def default_gaps(self) -> tuple[DefaultGap, ...]:
        """Return what is wrong with the default values alone or not with all others, one for each
        values key, or for each place where no key is known."""
        default = self._outcomes.get(DEFAULT_ENVIRONMENT)
        if default is None:
            return ()
        found: dict[tuple[object, ...], list[_Gap]] = {}
        for finding in default.findings:
            if self._rules[finding.rule].sensitive:
                continue  # a default credential is a finding of its own
            closed = tuple(sorted(self._closed_in(finding, default)))
            if closed:
                key = finding.values_key
                if key is not None:
                    self._keys[key.key] = key
                place = (key.path, key.key) if key is not None else (finding.rule, finding.location)
                found.setdefault(place, []).append(_Gap(finding, closed))
        gaps = [_gap(members) for members in found.values()]
        return tuple(sorted(gaps, key=lambda one: one.name.location))

    def with_key(self, finding: Finding, rules: Mapping[str, Rule]) -> Finding:
        """Return a finding; one about a gap with the values key that would close it."""
        if _GAP not in rules[finding.rule].applies_to:
            return finding
        return finding._replace(values_key=self._keys.get(finding.item))

    def _is_fixed(self, finding: Finding) -> bool:
        path = finding.location.path
        is_own = path.startswith(f"{self._folder}/templates/" if self._folder else "templates/")
        if not is_own or not finding.message.endswith(HARD_CODED):
            return False
        return is_hardening(self._rules[finding.rule])

    def _closed_in(self, finding: Finding, default: _Outcome) -> Iterator[str]:
        """Give the sets of values in which the object is there, and the finding is not."""
        identity = _object(finding.resource, default.release)
        for name, outcome in self._outcomes.items():
            if name == DEFAULT_ENVIRONMENT or identity not in outcome.objects:
                continue
            if name.startswith(_CI) and not is_hardening(self._rules[finding.rule]):
                continue  # a test of a feature; that it needs less is nobody's hardening
            if not any(
                other.rule == finding.rule and _object(other.resource, outcome.release) == identity
                for other in outcome.findings
            ):
                yield name


def _fixed(findings: Sequence[Finding]) -> FixedSetting:
    first = min(findings, key=lambda one: one.location)
    reference = first.resource
    worst_first = sorted(findings, key=lambda one: (-one.severity.rank, one.rule))
    names = tuple(dict.fromkeys(one.rule for one in worst_first))
    source = SpanSource(first.location.path)
    name = f"{reference.kind} '{reference.name}'"
    if reference.container is not None:
        name = f"container '{reference.container}' of {name}"
    place = first.location.span
    return FixedSetting(Located(name, place, source), reference.kind, Located(names, place, source))


def _gap(members: Sequence[_Gap]) -> DefaultGap:
    finding = max(members, key=lambda one: one.finding.severity.rank).finding
    key = finding.values_key
    place = finding.location
    if key is not None and key.line is not None:
        place = next(
            (
                related.location
                for related in finding.related
                if (related.location.path, related.location.span.line) == (key.path, key.line)
            ),
            place,
        )
    environments = tuple(sorted({name for one in members for name in one.environments}))
    name = key.key if key is not None else finding.rule
    reference = finding.resource
    resource = f"{reference.kind} '{reference.name}'"
    if reference.container is not None:
        resource = f"container '{reference.container}' of {resource}"
    return DefaultGap(
        name=_at(name, place),
        resource=resource,
        rule=finding.rule,
        severity=finding.severity.value,
        environments=Located(environments, place.span, SpanSource(place.path)),
        count=len(members),
    )


def _at(value: str, place: Location) -> Located[str]:
    return Located(value, place.span, SpanSource(place.path))


def _objects(unit: UnitResources, release: str) -> Iterator[_Object]:
    for workload in unit.workloads:
        yield _object(workload.ref, release)
        for container in workload.containers:
            yield _object(container.ref, release)
    for document in unit.documents:
        yield _object(document.ref, release)


def _object(reference: ResourceRef, release: str) -> _Object:
    container = reference.container
    return (
        reference.kind,
        reference.name.replace(release, _RELEASE),
        None if container is None else container.replace(release, _RELEASE),
    )
