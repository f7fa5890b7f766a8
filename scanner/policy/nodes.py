"""Reading policy files: typed access to YAML nodes, with errors that say where and what."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from scanner.errors import RuleError
from scanner.model.rule import Operand, ParamRef
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    YamlFile,
    duplicate_keys,
    entries,
    is_null,
    is_plain,
    parse_yaml,
    read_bool,
    read_int,
    scalar_text,
    span_of,
)

E = TypeVar("E", bound=StrEnum)


MAX_TEXT = 2_000_000
"""Characters of a policy file."""

MAX_NODES = 200_000
"""Keys, values and collections of a policy file; one that aliases name counts each time."""

MAX_DEPTH = 100
"""Collections in collections; conditions have a lower limit of their own."""


class PolicyFile:
    """One policy file being read. Every method raises RuleError with path, line and column."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        if len(text) > MAX_TEXT:
            message = f"the file has {len(text)} characters, and may have {MAX_TEXT}"
            raise RuleError(message, path=path, line=1, column=1)
        file: YamlFile = parse_yaml(text, path)
        if file.errors:
            error = file.errors[0]
            raise RuleError(error.message, path=path, line=error.line, column=error.column)
        roots = [document.root for document in file.documents if document.root is not None]
        if len(roots) != 1:
            raise RuleError(f"expected one document, found {len(roots)}", path=path, line=1, column=1)
        self.root = roots[0]
        self._check_bounds()
        for first, second in duplicate_keys(self.root):
            self.fail(second, f"key '{second.value}' stands twice, first in line {span_of(first).line}")

    def _check_bounds(self) -> None:
        """Refuse a tree that is too large or too deep to be walked as it is: aliases make a small text
        a large tree, or one without an end."""
        count = 0
        pending = [(self.root, 0)]
        while pending:
            node, depth = pending.pop()
            items: list[Node] = node.value if node.__class__ is SequenceNode else []
            if node.__class__ is MappingNode:
                items = [part for pair in node.value for part in pair]
            count += 1
            if count + len(items) > MAX_NODES:
                self._refuse(node, f"the file has more than {MAX_NODES} values, those of aliases included")
            if items and depth >= MAX_DEPTH:
                self._refuse(node, f"collections are nested more than {MAX_DEPTH} deep")
            pending += [(item, depth + 1) for item in items]

    def _refuse(self, node: Node, message: str) -> None:
        """Raise a RuleError where a node begins; where it ends nobody knows of one without an end."""
        mark = node.start_mark
        raise RuleError(message, path=self.path, line=mark.line + 1, column=mark.column + 1)

    def fail(self, node: Node, message: str, hint: str | None = None) -> RuleError:
        """Raise a RuleError at a node."""
        span = span_of(node)
        raise RuleError(message, path=self.path, line=span.line, column=span.column, hint=hint)

    def fail_within(
        self, node: Node, text: str, offset: int, message: str, hint: str | None = None
    ) -> RuleError:
        """Raise a RuleError at a character of a scalar's text, counted from 0.

        Where escapes or line breaks make the text differ from what is written, the message tells the
        character and the error stands at the node.
        """
        span = span_of(node)
        quotes = int(span.end_column - span.column == len(text) + 2)
        if span.end_line == span.line and span.end_column - span.column in (len(text), len(text) + 2):
            column = span.column + quotes + offset
        else:
            column = span.column
            message = f"{message} (at its character {offset + 1})"
        raise RuleError(message, path=self.path, line=span.line, column=column, hint=hint)

    def mapping(self, node: Node, what: str) -> dict[str, Node]:
        """The entries of a mapping with text keys, those that it merges (`<<`) among them."""
        return {key: pair[1] for key, pair in self.pairs(node, what).items()}

    def pairs(self, node: Node, what: str) -> dict[str, Pair]:
        """The same entries, each with the node of its key."""
        if node.__class__ is not MappingNode:
            raise self.fail(node, f"expected a mapping for {what}")
        for key, _ in node.value:
            if key.__class__ is not ScalarNode:
                raise self.fail(key, f"expected text as key in {what}")
        return entries(node)

    def keys(
        self, node: Node, what: str, required: Iterable[str], optional: Iterable[str]
    ) -> dict[str, Node]:
        """The entries of a mapping that has these keys and no others."""
        pairs = self.pairs(node, what)
        known = [*required, *optional]
        for key, pair in pairs.items():
            if key not in known:
                self.fail(pair[0], f"unknown key '{key}' in {what}", suggest(key, known))
        for name in required:
            if name not in pairs:
                self.fail(node, f"{what} lacks '{name}'")
        return {key: pair[1] for key, pair in pairs.items()}

    def sequence(self, node: Node, what: str) -> list[Node]:
        """The items of a list."""
        if node.__class__ is not SequenceNode:
            raise self.fail(node, f"expected a list for {what}")
        return node.value

    def text(self, node: Node, what: str) -> str:
        """A text that is not empty; block text is returned without its last line end."""
        if node.__class__ is not ScalarNode or is_null(node) or not node.value.strip():
            raise self.fail(node, f"expected text for {what}")
        return node.value.strip()

    def block(self, node: Node, what: str) -> str:
        """A text just as it is written."""
        text = scalar_text(node)
        if text is None:
            raise self.fail(node, f"expected text for {what}")
        return text

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        if node.__class__ is ScalarNode:
            return (self.text(node, what),)
        return tuple(self.text(item, what) for item in self.sequence(node, what))

    def choice(self, node: Node, what: str, choices: type[E]) -> E:
        """One of an enumeration's values."""
        text = self.text(node, what)
        try:
            return choices(text)
        except ValueError:
            names = [member.value for member in choices]
            hint = suggest(text, names) or f"use one of {', '.join(names)}"
            raise self.fail(node, f"unknown {what} '{text}'", hint) from None

    def boolean(self, node: Node, what: str) -> bool:
        """true or false (YAML 1.2)."""
        value = read_bool(node, yaml_1_1=False)
        if value is None:
            raise self.fail(node, f"expected true or false for {what}")
        return value

    def operand(self, node: Node, what: str) -> Operand:
        """A scalar, a list of scalars, or `{param: name}`."""
        if node.__class__ is SequenceNode:
            for item in node.value:
                if item.__class__ is not ScalarNode:
                    self.fail(item, f"expected plain values in the list for {what}")
            return tuple(self.operand(item, what) for item in node.value)
        if node.__class__ is MappingNode:
            only = self.keys(node, what, ("param",), ())
            return ParamRef(self.text(only["param"], "param"))
        if is_null(node):
            raise self.fail(node, f"expected a value for {what}, found null")
        if is_plain(node):
            boolean = read_bool(node, yaml_1_1=False)
            if boolean is not None:
                return boolean
            number = read_int(node)
            if number is not None:
                return number
        return self.block(node, what)


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return "did you mean ..." for the nearest known word, or None."""
    import difflib  # costs a millisecond; needed only when something is wrong

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else None
