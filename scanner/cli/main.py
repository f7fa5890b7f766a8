"""The command line: commands, exit codes, and the one place where bugs are caught."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Sequence
from typing import Any

import click

from scanner import __version__
from scanner.cli.streams import ReaderLeft, keep_descriptors, say, silence
from scanner.errors import ScannerError
from scanner.files.named import GONE, GONE_HINT
from scanner.guarding import what_failed
from scanner.model.report import ExitCode

_READER_LEFT = 141
"""What a shell reports for a program that SIGPIPE ended."""


_COMMANDS = {
    "scan": "scan:scan_command",
    "explain": "explain:explain_command",
    "graph": "graph:graph_command",
    "rules": "rules:rules_group",
    "frameworks": "frameworks:frameworks_group",
}
"""Each command by its name: the module of this package that has it, imported when it is called."""


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, None for an unknown name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"scanner.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the arguments; click's own help may meet a reader that has left."""
        try:
            return super().make_context(*arguments, **options)
        except BrokenPipeError:
            raise ReaderLeft from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, whose help click writes too."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeft from None


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", message="hullcheck %(version)s")
def cli() -> None:
    """Check Dockerfiles, Compose projects, Helm charts and Kubernetes manifests against policies."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; see `docs/exit-codes.md`."""
    keep_descriptors()
    try:
        code = cli.main(list(arguments), prog_name="hullcheck", standalone_mode=False)
        return int(code) if code is not None else ExitCode.CLEAN
    except click.ClickException as error:
        _show(error)
        return ExitCode.INCOMPLETE
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except ScannerError as error:
        from scanner.reporting.shared.text import defuse  # what it quotes may be a scanned path

        say(f"hullcheck: {defuse(printable(str(error)))}")
        return ExitCode.INCOMPLETE
    except ReaderLeft:
        # The reader has left; say nothing, and keep Python from complaining at exit.
        silence()
        return _READER_LEFT
    except Exception as error:  # the one place: a bug is told as one
        if os.environ.get("HULLCHECK_DEBUG"):
            raise
        trouble = _trouble_of_machine(error)
        if trouble is not None:
            say(f"hullcheck: {printable(trouble)}")
            return ExitCode.INCOMPLETE
        say(
            f"hullcheck: internal error: {what_failed(error)}\n"
            "This is a bug; please report it with the input that shows it"
            " (HULLCHECK_DEBUG=1 shows the traceback)."
        )
        return ExitCode.INTERNAL


def _show(error: click.ClickException) -> None:
    """Tell of a misuse, as click words it."""
    told = io.StringIO()
    error.show(told)
    say(told.getvalue().rstrip("\n"))


def _trouble_of_machine(error: Exception) -> str | None:
    """Return what to tell of an error that is no bug, though nothing could expect it; else None."""
    if not isinstance(error, OSError):
        return None
    try:
        os.getcwd()
    except OSError:
        return f"{GONE}; {GONE_HINT}"
    if error.filename is None and error.strerror:  # click wrote its help
        silence()
        return f"cannot write to standard output: {error.strerror}"
    return None


def printable(text: str) -> str:
    """Return a text whose control characters are shown as escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\x{ord(character):02x}"
        for character in text
    )
