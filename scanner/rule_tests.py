"""Runs the examples of rules: each is a small project with the lines that must light up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

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
    """What an example showed; `problem` is None when it was as expected."""

    rule: str
    example: str
    problem: str | None


def run_examples(folders: Sequence[Path] = ()) -> Iterator[Outcome]:
    """Run the examples of the built-in rules and of those in `folders`."""
    catalog = catalog_of(Settings(rule_folders=tuple(folders)), examples=True)
    for identifier in sorted(catalog.rules):
        rule = catalog.rules[identifier]
        for example in rule.examples:
            yield Outcome(rule.id, example.name, run_example(rule, example, catalog))


def run_example(rule: Rule, example: Example, catalog: Catalog) -> str | None:
    """Return what is wrong with an example, or None.

    The lines of the findings in its main file, sorted, must be those expected, and its
    input must be readable but for these lines.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        main = root / (example.path or _NAMES[example.format])
        for path, text in ((main, example.source), *((root / file, text) for file, text in example.files)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
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
    relative = main.relative_to(root).as_posix()
    lines = sorted(
        finding.location.span.line for finding in report.findings if finding.location.path == relative
    )
    if lines != sorted(example.expect):
        return f"expected lines {sorted(example.expect)}, found {lines}"
    return None
