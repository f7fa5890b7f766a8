"""What may stand in a generated tree at all: a closed list, against which trees are held.

Trees are right by construction; this is how tests see that they are, and what tells that a new
builder has opened a door.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from scanner.trees.nodes import CONSTANTS

NODES: frozenset[type[ast.AST]] = frozenset(
    (
        *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return),
        *(ast.Assign, ast.For, ast.If, ast.Try, ast.ExceptHandler, ast.Expr),
        *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.BinOp, ast.Add, ast.Compare),
        *(ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn),
        *(ast.Name, ast.Load, ast.Store, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.keyword),
        *(ast.IfExp, ast.NamedExpr, ast.GeneratorExp, ast.comprehension, ast.Tuple),
    )
)
"""The types of nodes that generated code is made of. None of them imports, deletes, defines a class,
leaves a loop, formats a text, or names what is not its own (global, nonlocal)."""


def strangers(
    tree: ast.AST, is_name: Callable[[str], bool], is_member: Callable[[str], bool]
) -> Iterator[str]:
    """Yield what does not belong in a tree: types of nodes, names and members that are none of ours, and
    constants that are no plain values. What a name is, and a member, the one who made it knows."""
    for node in ast.walk(tree):
        if not NODES.intersection(type(node).__mro__):
            yield f"a node {type(node).__name__}"
        yield from (f"the name {word!r}" for word in _names(node) if not is_name(word))
        yield from (f"the member {word!r}" for word in _members(node) if not is_member(word))
        if isinstance(node, ast.Constant) and not (node.value is None or type(node.value) in CONSTANTS):
            yield f"a constant {type(node.value).__name__}"


def _names(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Name(id=word) | ast.arg(arg=word) | ast.FunctionDef(name=word):
            return (word,)
        case ast.ExceptHandler(name=str() as word):
            return (word,)
    return ()


def _members(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.Attribute(attr=word) | ast.keyword(arg=str() as word):
            return (word,)
        case ast.keyword(arg=None):
            return ("**",)
    return ()
