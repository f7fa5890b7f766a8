"""Which pods a selector means: labels, expressions, namespaces and folders."""

from __future__ import annotations

from pathlib import Path

from tests.linking.network_texts import (
    deployment,
    head,
    is_open,
    linked,
    of_kind,
    pairs,
    pod,
    service,
    together,
)


def test_every_label_of_a_selector_must_be_there(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            pod("both", "app: web, tier: front"),
            pod("one", "app: web"),
            pod("other", "app: web, tier: back"),
            service("web", "app: web, tier: front"),
        ),
    )
    assert pairs(graph, "selects") == ["web -> both"]


def test_expressions_are_those_of_kubernetes(tmp_path: Path) -> None:
    def budget(name: str, expression: str) -> str:
        return (
            head("PodDisruptionBudget", name, "policy/v1")
            + f"spec: {{maxUnavailable: 1, selector: {{matchExpressions: [{expression}]}}}}\n"
        )

    graph = linked(
        tmp_path,
        a=together(
            deployment("front", "tier: front"),
            deployment("back", "tier: back"),
            deployment("none", "app: none"),
            budget("in", "{key: tier, operator: In, values: [front, middle]}"),
            budget("not-in", "{key: tier, operator: NotIn, values: [front]}"),
            budget("exists", "{key: tier, operator: Exists}"),
            budget("absent", "{key: tier, operator: DoesNotExist}"),
        ),
    )
    assert pairs(graph, "protects") == [
        "absent -> none",
        "exists -> back",
        "exists -> front",
        "in -> front",
        "not-in -> back",
        "not-in -> none",
    ]


def test_a_selector_stays_in_its_namespace(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            pod("shop", "app: web", "shop"),
            pod("none", "app: web"),
            service("in-shop", "app: web", "shop"),
            service("in-none", "app: web"),
            service("in-default", "app: web", "default"),
            service("elsewhere", "app: web", "elsewhere"),
        ),
    )
    assert pairs(graph, "selects") == ["in-default -> none", "in-none -> none", "in-shop -> shop"]


def test_the_nearest_workloads_are_meant(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        one__service=service("one", "app: web"),
        one__pod=pod("one-pod", "app: web"),
        one__sub__pod=pod("one-sub-pod", "app: web"),
        two__all=together(service("two", "app: web"), pod("two-pod", "app: web")),
        two__pod=pod("two-other-pod", "app: web"),
        three__services__a=service("three", "app: web"),
        three__pods__a=pod("three-pod", "app: web"),
    )
    assert pairs(graph, "selects") == ["one -> one-pod", "three -> three-pod", "two -> two-pod"]


def test_what_selects_nothing_is_closed_only_where_pods_would_be_seen(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a__closed=together(service("closed"), pod("other")),
        b__only=service("far", namespace="b"),
        c__operated=together(
            service("operated", namespace="c"),
            pod("other", namespace="c"),
            head("Elasticsearch", "search", "elasticsearch.k8s.elastic.co/v1", "c"),
        ),
        d__monitored=together(
            service("monitored", namespace="d"),
            pod("other", namespace="d"),
            head("ServiceMonitor", "search", "monitoring.coreos.com/v1", "d"),
        ),
    )
    open_ones = [one.ref.name for one in of_kind(graph, "services") if is_open(graph, "selects", [one])]
    assert pairs(graph, "selects") == []
    assert open_ones == ["far", "operated"]


def test_services_without_a_selector_select_nothing_and_are_not_open(tmp_path: Path) -> None:
    graph = linked(
        tmp_path, a=together(head("Service", "db", "v1") + "spec: {ports: [{port: 80}]}\n", pod("a"))
    )
    assert pairs(graph, "selects") == []
    assert not is_open(graph, "selects", of_kind(graph, "services"))


def test_hooks_of_a_chart_are_no_targets(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            service("web"),
            pod("web", more=", annotations: {helm.sh/hook: test}"),
        ),
    )
    assert pairs(graph, "selects") == []


def test_an_autoscaler_names_kind_and_name(tmp_path: Path) -> None:
    def scaler(name: str, kind: str, target: str, namespace: str = "") -> str:
        return (
            head("HorizontalPodAutoscaler", name, "autoscaling/v2", namespace)
            + f"spec: {{maxReplicas: 5, scaleTargetRef: {{kind: {kind}, name: {target}}}}}\n"
        )

    graph = linked(
        tmp_path,
        a=together(
            deployment("web"),
            head("ScaledObject", "keda", "keda.sh/v1alpha1") + "spec: {scaleTargetRef: {name: web}}\n",
            scaler("right", "Deployment", "web"),
            scaler("kind", "StatefulSet", "web"),
            scaler("custom", "RunnerSet", "web"),
            scaler("elsewhere", "Deployment", "web", "other"),
        ),
    )
    assert pairs(graph, "scales") == ["keda -> web", "right -> web"]
    open_ones = {one.ref.name for one in of_kind(graph, "autoscalers") if is_open(graph, "scales", [one])}
    assert open_ones == {"custom", "elsewhere"}


def test_a_stateful_set_names_its_service(tmp_path: Path) -> None:
    text = deployment("db", more="serviceName: db-headless").replace("Deployment", "StatefulSet")
    graph = linked(tmp_path, a=together(text, service("db-headless", more="clusterIP: None"), service("db")))
    assert pairs(graph, "governed-by") == ["db -> db-headless"]


def test_workloads_that_take_each_others_pods(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            deployment("all", "app: shop"),
            deployment("part", "app: shop, part: db"),
            deployment("other", "app: stock"),
        ),
    )
    assert pairs(graph, "shares-selector") == ["all -> part"]


def test_a_service_in_front_of_different_programs(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            service("mixed", "in: mixed"),
            deployment("web", "in: mixed, part: web", image="example/web:1"),
            deployment("db", "in: mixed, part: db", image="postgres:17"),
            service("same", "in: same"),
            deployment("stable", "in: same, track: stable", image="example/web:1"),
            deployment("canary", "in: same, track: canary", image="example/web:2"),
        ),
    )
    assert pairs(graph, "mixes") == ["mixed -> db", "mixed -> web"]
