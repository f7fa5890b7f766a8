"""The types of nodes cost nothing at run time, and nobody goes around them."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
import yaml.nodes

from scanner.parsing import yaml_nodes
from scanner.parsing.yaml import parse_yaml, scalar_text, span_of
from tests.support import ROOT

SOURCES = sorted((ROOT / "scanner").rglob("*.py"))


def test_nodes_are_those_of_the_parser():
    for name in ("MappingNode", "Node", "ScalarNode", "SequenceNode"):
        assert getattr(yaml_nodes, name) is getattr(yaml.nodes, name)


def test_only_one_module_takes_nodes_from_the_library():
    takers = [
        path.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "yaml.nodes"
    ]
    assert takers == ["yaml_nodes.py"]


def test_nobody_asks_a_node_for_its_value_by_name():
    askers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if "formats" in path.parts and "bake" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and any(isinstance(one, ast.Constant) and one.value == "value" for one in node.args)
    ]
    assert askers == []


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("node.value", '"Node" has no attribute "value"'),
        ("entries(node)", 'incompatible type "Node"; expected "MappingNode"'),
        ("node.value if node.__class__ is ScalarNode else ''", ""),
        ("entries(node) if isinstance(node, MappingNode) else {}", ""),
    ],
)
def test_the_type_checker_refuses_what_hopes(tmp_path, line, complaint):
    source = tmp_path / "hopes.py"
    source.write_text(
        "from scanner.parsing.yaml import MappingNode, Node, ScalarNode, entries\n"
        f"def read(node: Node) -> object:\n    return {line}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--cache-dir", str(tmp_path), str(source)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert complaint in done.stdout
    assert ("Success" in done.stdout) == (not complaint), done.stdout


@pytest.mark.parametrize(
    "text", ["&a\n- *a\n", "a: &b\n- - *b\n- c\n", "- &a\n  - *a\n", "? &a [*a]\n: b\n", "&a [[*a]]\n"]
)
def test_a_node_that_holds_itself_has_a_span(text):
    pending = [parse_yaml(text, "f.yaml").documents[0].root]
    seen = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        assert span_of(node).line >= 1
        if not isinstance(node.value, str):
            for item in node.value:
                pending += item if isinstance(item, tuple) else (item,)


def test_a_list_in_a_list_spans_to_the_end_of_the_first_thing_in_its_line():
    root = parse_yaml("- - - a: b\n      c: d\n", "f.yaml").documents[0].root
    assert span_of(root) == (1, 1, 1, 11)


@pytest.mark.parametrize(
    "text, expected", [("a", "a"), ("''", ""), ("[a]", None), ("{a: b}", None), ("~", "~")]
)
def test_the_text_of_a_node(text, expected):
    assert scalar_text(parse_yaml(f"k: {text}", "f").documents[0].root.value[0][1]) == expected
