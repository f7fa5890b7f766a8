"""Findings in subcharts: which chart they are in, and what the user wants to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.confirmation import HARD_CODED
from scanner.formats.helm.rendered import Part
from scanner.formats.helm.settings import SubchartChoice
from scanner.formats.helm.values_view import labels_of
from scanner.model.finding import Finding
from scanner.model.rule import Rule, Severity

_LOWER = {
    Severity.CRITICAL: Severity.HIGH,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.INFO,
    Severity.INFO: Severity.INFO,
}
ANY = "*"
"""Stands in the configuration for every vendored subchart that is not named."""


class Ownership:
    """Knows what was chosen for each subchart of a chart.

    `choices` are by the name or alias under which the parent knows a subchart; `*` speaks of
    all others whose files lie in `charts/`. A subchart that stands elsewhere in the
    repository is the user's own, and only its name reaches it.
    """

    def __init__(self, bundle: Bundle, choices: Mapping[str, SubchartChoice]) -> None:
        self._bundle = bundle
        self._choices = choices

    def settle(self, findings: Sequence[Finding], parts: Sequence[Part]) -> tuple[Finding, ...]:
        """Return the findings in one rendering with the choices applied."""
        if not self._choices:
            return tuple(findings)
        by_object: dict[tuple[str, str], list[Part]] = {}
        for part in parts:
            for document in part.resources.documents:
                by_object.setdefault((document.ref.kind, document.ref.name), []).append(part)
        kept = []
        for finding in findings:
            candidates = by_object.get((finding.resource.kind, finding.resource.name), [])
            path = finding.location.path
            same = [one for one in candidates if one.source.path == path] or candidates
            choice: SubchartChoice = self._choice(same[0]) if same else "report"
            if choice == "lower":
                kept.append(finding._replace(severity=_LOWER[finding.severity]))
            elif choice == "report":
                kept.append(finding)
        return tuple(kept)

    def ignored_files(self) -> frozenset[str]:
        """Return the files of the tree of which nothing is reported, under whatever name."""
        chosen: dict[str, set[SubchartChoice]] = {}
        for name, path in self._bundle.templates.items():
            choice = self._choice_of(labels_of(name), path)
            chosen.setdefault(self._bundle.origins[path].path, set()).add(choice)
        return frozenset(path for path, choices in chosen.items() if choices == {"ignore"})

    def _choice(self, part: Part) -> SubchartChoice:
        return self._choice_of(labels_of(part.name), part.path)

    def _choice_of(self, labels: tuple[str, ...], path: str) -> SubchartChoice:
        if not labels:
            return "report"
        for label in (*reversed(labels), *self._names(labels)):
            if label in self._choices:
                return self._choices[label]
        origin = self._bundle.origins[path]
        own = f"{self._bundle.folder}/charts/" if self._bundle.folder else "charts/"
        is_vendored = origin.is_packed or origin.path.startswith(own)
        return self._choices.get(ANY, "report") if is_vendored else "report"

    def _names(self, labels: tuple[str, ...]) -> list[str]:
        """The name and the aliases of a subchart that is known by one of them."""
        known = [one for one in self._bundle.chart.dependencies if labels[0] in (one.name, one.label)]
        return [name for one in known for name in (one.label, one.name)]


IN_TEST = " (in a test, which `helm test` alone runs)"
_TESTS = frozenset(("test", "test-success", "test-failure"))


def is_in_test(finding: Finding, parts: Sequence[Part]) -> bool:
    """Whether a finding is about a workload that is there for `helm test` and for nothing else."""
    identity = (finding.resource.kind, finding.resource.name)
    for part in parts:
        for workload in part.resources.workloads:
            if workload.hook is not None and (workload.ref.kind, workload.ref.name) == identity:
                return all(word.strip() in _TESTS for word in workload.hook.split(","))
    return False


def as_in_test(finding: Finding, rules: Mapping[str, Rule]) -> Finding:
    """Return a finding about a test: no production workload, so never more than low; a credential
    stands in the repository all the same."""
    if rules[finding.rule].sensitive:
        return finding
    severity = finding.severity if finding.severity.rank < Severity.LOW.rank else Severity.LOW
    message = finding.message.removesuffix(HARD_CODED) + IN_TEST
    return finding._replace(severity=severity, message=message)
