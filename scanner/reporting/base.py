"""What a reporter is, what it may be told, and how one is found by its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from scanner.model.redacted import Redacted
from scanner.model.report import Report
from scanner.model.rule import Severity

if TYPE_CHECKING:
    from scanner.reporting.shared.shown import Shown

HOMEPAGE = "https://hullcheck.dev/"

_NOT_A_FORMAT = "base"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The revision that was scanned; `repository` is a URL without credentials."""

    repository: str
    revision: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a report is to be shown; reporters know nothing else of their surroundings.

    `base_path` is the scanned root relative to the repository's root, with `/` between
    parts and empty when they are the same; formats that people read inside a repository
    (SARIF, GitHub, GitLab, Markdown, JUnit) put it before every path. `blob_url` is the
    address under which the repository's files can be looked at. `workflow_commands` says
    that the text goes to the log of a GitHub Actions step, which obeys commands in it.
    `fail_on`, `allow_partial` and `allow_empty` decide the verdict as they do the exit code.
    `elapsed` is shown where it is given, and makes a text that differs from run to run.
    """

    color: bool = False
    width: int = 80
    unicode: bool = True
    hyperlinks: bool = False
    quiet: bool = False
    verbose: bool = False
    show_suppressed: bool = False
    fail_on: Severity | None = Severity.HIGH
    allow_partial: bool = False
    allow_empty: bool = False
    base_path: str = ""
    blob_url: str | None = None
    workflow_commands: bool = False
    category: str = "hullcheck"
    provenance: Provenance | None = None
    elapsed: float | None = None


class Format(Protocol):
    """One output format. The text it renders depends on its two arguments alone and
    ends with a line end, or is empty."""

    @property
    def name(self) -> str:
        """The word after `--format`."""

    def render(self, report: Shown, options: RenderOptions) -> str:
        """Return the report as text: of texts that crossed the border, and words of its own."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Renders reports in one format; a report crosses the border before the format sees it."""

    format: Format

    @property
    def name(self) -> str:
        """The word after `--format`."""
        return self.format.name

    def render(self, report: Report | Shown, options: RenderOptions) -> Redacted:
        """Return a report as text; one that goes to several formats is best taken across before."""
        shown = across(report) if isinstance(report, Report) else report
        return Redacted(self.format.render(shown, options))


def across(report: Report) -> Shown:
    """Take a report across the border: return it as it may be shown."""
    from scanner.reporting.shared.border import shown  # it needs what needs this module

    return shown(report)


def reporter_names() -> tuple[str, ...]:
    """Return the names of all output formats, sorted; no format is loaded for it."""
    package = importlib.import_module(__package__)
    return tuple(
        sorted(
            module.name
            for module in pkgutil.iter_modules(package.__path__)
            if not module.ispkg and module.name != _NOT_A_FORMAT and "_" not in module.name
        )
    )


def load_reporter(name: str) -> Reporter:
    """Return the reporter of that name, loading only its module; an unknown name is a KeyError."""
    if name not in reporter_names():
        raise KeyError(name)
    return Reporter(importlib.import_module(f"{__package__}.{name}").REPORTER)


def blob_url(environment: Mapping[str, str]) -> str | None:
    """Return where GitHub shows the files of the commit that a workflow runs on, or None."""
    server = environment.get("GITHUB_SERVER_URL")
    repository = environment.get("GITHUB_REPOSITORY")
    commit = environment.get("GITHUB_SHA")
    if not (server and repository and commit):
        return None
    return f"{server}/{repository}/blob/{commit}/"
