"""`hullcheck rules`: list, show and test them."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.options import RULE_FOLDERS
from scanner.cli.streams import print_text
from scanner.errors import ConfigError
from scanner.model.report import ExitCode
from scanner.model.rule import Rule
from scanner.pipeline import Settings, catalog_of
from scanner.policy.nodes import suggest
from scanner.secrets.hiding import looked_over, of_rules


@click.group("rules")
def rules_group() -> None:
    """Look at the rules, and test them."""


@rules_group.command("list")
@RULE_FOLDERS
def list_rules(rule_folders: tuple[Path, ...]) -> None:
    """List every rule: id, severity, tier, formats and title."""
    catalog = catalog_of(Settings(rule_folders=rule_folders))
    width = max((len(identifier) for identifier in catalog.rules), default=0)
    lines = []
    for rule in sorted(catalog.rules.values(), key=lambda rule: rule.id):
        formats = ",".join(form.value for form in rule.formats)
        lines.append(f"{rule.id:{width}}  {rule.severity:8}  {rule.tier:8}  {formats:29}  {rule.title}\n")
    print_text(of_rules("".join(lines)))


@rules_group.command("show")
@click.argument("identifier", metavar="ID")
@RULE_FOLDERS
def show_rule(identifier: str, rule_folders: tuple[Path, ...]) -> None:
    """Show one rule: what it asks, why, how to fix it, and an example."""
    catalog = catalog_of(Settings(rule_folders=rule_folders), examples=True)
    resolved = catalog.resolve(identifier)
    if resolved is None:
        raise ConfigError(f"unknown rule '{identifier}'", hint=suggest(identifier, catalog.rules))
    print_text(of_rules(describe(catalog.rules[resolved], catalog.controls.get(resolved, {}))))


@rules_group.command("test")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
def test_rules(folders: tuple[Path, ...]) -> ExitCode:
    """Run the examples of every rule, the built-in ones and those of FOLDERS."""
    from scanner.rule_tests import run_examples

    failures = 0
    total = 0
    code = ExitCode.CLEAN
    try:
        for outcome in run_examples(folders):
            total += 1
            if outcome.problem is not None:
                failures += 1
                code = max(code, ExitCode.INCOMPLETE if outcome.is_bug else ExitCode.FINDINGS)
                told = looked_over(outcome.problem)
                print_text(of_rules(f"FAIL {outcome.rule}: {outcome.example}: {told}\n"))
    except OSError as error:
        raise ConfigError(f"no temporary folder can be used: {error.strerror}") from None
    print_text(of_rules(f"{total - failures} examples passed, {failures} failed\n"))
    return code


def describe(rule: Rule, controls: dict[str, tuple[str, ...]] | object) -> str:
    """Return a rule's documentation as plain text."""
    formats = ", ".join(form.value for form in rule.formats)
    lines = [
        f"{rule.id}: {rule.title}",
        f"severity {rule.severity}, confidence {rule.confidence}, tier {rule.tier}, for {formats}",
        "",
        rule.description,
        "",
        "How to fix",
    ]
    for form, text in rule.remediation.items():
        lines.append(f"  {text}" if form == "any" else f"  {form}: {text}")
    if rule.cases:
        lines += ["", "Cases", *(f"  {one.name}: {one.message}" for one in rule.cases)]
    if rule.params:
        lines += ["", "Parameters", *(f"  {name} = {value!r}" for name, value in rule.params.items())]
    if isinstance(controls, dict) and controls:
        lines += ["", "Serves"]
        lines += [f"  {framework}: {', '.join(ids)}" for framework, ids in sorted(controls.items())]
    if rule.references:
        lines += ["", "References", *(f"  {reference}" for reference in rule.references)]
    for example in rule.examples[:1]:
        shown = ", ".join(str(line) for line in example.expect) or "none"
        lines += ["", f"Example ({example.format}; findings in line: {shown})"]
        lines += [f"  {line}" for line in example.source.rstrip().splitlines()]
    return "\n".join(lines) + "\n"
