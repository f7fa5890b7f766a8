"""The command line: commands, exit codes, and the one place where bugs are caught."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from scanner import __version__
from scanner.cli.output import ReaderLeft
from scanner.errors import ScannerError
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


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", message="hullcheck %(version)s")
def cli() -> None:
    """Check Dockerfiles, Compose projects, Helm charts and Kubernetes manifests against policies."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; see `interface.md` of the contract."""
    try:
        code = cli.main(list(arguments), prog_name="hullcheck", standalone_mode=False)
        return int(code) if code is not None else ExitCode.CLEAN
    except click.ClickException as error:
        error.show()
        return ExitCode.INCOMPLETE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except ScannerError as error:
        from scanner.reporting.shared.text import defuse  # what it quotes may be a scanned path

        click.echo(f"hullcheck: {defuse(printable(str(error)))}", err=True)
        return ExitCode.INCOMPLETE
    except ReaderLeft:
        # The reader has left; say nothing, and keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    except Exception as error:  # the one place: a bug is told as one
        if os.environ.get("HULLCHECK_DEBUG"):
            raise
        click.echo(
            f"hullcheck: internal error: {printable(repr(error))}\n"
            "This is a bug; please report it with the input that shows it"
            " (HULLCHECK_DEBUG=1 shows the traceback).",
            err=True,
        )
        return ExitCode.INTERNAL


def printable(text: str) -> str:
    """Return a text whose control characters are shown as escapes."""
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\x{ord(character):02x}"
        for character in text
    )
