"""The lexical structure of a Go template: where its actions are and what its lines hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_CONTROL = frozenset(("if", "else", "end", "with", "range", "define", "block", "break", "continue"))


class Action(NamedTuple):
    """One `{{ ... }}`: its offsets (`end` exclusive), its inner text without the marks
    that trim, and whether it trims the white space behind it."""

    start: int
    end: int
    inner: str
    trims_after: bool

    @property
    def keyword(self) -> str:
        """The first word: a control word, the name of a function, or the start of a field."""
        return self.inner.split(None, 1)[0] if self.inner else ""

    @property
    def writes(self) -> bool:
        """Whether the action itself can put text out."""
        inner = self.inner
        if not inner or inner.startswith("/*") or self.keyword in _CONTROL:
            return False
        # An assignment: a variable first, and := or = behind it.
        return not (inner[0] == "$" and inner.lstrip("$").partition("=")[1] and _assigns(inner))


def _assigns(inner: str) -> bool:
    words = inner.replace(":=", " := ").split(None, 2)
    return len(words) > 1 and words[1] in (":=", "=") and words[0].startswith("$")


class Line(NamedTuple):
    """A line of a template.

    `start` is the offset of its first character and `solid_end` the offset behind its
    last that is no white space (equal to `start` when it is blank). `can_mark` is true
    where a comment may be put at `solid_end` without a change of anything else;
    `first` is the line on which the output of this one begins: an earlier line when an
    action stretches over both or when the line end between them is trimmed away.
    `is_open` is true when an action begun on it or before ends on a later line.
    `writes` is whether anything on it can put text out, `literal` its text outside of
    actions, and `define` the named template that it stands in, or None.
    """

    number: int
    start: int
    solid_end: int
    can_mark: bool
    first: int
    is_open: bool
    writes: bool
    has_writing_action: bool
    literal: str
    define: str | None


def scan_actions(text: str) -> list[Action]:
    """Find the actions of a template; after one that never ends there are none."""
    found: list[Action] = []
    position = text.find("{{")
    while position >= 0:
        end = _action_end(text, position + 2)
        if end < 0:
            break
        inner = text[position + 2 : end - 2]
        trims_after = inner.endswith("-") and inner[-2:-1].isspace()
        if trims_after:
            inner = inner[:-1]
        if inner.startswith("-") and inner[1:2].isspace():
            inner = inner[1:]
        found.append(Action(position, end, inner.strip(), trims_after))
        position = text.find("{{", end)
    return found


def _action_end(text: str, position: int) -> int:
    """Return the offset behind the `}}` that closes an action, -1 when none does."""
    comment = position + 2 if text.startswith("- ", position) else position
    if text.startswith("/*", comment):
        close = text.find("*/", comment)
        end = text.find("}}", close) if close >= 0 else -1
        return end + 2 if end >= 0 else -1
    while True:
        end = text.find("}}", position)
        if end < 0:
            return -1
        quote = _first_quote(text, position, end)
        if quote < 0:
            return end + 2
        position = _string_end(text, quote)
        if position < 0:
            return -1


def _first_quote(text: str, start: int, end: int) -> int:
    found = [at for mark in "\"`'" if (at := text.find(mark, start, end)) >= 0]
    return min(found, default=-1)


def _string_end(text: str, quote: int) -> int:
    """Return the offset behind a string that starts at `quote`, -1 when it never ends."""
    mark = text[quote]
    position = quote + 1
    while True:
        end = text.find(mark, position)
        if end < 0:
            return -1
        if mark == "`":
            return end + 1
        slashes = 0
        while text[end - 1 - slashes] == "\\":
            slashes += 1
        if slashes % 2 == 0:
            return end + 1
        position = end + 1


def scan_lines(text: str, actions: list[Action]) -> list[Line]:
    """Describe each line of a template, in order; a line ends with LF."""
    lines: list[Line] = []
    defines = _define_regions(actions)
    index, region, first, start = 0, 0, 1, 0
    for number, raw in enumerate(text.split("\n"), start=1):
        end = start + len(raw)
        solid_end = start + len(raw.rstrip())
        while index < len(actions) and actions[index].end <= start:
            index += 1
        here: list[Action] = []
        while index + len(here) < len(actions) and actions[index + len(here)].start < end:
            here.append(actions[index + len(here)])
        while region < len(defines) and defines[region][1] <= start:
            region += 1
        define = defines[region][2] if region < len(defines) and defines[region][0] <= start else None
        writing = any(action.writes for action in here)
        literal = _literal(text, start, end, here)
        writes = writing or bool(literal.strip())
        last = here[-1] if here else None
        is_open = last is not None and last.end > end
        is_trimmed = last is not None and last.end == solid_end and last.trims_after
        markable = writes and not is_open and not is_trimmed and literal.strip() != "---"
        lines.append(
            Line(number, start, solid_end, markable, first, is_open, writes, writing, literal, define)
        )
        if not (is_open or (is_trimmed and writes)):
            first = number + 1
        start = end + 1
    return lines


def _literal(text: str, start: int, end: int, actions: list[Action]) -> str:
    pieces = []
    position = start
    for action in actions:
        pieces.append(text[position : max(position, action.start)])
        position = max(position, action.end)
    pieces.append(text[position:end] if position < end else "")
    return "".join(pieces)


def _define_regions(actions: list[Action]) -> list[tuple[int, int, str]]:
    """Return (start, end, name) of each outermost `define`, in order."""
    regions: list[tuple[int, int, str]] = []
    depth = 0
    opened: tuple[int, int, str] | None = None
    for action in actions:
        keyword = action.keyword
        if keyword in ("if", "with", "range", "define", "block"):
            depth += 1
            if keyword == "define" and opened is None:
                opened = (depth, action.end, quoted_name(action.inner) or "")
        elif keyword == "end":
            if opened is not None and opened[0] == depth:
                regions.append((opened[1], action.start, opened[2]))
                opened = None
            depth -= 1
    return regions


def quoted_name(inner: str) -> str | None:
    """Return the first quoted text of an action, None when it has none."""
    for mark in '"`':
        _, found, rest = inner.partition(mark)
        name, closed, _ = rest.partition(mark)
        if found and closed:
            return name
    return None


def included_names(inner: str) -> Iterator[str]:
    """Give every text that an action has in quotes: a named template may be among them."""
    position = 0
    while (quote := _first_quote(inner, position, len(inner))) >= 0:
        end = _string_end(inner, quote)
        if end < 0:
            return
        yield inner[quote + 1 : end - 1]
        position = end


def split_texts(action: str) -> Iterator[tuple[str, bool]]:
    """Give the pieces of an action, and whether each is a text in quotes."""
    position = 0
    while (quote := _first_quote(action, position, len(action))) >= 0:
        end = _string_end(action, quote)
        if end < 0:
            break
        yield action[position:quote], False
        yield action[quote:end], True
        position = end
    yield action[position:], False
