"""What the coverage ledger says of files whose rules were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import UnitResources
from scanner.model.source import Span
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


def with_reasons(lines: Iterable[Coverage], reasons: Mapping[str, str]) -> list[Coverage]:
    """Return lines, those of some paths as partial for the reasons given; a path that has no line gets
    one, as it failed."""
    noted = [with_note(line, reasons[line.path]) if line.path in reasons else line for line in lines]
    known = {line.path for line in noted}
    lost = (path for path in reasons if path not in known)
    return [*noted, *(Coverage(path, None, Status.FAILED, reasons[path]) for path in lost)]


def ledger_of(lines: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Return the lines in order; a file that one unit has no use for and another reads is no ignored one."""
    distinct = set(lines)
    used = {line.path for line in distinct if line.status is not Status.IGNORED}
    kept = [line for line in distinct if line.status is not Status.IGNORED or line.path not in used]
    return tuple(sorted(kept, key=lambda line: (line.path, line.status, line.reason or "")))


def place_of_reason(reason: str, diagnostics: Sequence[Diagnostic]) -> Span:
    """Return where a file tells why it could not be read whole; errors come first among the diagnostics."""
    chosen = next((one for one in diagnostics if _says(one, reason)), None)
    if chosen is None:
        chosen = next((one for one in diagnostics if one.severity == "error"), None)
    line, column = (1, 1) if chosen is None else (chosen.line or 1, chosen.column or 1)
    return Span(line, column, line, column + 1)


def _says(diagnostic: Diagnostic, reason: str) -> bool:
    said = reason.removeprefix(f"line {diagnostic.line}: ")
    return said in diagnostic.message or diagnostic.message in said
