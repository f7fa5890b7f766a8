"""Which template line each rendered line came from.

Every line of the templates that may carry one gets a numbered comment behind it, the
chart is rendered once more, and the comments say where the lines came from. They are
never trusted blindly: taken away, they must leave the plain rendering, line by line.
Otherwise the templates are marked again with less, down to file by file, and a file
for which nothing holds has no lines. The facts are always read from the plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scanner.formats.helm.actions import Action, Line, included_names, quoted_name, scan_actions, scan_lines

_MAX_SINGLE = 8
"""Files that are tried on their own when marking them together did not work."""

Renderer = Callable[[Sequence[Mapping[str, str]]], list[Mapping[str, str] | None]]
"""Renders variants of a chart: for each the texts by template, None where it failed."""


class Template(NamedTuple):
    """A template with its lines, by its path in the chart."""

    path: str
    text: str
    actions: list[Action]
    lines: list[Line]


class Mark(NamedTuple):
    """The line that a marker stands on."""

    template: Template
    line: Line


class Alignment(NamedTuple):
    """The markers that each rendered line carries, in their order; empty for most lines
    inside a block that one action wrote."""

    marks: tuple[tuple[Mark, ...], ...]


class Marking(NamedTuple):
    """Templates with markers in them, ready to be rendered."""

    texts: Mapping[str, str]
    marks: tuple[Mark, ...]
    tag: str


def read_templates(files: Mapping[str, str], paths: Sequence[str]) -> list[Template]:
    """Take templates apart into actions and lines."""
    templates = []
    for path in paths:
        text = files[path]
        actions = scan_actions(text)
        templates.append(Template(path, text, actions, scan_lines(text, actions)))
    return templates


def free_tag(texts: Sequence[str]) -> str:
    """Return a text for markers to begin with that none of the texts has."""
    tag = "#~"
    while any(tag in text for text in texts):
        tag += "~"
    return tag


def mark_templates(templates: Sequence[Template], tag: str, defines: frozenset[str]) -> Marking:
    """Put a marker behind each line outside of named templates, and inside of those given."""
    texts: dict[str, str] = {}
    marks: list[Mark] = []
    for template in templates:
        pieces = []
        position = 0
        for line in template.lines:
            if line.can_mark and (line.define is None or line.define in defines):
                pieces.append(template.text[position : line.solid_end])
                pieces.append(f" {tag}{len(marks)};")
                position = line.solid_end
                marks.append(Mark(template, line))
        if pieces:
            texts[template.path] = "".join(pieces) + template.text[position:]
    return Marking(texts, tuple(marks), tag)


def block_defines(templates: Sequence[Template]) -> frozenset[str]:
    """Return the named templates that are only ever written out as whole lines.

    Where the output of one is an argument (`eq (include "x" .) "y"`, `| sha256sum`) or
    a part of a line, a marker in it would change more than it marks. What such a
    template includes goes the same way.
    """
    names = {line.define for template in templates for line in template.lines if line.define}
    unfit: set[str] = set()
    includes: dict[str, set[str]] = {}
    for template in templates:
        for line, action in _placed(template):
            named = names.intersection(included_names(action.inner)) - {line.define}
            if not named or action.keyword == "define":
                continue
            if line.define:
                includes.setdefault(line.define, set()).update(named)
            if not _is_whole_line(template, line, action):
                unfit |= named
    pending = list(unfit)
    while pending:
        for name in includes.get(pending.pop(), ()):
            if name not in unfit:
                unfit.add(name)
                pending.append(name)
    return frozenset(names - unfit)


def _placed(template: Template) -> Iterator[tuple[Line, Action]]:
    """Give each action with the line that it starts on."""
    index = 0
    lines = template.lines
    for action in template.actions:
        while index + 1 < len(lines) and lines[index + 1].start <= action.start:
            index += 1
        yield lines[index], action


_LINE_FUNCTIONS = frozenset(("indent", "nindent", "trim"))


def _is_whole_line(template: Template, line: Line, action: Action) -> bool:
    if template.text[line.start : line.solid_end].strip() != template.text[action.start : action.end]:
        return False
    if action.keyword == "template":
        return True
    call, *pipes = action.inner.split("|")
    if action.keyword != "include" or quoted_name(call) is None:
        return False
    # A name inside the arguments would be an include as an argument.
    if len([name for name in included_names(call) if name]) > 1 and "(include" in call:
        return False
    return all(pipe.split()[:1] and pipe.split()[0] in _LINE_FUNCTIONS for pipe in pipes)


def align(
    plain: str, marked: str, marking: Marking, unstable: frozenset[int] = frozenset()
) -> Alignment | None:
    """Read the markers of a rendered text; None when it is not the plain one otherwise.

    A line may differ behind its key and nowhere else (the checksum of a file that has
    markers of its own); its markers count when they stand at its end. `unstable` are
    0-based lines that differ in every rendering.
    """
    if "\r" in plain.replace("\r\n", "\n"):
        return None  # a line end to YAML and editors, none to the engine
    plain_lines = plain.split("\n")
    marked_lines = marked.split("\n")
    if len(plain_lines) != len(marked_lines):
        return None
    rows: list[tuple[Mark, ...]] = []
    for number, (before, after) in enumerate(zip(plain_lines, marked_lines, strict=True)):
        text, found, trailing = _strip(after, marking)
        if text == before:
            rows.append(found)
        elif number in unstable or _same_key(before, text):
            rows.append(trailing)
        else:
            return None
    return Alignment(tuple(rows))


def _strip(line: str, marking: Marking) -> tuple[str, tuple[Mark, ...], tuple[Mark, ...]]:
    """Return a line without markers, all of its markers, and those at its very end."""
    start = f" {marking.tag}"
    if start not in line:
        return line, (), ()
    kept, *rest = line.split(start)
    found: list[Mark] = []
    trailing: list[Mark] = []
    for piece in rest:
        number, closed, text = piece.partition(";")
        if not closed or not number.isascii() or not number.isdigit() or int(number) >= len(marking.marks):
            return line, (), ()
        if text.strip():
            trailing = []
        else:
            trailing.append(marking.marks[int(number)])
        found.append(marking.marks[int(number)])
        kept += text
    return kept, tuple(found), tuple(trailing)


def _same_key(before: str, after: str) -> bool:
    key, colon, _ = before.partition(": ")
    return bool(colon) and after.startswith(key + colon)


def trace(
    plain: Mapping[str, str],
    templates: Sequence[Template],
    names: Mapping[str, str],
    render: Renderer,
    first: tuple[Marking, Mapping[str, str] | None],
    unstable: Mapping[str, frozenset[int]],
) -> dict[str, Alignment]:
    """Return the alignment of every rendered template for which one could be proved.

    `names` translates the engine's names to paths in the chart; `first` is a marking
    of everything with its rendering.
    """
    found = _aligned(plain, *first, unstable)
    missing = [name for name, text in plain.items() if text.strip() and name not in found]
    if not missing:
        return found
    tag = first[0].tag
    outside = mark_templates(templates, tag, frozenset())
    (rendered,) = render([outside.texts])
    second = _aligned(plain, outside, rendered, unstable)
    found |= {name: second[name] for name in missing if name in second}
    rest = [name for name in missing if name not in found][:_MAX_SINGLE]
    singles = []
    for name in rest:
        own = [template for template in templates if template.path == names.get(name)]
        singles.append(mark_templates(own, tag, frozenset()))
    for name, single, text in zip(rest, singles, render([one.texts for one in singles]), strict=True):
        alone = _aligned({name: plain[name]}, single, text, unstable)
        found |= alone
    return found


def _aligned(
    plain: Mapping[str, str],
    marking: Marking,
    rendered: Mapping[str, str] | None,
    unstable: Mapping[str, frozenset[int]],
) -> dict[str, Alignment]:
    found: dict[str, Alignment] = {}
    for name, text in plain.items():
        if rendered is not None and text.strip():
            alignment = align(text, rendered.get(name, ""), marking, unstable.get(name, frozenset()))
            if alignment is not None:
                found[name] = alignment
    return found
