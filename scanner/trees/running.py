"""Trees to functions: the one place of the program that compiles and runs code it has made.

It takes trees, never text; `tests/test_architecture.py` holds that no other module compiles,
executes or evaluates anything.
"""

from __future__ import annotations

import ast


def made(tree: ast.Module, word: str, names: dict[str, object], title: str) -> object:
    """Return what a tree defines under the name `word`; `names` is what its own names stand for, and
    gets what it defines. `title` stands in tracebacks where the name of a file would."""
    if not isinstance(tree, ast.Module):
        raise TypeError("only trees are compiled")
    exec(compile(tree, f"<{title}>", "exec", dont_inherit=True, optimize=1), names)
    return names[word]
