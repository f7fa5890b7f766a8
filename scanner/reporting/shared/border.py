"""The border: a report crosses it once, and every text in it is redacted on the way.

It comes last, when all secrets of the scan are known, so that a message which was written early
is free of one that was found late.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model.finding import Finding, RelatedLocation, Suppression, ValuesKey
from scanner.model.policy import Policy
from scanner.model.redacted import Redacted
from scanner.model.report import Action, Coverage, Diagnostic, Report
from scanner.model.resources import ResourceRef
from scanner.model.rule import Rule
from scanner.model.source import Location
from scanner.reporting.shared.shown import (
    Shown,
    ShownAction,
    ShownCoverage,
    ShownDiagnostic,
    ShownEffect,
    ShownFinding,
    ShownKey,
    ShownPlace,
    ShownPolicy,
    ShownRelated,
    ShownResource,
    ShownRule,
    ShownSuppression,
)
from scanner.reporting.shared.sources import Sources
from scanner.reporting.shared.text import visible
from scanner.secrets.hiding import Redactor
from scanner.secrets.registry import Registry


def shown(report: Report) -> Shown:
    """Return a report as it may be shown."""
    registry = Registry(report.secrets)
    sources = Sources(report, registry)
    for value in _in_trouble(report, sources):
        registry.add(value)
    return _Border(Redactor(registry)).report(report, sources)


def _in_trouble(report: Report, sources: Sources) -> Iterable[str]:
    """Yield what is hidden at the places of diagnostics and in the line above: what could not be read
    gives no facts, and messages quote it."""
    places = {(one.path, one.line) for one in report.diagnostics if one.path is not None and one.line}
    for path, line in sorted(places):
        for number in (line - 1, line):
            yield from sources.hidden_texts(path, number)


class _Border:
    """Takes the parts of a report across."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._name = redactor.name
        self._resources: dict[ResourceRef, ShownResource] = {}

    def report(self, report: Report, sources: Sources) -> Shown:
        return Shown(
            findings=tuple(map(self._finding, report.findings)),
            suppressed=tuple(map(self._finding, report.suppressed)),
            baseline=tuple(map(self._finding, report.baseline)),
            coverage=tuple(map(self._coverage, report.coverage)),
            diagnostics=tuple(map(self._diagnostic, report.diagnostics)),
            rules={identifier: self._rule(rule) for identifier, rule in report.rules.items()},
            frameworks=report.frameworks,
            actions=tuple(map(self._action, report.actions)),
            sources=sources,
            resources=report.resources,
            files=report.files,
            unknown=report.unknown,
            policy=self._policy(report.policy),
        )

    def _text(self, text: str) -> Redacted:
        return Redacted(visible(self._redactor.text(text)))

    def _place(self, place: Location) -> ShownPlace:
        return ShownPlace(self._redactor.path(place.path), place.span)

    def _finding(self, finding: Finding) -> ShownFinding:
        return ShownFinding(
            rule=Redacted(finding.rule),
            severity=finding.severity,
            message=self._text(finding.message),
            location=self._place(finding.location),
            resource=self._resource(finding.resource),
            field=Redacted(finding.field),
            item=self._redactor.text(finding.item),
            related=self._related(finding.related),
            environments=tuple(map(self._name, finding.environments)),
            values_key=self._key(finding.values_key),
            group=None if finding.group is None else Redacted(finding.group),
            suppressed=self._suppression(finding.suppressed),
            flow=self._related(finding.flow),
            confidence=finding.confidence,
            only=finding.only,
        )

    def _related(self, places: tuple[RelatedLocation, ...]) -> tuple[ShownRelated, ...]:
        return tuple(ShownRelated(self._place(place), self._text(words)) for place, words in places)

    def _resource(self, resource: ResourceRef) -> ShownResource:
        known = self._resources.get(resource)
        if known is None:
            kind, name, namespace, container, document = resource
            known = self._resources[resource] = ShownResource(
                self._name(kind),
                self._name(name),
                None if namespace is None else self._name(namespace),
                None if container is None else self._name(container),
                document,
            )
        return known

    def _key(self, key: ValuesKey | None) -> ShownKey | None:
        if key is None:
            return None
        return ShownKey(self._redactor.path(key.path), key.line, self._name(key.key))

    def _suppression(self, suppression: Suppression | None) -> ShownSuppression | None:
        if suppression is None:
            return None
        reason, place, until = suppression
        return ShownSuppression(
            self._text(reason),
            None if place is None else self._place(place),
            None if until is None else self._text(until),
        )

    def _coverage(self, line: Coverage) -> ShownCoverage:
        path, kind, status, reason = line
        return ShownCoverage(
            self._redactor.path(path),
            None if kind is None else Redacted(kind),
            status,
            None if reason is None else self._text(reason),
        )

    def _diagnostic(self, diagnostic: Diagnostic) -> ShownDiagnostic:
        path, line, column, severity, message = diagnostic
        return ShownDiagnostic(
            None if path is None else self._redactor.path(path), line, column, severity, self._text(message)
        )

    def _action(self, action: Action) -> ShownAction:
        return ShownAction(
            Redacted(action.group),
            self._place(action.place),
            self._text(action.what),
            tuple(map(self._text, action.lines)),
            action.findings,
            tuple(map(Redacted, action.rules)),
            action.severity,
        )

    def _policy(self, policy: Policy) -> ShownPolicy:
        path = policy.configuration
        return ShownPolicy(
            None if path is None else self._redactor.path(path),
            policy.source,
            tuple(
                ShownEffect(
                    self._name(effect.key),
                    self._place(effect.place),
                    effect.amount,
                    effect.counted,
                    self._text(effect.message),
                )
                for effect in policy.effects
            ),
        )

    def _rule(self, rule: Rule) -> ShownRule:
        told = self._redactor.rule_text
        return ShownRule(
            Redacted(rule.id),
            told(rule.title),
            rule.severity,
            rule.confidence,
            rule.tier,
            tuple(map(Redacted, rule.applies_to)),
            tuple(map(told, rule.tags)),
            told(rule.description),
            {language: told(text) for language, text in rule.remediation.items()},
            tuple(map(told, rule.references)),
        )
