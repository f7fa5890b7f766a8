"""What the settings of a scan say of environments, checked against what the scan knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from scanner.errors import ConfigError
from scanner.formats.environments import Environments
from scanner.model.environments import DeclaredEnvironment, EnvironmentPolicy, answers_to
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.source import Location
from scanner.policy.catalog import Catalog, placed
from scanner.policy.nodes import suggest


def environments_of(
    asked: tuple[str, ...], declared: Iterable[DeclaredEnvironment], root: Path, *, bases: bool
) -> Environments:
    """Return the environments to read. The paths of `declared` are absolute; what does not lie below
    `root` is no part of this scan."""

    def below(path: str) -> str | None:
        if not Path(path).is_relative_to(root):
            return None
        relative = Path(path).relative_to(root).as_posix()
        return "" if relative == "." else relative

    found = []
    for one in declared:
        projects = [[below(path) for path in paths] for paths in one.compose]
        found.append(
            DeclaredEnvironment(
                one.name,
                tuple(tuple(map(str, paths)) for paths in projects if all(paths)),
                tuple(path for path in map(below, one.values) if path),
                tuple(path for path in map(below, one.kustomize) if path is not None),
            )
        )
    return Environments(asked, tuple(found), bases)


def check_environments(environments: Environments) -> None:
    """Refuse a name that was asked for and that no project has. Raises ConfigError."""
    known = sorted(environments.met | {DEFAULT_ENVIRONMENT})
    for name in environments.asked:
        if not any(answers_to(one, name) for one in known):
            listed = f"there are {', '.join(known)}" if known[1:] else "the files have none"
            hint = suggest(name, known)
            raise ConfigError(f"unknown environment '{name}'", hint=f"{hint} {listed}" if hint else listed)


def policies_of(
    policies: Mapping[str, EnvironmentPolicy],
    catalog: Catalog,
    places: Mapping[tuple[str, ...], Location] | None = None,
) -> dict[str, EnvironmentPolicy]:
    """Return what was decided for environments, with the rules that a tag stands for. Raises
    ConfigError, with its place among `places`, for a rule or a tag that does not exist."""
    found = {}
    for name, policy in policies.items():
        for identifier in policy.severities:
            if identifier not in catalog.rules:
                hint = suggest(identifier, catalog.rules)
                error = ConfigError(f"environment '{name}': unknown rule '{identifier}'", hint=hint)
                raise placed(error, places, "environments", name, identifier)
        ignored: set[str] = set()
        for word in policy.ignored:
            try:
                ignored |= catalog.matching(word)
            except ConfigError as error:
                raise placed(error, places, "environments", name, word) from None
        found[name] = EnvironmentPolicy(policy.severities, frozenset(ignored))
    return found
