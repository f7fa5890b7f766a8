"""What later commands of a stage do with the files that were copied: unpack or delete them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scanner.model.commands import Command
from scanner.model.resources import Copy, Fact
from scanner.model.source import Located, Unknown
from scanner.model.stage_parts import CopySource

_UNPACKERS = frozenset((
    "unzip", "gunzip", "bunzip2", "unlzma", "unxz", "uncompress", "zcat", "gzcat", "unzstd", "bsdtar", "7z",
))  # fmt: skip
_DELETERS = frozenset(("rm", "shred", "unlink", "srm"))

_Found = dict[str, list[tuple[int, Command]]]


def with_aftermath(copies: Sequence[Copy], commands: Sequence[Command]) -> tuple[Copy, ...]:
    """Return the copies with what becomes of their sources later in the stage."""
    unpacked: _Found = {}
    deleted: _Found = {}
    for command in commands:
        name = command.name
        if name in _UNPACKERS or (name == "tar" and _extracts(command)):
            line = command.text.location.span.line
            for word in command.call.words:
                unpacked.setdefault(_name(word), []).append((line, command))
        elif name in _DELETERS:
            line = command.text.location.span.line
            for path in command.call.operands:
                deleted.setdefault(_cleaned(path, command.call.directory), []).append((line, command))
    if not unpacked and not deleted:
        return tuple(copies)
    return tuple(_followed(copy, unpacked, deleted) for copy in copies)


def _followed(copy: Copy, unpacked: _Found, deleted: _Found) -> Copy:
    if copy.onbuild:
        return copy
    line = copy.keyword.location.span.line
    target = copy.destination.value
    changed = False
    sources: list[CopySource] = []
    for source in copy.sources:
        text = source.text.value
        if source.kind == "path" and isinstance(text, str) and isinstance(target, str):
            opened = _after(line, (unpacked.get(name) for name in (_name(text), _name(target))))
            gone = _after(line, (deleted.get(path) for path in _paths(copy, text, target)))
            if opened is not None or gone is not None:
                source = replace(source, unpacked_in=opened, deleted_in=gone)
                changed = True
        sources.append(source)
    return replace(copy, sources=tuple(sources)) if changed else copy


def _after(line: int, choices: Iterator[list[tuple[int, Command]] | None]) -> Fact[int]:
    for choice in choices:
        for found, command in choice or ():
            if found > line:
                return Located(found, command.text.place, command.text.source)
    return None


def _extracts(command: Command) -> bool:
    names = {name for name, _ in command.call.flags}
    if names & {"-x", "--extract", "--get"}:
        return True
    words = command.call.words
    return bool(words) and not words[0].startswith("-") and "x" in words[0] and words[0].isalpha()


def _name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _paths(copy: Copy, source: str, target: str) -> Iterator[str]:
    """Every path whose removal removes what was copied: the file, as either name, and the folders above."""
    base = copy.base.value if copy.base is not None and not isinstance(copy.base.value, Unknown) else ""
    landed = _cleaned(target, base)
    inside = posixpath.normpath(posixpath.join(landed, _name(source)))
    # A relative path of a command starts from the working directory, as that of the COPY does.
    yield from (inside, posixpath.join(landed, "*"), _name(source))
    path = landed
    while path not in ("/", "", "."):
        yield path
        path = posixpath.dirname(path)


def _cleaned(path: str, directory: str) -> str:
    for home in ("~/", "$HOME/", "${HOME}/"):
        if path.startswith(home):
            path = "/root/" + path[len(home) :]
    return posixpath.normpath(posixpath.join(directory or "", path)) if path else path
