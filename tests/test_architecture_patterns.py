"""The module re sees patterns of our own source alone; what others wrote goes to scanner/patterns."""

from __future__ import annotations

import ast

import pytest

from tests.test_architecture import MODULES, PACKAGE, imports

OURS = {
    "engine/packages.py": "the table of package managers in the module, through one function",
    "linking/base_images.py": "the tags in scanner/data/base-images.tsv, which is part of the package",
    "linking/base_ports.py": "the names in scanner/data/images-without-ports.txt, escaped, which is part of the package",
    "patterns/characters.py": "one character of a class, which cannot repeat",
    "parsing/dockerfile_arguments.py": "one of the two escape characters of Dockerfiles, escaped",
    "parsing/hcl_templates.py": "the name at the end of a heredoc, escaped, at the start of a line; a counted indentation",
    "secrets/given.py": "the operands of tools in the table of scanner/secrets/commands.py",
    "secrets/tokens.py": "the forms of tokens in a table of the module",
}
"""Where a pattern is not written out, and why no foreign one can get there."""

TAKES_PATTERN = {
    "compile",
    "match",
    "search",
    "fullmatch",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
    "template",
}


def constants(tree):
    """The names of a module that stand for texts written out in it."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and is_constant(node.value, names):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scanner."):
            names.update(alias.asname or alias.name for alias in node.names if alias.name.isupper())
    return names


def is_constant(node, names):
    match node:
        case ast.Constant(str() | bytes() | int()):
            return True
        case ast.Name(name):
            return name in names
        case ast.JoinedStr(values):
            return all(is_constant(value, names) for value in values)
        case ast.FormattedValue(value):
            return is_constant(value, names)
        case ast.BinOp(left, ast.Add(), right):
            return is_constant(left, names) and is_constant(right, names)
    return False


def foreign(tree):
    """The lines on which `re` is given, or could be given, what is not written out there."""
    names = constants(tree)
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_of_re(node.func):
            called.add(node.func)
            if not node.args or not is_constant(node.args[0], names | local_constants(tree, node, names)):
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "re":
            yield node.lineno
    for node in ast.walk(tree):
        if is_of_re(node) and node not in called:
            yield node.lineno


def local_constants(tree, call, names):
    """Names that the function around a call gives to texts written out in it, and to nothing else."""
    found, others = set(), set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and call in ast.walk(function):
            for node in ast.walk(function):
                if isinstance(node, ast.Assign):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            (found if is_constant(node.value, names) else others).add(target.id)
    return found - others


def is_of_re(node):
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "re"
        and node.attr in TAKES_PATTERN
    )


def lines_of(path):
    return sorted(set(foreign(ast.parse(path.read_text(encoding="utf-8")))))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_re_is_given_patterns_of_our_source_alone(path):
    if path.relative_to(PACKAGE).as_posix() not in OURS:
        assert lines_of(path) == []


@pytest.mark.parametrize("relative", OURS)
def test_no_exception_is_left_over(relative):
    assert lines_of(PACKAGE / relative)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_else_that_goes_back_and_forth_is_used(path):
    assert not {"fnmatch", "glob", "regex", "pathspec", "sre_parse"} & {
        name.split(".")[0] for name in imports(path)
    }


@pytest.mark.parametrize(
    "source",
    [
        "import re\ndef f(x):\n    return re.compile(x)",
        "import re\ndef f(x):\n    return re.search(f'a{x}', 'b')",
        "import re\ndef f(xs):\n    return map(re.compile, xs)",
        "import re\nA = 'a'\ndef f(x):\n    y = A\n    y = x\n    return re.sub(y, '', x)",
        "from re import compile",
    ],
)
def test_the_rule_sees_what_it_should(source):
    assert list(foreign(ast.parse(source)))
