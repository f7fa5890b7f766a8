"""Go templates taken apart into actions and lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.helm.actions import Line, scan_actions, scan_lines


def lines(text: str) -> list[Line]:
    return scan_lines(text, scan_actions(text))


def test_braces_in_strings_do_not_end_an_action() -> None:
    text = 'a: {{ printf "}}" }} {{ `}}"` }} {{/* }} " */}} {{ "\\"}}" }}'
    assert [text[action.start : action.end] for action in scan_actions(text)] == [
        '{{ printf "}}" }}',
        '{{ `}}"` }}',
        '{{/* }} " */}}',
        '{{ "\\"}}" }}',
    ]


def test_an_action_that_never_ends_is_none() -> None:
    assert scan_actions("a: {{ b\n") == []
    assert scan_actions('a: {{ "b }}\n') == []


@pytest.mark.parametrize(
    ("action", "writes"),
    [
        ("{{ .Values.a }}", True),
        ("{{- toYaml .a | nindent 2 -}}", True),
        ('{{ include "x" . }}', True),
        ("{{ $a }}", True),
        ("{{ $a := 1 }}", False),
        ("{{- $a = .b }}", False),
        ("{{ if eq $a 1 }}", False),
        ("{{ end }}", False),
        ("{{/* text */}}", False),
        ("{{- /* text */ -}}", False),
    ],
)
def test_an_action_writes_unless_it_controls_assigns_or_comments(action: str, writes: bool) -> None:
    assert [found.writes for found in scan_actions(action)] == [writes]


def test_a_line_that_only_controls_or_trims_its_end_carries_no_marker() -> None:
    text = "a: 1\n{{- if .b }}\nb: {{ .b -}}\nc: 2\n---\n\n  {{ .d }}\n"
    assert [line.can_mark for line in lines(text)] == [True, False, False, True, False, False, True, False]


def test_a_line_inside_an_action_carries_no_marker_and_begins_where_the_action_does() -> None:
    found = lines('a: {{ dict\n  "b" 1\n  | toYaml }}\nc: 1\n')
    assert [(line.first, line.can_mark) for line in found[:4]] == [
        (1, False),
        (1, False),
        (1, True),
        (4, True),
    ]


def test_a_line_whose_end_is_trimmed_away_begins_the_next() -> None:
    assert [line.first for line in lines("a: {{ .b -}}\n  c\nd: 1")] == [1, 1, 3]


def test_lines_know_the_named_template_that_they_stand_in() -> None:
    text = '{{ define "x" }}\na: 1\n{{ if .b }}\nb: 1\n{{ end }}\n{{ end }}\nc: 1\n'
    assert [line.define for line in lines(text)] == [None, "x", "x", "x", "x", None, None, None]


@given(st.text(alphabet="ab{}-\"'`/* \n\\$:=", max_size=60))
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    found = scan_actions(text)
    assert all(one.end <= two.start for one, two in pairwise(found))
    described = scan_lines(text, found)
    assert len(described) == text.count("\n") + 1
    assert all(line.start <= line.solid_end and 1 <= line.first <= line.number for line in described)
