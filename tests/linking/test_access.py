"""Who pods act as and what they may do: accounts, bindings, roles, powers, tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.model.graph import Graph, Link
from scanner.model.rule import Confidence
from scanner.model.source import Unknown
from tests.linking.cluster_texts import account, binding, pod, role
from tests.linking.support import graph_of, links_of, place_of
from tests.support import write_tree

SECRETS = "{apiGroups: [''], resources: [secrets], verbs: [get]}"
EVERYTHING = "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"
WEB = "kind: ServiceAccount, name: web"


def graph(root: Path, **files: str) -> Graph:
    """Return the graph of files; `__` in a name stands for a slash."""
    return graph_of(
        write_tree(root, {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()})
    )


def workload(found: Graph, name: str) -> Any:
    (one,) = [each for unit in found.units for each in unit.resources.workloads if each.ref.name == name]
    return one


def bound(found: Graph, name: str) -> list[str]:
    return sorted(link.target.ref.name for link in links_of(found, "empowered-by", workload(found, name)))


def powers(found: Graph, name: str) -> tuple[str, ...]:
    fact = found.resolved[workload(found, name)].powers
    return () if fact is None else fact.value


def only(links: list[Link]) -> Link:
    (link,) = links
    return link


def test_the_way_from_a_pod_to_a_rule_has_a_place_at_every_step(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        pod=pod("web", "shop", "web"),
        account=account("web", "shop"),
        rbac=role("reader", SECRETS) + binding("web", "reader", f"{WEB}, namespace: shop"),
    )
    resolved = found.resolved[workload(found, "web")]
    assert [(step.text, place_of(step.fact)) for step in resolved.steps["powers"]] == [
        ("Pod 'web' acts as service account 'web'", "pod.yaml:5"),
        ("service account 'web' is defined here", "account.yaml:4"),
        ("ClusterRoleBinding 'web' names service account 'web'", "rbac.yaml:11"),
        ("ClusterRoleBinding 'web' gives ClusterRole 'reader'", "rbac.yaml:10"),
        ("ClusterRole 'reader' allows get on secrets (read-secrets)", "rbac.yaml:5"),
    ]
    assert resolved.powers.value == ("read-secrets",)
    rule = only(links_of(found, "may", workload(found, "web"))).target
    assert rule.name.value == "get on secrets"


def test_a_subject_without_a_namespace_means_that_of_its_role_binding(tmp_path: Path) -> None:
    texts = binding("web", "view", WEB, "shop") + pod("in", "shop", "web") + pod("out", "blog", "web")
    found = graph(tmp_path, all=texts)
    assert (bound(found, "in"), bound(found, "out")) == (["web"], [])


def test_a_cluster_role_binding_needs_a_namespace(tmp_path: Path) -> None:
    found = graph(tmp_path, all=binding("web", "view", WEB) + pod("web", None, "web"))
    assert bound(found, "web") == []


def test_groups_and_the_user_name_of_an_account_are_understood(tmp_path: Path) -> None:
    texts = "".join(
        binding(name, "view", subject)
        for name, subject in {
            "all": "kind: Group, name: 'system:serviceaccounts'",
            "authenticated": "kind: Group, name: 'system:authenticated'",
            "shop": "kind: Group, name: 'system:serviceaccounts:shop'",
            "user": "kind: User, name: 'system:serviceaccount:shop:web'",
            "masters": "kind: Group, name: 'system:masters'",
            "other-user": "kind: User, name: web",
        }.items()
    )
    found = graph(tmp_path, all=texts + pod("web", "shop", "web") + pod("other", "blog", "web"))
    assert bound(found, "web") == ["all", "authenticated", "shop", "user"]
    assert bound(found, "other") == ["all", "authenticated"]


def test_who_names_no_account_acts_as_default_in_nested_folders_alone(tmp_path: Path) -> None:
    subject = "kind: ServiceAccount, name: default, namespace: default"
    found = graph(
        tmp_path,
        one__rbac=binding("one", "view", subject),
        one__app__pod=pod("near"),
        two__pod=pod("far"),
    )
    assert (bound(found, "near"), bound(found, "far")) == (["one"], [])


def test_a_namespace_that_is_written_reaches_across_folders(tmp_path: Path) -> None:
    subject = "kind: ServiceAccount, name: default, namespace: shop"
    found = graph(tmp_path, rbac__shop=binding("shop", "view", subject), app__pod=pod("web", "shop"))
    assert bound(found, "web") == ["shop"]


def test_a_pod_that_leaves_its_namespace_open_is_bound_by_name_with_less_confidence(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        pod=pod("web", None, "web") + pod("other", "blog", "web"),
        rbac=binding("web", "cluster-admin", f"{WEB}, namespace: shop"),
    )
    link = only(links_of(found, "empowered-by", workload(found, "web")))
    assert (link.confidence, link.note, link.sure) == (
        Confidence.MEDIUM,
        " (taken to be deployed to namespace 'shop')",
        True,
    )
    assert powers(found, "web") == ("cluster-admin",)
    assert bound(found, "other") == []


def test_two_namespaces_that_it_could_be_make_it_unsure(tmp_path: Path) -> None:
    subjects = binding("a", "cluster-admin", f"{WEB}, namespace: a") + binding(
        "b", "cluster-admin", f"{WEB}, namespace: b"
    )
    found = graph(tmp_path, all=pod("web", None, "web") + subjects)
    assert {link.sure for link in links_of(found, "empowered-by", workload(found, "web"))} == {False}
    assert powers(found, "web") == ()


def test_plain_manifests_bind_accounts_of_an_overlay_in_the_same_written_namespace(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        overlay__kustomization="resources: [pod.yaml]\nnamespace: shop\n",
        overlay__pod=pod("web", None, "web"),
        rbac=binding("web", "view", f"{WEB}, namespace: shop"),
    )
    link = only(links_of(found, "empowered-by", workload(found, "web")))
    assert (link.confidence, link.note) == (Confidence.MEDIUM, " (if both are deployed to one cluster)")


@pytest.mark.parametrize(
    "namespace,expected",
    [
        (None, ("cluster-admin",)),
        ("shop", ("admin-in-namespace",)),
        ("kube-system", ("admin-in-kube-system",)),
    ],
)
def test_built_in_roles_are_known(tmp_path: Path, namespace: str | None, expected: tuple[str, ...]) -> None:
    space = namespace or "shop"
    texts = binding("web", "cluster-admin", f"{WEB}, namespace: {space}", namespace)
    found = graph(tmp_path, all=texts + pod("web", space, "web"))
    assert powers(found, "web") == expected
    assert found.resolved[workload(found, "web")].steps["powers"][-1].text == (
        f"the built-in role 'cluster-admin' allows {expected[0]}"
    )


def test_a_role_of_the_scan_stands_before_the_built_in_one(tmp_path: Path) -> None:
    texts = role("view", SECRETS) + binding("web", "view", f"{WEB}, namespace: shop")
    found = graph(tmp_path, all=texts + pod("web", "shop", "web"))
    assert powers(found, "web") == ("read-secrets",)


def test_aggregated_roles_give_what_their_parts_give(tmp_path: Path) -> None:
    whole = (
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: whole}\n"
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {part-of: whole}}]}\n"
    )
    found = graph(
        tmp_path,
        whole=whole + binding("web", "whole", f"{WEB}, namespace: shop") + pod("web", "shop", "web"),
        parts__one=role("one", SECRETS, labels="{part-of: whole}"),
        parts__other=role("other", EVERYTHING, labels="{part-of: wholes}"),
    )
    assert powers(found, "web") == ("read-secrets",)
    assert [link.target.ref.name for link in found.links if link.verb == "aggregates"] == ["one"]


def test_a_role_that_is_nowhere_leaves_the_powers_unknown(tmp_path: Path) -> None:
    texts = binding("web", "elsewhere", f"{WEB}, namespace: shop") + pod("web", "shop", "web")
    found = graph(tmp_path, all=texts)
    fact = found.resolved[workload(found, "web")].powers
    assert fact.value == Unknown("ClusterRole 'elsewhere' is not in the scanned files")


def test_a_role_has_the_namespace_of_its_binding(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        all=role("r", SECRETS, "blog", "Role")
        + binding("web", "r", WEB, "shop", of="Role")
        + pod("web", "shop", "web"),
    )
    assert [link for link in found.links if link.verb == "grants"] == []


@pytest.mark.parametrize(
    "pods,of_account,token,source",
    [
        ("", "", True, "default"),
        ("", "automountServiceAccountToken: false\n", False, "account"),
        ("automountServiceAccountToken: true, ", "automountServiceAccountToken: false\n", True, "pod"),
        ("automountServiceAccountToken: false, ", "automountServiceAccountToken: true\n", False, "pod"),
    ],
)
def test_the_pod_stands_over_its_account(
    tmp_path: Path, pods: str, of_account: str, token: bool, source: str
) -> None:
    texts = pod("web", "shop", "web", pods) + account("web", "shop", of_account)
    found = graph(tmp_path, all=texts + account("web", "blog", "automountServiceAccountToken: false\n"))
    resolved = found.resolved[workload(found, "web")]
    assert (resolved.token.value, resolved.token_source) == (token, source)


@pytest.mark.parametrize(
    "projected,token",
    [
        ("{path: token}", True),
        ("{path: token, audience: 'https://kubernetes.default.svc'}", True),
        ("{path: token, audience: vault}", False),
    ],
)
def test_a_projected_token_for_the_api_server_counts(tmp_path: Path, projected: str, token: bool) -> None:
    volumes = f"volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {projected}}}]}}}}], "
    found = graph(tmp_path, all=pod("web", spec=f"automountServiceAccountToken: false, {volumes}"))
    assert found.resolved[workload(found, "web")].token.value is token


def test_the_default_account_is_linked_where_it_is_defined(tmp_path: Path) -> None:
    found = graph(tmp_path, all=account("default", "shop") + pod("in", "shop") + pod("out", "blog"))
    assert only(links_of(found, "acts-as", workload(found, "in"))).target.ref.namespace == "shop"
    assert links_of(found, "acts-as", workload(found, "out")) == []
    assert found.resolved[workload(found, "out")].account.value == "default"


def test_of_two_accounts_of_a_name_the_nearest_is_meant(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        a__account=account("web"),
        a__pod=pod("one", None, "web"),
        a__prod__account=account("web"),
        a__prod__pod=pod("two", None, "web"),
    )
    places = {
        name: place_of(only(links_of(found, "acts-as", workload(found, name))).target.name)
        for name in ("one", "two")
    }
    assert places == {"one": "a/account.yaml:4", "two": "a/prod/account.yaml:4"}


def test_links_grow_with_the_files_and_not_with_their_pairs(tmp_path: Path) -> None:
    """Twice as many unrelated folders, twice as many links and steps."""

    def size(folders: int) -> int:
        files = {}
        for number in range(folders):
            default = "kind: ServiceAccount, name: default, namespace: default"
            everyone = "kind: Group, name: 'system:authenticated'"
            files[f"f{number}__all"] = (
                pod(f"a{number}")
                + pod(f"b{number}", None, "web")
                + account("web")
                + account("default")
                + role(f"r{number}", SECRETS)
                + binding("d", f"r{number}", default)
                + binding("e", f"r{number}", everyone)
                + binding("w", f"r{number}", f"{WEB}, namespace: default")
            )
        return len(graph(tmp_path / str(folders), **files).links)

    assert size(40) == 2 * size(20) == 4 * size(10)
