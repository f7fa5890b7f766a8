"""Routes of OpenShift and VirtualServices of Istio."""

from __future__ import annotations

from pathlib import Path

from tests.linking.network_texts import (
    exposure,
    head,
    is_open,
    linked,
    of_kind,
    pairs,
    pod,
    service,
    together,
)

ROUTE = head("Route", "shop", "route.openshift.io/v1") + (
    "spec:\n  host: shop.example.com\n  to: {kind: Service, name: web}\n"
    "  alternateBackends: [{kind: Service, name: canary}]\n  tls: {termination: edge}\n"
)


def virtual_service(more: str, host: str = "web") -> str:
    return head("VirtualService", "shop", "networking.istio.io/v1") + (
        f"spec:\n  hosts: [shop.example.com]\n  {more}\n"
        f"  http: [{{route: [{{destination: {{host: {host}, port: {{number: 80}}}}}}]}}]\n"
    )


def test_an_openshift_route_is_a_way_in(tmp_path: Path) -> None:
    graph = linked(tmp_path, a=together(ROUTE, service("web"), service("canary"), pod("web")))
    assert pairs(graph, "leads-to") == ["shop -> canary", "shop -> web"]
    assert exposure(graph, "web") == "internet"
    (found,) = of_kind(graph, "ingresses")
    assert (found.kind, found.tls is not None, found.hosts[0].encrypted) == ("Route", True, True)


def test_a_virtual_service_leads_in_through_a_gateway_alone(tmp_path: Path) -> None:
    for number, (gateways, wanted) in enumerate(
        [
            ("gateways: [public]", "internet"),
            ("gateways: [infra/public, mesh]", "internet"),
            ("gateways: [mesh]", "cluster"),
            ("# none", "cluster"),
        ]
    ):
        root = tmp_path / str(number)
        graph = linked(root, a=together(virtual_service(gateways), service("web"), pod("web")))
        assert exposure(graph, "web") == wanted
        assert pairs(graph, "reaches") == ["web -> 80"]


def test_the_host_of_a_virtual_service_may_have_a_namespace_or_be_no_service(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        full=together(
            virtual_service("# mesh", "web.stock.svc.cluster.local"), service("web", namespace="stock")
        ),
        far__host=together(virtual_service("# mesh", "api.example.com"), service("other")),
    )
    assert pairs(graph, "leads-to") == ["shop -> web"]
    backends = [backend for one in of_kind(graph, "ingresses") for backend in one.backends]
    assert sorted(backend.kind for backend in backends) == ["Host", "Service"]
    assert not is_open(graph, "routes-to", backends)


def test_other_kinds_of_that_name_are_not_read(tmp_path: Path) -> None:
    graph = linked(tmp_path, a=head("Route", "shop", "serving.knative.dev/v1") + "spec: {}\n")
    assert of_kind(graph, "ingresses") == []
