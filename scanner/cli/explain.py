"""`hullcheck explain`: why a rule fired on a resource, passed, or could not be decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from scanner.cli.common import settings_for
from scanner.cli.explanations import Telling
from scanner.cli.options import CONFIG, RULE_FOLDERS
from scanner.cli.output import tell_bugs
from scanner.cli.streams import print_text
from scanner.engine.explaining import Explainer, Explanation
from scanner.errors import ConfigError
from scanner.guarding import bug_of, sift
from scanner.model.finding import Finding
from scanner.model.graph import Graph
from scanner.model.redacted import NOTHING, Redacted, joined, own
from scanner.model.report import Bug, ExitCode, Report
from scanner.model.rule import Rule
from scanner.model.suppressions import SCAN_KINDS
from scanner.pipeline import Settings, catalog_of, scan, whole_graph
from scanner.policy.catalog import Catalog, Selection
from scanner.policy.nodes import suggest
from scanner.reporting.base import across
from scanner.secrets.concealing import Concealing
from scanner.triage.fingerprint import fingerprints

_FINGERPRINT = re.compile(r"[0-9a-f]{6,32}")
_PLACE = re.compile(r"(.+):([0-9]+)(?::[0-9]+)?")


@click.command("explain")
@click.argument("what", metavar="FINDING|RULE")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--resource", metavar="NAME", help="With a RULE: only resources of that name (or Kind/name).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@CONFIG
@RULE_FOLDERS
def explain_command(
    what: str,
    paths: tuple[Path, ...],
    resource: str | None,
    form: str,
    config_path: Path | None,
    rule_folders: tuple[Path, ...],
) -> ExitCode:
    """Explain a finding in PATHs (its fingerprint, or path:line), or what a RULE says of a resource."""
    settings = settings_for(paths, config_path, rule_folders)
    catalog = catalog_of(settings)
    identifier = catalog.resolve(what)
    if identifier is not None:
        rule = catalog.rules[identifier]
        graph = whole_graph(settings)
        found, bugs = _of_rule(rule, graph, settings, resource)
        if not found and not bugs:
            about = f" of the name '{resource}'" if resource else ""
            raise ConfigError(f"rule '{rule.id}' applies to no resource{about} here")
        brief = resource is None and len(found) > 1
    else:
        graph, found, bugs = _of_findings(what, settings, catalog)
        brief = False
    telling = Telling(Concealing(graph))
    text, left_out = sift(found, lambda some: _shown(telling, some, form, brief=brief))
    print_text(text or NOTHING)
    bugs += [bug_of("explaining", one.unit.path, error) for one, error in left_out]
    return tell_bugs((*graph.bugs, *bugs))


def _shown(telling: Telling, found: Sequence[Explanation], form: str, *, brief: bool) -> Redacted:
    if form == "json":
        return joined(telling.data(found), own("\n"))
    if brief:
        lines = [*map(telling.one_line, found), NOTHING, own("--resource NAME shows why, fact by fact\n")]
        return joined(*lines, between=own("\n"))
    return joined(joined(*map(telling.text, found), between=own("\n\n")), own("\n"))


def _of_rule(
    rule: Rule, graph: Graph, settings: Settings, resource: str | None
) -> tuple[list[Explanation], list[Bug]]:
    explainer = Explainer(rule, graph, settings.params)
    found = [*explainer.findings(), *explainer.others()]
    if resource is not None:
        found = [one for one in found if resource in _names(one, graph)]
    return found, explainer.bugs


def _names(explanation: Explanation, graph: Graph) -> set[str]:
    holder = explanation.resource
    while getattr(holder, "ref", None) is None:
        holder = graph.owners[holder]
    kind, name, _, container, _ = holder.ref
    names = {name, f"{kind}/{name}"}
    if container:
        names |= {container, f"{name}/{container}", f"{kind}/{name}/{container}"}
    return names


def _of_findings(
    what: str, settings: Settings, catalog: Catalog
) -> tuple[Graph, list[Explanation], list[Bug]]:
    """Explain the findings that a fingerprint or a place means."""
    everything = Selection(profile="all")
    report = scan(_with(settings, everything), catalog)
    wanted = _wanted(what, report)
    if not wanted:
        known = [*catalog.rules, *dict.fromkeys(finding.location.path for finding in report.findings)]
        message = f"'{what}' is no rule, and no finding has that fingerprint or stands there"
        raise ConfigError(message, hint=suggest(what, known))
    graph = whole_graph(settings)
    explained: list[Explanation] = []
    bugs: list[Bug] = []
    for finding in dict.fromkeys(wanted):
        explainer = Explainer(catalog.rules[finding.rule], graph, settings.params)
        explained += _first_of_each(one for one in explainer.findings() if _is_of(one, finding))
        bugs += explainer.bugs
    if not explained and SCAN_KINDS.issuperset(catalog.rules[wanted[0].rule].applies_to):
        raise ConfigError(f"'{wanted[0].rule}' speaks of the scan itself, and says all that there is")
    return graph, explained, bugs


def _with(settings: Settings, selection: Selection) -> Settings:
    from dataclasses import replace

    return replace(settings, selection=selection)


def _wanted(what: str, report: Report) -> list[Finding]:
    every = (*report.findings, *report.suppressed)
    if _FINGERPRINT.fullmatch(what):
        shown = across(report)  # fingerprints are of what is shown
        prints = fingerprints((*shown.findings, *shown.suppressed))
        found = [finding for finding, print_ in zip(every, prints, strict=True) if print_.startswith(what)]
        if found:
            return found
    place = _PLACE.fullmatch(what)
    if place is None:
        return []
    path, line = place[1].removeprefix("./"), int(place[2])
    return [
        finding
        for finding in every
        if finding.location.path == path
        and finding.location.span.line <= line <= finding.location.span.end_line
    ]


def _is_of(explanation: Explanation, finding: Finding) -> bool:
    fact = explanation.fact
    return fact is not None and fact.location == finding.location


def _first_of_each(explanations: Iterable[Explanation]) -> list[Explanation]:
    """Leave out what is told of the same place in another environment."""
    first: dict[object, Explanation] = {}
    for one in explanations:
        assert one.fact is not None
        first.setdefault((one.rule.id, one.fact.location, one.message), one)
    return list(first.values())
