"""Secret values that the scan has read appear in none of the report's texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache

from scanner.model.finding import Finding
from scanner.model.report import Report
from scanner.model.resources import EnvVar, UnitResources
from scanner.model.source import Located

_MASK = "***"
_SHORTEST = 6
# What stands in many texts for other reasons; to hide it would tell nothing and cost sense.
_COMMON = frozenset(
    [
        "access",
        "admin",
        "administrator",
        "alpine",
        "apikey",
        "changeit",
        "changeme",
        "container",
        "default",
        "development",
        "disable",
        "disabled",
        "docker",
        "dockerfile",
        "enable",
        "enabled",
        "example",
        "guest",
        "kubernetes",
        "localhost",
        "mariadb",
        "memcached",
        "minioadmin",
        "mongo",
        "mongodb",
        "mysqld",
        "mysql",
        "nobody",
        "password",
        "postgres",
        "postgresql",
        "private",
        "production",
        "public",
        "rabbit",
        "rabbitmq",
        "redis",
        "secret",
        "secrets",
        "service",
        "services",
        "staging",
        "string",
        "token",
        "undefined",
        "unknown",
        "username",
        "version",
        "wordpress",
    ]
)


def secret_values(resources: UnitResources, is_secret: Callable[[str, str], bool]) -> frozenset[str]:
    """Return the values, written in the unit's files, of the variables that `is_secret` says
    (of a name and a value) hold a secret; also those that another file overrides."""
    values = {
        text
        for variable in _variables(resources)
        for text in _texts(variable)
        if _is_telling(text) and is_secret(variable.name.value, text)
    }
    # A service's name cannot come from a variable: whoever writes both shows it anyway.
    return frozenset(values - {workload.ref.name for workload in resources.workloads} if values else ())


def redact_values(report: Report, values: Collection[str]) -> Report:
    """Return the report without these values in any message, item, name or reason: `***` stands
    for each. Paths stay, because texts are found by them; short and common values stay too."""
    telling = sorted(filter(_is_telling, set(values)), key=lambda value: (-len(value), value))
    if not telling:
        return report
    pattern = re.compile("|".join(map(_pattern, telling)))

    @cache
    def clean(text: str) -> str:
        return pattern.sub(_MASK, text)

    return replace(
        report,
        findings=tuple(_clean_finding(one, clean) for one in report.findings),
        suppressed=tuple(_clean_finding(one, clean) for one in report.suppressed),
        baseline=tuple(_clean_finding(one, clean) for one in report.baseline),
        coverage=tuple(
            line if line.reason is None else line._replace(reason=clean(line.reason))
            for line in report.coverage
        ),
        diagnostics=tuple(one._replace(message=clean(one.message)) for one in report.diagnostics),
    )


def _variables(resources: UnitResources) -> Iterator[EnvVar]:
    for workload in resources.workloads:
        for container in workload.containers:
            yield from container.env
            if container.build_spec is not None:
                yield from container.build_spec.args
    for dockerfile in resources.dockerfiles:
        yield from dockerfile.args
        for stage in dockerfile.stages:
            yield from stage.args
            yield from stage.env
    for file in resources.env_files:
        yield from file.variables


def _texts(variable: EnvVar) -> Iterator[str]:
    value = variable.value
    if value is None:
        return
    facts: Iterable[Located[object]] = (value, *value.overridden)
    for fact in facts:
        if isinstance(fact.value, str):
            yield fact.value
            stripped = fact.value.strip()
            if stripped != fact.value:
                yield stripped


def _is_telling(value: str) -> bool:
    """Whether the value is long and rare enough to be known again in a text."""
    return len(value) >= _SHORTEST and value.lower() not in _COMMON and not value.startswith("$")


def _pattern(value: str) -> str:
    # A value of letters alone may be a part of a word; any other is hidden wherever it stands.
    return rf"(?<![A-Za-z]){re.escape(value)}(?![A-Za-z])" if value.isalpha() else re.escape(value)


def _clean_finding(finding: Finding, clean: Callable[[str], str]) -> Finding:
    of = finding.resource
    parts = (finding.message, finding.item, of.name, of.namespace or "", of.container or "")
    related = tuple(one._replace(message=clean(one.message)) for one in finding.related)
    cleaned = tuple(map(clean, parts))
    if cleaned != parts or related != finding.related:
        message, item, name, namespace, container = cleaned
        resource = of._replace(
            name=name,
            namespace=None if of.namespace is None else namespace,
            container=None if of.container is None else container,
        )
        finding = finding._replace(message=message, item=item, resource=resource, related=related)
    if finding.group is not None:
        finding = finding._replace(group=clean(finding.group))
    if finding.suppressed is not None:
        reason = clean(finding.suppressed.reason)
        finding = finding._replace(suppressed=finding.suppressed._replace(reason=reason))
    return finding
