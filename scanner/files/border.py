"""The one door to what is scanned: files below a root, with every link on the way resolved."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Set

from scanner.errors import InputError
from scanner.files.opening import (
    LINKED,
    MAX_BYTES,
    NotAFile,
    open_file,
    open_folder,
    read,
    read_head,
    require_regular,
)

OUTSIDE = "the path leaves the scanned root"

_BY_FOLDER = os.open in os.supports_dir_fd
"""Whether a file can be opened in a folder that is open (not on Windows)."""

_MOST_FOLDERS = 16
"""Folders that are kept open: files are mostly read folder by folder."""


class Border:
    """Opens files below one root, and nothing else.

    Paths are relative to the root, with `/` between their parts. Each folder on the way is opened
    in the one above it, and no link is followed on the way: where a path has links, these are
    resolved first, and what they lead to must stand inside the root. So whatever is changed
    meanwhile, what was opened stands inside. `regular` are paths that a walk saw as regular files
    in real folders; others are looked at before they are opened, for opening a device may do things.
    """

    def __init__(self, root: str, regular: Set[str] = frozenset()) -> None:
        self.root = os.path.realpath(root)
        self._prefix = self.root.rstrip(os.sep) + os.sep
        self._regular = regular
        self._folders: dict[str, int] = {}

    def read(self, path: str, limit: int = MAX_BYTES, *, follow: bool = True) -> bytes:
        """Return a file's bytes.

        Raises InputError for a path that leads out of the root, and OSError for what cannot be read
        (NotAFile for what is no file, TooLarge, Changed). With `follow` off, a link as the last part
        of the path is not followed either.
        """
        return read(self._opened(path, follow), limit)

    def head(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file. Raises as `read` does, but not for its size."""
        return read_head(self._opened(path, follow=True), size)

    def exists(self, path: str) -> bool:
        """Whether a regular file of that path stands inside the root."""
        try:
            return os.path.isfile(self._prefix + self.resolved(path))
        except InputError:
            return False

    def is_missing(self, path: str) -> bool:
        """Whether surely nothing of that path stands inside the root; of what leads out of it
        nothing is said."""
        try:
            return not os.path.lexists(self._prefix + self.resolved(path))
        except InputError:
            return not _can_be(path)

    def resolved(self, path: str) -> str:
        """Return the path without links. Raises InputError for one that leads out of the root: a
        link anywhere on the way, `..` and an absolute path may all lead there."""
        if not _can_be(path):
            raise InputError("no file has such a name", path=path)
        if not path or path.startswith("/") or (os.sep == "\\" and ":" in path):
            raise InputError(OUTSIDE, path=path)
        real = os.path.realpath(self._prefix + path)
        if real == self.root:
            return ""
        if not real.startswith(self._prefix):
            raise InputError(OUTSIDE, path=path)
        return real[len(self._prefix) :].replace(os.sep, "/")

    def names(self, ending: str) -> list[str]:
        """Return the paths of all files whose names end so, in no order; links to folders are not
        followed, and links to nothing left out. Raises OSError for a folder that cannot be listed."""
        found = []
        pending = [self.root]
        while pending:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        pending += () if entry.is_symlink() else (entry.path,)
                    elif entry.name.endswith(ending) and os.path.exists(entry.path):
                        found.append(self.relative(entry.path))
        return found

    def relative(self, full: str) -> str:
        """Return the path of something below the root whose full path begins with the root's."""
        return full[len(self._prefix) :].replace(os.sep, "/")

    def close(self) -> None:
        """Let go of the folders that are open; they are opened anew when needed."""
        while self._folders:
            os.close(self._folders.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def _opened(self, path: str, follow: bool) -> tuple[int, int]:
        if path in self._regular:
            try:
                return self._open(path)
            except NotAFile:
                raise
            except OSError as error:
                if error.errno not in (*LINKED, errno.ENOTDIR):
                    raise
        if not _can_be(path):
            raise InputError("no file has such a name", path=path)
        folder, _, name = path.rpartition("/")
        if follow:
            path = self.resolved(path)
        elif folder:
            above = self.resolved(folder)
            path = f"{above}/{name}" if above else name
        if not path:
            raise NotAFile("a folder")
        status = os.lstat(self._prefix + path)
        if follow and stat.S_ISLNK(status.st_mode):
            raise NotAFile("a symbolic link that leads in a circle")
        require_regular(status)
        return self._open(path)

    def _open(self, path: str) -> tuple[int, int]:
        """Open a file by a path without links."""
        folder, _, name = path.rpartition("/")
        if _BY_FOLDER:
            return open_file(name, self._folder(folder))
        full = self._prefix + path
        if os.path.realpath(full) != full:
            raise InputError(OUTSIDE, path=path)
        return open_file(full)

    def _folder(self, path: str) -> int:
        """Return the descriptor of a folder, opened from the root down without a link."""
        known = self._folders.get(path)
        if known is not None:
            return known
        above, below = path, []
        while above and above not in self._folders:
            above, _, name = above.rpartition("/")
            below.append(name)
        opened = self._folders.get(above)
        if opened is None:
            opened = self._keep(above, open_folder(self.root, follow=True))
        for name in reversed(below):
            above = f"{above}/{name}" if above else name
            opened = self._keep(above, open_folder(name, opened))
        return opened

    def _keep(self, path: str, opened: int) -> int:
        if len(self._folders) >= _MOST_FOLDERS:
            os.close(self._folders.pop(next(iter(self._folders))))
        self._folders[path] = opened
        return opened


def _can_be(path: str) -> bool:
    """Whether a file may have that name at all."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # half of a surrogate pair, which a text in JSON can hold
        return False
