"""Which keys of the values each line of a template speaks of, and which control it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from scanner.formats.helm.actions import Action, Line, quoted_name
from scanner.formats.helm.expressions import Evaluation, Key, Origins, Scope, Top, walk_field
from scanner.formats.helm.markers import Template

_DEEPEST = 10
_MOST = 60
"""Keys that are kept for a line."""

Place: TypeAlias = "tuple[str, int]"
"""A template (its path in the chart) and a line of it."""


@dataclass(slots=True)
class Influence:
    """The keys that one rendered template depends on, by the lines that write it.

    `own` are those that stand on a line or in what it includes, `above` those of the
    conditions and loops around it, the innermost first.
    """

    own: dict[Place, dict[Key, None]] = field(default_factory=dict)
    above: dict[Place, dict[Key, None]] = field(default_factory=dict)


class _Define(NamedTuple):
    template: Template
    first: int
    last: int


class _Frame(NamedTuple):
    keys: list[Key]
    scope: Scope


class InfluenceReader:
    """Reads the templates of one chart."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates: Mapping[str, Template] = {one.path: one for one in templates}
        self._defines = _find_defines(templates)

    def read(self, path: str, prefix: Key) -> Influence:
        """Read a template that is rendered in the chart whose values are at `prefix`."""
        influence = Influence()
        template = self._templates.get(path)
        if template is not None:
            walk = _Walk(self._defines, influence)
            walk.body(template, 0, len(template.actions), (Top(prefix),), [], 0)
        return influence


def _find_defines(templates: Sequence[Template]) -> dict[str, _Define]:
    found: dict[str, _Define] = {}
    for template in templates:
        opened: list[tuple[str, int]] = []
        for number, action in enumerate(template.actions):
            keyword = action.keyword
            if keyword in ("if", "with", "range", "define", "block"):
                opened.append((keyword, number))
            elif keyword == "end" and opened:
                kind, start = opened.pop()
                if kind in ("define", "block"):
                    name = quoted_name(template.actions[start].inner) or ""
                    found[name] = _Define(template, start + 1, number)
    return found


class _Walk:
    """Follows the rendering of one template through everything that it includes."""

    def __init__(self, defines: Mapping[str, _Define], influence: Influence) -> None:
        self._defines = defines
        self._influence = influence
        self._known: dict[tuple[str, Origins], list[Key]] = {}

    def body(
        self, template: Template, first: int, last: int, dot: Origins, outer: list[Key], depth: int
    ) -> list[Key]:
        """Walk the actions of a template or a named one; return all keys that it reads."""
        scope = Scope(dot)
        frames: list[_Frame] = []
        read: list[Key] = []
        lines = template.lines
        cursor = _line_of(lines, template.actions[first - 1].end, 0) if first else 0
        end = _line_of(lines, template.actions[last].start, cursor) if first else len(lines) - 1
        skipped = 0
        for action in template.actions[first:last]:
            keyword = action.keyword
            if skipped or keyword == "define":
                skipped += (keyword in _OPENING) - (keyword == "end")
                continue
            number = _line_of(lines, action.start, cursor)
            self._control(template, cursor, number, frames, outer)
            cursor = number
            if keyword == "end":
                if frames:
                    scope = frames.pop().scope
                self._control(template, number, number, frames, outer)
                continue
            keys: list[Key] = []
            scope = self._step(action, scope, frames, keys, depth, outer)
            read += keys
            stop = _line_of(lines, action.end - 1, number)
            for line in range(number, stop + 1):
                self._add(self._influence.own, (template.path, line + 1), keys)
        self._control(template, cursor, end, frames, outer)
        return list(dict.fromkeys(read))[:_MOST]

    def _step(
        self,
        action: Action,
        scope: Scope,
        frames: list[_Frame],
        keys: list[Key],
        depth: int,
        outer: list[Key],
    ) -> Scope:
        """Take one action in; return the scope behind it."""
        inner = action.inner
        keyword = action.keyword
        before = scope
        if keyword == "else":
            frame = frames.pop() if frames else _Frame([], scope)
            keys += frame.keys
            scope = before = frame.scope
            inner = inner[4:].strip()
            keyword = inner.split(None, 1)[0] if inner else "else"
        if keyword in ("if", "with", "range", "else", "block"):
            text = inner[len(keyword) :].strip()
            names, result = self._evaluate(text, scope, keys, depth, [*_above(frames), *outer])
            frames.append(_Frame(list(keys), before))
            return _entered(keyword, names, result, scope)
        if not inner.startswith("/*"):
            names, result = self._evaluate(inner, scope, keys, depth, [*_above(frames), *outer])
            for name in names:
                # An assignment reaches the variable of the block that declared it.
                for one in (scope, *(frame.scope for frame in frames if name in frame.scope.variables)):
                    known = one.variables.get(name, ())
                    one.variables[name] = tuple(dict.fromkeys((*known, *result)))
        return scope

    def _evaluate(
        self, text: str, scope: Scope, keys: list[Key], depth: int, control: list[Key]
    ) -> tuple[list[str], Origins]:
        """Evaluate a pipeline behind the variables that it is assigned to."""
        names: list[str] = []
        if text.startswith("$"):
            for mark in (":=", "="):
                left, found, right = text.partition(mark)
                if found and "(" not in left and "|" not in left and '"' not in left:
                    names = [name.strip() for name in left.split(",")]
                    text = right
                    break
        inner: list[Key] = []

        def include(name: str, context: Origins) -> None:
            inner.extend(self._included(name, context, control, depth))

        evaluation = Evaluation(text, scope, include)
        keys += dict.fromkeys([*evaluation.keys, *inner])
        return names, evaluation.result

    def _included(self, name: str, context: Origins, control: list[Key], depth: int) -> list[Key]:
        define = self._defines.get(name)
        if define is None or depth >= _DEEPEST:
            return []
        known = self._known.get((name, context))
        if known is None:
            self._known[name, context] = []  # a recursion reads nothing new
            known = self.body(define.template, define.first, define.last, context, control, depth + 1)
            self._known[name, context] = known
        return known

    def _control(
        self, template: Template, first: int, last: int, frames: list[_Frame], outer: list[Key]
    ) -> None:
        keys = [*_above(frames), *outer]
        if keys:
            for line in range(first, last + 1):
                self._add(self._influence.above, (template.path, line + 1), keys)

    def _add(self, into: dict[Place, dict[Key, None]], place: Place, keys: list[Key]) -> None:
        if keys:
            known = into.setdefault(place, {})
            if len(known) < _MOST:
                known.update(dict.fromkeys(keys))


_OPENING = frozenset(("if", "with", "range", "define", "block"))


def _above(frames: list[_Frame]) -> list[Key]:
    return [key for frame in reversed(frames) for key in frame.keys]


def _entered(keyword: str, names: list[str], result: Origins, scope: Scope) -> Scope:
    """The scope inside of a block."""
    entered = Scope(scope.dot, scope.variables)
    if keyword == "range":
        result = walk_field(result, "*")
    if keyword in ("range", "with", "block") and (result or keyword != "with"):
        entered.dot = result
    if names:
        entered.variables[names[-1]] = result
    return entered


def _line_of(lines: list[Line], offset: int, start: int) -> int:
    """The index of the line that an offset stands on, looking from a line on."""
    index = start
    while index + 1 < len(lines) and lines[index + 1].start <= offset:
        index += 1
    return index
