"""`hullcheck scan`: options to settings, a report to its formats, and the exit code."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from scanner.cli.common import config_for, settings_of
from scanner.cli.options import CONFIG, RULE_FOLDERS
from scanner.cli.streams import read_input, say
from scanner.config import NEVER, Config
from scanner.formats.helm.settings import HelmSettings
from scanner.model.policy import Configured
from scanner.model.report import ExitCode, Report
from scanner.model.rule import Severity
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection

_LEVELS = [member.value for member in Severity]


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FMT[=FILE]",
    help="Report format; repeatable. [default: console]",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the report here, not to standard output."
)
@click.option(
    "--profile", type=click.Choice(["core", "strict", "all"]), help="Which tiers of rules. [default: core]"
)
@click.option(
    "--select", multiple=True, metavar="ID|TAG", help="Only these rules; repeatable, or separated by commas."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="ID|TAG",
    help="Without these rules; repeatable, or separated by commas.",
)
@click.option("--framework", "frameworks", multiple=True, metavar="ID", help="The rules of a framework.")
@RULE_FOLDERS
@click.option(
    "--exclude",
    "excludes",
    multiple=True,
    metavar="GLOB",
    help="Leave out what matches, as in .gitignore; repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*_LEVELS, NEVER]),
    help="Exit with 1 for findings at or above. [default: high]",
)
@click.option(
    "--report-only",
    is_flag=True,
    help="The PATHs are files to report on; the whole working folder is scanned for context.",
)
@click.option(
    "--environment",
    "environments",
    multiple=True,
    metavar="NAME",
    help="Only this environment of each project; repeatable, or separated by commas.",
)
@click.option(
    "--values",
    "value_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Values file for charts; repeatable. No other set of values is then looked for.",
)
@click.option("--set", "set_values", multiple=True, metavar="K=V", help="Value for charts; repeatable.")
@click.option("--kube-version", metavar="V", help="The Kubernetes version that charts are rendered for.")
@click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 in spite of findings (never in spite of errors)."
)
@click.option(
    "--allow-partial", is_flag=True, help="Inputs that could not be read do not make the exit code 2."
)
@click.option("--allow-empty", is_flag=True, help="Nothing to scan does not make the exit code 2.")
@click.option("--show-suppressed", is_flag=True, help="Show suppressed findings too, with their reasons.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option(
    "--stdin-name", default="stdin", show_default=True, help="The name of the document that '-' reads."
)
@CONFIG
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Worker processes.", hidden=True)
@click.option("--no-cache", is_flag=True, help="Do not use cached results.")
@click.option("-q", "--quiet", count=True, help="One line a finding; twice: nothing but the exit code.")
@click.option("-v", "--verbose", is_flag=True, help="Show what was read and what was not.")
def scan_command(**options: object) -> ExitCode:
    """Scan PATHs (default: the working folder); '-' reads one document from standard input."""
    from scanner.cli.output import Output

    paths = options["paths"]
    assert isinstance(paths, tuple)
    config = _config(options, paths)
    named = options["fail_on"] or config.fail_on or Severity.HIGH.value
    threshold = None if named == NEVER else Severity(str(named))
    output = Output.of(options, threshold)  # before the scan: a wrong format should not cost one
    report = scan(_settings(options, config, paths))
    least = output.write(report)
    return max(least, exit_code(report, options, threshold))


def exit_code(report: Report, options: dict[str, object], threshold: Severity | None) -> ExitCode:
    """Return the code that a report ends with under the given options."""
    if report.is_incomplete() and not options["allow_partial"]:
        return ExitCode.INCOMPLETE
    if report.files == 0 and not (options["allow_empty"] or options["report_only"]):
        message = "hullcheck: nothing to scan; no input was recognised (--allow-empty accepts that)"
        say(message)
        return ExitCode.INCOMPLETE
    if report.reaches(threshold) and not options["exit_zero"]:
        return ExitCode.FINDINGS
    return ExitCode.CLEAN


def _config(options: dict[str, object], paths: tuple[Path, ...]) -> Config:
    given = options["config_path"]
    assert given is None or isinstance(given, Path)
    start = () if options["report_only"] or Path("-") in paths[:1] else paths
    return config_for(start, given)


def _settings(options: dict[str, object], config: Config, paths: tuple[Path, ...]) -> Settings:
    select, ignore = _names(options["select"]), _names(options["ignore"])
    frameworks = _names(options["frameworks"])
    selection = Selection(
        str(options["profile"] or config.profile or "core"),
        select or (config.select if not frameworks else ()),
        (*config.ignore, *ignore),
        frameworks or (config.frameworks if not select else ()),
    )
    folders = options["rule_folders"]
    excludes = options["excludes"]
    assert isinstance(folders, tuple)
    assert isinstance(excludes, tuple)
    settings = replace(
        settings_of(config, paths, folders, excludes),
        selection=selection,
        helm=_helm(options, config),
        environments=_names(options["environments"]),
    )
    settings = replace(settings, configured=_in_force(settings.configured, options))
    if options["report_only"]:
        if not paths:
            raise click.UsageError("--report-only needs the files to report on")
        return replace(settings, paths=(Path(),), report_only=paths)
    if Path("-") in paths:
        if len(paths) > 1:
            raise click.UsageError("'-' cannot be given with other paths")
        from scanner.artifacts import MAX_BYTES, decode

        name = str(options["stdin_name"])
        return replace(settings, stdin=(name, decode(read_input(MAX_BYTES), name)))
    return settings


_OVERRIDES = {
    "profile": ("profile", "select", "frameworks"),
    "select": ("select", "frameworks"),
    "frameworks": ("select", "frameworks"),
    "fail-on": ("fail_on",),
    "helm.kube-version": ("kube_version",),
    "helm.environments": ("value_files",),
}
"""The options over which a key of the configuration does not count."""


def _in_force(configured: Configured | None, options: dict[str, object]) -> Configured | None:
    """Return the configuration without the keys that an option overrides."""
    if configured is None:
        return None
    left = (said for said in configured.said if not any(options[one] for one in _OVERRIDES.get(said.key, ())))
    return configured._replace(said=tuple(left))


def _names(values: object) -> tuple[str, ...]:
    assert isinstance(values, tuple)
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _helm(options: dict[str, object], config: Config) -> HelmSettings:
    files, values = options["value_files"], options["set_values"]
    assert isinstance(files, tuple)
    assert isinstance(values, tuple)
    given: dict[str, object] = {"value_files": tuple(os.path.abspath(path) for path in files)}
    given["set_values"] = values
    if options["kube_version"]:
        given["kube_version"] = str(options["kube_version"])
    return replace(HelmSettings(), **{**config.helm, **given})  # type: ignore[arg-type]
