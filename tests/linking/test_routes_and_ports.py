"""From an Ingress to what the image exposes."""

from __future__ import annotations

from pathlib import Path

from tests.linking.network_texts import (
    head,
    ingress,
    is_open,
    linked,
    name,
    of_kind,
    pairs,
    pod,
    service,
    together,
)


def route(name: str, parents: str, backends: str, kind: str = "HTTPRoute", namespace: str = "") -> str:
    return (
        head(kind, name, "gateway.networking.k8s.io/v1", namespace)
        + f"spec: {{parentRefs: [{parents}], rules: [{{backendRefs: [{backends}]}}]}}\n"
    )


def test_ports_by_name_and_number_all_the_way(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            ingress("by-name", "web", "{name: http}"),
            ingress("by-number", "web", "{number: 81}"),
            service(
                "web",
                ports="{name: http, port: 80, targetPort: main}, {name: admin, port: 81, targetPort: 8081}",
            ),
            pod("web", ports="{name: main, containerPort: 8080}, {containerPort: 8081}"),
        ),
    )
    assert pairs(graph, "leads-to") == ["by-name -> web", "by-number -> web"]
    assert pairs(graph, "reaches") == ["web -> admin", "web -> http"]
    assert pairs(graph, "targets") == ["admin -> 8081", "http -> main"]
    link = next(link for link in graph.links if link.verb == "reaches" and link.target.name.value == "http")
    assert (link.place.location.span.line, link.end.location.span.line) == (5, 20)


def test_a_port_of_a_service_without_a_target_is_the_same_number(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            service("web", ports="{port: 80}, {name: udp, port: 80, protocol: UDP}"),
            pod("web", ports="{containerPort: 80}"),
        ),
    )
    assert pairs(graph, "targets") == ["80 -> 80"]
    assert not is_open(graph, "targets", of_kind(graph, "services")[0].ports)


def test_pods_that_list_no_ports_leave_a_number_open_but_not_a_name(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(service("web", ports="{port: 80}, {name: named, port: 81, targetPort: http}"), pod("web")),
    )
    number, named = of_kind(graph, "services")[0].ports
    assert is_open(graph, "targets", [number])
    assert not is_open(graph, "targets", [named])


def test_routes_of_the_gateway_api(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            head("Gateway", "public", "gateway.networking.k8s.io/v1", "infra")
            + "spec: {gatewayClassName: example, listeners: [{name: http, port: 80, protocol: HTTP}]}\n",
            route("http", "{name: public, namespace: infra}", "{name: web, port: 80}"),
            route("grpc", "{name: public, namespace: infra}", "{name: web, port: 80}", "GRPCRoute"),
            route("tcp", "{name: missing}", "{name: web, namespace: stock, port: 80}", "TCPRoute"),
            service("web"),
            service("web", namespace="stock"),
        ),
    )
    assert pairs(graph, "attaches-to") == ["grpc -> public", "http -> public"]
    assert pairs(graph, "leads-to") == ["grpc -> web", "http -> web", "tcp -> web"]
    tcp = next(link for link in graph.links if link.verb == "leads-to" and name(link.source) == "tcp")
    assert tcp.target.ref.namespace == "stock"
    assert is_open(graph, "attaches-to", [tcp.source])


def test_a_backend_without_a_service_is_open_only_where_services_are_elsewhere(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        a=together(
            ingress("closed", "webb"),
            ingress("elsewhere", "web", namespace="far"),
            ingress("action", "redirect", "{name: use-annotation}"),
            service("web"),
        ),
    )
    open_ones = [
        one.ref.name for one in of_kind(graph, "ingresses") if is_open(graph, "routes-to", one.backends)
    ]
    assert open_ones == ["elsewhere", "action"]


def test_probes_ask_ports(tmp_path: Path) -> None:
    text = pod("web", ports="{name: http, containerPort: 8080}").replace(
        "ports:", "livenessProbe: {httpGet: {port: http}}, readinessProbe: {tcpSocket: {port: 9090}}, ports:"
    )
    graph = linked(tmp_path, a=text)
    assert [link.target.number.value for link in graph.links if link.verb == "asks"] == [8080]


def test_what_a_dockerfile_exposes(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nEXPOSE 8080\n")
    graph = linked(
        tmp_path,
        compose='services:\n  web:\n    build: .\n    ports: ["80:8080", "81:8081"]\n',
    )
    assert pairs(graph, "opened-by") == ["80:8080 -> 8080"]
    web = graph.units[0].resources.workloads or graph.units[1].resources.workloads
    assert not is_open(graph, "opened-by", web[0].containers[0].ports)
