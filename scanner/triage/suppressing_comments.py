"""Suppressions in the comments of a file, with what each of them covers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from scanner.model.source import Location, Span
from scanner.model.suppressions import ANNOTATION
from scanner.parsing.lines import LineTable, split_lines
from scanner.triage.suppressing_scopes import NOTHING, LineScopes, Scope, Scopes
from scanner.triage.suppressing_words import MARK, Words, check_until, read_words, split_until

MAX_SUPPRESSIONS = 1_000
"""Of more suppressions in one file the rest is not read."""


class Language(Enum):
    """How the comments of a file look and what they can stand before."""

    YAML = "yaml"
    COMPOSE = "compose"
    TEMPLATE = "template"
    DOCKERFILE = "dockerfile"
    OTHER = "other"


def language_of(path: str, kinds: set[str]) -> Language:
    """Return how comments are written in a file, by what it was read as."""
    if "dockerfile" in kinds:
        return Language.DOCKERFILE
    if "helm" in kinds and "/templates/" in f"/{path}":
        return Language.TEMPLATE
    if path.endswith((".yaml", ".yml", ".json")):
        return Language.COMPOSE if "compose" in kinds else Language.YAML
    return Language.OTHER


class Written(NamedTuple):
    """A suppression in a file: what it says, where it stands and what it covers."""

    words: Words
    place: Location
    scope: Scope


class FileSuppressions(NamedTuple):
    """The suppressions of a file. `is_sure` is false where a template decides what is written, or a
    document cannot be parsed: one that was of no use may have had one elsewhere."""

    written: tuple[Written, ...]
    is_sure: bool


def read_suppressions(path: str, text: str, language: Language) -> FileSuppressions:
    """Return the suppressions that stand in the comments of a file, and in the labels of services."""
    lines = split_lines(text)
    scopes, is_sure = _scopes_of(path, text, lines, language)
    top = _top(text, lines, language)
    found = []
    for mention in _mentions(text, lines, language):
        if not mention.is_sure and scopes.is_text(mention.line, mention.column):
            continue
        words = read_words(mention.text)
        if words is None:
            continue
        words, scope = _scope_of(words, mention, scopes, top, len(lines))
        found.append(Written(words, Location(path, mention.span), scope))
        if len(found) == MAX_SUPPRESSIONS:
            last = Words(problem=f"a file has {MAX_SUPPRESSIONS} suppressions at most; the rest is not read")
            found[-1] = Written(last, found[-1].place, NOTHING)
            break
    if language is Language.COMPOSE:
        found += _labels(path, scopes)
    return FileSuppressions(tuple(found), is_sure)


def words_of_annotation(key: str, value: str) -> Words | None:
    """Return what an annotation or a label says, None where it is no suppression."""
    if not key.startswith(ANNOTATION):
        return None
    reason, until = split_until(value)
    reason = " ".join(reason.split())
    return Words((key.removeprefix(ANNOTATION),), reason, until, problem=check_until(until))


class _Mention(NamedTuple):
    """A comment that begins with the mark. `line` and `column` are where the comment begins, `last`
    is the line in which it ends; it is `alone` where nothing else stands in these lines."""

    text: str
    line: int
    column: int
    last: int
    span: Span
    alone: bool
    is_sure: bool = False


_HASH = re.compile(rf"(?:^|(?<=\s))#+[ \t]*(?={MARK})")
_SLASHES = re.compile(rf"(?:^|(?<=\s))(?:#+|//+)[ \t]*(?={MARK})")
_LEADING = re.compile(r"\s*(?:#.*|---(?:\s.*)?|%.*|//.*)?")


def _scopes_of(path: str, text: str, lines: list[str], language: Language) -> tuple[Scopes, bool]:
    if language is Language.DOCKERFILE:
        from scanner.triage.suppressing_dockerfile import DockerfileScopes

        return DockerfileScopes(text, lines), True
    if language is Language.TEMPLATE:
        from scanner.triage.suppressing_templates import TemplateScopes

        template = TemplateScopes(text)
        return template, not template.is_conditional
    if language is Language.OTHER:
        return LineScopes(lines), True
    from scanner.triage.suppressing_yaml import YamlScopes

    tree = YamlScopes(text, path, services=language is Language.COMPOSE)
    return tree, tree.is_whole


def _mentions(text: str, lines: Sequence[str], language: Language) -> Iterator[_Mention]:
    pattern = _SLASHES if language is Language.OTHER else _HASH
    for number, line in enumerate(lines, 1):
        found = pattern.search(line) if MARK in line else None
        if found is not None:
            said = line[found.end() :].rstrip()
            span = Span(number, found.end() + 1, number, found.end() + 1 + len(said))
            alone = not line[: found.start()].strip()
            yield _Mention(said, number, found.start() + 1, number, span, alone)
    if language is Language.TEMPLATE:
        yield from _template_mentions(text)


def _template_mentions(text: str) -> Iterator[_Mention]:
    from scanner.triage.suppressing_templates import comments_of

    table = LineTable(text)
    for start, end, inner in comments_of(text):
        mark = text.find(MARK, inner, end)
        if mark < 0 or text[inner:mark].strip():
            continue
        said = " ".join(text[mark : text.rindex("*/", inner, end)].split())
        before = text[text.rfind("\n", 0, start) + 1 : start]
        behind = text[end : _line_end(text, end)]
        line, column = table.position(start)
        row, left = table.position(mark)
        right = left + len(said) if said in text[mark:end] else left + len(MARK)
        alone = not before.strip() and not behind.strip()
        yield _Mention(said, line, column, table.position(end)[0], Span(row, left, row, right), alone, True)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _scope_of(words: Words, mention: _Mention, scopes: Scopes, top: int, last: int) -> tuple[Words, Scope]:
    if words.problem is not None:
        return words, NOTHING
    if words.of_file:
        if mention.alone and mention.last <= top:
            return words, Scope(1, last)
        return words._replace(problem="ignore-file stands in the first lines of a file alone"), NOTHING
    scope = scopes.following(mention.last) if mention.alone else scopes.ending(mention.line)
    return words, scope


def _top(text: str, lines: Sequence[str], language: Language) -> int:
    """How many lines at the beginning of a file are comments, or empty."""
    if language is Language.TEMPLATE:
        from scanner.triage.suppressing_templates import without_comments

        lines = split_lines(without_comments(text))
    first = next((number for number, line in enumerate(lines) if not _LEADING.fullmatch(line)), None)
    return len(lines) if first is None else first


def _labels(path: str, scopes: Scopes) -> Iterator[Written]:
    from scanner.triage.suppressing_yaml import YamlScopes

    assert isinstance(scopes, YamlScopes)
    for label in scopes.labels():
        words = words_of_annotation(label.key, label.value)
        if words is not None:
            yield Written(words, Location(path, label.span), label.scope)
