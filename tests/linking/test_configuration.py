"""What pods and services are configured with: Secrets, ConfigMaps, stored values, env files, arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.model.graph import Graph
from scanner.model.relations import relations_of
from tests.linking.cluster_texts import account, meta, pod, secret
from tests.linking.support import graph_of, links_of, place_of
from tests.support import write_tree


def graph(root: Path, files: dict[str, str]) -> Graph:
    return graph_of(write_tree(root, files))


def workload(found: Graph, name: str) -> Any:
    (one,) = [each for unit in found.units for each in unit.resources.workloads if each.ref.name == name]
    return one


def names(found: Graph, verb: str, name: str) -> list[str]:
    return sorted(link.target.ref.name for link in links_of(found, verb, workload(found, name)))


def reading(name: str, asked: str, namespace: str | None = None) -> str:
    return (
        f"---\napiVersion: v1\nkind: Pod\n{meta(name, namespace)}\n"
        f"spec: {{containers: [{{name: c, image: a, envFrom: [{{secretRef: {{name: {asked}}}}}]}}]}}\n"
    )


def open_references(found: Graph, name: str) -> list[bool]:
    (container,) = workload(found, name).containers
    return [reference in found._open.get(("reads-secret", True), ()) for reference in container.references]


def test_every_way_to_ask_for_a_secret_is_followed(tmp_path: Path) -> None:
    spec = (
        "imagePullSecrets: [{name: pulls}], volumes: [{name: v, secret: {secretName: mounted}}, "
        "{name: p, projected: {sources: [{secret: {name: projected}}, {configMap: {name: map}}]}}], "
    )
    texts = "".join(map(secret, ("pulls", "mounted", "projected", "own-pulls")))
    texts += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n"
    texts += account("web", more="imagePullSecrets: [{name: own-pulls}]\n")
    found = graph(tmp_path, {"all.yaml": texts + pod("web", None, "web", spec)})
    assert names(found, "uses-secret", "web") == ["mounted", "own-pulls", "projected", "pulls"]
    assert names(found, "uses-config", "web") == ["map"]


def test_a_secret_of_another_namespace_is_another_one(tmp_path: Path) -> None:
    found = graph(tmp_path, {"all.yaml": secret("db", "a") + reading("web", "db", "b")})
    assert names(found, "uses-secret", "web") == []
    assert open_references(found, "web") == [True]


@pytest.mark.parametrize(
    "beside,is_open",
    [
        (secret("other"), False),
        (secret("other", "elsewhere"), True),
        (secret("db", "elsewhere") + secret("other"), True),
        ("---\napiVersion: a.example.com/v1\nkind: Database\nmetadata: {name: x}\n" + secret("other"), True),
        ("", True),
    ],
)
def test_a_name_is_missing_only_where_others_are_defined(tmp_path: Path, beside: str, is_open: bool) -> None:
    found = graph(tmp_path, {"all.yaml": beside + reading("web", "db")})
    assert open_references(found, "web") == [is_open]


def test_a_secret_that_a_job_may_make_is_not_missing(tmp_path: Path) -> None:
    job = (
        "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: make}\nspec: {template: {spec: {containers: "
        "[{name: make, image: certgen, args: [create, --secret-name=db]}]}}}\n"
    )
    found = graph(tmp_path, {"all.yaml": secret("other") + job + reading("web", "db")})
    assert open_references(found, "web") == [True]


def test_secrets_of_another_folder_do_not_make_one_missing(tmp_path: Path) -> None:
    found = graph(tmp_path, {"a/s.yaml": secret("other"), "b/pod.yaml": reading("web", "db")})
    assert open_references(found, "web") == [True]


@pytest.mark.parametrize(
    "kind,version,spec,made",
    [
        ("ExternalSecret", "external-secrets.io/v1", "{target: {name: db}}", ["db"]),
        ("ExternalSecret", "external-secrets.io/v1", "{}", ["own"]),
        ("SealedSecret", "bitnami.com/v1alpha1", "{}", ["own"]),
        ("Certificate", "cert-manager.io/v1", "{secretName: db}", ["db"]),
        ("VaultStaticSecret", "secrets.hashicorp.com/v1beta1", "{destination: {name: db}}", ["db"]),
        (
            "SecretProviderClass",
            "secrets-store.csi.x-k8s.io/v1",
            "{secretObjects: [{secretName: a}, {secretName: b}]}",
            ["a", "b"],
        ),
        ("Certificate", "networking.internal.knative.dev/v1alpha1", "{secretName: db}", []),
    ],
)
def test_operators_make_secrets(tmp_path: Path, kind: str, version: str, spec: str, made: list[str]) -> None:
    text = f"apiVersion: {version}\nkind: {kind}\n{meta('own')}\nspec: {spec}\n"
    found = graph(tmp_path, {"all.yaml": text + "".join(reading(f"p-{name}", name) for name in made)})
    secrets = [one for unit in found.units for one in unit.resources.cluster.secrets]
    assert [(one.ref.kind, one.ref.name, one.made_by) for one in secrets] == [
        ("Secret", name, kind) for name in made
    ]
    assert [names(found, "uses-secret", f"p-{name}") for name in made] == [[name] for name in made]


def test_applications_are_told_apart_by_their_labels(tmp_path: Path) -> None:
    def labelled(name: str, labels: str) -> str:
        return (
            f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n"
            "spec: {containers: [{name: c, image: a, envFrom: [{secretRef: {name: db}}]}]}\n"
        )

    texts = (
        secret("db")
        + labelled("a", "app: a, app.kubernetes.io/part-of: shop")
        + labelled("b", "app: b, app.kubernetes.io/part-of: shop")
        + labelled("c", "app: c")
    )
    found = graph(tmp_path, {"all.yaml": texts})
    (one,) = [one for unit in found.units for one in unit.resources.cluster.secrets]
    resolved = found.resolved[one]
    assert (resolved.applications.value, resolved.users.value) == (("c", "shop"), 2)
    assert [(step.text, place_of(step.fact)) for step in resolved.steps["users"]] == [
        ("application 'shop' uses it in Pod 'a'", "all.yaml:9"),
        ("application 'c' uses it in Pod 'c'", "all.yaml:19"),
    ]


def test_a_secret_that_a_role_may_read_is_not_called_unused(tmp_path: Path) -> None:
    reader = (
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n"
        "rules: [{apiGroups: [''], resources: [secrets], resourceNames: [db], verbs: [get]}]\n"
    )
    for name, more, expected in (("a", "", 0), ("b", reader, None)):
        found = graph(tmp_path / name, {"all.yaml": secret("db") + pod("web") + more})
        (one,) = [one for unit in found.units for one in unit.resources.cluster.secrets]
        resolved = found.resolved.get(one)
        assert (None if resolved is None else resolved.users.value) == expected


def test_services_are_linked_to_what_their_project_stores_and_to_env_files(tmp_path: Path) -> None:
    text = (
        "services:\n  web:\n    image: a\n    secrets: [db]\n    configs: [app]\n"
        "    env_file: [.env, {path: own.env}, gone.env]\n"
        "secrets: {db: {environment: DB}, app: {environment: X}}\nconfigs: {app: {file: a.conf}}\n"
    )
    found = graph(tmp_path, {"compose.yaml": text, ".env": "A=1\n", "own.env": "B=1\n"})
    web = workload(found, "web")
    stored = [(link.target.kind, link.target.ref.name) for link in links_of(found, "uses-stored", web)]
    assert sorted(stored) == [("config", "app"), ("secret", "db")]
    assert names(found, "loads", "web") == [".env", "own.env"]
    assert found.related(web, relations_of("workload")["env-files"]).is_open


def test_arguments_of_a_build_are_linked_to_the_args_that_take_them(tmp_path: Path) -> None:
    text = "services:\n  web:\n    build:\n      args: {TAKEN: a, GLOBAL: b, GONE: c}\n"
    dockerfile = "ARG GLOBAL\nFROM alpine:3.20\nARG TAKEN\nRUN true\n"
    found = graph(tmp_path, {"compose.yaml": text, "Dockerfile": dockerfile})
    (container,) = workload(found, "web").containers
    taken, *lost = container.build_spec.args
    (link,) = links_of(found, "fills", taken)
    assert place_of(link.end) == "Dockerfile:3"
    assert [len(links_of(found, "unknown-to", one)) for one in (taken, *lost)] == [0, 1, 1]
