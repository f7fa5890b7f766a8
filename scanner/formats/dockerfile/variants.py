"""A Dockerfile as one build sees it: with the arguments and contexts that are given to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import InputError
from scanner.formats.base import Files
from scanner.formats.dockerfile.build_context import context_of
from scanner.formats.dockerfile.given import GivenToBuild
from scanner.formats.dockerfile.reader import display_name
from scanner.formats.dockerfile.stages import read_stages
from scanner.model.resources import Dockerfile
from scanner.model.source import Located, Location, Source, Span, SpanSource, Unknown
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_stages import split_stages
from scanner.parsing.dockerfile_tree import DockerfileTree


def read_for_build(
    path: str,
    files: Files,
    args: Mapping[str, str | Unknown | None],
    contexts: Mapping[str, str] | None = None,
    target: str | None = None,
) -> Dockerfile | None:
    """Return a Dockerfile as one build resolves it (BuildKit, dockerfile2llb), or None where it
    cannot be read, has no stage, or has none that is called `target`.

    `args` are all arguments that the build gives: one that is None has a value which the files
    do not tell. They win over the defaults of ARG, before the first FROM and in stages that
    declare them. `contexts` are name -> source, and take the place of images and stages of
    their names. The stage of `target` is the `final` one, and those behind it are left out.
    """
    try:
        text = files.text(path)
    except InputError:
        return None
    tree = parse_dockerfile(text)
    given = _given(tree, args, contexts, target)
    if given is None:
        return None
    return read_stages(tree, SpanSource(path), display_name(path), context_of(path, files), given)


def read_inline_for_build(
    inline: Located[str],
    name: str,
    files: Files,
    args: Mapping[str, str | Unknown | None],
    contexts: Mapping[str, str] | None = None,
    target: str | None = None,
) -> Dockerfile | None:
    """Return a Dockerfile that stands as a text in another file; see `read_for_build`.

    Its facts stand on their own lines of that file where these hold the text as it is, else
    where the whole text does.
    """
    tree = parse_dockerfile(inline.value)
    given = _given(tree, args, contexts, target)
    if given is None:
        return None
    return read_stages(tree, _inside(inline, files), name, None, given)


def _given(
    tree: DockerfileTree,
    args: Mapping[str, str | Unknown | None],
    contexts: Mapping[str, str] | None,
    target: str | None,
) -> GivenToBuild | None:
    stages = split_stages(tree)
    if not stages.stages:
        return None
    index: int | None = None
    if target:
        stage = stages.find(target)
        if stage is None:
            return None
        index = stage.index
    known = {
        name: Unknown(f"{name} is given when the image is built") if value is None else value
        for name, value in args.items()
    }
    return GivenToBuild(known, {name.lower(): source for name, source in (contexts or {}).items()}, index)


class _Inside(NamedTuple):
    """The source of a text in another file: `lines` before its first one, and `columns` before
    each; where its lines are not found there, both are -1 and everything stands at `outer`."""

    path: str
    outer: Location
    lines: int
    columns: int

    def locate(self, place: object) -> Location:
        assert isinstance(place, Span)
        if self.lines < 0:
            return self.outer
        line, column, end_line, end_column = place
        lines, columns = self.lines, self.columns
        return Location(
            self.path, Span(line + lines, column + columns, end_line + lines, end_column + columns)
        )

    def extent(self, place: object) -> Location:
        return self.locate(place)

    def settle(self, place: object) -> tuple[Source, object]:
        return self, place


def _inside(inline: Located[str], files: Files) -> Source:
    """Find the lines of a text in the file that it is written in, as a block scalar or a
    here-document has them: one below the other and indented alike."""
    path, whole = inline.source.extent(inline.place)
    nowhere = _Inside(path, inline.location, -1, -1)
    wanted = inline.value.rstrip("\n").split("\n")
    try:
        lines = files.text(path).split("\n")
    except InputError:
        return nowhere
    for start in range(whole.line - 1, min(whole.end_line, len(lines))):
        first = lines[start]
        indent = len(first) - len(first.lstrip(" \t")) - (len(wanted[0]) - len(wanted[0].lstrip(" \t")))
        if indent < 0 or first[indent:].rstrip("\r") != wanted[0]:
            continue
        found = [line[indent:].rstrip("\r") for line in lines[start : start + len(wanted)]]
        if found == wanted:
            return _Inside(path, inline.location, start, indent)
    return nowhere
