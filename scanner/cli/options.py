"""Options that several commands have, said once."""

from __future__ import annotations

from pathlib import Path

import click

RULE_FOLDERS = click.option(
    "--rules",
    "rule_folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with rules of your own; repeatable.",
)
CONFIG = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file. [default: .hullcheck.yaml, found upwards]",
)
