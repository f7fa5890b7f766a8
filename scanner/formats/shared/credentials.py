"""Credentials in YAML of any kind: in the fields of an object, and in the files that it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from scanner.model.resources import Argument, ResourceRef
from scanner.model.settings import WrittenCredential
from scanner.model.source import Located, Source, Unknown
from scanner.parsing.yaml import MappingNode, Node, Pair, ScalarNode, SequenceNode
from scanner.secrets.credentials import Credential, in_setting, in_words, noun_of
from scanner.secrets.files import credentials_in, is_file

MOST = 500
"""Credentials of one object that are told; there is no end to what a hostile file holds."""

_MOST_NODES = 100_000
_SHORTEST = 4
_SHORTEST_TELLING = 16
_LONGEST_KEPT = 400
_FOR_PEOPLE = frozenset(("description", "message", "summary", "title", "help", "documentation", "comment"))


class Leaf(NamedTuple):
    """A scalar whose name or text may hold a credential; `place` is its entry, or itself in a list."""

    name: str
    node: ScalarNode
    place: Pair | Node


def suspects(root: Node, passed_over: Collection[str] = ()) -> Iterator[Leaf]:
    """Yield the scalars below a node that may hold a credential, without what stands under some keys.

    In `name: x` beside `value: y` the name of the value is x. Each collection is entered once,
    however many aliases it has.
    """
    pending: list[tuple[Node, str]] = [(root, "")]
    seen: set[int] = set()
    while pending and len(seen) < _MOST_NODES:
        node, name = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.__class__ is MappingNode:
            for pair in node.value:
                key, value = pair
                if key.__class__ is not ScalarNode or key.value in passed_over:
                    continue
                if value.__class__ is not ScalarNode:
                    pending.append((value, key.value))
                    continue
                # As `is_suspect` has it, for most scalars are none and there are very many.
                text = value.value
                if len(text) < _SHORTEST:
                    continue
                label = key.value
                if label == "value":
                    label = _named(node)
                is_sure = noun_of(label) is not None
                if (
                    is_sure or (len(text) >= _SHORTEST_TELLING and _tells(text))
                ) and label not in _FOR_PEOPLE:
                    yield Leaf(label, value, (key, value))
        elif node.__class__ is SequenceNode:
            for item in node.value:
                if item.__class__ is not ScalarNode:
                    pending.append((item, name))
                elif is_suspect("", item.value):
                    yield Leaf("", item, item)


def of_leaf(leaf: Leaf, source: Source, ref: ResourceRef, kind: str) -> Iterator[WrittenCredential]:
    """Yield the credentials of a scalar, as a setting or as the text of a file."""
    text: str = leaf.node.value
    found = credentials_in(leaf.name, text) if "\n" in text.strip() else in_setting(leaf.name, text)
    for one in found:
        name = (
            leaf.name
            if one.name in ("", leaf.name)
            else f"{leaf.name}: {one.name}"
            if leaf.name
            else one.name
        )
        yield written(one, name, leaf, source, ref, kind)


def of_file(
    name: str, leaf: Leaf, source: Source, ref: ResourceRef, kind: str
) -> Iterator[WrittenCredential]:
    """Yield the credentials of a scalar that is a file of this name; none where it is no file."""
    text: str = leaf.node.value
    if is_file(name, text):
        for one in credentials_in(name, text):
            yield written(one, f"{name}: {one.name}" if one.name else name, leaf, source, ref, kind)


def written(
    one: Credential, name: str, leaf: Leaf, source: Source, ref: ResourceRef, kind: str
) -> WrittenCredential:
    """Return a credential of a scalar at its own place, or at the scalar's where that is not known."""
    text: str = leaf.node.value
    value = part_of(source, leaf.node, one.begin, one.end)
    label = Located(name, leaf.place, source)
    return WrittenCredential(
        ref, label, value or Located(text, leaf.node, source), kind, ref.name, one.verdict.value
    )


def part_of(source: Source, node: ScalarNode, begin: int, end: int) -> Located[str] | None:
    """Return a part of a scalar at its own place; None where the source does not tell that."""
    find = getattr(source, "part", None)
    found = None if find is None else find(node, begin, end)
    return None if found is None else Located(node.value[begin:end], found[1], found[0])


def with_credentials(words: Sequence[Argument]) -> tuple[Argument, ...]:
    """Return the words of one command line, those that give a credential away with it.

    A script that gives several away is followed by each further one of them, as a word of its own.
    """
    texts = ["" if isinstance(word.text.value, Unknown) else word.text.value for word in words]
    found = in_words(texts)
    if not found:
        return tuple(words)
    told = list(words)
    for number, spans in found.items():
        word = words[number]
        parts = [_part_of_word(word, texts[number], *span) for span in spans]
        told[number] = Argument(word.text, word.before, word.use, parts[0])
        told += (Argument(part, None, word.use, part) for part in parts[1:])
    return tuple(told)


def _part_of_word(word: Argument, text: str, begin: int, end: int) -> Located[str | Unknown]:
    place = word.text.place
    node = place if isinstance(place, ScalarNode) else place[1] if isinstance(place, tuple) else None
    exact: Located[str | Unknown] | None = None
    if isinstance(node, ScalarNode) and node.value == text:
        exact = part_of(word.text.source, node, begin, end)
    return exact or word.text._replace(value=text[begin:end])


def _named(node: MappingNode) -> str:
    for key, value in node.value:
        if value.__class__ is ScalarNode and key.__class__ is ScalarNode and key.value in ("name", "key"):
            name: str = value.value
            return name
    return "value"


def is_suspect(name: str, text: str) -> bool:
    """Whether a scalar under a name may hold a credential: the cheap test for all the others."""
    length = len(text)
    if length < _SHORTEST:
        return False
    if name and noun_of(name) is not None:
        return True
    if length < _SHORTEST_TELLING:
        return False
    return _tells(text)


def _tells(text: str) -> bool:
    return _told(text) if len(text) <= _LONGEST_KEPT else _may_tell(text)


@lru_cache(maxsize=4096)
def _told(text: str) -> bool:
    return _may_tell(text)


def _may_tell(text: str) -> bool:
    """Whether a text may hold a credential under whatever name; the same texts come up again and again."""
    return "\n" in text.strip() or any(True for _ in in_setting("", text))
