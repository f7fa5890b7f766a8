"""The syntax of HCL: bodies of settings and blocks, and expressions with their spans."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from scanner.model.source import Span

Scalar: TypeAlias = "str | int | float | bool | None"


class Literal(NamedTuple):
    """A number, a boolean, null, or text without anything to fill in."""

    span: Span
    value: Scalar


class Template(NamedTuple):
    """Text with expressions to fill in; None stands for a directive (`%{ if ... }`), whose
    effect on the text around it is not modelled."""

    span: Span
    parts: tuple[str | Expression | None, ...]


class Variable(NamedTuple):
    """A name by itself."""

    span: Span
    name: str


class Access(NamedTuple):
    """`of.name` or `of[key]`; `key` is None for a splat (`of[*]`)."""

    span: Span
    of: Expression
    key: Expression | None


class Call(NamedTuple):
    """A function call; with `spread` the last argument is a list of further ones."""

    span: Span
    name: str
    arguments: tuple[Expression, ...]
    spread: bool = False


class ListOf(NamedTuple):
    """`[a, b]`."""

    span: Span
    items: tuple[Expression, ...]


class MapOf(NamedTuple):
    """`{ a = b }`; a bare word as a key is a text."""

    span: Span
    entries: tuple[tuple[Expression, Expression], ...]


class Operation(NamedTuple):
    """An operator with one or two operands; `?` has three."""

    span: Span
    operator: str
    operands: tuple[Expression, ...]


class Loop(NamedTuple):
    """`[for k, v in of : value if condition]`; with `key` the result is a map, in which
    `grouped` collects the values of a key."""

    span: Span
    names: tuple[str, ...]
    of: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool = False


Expression: TypeAlias = "Literal | Template | Variable | Access | Call | ListOf | MapOf | Operation | Loop"


class Setting(NamedTuple):
    """`name = value` in a body."""

    name: str
    span: Span
    value: Expression


class Block(NamedTuple):
    """`kind "label" { ... }`; each label has its span."""

    kind: str
    span: Span
    labels: tuple[tuple[str, Span], ...]
    body: Body


class Body(NamedTuple):
    """What stands between braces, or in a whole file; of settings of one name the last counts."""

    settings: dict[str, Setting]
    blocks: tuple[Block, ...]
