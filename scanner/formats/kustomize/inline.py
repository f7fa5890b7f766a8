"""Texts in YAML that are written as a scalar inside a kustomization."""

from __future__ import annotations

from scanner.formats.kustomize.nodes import BlockSource, claim, origin_of, trouble
from scanner.parsing.yaml import Node, ScalarNode, YamlSource, parse_yaml


def parse_inline(item: ScalarNode, what: str) -> list[Node]:
    """Return the documents of a scalar's text, whose places are in the scalar. Raises
    FormatError, in which the text is called `what`, when it is not well-formed."""
    outer = origin_of(item)
    assert outer is not None
    file = parse_yaml(item.value, outer.path)
    written = outer.text if isinstance(outer, YamlSource) else ""
    source = BlockSource(file.source, outer, item, written)
    if file.errors:
        raise trouble(item, f"{what} is not well-formed: {file.errors[0].message}")
    roots = [root for _, root in file.documents if root is not None]
    for root in roots:
        claim(root, source)
    return roots
