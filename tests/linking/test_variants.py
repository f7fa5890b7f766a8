"""A container is linked to the same one below its environment and beside it, and to no other."""

from __future__ import annotations

import pytest

from tests.environment_trees import CHART, COMPOSE, DEPLOYMENT, KUSTOMIZE
from tests.linking.support import graph_of
from tests.support import write_tree


def environments(root, files):
    """Return the graph, and of each link between environments its verb and both ends."""
    graph = graph_of(write_tree(root, files))
    layers = {
        container: f"{workload.ref.name}.{container.name.value}@{unit.resources.environment}"
        for unit in graph.units
        for workload in unit.resources.workloads
        for container in workload.containers
    }
    found = [
        (link.verb, layers[link.source], layers.get(link.target, "below"))
        for link in graph.links
        if link.verb in ("varies", "stands-beside")
    ]
    return graph, sorted(found)


def test_overlays_of_compose_vary_the_base_and_stand_beside_each_other(tmp_path):
    _, found = environments(tmp_path, COMPOSE)
    assert found == [
        ("stands-beside", "db.db@dev", "db.db@prod"),
        ("stands-beside", "db.db@prod", "db.db@dev"),
        ("stands-beside", "web.web@dev", "web.web@prod"),
        ("stands-beside", "web.web@prod", "web.web@dev"),
        ("varies", "db.db@dev", "db.db@default"),
        ("varies", "db.db@prod", "db.db@default"),
        ("varies", "web.web@dev", "web.web@default"),
        ("varies", "web.web@prod", "web.web@default"),
    ]


def test_a_base_that_is_not_deployed_as_it_stands_is_read_for_those_built_on_it(tmp_path):
    files = {"compose.yaml": COMPOSE["compose.yaml"], "compose.override.yaml": COMPOSE["compose.prod.yaml"]}
    graph, found = environments(tmp_path, files)
    assert found == [("varies", "db.db@default", "below"), ("varies", "web.web@default", "below")]
    assert len(graph.units) == 1


def test_overlays_that_rename_their_objects_vary_the_base(tmp_path):
    graph, found = environments(tmp_path, KUSTOMIZE)
    assert found == [
        ("stands-beside", "dev-web.web@dev", "web-prod.web@prod"),
        ("stands-beside", "web-prod.web@prod", "dev-web.web@dev"),
        ("varies", "dev-web.web@dev", "below"),
        ("varies", "web-prod.web@prod", "below"),
    ]
    assert {unit.resources.environment for unit in graph.units} >= {"dev", "prod"}


def test_every_layer_below_an_overlay_is_compared(tmp_path):
    files = {
        **KUSTOMIZE,
        "overlays/eu/kustomization.yaml": "resources: [../prod]\n",
    }
    _, found = environments(tmp_path, files)
    assert [one for one in found if one[1] == "web-prod.web@eu" and one[0] == "varies"] == [
        ("varies", "web-prod.web@eu", "below"),
        ("varies", "web-prod.web@eu", "below"),
    ]


def test_sets_of_values_vary_the_defaults_of_the_chart(tmp_path):
    _, found = environments(tmp_path, CHART)
    web = "release-name-web.web"
    assert found == [
        ("stands-beside", f"{web}@dev", f"{web}@prod"),
        ("stands-beside", f"{web}@prod", f"{web}@dev"),
        ("varies", f"{web}@dev", f"{web}@default"),
        ("varies", f"{web}@prod", f"{web}@default"),
    ]


def test_projects_that_have_nothing_below_in_common_are_not_linked(tmp_path):
    files = {f"{project}/{path}": text for project in ("a", "b") for path, text in KUSTOMIZE.items()}
    _, found = environments(tmp_path, files)
    projects = {
        (one.partition("@")[2][0], other.partition("@")[2][0]) for _, one, other in found if "@" in other
    }
    assert projects == {("a", "a"), ("b", "b")}


def test_what_a_patch_takes_out_is_known_by_field(tmp_path):
    graph, _ = environments(tmp_path, KUSTOMIZE)
    assert {
        (field, place.location.path, place.location.span.line) for (_, field), place in graph.removals.items()
    } == {("read_only_root", "overlays/prod/kustomization.yaml", 6)}


def test_what_an_override_resets_is_known_by_field(tmp_path):
    graph, _ = environments(tmp_path, COMPOSE)
    assert {
        (field, place.location.path, place.location.span.line) for (_, field), place in graph.removals.items()
    } == {("memory_limit", "compose.prod.yaml", 4)}


SERVICE = {"compose.yaml": "services:\n  web:\n    image: example.com/web:2\n"}


@pytest.mark.parametrize(
    "manifest,linked",
    [
        (DEPLOYMENT, True),
        (DEPLOYMENT.replace("example.com/web", "example.com/web2"), False),
        (DEPLOYMENT.replace("example.com/web", "mirror.example.com/web"), False),
        (DEPLOYMENT.replace("name: web", "name: shop"), False),
        (DEPLOYMENT.replace("containers:", "initContainers:"), False),
        (DEPLOYMENT.replace("        - name: web", "        - name: main"), True),
    ],
)
def test_a_service_is_a_container_of_the_same_name_and_image(tmp_path, manifest, linked):
    _, found = environments(tmp_path, {**SERVICE, "web.yaml": manifest})
    assert len(found) == (2 if linked else 0)


def test_of_several_containers_the_nearest_are_meant(tmp_path):
    files = {f"{shop}/{path}": text for shop in ("a", "b") for path, text in SERVICE.items()}
    files |= {f"{shop}/k8s/web.yaml": DEPLOYMENT for shop in ("a", "b")}
    graph, found = environments(tmp_path, files)
    assert len(found) == 4
    for link in graph.links:
        if link.verb == "stands-beside":
            assert link.source.name.location.path[0] == link.target.name.location.path[0]


@pytest.mark.parametrize(
    "folder,linked",
    [("deploy/compose", True), ("deploy", True), ("examples/compose", False), ("hack/dev", False)],
)
def test_a_pulled_image_of_files_far_apart_is_of_two_services(tmp_path, folder, linked):
    files = {f"{folder}/{path}": text for path, text in SERVICE.items()}
    _, found = environments(tmp_path, {**files, "deploy/k8s/web.yaml": DEPLOYMENT})
    assert len(found) == (2 if linked else 0)


def test_a_service_is_the_container_that_the_same_stage_builds(tmp_path):
    files = {
        "compose.yaml": "services:\n  web:\n    build: ./src/web\n    image: web\n",
        "src/web/Dockerfile": "FROM alpine:3.22\n",
        "skaffold.yaml": (
            "apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n"
            "    - image: registry.example.com/shop/web\n      context: src/web\n"
        ),
        "web.yaml": DEPLOYMENT.replace("example.com/web:1.4", "registry.example.com/shop/web"),
    }
    _, found = environments(tmp_path, files)
    assert [verb for verb, _, _ in found] == ["stands-beside"] * 2
