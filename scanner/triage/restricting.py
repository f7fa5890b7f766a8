"""Findings of the files that somebody asked about, out of those of a whole tree."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from scanner.files.named import real_path
from scanner.model.finding import Finding


def restricted(findings: Iterable[Finding], files: tuple[Path, ...], root: Path) -> list[Finding]:
    """Keep what stands in, or is related to, one of the files or a file below one of the folders."""
    wanted = set()
    folders = []
    for file in files:
        resolved = real_path(file)
        if resolved.is_relative_to(root):
            relative = resolved.relative_to(root).as_posix()
            wanted.add(relative)
            if os.path.isdir(resolved):
                folders.append("" if relative == "." else relative + "/")
    below = tuple(folders)

    def is_wanted(path: str) -> bool:
        return path in wanted or path.startswith(below)

    return [
        finding
        for finding in findings
        if is_wanted(finding.location.path)
        or any(is_wanted(related.location.path) for related in finding.related)
    ]
