"""Suppressions in the annotations of Kubernetes objects and of their pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.model.resources import Document, UnitResources
from scanner.model.source import Location
from scanner.triage.suppressing_comments import ANNOTATION, words_of_annotation
from scanner.triage.suppressing_words import Words

_PODS = (
    "metadata.annotations",
    "spec.template.metadata.annotations",
    "spec.jobTemplate.spec.template.metadata.annotations",
)


class Annotated(NamedTuple):
    """An annotation that suppresses findings of an object: those of its kind, name, namespace and
    document at `paths`, in one environment."""

    words: Words
    place: Location
    of: tuple[str, str, str | None, int | None]
    environment: str
    paths: frozenset[str]


def annotations_of(resources: UnitResources, environment: str, paths: Iterable[str]) -> Iterator[Annotated]:
    """Yield the suppressions of a unit whose findings stand in some of the `paths`."""
    known = frozenset(paths)
    for document in resources.documents:
        kind, name, namespace, _, number = document.ref
        for words, place in _of_document(document):
            yield Annotated(words, place, (kind, name, namespace, number), environment, known)


def _of_document(document: Document) -> Iterator[tuple[Words, Location]]:
    for path in _PODS:
        for keys in document.find(path):
            for key in keys.value if isinstance(keys.value, tuple) else ():
                if not (isinstance(key, str) and key.startswith(ANNOTATION)) or "[" in key or "]" in key:
                    continue
                for fact in document.find(f"{path}[{key}]"):
                    words = words_of_annotation(key, fact.value if isinstance(fact.value, str) else "")
                    if words is not None:
                        yield words, fact.location
