"""Which sets of values a chart is rendered with, and what becomes of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.formats.base import Reading
from scanner.formats.helm.deployments import Deployments, find_deployments
from scanner.formats.helm.engine import Engine
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import ValueSet, find_sets
from scanner.model.report import Status
from tests.formats.helm.conftest import CHART, MemoryFiles

Images = dict[str, str | None]

TEMPLATE = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: {{ .Release.Namespace }}}\n"
    "spec:\n  containers:\n  - name: {{ .Release.Name }}\n    image: {{ .Values.image }}\n"
)


@pytest.fixture
def images(engine: Engine) -> Callable[..., Images]:
    """The image of the pod by environment, of a chart at `web/` with more files around it."""

    def read(files: dict[str, str | bytes], settings: HelmSettings | None = None) -> Images:
        return images_of(read_all(files, settings))

    return read


def read_all(files: dict[str, str | bytes], settings: HelmSettings | None = None) -> list[Reading]:
    tree = MemoryFiles(
        {
            "web/Chart.yaml": CHART,
            "web/templates/a.yaml": TEMPLATE,
            "web/values.yaml": "image: a:default\n",
            **files,
        }
    )
    found = deployments(tree)
    *readings, _ = read_chart("web", tree, settings, found.sets.get("web", ()))
    return readings


def deployments(tree: MemoryFiles, *charts: str) -> Deployments:
    return find_deployments(
        charts or ("web",), [path for path in tree.files if not path.startswith("web/")], tree
    )


def images_of(readings: list[Reading]) -> Images:
    found: Images = {}
    for reading in readings:
        if reading.resources is not None:
            (workload,) = reading.resources.workloads
            (container,) = workload.containers
            value = container.image.text.value if container.image else None
            found[reading.resources.environment] = value if isinstance(value, str) else None
    return found


def test_ci_files_and_files_named_like_values_are_environments(images: Callable[..., Images]) -> None:
    found = images(
        {
            "web/ci/small-values.yaml": "image: a:ci",
            "web/ci/notes.yaml": "image: a:none",
            "web/values-prod.yaml": "image: a:prod",
            "web/values.dev.yml": "image: a:dev",
            "web/values/qa.yaml": "image: a:qa",
        }
    )
    assert found == {
        "default": "a:default",
        "ci/small": "a:ci",
        "prod": "a:prod",
        "dev": "a:dev",
        "qa": "a:qa",
    }


def test_a_base_file_goes_under_the_others_and_is_no_environment(images: Callable[..., Images]) -> None:
    files: dict[str, str | bytes] = {"web/values/_base.yaml": "image: a:base", "web/values/qa.yaml": "b: 1"}
    assert images(files) == {"default": "a:default", "qa": "a:base"}
    assert images({"web/values-common.yaml": "image: a:common"}) == {
        "default": "a:default",
        "common": "a:common",
    }


def test_two_sets_of_one_name_are_told_apart(images: Callable[..., Images]) -> None:
    files: dict[str, str | bytes] = {"web/values-qa.yaml": "image: a:1", "web/values/qa.yaml": "image: a:2"}
    assert images(files) == {"default": "a:default", "qa": "a:1", "qa (web/values/qa.yaml)": "a:2"}


def test_the_users_own_files_are_the_only_set_and_assignments_go_over_all(
    images: Callable[..., Images],
) -> None:
    files: dict[str, str | bytes] = {"web/values-qa.yaml": "image: a:qa", "own.yaml": "image: a:own"}
    assert images(files, HelmSettings(value_files=("own.yaml",))) == {"default": "a:own"}
    assert images(files, HelmSettings(set_values=("image=a:set",))) == {"default": "a:set", "qa": "a:set"}


def test_environments_of_the_configuration_take_files_of_the_chart_or_the_root(
    images: Callable[..., Images],
) -> None:
    files: dict[str, str | bytes] = {"web/values-qa.yaml": "image: a:qa", "all.yaml": "image: a:all\nb: 1"}
    settings = HelmSettings(
        environments=(("test", ("all.yaml", "values-qa.yaml")), ("other", ("none.yaml",)))
    )
    assert images(files, settings) == {"default": "a:default", "test": "a:qa"}


def test_a_set_that_fails_is_told_with_its_name_and_the_others_are_read(engine: Engine) -> None:
    template = TEMPLATE.replace("{{ .Values.image }}", "{{ required `an image` .Values.image }}")
    files: dict[str, str | bytes] = {
        "web/templates/a.yaml": template,
        "web/values-bad.yaml": "image: null",
        "web/values-good.yaml": "image: a:good",
    }
    readings = read_all(files)
    assert images_of(readings) == {"default": "a:default", "good": "a:good"}
    (diagnostic,) = readings[0].diagnostics
    assert diagnostic[:2] == ("web/templates/a.yaml", 7)
    assert diagnostic.severity == "error"
    assert diagnostic.message.endswith("an image (with the values of 'bad')")
    lines = {line.path: line for line in readings[0].coverage}
    assert lines["web/templates/a.yaml"].status is Status.PARTIAL
    assert lines["web/values-bad.yaml"].status is Status.EVALUATED


def test_a_chart_that_needs_values_fails_with_its_defaults_as_a_warning_only(engine: Engine) -> None:
    template = TEMPLATE.replace("{{ .Values.image }}", "{{ required `an image` .Values.picture }}")
    readings = read_all({"web/templates/a.yaml": template, "web/ci/x-values.yaml": "picture: a:1"})
    assert images_of(readings) == {"ci/x": "a:1"}
    assert [one.severity for one in readings[0].diagnostics] == ["warning"]
    line = next(one for one in readings[0].coverage if one.path == "web/templates/a.yaml")
    assert line.status is Status.EVALUATED


def test_a_file_of_values_that_is_none_is_a_failed_file(engine: Engine) -> None:
    readings = read_all({"web/values-a.yaml": "- 1", "web/values-b.yaml": "image: a:b"})
    assert images_of(readings) == {"default": "a:default", "b": "a:b"}
    assert [(one.path, one.severity) for one in readings[0].diagnostics] == [("web/values-a.yaml", "error")]
    line = next(one for one in readings[0].coverage if one.path == "web/values-a.yaml")
    assert line.status is Status.FAILED


def test_a_set_without_end_fails_and_those_beside_it_are_read(engine: Engine) -> None:
    loop = "{{ if .Values.loop }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}"
    files: dict[str, str | bytes] = {
        "web/templates/a.yaml": TEMPLATE + loop,
        "web/values-b.yaml": "loop: true",
        "web/values-c.yaml": "image: a:c",
    }
    readings = read_all(files, HelmSettings(time_limit=3))
    assert images_of(readings) == {"default": "a:default", "c": "a:c"}
    assert "took longer than 3 s" in readings[0].diagnostics[0].message


def test_many_sets_are_bounded(tree: Callable[..., MemoryFiles]) -> None:
    files = tree({"web/Chart.yaml": CHART, **{f"web/values-{n:02}.yaml": "a: 1" for n in range(30)}})
    sets, (diagnostic,) = find_sets("web", files, HelmSettings())
    assert len(sets) == 24
    assert "24 of 31" in diagnostic.message


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-prod}
spec:
  destination: {namespace: prod}
  source:
    repoURL: https://example.org/shop.git
    path: web
    helm:
      releaseName: shop
      valueFiles: [values-prod.yaml, /all.yaml]
      values: |
        image: a:block
        b: {c: 1}
      valuesObject: {b: {c: 2}}
      parameters:
        - {name: image, value: "a:parameter"}
"""


def test_an_application_of_argo_is_an_environment_with_its_values(images: Callable[..., Images]) -> None:
    files: dict[str, str | bytes] = {
        "argo/prod.yaml": APPLICATION,
        "web/values-prod.yaml": "image: a:prod",
        "all.yaml": "image: a:all",
    }
    assert images(files) == {"default": "a:default", "shop-prod": "a:parameter"}
    files["argo/prod.yaml"] = APPLICATION.partition("      parameters")[0]
    assert images(files)["shop-prod"] == "a:block"
    (chart,) = deployments(MemoryFiles(files)).sets["web"]
    assert (chart.release, chart.namespace) == ("shop", "prod")
    assert [(layer.path, layer.shift, layer.indent) for layer in chart.layers] == [
        ("web/values-prod.yaml", 0, 0),
        ("all.yaml", 0, 0),
        ("argo/prod.yaml", 12, 8),
        ("argo/prod.yaml", 0, 0),
    ]


def test_a_file_of_values_that_an_application_misses_is_an_error_at_it(
    tree: Callable[..., MemoryFiles],
) -> None:
    found = deployments(tree({"argo.yaml": APPLICATION}))
    assert found.sets == {}
    (diagnostic,) = found.diagnostics
    assert diagnostic[:4] == ("argo.yaml", 3, 12, "error")
    lenient = APPLICATION.replace("releaseName: shop", "ignoreMissingValueFiles: true")
    (chart,) = deployments(tree({"argo.yaml": lenient})).sets["web"]
    assert len(chart.layers) == 2


def test_a_path_of_the_repository_finds_the_chart_below_another_root(
    tree: Callable[..., MemoryFiles],
) -> None:
    source = APPLICATION.replace("path: web", "path: deploy/web").replace("/all.yaml", "$x/deploy/all.yaml")
    files = tree({"argo.yaml": source, "web/values-prod.yaml": "a: 1", "all.yaml": "a: 2"})
    (chart,) = deployments(files).sets["web"]
    assert [layer.path for layer in chart.layers][:2] == ["web/values-prod.yaml", "all.yaml"]
    deeper = tree({"argo.yaml": APPLICATION, "x/web/values-prod.yaml": "a: 1", "x/all.yaml": "a: 2"})
    (chart,) = deployments(deeper, "x/web").sets["x/web"]
    assert [layer.path for layer in chart.layers][:2] == ["x/web/values-prod.yaml", "x/all.yaml"]


APPLICATION_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shop}
spec:
  generators:
    - %s
  template:
    metadata: {name: "shop-%s"}
    spec:
      source:
        path: "%s"
        helm:
          valueFiles: ["values-%s.yaml"]
"""


def names_of(sets: list[ValueSet]) -> list[tuple[str, list[str]]]:
    return [(one.name, [layer.path for layer in one.layers]) for one in sets]


@pytest.mark.parametrize(
    ("generator", "name", "chart", "environment"),
    [
        ("list: {elements: [{env: qa}, {env: prod}]}", "{{env}}", "web", "{{ env }}"),
        (
            "list: {elements: [{env: {name: qa}}, {env: {name: prod}}]}",
            "{{.env.name}}",
            "web",
            "{{ .env.name }}",
        ),
        ("git: {files: [{path: 'envs/*.json'}]}", "{{env}}", "web", "{{env}}"),
        (
            "matrix: {generators: [{git: {directories: [{path: 'w*'}]}}, {list: {elements: [{e: qa}, {e: prod}]}}]}",
            "{{ .e }}",
            "{{ .path.path }}",
            "{{ .e }}",
        ),
    ],
)
def test_each_application_of_a_set_is_an_environment(
    tree: Callable[..., MemoryFiles], generator: str, name: str, chart: str, environment: str
) -> None:
    files = tree(
        {
            "set.yaml": APPLICATION_SET % (generator, name, chart, environment),
            "envs/1.json": '{"env": "qa"}',
            "envs/2.json": '{"env": "prod"}',
            "web/Chart.yaml": CHART,
            "web/values-qa.yaml": "a: 1",
            "web/values-prod.yaml": "a: 1",
        }
    )
    found = find_deployments(["web"], ["set.yaml"], files)
    assert found.diagnostics == []
    assert names_of(found.sets["web"]) == [
        ("shop-qa", ["web/values-qa.yaml"]),
        ("shop-prod", ["web/values-prod.yaml"]),
    ]


def test_a_generator_that_asks_a_cluster_is_a_warning(tree: Callable[..., MemoryFiles]) -> None:
    found = deployments(tree({"set.yaml": APPLICATION_SET % ("clusters: {}", "a", "web", "a")}))
    assert (found.sets, [one.severity for one in found.diagnostics]) == ({}, ["warning"])


def test_values_that_only_a_cluster_knows_leave_their_set_out(tree: Callable[..., MemoryFiles]) -> None:
    text = APPLICATION_SET % ("list: {elements: [{a: b}]}", "a", "web", "{{metadata.labels.env}}")
    found = deployments(tree({"set.yaml": text}))
    assert found.sets == {}
    assert "depends on more than the files" in found.diagnostics[0].message


HELM_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: live}
spec:
  chart:
    spec:
      chart: ./web
      sourceRef: {kind: GitRepository, name: shop}
      valuesFiles: [web/values.yaml]
  valuesFrom:
    - {kind: Secret, name: passwords}
  values:
    image: a:flux
    list: [1, 2.5, yes, ~, text]
"""


def test_a_release_of_flux_is_an_environment_with_its_values(images: Callable[..., Images]) -> None:
    assert images({"flux.yaml": HELM_RELEASE}) == {"default": "a:default", "shop": "a:flux"}
    found = deployments(MemoryFiles({"flux.yaml": HELM_RELEASE, "web/values.yaml": "a: 1"}))
    (chart,) = found.sets["web"]
    assert chart.namespace == "live"
    assert chart.layers[-1].text == '{"image": "a:flux", "list": [1, 2.5, true, null, "text"]}'
    assert "Secret 'passwords' were left out" in found.diagnostics[0].message


HELMFILE = """\
environments:
  qa: {}
  prod:
    values: [prod.yaml]
---
releases:
  - name: shop
    namespace: shop-{{ .Environment.Name }}
    chart: ../web
    values:
      - values-{{ .Environment.Name }}.yaml
      - image: a:inline
    set:
      - {name: b, value: "1,2"}
      - {name: c, values: [x, y]}
  - name: off
    chart: ../web
    installed: false
  - {name: foreign, chart: stable/web}
"""


def test_a_helmfile_gives_an_environment_for_each_of_its_own(tree: Callable[..., MemoryFiles]) -> None:
    one = HELMFILE.replace("  - name: off\n    chart: ../web\n    installed: false\n", "")
    files = tree({"h/helmfile.yaml": one, "h/values-qa.yaml": "a: 1", "h/values-prod.yaml": "a: 2"})
    found = deployments(files)
    assert found.diagnostics == []
    assert names_of(found.sets["web"]) == [
        ("qa", ["h/values-qa.yaml", "h/helmfile.yaml"]),
        ("prod", ["h/values-prod.yaml", "h/helmfile.yaml"]),
    ]
    assert found.sets["web"][1].namespace == "shop-prod"
    assert found.sets["web"][1].assignments == ("b=1\\,2", "c={x,y}")
    assert ("h/helmfile.yaml", Status.EVALUATED) in [(line.path, line.status) for line in found.coverage]


def test_releases_of_one_chart_are_named_with_their_environment(tree: Callable[..., MemoryFiles]) -> None:
    files = tree({"h/helmfile.yaml": HELMFILE, "h/values-qa.yaml": "a: 1", "h/values-prod.yaml": "a: 2"})
    assert [one.name for one in deployments(files).sets["web"]] == ["qa/shop", "prod/shop"]


def test_what_a_helmfile_computes_is_not_guessed(tree: Callable[..., MemoryFiles]) -> None:
    text = "releases:\n- {{ if x }}name: a\n  chart: ./web\n  values: [{{ env `FILE` | quote }}]\n{{ end }}"
    found = deployments(tree({"helmfile.yaml": text}))
    assert found.sets == {}
    assert "depends on more than the files" in found.diagnostics[0].message
    broken = deployments(tree({"helmfile.yaml": "releases: [\n"}))
    assert [line.status for line in broken.coverage] == [Status.PARTIAL]
