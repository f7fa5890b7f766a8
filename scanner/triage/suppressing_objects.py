"""Suppressions in the annotations of Kubernetes objects and of their pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.model.resources import Document, UnitResources
from scanner.model.source import Location
from scanner.model.suppressions import ANNOTATION
from scanner.triage.suppressing_comments import words_of_annotation
from scanner.triage.suppressing_words import Words

_PODS = (
    "metadata.annotations",
    "spec.template.metadata.annotations",
    "spec.jobTemplate.spec.template.metadata.annotations",
)


class Annotated(NamedTuple):
    """An annotation that suppresses findings of an object: those of its kind, name, namespace and
    document in the unit."""

    words: Words
    place: Location
    of: tuple[str, str, str | None, int | None]


def annotations_of(resources: UnitResources) -> Iterator[Annotated]:
    """Yield the suppressions that stand in the objects of a unit."""
    for document in resources.documents:
        kind, name, namespace, _, number = document.ref
        for words, place in _of_document(document):
            yield Annotated(words, place, (kind, name, namespace, number))


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
