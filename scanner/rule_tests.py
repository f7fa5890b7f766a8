"""Runs the examples of rules: each is a small project with the lines that must light up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scanner.files.scratch import put, scratch_folder
from scanner.guarding import bug_of, rule_stage
from scanner.model.rule import Example, Rule
from scanner.pipeline import Settings, catalog_of, scan
from scanner.policy.catalog import Catalog, Selection

_NAMES = {
    "dockerfile": "Dockerfile",
    "compose": "compose.yaml",
    "kubernetes": "manifest.yaml",
    "helm": "chart/Chart.yaml",
    "scan": "compose.yaml",
}


class Outcome(NamedTuple):
    """What an example showed; `problem` is None when it was as expected. `is_bug` says that it is ours."""

    rule: str
    example: str
    problem: str | None
    is_bug: bool = False


def name_of_example(example: Example) -> str:
    """Return the path that an example's main file has in its project."""
    return example.path or _NAMES[example.format]


def run_examples(folders: Sequence[Path] = ()) -> Iterator[Outcome]:
    """Run the examples of the built-in rules and of those in `folders`."""
    catalog = catalog_of(Settings(rule_folders=tuple(folders)), examples=True)
    for identifier in sorted(catalog.rules):
        rule = catalog.rules[identifier]
        for example in rule.examples:
            try:
                yield Outcome(rule.id, example.name, run_example(rule, example, catalog))
            except OSError:
                raise  # no folder for the example
            except Exception as error:
                what = bug_of(rule_stage(rule.id), None, error).what
                yield Outcome(rule.id, example.name, f"internal error: {what}; please report it", True)


def run_example(rule: Rule, example: Example, catalog: Catalog) -> str | None:
    """Return what is wrong with an example, or None.

    The lines of the findings in its main file, sorted, must be those expected, and its
    input must be readable but for these lines.
    """
    with scratch_folder() as root:
        main = name_of_example(example)
        try:
            for name, text in ((main, example.source), *example.files):
                put(root, name, text.encode())
        except (OSError, ValueError) as error:
            return f"the example cannot be written: {error}"
        report = scan(
            Settings(
                paths=(root,),
                selection=Selection(select=(rule.id,)),
                params={rule.id: dict(example.params)},
            ),
            catalog,
        )
    errors = [
        found.message
        for found in report.diagnostics
        if found.severity == "error" and found.line not in example.expect
    ]
    if errors:
        return f"the example cannot be read: {errors[0]}"
    lines = sorted(finding.location.span.line for finding in report.findings if finding.location.path == main)
    if lines != sorted(example.expect):
        return f"expected lines {sorted(example.expect)}, found {lines}"
    return None
