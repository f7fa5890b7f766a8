"""Label selectors, and the mappings of text that they are compared with."""

from __future__ import annotations

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.model.basics import EnvVar
from scanner.model.cluster import Requirement, Selector
from scanner.model.source import Located, Unknown


def read_selector(index: Index, key: str, facts: FactReader) -> Selector | None:
    """Return the LabelSelector of a field (meta/v1), None when there is none."""
    place = facts.presence(index, key)
    if place is None:
        return None
    return selector_of(facts.mapping(index, key), place, facts)


def read_plain_selector(index: Index, key: str, facts: FactReader) -> Selector | None:
    """Return the selector of a field that maps labels to values (a Service's)."""
    place = facts.presence(index, key)
    if place is None:
        return None
    mapping = facts.mapping(index, key)
    labels = facts.labels(mapping)
    return Selector(place, labels, certain=len(labels) == len(mapping))


def selector_of(selector: Index, place: Located[str], facts: FactReader) -> Selector:
    """Return the LabelSelector whose entries these are."""
    written = facts.mapping(selector, "matchLabels")
    labels = facts.labels(written)
    certain = len(labels) == len(written)
    requirements = []
    for _, index in facts.objects(selector, "matchExpressions"):
        key, operator = facts.text(index, "key"), facts.text(index, "operator")
        values = facts.as_texts(index["values"]) if "values" in index else None
        known = values is None or not isinstance(values.value, Unknown)
        if key is None or operator is None or not known:
            certain = False
            continue
        found = values.value if values is not None and not isinstance(values.value, Unknown) else ()
        requirements.append(Requirement(str(key.value), str(operator.value), found))
    return Selector(place, labels, tuple(requirements), certain)


def read_annotations(index: Index, facts: FactReader) -> tuple[EnvVar, ...]:
    """Return the annotations of the object that `index` is."""
    metadata = facts.mapping(index, "metadata")
    return read_entries(facts.mapping(metadata, "annotations"), facts, "literal")


def read_entries(index: Index, facts: FactReader, origin: str) -> tuple[EnvVar, ...]:
    """Return a mapping's entries; the place of a value is the value alone, that it can be hidden."""
    found = []
    for key, pair in index.items():
        value = facts.as_text(pair)
        if value is not None:
            value = value._replace(place=pair[1])
        found.append(EnvVar(Located(key, pair, facts.source), value, origin))
    return tuple(found)


def read_names(index: Index, key: str, facts: FactReader) -> tuple[Located[str | Unknown], ...]:
    """Return the names of a list of references (`- name: x`)."""
    names = []
    for _, item in facts.objects(index, key):
        name = facts.text(item, "name")
        if name is not None:
            names.append(name)
    return tuple(names)
