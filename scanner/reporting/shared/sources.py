"""The text of scanned artifacts as it may be shown: secrets hidden, nothing that controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scanner.model.redacted import Redacted
from scanner.model.report import Report
from scanner.model.source import Location, Span
from scanner.parsing.lines import split_lines
from scanner.reporting.shared.linehash import WINDOW, line_hashes
from scanner.reporting.shared.text import escape_of, visible
from scanner.secrets.command_lines import is_env_file
from scanner.secrets.lines import MASK, Ranges, Secrets, cut_out
from scanner.secrets.registry import Registry


class Sources:
    """Gives the lines of a report's artifacts; each artifact is read and split once.

    Hidden are the report's masked spans, the places of sensitive rules' findings, the values of
    the scan's secrets, and what looks like one. Lines are 1-based, and must be such that the
    artifact has; columns are 0-based offsets here.
    """

    def __init__(self, report: Report, registry: Registry) -> None:
        self._text_of = report.text_of
        self._registry = registry
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
        lines = self._all(path)
        if line != end_line or not 1 <= line <= len(lines):
            return None
        return lines[line - 1][column - 1 : end_column - 1]

    def count(self, path: str) -> int:
        """Return how many lines an artifact has; 0 when there is no text."""
        return len(self._all(path))

    def width(self, path: str, line: int) -> int:
        """Return how many characters a line has."""
        return len(self._all(path)[line - 1])

    def ends(self, path: str, line: int) -> tuple[int, int]:
        """Return where the text of a line begins and ends, without blanks around it."""
        text = self._all(path)[line - 1]
        return len(text) - len(text.lstrip()), len(text.rstrip())

    def depth(self, path: str, line: int) -> int:
        """Return how deep a line stands. The items of a list may stand as deep as its key and count as
        a little deeper."""
        text = self._all(path)[line - 1]
        inner = text.lstrip(" ")
        return 2 * (len(text) - len(inner)) + inner.startswith("- ")

    def encloses(self, path: str, line: int) -> bool:
        """Whether deeper lines may belong to a line: it is not empty, and no comment."""
        text = self._all(path)[line - 1].lstrip()
        return bool(text) and not text.startswith(("#", "---"))

    def utf16_column(self, path: str, line: int, column: int) -> int:
        """Return a 1-based column in units of UTF-16; a line that there is not has ASCII alone."""
        lines = self._all(path)
        if not 1 <= line <= len(lines) or lines[line - 1].isascii():
            return column
        return column + sum(character > "\uffff" for character in lines[line - 1][: column - 1])

    def shown(self, path: str, line: int) -> Redacted:
        """Return a line as it may be shown; tabs are kept."""
        text = self._all(path)[line - 1]
        hidden = self._hidden(path, line)
        return _visible_code(cut_out(text, hidden) if hidden else text)

    def shown_part(self, path: str, line: int, start: int, end: int) -> Redacted:
        """Return what `shown` gives for the characters from `start` to `end` (exclusive)."""
        text = self._all(path)[line - 1]
        hidden = self._hidden(path, line)
        part = text[start:end]
        if hidden:
            inside = ((max(a - start, 0), min(b, end) - start) for a, b in hidden if a < end and b > start)
            part = cut_out(part, tuple(inside))
        return _visible_code(part)

    def characters(self, path: str, line: int) -> list[Redacted]:
        """Return, for every character of a line, what is shown for it: itself, an escape,
        and for a secret the mask at its first character and nothing at the others."""
        text = self._all(path)[line - 1]
        shown = list(text) if text.isascii() and text.isprintable() else [escape_of(one) for one in text]
        for start, end in self._hidden(path, line):
            shown[start:end] = [MASK, *[""] * (end - start - 1)]
        return list(map(Redacted, shown))

    def hidden_texts(self, path: str, line: int) -> Iterator[str]:
        """Yield what is hidden in a line, not to be shown; nothing where the artifact has no such line."""
        if 1 <= line <= self.count(path):
            text = self._all(path)[line - 1]
            yield from (text[start:end].strip("\"' ") for start, end in self._hidden(path, line))

    def line_hashes(self, path: str, wanted: Iterable[int]) -> dict[int, str]:
        """Return GitHub's hash of some lines, of those that there are. It is made of the line's first
        characters and can be turned around: a line with a secret counts as it is shown."""
        text = self._text_of(path)
        if text is None:
            return {}
        return line_hashes(text, wanted, lambda line: self._shown_from(path, line))

    def _shown_from(self, path: str, line: int) -> str | None:
        """Return the text from a line on as it may be shown, as much of it as a hash is made of; None
        where nothing is hidden in it."""
        lines = self._all(path)
        shown: list[str] = []
        size = 0
        is_hidden = False
        for number in range(line, len(lines) + 1):
            ranges = self._hidden(path, number)
            is_hidden = is_hidden or bool(ranges)
            text = cut_out(lines[number - 1], ranges)
            shown.append(text)
            size += len(text) - text.count(" ") - text.count("\t") + 1
            if size > WINDOW:
                break
        return "\n".join(shown) if is_hidden else None

    def clip(self, path: str, span: Span) -> Span | None:
        """Return the part of a span that the artifact has; None when it has none of it."""
        lines = self._all(path)
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

    def _all(self, path: str) -> Sequence[str]:
        lines = self._lines.get(path)
        if lines is None:
            text = self._text_of(path)
            lines = self._lines[path] = () if text is None else split_lines(text)
        return lines

    def _hidden(self, path: str, line: int) -> Ranges:
        secrets = self._secrets.get(path)
        if secrets is None:
            secrets = self._secrets[path] = Secrets(
                self._all(path),
                self._spans.get(path, ()),
                is_env_file=is_env_file(path),
                known=self._registry.spans,
            )
        return secrets.ranges(line - 1)


def _visible_code(line: str) -> Redacted:
    if "\t" not in line:
        return Redacted(visible(line))
    return Redacted("\t".join(visible(part) for part in line.split("\t")))
