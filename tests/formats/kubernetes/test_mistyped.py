"""What stands where another type is due is said once, with its place, and never becomes a fact."""

from __future__ import annotations

from textwrap import dedent

import pytest

from scanner.formats.kubernetes import read_objects
from scanner.parsing.yaml import parse_yaml
from tests.fuzz.fact_types import mistyped
from tests.support import listing, scan_tree, write_tree

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}, annotations: {a: b}}
spec:
  containers:
  - name: web
    image: a
"""


def told(text):
    """The distinct diagnostics as `line:column message`; the facts are held against their fields."""
    file = parse_yaml(dedent(text), "f.yaml")
    resources, diagnostics = read_objects(file, file.source)
    assert mistyped(resources) == []
    assert not resources.certain
    return sorted({f"{one.line}:{one.column} {one.message}" for one in diagnostics})


@pytest.mark.parametrize(
    "field, message",
    [
        ("securityContext: {runAsUser: {a: 0}}", "expected a whole number for 'runAsUser', found a mapping"),
        ("securityContext: {runAsUser: [0]}", "expected a whole number for 'runAsUser', found a list"),
        ("securityContext: {runAsGroup: {}}", "expected a whole number for 'runAsGroup', found a mapping"),
        ("securityContext: {privileged: [true]}", "expected a boolean for 'privileged', found a list"),
        ("securityContext: {capabilities: [ALL]}", "expected a mapping for 'capabilities', found a list"),
        ("securityContext: {capabilities: {drop: ALL}}", "expected a list for 'drop', found 'ALL'"),
        ("securityContext: {procMount: {}}", "expected text for 'procMount', found a mapping"),
        ("imagePullPolicy: []", "expected text for 'imagePullPolicy', found a list"),
        ("env: {A: b}", "expected a list for 'env', found a mapping"),
        ("ports: [80]", "expected a mapping as item of 'ports', found '80'"),
        ("lifecycle: {preStop: []}", "expected a mapping for 'preStop', found a list"),
        ("resources: {limits: [1]}", "expected a mapping for 'limits', found a list"),
    ],
)
def test_a_field_of_a_container_with_another_type(field, message):
    (one,) = told(f"{POD}    {field}\n")
    place, _, text = one.partition(" ")
    assert text == message
    assert place.startswith("8:")


def test_an_item_that_is_no_text_leaves_the_whole_list_undecided():
    assert told(f"{POD}    args: [a, {{b: c}}]\n") == [
        "8:15 expected text as item of 'args', found a mapping"
    ]


@pytest.mark.parametrize("field", ["labels", "annotations"])
def test_a_label_that_is_no_text_is_told_where_it_stands(field):
    text = POD.replace(f"{field}: {{a", f"{field}: {{x: [1], a")
    (one,) = told(text)
    assert one.startswith("3:")
    assert one.endswith("expected text for 'x', found a list")


@pytest.mark.parametrize("value", ["[a]", "{0: 1}", "x", "1"])
@pytest.mark.parametrize("kind", ["Service", "ConfigMap", "Role", "NetworkPolicy", "Deployment", "Ingress"])
@pytest.mark.parametrize("field", ["metadata", "spec", "data", "rules"])
def test_any_type_in_any_place_costs_only_itself(kind, field, value):
    version = {"Deployment": "apps/v1", "Role": "rbac.authorization.k8s.io/v1"}.get(kind, "v1")
    version = "networking.k8s.io/v1" if kind in ("NetworkPolicy", "Ingress") else version
    file = parse_yaml(f"apiVersion: {version}\nkind: {kind}\n{field}: {value}\n---\n{POD}", "f.yaml")
    resources, _ = read_objects(file, file.source)
    assert mistyped(resources) == []
    assert [one.kind for one in resources.documents] == [kind, "Pod"]


def test_a_workload_whose_template_is_no_mapping_is_told():
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: [a], replicas: {}}\n"
    assert told(text) == [
        "4:23 expected a whole number for 'replicas', found a mapping",
        "4:8 expected a mapping for 'template', found a list",
    ]


def test_a_template_of_another_kind_may_be_anything():
    file = parse_yaml("apiVersion: a.b/v1\nkind: X\nspec: {template: [a], replicas: {}}\n", "f.yaml")
    assert read_objects(file, file.source)[1] == ()


def test_one_file_of_wrong_types_costs_no_finding_of_another(tmp_path):
    good = POD + "    securityContext: {privileged: true}\n"
    bad = POD + "    securityContext: {privileged: true, runAsUser: {uid: 0}, runAsGroup: [0]}\n"
    report = scan_tree(write_tree(tmp_path, {"bad.yaml": bad, "good.yaml": good}))
    found = [one for one in listing(report) if one.endswith(" privileged")]
    assert found == ["bad.yaml:8 privileged", "good.yaml:8 privileged"]
    assert report.is_incomplete()
    assert not any("internal error" in one.message for one in report.diagnostics)
