"""Which Dockerfile builds the image of a container, and how sure that is."""

from __future__ import annotations

import pytest

from scanner.linking.images_names import split_name
from tests.linking.support import container_of, graph_of, links_of, place_of
from tests.support import scan_tree, write_tree


def pod(*images: str, name: str = "p") -> str:
    containers = "".join(f"    - {{name: c{number}, image: '{one}'}}\n" for number, one in enumerate(images))
    return f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n{containers}"


def skaffold(*images: str) -> str:
    artifacts = "".join(f"    - {{image: '{one}', context: {one.rpartition('/')[2]}}}\n" for one in images)
    return f"apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n{artifacts}"


def linked(root, files, container="c0"):
    """The Dockerfile that a container is linked to, with the link's sureness, or nothing."""
    graph = graph_of(write_tree(root, files))
    return [
        (link.target.name.source.path, link.target.name.value, str(link.confidence), link.sure)
        for link in links_of(graph, "built-from", container_of(graph, container))
    ]


def test_a_build_of_a_service_has_its_places_at_both_ends(tmp_path):
    write_tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    build:\n      context: web\n      target: run\n",
            "web/Dockerfile": "FROM golang:1.25 AS build\nFROM debian:13 AS run\nFROM run\n",
        },
    )
    graph = graph_of(tmp_path)
    (link,) = links_of(graph, "built-from", container_of(graph, "web"))
    assert (place_of(link.place), place_of(link.end)) == ("compose.yaml:3", "web/Dockerfile:2")
    assert (link.confidence, link.sure, link.note) == ("high", True, "")


def test_an_artifact_and_its_dockerfile_are_both_linked(tmp_path):
    write_tree(
        tmp_path, {"pod.yaml": pod("cart"), "skaffold.yaml": skaffold("cart"), "cart/Dockerfile": "FROM a"}
    )
    graph = graph_of(tmp_path)
    container = container_of(graph, "c0")
    (by,) = links_of(graph, "built-by", container)
    (origin,) = links_of(graph, "built-from", container)
    (makes,) = links_of(graph, "makes", by.target)
    assert (by.target.name.value, place_of(by.place), place_of(by.end)) == (
        "cart",
        "pod.yaml:7",
        "skaffold.yaml:5",
    )
    assert makes.target is origin.target
    assert place_of(origin.end) == "cart/Dockerfile:1"


@pytest.mark.parametrize(
    ("built", "asked", "expected"),
    [
        ("cart", "cart:v1", "high"),
        ("cart", "europe-docker.pkg.dev/p/r/cart:v1", "medium"),
        ("cart", "ghcr.io/shop/cart@sha256:" + "0" * 64, "medium"),
        ("gcr.io/shop/cart", "registry.example.com/dev/gcr.io/shop/cart:v1", "medium"),
        ("ghcr.io/shop/cart", "quay.io/shop/cart", "medium"),
        ("ghcr.io/shop/cart", "ghcr.io/shop/cart", "high"),
        ("shop/cart", "docker.io/shop/cart", "high"),
        ("cart", "ghcr.io/shop/my-cart", None),
        ("ghcr.io/shop/cart", "ghcr.io/shop/cart/debug", None),
        ("ghcr.io/shop/cart", "ghcr.io/shopping/other", None),
    ],
)
def test_names_are_matched_by_their_parts(tmp_path, built, asked, expected):
    files = {"pod.yaml": pod(asked), "skaffold.yaml": skaffold(built), "cart/Dockerfile": "FROM a\n"}
    found = linked(tmp_path, files)
    assert found == ([("cart/Dockerfile", "0", expected, True)] if expected else [])


@pytest.mark.parametrize(
    ("folder", "image", "is_linked"),
    [
        ("src/cartservice/src", "gcr.io/shop/cartservice:1", True),
        ("services/Cart_Service", "gcr.io/shop/cart-service:1", True),
        ("services/cart", "cart:1", True),
        ("services/cart", "gcr.io/shop/cart-service:1", False),
        ("redis", "redis:7.4", False),
        ("redis", "docker.io/library/redis", False),
        ("joomla", "joomla:5", False),
        ("redis", "bitnami/redis:7.4", False),
        ("grafana", "grafana/grafana:11.2.0", False),
        ("redis", "ghcr.io/shop/redis:1", False),
    ],
)
def test_folders_give_names_that_nobody_else_is_known_to_have(tmp_path, folder, image, is_linked):
    found = linked(tmp_path, {"pod.yaml": pod(image), f"{folder}/Dockerfile": "FROM a\n"})
    assert found == ([(f"{folder}/Dockerfile", "0", "low", True)] if is_linked else [])


def test_a_folder_with_several_dockerfiles_means_the_usual_one_alone(tmp_path):
    files = {
        "pod.yaml": pod("gcr.io/a/web", "gcr.io/a/api"),
        "web/Dockerfile": "FROM a",
        "web/Dockerfile.dev": "FROM b",
    }
    files |= {"api/Dockerfile.dev": "FROM a", "api/Dockerfile.prod": "FROM b"}
    assert linked(tmp_path, files) == [("web/Dockerfile", "0", "low", True)]
    assert linked(tmp_path, files, "c1") == []


def test_an_official_image_is_built_here_only_under_its_very_name_and_tag(tmp_path):
    files = {
        "compose.yaml": "services:\n  proxy: {image: 'nginx:shop', build: proxy}\n",
        "proxy/Dockerfile": "FROM nginx:1.27\n",
        "pod.yaml": pod("nginx:shop", "nginx:1.27", "registry.example.com/nginx:1.27"),
    }
    assert linked(tmp_path, files) == [("proxy/Dockerfile", "0", "high", True)]
    assert linked(tmp_path, files, "c1") == []


def test_of_builds_of_one_repository_the_tag_tells_which(tmp_path):
    files = {
        "compose.yaml": (
            "services:\n  ad: {image: 'ghcr.io/demo/app:latest-ad', build: ad}\n"
            "  cart: {image: 'ghcr.io/demo/app:latest-cart', build: cart}\n"
        ),
        "ad/Dockerfile": "FROM a\n",
        "cart/Dockerfile": "FROM a\n",
        "pod.yaml": pod(
            "ghcr.io/demo/app:2.1.3-cart", "ghcr.io/demo/app:latest-ad", "ghcr.io/demo/app:2.1.3"
        ),
    }
    assert linked(tmp_path, files) == [("cart/Dockerfile", "0", "high", True)]
    assert linked(tmp_path, files, "c1") == [("ad/Dockerfile", "0", "high", True)]
    assert [sure for *_, sure in linked(tmp_path, files, "c2")] == [False, False]


def test_projects_that_build_images_of_one_name_keep_to_their_own(tmp_path):
    service = "services:\n  app: {image: app, build: .}\n  other: {image: app}\n"
    files = {
        "one/compose.yaml": service,
        "one/Dockerfile": "FROM a\n",
        "two/compose.yaml": service.replace("other", "another"),
        "two/Dockerfile": "FROM b\n",
        "two/k8s/pod.yaml": pod("app"),
    }
    assert linked(tmp_path, files, "other") == [("one/Dockerfile", "0", "high", True)]
    assert linked(tmp_path, files, "another") == [("two/Dockerfile", "0", "high", True)]
    assert linked(tmp_path, files) == [("two/Dockerfile", "0", "high", True)]


def test_an_image_that_an_overlay_renames_is_known_by_its_old_name(tmp_path):
    files = {
        "base/kustomization.yaml": "resources: [pod.yaml]\n",
        "base/pod.yaml": pod("cart"),
        "prod/kustomization.yaml": "resources: [../base]\nimages: [{name: cart, newName: quay.io/prod/x, newTag: v1}]\n",
        "skaffold.yaml": skaffold("cart"),
        "cart/Dockerfile": "FROM a\n",
    }
    assert linked(tmp_path, files) == [("cart/Dockerfile", "0", "high", True)]


def test_a_dockerfile_that_arguments_change_is_kept_beside_the_one_of_the_file(tmp_path):
    write_tree(
        tmp_path,
        {
            "compose.yaml": (
                "services:\n  same: {build: {context: ., args: {VERSION: '2'}}}\n"
                "  other: {build: {context: ., args: {RUN_AS: '7'}}}\n"
            ),
            "Dockerfile": "FROM debian:13\nARG VERSION=1\nARG RUN_AS=5\nUSER $RUN_AS\n",
        },
    )
    graph = graph_of(tmp_path)
    (same,) = links_of(graph, "built-from", container_of(graph, "same"))
    (other,) = links_of(graph, "built-from", container_of(graph, "other"))
    assert any(same.target in one.stages for unit in graph.units for one in unit.resources.dockerfiles)
    (variant,) = [one for unit in graph.variants for one in unit.resources.dockerfiles]
    assert other.target is variant.stages[0]
    assert graph.owners[other.target] is variant
    assert (other.target.user.value, place_of(other.target.user)) == ("7", "Dockerfile:4")


def test_a_stage_is_linked_to_what_it_is_based_on_in_any_file(tmp_path):
    write_tree(
        tmp_path,
        {
            "skaffold.yaml": skaffold("shop/base", "shop/app"),
            "base/Dockerfile": "FROM debian:13\n",
            "app/Dockerfile": "FROM shop/base AS build\nFROM build\n",
        },
    )
    graph = graph_of(tmp_path)
    stages = {
        (stage.name.source.path, stage.name.value): stage
        for unit in graph.units
        for dockerfile in unit.resources.dockerfiles
        for stage in dockerfile.stages
    }
    (inner,) = links_of(graph, "based-on", stages["app/Dockerfile", "1"])
    (outer,) = links_of(graph, "based-on", inner.target)
    assert inner.target is stages["app/Dockerfile", "build"]
    assert outer.target is stages["base/Dockerfile", "0"]
    assert (place_of(outer.place), place_of(outer.end)) == ("app/Dockerfile:1", "base/Dockerfile:1")


def test_a_dockerfile_is_never_its_own_base(tmp_path):
    files = {
        "app/Dockerfile": "FROM ghcr.io/shop/app:previous\n",
        "compose.yaml": "services:\n  app: {image: 'ghcr.io/shop/app:next', build: app}\n",
    }
    graph = graph_of(write_tree(tmp_path, files))
    assert [link for link in graph.links if link.verb == "based-on"] == []


def test_contexts_that_go_round_in_a_circle_end(tmp_path):
    files = {
        "compose.yaml": (
            "services:\n"
            "  a: {build: {context: ., additional_contexts: {base: 'service:b'}}}\n"
            "  b: {build: {context: ., additional_contexts: {base: 'service:a'}}}\n"
        ),
        "Dockerfile": "FROM base\n",
    }
    graph = graph_of(write_tree(tmp_path, files))
    assert len([link for link in graph.links if link.verb == "built-from"]) == 2


def test_a_dockerfile_outside_of_the_scan_is_not_said_to_be_missing(tmp_path):
    write_tree(tmp_path, {"deploy/compose.yaml": "services:\n  app: {build: ..}\n", "Dockerfile": "FROM a\n"})
    assert scan_tree(tmp_path / "deploy", "image-build-target-missing").findings == ()
    assert scan_tree(tmp_path, "image-build-target-missing").findings == ()


def test_a_dockerfile_that_cannot_be_read_is_not_said_to_be_missing(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services:\n  app: {build: .}\n", "Dockerfile": "RUN true\n"})
    assert scan_tree(tmp_path, "image-build-target-missing").findings == ()


def test_a_container_without_a_known_image_leaves_its_build_open(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services:\n  a: {image: '${IMAGE}'}\n  b: {build: ./b}\n"})
    report = scan_tree(tmp_path, "run-as-root")
    assert report.findings == ()
    assert report.unknown == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", ("docker.io", "nginx", None)),
        ("docker.io/library/nginx:1", ("docker.io", "nginx", "1")),
        ("shop/cart:1@sha256:00", ("docker.io", "shop/cart", "1")),
        ("localhost/cart", ("localhost", "cart", None)),
        ("localhost:5000/shop/cart:2", ("localhost:5000", "shop/cart", "2")),
        ("", ("docker.io", "", None)),
    ],
)
def test_names_are_split_as_docker_does(text, expected):
    assert tuple(split_name(text)) == expected


def test_each_of_many_projects_with_the_same_names_keeps_to_its_own(tmp_path):
    service = "services:\n  app: {image: app, build: .}\n  user%s: {image: app}\n"
    files = {f"p{number}/compose.yaml": service % number for number in range(60)}
    files |= {f"p{number}/Dockerfile": "FROM debian:13\n" for number in range(60)}
    graph = graph_of(write_tree(tmp_path, files))
    for number in range(60):
        (link,) = links_of(graph, "built-from", container_of(graph, f"user{number}"))
        assert link.target.name.source.path == f"p{number}/Dockerfile"


def test_too_many_candidates_are_none(tmp_path):
    services = "".join(
        f"  s{number}: {{image: 'shop/app:v{number}-{number}', build: s{number}}}\n" for number in range(12)
    )
    files = {f"s{number}/Dockerfile": "FROM debian:13\nUSER 10001\n" for number in range(12)}
    files |= {"compose.yaml": "services:\n" + services, "pod.yaml": pod("shop/app:other")}
    graph = graph_of(write_tree(tmp_path, files))
    container = container_of(graph, "c0")
    assert links_of(graph, "built-from", container) == []
    assert graph.resolved[container].root.value.reason == "several Dockerfiles may build the image"
