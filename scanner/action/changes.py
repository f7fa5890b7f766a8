"""Which files a pull request changes, as Git tells it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scanner.files.named import read_named

# A command line has a limit; a change of so many files is better reported whole.
_MOST_CHARACTERS = 100_000
_MOST_BYTES = 1 << 28


def changed_files(folder: Path, environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the files below a folder that the pull request changes, relative to it; None
    outside of a pull request and when Git cannot tell (the base is not in a shallow clone)."""
    base = _base(environment)
    if base is None:
        return None
    # The checkout of a pull request is a merge: its first parent is what it merges into.
    if _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^2") is not None:
        base = "HEAD^1"
    listing = _git(folder, "diff", "--name-only", "--no-renames", "-z", "--relative", base, "HEAD", "--")
    if listing is None or len(listing) > _MOST_CHARACTERS:
        return None
    return tuple(name for name in listing.split("\0") if name)


def _base(environment: Mapping[str, str]) -> str | None:
    if not environment.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return None
    try:
        event = json.loads(read_named(environment["GITHUB_EVENT_PATH"], _MOST_BYTES))
        base = event["pull_request"]["base"]["sha"]
    except (KeyError, TypeError, OSError, ValueError):
        return None
    # It is an argument of Git: nothing but a hash will do.
    return base if isinstance(base, str) and base.isalnum() else None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *arguments], cwd=folder, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.decode("utf-8", "surrogateescape")
