"""The scanned tree as formats see it: texts by path, decoded; `scanner.files` opens them."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence, Set
from pathlib import Path

from scanner.errors import InputError
from scanner.files.border import OUTSIDE, Border
from scanner.files.named import read_named
from scanner.files.opening import MAX_BYTES as MAX_BYTES
from scanner.files.opening import NotAFile, TooLarge, reason_of
from scanner.parsing.lines import LineTable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


_BOM_STARTS = (b"\xef", b"\xff", b"\xfe", b"\0")


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

    `listed` are those that a walk found there, all but `special` of them regular files in real
    folders. `given` holds texts that stand in no file, such as standard input, by path. `mentioning`
    are the files read so far that name this program, as a suppression in a file does.
    """

    def __init__(
        self,
        root: Path,
        listed: tuple[str, ...] = (),
        given: dict[str, str] | None = None,
        special: Set[str] = frozenset(),
    ) -> None:
        self.root = root
        self._border = Border(str(root), frozenset(listed) - special)
        self._listed = listed
        self._given = given or {}
        self.mentioning: set[str] = set()

    def take(self, path: str) -> str:
        """Let a file in that the user named himself, wherever it stands (an absolute path);
        return the path by which the tree knows it."""
        real = os.path.realpath(path)
        relative = os.path.relpath(real, self._border.root).replace(os.sep, "/")
        if relative.startswith("../"):
            try:
                self._given[relative] = decode(read_named(real), relative)
            except OSError as error:
                raise InputError(reason_of(error), path=path) from None
        return relative

    def bytes(self, path: str) -> bytes:
        """Return a file's bytes. Raises InputError as `text` does."""
        try:
            data = self._border.read(self._inside(path))
        except OSError as error:
            hint = "exclude it in the configuration" if isinstance(error, TooLarge) else None
            raise InputError(reason_of(error), path=path, hint=hint) from None
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
            return self._border.exists(self._inside(path))
        except InputError:
            return False

    def is_missing(self, path: str) -> bool:
        """Whether surely nothing of that path stands inside the root; of what leads out of it
        nothing is said."""
        try:
            return path not in self._given and self._border.is_missing(self._inside(path))
        except InputError:
            return False

    def may_begin_with(self, path: str, words: Sequence[str]) -> bool:
        """Whether the first 64 KiB of a file hold one of the words, or cannot be read though it is
        a file."""
        try:
            head = self._border.head(self._inside(path), _HEAD)
        except (NotAFile, InputError):
            return False
        except OSError:
            return True
        return any(word.encode() in head for word in words)

    def listing(self, folder: str) -> tuple[str, ...]:
        """Return the discovered files below a folder, sorted."""
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        return tuple(path for path in self._listed if path.startswith(prefix))

    def _inside(self, path: str) -> str:
        """Return a path that the border may look at: `~` means a home, unless a walk found it."""
        if path.startswith("~") and path not in self._listed:
            raise InputError(OUTSIDE, path=path)
        return path


_HEAD = 64 * 1024
