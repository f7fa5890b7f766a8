"""The fast parser: what it takes, what it leaves to the C parser, and its nodes."""

from __future__ import annotations

import copy

import pytest

from scanner.parsing.yaml import MappingNode, ScalarNode, SequenceNode, entries
from scanner.parsing.yaml_fast import fast_parse


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: *x\n",
        "a: [*x]\n",
        "a: !t 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: 1\n...\n",
        "a: b\n  c\n",
        "a: 'b\n  c'\n",
        "a: b: c\n",
        "? a\n: b\n",
        "a:\tb\n",
        "a: 1\r\nb: 2\r\n",
        "a: \x85\n",
        "a: \u2028\n",
        "a: \x07\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "<<: {b: 1}\n",
        "a: [b,\n c]\n",
        "a: |2\n   b\n",
        "a: |\n",
        "a: 'b' c\n",
        "a: 'b'#c\n",
        "--- a\n",
        "text\n",
        " a: 1\nb: 2\n",
        "a: 1\n  # c",
        "- " * 70 + "a\n",
    ],
)
def test_anything_else_is_declined(text):
    assert fast_parse(text) is None


def test_light_nodes_are_taken_for_those_of_pyyaml():
    (root,) = fast_parse("a: [b]\nc: 'd'\n")
    assert root.__class__ is MappingNode
    assert isinstance(root, MappingNode)
    (_, sequence), (_, quoted) = root.value
    assert sequence.__class__ is SequenceNode
    assert sequence.flow_style
    assert (quoted.__class__ is ScalarNode, quoted.tag, quoted.style) == (True, (False, True), "'")


def test_light_nodes_can_be_copied_and_changed():
    (root,) = fast_parse("a: 1\nb: {c: d}\n")
    other = copy.deepcopy(root)
    other.value[0][1].value = "2"
    other.value.append(other.value[0])
    assert [pair[1].value for pair in root.value][0] == "1"
    assert entries(other)["a"][1].value == "2"
    root.value = []
    root.start_mark = other.start_mark
    assert entries(root) == {}
    made = root.__class__(root.tag, [], root.start_mark, root.end_mark, False)
    assert type(made) is MappingNode


def test_empty_documents_are_counted():
    assert [root is None for root in fast_parse("# c\n---\n---\na: 1\n---\n")] == [True, False, True]
    assert fast_parse("# c\n") == ()
