"""The predicates of rules about roles, policies, APIs and what Secrets hold."""

from __future__ import annotations

import base64

import pytest

from scanner.engine.cluster_operators import (
    api_gone,
    cannot_scale,
    grants,
    invalid_labels,
    invalid_schedule,
    lacks_keys,
    lets_everyone_through,
    never_allows_disruption,
    readable_by_others,
    unplaced,
)
from scanner.engine.cluster_secret_operators import committed_secret, credential_in_config
from scanner.model.basics import EnvVar, ResourceRef
from scanner.model.cluster import (
    Autoscaler,
    DisruptionBudget,
    NetworkAllowance,
    NetworkPeer,
    PolicyRule,
    Selector,
)
from scanner.model.resources import Document, Volume
from scanner.model.source import Located, Span, SpanSource, Unknown

SOURCE = SpanSource("f.yaml")


def fact(value):
    return Located(value, Span(1, 1, 1, 2), SOURCE)


def rule(verbs, resources, groups=("",), names=()):
    return PolicyRule(
        fact(""),
        fact(verbs),
        fact(groups),
        fact(resources),
        fact(names) if names else None,
    )


@pytest.mark.parametrize(
    ("given", "verb", "resource", "expected"),
    [
        (rule(("get",), ("secrets",)), "get", "secrets", True),
        (rule(("*",), ("secrets",)), "get", "secrets", True),
        (rule(("get",), ("*",), ("*",)), "get", "secrets", True),
        (rule(("list",), ("secrets",)), "get", "secrets", False),
        (rule(("get",), ("secrets",), ("apps",)), "get", "secrets", False),
        (rule(("get",), ("deployments",), ("apps",)), "get", "deployments.apps", True),
        (rule(("get",), ("pods",)), "get", "pods/exec", False),
        (rule(("get",), ("pods/exec",)), "get", "pods/exec", True),
        (rule(("get",), ("*/exec",)), "get", "pods/exec", True),
        (rule(("get",), ("pods/exec",)), "get", "pods", False),
        (rule(("get",), ("secrets",), names=("a",)), "get", "secrets", False),
    ],
)
def test_what_a_rule_grants(given, verb, resource, expected):
    assert grants(given, verbs=(verb,), resources=(resource,)) is expected


def test_named_objects_count_when_asked_for_but_are_never_created():
    given = rule(("get", "create"), ("secrets",), names=("a",))
    assert grants(given, verbs=("get",), resources=("secrets",), named=True) is True
    assert grants(given, verbs=("create",), resources=("secrets",), named=True) is False
    token = rule(("create",), ("serviceaccounts/token",), names=("a",))
    assert grants(token, verbs=("create",), resources=("serviceaccounts/token",), named=True) is True


def test_everything_can_be_left_to_another_rule():
    given = rule(("*",), ("*",), ("*",))
    assert grants(given, verbs=("get",), resources=("secrets",)) is True
    assert grants(given, verbs=("get",), resources=("secrets",), everything=False) is False


def test_a_rule_without_api_groups_is_read_as_any():
    given = PolicyRule(fact(""), fact(("get",)), None, fact(("secrets",)))
    assert grants(given, verbs=("get",), resources=("secrets",)) is True


def test_unknown_facts_give_no_verdict():
    given = PolicyRule(fact(""), fact(Unknown("x")), None, fact(("secrets",)))
    assert grants(given, verbs=("get",), resources=("secrets",)) is None
    assert (
        never_allows_disruption(DisruptionBudget(ResourceRef("", ""), fact(""), fact(Unknown("x")))) is None
    )
    assert cannot_scale(Autoscaler(ResourceRef("", ""), fact(""), None, fact(Unknown("x")))) is None
    assert readable_by_others(Volume(None, fact("secret"), file_mode=fact(Unknown("x")))) is None
    assert lets_everyone_through(allowance(NetworkPeer(fact(""), fact(Unknown("x"))))) is None
    entry = EnvVar(fact("password"), fact(Unknown("x")))
    assert committed_secret(entry) is None
    assert credential_in_config(entry) is None


def allowance(*peers, ports=None):
    return NetworkAllowance(fact("ingress"), "ingress", peers, ports)


def selector(certain=True, **labels):
    return Selector(fact(""), labels, certain=certain)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (allowance(), True),
        (allowance(ports=fact(("TCP/80",))), False),
        (allowance(NetworkPeer(fact(""), fact("0.0.0.0/0"))), True),
        (allowance(NetworkPeer(fact(""), fact("::/0"))), True),
        (allowance(NetworkPeer(fact(""), fact("10.0.0.0/8"))), False),
        (allowance(NetworkPeer(fact(""), fact("0.0.0.0/0"), fact(("10.0.0.0/8",)))), False),
        (allowance(NetworkPeer(fact(""), namespaces=selector())), True),
        (allowance(NetworkPeer(fact(""), namespaces=selector(), pods=selector(app="a"))), False),
        (allowance(NetworkPeer(fact(""), namespaces=selector(team="a"))), False),
        (allowance(NetworkPeer(fact(""), pods=selector())), False),
        (allowance(NetworkPeer(fact(""), namespaces=selector(certain=False))), None),
    ],
)
def test_whom_a_policy_lets_through(given, expected):
    assert lets_everyone_through(given) is expected


@pytest.mark.parametrize(
    ("version", "kind", "release", "gone", "early"),
    [
        ("batch/v1beta1", "CronJob", "1.24", False, True),
        ("batch/v1beta1", "CronJob", "v1.25.3", True, True),
        ("batch/v1beta1", "Other", "1.30", False, False),
        ("apps/v1beta2", "Anything", "1.16", True, True),
        ("v1", "Endpoints", "1.34", False, True),
    ],
)
def test_which_apis_are_gone(version, kind, release, gone, early):
    table = (
        "batch/v1beta1 CronJob 1.21 1.25 batch/v1",
        "apps/v1beta2 * 1.9 1.16 apps/v1",
        "v1 Endpoints 1.33 - x",
    )
    document = Document(ResourceRef(kind, "a"), fact("a"), kind, version, lambda _path: ())
    assert api_gone(document, table=table, version=release) is gone
    assert api_gone(document, table=table, version=release, deprecated_too=True) is early


@pytest.mark.parametrize(
    "text",
    ["* * * * *", "*/5 0-23/2 1,15 jan-mar MON-FRI", "@daily", "@every 1h", "TZ=UTC 0 3 * * 0", "0 0 ? * *"],
)
def test_schedules(text):
    assert not invalid_schedule(text)


@pytest.mark.parametrize(
    "text", ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "5-1 * * * *",
             "*/0 * * * *", "@reboot", "a * * * *", "* * * * * *"]
)  # fmt: skip
def test_texts_that_are_no_schedule(text):
    assert invalid_schedule(text)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("password", "hV9kq2Lw0zR", True),
        ("password", "changeme", True),
        ("password", "", False),
        ("password", "<password>", False),
        ("pin", "1234", False),
        ("password", "123456", True),
        ("app.yaml", "listen: 80\nmode: fast\n", False),
        ("app.yaml", "listen: 80\npassword: hV9kq2Lw0zR\n", True),
        ("tls.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n", False),
    ],
)
def test_values_of_secrets_are_judged_decoded(name, text, expected):
    packed = base64.b64encode(text.encode()).decode()
    assert committed_secret(EnvVar(fact(name), fact(text))) is expected
    assert committed_secret(EnvVar(fact(name), fact(packed), "base64")) is expected


def test_encrypted_and_binary_values_of_secrets():
    assert committed_secret(EnvVar(fact("a"), fact("ENC[AES256_GCM,data:x]"), "base64")) is False
    assert committed_secret(EnvVar(fact("a"), fact("not base64!"), "base64")) is False
    binary = base64.b64encode(bytes(range(128, 188))).decode()
    assert committed_secret(EnvVar(fact("keystore"), fact(binary), "base64")) is True
    assert committed_secret(EnvVar(fact("a"), None)) is False
    assert committed_secret(EnvVar(fact("url"), fact("hV9kq2Lw0zR")), public=("url",)) is False
    assert committed_secret(EnvVar(fact("a.crt"), fact("hV9kq2Lw0zR")), public=(".crt",)) is False


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DB_PASSWORD", "hV9kq2Lw0zR", True),
        ("DATABASE_URL", "postgres://app:hV9kq2Lw0zR@db/app", True),
        ("app.properties", "user=app\ndb.password=${PASSWORD}\n", False),
        ("TOKEN_TTL", "3600", False),
        ("mode", "fast", False),
    ],
)
def test_credentials_in_config_maps(name, text, expected):
    packed = base64.b64encode(text.encode()).decode()
    assert credential_in_config(EnvVar(fact(name), fact(text))) is expected
    assert credential_in_config(EnvVar(fact(name), fact(packed), "base64")) is expected
    assert credential_in_config(EnvVar(fact(name), None)) is False


def test_a_file_in_a_config_map_is_told_of_by_its_lines_unless_it_is_packed():
    text = "user=app\ndb.password=hV9kq2Lw0zR\n"
    packed = base64.b64encode(text.encode()).decode()
    assert credential_in_config(EnvVar(fact("app.properties"), fact(text))) is False
    assert credential_in_config(EnvVar(fact("app.properties"), fact(packed), "base64")) is True


def document(tree):
    return Document(
        ResourceRef("Pod", "a"), fact("a"), "Pod", "v1", lambda path: tuple(map(fact, tree.get(path, ())))
    )


def test_keys_that_are_asked_for():
    labels = document({"l[owner]": ["team-a"], "l[empty]": [None]})
    assert lacks_keys(labels, path="l", keys=()) is False
    assert lacks_keys(labels, path="l", keys=("owner", "owner=team-.+")) is False
    assert lacks_keys(labels, path="l", keys=("owner=team",)) is True
    assert lacks_keys(labels, path="l", keys=("empty",)) is True
    assert lacks_keys(labels, path="l", keys=("other",)) is True


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("app", "web", False),
        ("a.example.com/app", "1.2_3-x", False),
        ("app", "", False),
        ("app", "two words", True),
        ("app", "-web", True),
        ("app", "a" * 64, True),
        ("A.example.com/app", "web", True),
        ("a/b/c", "web", True),
    ],
)
def test_labels_that_the_api_refuses(key, value, expected):
    assert invalid_labels(document({"l": [(key,)], "l[*]": [value]}), paths=("l",)) is expected


def test_rendered_objects_are_placed_by_their_release():
    plain = document({})
    assert unplaced(plain) is True
    assert unplaced(plain, count=False) is False
    assert unplaced(Document(plain.ref, plain.name, "Pod", "v1", plain.find, rendered=True)) is False


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(None, 1, True), (None, 2, False), (3, 3, True), (3, 2, True), (2, 3, False), (2, None, False)],
)
def test_autoscalers_that_cannot_scale(least, most, expected):
    facts = [None if number is None else fact(number) for number in (least, most)]
    assert cannot_scale(Autoscaler(ResourceRef("", ""), fact("a"), *facts)) is expected


@pytest.mark.parametrize(
    ("field", "amount", "expected"),
    [
        ("max_unavailable", "0", True),
        ("max_unavailable", "0%", True),
        ("max_unavailable", "1", False),
        ("min_available", "100%", True),
        ("min_available", "0", False),
        ("min_available", "2", False),
    ],
)
def test_budgets_that_never_let_go(field, amount, expected):
    budget = DisruptionBudget(ResourceRef("", ""), fact("a"), **{field: fact(amount)})
    assert never_allows_disruption(budget) is expected


def test_modes_that_others_can_read():
    modes = {0o400: False, 0o440: False, 0o640: False, 0o444: True, 0o404: True, 0o777: True}
    for mode, expected in modes.items():
        assert readable_by_others(Volume(None, fact("secret"), file_mode=fact(mode))) is expected
    assert readable_by_others(Volume(None, fact("secret"))) is False
    assert readable_by_others(Volume(None, fact("secret")), count_missing=True) is True
