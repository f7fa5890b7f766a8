"""Edits of Dockerfiles that make findings on containers and stages go: a USER where none is set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanner.model.dockerfiles import BuildStage
from scanner.model.finding import Cure, Finding
from scanner.model.graph import Graph
from scanner.model.refuting import holds
from scanner.model.relations import relations_of
from scanner.model.resources import ResourceRef, UnitResources
from scanner.model.rule import Confidence, Rule
from scanner.model.source import Unknown

_UID = 10001
_USER = f"{_UID}:{_UID}"
_LINES = (f"USER {_USER}",)
_STAGE: Mapping[str, object] = {
    "user": _USER,
    "uid": _UID,
    "resolved.user": _USER,
    "resolved.uid": _UID,
    "resolved.root": False,
}
_CONTAINER: Mapping[str, object] = {
    "resolved.root": False,
    "resolved.uid": _UID,
    "resolved.user": _USER,
    "resolved.user_source": "image",
    "resolved.image_root": False,
    "resolved.image_uid": _UID,
    "resolved.image_user": _USER,
}
"""What a USER in the Dockerfile gives, to its stage and to a container that says nothing itself."""


class ImageCuring:
    """Knows which findings a USER in a Dockerfile cures, and in which."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._kinds: dict[str, str | None] = {}

    def cured(
        self, findings: Iterable[Finding], unit: UnitResources, graph: Graph | None = None
    ) -> tuple[Finding, ...]:
        """Return the findings of a unit with the Dockerfiles' lines that make them go.

        The stages that others are based on, and those that images of containers are built from, are
        known from the `graph` alone.
        """
        found = tuple(findings)
        if not any(self._kind(finding.rule) for finding in found):
            return found
        if graph is None and not unit.dockerfiles:
            return found
        resources = _by_reference(unit)
        return tuple(self._with_cures(finding, resources, graph) for finding in found)

    def _with_cures(
        self, finding: Finding, resources: Mapping[ResourceRef, Any], graph: Graph | None
    ) -> Finding:
        kind = self._kind(finding.rule)
        subject = resources.get(finding.resource)
        if kind is None or subject is None or (kind == "stage") is not isinstance(subject, BuildStage):
            return finding
        stage = subject if kind == "stage" else _built_from(subject, graph)
        if stage is None:
            return finding
        cures = tuple(_cure(one) for one in _chain(stage, graph))
        return finding._replace(cures=cures + finding.cures)

    def _kind(self, rule: str) -> str | None:
        """Return the kind of resource on which a rule is content with a user that is not root."""
        if rule not in self._kinds:
            self._kinds[rule] = _curable_kind(self._rules.get(rule))
        return self._kinds[rule]


def _curable_kind(rule: Rule | None) -> str | None:
    if rule is None:
        return None
    for kind, given in (("stage", _STAGE), ("container", _CONTAINER)):
        if rule.applies_to == (kind,) and holds(rule.when, given) is False:
            return kind
    return None


def _by_reference(unit: UnitResources) -> dict[ResourceRef, Any]:
    found: dict[ResourceRef, Any] = {}
    for workload in unit.workloads:
        found.update((container.ref, container) for container in workload.containers)
    for dockerfile in unit.dockerfiles:
        found.update((stage.ref, stage) for stage in dockerfile.stages)
    return found


def _built_from(container: Any, graph: Graph | None) -> BuildStage | None:
    """Return the stage that surely builds a container's image and decides its user."""
    if graph is None or container.user is not None:
        return None
    return _only_target(container, "container", "built-from", graph)


def _only_target(source: Any, kind: str, relation: str, graph: Graph) -> BuildStage | None:
    found = graph.related(source, relations_of(kind)[relation])
    if found.is_open or len(found.possible) != 1 or not found.sure:
        return None
    (link,) = found.sure
    if link.confidence is Confidence.LOW:
        return None
    target: BuildStage = link.target
    return target


_MOST_STAGES = 32
"""An image that so many others are built on is no place that one would edit for this one."""


def _chain(stage: BuildStage, graph: Graph | None) -> Iterator[BuildStage]:
    """Yield a stage and those that it is based on (the nearest few), up to the one whose USER decides."""
    seen: set[int] = set()
    current: BuildStage | None = stage
    while current is not None and id(current) not in seen and len(seen) < _MOST_STAGES:
        seen.add(id(current))
        if current.user is not None and isinstance(current.user.value, Unknown):
            return
        yield current
        if current.user is not None or graph is None:
            return
        current = _only_target(current, "stage", "base-stages", graph)


def _cure(stage: BuildStage) -> Cure:
    name = stage.ref.container or stage.ref.name
    if stage.user is not None:
        return Cure(stage.user.location, f"USER of {name}", "instead of the line, write", _LINES)
    return Cure(stage.name.location, f"stage {name}", "at the end of the stage, add", _LINES)
