"""Command lines in processes of their own, for what happens around a program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

COMMAND = (sys.executable, "-m", "scanner")


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a process that finds the package from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def start(*arguments: str, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command line, which obeys signals also when the tests run in the background."""
    return subprocess.Popen(
        [*COMMAND, *arguments], env=env or surroundings(), preexec_fn=_obey_signals, **options
    )


def _obey_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def finish(*arguments: str, shell: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end, with redirections of a shell (`>&-`); must not take a minute."""
    script = f'exec "$@" {shell}'
    return subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, *arguments],
        env=options.pop("env", None) or surroundings(),
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=300,
        **options,
    )


def as_ordinary_user(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command line without the rights of root over files; skip where that cannot be done."""
    before: list[str] = []
    if os.geteuid() == 0:
        tool = shutil.which("setpriv")
        if tool is None:
            pytest.skip("this user reads everything, and there is no setpriv")
        before = [tool, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    return subprocess.run(
        [*before, *COMMAND, *arguments],
        env=surroundings(),
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=300,
        **options,
    )


def children(process: int) -> Iterator[int]:
    """Yield the processes that a process has started, and theirs."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    try:
        numbers = [int(word) for word in listed.read_text().split()]
    except OSError:
        return
    for number in numbers:
        yield number
        yield from children(number)


def is_running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
