"""What rules of roles allow that leads further."""

from __future__ import annotations

import pytest

from scanner.linking.builtin_roles import BUILTIN_ROLES
from scanner.linking.powers import WORDS, in_scope, powers_of, rank
from scanner.model.cluster import PolicyRule
from scanner.model.source import Located, Span, SpanSource, Unknown

PLACE = Span(1, 1, 1, 2)
SOURCE = SpanSource("role.yaml")


def fact(value):
    return Located(value, PLACE, SOURCE)


def rule(verbs, resources, groups=("",), names=None):
    return PolicyRule(
        fact("rule"),
        fact(verbs) if isinstance(verbs, Unknown) else fact(tuple(verbs)),
        fact(tuple(groups)),
        fact(tuple(resources)),
        None if names is None else fact(tuple(names)),
    )


RBAC = ("rbac.authorization.k8s.io",)


@pytest.mark.parametrize(
    "given,expected",
    [
        (rule(["*"], ["*"], ["*"]), ("cluster-admin",)),
        (rule(["get", "list", "watch"], ["*"]), ("read-secrets",)),
        (rule(["watch"], ["secrets"]), ("read-secrets",)),
        (rule(["create"], ["secrets"]), ()),
        (rule(["get"], ["secrets"], names=["tls"]), ()),
        (rule(["get"], ["secrets"], ["apps"]), ()),
        (rule(["create"], ["pods"]), ("create-workloads",)),
        (rule(["get", "delete"], ["pods"]), ()),
        (rule(["patch"], ["deployments"], ["apps"]), ("edit-workloads",)),
        (rule(["patch"], ["deployments/scale"], ["apps"]), ()),
        (rule(["patch"], ["deployments"], [""]), ()),
        (rule(["create"], ["pods/exec"]), ("exec-into-pods",)),
        (rule(["create"], ["*/exec"]), ("exec-into-pods",)),
        (rule(["get"], ["pods/exec"]), ("exec-into-pods",)),
        (rule(["create"], ["pods/portforward"]), ()),
        (rule(["create"], ["serviceaccounts/token"]), ("create-tokens",)),
        (rule(["create"], ["serviceaccounts"]), ()),
        (rule(["escalate"], ["clusterroles"], RBAC), ("escalate",)),
        (rule(["bind"], ["clusterroles"], RBAC, ["view"]), ()),
        (rule(["bind"], ["clusterroles"], RBAC, ["cluster-admin"]), ("bind",)),
        (rule(["create"], ["clusterroles"], RBAC), ("edit-roles",)),
        (rule(["impersonate"], ["groups"]), ("impersonate",)),
        (rule(["impersonate"], ["groups"], names=["developers"]), ()),
        (rule(["impersonate"], ["groups"], names=["system:masters"]), ("impersonate",)),
        (rule(["get"], ["nodes/proxy"]), ("node-proxy",)),
        (rule(["get"], ["nodes/metrics"]), ()),
        (rule(["update"], ["configmaps"], names=["my-config"]), ()),
        (rule(["update"], ["configmaps"], names=["aws-auth"]), ("edit-configmaps",)),
    ],
)
def test_words_of_a_rule(given, expected):
    assert powers_of(given) == expected


def test_a_rule_that_a_variable_decides_is_unknown():
    assert powers_of(rule(Unknown("no value"), ["secrets"])) is None


def test_a_role_binding_gives_nothing_on_objects_of_no_namespace():
    words = ("escalate", "read-secrets", "node-proxy", "edit-webhooks", "impersonate")
    assert in_scope(words, "shop") == ("escalate-in-namespace", "read-secrets-in-namespace")
    assert in_scope(words, "kube-system") == ("escalate-in-kube-system", "read-secrets-in-kube-system")
    assert in_scope(words, None) == words


def test_what_leads_furthest_comes_first():
    words = ["admin-in-namespace", "read-secrets", "admin-in-kube-system", "cluster-admin"]
    assert sorted(words, key=rank) == [
        "cluster-admin",
        "read-secrets",
        "admin-in-kube-system",
        "admin-in-namespace",
    ]


def test_the_built_in_roles_use_known_words():
    assert {word for words in BUILTIN_ROLES.values() for word in words} <= set(WORDS)
