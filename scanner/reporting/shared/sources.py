"""The text of scanned artifacts as it may be shown: secrets hidden, nothing that controls."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.model.report import Report
from scanner.model.source import Location, Span
from scanner.parsing.lines import split_lines
from scanner.reporting.shared.text import escape_of, visible
from scanner.secrets.command_lines import is_env_file
from scanner.secrets.lines import MASK, Ranges, Secrets, cut_out, masked


class Sources:
    """Gives the lines of a report's artifacts; each artifact is read and split once.

    Hidden are the report's masked spans, the places of sensitive rules' findings, and
    what looks like a secret.
    """

    def __init__(self, report: Report) -> None:
        self._text_of = report.text_of
        self._lines: dict[str, Sequence[str]] = {}
        self._secrets: dict[str, Secrets] = {}
        self._spans = {path: list(spans) for path, spans in report.masked.items()}
        sensitive = {rule.id for rule in report.rules.values() if rule.sensitive}
        for finding in (*report.findings, *report.suppressed, *report.baseline):
            # A variable that has no value is pointed at by its name, which hides nothing.
            if finding.rule in sensitive and self._text_at(finding.location) != finding.item:
                self._spans.setdefault(finding.location.path, []).append(finding.location.span)

    def _text_at(self, location: Location) -> str | None:
        path, (line, column, end_line, end_column) = location
        lines = self.lines(path)
        if line != end_line or not 1 <= line <= len(lines):
            return None
        return lines[line - 1][column - 1 : end_column - 1]

    def text(self, path: str) -> str | None:
        """Return an artifact's own text, which is not to be shown; None when there is none."""
        return self._text_of(path)

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of an artifact's own text, not to be shown; none when there is no text."""
        lines = self._lines.get(path)
        if lines is None:
            text = self._text_of(path)
            lines = self._lines[path] = () if text is None else split_lines(text)
        return lines

    def shown(self, path: str, line: int) -> str:
        """Return a line (1-based) as it may be shown; tabs are kept. The artifact must have the line."""
        text = self.lines(path)[line - 1]
        hidden = self._hidden(path, line)
        return _visible_code(cut_out(text, hidden) if hidden else text)

    def shown_part(self, path: str, line: int, start: int, end: int) -> str:
        """Return what `shown` gives for the characters from `start` to `end` (0-based, exclusive)."""
        text = self.lines(path)[line - 1]
        hidden = self._hidden(path, line)
        part = text[start:end]
        if hidden:
            inside = ((max(a - start, 0), min(b, end) - start) for a, b in hidden if a < end and b > start)
            part = cut_out(part, tuple(inside))
        return _visible_code(part)

    def characters(self, path: str, line: int) -> list[str]:
        """Return, for every character of a line, what is shown for it: itself, an escape,
        and for a secret the mask at its first character and nothing at the others."""
        text = self.lines(path)[line - 1]
        shown = list(text) if text.isascii() and text.isprintable() else [escape_of(one) for one in text]
        for start, end in self._hidden(path, line):
            shown[start:end] = [MASK, *[""] * (end - start - 1)]
        return shown

    def clip(self, path: str, span: Span) -> Span | None:
        """Return the part of a span that the artifact has; None when it has none of it."""
        lines = self.lines(path)
        if not 1 <= span.line <= len(lines):
            return None
        width = len(lines[span.line - 1])
        column = min(max(span.column, 1), width + 1)
        if span.end_line < span.line or (span.end_line == span.line and span.end_column < column):
            return Span(span.line, column, span.line, column)
        if span.end_line > len(lines):
            return Span(span.line, column, len(lines), len(lines[-1]) + 1)
        end_column = min(max(span.end_column, 1), len(lines[span.end_line - 1]) + 1)
        return Span(span.line, column, span.end_line, end_column)

    def _hidden(self, path: str, line: int) -> Ranges:
        secrets = self._secrets.get(path)
        if secrets is None:
            secrets = self._secrets[path] = Secrets(
                self.lines(path), self._spans.get(path, ()), is_env_file=is_env_file(path)
            )
        return secrets.ranges(line - 1)


def safe(text: str) -> str:
    """Return a message as it may be shown, in one line. Messages hold no secret that the
    scan knows; this hides what only looks like one, and nothing in it controls."""
    return visible(masked(text))


def _visible_code(line: str) -> str:
    if "\t" not in line:
        return visible(line)
    return "\t".join(visible(part) for part in line.split("\t"))
