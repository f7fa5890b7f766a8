"""Places of a rendered text as places in the templates that people edit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from scanner.formats.helm.actions import Action, Line
from scanner.formats.helm.markers import Alignment, Mark, Template
from scanner.model.source import Location, Source, Span
from scanner.parsing.yaml import YamlSource

_ACTION = re.compile(r"\{\{.*?(?:\}\}|\Z)", re.DOTALL)
_WIDEST = 4
"""Lines that a stretch may have at most to be worth more than the file's name."""


class TemplateLines(NamedTuple):
    """Lines of a template (by its path in the chart) that wrote a rendered line.

    With `is_exact` it is the one line that wrote it; without, it is one of these.
    """

    template: str
    first: int
    last: int
    is_exact: bool


def resolve_lines(text: str, alignment: Alignment) -> list[TemplateLines | None]:
    """Tell for each line of a rendered text where it comes from, None where that is not sure.

    A line with a marker comes from the line that the first of them stands on. Lines
    without come from the next marker's line, when an action on it wrote them and no
    line in between, itself without a marker, can have.
    """
    rows = text.split("\n")
    resolved: list[TemplateLines | None] = []
    previous: Mark | None = None
    pending: list[str] = []
    for row, marks in zip(rows, alignment.marks, strict=True):
        if not marks:
            pending.append(row)
            continue
        candidates = _candidates(previous, marks[0])
        resolved += [_choose(marks[0].template, candidates, line, is_block=True) for line in pending]
        resolved.append(_choose(marks[0].template, _group(marks[0]), row, is_block=False))
        pending = []
        previous = marks[-1]
    rest = [] if previous is None or previous.line.define else _unmarked(previous, None)
    last = None if previous is None else previous.template
    resolved += [None if last is None else _choose(last, rest, line, is_block=True) for line in pending]
    return resolved


def _group(mark: Mark) -> list[Line]:
    """The lines whose output can begin the rendered line that ends with a marker."""
    return mark.template.lines[mark.line.first - 1 : mark.line.number]


def _candidates(previous: Mark | None, mark: Mark) -> list[Line] | None:
    """The lines that can have written what stands between two markers; None: of two files."""
    is_return = previous is not None and previous.template is not mark.template
    if is_return and previous is not None and previous.line.define is None and _unmarked(previous, None):
        return None
    return [*_unmarked(previous, mark), *_group(mark)]


def _unmarked(previous: Mark | None, mark: Mark | None) -> list[Line]:
    """The lines that write without a marker of their own, behind one marker and before another."""
    anchor = mark or previous
    assert anchor is not None
    same = previous is not None and (
        previous.template is anchor.template and previous.line.define == anchor.line.define
    )
    low = previous.line.number if previous is not None and same else 0
    high = mark.line.first if mark is not None else len(anchor.template.lines) + 1
    is_loop = mark is not None and low >= mark.line.number
    return [
        line
        for line in anchor.template.lines
        if line.writes
        and not line.can_mark
        and line.define == anchor.line.define
        and line.literal.strip() != "---"
        and (line.number > low or line.number < high if is_loop else low < line.number < high)
    ]


def _choose(
    template: Template, candidates: list[Line] | None, row: str, *, is_block: bool
) -> TemplateLines | None:
    """Name the line that wrote a rendered one: the only one that can have, or the first
    line of the only action that can have. Of several neighbours it is one."""
    if not candidates or not row.strip():
        return None
    first, last = candidates[0], candidates[-1]
    if first is last:
        is_able = first.has_writing_action or not is_block
        return TemplateLines(template.path, first.number, first.number, True) if is_able else None
    low, high = min(line.number for line in candidates), max(line.number for line in candidates)
    if all(line.is_open for line in candidates[:-1]) and len(_writers(template, first, last)) == 1:
        return TemplateLines(template.path, low, low, True)
    return TemplateLines(template.path, low, high, False) if high - low < _WIDEST else None


def _writers(template: Template, first: Line, last: Line) -> list[Action]:
    return [
        action
        for action in template.actions
        if action.writes and action.end > first.start and action.start < last.solid_end
    ]


class TemplateSource:
    """A rendered template as a source: places of its YAML are located in the templates.

    A place stands on the template line that wrote it, from its first character to its
    last; that line may be in another file, where a named template of `_helpers.tpl`
    wrote it. Where several neighbouring lines can have, it is all of them. Where the
    line is not known, it is the first line of the template that writes anything, and
    in a packed subchart the entry of Chart.yaml that asks for it: `is_exact` tells.
    """

    __slots__ = ("_alignment", "_lines", "_rendered", "_texts", "_whole", "exact_lines", "path")

    def __init__(
        self,
        rendered: YamlSource,
        whole: Location,
        alignment: Alignment | None,
        texts: Mapping[str, tuple[str, str]],
    ) -> None:
        """`whole` is the place when no line is known; `texts` gives by path in the chart
        the path in the scanned tree and the text."""
        self.path = whole.path
        self.exact_lines = alignment is not None
        self._rendered = rendered
        self._whole = whole
        self._alignment = alignment
        self._texts = texts
        self._lines: list[TemplateLines | None] | None = None

    def locate(self, place: object) -> Location:
        """Return where in the templates a place of the rendered text was written."""
        found = self.lines_of(place)
        if found is None or found.template not in self._texts:
            return self._whole
        path, text = self._texts[found.template]
        lines = text.split("\n")
        first = line_span(lines[found.first - 1], found.first)
        if found.first == found.last:
            return Location(path, first)
        last = line_span(lines[found.last - 1], found.last)
        return Location(path, Span(first.line, first.column, last.end_line, last.end_column))

    def part(self, node: object, begin: int, end: int) -> tuple[Source, object] | None:
        """Return the place of a part of a scalar in the rendered text (see YamlSource)."""
        found = self._rendered.part(node, begin, end)
        return None if found is None else (self, found[1])

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: there are few such places, and where they stand is asked late."""
        return self, place

    def extent(self, place: object) -> Location:
        """Return all template lines that wrote a place: any of them may hold its text.

        Where they are not known, or are those of several files, it is the whole file.
        """
        rows = self._rendered.extent(place).span
        last = rows.end_line - 1 if rows.end_column == 1 and rows.end_line > rows.line else rows.end_line
        found = {self._lines_at(row) for row in range(rows.line, last + 1)}
        known = [lines for lines in found if lines is not None and lines.template in self._texts]
        files = {lines.template for lines in known}
        if len(files) != 1:
            return self._everything()
        path, text = self._texts[files.pop()]
        end = max(lines.last for lines in known)
        return Location(path, Span(min(lines.first for lines in known), 1, end, _width(text, end) + 1))

    def _everything(self) -> Location:
        for path, text in self._texts.values():
            if path == self.path:
                count = text.count("\n") + 1
                return Location(path, Span(1, 1, count, _width(text, count) + 1))
        return self._whole

    def is_exact(self, place: object) -> bool:
        """Whether `locate` names the very line that wrote a place."""
        found = self.lines_of(place)
        return found is not None and found.is_exact and found.template in self._texts

    def is_literal(self, place: object, text: str) -> bool:
        """Whether a template itself, outside of its actions, writes `text` at a place; true where it was
        not looked at which line wrote what, false where that is not sure."""
        if self._alignment is None:
            return True
        found = self.lines_of(place)
        if found is None or found.template not in self._texts:
            return False
        lines = self._texts[found.template][1].split("\n")[found.first - 1 : found.last]
        return text in _ACTION.sub("", "\n".join(lines))

    def lines_of(self, place: object) -> TemplateLines | None:
        """Return the template lines of a place, by path in the chart; None when not known."""
        return self._lines_at(self._rendered.locate(place).span.line)

    def rows_from(self, template: str, line: int) -> list[str]:
        """Return the rendered lines that a line of a template wrote, or may have written."""
        if self._alignment is None:
            return []
        rows = self._rendered.text.split("\n")
        found = [self._lines_at(row) for row in range(1, len(rows) + 1)]
        return [
            row
            for row, lines in zip(rows, found, strict=True)
            if lines is not None and lines.template == template and lines.first <= line <= lines.last
        ]

    def _lines_at(self, row: int) -> TemplateLines | None:
        if self._alignment is None:
            return None
        if self._lines is None:
            self._lines = resolve_lines(self._rendered.text, self._alignment)
        return self._lines[row - 1] if row <= len(self._lines) else None


def _width(text: str, number: int) -> int:
    return len(text.split("\n")[number - 1])


def line_span(line: str, number: int) -> Span:
    """Return the span of a template's line without white space around it and comments behind it."""
    start = len(line) - len(line.lstrip())
    text = line.rstrip()
    comment = text.rfind(" #")
    if comment > start and not any(mark in text[comment:] for mark in "\"'{}"):
        text = text[:comment].rstrip()
    return Span(number, start + 1, number, max(len(text), start + 1) + 1)


def first_written(text: str, template: Template) -> Span:
    """Return the first line of a template that writes anything, or its first line."""
    lines = text.split("\n")
    number = next((line.number for line in template.lines if line.writes and line.number <= len(lines)), 1)
    return line_span(lines[number - 1], number)
