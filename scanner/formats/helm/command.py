"""Running a command so that it ends with this program, whatever ends that."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: bytes
    err: bytes


def run_command(command: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float) -> Ran:
    """Run a command without input. Raises TimeoutError after `limit` seconds, and OSError when it
    cannot be started; it is not running any more when this returns or raises."""
    process = None
    try:
        with _signals_put_off():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=folder,
            )
        out, err = process.communicate(timeout=limit)
        return Ran(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{limit:g} s") from None
    finally:
        if process is not None and process.returncode is None:
            process.kill()
            process.communicate()


@contextmanager
def _signals_put_off() -> Iterator[None]:
    """Let signals that end the program wait: an exception while a process is being started would leave
    one that nobody knows. Blocking them instead would block them in the process too."""
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():  # no other sees signals
        for name in _ENDING:
            number = getattr(signal, name, None)
            if number is not None and callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in came:
        signal.raise_signal(number)
