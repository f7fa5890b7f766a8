"""Services of a Compose project: networks, exposure, and who needs whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linking.network_texts import exposure, is_open, linked, pairs, steps, workload


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('ports: ["80:80"]', "internet"),
        ('ports: ["80"]', "internet"),
        ('ports: ["0.0.0.0:80:80"]', "internet"),
        ('ports: ["[::]:80:80"]', "internet"),
        ('ports: ["8.8.8.8:80:80"]', "internet"),
        ('ports: ["127.0.0.1:80:80"]', "host"),
        ('ports: ["[::1]:80:80"]', "host"),
        ('ports: ["192.168.1.4:80:80"]', "host"),
        ('ports: ["127.0.0.1:80:80", "81:81"]', "internet"),
        ('ports: ["${ADDRESS}:80:80"]', "unknown"),
        ('ports: ["${ADDRESS}:80:80", "81:81"]', "internet"),
        ('expose: ["80"]', "cluster"),
        ("network_mode: host", "host"),
        ("network_mode: none", "none"),
        ("network_mode: bridge", "cluster"),
        ("network_mode: '${MODE}'", "unknown"),
        ("network_mode: service:proxy", "internet"),
        ("network_mode: container:other", "unknown"),
        ("networks: [alone]", "none"),
        ("networks: [outside]", "cluster"),
    ],
)
def test_who_reaches_a_service(tmp_path: Path, body: str, wanted: str) -> None:
    graph = linked(
        tmp_path,
        compose=f"services:\n  web:\n    image: nginx\n    {body}\n"
        '  proxy:\n    image: nginx\n    ports: ["443:443"]\n'
        "networks: {alone: {}, outside: {external: true}}\n",
    )
    assert exposure(graph, "web") == wanted


def test_a_project_of_one_service_shares_nothing(tmp_path: Path) -> None:
    graph = linked(tmp_path, compose="services:\n  web:\n    image: nginx\n")
    assert exposure(graph, "web") == "none"
    assert pairs(graph, "joins") == ["web -> default"]


def test_internal_networks_publish_nothing(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        compose="services:\n"
        '  db: {image: postgres, ports: ["5432:5432"], networks: [back]}\n'
        '  both: {image: nginx, ports: ["80:80"], networks: [back, front]}\n'
        '  open: {image: nginx, ports: ["81:80"], networks: [maybe]}\n'
        "networks: {back: {internal: true}, front: {}, maybe: {internal: '${INTERNAL}'}}\n",
    )
    assert [exposure(graph, name) for name in ("db", "both", "open")] == ["cluster", "internet", "unknown"]


def test_a_service_in_the_network_of_another_is_reached_through_it(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        compose="services:\n"
        "  vpn:\n    image: vpn\n    ports:\n      - 8080:80\n"
        "  app:\n    image: app\n    network_mode: service:vpn\n",
    )
    assert pairs(graph, "enters") == ["app -> vpn"]
    assert steps(graph, "app") == [
        "service 'vpn' publishes port 8080 on every address of the host (compose.yaml:5)",
        "service 'app' is in the network of service 'vpn' (compose.yaml:8)",
    ]


def test_services_that_enter_each_other_end_somewhere(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        compose="services:\n"
        "  a: {image: a, network_mode: 'service:b'}\n"
        "  b: {image: b, network_mode: 'service:a'}\n",
    )
    assert exposure(graph, "a") == "unknown"


def test_networks_depends_on_and_shared_volumes(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        compose="services:\n"
        "  web: {image: nginx, depends_on: [app], networks: [front], volumes: ['data:/data', './etc:/etc/x']}\n"
        "  app: {image: app, networks: {front: {}, default: {}}, volumes: ['./etc:/etc/x']}\n"
        "  db: {image: postgres, volumes: ['data:/var/lib']}\n"
        "networks: {front: {}}\nvolumes: {data: {}}\n",
    )
    assert pairs(graph, "joins") == ["app -> default", "app -> front", "db -> default", "web -> front"]
    assert pairs(graph, "shares-network") == ["app -> db", "app -> web", "db -> app", "web -> app"]
    assert pairs(graph, "shares-volume") == ["db -> web", "web -> db"]
    assert pairs(graph, "depends-on") == ["web -> app"]


def test_projects_do_not_mix(tmp_path: Path) -> None:
    text = "services:\n  {0}: {{image: nginx}}\n"
    graph = linked(tmp_path, one__compose=text.format("a"), two__compose=text.format("b"))
    assert pairs(graph, "shares-network") == []


def test_a_crowd_on_one_network_is_left_open(tmp_path: Path) -> None:
    services = "".join(f"  s{number}: {{image: nginx}}\n" for number in range(60))
    graph = linked(tmp_path, compose=f"services:\n{services}")
    assert len(pairs(graph, "joins")) == 60
    assert pairs(graph, "shares-network") == []
    assert is_open(graph, "shares-network", [workload(graph, "s0")])
