"""What several commands need: the settings of a project without any options of a scan."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from scanner.config import Config, find_config, load_config
from scanner.errors import ConfigError
from scanner.formats.helm.settings import HelmSettings
from scanner.ignoring import Excludes, check_patterns
from scanner.model.policy import Configured
from scanner.pipeline import Settings
from scanner.policy.catalog import Selection


def config_for(paths: tuple[Path, ...], config_path: Path | None = None) -> Config:
    """Return the configuration of some paths (found upwards from the first), or a given one; an empty
    one where there is none. Raises ConfigError for one that is missing or wrong."""
    if config_path is not None:
        if not os.path.exists(config_path):
            raise ConfigError("no such configuration file", path=str(config_path))
        return replace(load_config(config_path), from_tree=False)
    start = paths[0] if paths else Path()
    found = find_config(start) if os.path.exists(start) else None
    return Config() if found is None else replace(load_config(found, found=True), from_tree=True)


def settings_of(
    config: Config,
    paths: tuple[Path, ...],
    rule_folders: tuple[Path, ...] = (),
    excludes: tuple[str, ...] = (),
) -> Settings:
    """Return what a configuration says, for some paths (none: the working folder)."""
    check_patterns((*config.excludes, *excludes))
    return Settings(
        paths=paths or (Path(),),
        selection=Selection(config.profile or "core", config.select, config.ignore, config.frameworks),
        rule_folders=(*config.rule_folders, *rule_folders),
        severities=config.severities,
        params=config.params,
        excludes=(Excludes(config.excludes, config.base), Excludes(excludes)),
        helm=HelmSettings(**config.helm),  # type: ignore[arg-type]
        declared=config.environments,
        policies=config.policies,
        suppressions=config.suppressions,
        configured=None
        if config.path is None
        else Configured(str(config.path.resolve()), config.from_tree, config.said),
        places=config.places,
    )


def settings_for(
    paths: tuple[Path, ...], config_path: Path | None = None, rule_folders: tuple[Path, ...] = ()
) -> Settings:
    """Return the settings of some paths without any options of a scan. Raises as `config_for`."""
    return settings_of(config_for(paths, config_path), paths, rule_folders)
