"""What findings are worth in their environments, and one of those that several say alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from scanner.guarding import Guard, sift
from scanner.model.environments import EnvironmentPolicy, Lineage, answers_to
from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding
from scanner.model.rule import Severity


class Projects:
    """Which environments the projects of a scan have, as far as it judged them."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}
        self._above: dict[str, str] = {}

    def add(self, lineage: Lineage, environment: str) -> None:
        """Note an environment; those that are built on one layer are of one project."""
        top = self._top(lineage.layer)
        for below in lineage.below:
            self._above[self._top(below)] = top
        self._names.setdefault(lineage.layer, set()).add(environment)

    def all_of(self) -> dict[str, set[str]]:
        """Return by layer the names of all environments of its project."""
        whole: dict[str, set[str]] = {}
        for layer, names in self._names.items():
            whole.setdefault(self._top(layer), set()).update(names)
        return {layer: whole[self._top(layer)] for layer in self._names}

    def project_of(self, layer: str) -> str:
        """Return what is the same for all layers of one project, and for no other."""
        return self._top(layer)

    def _top(self, layer: str) -> str:
        while self._above.get(layer, layer) != layer:
            layer = self._above[layer]
        return layer


def judged_in(
    findings: Iterable[Finding],
    name: str,
    lineage: Lineage | None,
    policies: Mapping[str, EnvironmentPolicy],
    asked: Collection[str] = (),
    tally: Counter[str] | None = None,
) -> tuple[Finding, ...]:
    """Return findings as those of an environment, with the severities that they have there and
    without those that do not count there.

    What has no environment of its own belongs to those that were `asked` for, and is as severe
    as in the worst of them. `tally` counts what is left out or lowered, by the key of the configuration that
    says so.
    """
    if name != DEFAULT_ENVIRONMENT or lineage is not None:
        layer = "" if lineage is None else lineage.layer
        findings = [finding._replace(environments=(name,), layer=layer) for finding in findings]
    if not policies:
        return tuple(findings)
    known = [policy for one, policy in policies.items() if answers_to(name, one)]
    if name == DEFAULT_ENVIRONMENT and not known:
        nothing = EnvironmentPolicy({})
        known = [policies.get(one, nothing) for one in asked]
    judged = tuple(_judged(finding, known) for finding in findings if not _is_ignored(finding, known))
    if tally is not None and known:
        applied = [(one, policy) for one, policy in policies.items() if policy in known]
        _count(findings, judged, applied, tally)
    return judged


def _count(
    before: Iterable[Finding],
    after: Iterable[Finding],
    policies: Collection[tuple[str, EnvironmentPolicy]],
    tally: Counter[str],
) -> None:
    levels = Counter((one.rule, one.severity.rank) for one in before)
    levels.subtract((one.rule, one.severity.rank) for one in after)
    for name, policy in policies:
        for rule in {rule for rule, _ in levels}:
            changed = {rank: count for (of, rank), count in levels.items() if of == rule and count}
            if rule in policy.ignored:
                tally[f"environments.{name}.ignore"] += sum(changed.values())
            elif changed and rule in policy.severities and policy.severities[rule].rank < max(changed):
                lowered = sum(count for count in changed.values() if count > 0)
                tally[f"environments.{name}.severity.{rule}"] += lowered


def _is_ignored(finding: Finding, policies: Collection[EnvironmentPolicy]) -> bool:
    return bool(policies) and all(finding.rule in policy.ignored for policy in policies)


def _judged(finding: Finding, policies: Collection[EnvironmentPolicy]) -> Finding:
    counting = [policy for policy in policies if finding.rule not in policy.ignored]
    levels = [policy.severities.get(finding.rule, finding.severity) for policy in counting]
    return finding._replace(severity=_worst(levels)) if levels else finding


def _worst(levels: Iterable[Severity]) -> Severity:
    return max(levels, key=lambda level: level.rank)


def merge_environments(findings: Iterable[Finding], projects: Projects | None = None) -> list[Finding]:
    """Return the findings with those that are equal but for their environments made one.

    Equal means: the same rule at the same place for the same object of the file (its kind,
    document and container) and item. Overlays may deploy that object under other names;
    the finding then has that of the first environment. Environments are sorted, with
    `default` first; the severity is the highest that it has in any of them.
    Those that are not in all environments of one of the `projects` say so.
    """
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        of = finding.resource
        key = (finding.rule, finding.location, of.kind, of.container, of.document, finding.item)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
        elif known.environments != finding.environments:
            first = min(known, finding, key=lambda one: _order(one.environments[0]))
            names = {*known.environments, *finding.environments}
            merged[key] = _curable(first, known, finding)._replace(
                environments=tuple(sorted(names, key=_order)),
                suppressed=known.suppressed if finding.suppressed is not None else None,
                severity=_worst((known.severity, finding.severity)),
            )
        else:
            # Two resources of one name in one file: both stand.
            merged[(*key, len(merged))] = finding
    every = {} if projects is None else projects.all_of()
    return [
        finding._replace(only=True)
        if finding.layer in every and not every[finding.layer].issubset(finding.environments)
        else finding
        for finding in merged.values()
    ]


def merge_guarded(findings: Sequence[Finding], projects: Projects, guard: Guard) -> tuple[Finding, ...]:
    """Return the findings merged; those of a project where that fails are left as they are."""
    of_project: dict[str, list[Finding]] = {}
    for finding in findings:
        of_project.setdefault(projects.project_of(finding.layer), []).append(finding)
    merged, left_out = sift(
        tuple(of_project),
        lambda some: merge_environments(
            (one for one in findings if projects.project_of(one.layer) in some), projects
        ),
    )
    for project, error in left_out:
        guard.note("merging environments", of_project[project][0].location.path, error)
    return (*(merged or ()), *(one for project, _ in left_out for one in of_project[project]))


def _curable(first: Finding, *both: Finding) -> Finding:
    """Return a finding of two environments with the cures that make it go from each of them."""
    if first.cures:
        places = [{cure.place for cure in finding.cures} for finding in both]
        common = tuple(cure for cure in first.cures if all(cure.place in each for each in places))
        first = first._replace(cures=common)
    key = first.values_key
    if key is not None and any(finding.values_key != key for finding in both):
        first = first._replace(values_key=key._replace(cure=None))
    return first


def _order(name: str) -> tuple[bool, str]:
    return (name != DEFAULT_ENVIRONMENT, name)
