"""Builders of syntax trees: the few kinds of nodes that generated code is made of.

Code is generated as a tree of Python's `ast`, never as text: what a rule says can become a constant
in the tree and nothing else. Builders that take a word (`name`, `member`, `call`'s keywords) are
given words of our own tables; `closed` tells what is none. A node may stand in a tree several times.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache

__all__ = [
    "added",
    "all_of",
    "any_of",
    "assigned",
    "call",
    "chosen",
    "class_of",
    "compared",
    "constant",
    "done",
    "each_of",
    "every",
    "first_of",
    "for_each",
    "function",
    "guarded",
    "item_of",
    "kept_as",
    "member",
    "module",
    "name",
    "negated",
    "nothing",
    "returned",
    "some",
    "tuple_of",
    "unpacked",
    "when",
]


# The compiler wants a place of every node. All of them stand at one, which the types say: an
# attribute for each node would cost as much as making it.
class Name(ast.Name):
    """A name."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Constant(ast.Constant):
    """A plain value."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Attribute(ast.Attribute):
    """A member of something."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Subscript(ast.Subscript):
    """What stands at an index."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Call(ast.Call):
    """A call."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class keyword(ast.keyword):  # unparse knows nodes by the names of their types
    """An argument with its name."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class BoolOp(ast.BoolOp):
    """Operands joined by `and` or `or`."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class BinOp(ast.BinOp):
    """A sum."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class UnaryOp(ast.UnaryOp):
    """A negation."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Compare(ast.Compare):
    """A comparison of two."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class IfExp(ast.IfExp):
    """One of two, by a test."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class NamedExpr(ast.NamedExpr):
    """A value that gets a name."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class GeneratorExp(ast.GeneratorExp):
    """Something of each item."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Tuple(ast.Tuple):
    """Several in a row."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Expr(ast.Expr):
    """An expression as a statement."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Assign(ast.Assign):
    """An assignment."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class If(ast.If):
    """A condition."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class For(ast.For):
    """A loop."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Try(ast.Try):
    """Statements with a guard."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class ExceptHandler(ast.ExceptHandler):
    """The guard."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class Return(ast.Return):
    """The end of a function."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class FunctionDef(ast.FunctionDef):
    """A function."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


class arg(ast.arg):
    """A parameter."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0


_LOAD, _STORE = ast.Load(), ast.Store()
_AND, _OR, _NOT, _ADD = ast.And(), ast.Or(), ast.Not(), ast.Add()
_COMPARISONS: dict[str, ast.cmpop] = {
    "is": ast.Is(),
    "is not": ast.IsNot(),
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "in": ast.In(),
    "not in": ast.NotIn(),
}

CONSTANTS = (str, int, bool, float)
"""The exact types of values that may stand in a tree; None may as well."""


@lru_cache(maxsize=1024)
def name(word: str) -> ast.expr:
    """Return what a name stands for."""
    return Name(word, _LOAD)


def constant(value: object) -> ast.expr:
    """Return a plain value: text, a number or a truth value. Raises TypeError for anything else, which
    has to be bound to a name."""
    if value.__class__ not in CONSTANTS:
        raise TypeError(f"no constant: {value.__class__.__name__}")
    return Constant(value)


def nothing() -> ast.expr:
    """Return None."""
    return Constant(None)


def member(of: ast.expr, word: str) -> ast.expr:
    """Return a member of something, `of.word`; a dotted word is a member of a member."""
    for step in word.split("."):
        of = Attribute(of, step, _LOAD)
    return of


def class_of(value: ast.expr) -> ast.expr:
    """Return the type of a value, by which it is told apart faster than by isinstance."""
    return Attribute(value, "__class__", _LOAD)


def item_of(of: ast.expr, index: int) -> ast.expr:
    """Return what stands at an index."""
    return Subscript(of, Constant(index), _LOAD)


def call(function: ast.expr, *arguments: ast.expr, named: Sequence[tuple[str, ast.expr]] = ()) -> ast.expr:
    """Return a call, with arguments by position and `named` ones."""
    return Call(function, list(arguments), [keyword(word, value) for word, value in named])


def every(parts: Sequence[ast.expr]) -> ast.expr:
    """Return that all of the parts hold, asked in their order; of none, that is true."""
    if len(parts) < 2:
        return parts[0] if parts else Constant(True)
    return BoolOp(_AND, list(parts))


def some(parts: Sequence[ast.expr]) -> ast.expr:
    """Return the first of the parts that holds, or the last."""
    return parts[0] if len(parts) == 1 else BoolOp(_OR, list(parts))


def negated(part: ast.expr) -> ast.expr:
    """Return that a part does not hold."""
    return UnaryOp(_NOT, part)


def compared(left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
    """Return a comparison of two; `sign` is Python's."""
    return Compare(left, [_COMPARISONS[sign]], [right])


def added(parts: Sequence[ast.expr]) -> ast.expr:
    """Return the sum of parts, of which there is at least one."""
    total = parts[0]
    for part in parts[1:]:
        total = BinOp(total, _ADD, part)
    return total


def chosen(test: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.expr:
    """Return one of two values, by a test."""
    return IfExp(test, then, otherwise)


def kept_as(word: str, value: ast.expr) -> ast.expr:
    """Return a value that has a name from here on (`word := value`)."""
    return NamedExpr(Name(word, _STORE), value)


def tuple_of(parts: Sequence[ast.expr]) -> ast.expr:
    """Return a tuple."""
    return Tuple(list(parts), _LOAD)


def each_of(part: ast.expr, item: str, items: ast.expr, *tests: ast.expr) -> ast.expr:
    """Return, for each of `items` for which the tests hold, what `part` says of it under the name `item`."""
    loop = ast.comprehension(Name(item, _STORE), items, list(tests), 0)
    return GeneratorExp(part, [loop])


def any_of(test: ast.expr, item: str, items: ast.expr) -> ast.expr:
    """Return that a test holds for one of the items."""
    return Call(Name("any", _LOAD), [each_of(test, item, items)], [])


def all_of(test: ast.expr, item: str, items: ast.expr) -> ast.expr:
    """Return that a test holds for all of the items."""
    return Call(Name("all", _LOAD), [each_of(test, item, items)], [])


def first_of(part: ast.expr, item: str, items: ast.expr, test: ast.expr) -> ast.expr:
    """Return what `part` says of the first item for which a test holds, else None."""
    return Call(Name("next", _LOAD), [each_of(part, item, items, test), Constant(None)], [])


def assigned(word: str, value: ast.expr) -> ast.stmt:
    """Give a value a name."""
    return Assign([Name(word, _STORE)], value)


def unpacked(words: Sequence[str], value: ast.expr) -> ast.stmt:
    """Give each of several values in a row a name."""
    return Assign([Tuple([Name(word, _STORE) for word in words], _STORE)], value)


def done(value: ast.expr) -> ast.stmt:
    """Ask for a value for its effect."""
    return Expr(value)


def when(test: ast.expr, body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt] = ()) -> ast.stmt:
    """Do one thing if a test holds, else the other."""
    return If(test, list(body), list(otherwise))


def for_each(word: str, items: ast.expr, body: Sequence[ast.stmt]) -> ast.stmt:
    """Do something for each of some items."""
    return For(Name(word, _STORE), items, list(body), [])


def guarded(body: Sequence[ast.stmt], word: str, handling: Sequence[ast.stmt]) -> ast.stmt:
    """Do something; where it raises an Exception, handle it under the name `word`."""
    handler = ExceptHandler(Name("Exception", _LOAD), word, list(handling))
    return Try(list(body), [handler], [], [])


def returned(value: ast.expr) -> ast.stmt:
    """End a function with a value."""
    return Return(value)


def function(word: str, parameters: Sequence[str], body: Sequence[ast.stmt]) -> ast.stmt:
    """Define a function."""
    taken = ast.arguments(
        posonlyargs=[],
        args=[arg(parameter) for parameter in parameters],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    return FunctionDef(name=word, args=taken, body=list(body), decorator_list=[])


def module(*body: ast.stmt) -> ast.Module:
    """Return statements as a whole."""
    return ast.Module(list(body), [])
