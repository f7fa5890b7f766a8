"""The door to what may stand anywhere: files that the user named, and what Git keeps of a repository."""

from __future__ import annotations

import os
from pathlib import Path

from scanner.errors import InputError
from scanner.files.opening import MAX_BYTES, open_file, read

GIT_BYTES = 1 << 20
"""A larger file of Git's is not read: those that are asked for hold a few lines."""


def read_named(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file that the user named, wherever it stands and links lead.

    Raises OSError for what cannot be read: NotAFile for what is no regular file, TooLarge.
    """
    return _read(path, limit, follow=True)


def read_git(path: Path) -> bytes:
    """Return the bytes of a file in Git's own folder; one that is a link is not read. Raises OSError."""
    return _read(path, GIT_BYTES, follow=False)


def _read(path: str | Path, limit: int, *, follow: bool) -> bytes:
    try:
        opened = open_file(os.fspath(path), follow=follow)
    except ValueError:
        raise FileNotFoundError("no file has such a name") from None
    return read(opened, limit)


def text_of(data: bytes) -> str:
    """Return UTF-8 text as Python reads it from a file: without a byte order mark, and each end of a
    line as one character. Raises UnicodeDecodeError."""
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def real_path(path: str | Path) -> Path:
    """Return an absolute path without links. Raises InputError where no file can have such a name,
    and when the path is relative to a working folder that is gone."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        raise InputError("no file has such a name", path=str(path)) from None
    except FileNotFoundError:
        raise InputError(GONE, hint=GONE_HINT) from None


def working_folder() -> Path:
    """Return the real path of the working folder. Raises InputError when it is gone."""
    return real_path("")


def names_in(folder: Path, *, folders: bool) -> list[str]:
    """Return the names of the folders in a folder, or of what else stands there, sorted; for
    suggestions, so of a folder that cannot be listed there are none."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() == folders)
    except OSError:
        return []


GONE = "the working folder does not exist any more"
GONE_HINT = "change to another one, or name what to scan by an absolute path"
