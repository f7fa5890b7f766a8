"""HCL text to syntax: places, texts, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import ParseError
from scanner.parsing.hcl import MAX_CHAIN, parse_hcl
from scanner.parsing.hcl_tree import Access, Call, ListOf, Loop, MapOf, Operation, Template, Variable


def value(text: str):
    return parse_hcl(f"a = {text}\n", "x.hcl").settings["a"].value


def failure(text: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse_hcl(text, "x.hcl")
    return caught.value


def test_blocks_have_labels_settings_and_places():
    body = parse_hcl(
        '# top\ntarget "app" {\n  context = "./a"\n  tags = [\n    "x:1", // one\n    "y",\n  ]\n}\n', "x.hcl"
    )
    (block,) = body.blocks
    assert (block.kind, block.labels[0][0], block.labels[0][1][:2]) == ("target", "app", (2, 8))
    tags = block.body.settings["tags"].value
    assert isinstance(tags, ListOf)
    assert [(item.value, item.span[:2]) for item in tags.items] == [("x:1", (5, 5)), ("y", (6, 5))]
    assert block.body.settings["context"].value.span == (3, 13, 3, 18)


def test_a_block_may_stand_on_one_line():
    assert (
        parse_hcl('variable "A" { default = 1 }\ngroup "b" {}\n', "x")
        .blocks[0]
        .body.settings["default"]
        .value.value
        == 1
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a\\n\\"b\\u00e9"', 'a\n"bé'),
        ('"$${x} %%{y} $ 5%"', "${x} %{y} $ 5%"),
        ("true", True),
        ("null", None),
        ("1.5", 1.5),
        ("<<E\n a\n  b\nE", " a\n  b\n"),
        ("<<-E\n  a\n    b\n  E", "a\n  b\n"),
        ("(\n1\n)", 1),
    ],
)
def test_literals(text, wanted):
    assert value(text).value == wanted


def test_templates_keep_their_parts():
    made = value('"a${ B }-${f("x}")}"')
    assert isinstance(made, Template)
    assert made.parts[0] == "a"
    assert made.parts[2] == "-"
    assert isinstance(made.parts[1], Variable)
    assert isinstance(made.parts[3], Call)
    assert made.parts[1].span[:2] == (1, 10)


def test_a_directive_leaves_a_text_open():
    assert None in value('"a%{ if x }b%{ endif }"').parts


def test_expressions():
    assert isinstance(value('a == "" ? b : c.d[0].e'), Operation)
    assert isinstance(value("a.b.0"), Access)
    assert isinstance(value("[for k, v in m : v if v != 1]"), Loop)
    assert isinstance(value("{for v in m : v => upper(v)...}"), Loop)
    made = value('{ a = 1, "b c" : 2\n (d) = 3 }')
    assert isinstance(made, MapOf)
    assert [key.value for key, _ in made.entries[:2]] == ["a", "b c"]
    strong = value("1 + 2 * 3")
    assert isinstance(strong, Operation)
    assert strong.operator == "+"
    assert value("f(a, b...)").spread


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('a = "x\n', 1, 5),
        ("a = \n", 1, 5),
        ('target "a" {\n  b = 1\n', 3, 1),
        ("a = [1,\n 2\n", 3, 1),
        ("}\n", 1, 1),
        ("a = 1 b = 2\n", 1, 7),
        ('a = "${x"\n', 1, 9),
        ("a = <<E\nx\n", 1, 5),
        ('a = "\\q"\n', 1, 6),
        ('target "${x}" {}\n', 1, 14),
        ("a = 5 %\n", 1, 8),
    ],
)
def test_errors_have_a_place(text, line, column):
    error = failure(text)
    assert (error.line, error.column, error.path) == (line, column, "x.hcl")
    assert error.message.startswith("HCL syntax: ")


def test_a_message_shows_no_word_of_the_text():
    assert "hunter2" not in failure("a = 1 hunter2\n").message
    assert failure("a = ]\n").message.endswith("found ']'")


def test_a_text_without_end_is_refused():
    assert "longer than" in failure("# x\n" * 400_000).message


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "(" * 5000 + "1" + ")" * 5000,
        "a = " + "!" * 5000 + "b",
        'a = "' + '${"' * 3000,
        "a {" * 5000,
        "a = 1" + " + 1" * (MAX_CHAIN + 1),
        "a = b" + ".c" * (MAX_CHAIN + 1),
        "a = " + "b ? c : " * 5000 + "d",
    ],
)
def test_hostile_nesting_is_refused(text):
    assert "nested more than" in failure(text + "\n").message or "in a row" in failure(text + "\n").message


_PIECES = st.sampled_from(
    ["a", " = ", '"', "${", "}", "{", "[", "]", "(", ")", "\n", "<<E\n", "E\n", "<<-", "?", ":", ",", "for ", " in ", "=>",
     "%{", "...", ".", "*", "-", "!", "1", "#", "/*", "*/", "//", "\\", "\\u00", "é", "\t", "target", ' "x" ', "~", "==", "if ", "\r\n"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=40).map("".join)))
def test_nothing_but_a_parse_error_is_raised(text):
    error = None
    try:
        parse_hcl(text, "x.hcl")
    except ParseError as raised:
        error = raised
    assert error is None or (error.line is not None and error.column is not None)
