"""Every pattern of our own source, and how it is used: found in the syntax of the modules.

Each call of a function of `re` is met in the syntax tree; its pattern is what the expression gives in its
module. A pattern that a function makes of its arguments cannot be read that way: `MADE` has it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import scanner

ROOT = Path(scanner.__file__).parent
_FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
_SINGLE = {"search": "search", "match": "match", "fullmatch": "fullmatch"}
_ORDER = ("match", "fullmatch", "search", "finditer")


class Call(NamedTuple):
    """A call of a function of `re`: where it stands, and its pattern unless other text decides it."""

    path: str
    line: int
    function: str
    pattern: re.Pattern[Any] | None
    uses: tuple[str, ...]

    @property
    def name(self) -> str:
        """The path, and the function or name that the pattern belongs to."""
        return f"{self.path}:{self.function}"


def calls_in_source() -> list[Call]:
    """Return each call of a function of `re` under `scanner/`, in order of path and line."""
    trees = {path: ast.parse(path.read_bytes()) for path in sorted(ROOT.rglob("*.py"))}
    used: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, tree in trees.items():
        _note_uses(path.relative_to(ROOT).as_posix(), tree, used)
    return [
        call
        for path, tree in trees.items()
        if "re" in {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}
        for call in _calls(path.relative_to(ROOT).as_posix(), tree, used)
    ]


def _note_uses(path: str, tree: ast.AST, used: dict[tuple[str, str], set[str]]) -> None:
    """Note with which methods each name is used: `NAME.method`, `name().method`; otherwise `?`."""
    bases: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            base: ast.expr = node.value
            if isinstance(base, ast.Call):
                base = base.func
            if isinstance(base, (ast.Name, ast.Attribute)):
                bases.add(id(base))
                name = base.id if isinstance(base, ast.Name) else base.attr
                used[_owner(path, name), name].add(node.attr)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in bases:
            used[_owner(path, node.id), node.id].add("?")


def _owner(path: str, name: str) -> str:
    """A private name belongs to its module; a public one may be used in any."""
    return path if name.startswith("_") else ""


def _calls(path: str, tree: ast.AST, used: dict[tuple[str, str], set[str]]) -> Iterator[Call]:
    module = importlib.import_module(
        "scanner." + path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    )
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _is_of_re(node.func):
            continue
        assert isinstance(node.func, ast.Attribute)
        function, owner = node.func.attr, _owner_of(node, parents)
        if function != "compile":
            uses = {_SINGLE.get(function, "finditer")}
        else:
            parent = parents[id(node)]
            methods = (
                {parent.attr}
                if isinstance(parent, ast.Attribute)
                else used[_owner(path, owner), owner] - {"cache_clear", "pattern"}
            )
            uses = {_SINGLE.get(method, "finditer") for method in methods} or {"finditer"}
        yield Call(
            path,
            node.lineno,
            owner,
            _made(node, function, vars(module)),
            tuple(sorted(uses, key=_ORDER.index)),
        )


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in _FUNCTIONS
    )


def _owner_of(node: ast.AST, parents: dict[int, ast.AST]) -> str:
    """Return the name that is bound to the pattern, or the function that it stands in."""
    while id(node) in parents:
        node = parents[id(node)]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return node.name
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and not node.col_offset:
            return node.targets[0].id
    return "?"


def _made(node: ast.Call, function: str, names: dict[str, Any]) -> re.Pattern[Any] | None:
    """Return what the call's pattern is; None where names of a function decide it."""
    flags = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(function, 2)
    given = {each.arg: each.value for each in node.keywords}
    arguments = [node.args[0] if node.args else given["pattern"]]
    arguments += node.args[flags : flags + 1] or ([given["flags"]] if "flags" in given else [])
    try:
        values = [eval(compile(ast.Expression(each), "pattern", "eval"), dict(names)) for each in arguments]
    except NameError:
        return None
    return re.compile(*values)
