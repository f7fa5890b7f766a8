"""Charts read from end to end with Helm's engine."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

from scanner.formats.base import Reading
from scanner.formats.helm.provenance import TemplateSource
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Status
from scanner.model.resources import Container
from scanner.model.source import Located, Location, Span

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
Read = Callable[..., Reading]

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"


def containers(reading: Reading) -> dict[str, Container]:
    assert reading.resources is not None
    return {one.name.value: one for workload in reading.resources.workloads for one in workload.containers}


def line(fact: Located[object] | None) -> tuple[str, int]:
    assert fact is not None
    location = fact.location
    return location.path, location.span.line


def statuses(reading: Reading) -> dict[str, tuple[Status, str | None]]:
    return {found.path: (found.status, found.reason) for found in reading.coverage}


def fixture_chart(tree: Callable[..., object]) -> object:
    root = FIXTURES
    paths = [path for path in (root / "helm-webshop").rglob("*") if path.is_file()]
    return tree({path.relative_to(root).as_posix(): path.read_text() for path in paths})


def test_every_fact_of_a_chart_stands_on_the_line_that_wrote_it(
    engine: object, tree: Callable[..., object]
) -> None:
    reading, *_ = read_chart("helm-webshop", fixture_chart(tree))  # type: ignore[arg-type]
    deployment = "helm-webshop/templates/deployment.yaml"
    helpers = "helm-webshop/templates/_helpers.tpl"
    found = containers(reading)
    web, sidecar, cache = found["web"], found["log-shipper"], found["cache"]
    assert web.image is not None
    assert (web.image.text.value, line(web.image.text)) == ("example.org/shop/web:4.5", (deployment, 26))
    assert line(web.stdin) == (deployment, 29)
    assert web.stdin is not None
    assert web.stdin.location.span == Span(29, 11, 29, 22)
    assert line(web.privileged) == (deployment, 38)
    assert line(web.uid) == (deployment, 38)
    assert line(web.resources) == (deployment, 36)
    assert line(web.env[0].name) == (deployment, 33)
    assert line(sidecar.allow_privilege_escalation) == (helpers, 17)
    assert sidecar.image is not None
    assert line(sidecar.image.text) == (helpers, 15)
    assert line(cache.privileged) == ("helm-webshop/charts/cache/templates/statefulset.yaml", 12)
    assert cache.image is not None
    assert cache.image.text.value == "redis:latest"


def test_the_ledger_has_a_line_for_every_file_of_a_chart(engine: object, tree: Callable[..., object]) -> None:
    reading, *_ = read_chart("helm-webshop", fixture_chart(tree))  # type: ignore[arg-type]
    assert reading.diagnostics == ()
    by_reason = {path.removeprefix("helm-webshop/"): found for path, found in statuses(reading).items()}
    assert by_reason.pop("ci/prod-values.yaml") == (Status.EVALUATED, None)
    assert sorted(by_reason) == [
        "Chart.yaml",
        "charts/cache/Chart.yaml",
        "charts/cache/templates/statefulset.yaml",
        "charts/cache/values.yaml",
        "crds/coupon.yaml",
        "templates/NOTES.txt",
        "templates/_helpers.tpl",
        "templates/configmap.yaml",
        "templates/deployment.yaml",
        "templates/ingress.yaml",
        "templates/tests/test-connection.yaml",
        "values.yaml",
    ]
    assert set(by_reason.values()) == {(Status.EVALUATED, None)}


def test_hooks_and_crds_are_read(engine: object, tree: Callable[..., object]) -> None:
    resources = next(read_chart("helm-webshop", fixture_chart(tree))).resources  # type: ignore[arg-type]
    assert resources is not None
    assert [workload.hook for workload in resources.workloads if workload.kind == "Pod"] == ["test"]
    crd = next(document for document in resources.documents if document.kind == "CustomResourceDefinition")
    assert line(crd.name)[0] == "helm-webshop/crds/coupon.yaml"


def test_lines_are_known_through_loops_and_trimmed_ends(read: Read) -> None:
    template = POD + (
        "{{- range $i, $name := list `a` `b` }}\n"
        "  - name: {{ $name }}\n"
        "    {{- if eq $i 1 }}\n"
        "    stdin: true\n"
        "    {{- else -}}\n"
        '    {{ print "\\n    tty: true" }}\n'
        "    {{- end }}\n"
        "    securityContext: {{ dict\n"
        '      "privileged" true\n'
        "      | toYaml | nindent 6 }}\n"
        "{{- end }}\n"
    )
    found = containers(read({"templates/a.yaml": template}))
    path = "web/templates/a.yaml"
    assert [line(found[name].name) for name in "ab"] == [(path, 7), (path, 7)]
    assert line(found["b"].stdin) == (path, 9)
    assert line(found["a"].privileged) == (path, 13)


def test_a_place_that_could_be_on_several_lines_is_not_exact(read: Read) -> None:
    template = POD + (
        "  - name: a\n    {{ print `stdin: true` -}}\n"
        '    {{ print "\\n    tty: true" -}}\n    {{ print `` }}\n'
    )
    container = containers(read({"templates/a.yaml": template}))["a"]
    assert container.stdin is not None
    source = container.stdin.source
    assert isinstance(source, TemplateSource)
    assert not source.is_exact(container.stdin.place)
    span = container.stdin.location.span
    assert span.line <= 7 <= span.end_line


def test_a_helper_whose_text_is_compared_is_left_alone(read: Read) -> None:
    helper = '{{ define "flag" }}\non\n{{ end }}'
    template = POD + '  - name: a\n    stdin: {{ eq (include "flag" . | trim) "on" }}\n'
    container = containers(read({"templates/a.yaml": template, "templates/_h.tpl": helper}))["a"]
    assert container.stdin is not None
    assert (container.stdin.value, line(container.stdin)) == (True, ("web/templates/a.yaml", 7))


def test_a_failing_template_is_a_diagnostic_at_its_place_and_the_others_are_read(read: Read) -> None:
    reading = read(
        {
            "templates/a.yaml": POD + "  - name: a\n",
            "templates/b.yaml": "a: 1\nb: {{ required `password is needed` .Values.password }}\n",
        }
    )
    (diagnostic,) = reading.diagnostics
    assert diagnostic[:4] == ("web/templates/b.yaml", 2, 7, "error")
    assert "password is needed" in diagnostic.message
    assert statuses(reading)["web/templates/b.yaml"][0] is Status.FAILED
    assert statuses(reading)["web/templates/a.yaml"][0] is Status.EVALUATED
    assert list(containers(reading)) == ["a"]


def test_a_failing_helper_is_a_diagnostic_at_the_helper(read: Read) -> None:
    reading = read(
        {
            "templates/a.yaml": '{{ include "x" . }}',
            "templates/_h.tpl": '{{ define "x" }}\n{{ .Values.a.b.c }}{{ end }}',
        }
    )
    assert reading.diagnostics[0][:2] == ("web/templates/_h.tpl", 2)


def test_a_template_that_does_not_parse_fails_alone(read: Read) -> None:
    reading = read({"templates/a.yaml": POD + "  - name: a\n", "templates/b.yaml": "a: 1\n{{ if }}\n"})
    assert reading.diagnostics[0][:3] == ("web/templates/b.yaml", 2, None)
    assert list(containers(reading)) == ["a"]


def test_a_helper_that_does_not_parse_fails_every_template(read: Read) -> None:
    reading = read({"templates/a.yaml": "a: 1", "templates/_h.tpl": "{{ if }}"})
    assert reading.resources is None
    assert statuses(reading)["web/templates/a.yaml"][0] is Status.FAILED
    assert statuses(reading)["web/templates/_h.tpl"][0] is Status.FAILED


def test_a_hostile_chart_fails_and_the_next_one_is_read(read: Read) -> None:
    endless = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    reading = read({"templates/a.yaml": endless}, HelmSettings(time_limit=0.3))
    assert "took longer than 0.3 s" in reading.diagnostics[0].message
    assert statuses(reading)["web/templates/a.yaml"][0] is Status.FAILED
    assert list(containers(read({"templates/a.yaml": POD + "  - name: a\n"}))) == ["a"]


def test_a_broken_chart_is_a_diagnostic_and_failed_files(read: Read) -> None:
    for files, place in (
        ({"Chart.yaml": "apiVersion: [v2\n"}, "web/Chart.yaml"),
        ({"Chart.yaml": "name: web\n"}, "web/Chart.yaml"),
        ({"values.yaml": "- a\n"}, "web/values.yaml"),
        ({"values.yaml": "a: [\n"}, "web/values.yaml"),
    ):
        reading = read({"templates/a.yaml": "a: 1", **files})
        assert reading.resources is None
        assert [(found.path, found.severity) for found in reading.diagnostics] == [(place, "error")]
        assert {status for status, _ in statuses(reading).values()} == {Status.FAILED}


def test_values_that_break_the_schema_are_a_diagnostic(read: Read) -> None:
    schema = '{"type": "object", "required": ["password"]}'
    reading = read({"templates/a.yaml": "a: 1", "values.yaml": "b: 1\n", "values.schema.json": schema})
    assert reading.diagnostics[0].path == "web/values.yaml"
    assert "password" in reading.diagnostics[0].message


def test_broken_yaml_that_a_template_renders_is_told_at_the_template(read: Read) -> None:
    reading = read({"templates/a.yaml": "a: 1\nb: {{ `[` }}\nc: 1\n"})
    (diagnostic,) = reading.diagnostics
    assert diagnostic.path == "web/templates/a.yaml"
    assert diagnostic.line in (2, 3)
    assert statuses(reading)["web/templates/a.yaml"][0] is Status.FAILED


def test_a_library_chart_is_not_rendered_on_its_own(read: Read) -> None:
    chart = "apiVersion: v2\nname: web\nversion: 0.1.0\ntype: library\n"
    reading = read({"Chart.yaml": chart, "templates/_a.tpl": "{{ fail `no` }}"})
    assert (reading.resources, reading.diagnostics) == (None, ())
    assert {path: status for path, (status, _) in statuses(reading).items()} == {
        "web/Chart.yaml": Status.EVALUATED,
        "web/templates/_a.tpl": Status.IGNORED,
    }


def test_facts_of_a_packed_subchart_stand_where_it_is_asked_for(read: Read) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in (
            ("cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 0.1.0\n"),
            ("cache/templates/a.yaml", POD + "  - name: cache\n"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    chart = "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n  - name: cache\n    version: 0.1.0\n"
    reading = read({"Chart.yaml": chart, "charts/cache-0.1.0.tgz": buffer.getvalue()})
    name = containers(reading)["cache"].name
    assert name.location == Location("web/Chart.yaml", Span(5, 5, 5, 16))
    assert statuses(reading)["web/charts/cache-0.1.0.tgz"] == (Status.EVALUATED, None)


def test_two_readings_of_a_chart_with_random_values_are_the_same(read: Read) -> None:
    template = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a-{{ randAlphaNum 8 | lower }}\n"
        "  labels: {at: {{ now | date `2006-01-02T15:04:05` | quote }}}\n"
        "stringData:\n  password: {{ randAlphaNum 20 | quote }}\n"
        '  key: {{ genPrivateKey "ecdsa" | b64enc }}\n  id: {{ uuidv4 }}\n'
    )
    texts = []
    for _ in range(2):
        resources = read({"templates/a.yaml": template}).resources
        assert resources is not None
        (document,) = resources.documents
        values = [
            document.find(path) for path in ("metadata.name", "metadata.labels.at", "stringData.password")
        ]
        texts.append([(fact.value, fact.location) for found in values for fact in found])
    assert texts[0] == texts[1]
    assert texts[0][2] == ("<random>", Location("web/templates/a.yaml", Span(7, 3, 7, 42)))


def test_the_whole_text_of_a_place_is_that_of_all_lines_that_wrote_it(read: Read) -> None:
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        "  script: |\n    first\n    second {{ .Release.Name }}\n    third\n  other: x\n"
    )
    resources = read({"templates/a.yaml": template}).resources
    assert resources is not None
    (fact,) = resources.documents[0].find("data.script")
    assert fact.source.extent(fact.place) == Location("web/templates/a.yaml", Span(5, 1, 8, 10))


def test_files_of_values_and_assignments_go_over_the_defaults(read: Read) -> None:
    template = POD + "  - name: {{ .Values.name }}\n    image: {{ .Values.image }}\n"
    settings = HelmSettings(value_files=("web/values-prod.yaml",), set_values=("image=b:1",))
    files = {
        "templates/a.yaml": template,
        "values.yaml": "name: a\nimage: a\n",
        "values-prod.yaml": "name: prod\n",
    }
    reading = read(files, settings)
    image = containers(reading)["prod"].image
    assert image is not None
    assert image.text.value == "b:1"
    assert statuses(reading)["web/values-prod.yaml"][0] is Status.EVALUATED


def test_a_text_whose_lines_cannot_be_told_has_the_file_as_its_place(read: Read) -> None:
    template = "# a comment\n" + POD + "  - name: a\n    stdin: {{ print true }} # {{ print `x` }}\r      \n"
    container = containers(read({"templates/a.yaml": template}))["a"]
    assert container.stdin is not None
    source = container.stdin.source
    assert isinstance(source, TemplateSource)
    assert not source.exact_lines
    assert container.stdin.location == Location("web/templates/a.yaml", Span(1, 1, 1, 12))
    assert source.extent(container.stdin.place).span == Span(1, 1, 9, 1)


def test_broken_crds_are_told_at_their_place(read: Read) -> None:
    reading = read(
        {"crds/a.yaml": "a: [\n", "crds/b.yaml": b"\0", "crds/README.md": "x", "templates/a.yaml": ""}
    )
    assert [found.path for found in reading.diagnostics] == ["web/crds/a.yaml", "web/crds/b.yaml"]
    found = statuses(reading)
    assert [found[f"web/crds/{name}"][0] for name in ("a.yaml", "b.yaml", "README.md")] == [
        Status.FAILED,
        Status.FAILED,
        Status.IGNORED,
    ]


def test_a_template_that_cannot_be_decoded_is_a_failed_file(read: Read) -> None:
    reading = read({"templates/a.yaml": b"\xff", "templates/b.yaml": POD + "  - name: b\n"})
    assert statuses(reading)["web/templates/a.yaml"][0] is Status.FAILED
    assert list(containers(reading)) == ["b"]


def test_a_broken_archive_is_a_failed_file(read: Read) -> None:
    reading = read({"charts/a-1.tgz": b"x", "templates/b.yaml": POD + "  - name: b\n"})
    assert statuses(reading)["web/charts/a-1.tgz"][0] is Status.FAILED
    assert list(containers(reading)) == ["b"]


def test_a_chart_of_too_much_text_is_refused(read: Read) -> None:
    reading = read({"templates/a.yaml": "#" * (25 << 20)})
    assert "MiB" in reading.diagnostics[0].message
    assert reading.resources is None


def test_a_template_with_another_number_of_lines_each_time_is_a_warning(read: Read) -> None:
    template = POD + "  - name: a\n{{ range until (randInt 1 100000 | int) }}\n{{ end }}"
    reading = read({"templates/a.yaml": template})
    assert "another number of lines" in reading.diagnostics[0].message
    assert list(containers(reading)) == ["a"]


def test_limits_that_break_the_engine_are_told_in_plain_words(read: Read) -> None:
    output = read({"templates/a.yaml": "{{ repeat 3000 `x` }}"}, HelmSettings(output_limit=1000))
    assert "more than the limit of 1000" in output.diagnostics[0].message
    bomb = '{{ $x := repeat 1000000 "abcdefgh" }}{{ range until 3000 }}{{ $x }}{{ end }}'
    memory = read({"templates/a.yaml": bomb})
    assert (
        "limit of 1024 MiB" in memory.diagnostics[0].message or "took longer" in memory.diagnostics[0].message
    )
