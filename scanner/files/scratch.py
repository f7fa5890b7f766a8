"""Temporary folders, for what can only work on files; they are gone whatever happens inside."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder that nobody else can enter, and remove it in the end. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix="hullcheck-") as folder:
        yield Path(folder)


def make_folder(folder: Path, name: str) -> Path:
    """Make a folder below such a folder, with those above it; return where.

    Raises OSError, also for a name that leads out of the folder.
    """
    path = folder / name
    if not Path(os.path.normpath(path)).is_relative_to(folder):
        raise PermissionError(errno.EPERM, f"'{name}' leads out of the folder")
    path.mkdir(parents=True, exist_ok=True)
    return path


def put(folder: Path, name: str, content: bytes) -> Path:
    """Write a file below such a folder, with the folders above it; return where.

    Raises OSError, also for a name that leads out of the folder.
    """
    above, _, own = name.rpartition("/")
    path = make_folder(folder, above) / own
    if own in ("", ".", ".."):
        raise IsADirectoryError(errno.EISDIR, f"'{name}' is no name of a file")
    path.write_bytes(content)
    return path
