"""Which keys a template's lines speak of, told from its text."""

from __future__ import annotations

import pytest

from scanner.formats.helm.expressions import Evaluation, InValues, Scope, Table, Top, keys_of
from scanner.formats.helm.influence import Influence, InfluenceReader
from scanner.formats.helm.markers import read_templates
from scanner.formats.helm.values_view import show


def keys(expression: str, scope: Scope | None = None) -> list[str]:
    evaluation = Evaluation(expression, scope or Scope((Top(()),)), lambda _name, _context: None)
    return [show(key) for key in evaluation.keys]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (".Values.a.b", ["a.b"]),
        ("$.Values.a.b | quote", ["a.b"]),
        ("default .Values.b .Values.a", ["b", "a"]),
        ("coalesce .Values.a (printf `%s-x` .Values.b)", ["a", "b"]),
        ('index .Values "a-b" "c"', ["a-b.c"]),
        ("index .Values.list 0", ["list", "list.*"]),
        ('dig "b" "c" "none" .Values.a', ["a", "a.b.c"]),
        ("(.Values.a).b", ["a", "a.b"]),
        ("(default dict .Values.a).b", ["a", "a.b"]),
        ('hasKey .Values.a "b"', ["a", "a.b"]),
        ('and .Values.a (eq .Values.b "x|y (z)")', ["a", "b"]),
        (".Release.Name", []),
        (".Capabilities.APIVersions.Has .Values.v", ["v"]),
        ('printf "%s" "\\"quoted\\" .Values.a"', []),
        ("", []),
    ],
)
def test_an_expression_reads_keys(expression: str, expected: list[str]) -> None:
    assert keys(expression) == expected


def test_maps_and_functions_pass_origins_on() -> None:
    whole = Evaluation('(dict "x" .Values.a "top" $)', Scope((Top(()),)), lambda _name, _context: None).result
    assert isinstance(whole[0], Table)
    scope = Scope(whole)
    assert keys(".x.c", scope) == ["a.c"]
    assert keys(".top.Values.d", scope) == ["d"]
    kept = Evaluation("merge (deepCopy .Values.a) .Values.b", Scope((Top(()),)), lambda _n, _c: None).result
    assert keys_of(kept) == [("a",), ("b",)]
    lost = Evaluation("len .Values.a", Scope((Top(()),)), lambda _n, _c: None).result
    assert lost == ()


def test_a_subchart_reads_its_part_of_the_values_and_what_is_global() -> None:
    scope = Scope((Top(("sub",)),))
    assert keys(".Values.image.tag", scope) == ["sub.image.tag"]
    assert keys(".Values.global.registry", scope) == ["global.registry"]
    assert keys(".x", Scope((InValues(("a",), 0),))) == ["a.x"]


def read(text: str, helpers: str = "", prefix: tuple[str, ...] = ()) -> Influence:
    files = {"templates/a.yaml": text, "templates/_h.tpl": helpers}
    return InfluenceReader(read_templates(files, list(files))).read("templates/a.yaml", prefix)


def own(influence: Influence, line: int, path: str = "templates/a.yaml") -> list[str]:
    return [show(key) for key in influence.own.get((path, line), ())]


def above(influence: Influence, line: int, path: str = "templates/a.yaml") -> list[str]:
    return [show(key) for key in influence.above.get((path, line), ())]


def test_blocks_control_what_stands_in_them_and_move_the_dot() -> None:
    found = read(
        "{{- with .Values.a }}\n"
        "x: {{ .b }}\n"
        "{{- range $i, $item := .list }}\n"
        "y: {{ .c }}{{ $item.d }}{{ $.Values.e }}\n"
        "{{- end }}\n"
        "z: 1\n"
        "{{- else }}\n"
        "w: {{ .Values.f }}\n"
        "{{- end }}\n"
        "v: 1\n"
    )
    assert own(found, 2) == ["a.b"]
    assert above(found, 2) == ["a"]
    assert own(found, 4) == ["a.list.*.c", "a.list.*.d", "e"]
    assert above(found, 4) == ["a.list", "a"]
    assert (own(found, 6), above(found, 6)) == ([], ["a"])
    assert (own(found, 8), above(found, 8)) == (["f"], ["a"])
    assert (own(found, 10), above(found, 10)) == ([], [])


def test_else_if_and_variables_are_followed() -> None:
    found = read(
        "{{- $x := .Values.a }}\n"
        "{{- if .Values.p }}\n{{- $x = .Values.b }}\n{{- else if .Values.q }}\nk: {{ $x.c }}\n{{- end }}\n"
        "k: {{ $x.c }}\n"
    )
    assert above(found, 5) == ["p", "q"]
    assert own(found, 7) == ["a.c", "b.c"]


def test_named_templates_are_followed_with_their_context() -> None:
    helpers = (
        '{{ define "box" }}\nimage: {{ .image.tag }}\nname: {{ .root.Values.name }}\n{{ end }}'
        '{{ define "again" }}{{ include "again" . }}{{ .Values.deep }}{{ end }}'
    )
    found = read(
        "{{- if .Values.on }}\n"
        '{{ include "box" (dict "image" .Values.web.image "root" $) | nindent 2 }}\n'
        '{{- end }}\n{{ template "again" . }}\n{{ include "absent" . }}\n',
        helpers,
        ("sub",),
    )
    assert own(found, 2) == ["sub.web.image", "sub.web.image.tag", "sub.name"]
    assert own(found, 2, "templates/_h.tpl") == ["sub.web.image.tag"]
    assert above(found, 2, "templates/_h.tpl") == ["sub.on"]
    assert own(found, 4) == ["sub.deep"]
    assert own(found, 5) == []


def test_comments_and_named_templates_that_nobody_uses_say_nothing() -> None:
    found = read(
        '{{/* .Values.a */}}\n{{ define "x" }}{{ if .Values.b }}{{ end }}{{ end }}\nk: {{ .Values.c }}\n'
    )
    assert {place[1] for place in found.own} == {3}
