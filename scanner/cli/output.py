"""Where reports go: formats, files, and what the terminal can show."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.cli.streams import ReaderLeft, print_text, say
from scanner.errors import ConfigError
from scanner.guarding import Guard, bug_of, told_of
from scanner.model.redacted import Redacted
from scanner.model.report import Bug, Diagnostic, ExitCode, Report
from scanner.model.rule import Severity
from scanner.reporting.base import (
    RenderOptions,
    Reporter,
    across,
    blob_url,
    load_reporter,
    reporter_names,
)
from scanner.reporting.shared.guarded import Rendered, rendered
from scanner.reporting.shared.provenance import read_provenance
from scanner.reporting.shared.shown import Shown
from scanner.reporting.shared.text import visible


@dataclass(frozen=True, slots=True)
class Target:
    """One report to be written; `file` is None for standard output."""

    reporter: Reporter
    file: Path | None


@dataclass(frozen=True, slots=True)
class Output:
    """All the reports of a run, and how they are to be shown."""

    targets: tuple[Target, ...]
    color: bool
    quiet: int
    verbose: bool
    show_suppressed: bool
    fail_on: Severity | None
    allow_partial: bool
    allow_empty: bool

    @staticmethod
    def of(options: dict[str, object], fail_on: Severity | None) -> Output:
        """Return the output that the options ask for. Raises ConfigError for an unknown
        format and for two reports with the same destination."""
        formats = options["formats"]
        assert isinstance(formats, tuple)
        rest = options["output"]
        targets = []
        for text in formats or ("console",):
            name, equals, path = text.partition("=")
            if equals and not path:
                raise ConfigError(f"'{text}' names no file")
            file = Path(path) if equals else None
            if file is None and isinstance(rest, Path):
                file, rest = rest, None
            targets.append(Target(_reporter(name), file))
        if isinstance(rest, Path):
            raise ConfigError("-o was given, but every format has a file of its own")
        files = [target.file for target in targets]
        if len(set(files)) != len(files):
            raise ConfigError(
                "two reports have the same destination", hint="use --format FMT=FILE for all but one"
            )
        quiet = options["quiet"]
        assert isinstance(quiet, int)
        return Output(
            tuple(targets),
            wants_color(str(options["color"])),
            quiet,
            bool(options["verbose"]),
            bool(options["show_suppressed"]),
            fail_on,
            bool(options["allow_partial"]),
            bool(options["allow_empty"]),
        )

    def write(self, report: Report) -> ExitCode:
        """Render and write every report; a file's folders are made when they are missing.

        One that cannot be made or written keeps no other one from it. Returns what the exit code is
        at least: that of an incomplete scan where a bug has cost a report something, that of an
        internal error where it has cost them all. Raises ConfigError and ReaderLeft when all is written.
        """
        made, lost = 0, 0
        guard = Guard()
        shown: Shown | None = None
        with guard.step("hiding secrets", None):
            shown = across(report)
        if self.quiet == 1 and shown is not None:
            # A line a finding would not tell why the scan is incomplete.
            with guard.step("showing errors", None):
                self._tell_errors(shown)
        lost = len(guard.bugs)
        _tell(told_of(guard.bugs))
        trouble: ConfigError | ReaderLeft | None = None
        for target in self.targets:
            if target.file is None and self.quiet > 1:
                continue
            try:
                found = self._rendered(target, report, shown)
                if found.text is not None:
                    made += 1
                    _deliver(target.file, found.text, report.root)
            except (ConfigError, ReaderLeft) as error:
                trouble = trouble or error
                continue
            if found.lost or found.text is None:
                lost += 1
                _tell_lost(found, target)
        if trouble is not None:
            raise trouble
        if not lost:
            return ExitCode.CLEAN
        return ExitCode.INCOMPLETE if made else ExitCode.INTERNAL

    def _rendered(self, target: Target, report: Report, shown: Shown | None) -> Rendered:
        try:
            stream = None if target.file is not None else sys.stdout
            return rendered(target.reporter, report, self._options(report, stream), shown)
        except Exception as error:
            return Rendered(None, tuple(told_of([bug_of("showing the report", None, error)])))

    def _tell_errors(self, report: Shown) -> None:
        from scanner.reporting.console import diagnostic_lines

        for line in diagnostic_lines(report):
            text = "".join(part for part, _ in line)
            if text.startswith("error"):
                say(text)

    def _options(self, report: Report, stream: object) -> RenderOptions:
        to_terminal = stream is not None
        repository = repository_of(Path(report.root))
        base = "" if repository is None else _relative(Path(report.root), repository)
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "")
        return RenderOptions(
            color=self.color and to_terminal,
            width=_terminal_width(),
            unicode=not to_terminal or encoding.startswith("utf"),
            hyperlinks=False,
            quiet=self.quiet > 0,
            verbose=self.verbose,
            show_suppressed=self.show_suppressed,
            fail_on=self.fail_on,
            allow_partial=self.allow_partial,
            allow_empty=self.allow_empty,
            base_path=base,
            provenance=None if repository is None else read_provenance(repository),
            blob_url=blob_url(os.environ),
            workflow_commands=to_terminal and os.environ.get("GITHUB_ACTIONS") == "true",
        )


def _deliver(file: Path | None, text: Redacted, root: str) -> None:
    if file is None:
        print_text(text)
    else:
        save(file, text, root)


def _tell_lost(found: Rendered, target: Target) -> None:
    """Say on standard error what a bug has cost a report."""
    cost = "was not written" if found.text is None else "tells less than it should"
    _tell(found.lost)
    say(f"hullcheck: the report '{target.reporter.name}' {cost}")


def _tell(bugs: Iterable[Diagnostic]) -> None:
    for one in bugs:
        place = "" if one.path is None else f"{visible(one.path)}: "
        say(f"hullcheck: {place}{one.message}")


def tell_bugs(bugs: Sequence[Bug]) -> ExitCode:
    """Say on standard error what bugs have cost; return the exit code of what is shown all the same."""
    _tell(told_of(bugs))
    return ExitCode.INCOMPLETE if bugs else ExitCode.CLEAN


def wants_color(choice: str) -> bool:
    """Whether standard output gets colour: the option, then NO_COLOR, FORCE_COLOR or
    CLICOLOR_FORCE, then whether it is a terminal that is not dumb (no-color.org)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name, "0") not in ("", "0"):
            return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def repository_of(folder: Path) -> Path | None:
    """Return the root of the Git repository that holds a folder, or None."""
    return next((parent for parent in (folder, *folder.parents) if os.path.exists(parent / ".git")), None)


def _relative(folder: Path, repository: Path) -> str:
    relative = folder.relative_to(repository).as_posix()
    return "" if relative == "." else relative


def _reporter(name: str) -> Reporter:
    try:
        return load_reporter(name)
    except KeyError:
        raise ConfigError(
            f"unknown format '{name}'", hint=f"use one of {', '.join(reporter_names())}"
        ) from None


def save(file: Path, text: Redacted, scanned: str | None = None) -> None:
    """Write a report to a file; see `scanner.files.writing`. Raises ConfigError."""
    from scanner.files.writing import write_report

    try:
        write_report(file, text, scanned)
    except OSError as error:
        raise ConfigError(f"cannot write the report: {error.strerror}", path=str(file)) from None
    except ValueError:
        raise ConfigError("cannot write the report: no file has such a name", path=str(file)) from None


def _terminal_width() -> int:
    """Return how many columns are asked for or a terminal has; 80 for what is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 80
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
