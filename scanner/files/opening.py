"""Opening for reading, in one place: regular files only, without waiting, and up to a limit."""

from __future__ import annotations

import errno
import os
import stat

MAX_BYTES = 16 * 1024 * 1024
"""A larger file is refused: no configuration that people write is that long."""

TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB"

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
    # A named pipe with nobody behind it is opened at once, and then refused.
    | getattr(os, "O_NONBLOCK", 0)
)
_FOLDER = _READ | getattr(os, "O_DIRECTORY", 0)


class NotAFile(OSError):
    """What has that name is no regular file; `strerror` says what it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(errno.EINVAL, f"this is {kind}")


class TooLarge(OSError):
    """The file is larger than the limit."""

    def __init__(self) -> None:
        super().__init__(errno.EFBIG, TOO_LARGE)


class Changed(OSError):
    """The file was written while it was read."""

    def __init__(self) -> None:
        super().__init__(errno.ESTALE, "the file changed while it was read")


def open_file(name: str, folder: int | None = None, *, follow: bool = False) -> tuple[int, int]:
    """Open a regular file, in an open folder when one is given; return its descriptor and its size.

    Of a path only the last part is looked at when links are not to be followed. Raises NotAFile
    and other OSErrors; ValueError for a name that no file can have.
    """
    try:
        descriptor = os.open(name, _READ if follow else _READ | NO_FOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENXIO:  # what a socket or a device that is not there answers
            raise NotAFile("a socket or a device, not a file") from None
        raise
    try:
        status = os.fstat(descriptor)
        require_regular(status)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status.st_size


def open_folder(name: str, folder: int | None = None, *, follow: bool = False) -> int:
    """Open a folder, as `open_file` does a file; return its descriptor. Raises OSError."""
    return os.open(name, _FOLDER if follow else _FOLDER | NO_FOLLOW, dir_fd=folder)


def read(opened: tuple[int, int], limit: int = MAX_BYTES) -> bytes:
    """Return all bytes of what `open_file` opened, and close it.

    Raises TooLarge, Changed and other OSErrors.
    """
    descriptor, size = opened
    try:
        if size > limit:
            raise TooLarge
        data = os.read(descriptor, size + 1)
        if len(data) == size:
            return data
        while len(data) <= limit and (more := os.read(descriptor, 1 << 16)):
            data += more
        if len(data) > limit:
            raise TooLarge
        if len(data) != size and os.fstat(descriptor).st_size != size:
            raise Changed  # some file systems do not know the size, but say the same each time
        return data
    finally:
        os.close(descriptor)


def read_head(opened: tuple[int, int], size: int) -> bytes:
    """Return the first bytes of what `open_file` opened, and close it. Raises OSError."""
    descriptor, _ = opened
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def require_regular(status: os.stat_result) -> None:
    """Raise NotAFile unless this is the status of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(_KINDS.get(stat.S_IFMT(status.st_mode), "no regular file"))


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
    stat.S_IFLNK: "a symbolic link, which is not followed here",
}


def reason_of(error: OSError) -> str:
    """Return why something cannot be read, as a message says it."""
    if isinstance(error, (NotAFile, TooLarge, Changed)):
        return str(error.strerror)
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if error.errno in LINKED:
        return NotAFile(_KINDS[stat.S_IFLNK]).strerror or ""
    return f"cannot be read: {error.strerror}"


LINKED = (errno.ELOOP, errno.EMLINK)
"""What systems answer when a link is not to be followed (Linux and macOS, FreeBSD)."""
