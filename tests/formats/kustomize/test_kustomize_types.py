"""Kustomizations in which things of other types stand."""

from __future__ import annotations

import pytest

from tests.support import scan_tree, write_tree

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {a: b}}
spec:
  template:
    spec:
      containers:
      - {name: web, image: a, args: ["$(V)", "x-$(V)"], securityContext: {privileged: true}}
"""


def said(tmp_path, kustomization, web=DEPLOYMENT, **files):
    report = scan_tree(write_tree(tmp_path, {"kustomization.yaml": kustomization, "web.yaml": web, **files}))
    assert not any("internal error" in one.message for one in report.diagnostics)
    assert any(one.rule == "privileged" and one.location.path == "web.yaml" for one in report.findings)
    return {f"{one.line}:{one.column} {one.message}" for one in report.diagnostics}


@pytest.mark.parametrize(
    "field, message",
    [
        ("namePrefix: [a]", "expected text for 'namePrefix', found a list"),
        ("namespace: {a: b}", "expected text for 'namespace', found a mapping"),
        ("commonLabels: [a]", "expected a mapping for 'commonLabels', found a list"),
        ("generatorOptions: x", "expected a mapping for 'generatorOptions', found 'x'"),
    ],
)
def test_a_field_of_another_type_is_told(tmp_path, field, message):
    assert f"2:1 {message}" in said(tmp_path, f"resources: [web.yaml]\n{field}\n")


def test_a_variable_that_stands_for_a_mapping_is_left_as_it_is(tmp_path):
    said(
        tmp_path,
        "resources: [web.yaml]\nvars: [{name: V, objref: {kind: Deployment, name: web, apiVersion: apps/v1},"
        " fieldref: {fieldpath: metadata.labels}}]\n",
    )


@pytest.mark.parametrize("key", ["[a]", "{a: b}", "? [a]", "[[a], {b: c}]"])
def test_keys_that_are_no_text_are_passed_over(tmp_path, key):
    web = DEPLOYMENT.replace("metadata: {", f"metadata: {{{key} : x, ")
    said(
        tmp_path,
        f"resources: [web.yaml]\nnamePrefix: a-\n{key}: b\npatches: [{{path: p.yaml}}]\n".replace(
            "? [a]", "? [a]\n"
        ),
        web,
        **{"p.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, {key} : y}}\n"},
    )


def test_a_patch_of_one_cyclic_list_is_refused_and_costs_nothing_else(tmp_path):
    said(
        tmp_path,
        "resources: [web.yaml]\npatches: [{path: p.yaml}]\n",
        **{"p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: &a\n- - *a\n"},
    )
