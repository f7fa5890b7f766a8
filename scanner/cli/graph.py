"""`hullcheck graph`: the linked resources of a project, for other programs and for people."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from scanner.cli.common import settings_for
from scanner.cli.options import CONFIG
from scanner.cli.output import save, tell_bugs
from scanner.cli.streams import print_text, say
from scanner.drawing.drawing import KIND_NAMES, Drawing, Node, draw
from scanner.drawing.narrowing import (
    around,
    environments_of,
    in_environment,
    named,
    of_kinds,
    outline,
    without_pairs,
)
from scanner.drawing.texts import MERMAID_EDGES, MERMAID_LENGTH, as_dot, as_json, as_mermaid, printable
from scanner.errors import ConfigError
from scanner.model.report import ExitCode
from scanner.pipeline import Settings, scan, whole_graph
from scanner.policy.nodes import suggest
from scanner.reporting.base import across
from scanner.secrets.concealing import Concealing

_FORMATS = {"json": as_json, "mermaid": as_mermaid, "dot": as_dot}
_LISTED = 5


@click.command("graph")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--format", "form", type=click.Choice(list(_FORMATS)), help="Format of the export. [default: json]"
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    help="Write one page with the graph drawn, findings too.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here, not to standard output.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only resources of this kind; repeatable."
)
@click.option("--environment", metavar="NAME", help="Only this environment, with the images that it uses.")
@click.option(
    "--around", "centre", metavar="NAME", help="Only what is near a resource: web, deployment/web, shop/web."
)
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="How many relations away from the resource of --around.",
)
@click.option("--detail", is_flag=True, help="Mermaid and DOT: draw containers, stages and images too.")
@CONFIG
def graph_command(
    paths: tuple[Path, ...],
    form: str | None,
    page: Path | None,
    output: Path | None,
    kinds: tuple[str, ...],
    environment: str | None,
    centre: str | None,
    depth: int,
    detail: bool,
    config_path: Path | None,
) -> ExitCode:
    """Export the graph of PATHs (default: the working folder): what refers to what."""
    _check_kinds(kinds)
    settings = settings_for(paths, config_path)
    graph = whole_graph(settings)
    conceal = Concealing(graph)
    report = None if page is None else scan(settings)
    if report is not None:  # both must hide the same, or a finding does not find its resource
        conceal = Concealing(graph, report.secrets)
        report = replace(report, secrets=conceal.values)
    drawing = draw(graph, conceal)
    if not drawing.nodes:
        say("hullcheck: there is nothing to draw (hullcheck scan tells what was read)")
    if environment is not None:
        drawing = _in_environment(drawing, environment)
    if centre is not None:
        drawing = around(drawing, _named(drawing, centre), depth)
    if kinds:
        drawing = of_kinds(drawing, kinds)
    if page is not None and report is not None:
        from scanner.drawing.page import as_page

        save(page, as_page(drawing, across(report)), _scanned(settings))
        if form is None and output is None:
            return tell_bugs(graph.bugs)
    form = form or "json"
    shown = drawing
    if form != "json":
        shown = without_pairs(drawing) if detail or kinds else outline(drawing)
    text = _FORMATS[form](shown)
    if form == "mermaid" and (len(shown.edges) > MERMAID_EDGES or len(text) > MERMAID_LENGTH):
        told = f"{len(shown.edges)} relations are more than Mermaid draws by itself (maxEdges, maxTextSize)"
        say(f"hullcheck: {told}; --environment, --around and --kind leave less")
    if output is not None:
        save(output, text, _scanned(settings))
    else:
        print_text(text)
    return tell_bugs(graph.bugs)


def _check_kinds(kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        if kind not in KIND_NAMES:
            hint = suggest(kind, KIND_NAMES) or f"there are {', '.join(KIND_NAMES)}"
            raise ConfigError(f"unknown kind '{kind}'", hint=hint)


def _in_environment(drawing: Drawing, name: str) -> Drawing:
    found = in_environment(drawing, name)
    if not found.nodes:
        known = environments_of(drawing)
        hint = f"there are {', '.join(known)}" if known else "nothing was found to draw"
        raise ConfigError(f"unknown environment '{name}'", hint=suggest(name, known) or hint)
    return found


def _named(drawing: Drawing, name: str) -> list[Node]:
    found = named(drawing, name)
    if not found:
        hint = suggest(name, [node.name for node in drawing.nodes])
        raise ConfigError(f"no resource is called '{name}'", hint=hint)
    if len({node.label for node in found}) > 1:
        ids = [node.id for node in found]
        more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
        listed = f"{', '.join(ids[:_LISTED])}{more}"
        told = f"'{name}' is the name of {listed}; this is around all of them"
        say(f"hullcheck: {printable(told)}")
    return found


def _scanned(settings: Settings) -> str:
    """The folder of which no link may lead out of it when a file is written."""
    real = [os.path.realpath(path) for path in settings.paths]
    return os.path.commonpath([path if os.path.isdir(path) else os.path.dirname(path) for path in real])
