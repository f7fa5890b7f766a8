"""Credentials in a Dockerfile outside of variables and commands: labels, addresses that files come
from, and the texts that COPY and RUN write into files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from scanner.model.resources import Dockerfile, ResourceRef
from scanner.model.settings import WrittenCredential
from scanner.model.source import Located, Source, Span
from scanner.parsing.dockerfile_tree import DockerfileTree, Heredoc, Instruction, Pair, Word
from scanner.secrets.credentials import Credential, in_setting, telling
from scanner.secrets.files import credentials_in
from scanner.secrets.values import unquoted

MOST = 500
"""Credentials of one file that are told."""


def read_credentials(
    tree: DockerfileTree, source: Source, dockerfile: Dockerfile
) -> tuple[WrittenCredential, ...]:
    """Return the credentials that a file writes into its image elsewhere than in ENV and commands."""
    found: list[WrittenCredential] = []
    stage = -1
    for instruction in tree.instructions:
        stage += instruction.keyword == "FROM"
        ref = dockerfile.stages[stage].ref if 0 <= stage < len(dockerfile.stages) else dockerfile.ref
        inner = instruction.nested or instruction
        if inner.keyword == "LABEL":
            for pair in inner.pairs:
                found += _of_label(pair, source, ref)
        elif inner.keyword in ("COPY", "ADD"):
            for word in inner.arguments[:-1]:
                found += _of_address(word, source, ref)
            for heredoc in inner.heredocs:
                found += _of_text(inner.arguments[-1].text, heredoc, source, ref)
        elif inner.keyword == "RUN":
            for heredoc in inner.heredocs:
                found += _of_script(inner, heredoc, source, ref)
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _of_label(pair: Pair, source: Source, ref: ResourceRef) -> Iterator[WrittenCredential]:
    if pair.value is None or "$" in pair.value.text:
        return
    name = unquoted(pair.key.text)
    for one in in_setting(name, unquoted(pair.value.text)):
        yield _written(one, name, pair.value.span, pair.value.text, source, ref, "field")
        return


def _of_address(word: Word, source: Source, ref: ResourceRef) -> Iterator[WrittenCredential]:
    if "//" in word.text and not word.text.startswith("<<"):
        for one in telling(word.text):
            yield _written(one, "address", word.span, word.text, source, ref, "field")
            return


def _of_script(
    inner: Instruction, heredoc: Heredoc, source: Source, ref: ResourceRef
) -> Iterator[WrittenCredential]:
    """The files that a script of RUN writes; its own commands are told as commands."""
    command = "" if not inner.arguments else inner.arguments[-1].text
    target = _target().search(command)
    if target is not None or _writer().match(command):
        yield from _of_text(target["path"] if target is not None else "", heredoc, source, ref)
        return
    for name, begin, end in _written_in(heredoc.body):
        inside = heredoc._replace(body=heredoc.body[begin:end], start=heredoc.start + begin)
        yield from _of_text(name, inside, source, ref)


def _of_text(name: str, heredoc: Heredoc, source: Source, ref: ResourceRef) -> Iterator[WrittenCredential]:
    lines = heredoc.lines
    for one in credentials_in(name, heredoc.body):
        begin, end = heredoc.start + one.begin, heredoc.start + one.end
        span = Span(*lines.position(begin), *lines.position(end))
        label = f"{name}: {one.name}" if name else one.name
        yield _written(one, label, span, heredoc.body[one.begin : one.end], source, ref, "file")


def _written(
    one: Credential, name: str, span: Span, text: str, source: Source, ref: ResourceRef, kind: str
) -> WrittenCredential:
    value = Located(text, span, source)
    return WrittenCredential(ref, Located(name, span, source), value, kind, ref.name, one.verdict.value)


def _written_in(script: str) -> Iterator[tuple[str, int, int]]:
    """The here-documents of a script that are written to a file: its path, and where the text stands."""
    end_mark = path = ""
    at = begin = 0
    for line in script.splitlines(keepends=True):
        if end_mark:
            if line.strip() == end_mark:
                yield path, begin, at
                end_mark = ""
        elif "<<" in line and (mark := _mark().search(line)) is not None:
            target = _target().search(line)
            if target is not None or _writer().match(line):
                end_mark, path, begin = mark[1], "" if target is None else target["path"], at + len(line)
        at += len(line)


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(r"<<-?[ \t]{0,4}[\"']?([A-Za-z_]\w{0,40})")


@cache
def _target() -> re.Pattern[str]:
    return re.compile(r">{1,2}[ \t]{0,4}[\"']?(?P<path>[\w./~${}-]{1,200})")


@cache
def _writer() -> re.Pattern[str]:
    return re.compile(r"\s{0,20}(?:sudo )?(?:tee|dd)\b")
