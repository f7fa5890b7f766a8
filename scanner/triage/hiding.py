"""Keeps the values of secrets out of what is said about other facts that they flow into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from scanner.model.finding import Finding, RelatedLocation
from scanner.model.resources import EnvVar, Format, UnitResources

MASK = "***"

_SHORTEST = 6
"""A shorter value is no credential worth its name, and would blot out ordinary words."""


def secret_pattern(unit: UnitResources, is_secret: Callable[[str, str], bool]) -> re.Pattern[str] | None:
    """Return what finds the values of a unit's secrets in a text, or None when it has none.

    `is_secret` judges a variable's name and value. In Compose files and Dockerfiles a
    variable fills in other fields (`image: ${X}`, `USER $X`), whose values are shown; in
    manifests none does.
    """
    if unit.format is Format.KUBERNETES:
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


def hide_in(finding: Finding, secret: re.Pattern[str]) -> Finding:
    """Return a finding with the secrets in its texts masked."""
    return finding._replace(
        message=secret.sub(MASK, finding.message),
        item=secret.sub(MASK, finding.item),
        related=_hidden(finding.related, secret),
        flow=_hidden(finding.flow, secret),
    )


def _hidden(places: tuple[RelatedLocation, ...], secret: re.Pattern[str]) -> tuple[RelatedLocation, ...]:
    return tuple(place._replace(message=secret.sub(MASK, place.message)) for place in places)


def _variables(unit: UnitResources) -> Iterator[EnvVar]:
    for file in unit.env_files:
        yield from file.variables
    for workload in unit.workloads:
        for container in workload.containers:
            yield from container.env
    for dockerfile in unit.dockerfiles:
        yield from dockerfile.args
        for stage in dockerfile.stages:
            yield from stage.args
            yield from stage.env
