"""What facts of built objects took the place of, and what was taken out of them."""

from __future__ import annotations

from pathlib import Path

from scanner.artifacts import Tree
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kustomize.reader import Kustomizations
from scanner.model.resources import Container, UnitResources
from tests.formats.kustomize.cases import WEB, over, patch, steps

BASE_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 1
  template:
    spec:
      hostNetwork: false
      containers:
        - name: web
          image: nginx:1.27
          env:
            - {name: LEVEL, value: info}
          securityContext:
            runAsUser: 10001
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL, NET_RAW]}
"""


def built(text: str) -> UnitResources:
    """The environment of an overlay of one Deployment."""
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": BASE_WEB,
        "over/kustomization.yaml": "resources: [../base]\n" + text,
    }
    tree = Tree(Path("/nowhere"), tuple(sorted(files)), files)
    paths = [path for path in files if path.endswith("kustomization.yaml")]
    readings = list(Kustomizations(paths, tree, HelmSettings()).readings())
    assert readings[0].resources is not None
    assert readings[0].diagnostics == ()
    return readings[0].resources


def container(resources: UnitResources) -> Container:
    return resources.workloads[0].containers[0]


def before(fact) -> list[tuple[object, str, int]]:
    """What a fact overrode: each value, with its file and line."""
    return [(one.value, one.location.path, one.location.span.line) for one in fact.overridden]


def removed(resources: UnitResources) -> list[tuple[str | None, str, object, int, int]]:
    """What was taken out: the container, the path, the value, and the lines of both places."""
    return sorted(
        (
            one.ref.container,
            one.path,
            one.value.value,
            one.value.location.span.line,
            one.removal.location.span.line,
        )
        for one in resources.removed
    )


def in_container(body: str) -> str:
    lines = "".join(f"\n        {line}" for line in body.splitlines())
    text = patch(f"spec:\n  template:\n    spec:\n      containers:\n      - name: web{lines}")
    return text.replace("metadata: {name: web}", "metadata: {name: web, namespace: shop}")


def test_a_merged_field_knows_the_value_before_in_its_own_type():
    text = in_container(
        "image: nginx:2\nsecurityContext:\n  readOnlyRootFilesystem: false\n  runAsUser: 0\n  capabilities: {drop: [NET_RAW]}"
    )
    found = container(built(text))
    assert found.read_only_root is not None
    assert found.read_only_root.value is False
    assert before(found.read_only_root) == [(True, "base/web.yaml", 16)]
    assert before(found.uid) == [(10001, "base/web.yaml", 15)]
    assert before(found.cap_drop) == [(("ALL", "NET_RAW"), "base/web.yaml", 17)]
    assert found.image is not None
    assert before(found.image.text) == [("nginx:1.27", "base/web.yaml", 11)]
    assert found.security_context is not None
    assert before(found.security_context) == []


def test_the_value_of_a_variable_knows_the_one_before_at_the_value_alone():
    (variable,) = container(built(in_container("env: [{name: LEVEL, value: debug}]"))).env
    (old,) = variable.value.overridden
    assert (old.value, old.location.span.column) == ("info", 36)


def test_what_a_replaced_mapping_holds_took_the_place_of_what_stood_there():
    text = steps(
        "- op: replace\n  path: /spec/template/spec/containers/0/securityContext\n  value: {readOnlyRootFilesystem: false}"
    )
    resources = built(text)
    found = container(resources)
    assert before(found.read_only_root) == [(True, "base/web.yaml", 16)]
    assert removed(resources) == [
        ("web", "securityContext.capabilities.drop", ("ALL", "NET_RAW"), 17, 7),
        ("web", "securityContext.runAsUser", "10001", 15, 7),
    ]


def test_each_of_several_layers_is_remembered_and_one_change_only_once():
    text = "images: [{name: nginx, newTag: '3'}]\n" + in_container("image: nginx:2")
    found = container(built(text))
    assert found.image is not None
    assert found.image.text.value == "nginx:3"
    assert [value for value, _, _ in before(found.image.text)] == ["nginx:2", "nginx:1.27"]


def test_replicas_and_namespaces_know_those_before():
    resources = built("namespace: prod\nreplicas: [{name: web, count: 4}]\n")
    assert before(resources.workloads[0].replicas) == [(1, "base/web.yaml", 5)]
    (document, *_) = resources.documents
    (namespace,) = document.find("metadata.namespace")
    assert before(namespace) == [("shop", "base/web.yaml", 3)]


def test_nothing_is_said_of_a_change_to_what_it_was_not():
    resources = built("")
    assert resources.removed == ()
    assert container(resources).read_only_root.overridden == ()


def test_what_null_takes_out_is_kept_with_both_places():
    text = in_container("securityContext: {readOnlyRootFilesystem: null}")
    assert removed(built(text)) == [("web", "securityContext.readOnlyRootFilesystem", "true", 16, 12)]


def test_a_mapping_that_is_taken_out_is_told_value_by_value():
    text = in_container("securityContext: {$patch: delete}")
    assert [found[1] for found in removed(built(text))] == [
        "securityContext.capabilities.drop",
        "securityContext.readOnlyRootFilesystem",
        "securityContext.runAsUser",
    ]


def test_what_a_step_takes_out_is_kept_unless_another_step_puts_it_back():
    out = "- op: remove\n  path: /spec/template/spec/hostNetwork"
    assert removed(built(steps(out))) == [(None, "spec.template.spec.hostNetwork", "false", 8, 5)]
    back = "\n- op: add\n  path: /spec/template/spec/hostNetwork\n  value: true"
    assert removed(built(steps(out + back))) == []


def test_steps_that_nest_without_end_are_refused_and_end():
    deep = "{a: " * 150 + "1" + "}" * 150
    nested = [f"- {{op: add, path: '/spec/x{'/a' * (149 * times)}', value: {deep}}}" for times in range(8)]
    text = steps("\n".join((*nested, *(line.replace("/x", "/y", 1) for line in nested), MOVE)))
    files = {"kustomization.yaml": "resources: [web.yaml]\n" + text, "web.yaml": BASE_WEB}
    tree = Tree(Path("/nowhere"), tuple(files), files)
    (reading, *_) = Kustomizations(["kustomization.yaml"], tree, HelmSettings()).readings()
    assert [one.message for one in reading.diagnostics] == ["collections are nested more than 200 deep"]


MOVE = "- {op: move, from: /spec/x, path: /spec/y}"


def test_environments_do_not_tell_of_each_others_changes():
    files = over(patch("spec: {replicas: 3}"))
    files["other/kustomization.yaml"] = "resources: [../base]\n"
    tree = Tree(Path("/nowhere"), tuple(sorted(files)), files)
    paths = [path for path in files if path.endswith("kustomization.yaml")]
    for reading in Kustomizations(paths, tree, HelmSettings()).readings():
        if reading.resources is None:
            continue
        for workload in reading.resources.workloads:
            expected = [("base/web.yaml", WEB.split("\n").index("  replicas: 1") + 1)]
            places = [(path, line) for _, path, line in before(workload.replicas)]
            assert places == (expected if reading.resources.environment == "over" else [])
