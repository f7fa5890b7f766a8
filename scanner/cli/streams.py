"""The standard streams: what is printed, and what happens when one is closed or full."""

from __future__ import annotations

import os
import sys

from scanner.errors import ConfigError, InputError
from scanner.model.redacted import Redacted

_CHUNK = 1 << 16


class ReaderLeft(Exception):
    """Whoever read standard output has closed it; click would turn the OSError into exit code 1."""


def print_text(text: Redacted) -> None:
    """Write to standard output; what its encoding lacks is shown as an escape.

    In pieces: of one large write to a pipe that is closed meanwhile, Python loses the error.
    Raises ReaderLeft, and ConfigError when it is closed, full or broken.
    """
    stream = sys.stdout
    if stream is None:
        raise ConfigError("cannot write to standard output: it is closed")
    data = text.encode(stream.encoding or "utf-8", "backslashreplace")
    try:
        stream.flush()
        for start in range(0, len(data), _CHUNK):
            stream.buffer.write(data[start : start + _CHUNK])
            stream.buffer.flush()
    except BrokenPipeError:
        raise ReaderLeft from None
    except OSError as error:
        silence()  # what stands in the buffer would fail again at the end
        raise ConfigError(f"cannot write to standard output: {error.strerror}") from None


def say(text: str) -> None:
    """Write a line to standard error, without what looks like a secret: an error quotes what it is
    about. Where that is closed or full there is nobody to tell."""
    from scanner.secrets.hiding import looked_over  # most runs say nothing

    stream = sys.stderr
    if stream is None:
        return
    text = looked_over(text)
    encoding = stream.encoding or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(shown + "\n")
        stream.flush()
    except OSError:
        _replace(stream)


def read_input(limit: int) -> bytes:
    """Return what standard input holds. Raises InputError when it is closed, fails or holds more than
    a number of bytes."""
    if sys.stdin is None:
        raise InputError("standard input is closed")
    try:
        data = sys.stdin.buffer.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot read standard input: {error.strerror}") from None
    if len(data) > limit:
        raise InputError(f"standard input holds more than {limit // 1024 // 1024} MiB")
    return data


def keep_descriptors() -> None:
    """Let the numbers of standard streams that are closed go to nothing, so that no file gets one of
    them and what is meant for a stream."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (taken := os.open(os.devnull, os.O_RDWR)) <= _LAST:
            os.set_inheritable(taken, True)
        os.close(taken)


_LAST = 2
"""The descriptor of standard error, the last of the standard streams."""


def silence() -> None:
    """Let standard output lead to nothing, so that Python does not complain of it at the end."""
    _replace(sys.stdout)


def _replace(stream: object) -> None:
    try:
        descriptor = stream.fileno()  # type: ignore[attr-defined]  # streams of tests have none
    except (OSError, ValueError, AttributeError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
