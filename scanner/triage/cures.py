"""Edits away from a finding's own place that make it go: what its container would take over from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scanner.model.finding import Cure, Finding
from scanner.model.resources import Format, ResourceRef, UnitResources, Workload
from scanner.model.rule import Rule
from scanner.model.source import Located, Location
from scanner.triage.image_cures import ImageCuring
from scanner.triage.settings import Setting, possible_settings, setting_for


class Home(NamedTuple):
    """A place whose keys several containers get where they and what is nearer set none: an anchor that
    services merge, a service that they extend, a pod's securityContext (or, where it has none, the list
    of its containers). `above` are the lines above those to write."""

    place: Location
    name: str
    what: str
    above: tuple[str, ...] = ()


class Prospect(NamedTuple):
    """Where a container gets keys from, and the fields for which it would take a setting over."""

    homes: tuple[Home, ...]
    fields: frozenset[str]


Prospects = Mapping[ResourceRef, Prospect]


class Curing:
    """Knows for the rules of a scan what cures their findings."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._settings: dict[tuple[str, Format], Setting | None] = {}
        self.images = ImageCuring(rules)

    def prospects(self, unit: UnitResources) -> Prospects:
        """Return the containers of a unit that share where they get keys from."""
        if not any(workload.homes for workload in unit.workloads):
            return {}
        shared = {home.location: home for workload in unit.workloads for home in workload.homes}
        found: dict[ResourceRef, Prospect] = {}
        for workload in unit.workloads:
            homes = workload.homes
            own = shared.get(workload.name.location) if unit.format is Format.COMPOSE else None
            if own is not None:
                homes = (own, *homes)
            known = tuple(_home(home, workload) for home in homes if is_exact(home))
            if known:
                for container in workload.containers:
                    fields = possible_settings(container, unit.format)
                    found[container.ref] = Prospect(known, fields)
        return found

    def cured(self, findings: Iterable[Finding], prospects: Prospects, form: Format) -> tuple[Finding, ...]:
        """Return findings with the edits that make them go."""
        return tuple(self._with_cures(finding, prospects, form) for finding in findings)

    def _with_cures(self, finding: Finding, prospects: Prospects, form: Format) -> Finding:
        prospect = prospects.get(finding.resource)
        if prospect is None:
            return finding
        setting = self._setting(finding.rule, form)
        if setting is None or setting.field not in prospect.fields:
            return finding
        cures = tuple(
            Cure(home.place, home.name, home.what, _below(home.above, setting.lines))
            for home in prospect.homes
        )
        return finding._replace(cures=finding.cures + cures)

    def _setting(self, rule: str, form: Format) -> Setting | None:
        key = (rule, form)
        if key not in self._settings:
            self._settings[key] = setting_for(self._rules[rule], form) if rule in self._rules else None
        return self._settings[key]


def is_exact(fact: Located[object]) -> bool:
    """Whether a fact's source can tell the very line that it stands in (a rendered template may not)."""
    ask = getattr(fact.source, "is_exact", None)
    return ask is None or bool(ask(fact.place))


def _home(fact: Located[str], workload: Workload) -> Home:
    name = fact.value
    if workload.format is Format.COMPOSE:
        service = name.removeprefix("services.")
        called = f"'{name}', which services merge" if service == name else f"service '{service}'"
        what = f"in {called}, add"
        return Home(fact.location, name, what)
    ref = workload.ref
    called = "/".join((ref.kind, ref.namespace or "", ref.name))
    if name == "spec":
        what = "beside the list of the pod's containers, add"
        return Home(fact.location, called, what, ("securityContext:",))
    return Home(fact.location, called, "in the pod's securityContext, add")


def _below(above: tuple[str, ...], lines: tuple[str, ...]) -> tuple[str, ...]:
    return (*above, *(f"  {line}" for line in lines)) if above else lines
