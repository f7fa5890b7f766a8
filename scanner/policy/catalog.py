"""All the rules and frameworks there are, and which of them a scan uses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from scanner.errors import ConfigError, InputError, RuleError
from scanner.files.border import Border
from scanner.files.named import real_path, text_of
from scanner.files.opening import reason_of
from scanner.files.own import own_path, own_text
from scanner.model.charts import DERIVED_KINDS
from scanner.model.rule import Framework, Rule, Severity, Tier, count_conditions
from scanner.model.source import Location
from scanner.policy.bundle import FILE_NAME, load_bundle
from scanner.policy.loader import load_framework, load_rule
from scanner.policy.nodes import suggest
from scanner.policy.words import Words

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


def placed(error: ConfigError, places: Mapping[tuple[str, ...], Location] | None, *key: str) -> ConfigError:
    """Return an error with the place of a configuration's name, where the name comes from one."""
    place = (places or {}).get(key)
    return error if place is None else error.at(place.path, place.span.line, place.span.column)


def check_selection(
    catalog: Catalog, selection: Selection, places: Mapping[tuple[str, ...], Location]
) -> None:
    """Refuse names in a selection that stand for nothing. Raises ConfigError with a suggestion, and with
    the place of the name where it is one of `places`."""
    named = [("frameworks", Selection(frameworks=(name,)), name) for name in selection.frameworks]
    named += [("select", Selection(select=(name,)), name) for name in selection.select]
    named += [("ignore", Selection(ignore=(name,)), name) for name in selection.ignore]
    for key, one, name in named:
        try:
            select_rules(catalog, one)
        except ConfigError as error:
            raise placed(error, places, key, name) from None


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
    """Load the built-in rules and frameworks, then those of the user's folders, which add to them.

    The built-in ones come from the bundle of the package where there is one; then they
    have no `examples`, unless these are asked for. Raises RuleError for the first file
    that cannot be used: what a name stands for already no other file can give a meaning,
    whoever named its folder, and a framework names rules that exist.
    """
    loading = _Loading(words)
    bundle = f"policy/{FILE_NAME}"
    if not examples and os.path.isfile(own_path(bundle)):
        loading.take_bundle(*load_bundle(own_text(bundle)))
    else:
        builtin = builtin_folder()
        loading.load(
            [(file, file.path.relative_to(builtin.parent).as_posix()) for file in _policy_files(builtin)]
        )
    if folders:
        loading.close_names()
        found = [file for folder in folders for file in _policy_files(folder)]
        if len(found) > MAX_FILES:
            raise RuleError(f"folders of rules hold {len(found)} files, and may hold {MAX_FILES}")
        loading.load([(file, file.path.as_posix()) for file in found], limit=MAX_WEIGHT)
    return Catalog(loading.rules, loading.frameworks, _controls(loading.frameworks))


MAX_FILES = 2_000
"""Files that folders of rules can hold, beside the built-in ones (which are about 260)."""

MAX_WEIGHT = 200_000
"""How much work rules of folders can make when they are compiled (the built-in ones make 15,000): for
each rule its conditions, once for each kind, format and text that they are needed for."""


class _Loading:
    """Rules and frameworks as they are loaded. `taken` are the names that mean something."""

    def __init__(self, words: Words) -> None:
        self.rules: dict[str, Rule] = {}
        self.frameworks: dict[str, Framework] = {}
        self._words = words
        self._taken: dict[str, str] = {}
        self._frameworks_taken: dict[str, str] = {}

    def take_bundle(self, rules: Iterable[Rule], frameworks: Iterable[Framework]) -> None:
        """Take rules and frameworks that were checked when they were put together."""
        for rule in rules:
            self._take(rule)
        for framework in frameworks:
            self._take_framework(framework)

    def close_names(self) -> None:
        """Keep what stands for several rules now from being the name of one: tags, tiers, frameworks."""
        for rule in tuple(self.rules.values()):
            for tag in rule.tags:
                self._taken.setdefault(tag, "a tag of built-in rules")
        for tier in Tier:
            self._taken.setdefault(tier.value, "a tier")
        self._taken.update(self._frameworks_taken)
        self._frameworks_taken = self._taken

    def load(self, files: Sequence[tuple[_PolicyPath, str]], limit: int | None = None) -> None:
        """Load files, each with the path that it is known by: frameworks after all rules."""
        weight = 0
        for file, shown in files:
            if file.path.parent.name != "frameworks":
                rule = load_rule(shown, _read(file), self._words, self._taken)
                self._take(rule)
                weight += weight_of(rule)
                if limit is not None and weight > limit:
                    raise RuleError("the folders of rules ask for too much", path=shown, line=1, column=1)
        for file, shown in files:
            if file.path.parent.name == "frameworks":
                self._take_framework(load_framework(shown, _read(file), self._frameworks_taken, self.rules))

    def _take(self, rule: Rule) -> None:
        self.rules[rule.id] = rule
        where = f" in {rule.origin.path}" if rule.origin is not None else ""
        self._taken[rule.id] = f"a rule{where}"
        for alias in rule.aliases:
            self._taken[alias] = f"an alias of rule '{rule.id}'{where}"

    def _take_framework(self, framework: Framework) -> None:
        self.frameworks[framework.id] = framework
        self._frameworks_taken[framework.id] = "a framework"


def weight_of(rule: Rule) -> int:
    """Return how much work a rule makes when it is compiled, in conditions."""
    parts = [(one.when, one.applies_to, one.at, one.message) for one in rule.cases]
    parts = parts or [(rule.when, rule.applies_to, rule.at, rule.message)]
    return sum(
        count_conditions(when) * len(kinds) * len(rule.formats) * (2 + len(at) + message.count("{"))
        for when, kinds, at, message in parts
    )


class _PolicyPath(NamedTuple):
    """A policy file: its name below a border, and its path."""

    border: Border
    name: str
    path: Path


def _policy_files(folder: Path) -> list[_PolicyPath]:
    if not os.path.isdir(folder):
        raise RuleError(f"'{folder}' is no folder of rules")
    border = Border(str(folder))
    try:
        names = border.names(".yaml")
    except OSError as error:
        message = f"cannot list the folder: {error.strerror}"
        raise RuleError(message, path=error.filename or str(folder)) from None
    return [
        _PolicyPath(border, name, folder / name) for name in sorted(names, key=lambda one: one.split("/"))
    ]


def _read(file: _PolicyPath) -> str:
    path = str(file.path)
    try:
        return text_of(file.border.read(file.name))
    except InputError:
        message = "the file is a link that leads out of the folder of rules"
        raise RuleError(message, path=path) from None
    except OSError as error:
        reason = reason_of(error).removeprefix("cannot be read: ")
        raise RuleError(f"cannot read the file: {reason}", path=path) from None
    except UnicodeDecodeError as error:
        raise RuleError(f"cannot read the file: {error}", path=path) from None


def _controls(frameworks: Mapping[str, Framework]) -> dict[str, dict[str, tuple[str, ...]]]:
    controls: dict[str, dict[str, tuple[str, ...]]] = {}
    for framework in frameworks.values():
        for control in framework.controls:
            for identifier in control.rules:
                of_rule = controls.setdefault(identifier, {})
                of_rule[framework.id] = (*of_rule.get(framework.id, ()), control.id)
    return controls
