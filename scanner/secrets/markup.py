"""Credentials in XML: `<password>x</password>`, and elements that name a setting in an attribute."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from scanner.secrets.credentials import Credential
from scanner.secrets.pairs import pairs, says_credential
from scanner.secrets.verdicts import Verdict

Counts: TypeAlias = Callable[[str, str], bool]


def in_markup(text: str, counts: Counts) -> Iterator[Credential]:
    """Yield the credentials in elements and attributes; `counts` judges a setting by name and value."""
    for found in _element().finditer(text):
        names = [found["tag"], *(one[1] for one in _naming().finditer(found["attributes"] or ""))]
        yield from _of_element(names[::-1], found["text"], found.start("text"), counts)
    for found in _tag().finditer(text):
        attributes = found[0]
        naming = _naming().search(attributes)
        giving = _giving().search(attributes)
        if naming is not None and giving is not None:
            yield from _of_element([naming[1]], giving[1], found.start() + giving.start(1), counts)
        for pair in pairs(attributes.replace("\n", " "), says_credential):
            if pair.separator == "=" and counts(pair.name, attributes[pair.begin : pair.end]):
                yield Credential(
                    pair.name, found.start() + pair.begin, found.start() + pair.end, Verdict.LITERAL
                )


def _of_element(names: list[str], text: str, begin: int, counts: Counts) -> Iterator[Credential]:
    value = text.strip()
    for name in names:
        if says_credential(name) and value and counts(name, value):
            begin += text.index(value)
            yield Credential(name, begin, begin + len(value), Verdict.LITERAL)
            return


@cache
def _element() -> re.Pattern[str]:
    return re.compile(r"<(?P<tag>[\w.:-]{1,80})(?P<attributes>\s[^<>]{0,400})?>(?P<text>[^<>]{1,500})</")


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(r"<[\w.:-]{1,80}\s[^<>]{1,1000}>")


@cache
def _naming() -> re.Pattern[str]:
    return re.compile(r"\b(?:name|key|id)\s?=\s?[\"']([^\"'<>]{1,120})[\"']")


@cache
def _giving() -> re.Pattern[str]:
    return re.compile(r"\bvalue\s?=\s?[\"']([^\"'<>]{1,400})[\"']")
