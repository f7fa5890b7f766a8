"""Marking templates and reading the markers back, without an engine."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.helm.markers import (
    Marking,
    align,
    block_defines,
    free_tag,
    mark_templates,
    read_templates,
    trace,
)
from scanner.formats.helm.provenance import resolve_lines

PATH = "templates/a.yaml"


def marked(text: str) -> Marking:
    return mark_templates(read_templates({PATH: text}, [PATH]), "#~", frozenset())


def test_markers_stand_behind_the_last_character_of_lines() -> None:
    assert marked("a: 1  \n\nb: {{ .c }}\r\n").texts[PATH] == "a: 1 #~0;  \n\nb: {{ .c }} #~1;\r\n"


def test_the_tag_is_a_text_that_nothing_else_has() -> None:
    assert free_tag(["a", "b #~1;"]) == "#~~"


def test_a_rendered_line_comes_from_the_line_of_its_first_marker() -> None:
    template = "a:\n  b: 1\n"
    marking = marked(template)
    alignment = align(template, marking.texts[PATH], marking)
    assert alignment is not None
    found = resolve_lines(template, alignment)
    assert [(lines.first, lines.is_exact) for lines in found if lines] == [(1, True), (2, True)]


def test_text_that_differs_without_its_markers_is_not_trusted() -> None:
    marking = marked("a: 1\nb: 2\n")
    assert align("a: 1\nb: 2\n", "a: 1 #~0;\nc: 2 #~1;\n", marking) is None
    assert align("a: 1\nb: 2\n", "a: 1 #~0;\n", marking) is None


def test_a_checksum_of_marked_text_may_differ_behind_its_key() -> None:
    marking = marked("a: 1\nsum: {{ .x | sha256sum }}\n")
    alignment = align("a: 1\nsum: abc\n", "a: 1 #~0;\nsum: def #~1;\n", marking)
    assert alignment is not None
    assert [len(marks) for marks in alignment.marks] == [1, 1, 0]


def test_a_forged_marker_maps_nothing() -> None:
    marking = marked("a: 1\n")
    found = align("a: #~77;\n", "a: #~77;\n", marking)
    assert found is not None
    assert found.marks == ((), ())


def test_a_lone_carriage_return_is_a_line_to_yaml_only_so_nothing_is_mapped() -> None:
    assert align("a: 1\rb: 2\n", "a: 1\rb: 2 #~0;\n", marked("a: 1\rb: 2\n")) is None


def test_only_named_templates_written_out_as_whole_lines_are_marked() -> None:
    texts = {
        "templates/_h.tpl": (
            '{{ define "block" }}\na: 1\n{{ end }}\n'
            '{{ define "word" }}\nweb\n{{ end }}\n'
            '{{ define "flag" }}\non\n{{ end }}\n'
            '{{ define "outer" }}\n{{ include "inner" . }}\n{{ end }}\n'
            '{{ define "inner" }}\nb: 1\n{{ end }}\n'
            '{{ define "unused" }}\nc: 1\n{{ end }}\n'
        ),
        PATH: (
            '  {{- include "block" . | nindent 2 }}\n'
            'name: {{ include "word" . }}\n'
            '{{ if eq (include "flag" .) "on" }}\n{{ end }}\n'
            'sum: {{ include "outer" . | sha256sum }}\n'
        ),
    }
    templates = read_templates(texts, sorted(texts))
    assert block_defines(templates) == {"block", "unused"}


def test_an_odd_file_costs_only_itself() -> None:
    texts = {"templates/a.yaml": "a: 1\n", "templates/b.yaml": "b: 1\n"}
    names = {"web/" + path: path for path in texts}
    templates = read_templates(texts, sorted(texts))
    plain = {"web/" + path: text for path, text in texts.items()}

    def render(variants):  # type: ignore[no-untyped-def]
        return [
            {
                "web/templates/a.yaml": v.get("templates/a.yaml", "a: 1\n"),
                "web/templates/b.yaml": "other: 1\n",
            }
            for v in variants
        ]

    everything = mark_templates(templates, "#~", frozenset())
    found = trace(plain, templates, names, render, (everything, None), {})
    assert set(found) == {"web/templates/a.yaml"}


_LINES = st.sampled_from(
    ["a: 1", "  b: x", "{{ .c }}", "- d  ", "", "{{- if .e }}", "{{ end }}", "f: {{ .g -}}", "---"]
)


@given(st.lists(_LINES, max_size=12))
def test_a_template_without_its_markers_is_the_template(rows: list[str]) -> None:
    text = "\n".join(rows)
    marking = marked(text)
    result = marking.texts.get(PATH, text)
    for number in range(len(marking.marks)):
        result = result.replace(f" #~{number};", "")
    assert result == text
