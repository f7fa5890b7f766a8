"""What a scan is asked to do, and which rules that means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.engine.registry import predicates, signature_of, summaries, tests
from scanner.errors import ConfigError
from scanner.finishing import check_suppressions
from scanner.formats.helm.settings import HelmSettings
from scanner.ignoring import EXCLUDED, Excludes, path_matcher
from scanner.model.environments import DeclaredEnvironment, EnvironmentPolicy
from scanner.model.policy import Configured
from scanner.model.report import Coverage, Status
from scanner.model.rule import Operand, Rule, Severity
from scanner.model.source import Location
from scanner.model.suppressions import DeclaredSuppression
from scanner.policy.catalog import Catalog, Selection, check_selection, placed, select_rules
from scanner.policy.nodes import suggest
from scanner.policy.operands import TYPE_NAMES, misfit, parameters_of
from scanner.policy.patterns import patterns_by_parameter, trouble_with
from scanner.policy.words import Words


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
    from, for the report to say what it did, and `places` are those of its names, for errors.
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
    places: Mapping[tuple[str, ...], Location] = field(default_factory=dict)
    today: str | None = None
    configured: Configured | None = None


def chosen_rules(catalog: Catalog, settings: Settings) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules to report, and the unselected ones that know where secrets stand.

    Raises ConfigError for settings of rules that do not exist, and when no rule is left.
    """
    _check_settings(catalog, settings)
    check_selection(catalog, settings.selection, settings.places)
    chosen = select_rules(catalog, settings.selection)
    if not chosen:
        raise ConfigError("no rule is left to evaluate", hint="look at --select and --ignore")
    rules = tuple(replace(rule, severity=settings.severities.get(rule.id, rule.severity)) for rule in chosen)
    selected = {rule.id for rule in rules}
    hidden = tuple(rule for rule in catalog.rules.values() if rule.sensitive and rule.id not in selected)
    return rules, hidden


def words() -> Words:
    """Return the names that conditions may use, with their documentation and what they take."""
    return Words(summaries(predicates()), summaries(tests()), signature_of)


def _check_settings(catalog: Catalog, settings: Settings) -> None:
    """Refuse a severity or a parameter for a rule or parameter that does not exist."""
    check_suppressions(settings.suppressions, catalog)
    for identifier in (*settings.severities, *settings.params):
        if identifier not in catalog.rules:
            error = ConfigError(f"unknown rule '{identifier}'", hint=suggest(identifier, catalog.rules))
            raise placed(error, settings.places, "rules", identifier)
    for identifier, params in settings.params.items():
        if params:
            _check_params(catalog.rules[identifier], settings)


def _check_params(rule: Rule, settings: Settings) -> None:
    """Refuse parameters that a rule does not have, and values that it could do nothing with."""
    params = settings.params[rule.id]
    for name, value in params.items():
        if name not in rule.params:
            error = ConfigError(
                f"rule '{rule.id}' has no parameter '{name}'", hint=suggest(name, rule.params)
            )
            raise placed(error, settings.places, "params", rule.id, name)
        default = rule.params[name]
        if type(value) is not type(default):
            wanted = TYPE_NAMES[type(default)]
            error = ConfigError(f"parameter '{name}' of rule '{rule.id}' must be {wanted}")
            raise placed(error, settings.places, "values", rule.id, name)
    for name, use in parameters_of(rule, words()):
        found = misfit(params[name], use) if name in params else None
        if found is not None:
            message = f"parameter '{name}' of rule '{rule.id}' does not fit: {found.message}"
            error = ConfigError(message, hint=found.hint)
            raise placed(error, settings.places, "values", rule.id, name)
    for name, of_keys in patterns_by_parameter(rule):
        trouble = trouble_with(params[name], of_keys=of_keys) if name in params else None
        if trouble is not None:
            pattern, why = trouble
            message = (
                f"parameter '{name}' of rule '{rule.id}': the pattern '{pattern}' cannot be used: "
                f"{why.message} (at its character {why.at + 1})"
            )
            raise placed(ConfigError(message, hint=why.hint), settings.places, "values", rule.id, name)


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
