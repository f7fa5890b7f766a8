"""Laws of the YAML parser: it raises nothing, and its places say what they claim."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.parsing.lines import LineTable, split_lines
from scanner.parsing.yaml import MappingNode, ScalarNode, duplicate_keys, entries, parse_yaml, span_of

lines = st.lists(
    st.sampled_from(
        [
            "a: 1",
            "b:",
            "  - x",
            "  - {c: d}",
            "---",
            "k: 'ü'",
            'q: "\\u00e9 x"',
            "e: &a [1, 2]",
            "f: *a",
            "# note",
            "g: |",
            "    text",
            "<<: *a",
            "? z",
            ": y",
            "- - 1",
            "[",
            "}",
            "\t",
            "!t x: 1",
            "...",
            "%YAML 1.1",
        ]
    ),
    max_size=12,
).map("\n".join)
any_text = st.one_of(st.text(max_size=200), lines)


def nodes(root):
    seen = set()
    pending = [root]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, MappingNode):
            pending += [part for pair in node.value for part in pair]
        elif not isinstance(node, ScalarNode):
            pending += node.value


@given(any_text)
def test_parsing_and_walking_raise_nothing(text):
    file = parse_yaml(text, "f")
    for document in file.documents:
        if document.root is None:
            continue
        duplicate_keys(document.root)
        for node in nodes(document.root):
            file.source.locate(node)
            file.source.extent(node)
            if isinstance(node, MappingNode):
                entries(node)


@given(any_text)
def test_every_span_lies_in_the_text(text):
    file = parse_yaml(text, "f")
    rows = split_lines(text)
    for document in file.documents:
        for node in nodes(document.root) if document.root is not None else ():
            span = file.source.locate(node).span
            assert 1 <= span.line <= span.end_line <= len(rows)
            assert 1 <= span.column <= len(rows[span.line - 1]) + 1
            assert 1 <= span.end_column <= max(len(rows[span.end_line - 1]) + 1, 2)


plain = st.from_regex(r"[a-zA-ZäöüßéΩ😀][a-zA-Z0-9äöüßéΩ😀]{0,8}", fullmatch=True).filter(
    lambda text: text.lower() not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
)
trees = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(plain, inner, max_size=3)),
    max_leaves=10,
)


@given(st.dictionaries(plain, trees, min_size=1, max_size=4), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_a_scalars_span_is_its_text(tree, flow, ending):
    text = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow, width=10_000).replace(
        "\n", ending
    )
    file = parse_yaml(text, "f")
    table = LineTable(text)
    assert file.errors == ()
    for node in nodes(file.documents[0].root):
        if isinstance(node, ScalarNode) and not node.style:
            span = span_of(node)
            start, end = table.offset(span.line, span.column), table.offset(span.end_line, span.end_column)
            assert text[start:end] == node.value


@given(st.dictionaries(plain, trees, min_size=1, max_size=4))
def test_a_childs_span_is_within_its_parents_extent(tree):
    file = parse_yaml(yaml.safe_dump(tree, allow_unicode=True), "f")
    for node in nodes(file.documents[0].root):
        if isinstance(node, MappingNode):
            outer = file.source.extent(node).span
            for pair in node.value:
                inner = file.source.locate(pair).span
                assert (outer.line, outer.column) <= (inner.line, inner.column)
                assert (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


@given(any_text)
def test_a_line_table_and_the_lines_agree(text):
    table = LineTable(text)
    rows = split_lines(text)
    for offset in range(len(text) + 1):
        line, column = table.position(offset)
        assert table.offset(line, column) == offset
        assert column <= len(rows[line - 1]) + 2
