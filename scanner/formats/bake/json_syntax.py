"""Bake files in JSON as the syntax of HCL (hashicorp/hcl, json/spec.md): texts are templates."""

from __future__ import annotations

from scanner.errors import ParseError
from scanner.parsing.hcl import MAX_LENGTH, parse_template
from scanner.parsing.hcl_tree import Block, Body, Expression, ListOf, Literal, MapOf, Setting
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    YamlSource,
    is_null,
    parse_yaml,
    read_bool,
    read_int,
    scalar_text,
    span_of,
)

MAX_DEPTH = 50
"""Collections nested deeper than this are refused."""

_BLOCKS = frozenset(("variable", "function", "group", "target"))


def parse_json_body(text: str, path: str) -> Body:
    """Return the body of a file. Raises ParseError with path, line and column."""
    if len(text) > MAX_LENGTH:
        raise ParseError(
            f"the file is longer than {MAX_LENGTH // 1024 // 1024} MiB", path=path, line=1, column=1
        )
    file = parse_yaml(text, path)
    if file.errors:
        raise file.errors[0]
    roots = [root for _, root in file.documents if root is not None]
    if len(roots) > 1 or (roots and roots[0].__class__ is not MappingNode):
        raise ParseError("a Bake file in JSON is one object", path=path, line=1, column=1)
    return _Reader(file.source, len(text)).body(roots[0]) if roots else Body({}, ())


def _items(node: Node) -> list[Node]:
    """The items of a list; what is none stands for itself (spec: a block may be one object or several)."""
    return node.value if node.__class__ is SequenceNode else [node]


class _Reader:
    def __init__(self, source: YamlSource, budget: int) -> None:
        self._source = source
        self._left = budget  # a node takes up a character, if no alias makes it count twice

    def body(self, root: Node) -> Body:
        settings: dict[str, Setting] = {}
        blocks: list[Block] = []
        for key, value in self._pairs(root):
            if key.value in _BLOCKS:
                for labels in _items(value):
                    for label, inner in self._pairs(labels):
                        blocks += [self._block(key, label, body) for body in _items(inner)]
            else:
                settings[key.value] = self._setting(key, value)
        return Body(settings, tuple(blocks))

    def _block(self, kind: ScalarNode, label: ScalarNode, body: Node) -> Block:
        settings = {key.value: self._setting(key, value) for key, value in self._pairs(body)}
        return Block(kind.value, span_of(kind), ((label.value, span_of(label)),), Body(settings, ()))

    def _setting(self, key: ScalarNode, value: Node) -> Setting:
        return Setting(key.value, span_of(key), self._expression(value, 0))

    def _pairs(self, node: Node) -> list[Pair]:
        if node.__class__ is not MappingNode:
            raise self._error(node, "expected an object")
        pairs: list[Pair] = []
        for key, value in node.value:
            if key.__class__ is not ScalarNode:
                raise self._error(key, "expected a name")
            pairs.append((key, value))
        return pairs

    def _expression(self, node: Node, depth: int) -> Expression:
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise self._error(node, f"nested more than {MAX_DEPTH} deep")
        span = self._source.locate(node).span
        if node.__class__ is SequenceNode:
            return ListOf(span, tuple(self._expression(item, depth + 1) for item in node.value))
        if node.__class__ is MappingNode:
            return MapOf(
                span,
                tuple(
                    (self._expression(key, depth + 1), self._expression(value, depth + 1))
                    for key, value in node.value
                ),
            )
        if isinstance(node, ScalarNode) and node.style:
            return parse_template(node.value, span, self._source.path)
        if is_null(node):
            return Literal(span, None)
        truth = read_bool(node, yaml_1_1=False)
        if truth is not None:
            return Literal(span, truth)
        number = read_int(node)
        if number is not None:
            return Literal(span, number)
        try:
            return Literal(span, float(scalar_text(node) or ""))
        except ValueError:
            raise self._error(node, "expected a JSON value") from None

    def _error(self, node: Node, message: str) -> ParseError:
        path, span = self._source.locate(node)
        return ParseError(message, path=path, line=span.line, column=span.column)
