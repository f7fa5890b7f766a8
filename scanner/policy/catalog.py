"""All the rules and frameworks there are, and which of them a scan uses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.errors import ConfigError, InputError, RuleError
from scanner.files.border import Border
from scanner.files.named import real_path, text_of
from scanner.files.opening import reason_of
from scanner.files.own import own_path, own_text
from scanner.model.charts import DERIVED_KINDS
from scanner.model.rule import Framework, Rule, Severity, Tier
from scanner.policy.bundle import FILE_NAME, load_bundle
from scanner.policy.loader import Words, load_framework, load_rule
from scanner.policy.nodes import suggest

PROFILES: Mapping[str, tuple[Tier, ...]] = {
    "core": (Tier.CORE,),
    "strict": (Tier.CORE, Tier.EXTRA),
    "all": (Tier.CORE, Tier.EXTRA, Tier.PEDANTIC),
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """Rules by id and frameworks by id."""

    rules: Mapping[str, Rule]
    frameworks: Mapping[str, Framework]
    controls: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """For a rule id: the controls it serves, by framework id."""

    def resolve(self, name: str) -> str | None:
        """Return the id of a rule given by id or alias, or None."""
        if name in self.rules:
            return name
        return next((rule.id for rule in self.rules.values() if name in rule.aliases), None)

    def matching(self, name: str) -> frozenset[str]:
        """Return the ids that a rule id, alias, tag, tier or framework id stands for.

        Raises ConfigError, with a suggestion, when it stands for none.
        """
        identifier = self.resolve(name)
        if identifier is not None:
            return frozenset((identifier,))
        found = {rule.id for rule in self.rules.values() if name in rule.tags or name == rule.tier}
        found |= {rule for rule, frameworks in self.controls.items() if name in frameworks}
        if not found:
            known = [
                *self.rules,
                *self.frameworks,
                *{tag for rule in self.rules.values() for tag in rule.tags},
            ]
            raise ConfigError(f"unknown rule or tag '{name}'", hint=suggest(name, known))
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked to evaluate. `frameworks` add their rules whatever the tier;
    `select` (ids, tags), when there is any, replaces the profile; `ignore` takes away."""

    profile: str = "core"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()


def select_rules(catalog: Catalog, selection: Selection) -> tuple[Rule, ...]:
    """Return the rules that a selection means, sorted by id.

    Raises ConfigError for an unknown profile, rule, tag or framework.
    """
    if selection.profile not in PROFILES:
        raise ConfigError(f"unknown profile '{selection.profile}'", hint=f"use one of {', '.join(PROFILES)}")
    chosen: set[str] = set()
    for name in selection.frameworks:
        if name not in catalog.frameworks:
            raise ConfigError(f"unknown framework '{name}'", hint=suggest(name, catalog.frameworks))
        chosen |= {rule for control in catalog.frameworks[name].controls for rule in control.rules}
    for name in selection.select:
        chosen |= catalog.matching(name)
    if not selection.select and not selection.frameworks:
        tiers = PROFILES[selection.profile]
        chosen = {rule.id for rule in catalog.rules.values() if rule.tier in tiers}
    for name in selection.ignore:
        chosen -= catalog.matching(name)
    return tuple(catalog.rules[identifier] for identifier in sorted(chosen))


def left_out_by(key: str, catalog: Catalog, selection: Selection) -> frozenset[str]:
    """Return the rules that one part of a selection takes away from what would be asked without it:
    `ignore`, or `profile`, `select` and `frameworks` against the rules of the profile `core`."""
    if key == "ignore":
        before = select_rules(catalog, replace(selection, ignore=()))
        after = select_rules(catalog, selection)
    else:
        before = select_rules(catalog, Selection())
        after = select_rules(catalog, replace(selection, ignore=()))
    return frozenset(rule.id for rule in before) - {rule.id for rule in after}


def companions_of(
    catalog: Catalog, rules: Sequence[Rule], ignore: tuple[str, ...], severities: Mapping[str, Severity]
) -> tuple[Rule, ...]:
    """Return the core rules, with their `severities`, that have to be asked beside the selected ones:
    for what some of these say of the findings of others."""
    if not any(DERIVED_KINDS.intersection(rule.applies_to) for rule in rules):
        return ()
    chosen = {rule.id for rule in rules}
    asked = select_rules(catalog, Selection(ignore=ignore))
    return tuple(
        replace(rule, severity=severities.get(rule.id, rule.severity))
        for rule in asked
        if rule.id not in chosen and not rule.sensitive
    )


def builtin_folder() -> Path:
    """Return the folder of the built-in rules: in the wheel, else in the source tree."""
    packaged = real_path(own_path("rules"))
    return packaged if packaged.is_dir() else packaged.parent.parent / "rules"


def load_catalog(words: Words, folders: Sequence[Path] = (), *, examples: bool = False) -> Catalog:
    """Load the built-in rules and frameworks, then those of the user's folders.

    The built-in ones come from the bundle of the package where there is one; then they
    have no `examples`, unless these are asked for. Raises RuleError for the first file
    that cannot be used, for an id or alias that is taken, and for a framework that names
    a rule that does not exist.
    """
    rules: dict[str, Rule] = {}
    frameworks: dict[str, Framework] = {}
    bundle = f"policy/{FILE_NAME}"
    if not examples and os.path.isfile(own_path(bundle)):
        loaded = load_bundle(own_text(bundle))
        rules.update((rule.id, rule) for rule in loaded[0])
        frameworks.update((framework.id, framework) for framework in loaded[1])
    else:
        folders = (builtin_folder(), *folders)
    for folder in folders:
        _load_folder(folder, words, rules, frameworks)
    _check_aliases(rules)
    return Catalog(rules, frameworks, _controls(rules, frameworks))


def _load_folder(
    folder: Path, words: Words, rules: dict[str, Rule], frameworks: dict[str, Framework]
) -> None:
    builtin = builtin_folder()
    if not os.path.isdir(folder):
        raise RuleError(f"'{folder}' is no folder of rules")
    border = Border(str(folder))
    for name in _policy_files(folder, border):
        path = folder / name
        shown = path.relative_to(builtin.parent).as_posix() if folder == builtin else path.as_posix()
        text = _read(border, name, str(path))
        if path.parent.name == "frameworks":
            framework = load_framework(shown, text)
            if framework.id in frameworks:
                raise RuleError(f"framework '{framework.id}' exists already", path=shown, line=1)
            frameworks[framework.id] = framework
            continue
        rule = load_rule(shown, text, words)
        if rule.id in rules:
            other = rules[rule.id].origin
            where = f" in {other.path}" if other is not None else ""
            raise RuleError(f"rule '{rule.id}' exists already{where}", path=shown, line=1)
        rules[rule.id] = rule


def _policy_files(folder: Path, border: Border) -> Iterable[str]:
    try:
        names = border.names(".yaml")
    except OSError as error:
        message = f"cannot list the folder: {error.strerror}"
        raise RuleError(message, path=error.filename or str(folder)) from None
    return sorted(names, key=lambda name: name.split("/"))


def _read(border: Border, name: str, path: str) -> str:
    try:
        return text_of(border.read(name))
    except InputError:
        message = "the file is a link that leads out of the folder of rules"
        raise RuleError(message, path=path) from None
    except OSError as error:
        reason = reason_of(error).removeprefix("cannot be read: ")
        raise RuleError(f"cannot read the file: {reason}", path=path) from None
    except UnicodeDecodeError as error:
        raise RuleError(f"cannot read the file: {error}", path=path) from None


def _check_aliases(rules: Mapping[str, Rule]) -> None:
    taken = dict.fromkeys(rules, "")
    for rule in rules.values():
        for alias in rule.aliases:
            if alias in taken:
                path = rule.origin.path if rule.origin is not None else None
                raise RuleError(f"alias '{alias}' of rule '{rule.id}' is taken", path=path, line=1)
            taken[alias] = rule.id


def _controls(
    rules: Mapping[str, Rule], frameworks: Mapping[str, Framework]
) -> dict[str, dict[str, tuple[str, ...]]]:
    controls: dict[str, dict[str, tuple[str, ...]]] = {}
    for framework in frameworks.values():
        for control in framework.controls:
            for identifier in control.rules:
                if identifier not in rules:
                    raise RuleError(
                        f"control '{control.id}' names the unknown rule '{identifier}'",
                        path=f"rules/frameworks/{framework.id}.yaml",
                        line=1,
                        hint=suggest(identifier, rules),
                    )
                of_rule = controls.setdefault(identifier, {})
                of_rule[framework.id] = (*of_rule.get(framework.id, ()), control.id)
    return controls
