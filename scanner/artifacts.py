"""Reading the scanned tree, and nothing but it: decoding, limits, and the root's border."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from pathlib import Path

from scanner.errors import InputError
from scanner.parsing.lines import LineTable

MAX_BYTES = 16 * 1024 * 1024
"""A larger file is refused: no configuration that people write is that long."""

TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


_BOM_STARTS = (b"\xef", b"\xff", b"\xfe", b"\0")


def read_file(full: str) -> bytes | None:
    """Return a file's bytes, or None when it is larger than the limit. Raises OSError."""
    descriptor = os.open(full, _FLAGS)
    try:
        size = os.fstat(descriptor).st_size
        if size > MAX_BYTES:
            return None
        data = os.read(descriptor, size + 1)
        while len(data) <= MAX_BYTES:  # short reads, and files that grow or have no size
            more = os.read(descriptor, 1 << 16) if len(data) != size or not size else b""
            if not more:
                return data
            data += more
        return None
    finally:
        os.close(descriptor)


_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Not blocking, so that a named pipe with nobody behind it does not hang the scan."""


def decode(data: bytes, path: str) -> str:
    """Return a file's text without its byte order mark.

    UTF-8, and UTF-16 or UTF-32 with a mark, are read. Raises InputError for binary
    data and for bytes that do not decode, with the place of the first one.
    """
    name = "utf-8"
    if data[:1] in _BOM_STARTS:
        for mark, encoding in _BOMS:
            if data.startswith(mark):
                data, name = data[len(mark) :], encoding
                break
    if name == "utf-8" and b"\0" in data:
        raise InputError("the file is binary", path=path)
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        line, column = LineTable(data[: error.start].decode(name, "replace")).position(error.start)
        raise InputError(
            f"the file is not {name.upper()}: byte 0x{data[error.start]:02x} cannot be decoded",
            path=path,
            line=line,
            column=column,
            hint="save it as UTF-8",
        ) from None


_NAME = "hullcheck"
_NAME_IN_BYTES = _NAME.encode()


class Tree:
    """The files below one root (the `Files` of the formats).

    `given` holds texts that stand in no file, such as standard input, by path. `mentioning` are
    the files read so far that name this program, as a suppression in a file does.
    """

    def __init__(self, root: Path, listed: tuple[str, ...] = (), given: dict[str, str] | None = None) -> None:
        self.root = root
        self._prefix = str(root) + os.sep
        self._real = os.path.realpath(root)
        self._listed = listed
        self._known = frozenset(listed)
        self._given = given or {}
        self.mentioning: set[str] = set()

    def take(self, path: str) -> str:
        """Let a file in that the user named himself, wherever it stands (an absolute path);
        return the path by which the tree knows it."""
        real = os.path.realpath(path)
        relative = os.path.relpath(real, self._real).replace(os.sep, "/")
        if relative.startswith("../"):
            try:
                data = read_file(real)
            except OSError as error:
                raise InputError(f"cannot be read: {error.strerror}", path=path) from None
            if data is None:
                raise InputError(TOO_LARGE, path=path)
            self._given[relative] = decode(data, relative)
        return relative

    def bytes(self, path: str) -> bytes:
        """Return a file's bytes. Raises InputError as `text` does."""
        # What the walk listed is a regular file inside the root, and needs no second look.
        full = self._prefix + path if path in self._known else self._inside(path)
        try:
            data = read_file(full)
        except FileNotFoundError:
            raise InputError("no such file", path=path) from None
        except IsADirectoryError:
            raise InputError("this is a folder", path=path) from None
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", path=path) from None
        if data is None:
            raise InputError(TOO_LARGE, path=path, hint="exclude it in the configuration")
        if _NAME_IN_BYTES in data:
            self.mentioning.add(path)
        return data

    def text(self, path: str) -> str:
        """Return a file's text; see `scanner.formats.base.Files`."""
        if path in self._given:
            text = self._given[path]
        else:
            data = self.bytes(path)
            text = decode(data, path)
            if data[:1] not in _BOM_STARTS:  # else the name may be there in another encoding
                return text
        if _NAME in text:
            self.mentioning.add(path)
        return text

    def exists(self, path: str) -> bool:
        """Whether a regular file of that path stands inside the root."""
        if path in self._given:
            return True
        try:
            return os.path.isfile(self._inside(path))
        except InputError:
            return False

    def is_missing(self, path: str) -> bool:
        """Whether surely nothing of that path stands inside the root; of what leads out of it
        nothing is said."""
        try:
            return path not in self._given and not os.path.lexists(self._inside(path))
        except InputError:
            return "\0" in path

    def begins_with(self, path: str, words: Sequence[str]) -> bool:
        """Whether the first 64 KiB of a file hold one of the words; false when unreadable."""
        try:
            with open(self._inside(path), "rb") as file:
                head = file.read(64 * 1024)
        except (OSError, InputError):
            return False
        return any(word.encode() in head for word in words)

    def listing(self, folder: str) -> tuple[str, ...]:
        """Return the discovered files below a folder, sorted."""
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        return tuple(path for path in self._listed if path.startswith(prefix))

    def _inside(self, path: str) -> str:
        """Return the real path of a file below the root. Raises InputError for one outside:
        a link anywhere on the way, `..` and an absolute path may all lead there."""
        if "\0" in path:
            raise InputError("no file has such a name", path=path)
        if not path or path.startswith(("/", "~")) or (os.sep == "\\" and ":" in path):
            raise InputError("the path leaves the scanned root", path=path)
        real = os.path.realpath(self._prefix + path)
        if real != self._real and not real.startswith(self._real.rstrip(os.sep) + os.sep):
            raise InputError("the path leaves the scanned root", path=path)
        return real
