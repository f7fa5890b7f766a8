"""The report for programs: one JSON document as `report.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from scanner import __version__
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.shown import (
    Shown,
    ShownAction,
    ShownCoverage,
    ShownDiagnostic,
    ShownEffect,
    ShownFinding,
    ShownPolicy,
    ShownRelated,
    ShownRule,
    ShownSuppression,
)
from scanner.reporting.shared.summary import report_fingerprints, severity_counts
from scanner.reporting.shared.text import defuse_json

SCHEMA_VERSION = 1

_encode = json.JSONEncoder(sort_keys=True).encode


class JsonReporter:
    """Renders the contract of the JSON format: keys sorted, ASCII, one line an entry.

    Suppressed findings are entries only when they are to be shown; the summary counts
    them always.
    """

    name = "json"

    def render(self, report: Shown, options: RenderOptions) -> str:
        prints = report_fingerprints(report)
        entries = [
            _finding(finding, fingerprint, report.rules)
            for finding, fingerprint in zip(report.findings, prints.findings, strict=True)
        ]
        if options.show_suppressed:
            entries += [
                _finding(finding, fingerprint, report.rules)
                for finding, fingerprint in zip(report.suppressed, prints.suppressed, strict=True)
            ]
            entries.sort(key=_place)
        coverage = sorted(report.coverage, key=lambda entry: (entry.path, entry.kind or ""))
        rules = (
            f"{_encode(name)}: {_encode(_rule(report, report.rules[name]))}" for name in sorted(report.rules)
        )
        parts = (
            f'"actions": {_array(map(_action, report.actions))}',
            f'"coverage": {_array(map(_coverage, coverage))}',
            f'"diagnostics": {_array(map(_diagnostic, report.diagnostics))}',
            f'"findings": {_array(entries)}',
            f'"policy": {_policy(report.policy)}',
            f'"rules": {{{_lines(rules)}}}',
            f'"schema_version": {SCHEMA_VERSION}',
            f'"summary": {_encode(_summary(report))}',
            f'"tool": {_encode({"name": "hullcheck", "version": __version__})}',
        )
        return defuse_json("{" + ",\n ".join(parts) + "}\n")


REPORTER = JsonReporter()


def _array(entries: Iterable[dict[str, object]]) -> str:
    return f"[{_lines(map(_encode, entries))}]"


def _lines(entries: Iterable[str]) -> str:
    text = ",\n  ".join(entries)
    return f"\n  {text}" if text else ""


def _finding(finding: ShownFinding, fingerprint: str, rules: Mapping[str, ShownRule]) -> dict[str, object]:
    path, (line, column, end_line, end_column) = finding.location
    kind, name, namespace, container, document = finding.resource
    key = finding.values_key
    rule = rules.get(finding.rule)
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "resource": {
            "kind": kind,
            "name": name,
            "namespace": namespace,
            "container": container,
            "document": document,
        },
        "related": _places(finding.related),
        "flow": _places(finding.flow),
        "values_key": None if key is None else {"path": key.path, "line": key.line, "key": key.key},
        "environments": finding.environments,
        "fingerprint": fingerprint,
        "group": finding.group,
        "confidence": _confidence(finding, rule),
        "suppressed": _suppression(finding.suppressed),
        "fix": None,
    }


def _places(places: Iterable[ShownRelated]) -> list[dict[str, object]]:
    return [
        {"path": place.path, "line": place.span.line, "column": place.span.column, "message": message}
        for place, message in places
    ]


def _confidence(finding: ShownFinding, rule: ShownRule | None) -> str | None:
    told = finding.confidence or (None if rule is None else rule.confidence)
    return None if told is None else told.value


def _action(action: ShownAction) -> dict[str, object]:
    return {
        "group": action.group,
        "path": action.place.path,
        "line": action.place.span.line,
        "column": action.place.span.column,
        "message": action.what,
        "lines": action.lines,
        "findings": action.findings,
        "rules": action.rules,
        "severity": action.severity.value,
    }


def _suppression(suppression: ShownSuppression | None) -> dict[str, object] | None:
    if suppression is None:
        return None
    place = suppression.location
    return {
        "reason": suppression.reason,
        "path": None if place is None else place.path,
        "line": None if place is None else place.span.line,
        "until": suppression.until,
    }


def _coverage(entry: ShownCoverage) -> dict[str, object]:
    return {"path": entry.path, "kind": entry.kind, "status": entry.status.value, "reason": entry.reason}


def _diagnostic(diagnostic: ShownDiagnostic) -> dict[str, object]:
    path, line, column, severity, message = diagnostic
    return {"path": path, "line": line, "column": column, "severity": severity, "message": message}


def _policy(policy: ShownPolicy) -> str:
    members = (
        f'"configuration": {_encode(policy.configuration)}',
        f'"effects": {_array(map(_effect, policy.effects))}',
        f'"source": {_encode(policy.source)}',
    )
    return "{" + ", ".join(members) + "}"


def _effect(effect: ShownEffect) -> dict[str, object]:
    return {
        "key": effect.key,
        "path": effect.place.path,
        "line": effect.place.span.line,
        "column": effect.place.span.column,
        "count": effect.amount,
        "counted": effect.counted.value,
        "message": effect.message,
    }


def _rule(report: Shown, rule: ShownRule) -> dict[str, object]:
    return {
        "title": rule.title,
        "severity": rule.severity.value,
        "tier": rule.tier.value,
        "frameworks": dict(report.frameworks.get(rule.id, {})),
    }


def _summary(report: Shown) -> dict[str, object]:
    return {
        "findings": {severity.value: count for severity, count in severity_counts(report.findings).items()},
        "suppressed": len(report.suppressed),
        "baseline": len(report.baseline),
        "unknown": report.unknown,
        "resources": report.resources,
        "rules": len(report.rules),
        "files": report.files,
    }


def _place(entry: dict[str, object]) -> tuple[object, ...]:
    return entry["path"], entry["line"], entry["column"], entry["rule"]
