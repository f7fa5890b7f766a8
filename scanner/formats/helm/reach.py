"""Which templates of a chart wrote an object with any of its sets of values, and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner.formats.helm.actions import Action
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.markers import Template
from scanner.formats.helm.rendered import Part
from scanner.formats.helm.rendering import Rendering
from scanner.model.charts import ChartTemplate
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.source import Located, Span, SpanSource

_OPENING = ("if", "with", "range")
_BLOCKS = (*_OPENING, "define", "block")
_LONGEST = 60
_TEST_HOOK = ("helm.sh/hook", "test")


def reached_templates(
    bundle: Bundle,
    templates: Sequence[Template],
    renderings: Sequence[Rendering],
    parts: Sequence[Sequence[Part]],
) -> tuple[ChartTemplate, ...]:
    """Return the chart's own templates that are there to write objects.

    Named templates, NOTES.txt and tests are not, nor are the files of subcharts. One that a set
    of values failed on is left out: nobody knows what it would have written. So are all when
    a set other than the defaults did not render.
    """
    if not any(one.texts is not None for one in renderings):
        return ()
    broken = {path for one in renderings for path in one.left_out}
    has_gap = any(one.texts is None and one.values.name != DEFAULT_ENVIRONMENT for one in renderings)
    written = {part.path for own in parts for part in own if part.resources.documents or part.is_broken}
    found = []
    for template in templates:
        path = template.path
        if not path.startswith("templates/") or path in broken or (has_gap and path not in written):
            continue
        if path.rpartition("/")[2].startswith("_") or _is_test(template) or not _writes(template):
            continue
        origin = bundle.origins[path].path
        width = len(template.text.partition("\n")[0])
        place = Span(1, 1, 1, width + 1)
        is_written = path in written
        reason = "" if is_written else _reason(template)
        found.append(ChartTemplate(Located(path, place, SpanSource(origin)), is_written, reason))
    return tuple(found)


def _is_test(template: Template) -> bool:
    return template.path.startswith("templates/tests/") or all(word in template.text for word in _TEST_HOOK)


def _writes(template: Template) -> bool:
    """Whether anything outside of named templates can end up in an object."""
    position = 0
    for action, end in _outermost(template.actions):
        if any(map(_is_content, template.text[position : action.start].split("\n"))):
            return True
        if action.writes or action.keyword in (*_OPENING, "block"):
            return True
        position = end
    return any(map(_is_content, template.text[position:].split("\n")))


def _is_content(literal: str) -> bool:
    text = literal.strip()
    return bool(text) and not text.startswith(("#", "---"))


def _reason(template: Template) -> str:
    guard = _guard(template)
    if guard is None:
        return "nothing in it is written"
    hint = "; name what the cluster serves under helm.api-versions" if ".APIVersions" in guard.inner else ""
    return f"'{_shortened(guard.inner)}' never holds{hint}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _guard(template: Template) -> Action | None:
    """Return the one block that all of a template's output stands in, None when there is no such."""
    guards: list[Action] = []
    outside: list[str] = []
    position = 0
    for action, end in _outermost(template.actions):
        outside += template.text[position : action.start].split("\n")
        position = end
        if action.keyword in _OPENING:
            guards.append(action)
        elif action.writes or action.keyword == "block":
            return None
    outside += template.text[position:].split("\n")
    return guards[0] if len(guards) == 1 and not any(map(_is_content, outside)) else None


def _outermost(actions: Sequence[Action]) -> Iterator[tuple[Action, int]]:
    """Give each action that stands in no block, and where it, or the block that it opens, ends."""
    opened: list[Action] = []
    for action in actions:
        if action.keyword in _BLOCKS:
            opened.append(action)
        elif action.keyword == "end" and opened:
            start = opened.pop()
            if not opened:
                yield start, action.end
        elif not opened:
            yield action, action.end
