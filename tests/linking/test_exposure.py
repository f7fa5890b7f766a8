"""From how far away pods of Kubernetes are reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linking.network_texts import (
    exposure,
    head,
    ingress,
    linked,
    pod,
    service,
    steps,
    together,
)
from tests.linking.test_routes_and_ports import route

INTERNAL = "{service.beta.kubernetes.io/azure-load-balancer-internal: 'true'}"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", "cluster"),
        ("clusterIP: None", "cluster"),
        ("type: ClusterIP", "cluster"),
        ("type: NodePort", "host"),
        ("type: LoadBalancer", "internet"),
        ("{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 192.168.0.0/16]}", "host"),
        ("{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0]}", "internet"),
        ("externalIPs: [8.8.4.4]", "internet"),
        ("externalIPs: [10.1.2.3]", "host"),
    ],
)
def test_the_type_of_a_service_decides(tmp_path: Path, more: str, wanted: str) -> None:
    more = more.strip("{}").replace("], ", "]\n  ").replace("LoadBalancer, ", "LoadBalancer\n  ")
    graph = linked(tmp_path, a=together(service("web", more=more), pod("web")))
    assert exposure(graph, "web") == wanted


@pytest.mark.parametrize(("value", "wanted"), [("'true'", "host"), ("'false'", "internet")])
def test_an_internal_load_balancer_is_for_private_addresses(tmp_path: Path, value: str, wanted: str) -> None:
    text = service("web", more="type: LoadBalancer").replace(
        "{name: web}", f"{{name: web, annotations: {INTERNAL.replace(repr('true'), value)}}}"
    )
    assert exposure(linked(tmp_path, a=together(text, pod("web"))), "web") == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", "internet"),
        ("ingressClassName: nginx", "internet"),
        ("ingressClassName: nginx-internal", "host"),
        ("ingressClassName: alb", "host"),
        ("ingressClassName: internalised", "internet"),
    ],
)
def test_an_ingress_is_a_way_in_unless_its_class_is_internal(tmp_path: Path, more: str, wanted: str) -> None:
    graph = linked(tmp_path, a=together(ingress("shop", "web", more=more), service("web"), pod("web")))
    assert exposure(graph, "web") == wanted


def test_the_steps_go_from_outside_to_the_pods(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        ingress=ingress("shop", "web"),
        service=service("web", "app: shop"),
        pod=pod("shop"),
    )
    assert steps(graph, "shop") == [
        "Ingress 'shop' leads to Service 'web' (ingress.yaml:5)",
        "Service 'web' selects Pod 'shop' (service.yaml:5)",
    ]


def test_a_route_leads_in_through_its_gateway_and_not_through_a_mesh(tmp_path: Path) -> None:
    def gateway(name: str, of: str) -> str:
        return (
            head("Gateway", name, "gateway.networking.k8s.io/v1")
            + f"spec: {{gatewayClassName: {of}, listeners: [{{name: http, port: 80, protocol: HTTP}}]}}\n"
        )

    graph = linked(
        tmp_path,
        a=together(
            gateway("public", "gke-l7-global-external-managed"),
            gateway("private", "gke-l7-rilb"),
            *(service(name) for name in ("one", "two", "three")),
            *(pod(name) for name in ("one", "two", "three")),
            route("one", "{name: public}", "{name: one, port: 80}"),
            route("two", "{name: private}", "{name: two, port: 80}"),
            route("three", "{kind: Service, group: '', name: three}", "{name: three, port: 80}"),
        ),
    )
    assert [exposure(graph, name) for name in ("one", "two", "three")] == ["internet", "host", "cluster"]
    assert steps(graph, "one")[0] == "Gateway 'public' takes in requests (a.yaml:3)"


def test_ports_and_the_network_of_the_node(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            pod("port", ports="{containerPort: 80, hostPort: 8080}"),
            pod("network", spec="hostNetwork: true"),
            pod("neither"),
            service("other"),
        ),
    )
    assert [exposure(graph, name) for name in ("port", "network", "neither")] == ["host", "host", "none"]


def test_where_no_service_is_in_the_files_nothing_is_decided(tmp_path: Path) -> None:
    graph = linked(tmp_path, a=together(pod("web"), service("web", namespace="other")))
    assert exposure(graph, "web") is None


def test_a_label_that_differs_and_another_namespace_expose_nothing(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            pod("web", "app: web, tier: back"),
            service("web", "app: web, tier: front", more="type: LoadBalancer"),
            service("far", "app: web", "far", more="type: LoadBalancer"),
        ),
    )
    assert exposure(graph, "web") == "none"


def test_a_selector_that_cannot_be_read_leaves_the_exposure_unknown(tmp_path: Path) -> None:
    text = service("web", "app: web, tier: {{tier}}")
    assert exposure(linked(tmp_path, a=together(text, pod("web"))), "web") == "unknown"


def test_a_knative_service_is_served_by_its_gateway(tmp_path: Path) -> None:
    def knative(name: str, labels: str) -> str:
        return (
            head("Service", name, "serving.knative.dev/v1")
            + f"spec: {{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{image: nginx}}]}}}}}}\n"
        )

    local = "networking.knative.dev/visibility: cluster-local"
    graph = linked(tmp_path, a=together(knative("public", ""), knative("local", local)))
    assert [exposure(graph, name) for name in ("public", "local")] == ["internet", "cluster"]
