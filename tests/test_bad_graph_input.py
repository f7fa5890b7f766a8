"""What is built to break the graph: circles, pairs without end, and what stands outside of the folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from scanner.model.graph import Graph
from tests.linking.support import container_of, graph_of
from tests.support import hullcheck, listing, scan_tree, write_tree


def run(*arguments: str) -> str:
    """Run a command that ends well, and tells of no bug; return what it says."""
    ran = hullcheck(*arguments)
    assert ran.code in (0, 1, 2), ran.err
    assert "internal error" not in ran.err + ran.out
    return ran.out


def run_all(root: Path) -> None:
    """Scan, draw and explain a folder."""
    run("scan", str(root), "--profile", "all", "--format", "json")
    run("graph", str(root), "--html", str(root / "page.html"), "--format", "json")
    run("explain", "attack-path", str(root), "--format", "json")
    run("explain", "run-as-root", str(root), "--format", "json")


def deployment(name: str, more: str = "") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: s}}\nspec:\n"
        "  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n"
        f"    spec: {{{more} containers: [{{name: c, image: 'a:1'}}]}}\n---\n"
    )


def verbs(graph: Graph) -> Counter[str]:
    return Counter(link.verb for link in graph.links)


BOMB = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10) if n else 'x'}]\n" for n in range(12))
GATEWAY = "apiVersion: gateway.networking.k8s.io/v1\nkind: "
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: "

CASES = {
    "images based on each other": {
        "a/Dockerfile": "FROM imgb\n",
        "b/Dockerfile": "FROM imga\n",
        "c/Dockerfile": "FROM imgc\n",
        "compose.yaml": "services:\n  a: {build: a, image: imga}\n  b: {build: b, image: imgb}\n"
        "  c: {build: c, image: imgc}\n",
    },
    "services in the networks of each other": {
        "compose.yaml": "services:\n"
        "  a: {image: x, network_mode: 'service:b', pid: 'service:a', depends_on: [b], volumes_from: [b]}\n"
        "  b: {image: x, network_mode: 'service:a', ipc: 'service:b', depends_on: [a], volumes_from: [a]}\n"
    },
    "contexts that need each other": {
        "Dockerfile": "FROM d\nCOPY --from=c / /\n",
        "compose.yaml": "services:\n"
        "  c: {build: {context: ., additional_contexts: {d: 'service:d'}}}\n"
        "  d: {build: {context: ., additional_contexts: {c: 'service:c', d: 'service:d'}}}\n",
        "docker-bake.hcl": 'target "a" {\n inherits = ["b"]\n contexts = { d = "target:b" }\n}\n'
        'target "b" {\n inherits = ["a"]\n contexts = { d = "target:a" }\n}\n',
    },
    "roles made of each other": {
        "a.yaml": "".join(
            f"{ROLE}ClusterRole\nmetadata: {{name: r{n}, labels: {{a: b}}}}\naggregationRule:"
            " {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: []\n---\n"
            f"{ROLE}ClusterRoleBinding\nmetadata: {{name: b{n}}}\nroleRef: {{kind: ClusterRole, name: r{n}}}\n"
            "subjects: [{kind: ServiceAccount, name: x, namespace: s}]\n---\n"
            for n in range(20)
        )
        + deployment("d", "serviceAccountName: x,")
    },
    "routes and scalers of themselves": {
        "a.yaml": f"{GATEWAY}HTTPRoute\nmetadata: {{name: r}}\nspec: {{parentRefs: [{{kind: HTTPRoute, name: r}},"
        " {name: g}], rules: [{backendRefs: [{kind: HTTPRoute, name: r}, {name: r}]}]}\n---\n"
        f"{GATEWAY}Gateway\nmetadata: {{name: g}}\nspec: {{parentRefs: [{{name: g}}], listeners: []}}\n---\n"
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\n"
        "spec: {scaleTargetRef: {kind: HorizontalPodAutoscaler, name: h}, maxReplicas: 2}\n"
    },
    "labels that are a bomb": {
        "a.yaml": f"x:\n{BOMB}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n"
        "  selector: {matchLabels: {app: *l11}}\n  template: {metadata: {labels: *l11}, spec: {containers: *l11}}\n"
    },
    "a circle of anchors": {
        "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: &m {name: d, labels: *m}\n"
        "spec: &s {selector: *s, ports: [*s]}\n",
        "compose.yaml": "services: &s\n  web: &w {image: x, build: *w, environment: *w, networks: *s}\n",
    },
    "keys and values of every type": {
        "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {1: 2, true: ~, name: 7, namespace: [x], labels: 9}\n"
        "spec: {selector: {1: 2, true: x, ~: ~}, ports: [~, 1, {port: ~}, {port: 1e999}, {port: -99999999999999}]}\n"
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: ~\nspec: {selector: [], template: {metadata: {labels:"
        " {1: 2, true: ~}}, spec: {containers: [~, {}, {name: ~, image: 1, ports: {}}], volumes: {}}}}\n"
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ~}\n"
        "spec: {podSelector: ~, ingress: [~, {from: ~}, {from: [~, {podSelector: [], namespaceSelector: 1}]}]}\n"
        f"---\n{ROLE}RoleBinding\nmetadata: []\nroleRef: [~]\nsubjects: {{1: 2}}\n"
    },
    "names that no file has": {
        "compose.yaml": 'services:\n  a: {build: {context: "a\\0b", dockerfile: "c\\0d"}, env_file: ["\\0"]}\n',
        "skaffold.yaml": "apiVersion: skaffold/v4beta6\nkind: Config\n"
        'build: {artifacts: [{image: x, context: "\\0", docker: {dockerfile: "\\0"}}]}\n',
        "kustomization.yaml": 'resources: ["a\\0b"]\npatches: [{path: "\\0"}]\nopenapi: {path: "\\0"}\n',
        "docker-bake.hcl": 'target "a" {\n context = "a\\u0000b"\n dockerfile = "\\u0000"\n}\n',
    },
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_odd_files_are_scanned_drawn_and_explained(tmp_path: Path, files: dict[str, str]) -> None:
    run_all(write_tree(tmp_path, files))


def test_a_long_chain_of_networks_ends_unknown(tmp_path: Path) -> None:
    chain = "".join(f"  c{n}: {{image: x, network_mode: 'service:c{n + 1}'}}\n" for n in range(1_500))
    text = f"services:\n{chain}  c1500: {{image: x, ports: ['80:80']}}\n"
    write_tree(tmp_path, {"compose.yaml": text})
    graph = graph_of(tmp_path)
    exposures = [graph.resolved[graph.owners[container_of(graph, f"c{n}")]].exposure for n in (0, 1_490)]
    assert exposures[1].value == "internet"
    assert "enter the network of one another" in exposures[0].value.reason
    run("scan", str(tmp_path), "--profile", "all", "--format", "json")


def test_links_between_things_of_one_name_are_not_the_square_of_their_number(tmp_path: Path) -> None:
    text = deployment("d", "serviceAccountName: x,") + (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x, namespace: s}\n---\n"
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: s}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: d}, maxReplicas: 2}\n---\n"
    )
    write_tree(tmp_path, {"a.yaml": text * 300})
    assert verbs(graph_of(tmp_path))["scales"] <= 64 * 300


def test_links_between_the_ports_of_one_pod_are_not_the_square_of_their_number(tmp_path: Path) -> None:
    containers = "".join(
        f"  - {{name: c{n}, image: 'a:1', ports: [{{containerPort: 80}}], livenessProbe: {{httpGet: {{port: 80}}}}}}\n"
        for n in range(600)
    )
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, labels: {{app: a}}}}\nspec:\n  containers:\n{containers}"
    ports = ", ".join(f"{{port: 80, name: p{n}}}" for n in range(600))
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{selector: {{app: a}}, ports: [{ports}]}}\n"
    write_tree(tmp_path, {"a.yaml": f"{pod}---\n{service}"})
    found = verbs(graph_of(tmp_path))
    assert found["asks"] <= 257 * 600
    assert found["targets"] <= 257 * 600


def test_peers_of_policies_are_not_the_product_of_policies_and_pods(tmp_path: Path) -> None:
    policies = "".join(
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{n}, namespace: s}}\n"
        "spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}\n---\n"
        for n in range(1_000)
    )
    write_tree(tmp_path, {"a.yaml": policies + "".join(deployment(f"d{n}") for n in range(50))})
    assert verbs(graph_of(tmp_path))["lets-through"] <= 10_000 + 32 * 50


def test_a_long_dockerfile_is_not_read_anew_for_every_build(tmp_path: Path) -> None:
    stages = "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(500))
    services = "".join(
        f"  w{n}: {{build: {{context: ., target: s{n}, args: {{A: v{n}}}}}}}\n" for n in range(200)
    )
    write_tree(
        tmp_path,
        {
            "Dockerfile": f"ARG A=1\nFROM alpine:$A AS s0\n{stages}",
            "compose.yaml": f"services:\n{services}",
        },
    )
    graph = graph_of(tmp_path)
    read = sum(len(one.stages) for unit in graph.variants for one in unit.resources.dockerfiles)
    assert read <= 20_000 + 501


def test_a_dockerfile_behind_a_link_out_of_the_folder_is_neither_read_nor_missing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"outside/Dockerfile": "FROM canary\nUSER canary\n"})
    root = write_tree(
        tmp_path / "root",
        {
            "compose.yaml": "services:\n  a: {build: linked}\n  b: {build: {context: ., dockerfile: link}}\n"
            "  c: {build: ../outside}\n  d: {build: {context: ., dockerfile: none.Dockerfile}}\n",
            "docker-bake.json": '{"target": {"t": {"context": "linked", "contexts": {"x": "../outside"}}}}',
        },
    )
    os.symlink(tmp_path / "outside", root / "linked")
    os.symlink(tmp_path / "outside" / "Dockerfile", root / "link")
    assert listing(scan_tree(root, "image-build-target-missing")) == [
        "compose.yaml:5 image-build-target-missing"
    ]
    for command in ("scan", "graph"):
        assert "canary" not in run(command, str(root), "--format", "json")


def test_a_graph_without_anything_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\0\1\377")
    ran = hullcheck("graph", str(tmp_path))
    assert json.loads(ran.out)["resources"] == []
    assert "nothing to draw" in ran.err


def test_any_depth_ends(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Dockerfile": "FROM alpine AS web\n"})
    run("graph", str(tmp_path), "--around", "web", "--depth", str(10**12))


@pytest.mark.parametrize("command", [("graph",), ("explain", "run-as-root")])
@pytest.mark.parametrize("path", ["none", "-", "a\x1b]0;x\x07", "x.yaml/y"])
def test_a_path_that_is_not_there_is_told(tmp_path: Path, command: tuple[str, ...], path: str) -> None:
    ran = hullcheck(*command, str(tmp_path / path))
    assert ran.code == 2
    assert "no such file or folder" in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    "what", ["", "-", "none", "x:0", f"Dockerfile:{10**30}", "٣٣٣٣٣٣", "abcdef", "\x1b[2J", "a\n::error::b"]
)
def test_what_is_no_finding_is_told(tmp_path: Path, what: str) -> None:
    write_tree(tmp_path, {"a folder/Dockerfile": "FROM alpine\nUSER 0\n"})
    ran = hullcheck("explain", what, str(tmp_path / "a folder"))
    assert ran.code == 2
    assert "is no rule, and no finding has that fingerprint" in ran.err
    assert "\x1b" not in ran.err
    assert "\n::" not in ran.err
