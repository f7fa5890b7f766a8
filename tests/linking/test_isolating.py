"""Network policies, their peers, and the namespaces that they are in."""

from __future__ import annotations

from pathlib import Path

from tests.linking.network_texts import (
    head,
    is_open,
    linked,
    of_kind,
    pairs,
    pod,
    policy,
    together,
)


def test_an_empty_selector_means_all_pods_of_the_namespace(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        apps__web=together(pod("web", namespace="shop"), pod("other", namespace="stock")),
        apps__db=pod("db", namespace="shop"),
        policies__deny=policy("deny", namespace="shop"),
    )
    assert pairs(graph, "governs") == ["deny -> db", "deny -> web"]


def test_without_a_namespace_a_policy_stays_near(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        one__all=together(policy("deny"), pod("one")),
        one__more=pod("one-more"),
        two__pod=pod("two"),
    )
    assert pairs(graph, "governs") == ["deny -> one", "deny -> one-more"]


def test_a_policy_of_labels_means_those_pods_alone(tmp_path: Path) -> None:
    graph = linked(tmp_path, a=together(pod("web"), pod("webb"), policy("web", "matchLabels: {app: web}")))
    assert pairs(graph, "governs") == ["web -> web"]


def test_a_plain_policy_may_govern_what_an_overlay_puts_into_its_namespace(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        policies__deny=policy("deny", namespace="shop"),
        overlay__kustomization="namespace: shop\nresources: [web.yaml]\n",
        overlay__web=pod("web"),
    )
    assert pairs(graph, "governs") == ["deny -> web ?"]


def test_more_policies_than_count_are_left_open(tmp_path: Path) -> None:
    many = [policy(f"deny-{number}", namespace="shop") for number in range(70)]
    graph = linked(tmp_path, a=together(pod("web", namespace="shop"), *many))
    assert len(pairs(graph, "governs")) == 64
    left = [one for one in of_kind(graph, "network_policies") if is_open(graph, "governs", [one])]
    assert [one.ref.name for one in left] == [f"deny-{number}" for number in range(64, 70)]


def test_peers_are_pods_of_the_own_namespace_or_of_those_that_are_selected(tmp_path: Path) -> None:
    peers = (
        "ingress: [{from: ["
        "{podSelector: {matchLabels: {app: web}}},"
        "{namespaceSelector: {matchLabels: {team: data}}, podSelector: {matchLabels: {app: db}}},"
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: named}}},"
        "{ipBlock: {cidr: 10.0.0.0/8}}]}]"
    )
    graph = linked(
        tmp_path,
        a=together(
            policy("peers", "matchLabels: {app: web}", "shop", peers),
            pod("web", namespace="shop"),
            pod("db", namespace="shop"),
            head("Namespace", "data", "v1", more=", labels: {team: data}"),
            pod("db-of-data", "app: db", "data"),
            pod("web-of-data", "app: web", "data"),
            pod("any", namespace="named"),
        ),
    )
    found = sorted(link.target.ref.name for link in graph.links if link.verb == "lets-through")
    assert found == ["any", "db-of-data", "web"]


def test_a_peer_of_a_namespace_that_is_not_shown_is_open_and_one_of_the_own_is_not(tmp_path: Path) -> None:
    peers = (
        "ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}},"
        "{namespaceSelector: {matchLabels: {team: far}}}]}]"
    )
    graph = linked(tmp_path, a=together(policy("web", "matchLabels: {app: web}", "", peers), pod("web")))
    own, far = of_kind(graph, "network_policies")[0].allowances[0].peers
    assert not is_open(graph, "lets-through", [own])
    assert is_open(graph, "lets-through", [far])


def test_namespaces_and_what_is_in_them(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        namespaces=together(head("Namespace", "shop", "v1"), head("Namespace", "stock", "v1")),
        shop__all=together(
            pod("web", namespace="shop"),
            policy("deny", namespace="shop"),
            head("ResourceQuota", "all", "v1", "shop") + "spec: {}\n",
            head("LimitRange", "none", "v1") + "spec: {}\n",
        ),
    )
    assert pairs(graph, "lives-in") == ["web -> shop"]
    assert pairs(graph, "guards") == ["deny -> shop"]
    assert pairs(graph, "limits") == ["all -> shop"]
