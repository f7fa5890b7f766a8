"""Which files of a chart's folder are not part of it: `.helmignore`."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import basename
from typing import NamedTuple

from scanner.patterns.globs import Glob, go_glob
from scanner.patterns.tree import PatternError


class _Rule(NamedTuple):
    parts: tuple[Glob, ...]
    anchored: bool
    folders_only: bool
    negated: bool


def ignore_rules(text: str) -> Callable[[str], bool]:
    """Return whether a path inside the chart is left out, as `pkg/ignore` of Helm decides.

    The last rule that speaks of a path decides. What `.helmignore` cannot say is that a
    file below an ignored folder stays. Hidden files in `templates/` are always left out.
    """
    rules = [rule for line in text.splitlines() if (rule := _parse(line.strip())) is not None]

    def is_ignored(path: str) -> bool:
        parts = path.split("/")
        if len(parts) == 2 and parts[0] == "templates" and len(parts[1]) > 1 and parts[1][0] == ".":
            return True
        return any(
            _decides(rules, "/".join(parts[:depth]), depth < len(parts)) for depth in range(1, len(parts) + 1)
        )

    return is_ignored


def _parse(line: str) -> _Rule | None:
    if not line or line.startswith("#") or "**" in line:
        return None
    negated = line.startswith("!")
    pattern = line[1:] if negated else line
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    if not pattern:
        return None
    try:  # `*` never crosses a `/`, so that parts are compared one by one
        parts = tuple(map(go_glob, pattern.removeprefix("/").split("/")))
    except PatternError:  # Helm would not load the chart
        return None
    return _Rule(parts, "/" in pattern, folders_only, negated)


def _decides(rules: list[_Rule], path: str, is_folder: bool) -> bool:
    ignored = False
    for rule in rules:
        if rule.folders_only and not is_folder:
            continue
        names = path.split("/") if rule.anchored else [basename(path)]
        if len(names) == len(rule.parts) and all(
            glob.fits(name) for glob, name in zip(rule.parts, names, strict=True)
        ):
            ignored = not rule.negated
    return ignored
