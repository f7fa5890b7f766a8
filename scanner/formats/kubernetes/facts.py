"""Reading typed facts out of the mappings of a Kubernetes object."""

from __future__ import annotations

from typing import Any

from scanner.model.report import Diagnostic
from scanner.model.resources import Fact
from scanner.model.source import Located, Source, Unknown
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    entries,
    is_null,
    is_plain,
    read_bool,
    read_int,
    scalar_text,
)

Index = dict[str, Pair]
"""A mapping's entries by key, as `entries` gives them."""

_EMPTY: Index = {}


class FactReader:
    """Reads the fields of one source's objects.

    A field that is missing or null is absent (None). A field of the wrong type is a
    diagnostic and becomes Unknown, and `certain` turns false. Booleans follow YAML 1.1
    as sigs.k8s.io/yaml reads it.
    """

    __slots__ = ("certain", "diagnostics", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.certain = True

    def boolean(self, index: Index, key: str) -> Fact[bool]:
        """A boolean field."""
        pair = index.get(key)
        return None if pair is None else self.as_boolean(pair)

    def as_boolean(self, pair: Pair) -> Fact[bool]:
        """The boolean of an entry."""
        value = read_bool(pair[1], yaml_1_1=True)
        if value is None:
            return self._mistyped(pair, "a boolean")
        return Located(value, pair, self.source)

    def integer(self, index: Index, key: str) -> Fact[int]:
        """An integer field."""
        pair = index.get(key)
        return None if pair is None else self.as_integer(pair)

    def as_integer(self, pair: Pair) -> Fact[int]:
        """The integer of an entry."""
        value = read_int(pair[1])
        if value is None:
            return self._mistyped(pair, "a whole number")
        return Located(value, pair, self.source)

    def as_numeral(self, pair: Pair) -> tuple[Fact[int], Fact[str]]:
        """The integer of an entry, and the text that it is written as."""
        number = self.as_integer(pair)
        if number is None:
            return None, None
        text = scalar_text(pair[1])
        if text is None:
            return number, Located(Unknown(f"no text stands for '{pair[0].value}'"), pair, self.source)
        return number, Located(text, pair, self.source)

    def text(self, index: Index, key: str) -> Fact[str]:
        """A field that holds text, or a number taken as text."""
        pair = index.get(key)
        return None if pair is None else self.as_text(pair)

    def as_text(self, pair: Pair) -> Fact[str]:
        """The text of an entry, or its number taken as text."""
        node = pair[1]
        if node.__class__ is ScalarNode:
            if not node.style and is_null(node):
                return None
            return Located(node.value, pair, self.source)
        return self._mistyped(pair, "text")

    def mapping(self, index: Index, key: str) -> Index:
        """The entries of a mapping field; empty when it is absent or mistyped."""
        pair = index.get(key)
        return _EMPTY if pair is None else self.as_mapping(pair)

    def as_mapping(self, pair: Pair) -> Index:
        """The entries of an entry's mapping."""
        node = pair[1]
        if node.__class__ is MappingNode:
            return entries(node)
        self._mistyped(pair, "a mapping")
        return _EMPTY

    def items(self, index: Index, key: str) -> list[Node]:
        """The items of a list field; empty when it is absent or mistyped."""
        pair = index.get(key)
        if pair is None:
            return []
        node = pair[1]
        if node.__class__ is SequenceNode:
            return node.value
        self._mistyped(pair, "a list")
        return []

    def objects(self, index: Index, key: str) -> list[tuple[Node, Index]]:
        """The mappings of a list field, each with its node; other items are diagnostics."""
        found: list[tuple[Node, Index]] = []
        for item in self.items(index, key):
            if item.__class__ is MappingNode:
                found.append((item, entries(item)))
            elif not is_null(item):
                self.complain(item, f"expected a mapping as item of '{key}', found {describe(item)}")
        return found

    def scalars(self, index: Index, key: str) -> list[ScalarNode]:
        """The texts of a list field, each with its node; other items are diagnostics."""
        found: list[ScalarNode] = []
        for item in self.items(index, key):
            if item.__class__ is ScalarNode:
                found.append(item)
            else:
                self.complain(item, f"expected text as item of '{key}', found {describe(item)}")
        return found

    def labels(self, index: Index) -> dict[str, str]:
        """The entries of a mapping from text to text; other values are diagnostics."""
        found: dict[str, str] = {}
        for key, pair in index.items():
            node = pair[1]
            if node.__class__ is ScalarNode:
                found[key] = node.value
            else:
                self._mistyped(pair, "text")
        return found

    def as_texts(self, pair: Pair) -> Fact[tuple[str, ...]]:
        """The texts of an entry's list."""
        node = pair[1]
        if node.__class__ is not SequenceNode:
            return self._mistyped(pair, "a list")
        values = []
        for item in node.value:
            if item.__class__ is not ScalarNode:
                message = f"expected text as item of '{pair[0].value}', found {describe(item)}"
                self.complain(item, message)
                return Located(Unknown(message), pair, self.source)
            values.append(item.value)
        return Located(tuple(values), pair, self.source)

    def as_presence(self, pair: Pair) -> Located[str] | None:
        """That an entry is there at all; the value is its key."""
        if is_null(pair[1]):
            return None
        return Located(pair[0].value, pair, self.source)

    def presence(self, index: Index, key: str) -> Located[str] | None:
        """That a field is there at all; the value is its key."""
        pair = index.get(key)
        return None if pair is None else self.as_presence(pair)

    def complain(self, place: Any, message: str) -> None:
        """Report a place whose content cannot be read."""
        self._report(place, "error", message)
        self.certain = False

    def warn(self, place: Any, message: str) -> None:
        """Report a place that is read all the same, though hardly as its author means."""
        self._report(place, "warning", message)

    def _report(self, place: Any, severity: str, message: str) -> None:
        path, span = self.source.locate(place)
        self.diagnostics.append(Diagnostic(path, span.line, span.column, severity, message))

    def _mistyped(self, pair: Pair, wanted: str) -> Located[Unknown] | None:
        if is_null(pair[1]):
            return None
        message = f"expected {wanted} for '{pair[0].value}', found {describe(pair[1])}"
        self.complain(pair, message)
        return Located(Unknown(message), pair, self.source)


def describe(node: Node) -> str:
    """Say in words what stands in a node, for messages; long text is cut."""
    if node.__class__ is MappingNode:
        # To YAML, `{{ .Name }}` is a mapping whose only key is one.
        is_placeholder = len(node.value) == 1 and node.value[0][0].__class__ is MappingNode
        return "a placeholder {{ }}, for a template engine to fill in" if is_placeholder else "a mapping"
    if node.__class__ is SequenceNode:
        return "a list"
    whole = scalar_text(node) or ""
    text = whole if len(whole) <= 40 else whole[:40] + "..."
    return f"'{text}'" if is_plain(node) else f"the text '{text}'"
