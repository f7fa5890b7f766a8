"""What a scan is asked to do, and which rules that means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.engine.compile import check_patterns
from scanner.errors import ConfigError
from scanner.finishing import check_suppressions
from scanner.formats.helm.settings import HelmSettings
from scanner.ignoring import EXCLUDED, Excludes, path_matcher
from scanner.model.environments import DeclaredEnvironment, EnvironmentPolicy
from scanner.model.policy import Configured
from scanner.model.report import Coverage, Status
from scanner.model.rule import Operand, Rule, Severity
from scanner.model.suppressions import DeclaredSuppression
from scanner.policy.catalog import Catalog, Selection, select_rules
from scanner.policy.nodes import suggest


@dataclass(frozen=True, slots=True)
class Settings:
    """What a scan is asked to do.

    `severities` and `params` change rules, by id. `report_only` are files, relative to
    the working folder, to which findings are restricted: at their own place or at a
    related one. `stdin` is a text to scan in place of files, with the name it goes by.
    `environments` are the names of those that the scan is about (none: all), `declared` what the
    user said that environments are made of, with absolute paths, and `policies` what was
    decided for them, by name. `suppressions` are those of the configuration; `today` is an ISO date,
    by default HULLCHECK_TODAY or the day of the scan. `configured` is the configuration that much of this is
    from, for the report to say what it did.
    """

    paths: tuple[Path, ...] = (Path(),)
    selection: Selection = field(default_factory=Selection)
    rule_folders: tuple[Path, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Operand]] = field(default_factory=dict)
    excludes: tuple[Excludes, ...] = ()
    report_only: tuple[Path, ...] | None = None
    stdin: tuple[str, str] | None = None
    helm: HelmSettings = field(default_factory=HelmSettings)
    environments: tuple[str, ...] = ()
    declared: tuple[DeclaredEnvironment, ...] = ()
    policies: Mapping[str, EnvironmentPolicy] = field(default_factory=dict)
    suppressions: tuple[DeclaredSuppression, ...] = ()
    today: str | None = None
    configured: Configured | None = None


def chosen_rules(catalog: Catalog, settings: Settings) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules to report, and the unselected ones that know where secrets stand.

    Raises ConfigError for settings of rules that do not exist, and when no rule is left.
    """
    _check_settings(catalog, settings)
    chosen = select_rules(catalog, settings.selection)
    if not chosen:
        raise ConfigError("no rule is left to evaluate", hint="look at --select and --ignore")
    rules = tuple(replace(rule, severity=settings.severities.get(rule.id, rule.severity)) for rule in chosen)
    selected = {rule.id for rule in rules}
    hidden = tuple(rule for rule in catalog.rules.values() if rule.sensitive and rule.id not in selected)
    return rules, hidden


def _check_settings(catalog: Catalog, settings: Settings) -> None:
    """Refuse a severity or a parameter for a rule or parameter that does not exist."""
    check_suppressions(settings.suppressions, catalog)
    for identifier in (*settings.severities, *settings.params):
        if identifier not in catalog.rules:
            raise ConfigError(f"unknown rule '{identifier}'", hint=suggest(identifier, catalog.rules))
    for identifier, params in settings.params.items():
        known = catalog.rules[identifier].params
        for name, value in params.items():
            if name not in known:
                hint = suggest(name, known)
                raise ConfigError(f"rule '{identifier}' has no parameter '{name}'", hint=hint)
            if type(value) is not type(known[name]):
                wanted = _TYPE_NAMES[type(known[name])]
                raise ConfigError(f"parameter '{name}' of rule '{identifier}' must be {wanted}")
        for form in catalog.rules[identifier].formats:
            try:
                check_patterns(catalog.rules[identifier], settings.params, form)
            except re.error as error:
                message = f"a parameter of rule '{identifier}' is no regular expression: {error}"
                raise ConfigError(message) from None


_TYPE_NAMES = {str: "text", int: "a number", bool: "true or false", tuple: "a list"}


def rules_of_configuration(catalog: Catalog, settings: Settings) -> tuple[str, ...]:
    """Return the ids of the rules that come from the folders of the configuration."""
    configured = settings.configured
    if configured is None:
        return ()
    base = Path(configured.path).parent
    names = (name for said in configured.said if said.key == "rule-folders" for name in said.values)
    folders = [(base / name).resolve() for name in names]
    return tuple(
        rule.id
        for rule in catalog.rules.values()
        if rule.origin is not None and any(Path(rule.origin.path).is_relative_to(one) for one in folders)
    )


def excluded_by(settings: Settings, root: Path, lines: Iterable[Coverage]) -> int:
    """Return how many lines of the ledger are files and folders that the configuration excludes."""
    count = 0
    for base, patterns in ((one.base, one.patterns) for one in settings.excludes):
        if base is None or not patterns:
            continue  # those of the command line are the user's own
        matches = path_matcher(patterns, base)
        left = (line.path for line in lines if line.status is Status.IGNORED and line.reason == EXCLUDED)
        count += sum(matches(f"{root}/{path}") for path in left)
    return count
