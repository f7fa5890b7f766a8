"""Environments, the ledger, and what is wrong or cannot be known."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model.report import Report
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter, reporter_names
from tests.formats.kustomize.cases import BASE
from tests.formats.kustomize.cases import CASES as PLAIN_CASES
from tests.formats.kustomize.plugin_cases import PLUGIN_CASES
from tests.support import write_tree

CASES = PLAIN_CASES | PLUGIN_CASES
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: nginx:1
      securityContext: {privileged: true}
"""
SHOP = {"base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": POD}


def scanned(root, files, *rules: str) -> Report:
    write_tree(root, files)
    return scan(Settings(paths=(root,), selection=Selection(select=rules or ("privileged",))))


def ledger(report: Report) -> dict[str, str]:
    return {
        line.path: f"{line.status} {line.kind}" + (f": {line.reason}" if line.reason else "")
        for line in report.coverage
    }


def found(report: Report) -> list[str]:
    return [
        f"{one.location.path}:{one.location.span.line} {', '.join(one.environments)}"
        for one in report.findings
    ]


def said(report: Report) -> list[str]:
    return [f"{one.severity} {one.path}:{one.line}:{one.column} {one.message}" for one in report.diagnostics]


def test_each_overlay_is_an_environment_and_equal_findings_are_one(tmp_path):
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "overlays/dev/kustomization.yaml": "resources: [../../base]\n",
            "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
        },
    )
    assert found(report) == ["base/pod.yaml:8 dev, prod"]
    assert ledger(report) == {
        "base/kustomization.yaml": "evaluated kustomize",
        "base/pod.yaml": "evaluated kubernetes",
        "overlays/dev/kustomization.yaml": "evaluated kustomize",
        "overlays/prod/kustomization.yaml": "evaluated kustomize",
    }
    assert said(report) == []


def test_what_one_overlay_cures_is_found_in_the_other_only(tmp_path):
    cure = "[{op: remove, path: /spec/containers/0/securityContext}]"
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "dev/kustomization.yaml": "resources: [../base]\n",
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: cure.yaml, target: {kind: Pod}}]\n",
            "prod/cure.yaml": cure,
        },
    )
    assert found(report) == ["base/pod.yaml:8 dev"]
    assert ledger(report)["prod/cure.yaml"] == "evaluated kustomize"


def test_what_a_patch_overrides_is_a_related_place_and_no_secret_is_shown(tmp_path):
    pod = POD.replace(
        "securityContext: {privileged: true}", "env: [{name: DB_PASSWORD, value: Xk9vQ2mL7pR4tW}]"
    )
    body = "      spec: {containers: [{name: c, env: [{name: DB_PASSWORD, value: Hj3bN8sD6fG1zC}]}]}\n"
    report = scanned(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\n",
            "base/pod.yaml": pod,
            "prod/kustomization.yaml": "resources: [../base]\npatches:\n  - patch: |\n      apiVersion: v1\n"
            "      kind: Pod\n      metadata: {name: p}\n" + body,
        },
        "secret-literal-env",
    )
    (finding,) = report.findings
    assert finding.location.path == "prod/kustomization.yaml"
    assert [(one.location.path, one.location.span.line) for one in finding.related] == [("base/pod.yaml", 8)]
    for name in reporter_names():
        text = load_reporter(name).render(report, RenderOptions(verbose=True))
        assert "Xk9v" not in text, name
        assert "Hj3b" not in text, name


def test_overlays_of_one_name_are_told_apart_by_their_paths(tmp_path):
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "a/prod/kustomization.yaml": "resources: [../../base]\n",
            "b/prod/kustomization.yaml": "resources: [../../base]\n",
        },
    )
    assert found(report) == ["base/pod.yaml:8 a/prod, b/prod"]


def test_a_manifest_that_no_kustomization_uses_stays_a_plain_one(tmp_path):
    report = scanned(tmp_path, {**SHOP, "base/other.yaml": POD})
    assert found(report) == ["base/other.yaml:8 default", "base/pod.yaml:8 base"]


def test_a_component_that_nobody_uses_is_partial_and_its_manifests_plain(tmp_path):
    report = scanned(
        tmp_path,
        {
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pod.yaml]\n",
            "part/pod.yaml": POD,
        },
    )
    assert found(report) == ["part/pod.yaml:8 default"]
    reason = "a component that no kustomization uses: there is nothing to apply it to"
    assert ledger(report)["part/kustomization.yaml"] == f"partial kustomize: {reason}"


def test_a_kustomization_of_flux_is_an_object(tmp_path):
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
    assert ledger(scanned(tmp_path, {"kustomization.yaml": flux})) == {
        "kustomization.yaml": "evaluated kubernetes"
    }


TROUBLE = {
    "a missing file": (
        {"kustomization.yaml": "resources:\n  - gone.yaml\n"},
        "error kustomization.yaml:2:5 'gone.yaml' is no file, and no folder with a kustomization",
    ),
    "a path that leaves the root": (
        {"kustomization.yaml": "resources:\n  - ../../etc\n"},
        "error kustomization.yaml:2:5 the path '../../etc' leaves the scanned root; scan a folder that holds both",
    ),
    "a remote base": (
        {"kustomization.yaml": "resources:\n  - github.com/org/repo//deploy\n"},
        "warning kustomization.yaml:2:5 'github.com/org/repo//deploy' is elsewhere and never fetched: its objects are not seen",
    ),
    "a circle": (
        {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"},
        "error b/kustomization.yaml:1:13 the kustomizations name each other in a circle: 'a' -> 'b' -> 'a'",
    ),
    "a patch of nothing": (
        {"kustomization.yaml": "patches:\n  - path: p.yaml\n", "p.yaml": POD},
        "error p.yaml:1:1 no object is the Pod 'p' of the patch",
    ),
    "a patch that does not fit": (
        {
            "kustomization.yaml": "resources: [pod.yaml]\npatches:\n  - path: p.yaml\n",
            "pod.yaml": POD,
            "p.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: [a]\n",
        },
        "error p.yaml:4:7 the patch has a list where the object has a mapping",
    ),
    "a JSON patch that does not fit": (
        {
            "kustomization.yaml": "resources: [pod.yaml]\npatches:\n  - path: p.yaml\n    target: {kind: Pod}\n",
            "pod.yaml": POD,
            "p.yaml": "- op: replace\n  path: /spec/gone\n  value: 1\n",
        },
        "error p.yaml:3:3 the object has nothing at '/spec/gone'; the patch is not applied",
    ),
    "a schema that is no schema": (
        {"kustomization.yaml": "openapi: {path: s.json}\n", "s.json": '{"definitions": ['},
        "error kustomization.yaml:1:17 the schema 's.json' cannot be read: ",
    ),
    "a schema without definitions": (
        {"kustomization.yaml": "openapi: {path: s.json}\n", "s.json": "[]\n"},
        "error kustomization.yaml:1:17 the schema 's.json' has no definitions",
    ),
    "a schema of another version": (
        {"kustomization.yaml": "openapi: {version: v1.20.4}\n"},
        "error kustomization.yaml:1:20 the schema 'v1.20.4' is not built in; there is v1.21.2",
    ),
    "a schema that is not there": (
        {"kustomization.yaml": "openapi:\n  path: schema.json\n"},
        "error kustomization.yaml:2:9 'schema.json' is not there",
    ),
    "a transformer that is a program": (
        {
            "kustomization.yaml": "transformers: [t.yaml]\n",
            "t.yaml": "apiVersion: example.org/v1\nkind: Injector\nmetadata:\n  name: x\n  annotations:\n"
            "    config.kubernetes.io/function: 'container: {image: example.org/run}'\n",
        },
        "warning t.yaml:1:1 the transformer 'Injector' is a program that is never run: what it changes is not seen",
    ),
    "a generator that is a program": (
        {
            "kustomization.yaml": "generators:\n  - |\n    apiVersion: viaduct.ai/v1\n    kind: ksops\n"
            "    metadata: {name: x}\n    files: [secret.enc.yaml]\n",
        },
        "warning kustomization.yaml:3:5 the generator 'ksops' is a program that is never run: what it makes is not seen",
    ),
    "a transformer of a kind that is not done": (
        {
            "kustomization.yaml": "transformers: [t.yaml]\n",
            "t.yaml": "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: x}\n",
        },
        "warning t.yaml:1:1 the transformer 'ValueAddTransformer' is not supported: what it changes is not seen",
    ),
    "a transformer that is not there": (
        {"kustomization.yaml": "transformers:\n  - t.yaml\n"},
        "error kustomization.yaml:2:5 't.yaml' is no file, and no folder with a kustomization",
    ),
    "a transformer without its fields": (
        {
            "kustomization.yaml": "transformers: [t.yaml]\n",
            "t.yaml": "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: x}\nprefix: p-\n",
        },
        "error t.yaml:1:1 the PrefixTransformer needs 'fieldSpecs'",
    ),
    "a transformer that is not well-formed": (
        {"kustomization.yaml": "transformers:\n  - |\n    kind: [\n"},
        "error kustomization.yaml:2:5 the object is not well-formed: ",
    ),
    "a field table that is not there": (
        {"kustomization.yaml": "configurations:\n  - gone.yaml\n"},
        "error kustomization.yaml:2:5 'gone.yaml' is not there",
    ),
    "a field table of something unheard-of": (
        {"kustomization.yaml": "configurations: [f.yaml]\n", "f.yaml": "nameSufix: []\n"},
        "error f.yaml:1:1 unknown kind of field 'nameSufix'; namePrefix, nameSuffix, namespace, ",
    ),
    "field tables that do not agree": (
        {
            "kustomization.yaml": "configurations: [f.yaml]\n",
            "f.yaml": "replicas: [{path: spec/replicas, kind: Deployment}]\n",
        },
        "error kustomization.yaml:1:18 it is not clear whether the field 'spec/replicas' is to be made where it is missing",
    ),
    "an unknown field": (
        {"kustomization.yaml": "resource: []\n"},
        "warning kustomization.yaml:1:1 unknown field 'resource' of a kustomization",
    ),
    "a missing file of a generator": (
        {"kustomization.yaml": "secretGenerator:\n  - name: s\n    files:\n      - tls.key\n"},
        "warning kustomization.yaml:4:9 'tls.key' cannot be read: no such file",
    ),
    "a chart that is elsewhere": (
        {"kustomization.yaml": "helmCharts:\n  - name: redis\n    repo: https://charts.example.org\n"},
        "warning kustomization.yaml:2:5 the chart 'redis' is elsewhere and never fetched: its objects are not seen",
    ),
    "an object twice": (
        {"kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": POD, "b.yaml": POD},
        "error kustomization.yaml:1:21 the Pod 'p' is there already and is not added again",
    ),
    "no mapping": (
        {"kustomization.yaml": "- a\n"},
        "error kustomization.yaml:1:1 expected the fields of a kustomization",
    ),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_told_at_its_place(name, tmp_path):
    files, message = TROUBLE[name]
    report = scanned(tmp_path, files)
    (first,) = said(report)
    assert first == message or (message.endswith(" ") and first.startswith(message))
    where = message.split(" ")[1].split(":")[0]
    assert ledger(report)[where].split(" ")[0] in ("partial", "failed")


TOOLS = {
    "tools/kustomization.yaml": "resources: [label.yaml]\n",
    "tools/label.yaml": "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\nlabels: {a: b}\n",
}


def test_folders_of_transformers_are_no_environments_and_their_files_no_manifests(tmp_path):
    overlay = "resources: [../base]\ntransformers: [../tools]\nvalidators: [check.yaml]\n"
    program = "apiVersion: example.org/v1\nkind: Check\nmetadata: {name: x}\n"
    report = scanned(
        tmp_path, {**SHOP, **TOOLS, "prod/kustomization.yaml": overlay, "prod/check.yaml": program}
    )
    assert found(report) == ["base/pod.yaml:8 prod"]
    assert said(report) == []
    assert {path: line for path, line in ledger(report).items() if "base" not in path} == {
        "prod/check.yaml": "evaluated kustomize",
        "prod/kustomization.yaml": "evaluated kustomize",
        "tools/kustomization.yaml": "evaluated kustomize",
        "tools/label.yaml": "evaluated kustomize",
    }


def test_a_program_leaves_the_overlay_partial_and_is_named(tmp_path):
    program = "apiVersion: example.org/v1\nkind: Injector\nmetadata: {name: x}\n"
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "prod/kustomization.yaml": "resources: [../base]\ntransformers: [run.yaml]\n",
            "prod/run.yaml": program,
        },
    )
    assert found(report) == ["base/pod.yaml:8 prod"]
    assert ledger(report)["prod/kustomization.yaml"].startswith(
        "partial kustomize: the transformer 'Injector'"
    )


def test_secrets_of_generators_that_are_objects_are_judged_like_those_of_the_field(tmp_path):
    generator = "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: db}\nliterals:\n  - password=Tr0ub4dor-and-3\n"
    report = scanned(
        tmp_path,
        {"kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": generator},
        "kustomize-secret-literals",
    )
    assert [(one.location.path, one.location.span.line) for one in report.findings] == [("g.yaml", 5)]


def test_components_that_overlays_use_are_not_reported_on_their_own(tmp_path):
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [extra.yaml]\n"
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "part/kustomization.yaml": component,
            "part/extra.yaml": POD.replace("name: p", "name: extra"),
            "dev/kustomization.yaml": "resources: [../base]\n",
            "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
        },
    )
    assert found(report) == ["base/pod.yaml:8 dev, prod", "part/extra.yaml:8 prod"]
    assert all("partial" not in line for line in ledger(report).values())


def test_bases_between_overlays_and_their_bases_are_not_reported_on_their_own(tmp_path):
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "middle/kustomization.yaml": "resources: [../base]\nnamePrefix: m-\n",
            "east/prod/kustomization.yaml": "resources: [../../middle]\n",
            "west/prod/kustomization.yaml": "resources: [../../middle]\n",
        },
    )
    assert found(report) == ["base/pod.yaml:8 east/prod, west/prod"]


def test_a_base_that_nobody_uses_is_an_environment_beside_the_others(tmp_path):
    report = scanned(
        tmp_path, {**SHOP, "prod/kustomization.yaml": "resources: [other.yaml]\n", "prod/other.yaml": POD}
    )
    assert found(report) == ["base/pod.yaml:8 base", "prod/other.yaml:8 prod"]


def test_trouble_in_one_overlay_costs_no_other(tmp_path):
    report = scanned(
        tmp_path,
        {
            **SHOP,
            "good/kustomization.yaml": "resources: [../base]\n",
            "bad/kustomization.yaml": "resources: [../base, gone]\npatches: [{patch: '- a'}]\nnamespace: [a]\nimages: no\n",
        },
    )
    assert found(report) == ["base/pod.yaml:8 bad, good"]
    assert ledger(report)["good/kustomization.yaml"] == "evaluated kustomize"


def test_aliases_cannot_make_a_kustomization_mean_the_world(tmp_path):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n" + bomb
    report = scanned(tmp_path, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": text})
    assert "more nodes than any cluster takes" in said(report)[0]


def test_kustomizations_that_name_each_other_often_end_soon(tmp_path):
    files = {
        f"k{number}/kustomization.yaml": f"resources: [../k{number + 1}, ../k{number + 1}]\n"
        for number in range(30)
    }
    files["k30/kustomization.yaml"] = "resources: []\n"
    start = time.monotonic()
    report = scanned(tmp_path, files)
    assert time.monotonic() - start < 5
    assert report.is_incomplete()


def test_a_pattern_cannot_stop_the_scan(tmp_path):
    files = {
        "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {name: '(a+)+b'}}]\n",
        "a.yaml": POD.replace("name: p", "name: " + "a" * 60),
        "p.yaml": "[]\n",
    }
    start = time.monotonic()
    scanned(tmp_path, files)
    assert time.monotonic() - start < 2


def test_a_local_chart_is_rendered_and_then_patched(tmp_path):
    pytest.importorskip("helm_python_sdk")
    report = scanned(
        tmp_path,
        {
            "prod/kustomization.yaml": "helmCharts:\n  - name: web\n    releaseName: r\n    valuesInline: {tag: '2'}\n"
            "namespace: prod\n",
            "prod/charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "prod/charts/web/values.yaml": "tag: '1'\n",
            "prod/charts/web/templates/pod.yaml": POD.replace(
                "name: p", "name: '{{ .Release.Name }}'"
            ).replace("nginx:1", "nginx:{{ .Values.tag }}"),
        },
    )
    places = [one for one in report.findings if one.environments == ("prod",)]
    assert [
        (one.location.path, one.location.span.line, one.resource.name, one.resource.namespace)
        for one in places
    ] == [("prod/charts/web/templates/pod.yaml", 8, "r", "prod")]
    assert said(report) == []


WORDS = st.sampled_from(
    [
        "resources",
        "patches",
        "a.yaml",
        "../b",
        ".",
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "&x",
        "*x",
        "|",
        "'",
    ]
    + [
        "images",
        "name",
        "newTag",
        "target",
        "op",
        "path",
        "/a/-",
        "replicas",
        "count",
        "null",
        "$patch",
        "delete",
    ]
    + [
        "configMapGenerator",
        "literals",
        "a=b",
        "vars",
        "replacements",
        "source",
        "targets",
        "labels",
        "pairs",
        "<<",
    ]
    + [
        "components",
        "namespace",
        "kind",
        "Pod",
        "p",
        "metadata",
        "spec",
        "containers",
        "(",
        "*",
        "1",
        "~",
        "apiVersion",
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.sampled_from(
    [text for files in CASES.values() for text in files.values()]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, min_size=4, max_size=4), st.data())
def test_no_text_makes_it_fail(tmp_path_factory, texts, data):
    cut = data.draw(st.integers(0, 400))
    root = tmp_path_factory.mktemp("k")
    first, second, third, fourth = texts
    names = ("over/kustomization.yaml", "over/p.yaml", "base/kustomization.yaml", "base/web.yaml")
    report = scanned(
        root,
        {**BASE, **dict(zip(names, (first[:cut] + second, third, fourth, first), strict=True))},
        "privileged",
    )
    assert all("internal error" not in one.message for one in report.diagnostics)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(CASES)),
    st.integers(0, 10_000),
    st.sampled_from(["[", "{}", "null", ": ", "- ", "&a *a", "'"]),
)
def test_no_change_of_a_kustomization_makes_it_fail(tmp_path_factory, name, at, text):
    files = dict(CASES[name])
    path = sorted(files)[at % len(files)]
    place = at % (len(files[path]) + 1)
    files[path] = files[path][:place] + text + files[path][place:]
    report = scanned(tmp_path_factory.mktemp("k"), files, "privileged")
    assert all("internal error" not in one.message for one in report.diagnostics)
