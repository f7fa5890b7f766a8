"""Law of the fast parser: what it takes, it reads exactly as PyYAML's C parser does."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.parsing.yaml import MappingNode, ScalarNode, parse_yaml
from scanner.parsing.yaml_fast import fast_parse

VALUES = [
    *(
        "",
        "v",
        "v w",
        "http://x:80",
        "a: b",
        "x #c",
        "x#c",
        "'q'",
        "'it''s'",
        '"q"',
        '"a\\"b"',
        '"\\u00e9"',
        "'open",
    ),
    *(
        "[a, b]",
        "{a: b}",
        "[]",
        "{ }",
        "[a: b]",
        "{a}",
        "[a,]",
        "[*a]",
        "{a:b}",
        "[a b, 'c']",
        "[-1, - a]",
        "[[a], {b: c}]",
    ),
    *(
        "|",
        "|-",
        "|+",
        ">",
        ">-",
        "|2",
        "| # c",
        "- a",
        "-a",
        "? a",
        "%a",
        "@a",
        "`a",
        "!t a",
        "&x a",
        "*x",
        "é\u00a0",
        "\x85",
    ),
    *("'a' b", "'a'#", "'a' : b", '"a": b', "# c", "~", "null", "a\tb", "]", ",", "---", "..."),
]
indents = st.integers(0, 6).map(lambda width: " " * width)
keys = st.sampled_from(["a", "b", "c", "d", "e", "k k", "'q'", '"d"', "a#", "-x", "a:b", "<<", "", "é"])
line = st.one_of(
    st.builds(
        lambda indent, dash, key, colon, value, tail: indent + dash + key + colon + value + tail,
        indents,
        st.sampled_from(["", "", "", "- ", "-   ", "- - "]),
        keys,
        st.sampled_from([": ", ": ", ":", " : ", ":  "]),
        st.sampled_from(VALUES),
        st.sampled_from(["", "", " ", " # c", "#c"]),
    ),
    st.builds("{}- {}".format, indents, st.sampled_from(VALUES)),
    st.builds("{}{}".format, indents, st.sampled_from(VALUES)),
    st.sampled_from(["---", "--- # c", "# c", "", "   ", "...", "--- a"]),
)
texts = st.builds(
    lambda rows, end: "\n".join(rows) + end, st.lists(line, max_size=8), st.sampled_from(["\n", "", "\n\n"])
)


def flat(node):
    if node is None or (
        node.__class__ is ScalarNode and node.tag == (True, False) and node.value in ("", "~", "null")
    ):
        yield None if node is None else ("null", node.value)
        return
    marks = [(mark.line, mark.column, mark.index) for mark in (node.start_mark, node.end_mark)]
    style = (node.style or "") if node.__class__ is ScalarNode else bool(node.flow_style)
    yield (
        node.__class__,
        node.tag,
        style,
        marks,
        node.value if node.__class__ is ScalarNode else len(node.value),
    )
    if node.__class__ is MappingNode:
        for key, value in node.value:
            yield from flat(key)
            yield from flat(value)
    elif node.__class__ is not ScalarNode:
        for value in node.value:
            yield from flat(value)


@settings(max_examples=1500, deadline=None)
@given(texts)
@example("    a:\n      b: c\n   ")
@example("a: [*x]\n")
@example("a: >\n  b\n\n   c\n  d\n\n# e\nf: g\n")
@example("a:\n- b:\n  - c\n-\nd:\n")
def test_what_is_taken_is_read_as_pyyaml_reads_it(text):
    roots = fast_parse(text)
    if roots is None:
        return
    file = parse_yaml(text, "f")
    assert file.errors == ()
    assert [list(flat(root)) for root in roots] == [list(flat(document.root)) for document in file.documents]
