"""The folder that a Dockerfile is built from, and what its ignore file leaves out of it."""

from __future__ import annotations

import posixpath
from functools import lru_cache

from scanner.errors import InputError
from scanner.formats.base import Files
from scanner.model.stage_parts import BuildContext
from scanner.parsing.dockerignore import Dockerignore, parse_dockerignore


def context_of(path: str, files: Files, said: str | None = None) -> BuildContext:
    """Return the context that a Dockerfile is built from: the folder that is `said`, else the most
    likely one.

    `<Dockerfile>.dockerignore` wins over `.dockerignore`, as it does for BuildKit. Which folder is
    the context stands in no Dockerfile: where nobody says it, it is taken to be the nearest one,
    upwards from the Dockerfile's own, that has an ignore file, and its own when none has.
    """
    own = posixpath.dirname(path)
    if files.exists(path + ".dockerignore"):
        return _context(own if said is None else said, path + ".dockerignore", files)
    if said is not None:
        candidate = posixpath.join(said, ".dockerignore")
        return (
            _context(said, candidate, files)
            if files.exists(candidate)
            else BuildContext(said, None, _nothing)
        )
    folder = own
    while True:
        candidate = posixpath.join(folder, ".dockerignore")
        if files.exists(candidate):
            return _context(folder, candidate, files, is_certain=folder == own)
        if not folder:
            return BuildContext(own, None, _nothing)
        folder = posixpath.dirname(folder)


def _context(folder: str, ignore_file: str, files: Files, *, is_certain: bool = True) -> BuildContext:
    try:
        patterns = parse_dockerignore(files.text(ignore_file))
    except InputError:
        return BuildContext(folder, ignore_file, _nothing, is_certain)

    @lru_cache(maxsize=1024)
    def ignored_by(path: str) -> str | None:
        return _ignored_by(patterns, path)

    return BuildContext(folder, ignore_file, ignored_by, is_certain)


def _ignored_by(patterns: Dockerignore, path: str) -> str | None:
    """The pattern that leaves a path out; None also where a later `!` brings parts of it back."""
    cleaned = posixpath.normpath("/" + path).lstrip("/")
    pattern = patterns.deciding(cleaned)
    if pattern is None or pattern.negated:
        return None
    for other in patterns.patterns:
        if other.negated and (other.text.startswith((cleaned + "/", "*", "?", "["))):
            return None
    return pattern.text


def _nothing(_path: str) -> None:
    return None
