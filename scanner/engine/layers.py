"""What an instruction leaves in its layer: paths that it removes again, and paths on mounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scanner.model.commands import BuildMount, Call
from scanner.model.source import Unknown
from scanner.patterns.globs import wildcard_fits


def removes_one_of(call: Call, paths: Sequence[str]) -> bool | None:
    """Whether a call removes one of the paths; None when it removes what is not decided."""
    if call.name != "rm" and not (call.name == "find" and _DELETES.search(" ".join(call.words))):
        return False
    verdict: bool | None = False
    wanted = [_plain(path) for path in paths]
    for word in call.operands:
        if word in call.undecided and not _HOME.match(word):
            verdict = None
            continue
        for removed in _alternatives(word):
            path = _plain(removed)
            if not path.startswith(("/", "~")) and call.directory:
                path = _plain(f"{call.directory}/{path}")
            if any(_covers(path, target) for target in wanted):
                return True
    return verdict


def is_mounted(mounts: Sequence[BuildMount], paths: Sequence[str]) -> bool | None:
    """Whether one of the paths lies on a cache or tmpfs mount."""
    verdict: bool | None = False
    wanted = [_plain(path) for path in paths]
    for mount in mounts:
        if mount.kind not in ("cache", "tmpfs") or mount.target is None:
            continue
        target = mount.target.value
        if isinstance(target, Unknown):
            verdict = None
        elif any(_covers(_plain(target), path) for path in wanted):
            return True
    return verdict


def _covers(removed: str, path: str) -> bool:
    if not removed:
        return False
    if "*" in removed or "?" in removed:
        return wildcard_fits(path, removed)
    return removed == path or path.startswith(removed.rstrip("/") + "/")


def _plain(path: str) -> str:
    """Return a path with `~` for a home folder, and without a glob at its end that means everything."""
    parts = _SLASHES.sub("/", _HOME.sub("~", path)).split("/")
    while len(parts) > 1 and (not parts[-1] or ("*" in parts[-1] and not parts[-1].strip("*.?"))):
        parts.pop()
    return "/".join(parts)


def _alternatives(word: str) -> Iterator[str]:
    """Give what a word with one pair of braces stands for."""
    found = _BRACES.fullmatch(word)
    if found is None:
        yield word
        return
    for part in found.group(2).split(","):
        yield found.group(1) + part + found.group(3)


_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|/root|/home/[^/]+)(?=/|$)")
_SLASHES = re.compile("//+")
_BRACES = re.compile(r"([^{}]*)\{([^{},]*,[^{}]*)\}([^{}]*)")
_DELETES = re.compile(r"-delete\b|-exec\s+rm\b")
