"""Does what an action of a report says: edits the text as a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from scanner.model.finding import Finding
from scanner.model.report import Action, Report


def do(action: Action, root: Path) -> None:
    """Make an edit in the scanned tree. One that only says which line to change is for the test to make."""
    path = root / action.place.path
    lines = path.read_text().split("\n")
    at = action.place.span.line - 1
    assert action.lines, "what to write depends on more than the action says"
    if action.what.startswith("at the end of the stage"):
        end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("FROM ")), len(lines))
        while not lines[end - 1].strip():
            end -= 1
        lines[end:end] = action.lines
    elif action.what.startswith("instead of the line"):
        lines[at : at + 1] = action.lines
    elif path.name.startswith("values") and action.what.endswith("set"):
        _set_values(path, action)
        return
    elif action.what.startswith("beside the list"):
        lines[at:at] = _indented(action.lines, _indent(lines[at]))
    else:
        assert action.what.endswith("add"), action.what
        lines[at + 1 : at + 1] = _indented(action.lines, _indent(lines[at]) + 2)
    path.write_text("\n".join(lines))


def identities(findings: list[Finding]) -> set[tuple[object, ...]]:
    """Return what tells findings apart, whatever their lines are."""
    return {
        (one.rule, one.location.path, one.resource, one.field, one.item, one.environments) for one in findings
    }


def of_group(report: Report, action: Action) -> list[Finding]:
    """Return the findings that an action is to make go."""
    return [one for one in report.findings if one.group == action.group]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indented(lines: tuple[str, ...], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


def _set_values(path: Path, action: Action) -> None:
    document: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    mapping = document
    if action.what != "set":
        for part in action.what.removeprefix("in '").removesuffix("', set").split("."):
            if not isinstance(mapping.get(part), dict):
                mapping[part] = {}
            mapping = mapping[part]
    for line in action.lines:
        _lay_over(mapping, yaml.safe_load(line))
    path.write_text(yaml.safe_dump(document))


def _lay_over(mapping: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(mapping.get(key), dict):
            _lay_over(mapping[key], value)
        else:
            mapping[key] = value
