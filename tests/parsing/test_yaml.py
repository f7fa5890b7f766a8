"""YAML: places, documents, dialects, and what hostile text costs."""

from __future__ import annotations

import pytest

from scanner.parsing import yaml as yaml_module
from scanner.parsing.yaml import (
    ScalarNode,
    duplicate_keys,
    entries,
    is_null,
    parse_yaml,
    read_bool,
    read_int,
    span_of,
)


def root(text):
    file = parse_yaml(text, "f.yaml")
    assert file.errors == ()
    return file.documents[0].root


def scalar(text):
    return root(f"a: {text}").value[0][1]


def test_a_pair_spans_key_to_value():
    pair = entries(root("top:\n  image: 'nginx:1'  # c\n"))["top"]
    assert tuple(span_of(pair)) == (1, 1, 1, 4)
    inner = entries(pair[1])["image"]
    assert tuple(span_of(inner)) == (2, 3, 2, 19)


def test_columns_count_code_points():
    inner = entries(root("näme: 'ü😀x' # z\n"))["näme"]
    assert tuple(span_of(inner)) == (1, 1, 1, 12)


def test_a_block_scalar_is_pointed_at_by_its_key_and_extends_over_its_text():
    text = "key: |\n  one\n  two\nnext: 1\n"
    file = parse_yaml(text, "f.yaml")
    pair = entries(file.documents[0].root)["key"]
    assert tuple(span_of(pair)) == (1, 1, 1, 4)
    extent = file.source.extent(pair[1]).span
    assert (extent.line, extent.end_line) == (1, 4)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_once(ending):
    pair = entries(root(f"a: 1{ending}b: 2{ending}"))["b"]
    assert tuple(span_of(pair)) == (2, 1, 2, 5)


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_line_ends_that_only_yaml_knows_do_not_shift_lines(mark):
    file = parse_yaml(f"a: 'x{mark}y'\nb: 2\n", "f.yaml")
    pair = entries(file.documents[0].root)["b"]
    assert file.source.locate(pair).span.line == 2


def test_a_broken_document_costs_only_itself():
    file = parse_yaml("a: 1\n---\nb: [1,\n---\nc: 2\n", "f.yaml")
    assert [document.number for document in file.documents] == [0, 2]
    assert tuple(span_of(entries(file.documents[1].root)["c"])) == (5, 1, 5, 5)
    (error,) = file.errors
    assert error.line in (3, 4, 5)


def test_an_error_has_line_and_column():
    (error,) = parse_yaml("a: 1\nb: 'x\n", "f.yaml").errors
    assert (error.path, error.line) == ("f.yaml", 3)
    (error,) = parse_yaml("a: 1\nb:\tx: y\n", "f.yaml").errors
    assert (error.line, error.column) == (2, 5)


def test_a_control_character_is_an_error_with_its_line():
    (error,) = parse_yaml("a: 1\nb: \x07\n", "f.yaml").errors
    assert error.line == 2


@pytest.mark.parametrize("text", ["[" * 50_000, "{a: " * 50_000, "- " * 50_000, "? " * 50_000])
def test_deep_nesting_is_refused(text):
    (error,) = parse_yaml(text, "f.yaml").errors
    assert "nested" in error.message or "syntax" in error.message


def test_empty_documents_are_kept_in_the_count():
    file = parse_yaml("---\n---\na: 1\n", "f.yaml")
    assert [(document.number, document.root is None) for document in file.documents] == [
        (0, True),
        (1, False),
    ]


def test_merge_keys_give_way_to_own_keys_and_to_earlier_merges():
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n"
    index = entries(entries(root(text))["z"][1])
    assert {key: pair[1].value for key, pair in index.items()} == {"a": "0", "b": "1", "c": "2"}
    assert span_of(index["b"]).line == 1


def test_a_merge_of_itself_ends():
    file = parse_yaml("a: &a\n  <<: *a\n  b: 1\n", "f.yaml")
    index = entries(entries(file.documents[0].root)["a"][1])
    assert "b" in index


def test_duplicate_keys_are_found_once_even_through_aliases():
    found = duplicate_keys(root("a: &a {x: 1, x: 2}\nb: *a\nb: 3\n"))
    assert sorted((span_of(first).line, span_of(second).line, second.value) for first, second in found) == [
        (1, 1, "x"),
        (2, 3, "b"),
    ]


def test_a_cycle_of_aliases_ends():
    assert duplicate_keys(root("a: &a [*a]\n")) == []


@pytest.mark.parametrize(
    "text,kubernetes,compose",
    [
        ("true", True, True),
        ("True", True, True),
        ("yes", True, None),
        ("on", True, None),
        ("y", True, None),
        ("no", False, None),
        ("off", False, None),
        ("FALSE", False, False),
        ("'true'", None, None),
        ("tRue", None, None),
        ("1", None, None),
        ("!!bool true", True, True),
    ],
)
def test_booleans_follow_the_dialect(text, kubernetes, compose):
    assert read_bool(scalar(text), yaml_1_1=True) is kubernetes
    assert read_bool(scalar(text), yaml_1_1=False) is compose


@pytest.mark.parametrize(
    "text,value",
    [
        ("0", 0),
        ("42", 42),
        ("-7", -7),
        ("010", 8),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("'1'", None),
        ("1.5", None),
        ("x", None),
        ("+3", 3),
        ("0b11", 3),
        ("9" * 100, None),
    ],
)
def test_integers_are_read_in_every_base(text, value):
    assert read_int(scalar(text)) == value


def test_null_is_null_only_when_plain():
    assert is_null(scalar("~"))
    assert is_null(scalar(""))
    assert is_null(scalar("null"))
    assert not is_null(scalar("''"))
    assert not is_null(scalar("'null'"))


def test_json_is_read_with_its_places():
    index = entries(root('{\n\t"kind": "Pod",\n\t"spec": {"hostPID": true}\n}\n'))
    assert tuple(span_of(index["kind"])) == (2, 2, 2, 15)
    assert isinstance(index["kind"][1], ScalarNode)


def _marks(file):
    """Every node of a file with its text and both of its marks."""
    found, pending = [], [document.root for document in file.documents if document.root is not None]
    for node in pending:
        found.append(
            (
                node.value if isinstance(node, ScalarNode) else "",
                *_place(node.start_mark),
                *_place(node.end_mark),
            )
        )
        if isinstance(node.value, list):
            for child in node.value:
                pending += child if isinstance(child, tuple) else (child,)
    return found


def _place(mark):
    return mark.index, mark.line, mark.column


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_beside_a_broken_document_places_stay_those_of_the_file(ending):
    lines = [
        "# é",
        "a: &a {ü: [1, 'x y']}",
        "b: *a",
        "---",
        "",
        "c: |",
        "  text",
        "d:",
        "--- # next",
        "- e",
        "- f: 𝔘g",
    ]
    whole = "".join(line + ending for line in lines)
    broken = parse_yaml(f"{whole}---{ending}x: [{ending}", "f.yaml")
    assert len(broken.errors) == 1
    assert _marks(broken) == _marks(parse_yaml(whole, "f.yaml"))


@pytest.mark.parametrize("mark", ["\x85", "\u2028"])
def test_line_ends_that_only_yaml_knows_shift_nothing_beside_a_broken_document(mark):
    file = parse_yaml(f"a: 'x{mark}y'\n---\nb: [\n---\nc: '{mark}'\nd: 1\n", "f.yaml")
    assert file.source.locate(entries(file.documents[1].root)["d"]).span == (6, 1, 6, 5)
    assert file.errors[0].line in (3, 4)


def test_an_empty_value_beside_a_broken_document_is_located():
    file = parse_yaml("x: [\n---\na: 1\nb:\n---\nc: 2\n", "f.yaml")
    assert file.source.locate(entries(file.documents[0].root)["b"][1]).span.line in (4, 5)


def test_a_forbidden_character_in_one_document_has_its_line():
    (error,) = parse_yaml("a: 1\n---\nb: 2\n---\nc: \x07\n", "f.yaml").errors
    assert (error.line, error.column) == (5, 4)


def test_a_broken_document_among_many_is_read_in_linear_work(monkeypatch):
    given = []

    class Counted(yaml_module._Parser):
        def __new__(cls, text):
            given.append(len(text))
            return super().__new__(cls, text)

    def work(count):
        given.clear()
        monkeypatch.setattr(yaml_module, "_Parser", Counted)
        file = parse_yaml("a: 1\n---\n" * count + "b: [\n", "f.yaml")
        assert len(file.documents) == count
        return sum(given)

    assert work(400) <= 4.1 * work(100)
