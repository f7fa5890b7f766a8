"""`hullcheck frameworks`: list and show them."""

from __future__ import annotations

import click

from scanner.cli.streams import print_text
from scanner.errors import ConfigError
from scanner.pipeline import Settings, catalog_of
from scanner.policy.nodes import suggest
from scanner.secrets.hiding import of_rules


@click.group("frameworks")
def frameworks_group() -> None:
    """Look at the frameworks and what of them is assessed."""


@frameworks_group.command("list")
def list_frameworks() -> None:
    """List every framework: id, controls assessed, and title."""
    catalog = catalog_of(Settings())
    lines = []
    for framework in sorted(catalog.frameworks.values(), key=lambda framework: framework.id):
        assessed = sum(control.not_assessed is None for control in framework.controls)
        lines.append(f"{framework.id:16}  {assessed}/{len(framework.controls)} controls  {framework.title}\n")
    print_text(of_rules("".join(lines)))


@frameworks_group.command("show")
@click.argument("identifier", metavar="ID")
def show_framework(identifier: str) -> None:
    """Show a framework: each control with its rules, or why files cannot answer it."""
    catalog = catalog_of(Settings())
    framework = catalog.frameworks.get(identifier)
    if framework is None:
        raise ConfigError(f"unknown framework '{identifier}'", hint=suggest(identifier, catalog.frameworks))
    lines = [f"{framework.title} ({framework.version})\n{framework.url}\n\n"]
    for control in framework.controls:
        answer = (
            ", ".join(control.rules)
            if control.not_assessed is None
            else f"not assessed: {control.not_assessed}"
        )
        lines.append(f"{control.id}  {control.title}\n    {answer}\n")
    print_text(of_rules("".join(lines)))
