"""How much of a Dockerfile could be decided and read."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from scanner.model.commands import Command
from scanner.model.resources import Dockerfile
from scanner.model.source import Located, Unknown


def is_certain(dockerfile: Dockerfile) -> bool:
    """Whether no fact of a Dockerfile is unknown, and every word of its commands is decided."""
    return not _has_unknown(dockerfile, {})


def not_read(dockerfile: Dockerfile) -> str | None:
    """Return which instructions hold a script in a language that is not read, None for none."""
    places: dict[str, list[int]] = {}
    for stage in dockerfile.stages:
        for run in stage.runs:
            if not run.understood:
                places.setdefault(run.language, []).append(run.text.location.span.line)
    if not places:
        return None
    parts = []
    for language, lines in sorted(places.items()):
        shown = ", ".join(str(line) for line in lines[:_SHOWN]) + (", ..." if len(lines) > _SHOWN else "")
        parts.append(f"{language} in line{'s' if len(lines) > 1 else ''} {shown}")
    return f"commands not read: {'; '.join(parts)}"


_SHOWN = 5


def _has_unknown(value: object, names: dict[type, tuple[str, ...]]) -> bool:
    """Walk over what a resource holds; `names` remembers the fields of each type that may matter."""
    kind = value.__class__
    if kind is Located:
        return value.value.__class__ is Unknown  # type: ignore[attr-defined]
    if kind is tuple:
        return any(_has_unknown(item, names) for item in value)  # type: ignore[attr-defined]
    if kind is Command:
        return bool(value.call.undecided)  # type: ignore[attr-defined]
    if kind not in names:
        names[kind] = tuple(
            field.name for field in (fields(kind) if is_dataclass(kind) else ()) if field.type not in _KNOWN
        )
    for name in names[kind]:
        held = getattr(value, name)
        if held is not None and held != () and _has_unknown(held, names):
            return True
    return False


_KNOWN = frozenset(
    ("str", "int", "bool", "str | None", "Located[str]", "ResourceRef", "BuildContext | None", "Script")
)
"""Types of fields, as they are written, whose values are never unknown."""
