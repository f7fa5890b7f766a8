"""Whole projects, compared in full: findings, diagnostics and the ledger.

`python -m tests.test_fixtures` writes the listings anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.ignoring import Excludes
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from tests.support import ROOT

PROJECTS = sorted(path for path in (ROOT / "fixtures").iterdir() if path.is_dir())


def expected_listing(project: Path) -> str:
    """Return everything that a scan of a project with all rules says."""
    report = scan(
        Settings(
            paths=(project,), selection=Selection(profile="all"), excludes=(Excludes(("/expected.txt",)),)
        )
    )
    lines = ["# findings"]
    for found in report.findings:
        span = found.location.span
        environments = "" if found.environments == ("default",) else f" [{', '.join(found.environments)}]"
        place = f"{found.location.path}:{span.line}:{span.column}"
        lines.append(f"{place} {found.severity} {found.rule} {found.message}{environments}")
        lines += [
            f"    {other.location.path}:{other.location.span.line} {other.message}" for other in found.related
        ]
    lines.append("\n# diagnostics")
    lines += [f"{d.path}:{d.line}:{d.column} {d.severity} {d.message}" for d in report.diagnostics]
    lines.append("\n# ledger")
    lines += [
        f"{line.status} {line.kind or '-'} {line.path}" + (f" ({line.reason})" if line.reason else "")
        for line in report.coverage
        if line.path != "expected.txt"
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_project_says_exactly_what_is_expected(project):
    if list(project.rglob("Chart.yaml")):
        pytest.importorskip("helm_python", reason="the extra [helm] is not installed")
    assert expected_listing(project) == (project / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_two_scans_say_the_same(project):
    assert expected_listing(project) == expected_listing(project)


if __name__ == "__main__":
    for folder in PROJECTS:
        (folder / "expected.txt").write_text(expected_listing(folder), encoding="utf-8")
