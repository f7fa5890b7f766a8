"""Packed charts (`charts/*.tgz`), unpacked in memory and within bounds."""

from __future__ import annotations

import builtins
import io
from typing import Protocol, runtime_checkable

from scanner.errors import InputError

MAX_UNPACKED = 24 << 20
_MAX_MEMBERS = 4000


@runtime_checkable
class BinaryFiles(Protocol):
    """Files that can also give their bytes."""

    def bytes(self, path: str) -> builtins.bytes:
        """Return a file's bytes; raises InputError like `text`."""


def unpack(content: bytes, path: str) -> dict[str, bytes]:
    """Return the regular files of a packed chart by their path inside the chart.

    Links, devices, sparse files (which grow when read) and paths that lead out are left
    out. Raises InputError when it is no archive or is over a limit.
    """
    import gzip
    import tarfile
    import zlib

    files: dict[str, bytes] = {}
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            plain = packed.read(MAX_UNPACKED + 1)
        if len(plain) > MAX_UNPACKED:
            raise InputError(f"the packed chart holds more than {MAX_UNPACKED >> 20} MiB", path=path)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for member in archive:
                inner = member.name.replace("\\", "/").partition("/")[2]
                if not member.isreg() or member.issparse() or not _is_inside(inner):
                    continue
                if len(files) >= _MAX_MEMBERS:
                    raise InputError(f"the packed chart holds more than {_MAX_MEMBERS} files", path=path)
                stream = archive.extractfile(member)
                files[inner] = stream.read() if stream is not None else b""
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise InputError(f"not a packed chart: {error}", path=path) from error
    return files


def _is_inside(path: str) -> bool:
    return ":" not in path and not {"", ".", ".."}.intersection(path.split("/"))
