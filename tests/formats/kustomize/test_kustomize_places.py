"""Where what is built stands: each field in the file and line that set it."""

from __future__ import annotations

from pathlib import Path

from scanner.artifacts import Tree
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kustomize.builder import Builder
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.nodes import BuiltSource
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import MappingNode, SequenceNode
from tests.formats.kustomize.cases import BASE, WEB, over, patch, steps


def resources_of(files: dict[str, str]) -> dict[tuple[str, str], Resource]:
    workspace = Workspace(Tree(Path("/nowhere"), tuple(sorted(files)), files))
    root = workspace.kustomization("over")
    assert root is not None
    return {
        (one.identity.of.kind, one.identity.name): one
        for one in Builder(workspace, HelmSettings()).build(root)
    }


def places(root, prefix: str = "") -> dict[str, str]:
    """Each plain value as `path: file:line`."""
    source = BuiltSource("built")
    found = {}
    items = root.value if root.__class__ is MappingNode else enumerate(root.value)
    for key, value in items:
        name = key.value if root.__class__ is MappingNode else str(key)
        path = f"{prefix}{name}"
        if value.__class__ in (MappingNode, SequenceNode):
            found |= places(value, path + ".")
        else:
            at = source.locate((key, value) if root.__class__ is MappingNode else value)
            found[path] = f"{at.path}:{at.span.line}:{at.span.column}"
    return found


def changed(text: str, name: tuple[str, str] = ("Deployment", "web"), **files: str) -> dict[str, str]:
    """The places that are no longer those of the base."""
    before = places(resources_of(over(""))["Deployment", "web"].root)
    after = places(resources_of(over(text, **files))[name].root)
    return {path: place for path, place in after.items() if before.get(path) != place}


def line_of(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if word in line)


def test_what_nobody_changes_stands_in_the_base():
    found = places(resources_of(over(""))["Deployment", "web"].root)
    assert found["spec.replicas"] == f"base/web.yaml:{line_of(WEB, 'replicas')}:3"
    assert found["spec.template.spec.containers.1.image"] == f"base/web.yaml:{line_of(WEB, 'team/log')}:11"
    assert all(place.startswith("base/web.yaml:") for place in found.values())


def test_a_merged_field_stands_in_the_patch_file_and_the_key_of_its_item_where_it_was():
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
        "      hostNetwork: true\n      containers:\n        - name: web\n          image: nginx:2\n"
    )
    assert changed("patches: [{path: p.yaml}]\n", p__yaml=text) == {
        "spec.template.spec.hostNetwork": "over/p.yaml:8:7",
        "spec.template.spec.containers.0.image": "over/p.yaml:11:11",
    }


def test_a_patch_written_in_the_kustomization_stands_there():
    text = patch("spec:\n  replicas: 3\n  template:\n    spec:\n      hostPID: true")
    assert changed(text) == {
        "spec.replicas": "over/kustomization.yaml:8:9",
        "spec.template.spec.hostPID": "over/kustomization.yaml:11:13",
    }


def test_a_patch_in_quotes_stands_at_the_whole_text():
    text = (
        "patches:\n  - target: {kind: Deployment}\n"
        '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 3}]\'\n'
    )
    assert changed(text) == {"spec.replicas": "over/kustomization.yaml:4:12"}


def test_a_step_of_a_json_patch_stands_at_its_value():
    text = steps(
        "- op: replace\n  path: /spec/replicas\n  value: 2\n"
        "- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: new"
    )
    assert changed(text) == {
        "spec.replicas": "over/kustomization.yaml:7:9",
        "spec.template.spec.containers.0.args.2": "over/kustomization.yaml:10:16",
    }


def test_an_image_stands_at_its_new_tag_or_name():
    text = (
        "images:\n  - name: nginx\n    newTag: '2'\n  - name: registry.example/team/log\n    newName: other\n"
    )
    assert changed(text) == {
        "spec.template.spec.containers.0.image": "over/kustomization.yaml:4:5",
        "spec.template.spec.containers.1.image": "over/kustomization.yaml:6:5",
    }


def test_replicas_namespace_and_labels_stand_in_the_kustomization():
    text = "replicas:\n  - name: web\n    count: 4\nnamespace: prod\nlabels:\n  - pairs:\n      team: blue\n"
    assert changed(text) == {
        "spec.replicas": "over/kustomization.yaml:4:5",
        "metadata.namespace": "over/kustomization.yaml:5:1",
        "metadata.labels.team": "over/kustomization.yaml:8:7",
    }


def test_names_and_references_stay_where_they_were_written():
    text = "namePrefix: p-\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n"
    assert changed(text, ("Deployment", "p-web")) == {}


def test_a_replaced_value_stands_at_its_source():
    text = (
        "replacements:\n  - source: {kind: Service, fieldPath: spec.ports.0.name}\n    targets:\n"
        "      - {select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.[name=log].image']}\n"
    )
    line = line_of(BASE["base/rest.yaml"], "name: http")
    assert changed(text) == {"spec.template.spec.containers.1.image": f"base/rest.yaml:{line}:28"}


def test_generated_data_stands_at_its_literal_and_in_its_env_file():
    text = "secretGenerator:\n  - name: s\n    literals:\n      - a=b\n    envs: [e.env]\ngeneratorOptions: {disableNameSuffixHash: true}\n"
    secret = resources_of(over(text, e__env="# first\nX=1\n"))["Secret", "s"]
    found = places(secret.root)
    assert found["data.a"] == "over/kustomization.yaml:5:9"
    assert found["data.X"] == "over/e.env:2:1"
    assert found["metadata.name"] == "over/kustomization.yaml:3:5"


def test_a_field_remembers_what_it_overrode():
    resource = resources_of(over(patch("spec: {replicas: 3}")))["Deployment", "web"]
    spec = next(pair[1] for pair in resource.root.value if pair[0].value == "spec")
    replicas = next(pair for pair in spec.value if pair[0].value == "replicas")
    source = BuiltSource("built")
    (old,) = source.replaced(replicas)
    assert old[1].value == "1"
    assert source.locate(old).path == "base/web.yaml"
    (value,) = source.replaced(replicas[1])
    assert value is old[1]


def test_environments_do_not_change_each_other():
    files = over(patch("spec: {replicas: 3}\n$patch: merge"))
    workspace = Workspace(Tree(Path("/nowhere"), tuple(sorted(files)), files))
    root, base = workspace.kustomization("over"), workspace.kustomization("base")
    assert root is not None
    assert base is not None
    for _ in range(2):
        first, second = (
            Builder(workspace, HelmSettings()).build(root),
            Builder(workspace, HelmSettings()).build(base),
        )
        assert places(first[0].root)["spec.replicas"] == "over/kustomization.yaml:7:14"
        assert places(second[0].root)["spec.replicas"] == f"base/web.yaml:{line_of(WEB, 'replicas')}:3"
    assert workspace.diagnostics == []
