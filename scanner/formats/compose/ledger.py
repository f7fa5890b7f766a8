"""What went wrong while a Compose project was read, and how far each of its files was."""

from __future__ import annotations

from scanner.errors import InputError, ScannerError
from scanner.formats.compose.tree import Entry
from scanner.model.report import Coverage, Diagnostic, Status

_RANKS = {Status.EVALUATED: 0, Status.PARTIAL: 1, Status.FAILED: 2}


class Ledger:
    """Collects diagnostics and, by file, the worst that happened to it."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._kinds: dict[str, str] = {}
        self._marks: dict[str, tuple[Status, str]] = {}

    def read(self, path: str, kind: str) -> None:
        """Note that a file belongs to the project and could be read."""
        self._kinds.setdefault(path, kind)

    def fail(self, path: str, reason: str) -> None:
        """Note that nothing of a file could be used."""
        self._mark(path, Status.FAILED, reason)

    def unread(self, path: str, error: InputError, asked: Entry | None) -> None:
        """Note a file that could not be read. One that another file asks for is told at
        that place and leaves that file partly read."""
        if asked is None:
            self._kinds.setdefault(path, "compose")
            self.error(ScannerError(error.message, path=path, hint=error.hint))
            self.fail(path, error.message)
        else:
            self.complain(asked, f"'{path}' cannot be read: {error.message}")

    def error(self, error: ScannerError) -> None:
        """Note trouble that has a place."""
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        self.diagnostics.append(Diagnostic(error.path, error.line, error.column, "error", message))

    def complain(self, entry: Entry, message: str) -> None:
        """Note trouble at an entry."""
        self._report(entry, "error", message)

    def gap(self, entry: Entry, message: str) -> None:
        """Note what cannot be known from the repository; nobody's mistake."""
        self._report(entry, "warning", message)
        self._mark(entry.source.path, Status.PARTIAL, message)

    def coverage(self) -> tuple[Coverage, ...]:
        """The lines of the ledger; a file with an error in it was read in part."""
        for problem in self.diagnostics:
            if problem.severity == "error" and problem.path is not None:
                self._mark(problem.path, Status.PARTIAL, problem.message)
        lines = []
        for path in sorted(self._kinds):
            status, reason = self._marks.get(path, (Status.EVALUATED, None))
            lines.append(Coverage(path, self._kinds[path], status, reason))
        return tuple(lines)

    def _mark(self, path: str, status: Status, reason: str) -> None:
        known = self._marks.get(path)
        if known is None or _RANKS[status] > _RANKS[known[0]]:
            self._marks[path] = (status, reason)

    def _report(self, entry: Entry, severity: str, message: str) -> None:
        path, span = entry.source.locate(entry.place)
        self.diagnostics.append(Diagnostic(path, span.line, span.column, severity, message))
