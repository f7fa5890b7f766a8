"""A finding as a SARIF 2.1.0 result, as plain dictionaries.

The keys are those of sarif-om's classes (a test compares); a scan may have thousands of
results, and building and walking objects for each would cost more than all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scanner.model.rule import Severity
from scanner.model.source import Span
from scanner.reporting.shared.advice import values_advice
from scanner.reporting.shared.remedies import REACHED, beside_flow
from scanner.reporting.shared.shown import ShownFinding, ShownPlace
from scanner.reporting.shared.sources import Sources
from scanner.reporting.shared.summary import address
from scanner.reporting.shared.text import capped, visible
from scanner.reporting.shared.where import sentence

ROOT = "%SRCROOT%"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

_LINK = re.compile(r"(?<=\])\(")
_BRACKETS = re.compile(r"([\\\[\]])")
_LONGEST_MESSAGE = 1_000
_LONGEST_LINE = 400
_LONGEST_REGION = 5
_MOST_STEPS = 1_000
"""GitHub shows no more steps of a flow."""


def artifact_location(base_path: str, path: str) -> dict[str, object]:
    """Return where an artifact of the scan stands, relative to the repository's root."""
    return {"uri": address(base_path, path), "uriBaseId": ROOT}


def line_hashes_of(findings: Iterable[ShownFinding], sources: Sources) -> dict[str, dict[int, str]]:
    """Return GitHub's hash of every line that a finding starts on, by path and line."""
    lines: dict[str, set[int]] = {}
    for finding in findings:
        lines.setdefault(finding.location.path, set()).add(finding.location.span.line)
    return {path: sources.line_hashes(path, wanted) for path, wanted in lines.items()}


class ResultBuilder:
    """Builds the results of one report; the descriptors of rules stand at the given indexes."""

    def __init__(self, sources: Sources, indexes: Mapping[str, int], base_path: str) -> None:
        self._sources = sources
        self._indexes = indexes
        self._base_path = base_path
        self._artifacts: dict[str, dict[str, object]] = {}

    def build(self, finding: ShownFinding, fingerprint: str, line_hash: str | None) -> dict[str, object]:
        """Return the result for a finding."""
        message, related = self._message(finding)
        prints = {"hullcheckFinding/v1": fingerprint}
        if line_hash is not None:
            prints["primaryLocationLineHash"] = line_hash
        result: dict[str, object] = {
            "ruleId": finding.rule,
            "kind": "fail",
            "level": LEVELS[finding.severity],
            "message": message,
            "locations": [
                {"physicalLocation": self._place(finding.location), "logicalLocations": [_logical(finding)]}
            ],
            "partialFingerprints": prints,
            "properties": {"severity": finding.severity.value, "environments": list(finding.environments)},
        }
        if finding.rule in self._indexes:
            result["ruleIndex"] = self._indexes[finding.rule]
        if related:
            result["relatedLocations"] = related
        if finding.flow:
            result["codeFlows"] = [self._flow(finding)]
        return result

    def _flow(self, finding: ShownFinding) -> dict[str, object]:
        steps = [
            {
                "executionOrder": number,
                "location": {
                    "message": {"text": f"{capped(words, _LONGEST_MESSAGE)}."},
                    "physicalLocation": self._place(place),
                },
            }
            for number, (place, words) in enumerate(finding.flow[:_MOST_STEPS], 1)
        ]
        return {
            "message": {"text": f"{REACHED.capitalize()}."},
            "threadFlows": [{"locations": steps}],
        }

    def _message(self, finding: ShownFinding) -> tuple[dict[str, object], list[dict[str, object]]]:
        claim = capped(sentence(finding), _LONGEST_MESSAGE)
        # SARIF 3.11.6: brackets before a parenthesis are a link, unless escaped.
        text = [_LINK.sub(r"\(", claim) if "](" in claim else claim, "."]
        related: list[dict[str, object]] = []
        beside = beside_flow(finding)
        for place, words in beside:
            self._relate(text, related, place, words)
        # What the steps of a flow say stands in the flow.
        steps = [self._add(related, *one) for one in finding.related if one not in beside]
        if steps:
            links = ", ".join(f"[{number}]({number})" for number in steps)
            text.append(f" {REACHED.capitalize()}: {links}.")
        advice, key = values_advice(finding, self._base_path), finding.values_key
        if advice is not None and key is not None:
            line = key.line or 1
            place = ShownPlace(key.path, Span(line, 1, line, self._width(key.path, line) + 1))
            self._relate(text, related, place, f"set {advice}")
        return {"text": "".join(text)}, related

    def _relate(
        self, text: list[str], related: list[dict[str, object]], place: ShownPlace, words: str
    ) -> None:
        label = _BRACKETS.sub(r"\\\1", capped(words, _LONGEST_MESSAGE))
        text.append(f" See [{label}]({self._add(related, place, words)}).")

    def _add(self, related: list[dict[str, object]], place: ShownPlace, words: str) -> int:
        number = len(related) + 1
        shown = capped(words, _LONGEST_MESSAGE)
        span = self._sources.clip(place.path, place.span) or place.span
        related.append(
            {
                "id": number,
                "message": {"text": f"{shown}."},
                "physicalLocation": {
                    "artifactLocation": self._artifact(place.path),
                    "region": self._region(place.path, span),
                },
            }
        )
        return number

    def _place(self, location: ShownPlace) -> dict[str, object]:
        path, span = location
        clipped = self._sources.clip(path, span)
        if clipped is None:
            return {"artifactLocation": self._artifact(path), "region": self._region(path, span)}
        span = _tight(clipped, self._sources.width(path, clipped.line))
        region = self._region(path, span)
        place: dict[str, object] = {"artifactLocation": self._artifact(path), "region": region}
        first, last = max(span.line - 1, 1), min(span.end_line + 1, self._sources.count(path))
        if all(self._sources.width(path, line) <= _LONGEST_LINE for line in range(first, last + 1)):
            region["snippet"] = {"text": self._snippet(path, span)}
            # The context must hold more than the region does (SARIF 3.29.5).
            if (first, last) != (span.line, span.end_line):
                shown = "\n".join(self._sources.shown(path, line) for line in range(first, last + 1))
                place["contextRegion"] = {"startLine": first, "endLine": last, "snippet": {"text": shown}}
        return place

    def _region(self, path: str, span: Span) -> dict[str, object]:
        column = self._sources.utf16_column
        return {
            "startLine": span.line,
            "startColumn": column(path, span.line, span.column),
            "endLine": span.end_line,
            "endColumn": column(path, span.end_line, span.end_column),
        }

    def _snippet(self, path: str, span: Span) -> str:
        part, line, end_line = self._sources.shown_part, span.line, span.end_line
        if line == end_line:
            return part(path, line, span.column - 1, span.end_column - 1)
        first = part(path, line, span.column - 1, self._width(path, line))
        between = (self._sources.shown(path, number) for number in range(line + 1, end_line))
        return "\n".join((first, *between, part(path, end_line, 0, span.end_column - 1)))

    def _width(self, path: str, line: int) -> int:
        return self._sources.width(path, line) if 1 <= line <= self._sources.count(path) else 0

    def _artifact(self, path: str) -> dict[str, object]:
        artifact = self._artifacts.get(path)
        if artifact is None:
            artifact = self._artifacts[path] = artifact_location(self._base_path, path)
        return artifact


def _logical(finding: ShownFinding) -> dict[str, object]:
    kind, name, namespace, container, _document = finding.resource
    parts = [visible(part) for part in (namespace, kind, name, container) if part]
    return {"name": parts[-1], "fullyQualifiedName": "/".join(parts), "kind": "resource"}


def _tight(span: Span, width: int) -> Span:
    # An alert shows on a pull request only when all of its lines are in the diff.
    if span.end_line - span.line < _LONGEST_REGION:
        return span
    return Span(span.line, span.column, span.line, width + 1)
