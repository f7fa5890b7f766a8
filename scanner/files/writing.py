"""The door for what is written: reports, each whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from scanner.errors import ConfigError

_CLOEXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_DESCRIPTOR = re.compile(r"/dev/(stdin|stdout|stderr)|/(?:dev|proc/self)/fd/([0-9]{1,9})", re.ASCII)
_NUMBERS = {"stdin": 0, "stdout": 1, "stderr": 2}

_ONLY_IN_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV)
"""What a folder answers that takes no new file, or a file that something is mounted on (a container's)."""


def write_report(path: Path, text: str, scanned: str | None = None) -> None:
    """Write a text to a file, in UTF-8, and make the folders that are missing.

    What stands there is replaced at once when all is written, and stays when that fails. A new file
    has the permissions that the umask leaves. A link stays, and what it leads to is written. A pipe,
    a device and `/dev/stdout` are written to as they are, and so is a file in a folder that takes no
    new one. Raises ConfigError for a path inside the `scanned` folder (a real path) that a link leads
    out of, for the link may be part of what is scanned, and OSError.
    """
    data = text.encode("utf-8")
    number = _DESCRIPTOR.fullmatch(os.fspath(path))
    if number is not None:
        _write_all(os.dup(_NUMBERS[number[1]] if number[1] else int(number[2])), data)
        return
    real = _target(path, scanned)
    try:
        is_new, mode = False, os.stat(real).st_mode
    except FileNotFoundError:
        is_new, mode = True, 0
        os.makedirs(os.path.dirname(real), exist_ok=True)
    if not is_new and not stat.S_ISREG(mode):
        _write_all(os.open(real, os.O_WRONLY | _CLOEXEC), data)
        return
    try:
        _replace(real, data)
    except OSError as error:
        if is_new or error.errno not in _ONLY_IN_PLACE:
            raise
        _write_all(os.open(real, os.O_WRONLY | os.O_TRUNC | _CLOEXEC), data)


def append(path: Path, data: bytes) -> None:
    """Add bytes to a file that the user's surroundings named, and make it when it is missing.
    Raises OSError."""
    _write_all(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _CLOEXEC, 0o666), data)


def remove(path: Path) -> None:
    """Remove a file, if it is there. Raises OSError."""
    path.unlink(missing_ok=True)


def _target(path: Path, scanned: str | None) -> str:
    """Return where a path leads. Raises ConfigError when a link inside the scanned folder leads out."""
    real = os.path.realpath(path)
    if scanned is not None and not _is_in(real, scanned):
        above = Path(os.path.abspath(path)).parents
        if any(_is_in(os.path.realpath(folder), scanned) for folder in above):
            raise ConfigError(
                "cannot write the report: a link in the scanned folder leads out of it",
                path=str(path),
                hint="name the place that it leads to",
            )
    return real


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _replace(real: str, data: bytes) -> None:
    """Write beside a file and give it that name."""
    beside = os.path.join(os.path.dirname(real), f".hullcheck-{os.urandom(8).hex()}.tmp")
    try:
        made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CLOEXEC, 0o666)
        _write_all(made, data)
        os.replace(beside, real)
    except BaseException:  # an interrupt may come at any point, also before the file is there
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    """Write everything and close; some file systems tell of a full disk only then."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
