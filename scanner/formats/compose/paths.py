"""Paths of a Compose project, relative to the scanned root."""

from __future__ import annotations

from posixpath import normpath

_REMOTE_STARTS = ("git@", "github.com/", "oci:", "git:", "ssh:")


def folder_of(path: str) -> str:
    """The folder of a file; empty for the root."""
    return path.rpartition("/")[0]


def join(folder: str, path: str) -> str:
    """A path as seen from a folder, normalized; one that leaves the root starts with `..` or `/`."""
    if path.startswith(("/", "~")):
        return normpath(path)
    joined = normpath(f"{folder}/{path}" if folder else path)
    return "" if joined == "." else joined


def is_remote(path: str) -> bool:
    """Whether a path names a repository or an artifact of a registry."""
    return "://" in path or path.startswith(_REMOTE_STARTS)


def is_inside(path: str) -> bool:
    """Whether a joined path can lie below the root."""
    return path != ".." and not path.startswith(("../", "/", "~"))


def host_path(folder: str, path: str) -> str:
    """A path on the host, normalized. A relative one is told from the root, with `./` before it."""
    if path.startswith(("\\", "/", "~")) or path[1:2] == ":":
        return normpath(path) if path.startswith(("/", "~")) else path
    joined = join(folder, path)
    if not joined:
        return "."
    return joined if joined.startswith("..") else "./" + joined
