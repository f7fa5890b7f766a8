"""Literal texts that a pattern cannot do without: most texts lack them, and that is quickly seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.patterns.tree import Assertion, Chars, Node, Repeat, Sequence


class Literals(NamedTuple):
    """What every text in which the pattern is found begins with (`prefix`) and holds (`needle`).

    Empty ones ask for nothing. `is_all` says that a text which has them is sure to fit.
    """

    prefix: str
    needle: str
    is_all: bool


def literals_of(tree: Node) -> Literals:
    """Return the literal texts that a pattern needs."""
    items = list(_flat(tree))
    runs = [""]
    for item in items:
        char = item.of.single() if isinstance(item, Chars) else None
        if char is not None:
            runs[-1] += char
        else:
            runs.append("")
    prefix = ""
    anchored = bool(items) and items[0] is Assertion.START
    if anchored:
        prefix = runs[1]
    needle = max(runs, key=len)
    literal = len(items) == len(needle) or (anchored and len(items) == 1 + len(prefix))
    return Literals(prefix, "" if needle == prefix else needle, literal)


def _flat(node: Node) -> Iterator[Node]:
    """Give the parts that a text goes through one after the other, whatever else it does."""
    if isinstance(node, Sequence):
        for part in node.parts:
            yield from _flat(part)
    elif isinstance(node, Repeat) and node.low:
        yield from _flat(node.part)
        if node.low > 1 or node.high != 1:
            yield Assertion.LINE_END  # what follows on the first copy is not known
    else:
        yield node
