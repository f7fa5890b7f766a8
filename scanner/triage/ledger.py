"""What the coverage ledger says of files whose rules were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scanner.model.report import Coverage, Status
from scanner.model.resources import UnitResources
from scanner.model.unknowns import unknown_reasons

_REASONS = 3


def undecided_note(resources: UnitResources, unknown: Mapping[str, int]) -> str:
    """Say which rules could not be decided, and what the files do not tell."""
    reasons = unknown_reasons(resources)
    why = "; ".join(reasons[:_REASONS]) + (
        f" and {len(reasons) - _REASONS} more" if len(reasons) > _REASONS else ""
    )
    rules = f"not decided: {', '.join(sorted(unknown))}"
    return f"{why}; {rules}" if why else rules


def with_note(line: Coverage, note: str) -> Coverage:
    """Return a line as partial for the reason given, one that is not `evaluated` as it is."""
    return line._replace(status=Status.PARTIAL, reason=note) if line.status is Status.EVALUATED else line


def ledger_of(lines: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the lines in order; a file that one unit has no use for and another reads is no ignored one."""
    distinct = set(lines)
    used = {line.path for line in distinct if line.status is not Status.IGNORED}
    kept = [line for line in distinct if line.status is not Status.IGNORED or line.path not in used]
    return tuple(sorted(kept, key=lambda line: (line.path, line.status, line.reason or "")))
