"""What several commands need: the settings of a project without any options of a scan."""

from __future__ import annotations

from pathlib import Path

from scanner.config import find_config, load_config
from scanner.errors import ConfigError
from scanner.formats.helm.settings import HelmSettings
from scanner.ignoring import Excludes
from scanner.pipeline import Settings
from scanner.policy.catalog import Selection


def settings_for(
    paths: tuple[Path, ...], config_path: Path | None = None, rule_folders: tuple[Path, ...] = ()
) -> Settings:
    """Return the settings for some paths, by their configuration file (found upwards) or a given one.

    Raises ConfigError for a configuration that is missing or wrong.
    """
    if config_path is not None and not config_path.is_file():
        raise ConfigError("no such configuration file", path=str(config_path))
    start = paths[0] if paths else Path()
    found = config_path or (find_config(start) if start.exists() else None)
    if found is None:
        return Settings(paths=paths or (Path(),), rule_folders=rule_folders)
    config = load_config(found)
    return Settings(
        paths=paths or (Path(),),
        selection=Selection(config.profile or "core", config.select, config.ignore, config.frameworks),
        rule_folders=(*config.rule_folders, *rule_folders),
        severities=config.severities,
        params=config.params,
        excludes=(Excludes(config.excludes, config.base),),
        helm=HelmSettings(**config.helm),  # type: ignore[arg-type]
        declared=config.environments,
        policies=config.policies,
        suppressions=config.suppressions,
    )
