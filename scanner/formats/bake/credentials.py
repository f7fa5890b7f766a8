"""Credentials that a Bake file writes out: defaults of variables, arguments, labels, and any text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.resources import ResourceRef
from scanner.model.settings import WrittenCredential
from scanner.model.source import Located, Span, SpanSource
from scanner.parsing.hcl_tree import (
    Block,
    Body,
    Call,
    Expression,
    ListOf,
    Literal,
    Loop,
    MapOf,
    Operation,
    Template,
)
from scanner.secrets.credentials import in_setting

MOST = 500
"""Credentials of one definition that are told."""

_DEEPEST = 100
_PASSED_OVER = frozenset(("description", "dockerfile-inline"))


def read_credentials(bodies: Iterable[tuple[Body, SpanSource]]) -> tuple[WrittenCredential, ...]:
    """Return what stands in the files of a definition, whichever of them wins."""
    found: list[WrittenCredential] = []
    for body, source in bodies:
        for name, setting in body.settings.items():
            found += _written(name, setting.value, source, ResourceRef("bake variable", name))
        for block in body.blocks:
            found += _of_block(block, source)
        if len(found) > MOST:
            break
    return tuple(found[:MOST])


def _of_block(block: Block, source: SpanSource) -> Iterator[WrittenCredential]:
    label = block.labels[0][0] if block.labels else block.kind
    ref = ResourceRef(f"bake {block.kind}", label)
    for name, setting in block.body.settings.items():
        if name not in _PASSED_OVER:
            is_default = block.kind == "variable" and name == "default"
            yield from _written(label if is_default else name, setting.value, source, ref)
    for inner in block.body.blocks:
        yield from _of_block(inner, source)


def _written(
    name: str, value: Expression, source: SpanSource, ref: ResourceRef
) -> Iterator[WrittenCredential]:
    for label, text, span in _texts(name, value, 0):
        for one in in_setting(label, text):
            place = Located(label, span, source)
            yield WrittenCredential(
                ref, place, Located(text, span, source), "field", ref.name, one.verdict.value
            )
            break


def _texts(name: str, value: Expression, depth: int) -> Iterator[tuple[str, str, Span]]:
    """The texts in an expression, each with the name that it is given to."""
    if depth > _DEEPEST:
        return
    match value:
        case Literal(span, str() as text):
            yield name, text, span
        case Template(span, parts):
            yield name, "".join(part if isinstance(part, str) else "${}" for part in parts), span
        case ListOf(_, items):
            for item in items:
                yield from _texts("", item, depth + 1)
        case MapOf(_, entries):
            for key, item in entries:
                label = key.value if isinstance(key, Literal) and isinstance(key.value, str) else ""
                yield from _texts(label, item, depth + 1)
        case Call(_, _, arguments):
            for item in arguments:
                yield from _texts(name, item, depth + 1)
        case Operation(_, _, operands):
            for item in operands:
                yield from _texts(name, item, depth + 1)
        case Loop():
            yield from _texts(name, value.value, depth + 1)
        case _:
            pass
