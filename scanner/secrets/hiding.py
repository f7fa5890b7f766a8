"""Keeps the values of secrets out of what is said about other facts that they flow into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from scanner.model.finding import Finding, RelatedLocation
from scanner.model.resources import EnvVar, Format, ResourceRef, UnitResources

MASK = "***"

_SHORTEST = 6
"""A shorter value is no credential worth its name, and would blot out ordinary words."""

TEMPLATED = frozenset(("helm", "kustomize"))
"""The tools whose values fill in other fields; what made a unit's files is the kind of its coverage."""

IsSecret = Callable[[str, str], bool]
"""Judges a variable by its name and value."""


def secret_pattern(
    unit: UnitResources, is_secret: IsSecret, *, templated: bool = False
) -> re.Pattern[str] | None:
    """Return what finds the values of a unit's secrets in a text, or None when it has none.

    In Compose files and Dockerfiles a variable fills in other fields (`image: ${X}`, `USER $X`),
    whose values are shown; so does a value of a chart (`templated`). In plain manifests none does.
    """
    if unit.format is Format.KUBERNETES and not templated:
        return None
    values = set()
    for variable in _variables(unit):
        fact = variable.value
        value = None if fact is None else fact.value
        if isinstance(value, str) and len(value) >= _SHORTEST and is_secret(variable.name.value, value):
            values.add(value)
    if not values:
        return None
    return re.compile("|".join(map(re.escape, sorted(values, key=len, reverse=True))))


class Hiding:
    """Masks the values of secrets in what is said of files, by the units that these are part of."""

    def __init__(self) -> None:
        self._patterns: dict[str, dict[re.Pattern[str], None]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hide."""
        return not self._patterns

    def add(self, secret: re.Pattern[str], paths: Iterable[str]) -> None:
        """Hide what a pattern finds in all that is said of some files."""
        for path in paths:
            self._patterns.setdefault(path, {})[secret] = None

    def masked(self, text: str, paths: Iterable[str]) -> str:
        """Return a text about some files without the secrets of their units."""
        for path in dict.fromkeys(paths) if self._patterns else ():
            for secret in self._patterns.get(path, ()):
                text = secret.sub(MASK, text)
        return text

    def hide_in(self, finding: Finding) -> Finding:
        """Return a finding without the secrets of any file that it names a place of."""
        if not self._patterns:
            return finding
        places = (finding.location, *(place.location for place in (*finding.related, *finding.flow)))
        paths = {place.path for place in places}
        if not paths.isdisjoint(self._patterns):
            for secret in {one: None for path in sorted(paths) for one in self._patterns.get(path, ())}:
                finding = hide_in(finding, secret)
        return finding


def hide_in(finding: Finding, secret: re.Pattern[str]) -> Finding:
    """Return a finding with the secrets in its texts masked."""
    return finding._replace(
        message=secret.sub(MASK, finding.message),
        item=secret.sub(MASK, finding.item),
        related=_hidden(finding.related, secret),
        flow=_hidden(finding.flow, secret),
    )


_ORDINARY = re.compile(r"[a-z0-9]{0,20}(?:[-._/ ][a-z0-9]{0,20})*")
"""What names look like, and no token or address with a password does."""


def hide_in_names(findings: Iterable[Finding], redact: Callable[[str], str]) -> list[Finding]:
    """Return findings on resources whose names are free of what `redact` takes for a secret."""
    known: dict[ResourceRef, ResourceRef] = {}
    shown = []
    for finding in findings:
        ref = finding.resource
        if ref not in known:
            ordinary = _ORDINARY.fullmatch(ref.name) and _ORDINARY.fullmatch(ref.container or "")
            container = ref.container and redact(ref.container)
            known[ref] = ref if ordinary else ref._replace(name=redact(ref.name), container=container)
        shown.append(finding if known[ref] == ref else finding._replace(resource=known[ref]))
    return shown


def _hidden(places: tuple[RelatedLocation, ...], secret: re.Pattern[str]) -> tuple[RelatedLocation, ...]:
    return tuple(place._replace(message=secret.sub(MASK, place.message)) for place in places)


def _variables(unit: UnitResources) -> Iterator[EnvVar]:
    for file in unit.env_files:
        yield from file.variables
    for build in unit.builds:
        yield from build.args
    for workload in unit.workloads:
        for container in workload.containers:
            yield from container.env
            if container.build_spec is not None:
                yield from container.build_spec.args
    for dockerfile in unit.dockerfiles:
        yield from dockerfile.args
        for stage in dockerfile.stages:
            yield from stage.args
            yield from stage.env
