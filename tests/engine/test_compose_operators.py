"""The predicates about devices, networks, ports and stored secrets, also where the files cannot decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.engine.registry import predicates
from scanner.model.resources import (
    Argument,
    Device,
    EnvVar,
    Format,
    Port,
    ResourceRef,
    StoredValue,
    Workload,
)
from scanner.model.source import Located, Span, SpanSource, Unknown
from tests.support import scan_tree, write_tree

UNKNOWN = Unknown("no value")


def fact(value):
    return None if value is None else Located(value, Span(1, 1, 1, 2), SpanSource("x"))


def judge(name, resource, **arguments):
    return predicates()[name](resource, **arguments)


def service(**fields):
    return Workload(ResourceRef("service", "web"), fact("web"), "service", Format.COMPOSE, **fields)


@pytest.mark.parametrize(
    "path,verdict",
    [
        ("/dev/sda", True),
        ("/dev/sda/", True),
        ("/dev/mapper/root", True),
        ("/dev/sd", False),
        ("/dev/dri/card0", False),
        (UNKNOWN, None),
    ],
)
def test_devices_are_dangerous_by_their_path(path, verdict):
    patterns = ("/dev/sd[a-z]*", "/dev/mapper*")
    assert judge("dangerous-device", Device(fact(path)), paths=patterns) is verdict


@pytest.mark.parametrize(
    "rule,verdict",
    [
        ("a *:* rwm", True),
        ("a", True),
        ("b 8:0 r", True),
        ("c *:* rwm", True),
        ("c 1:1 r", True),
        ("c 1:3 rwm", False),
        ("c 188:* rwm", False),
        ("", False),
        (UNKNOWN, None),
    ],
)
def test_device_rules_are_dangerous_when_they_open_all_disks_or_memory(rule, verdict):
    assert judge("dangerous-device", Device(rule=fact(rule)), paths=()) is verdict


def test_device_without_path_and_rule_is_none():
    assert judge("dangerous-device", Device(), paths=("*",)) is False


@pytest.mark.parametrize(
    "first,last,verdict",
    [(22, None, True), (20, 30, True), (23, 30, False), (None, None, False), (UNKNOWN, None, None)],
)
def test_port_is_covered_by_its_range(first, last, verdict):
    port = Port(fact("text"), fact(first), number_last=fact(last))
    assert judge("covers-port", port, ports=(22,)) is verdict


@pytest.mark.parametrize(
    "fields,verdict",
    [
        ({}, True),
        ({"networks": (fact("back"), fact("default"))}, True),
        ({"networks": (fact("back"),)}, False),
        ({"networks": (fact("back"), fact(UNKNOWN))}, None),
        ({"network_mode": fact("bridge")}, True),
        ({"network_mode": fact("host")}, False),
        ({"network_mode": fact(UNKNOWN)}, None),
    ],
)
def test_service_is_on_the_default_network_unless_it_names_others(fields, verdict):
    assert judge("on-default-network", service(**fields)) is verdict


def test_an_argument_hands_over_what_was_found_in_it():
    word = fact("--password=hV9kq2Lw0zR")
    assert judge("credential-in-argument", Argument(word, credential=fact("hV9kq2Lw0zR"))) is True
    assert judge("credential-in-argument", Argument(fact("serve"))) is False
    assert judge("credential-in-argument", Argument(fact(UNKNOWN))) is None


@pytest.mark.parametrize(
    "fields,verdict",
    [
        ({"file_text": fact("hV9kq2Lw0zR\n")}, True),
        ({"file_text": fact("<password>\n")}, False),
        ({"file": fact("gone.txt")}, False),
        ({"content": fact(UNKNOWN)}, None),
    ],
)
def test_secret_is_committed_when_its_value_lies_in_the_tree(fields, verdict):
    stored = StoredValue(ResourceRef("secret", "db"), "secret", fact("db"), **fields)
    assert judge("committed-value", stored) is verdict


def test_config_file_is_not_judged_by_its_file():
    stored = StoredValue(
        ResourceRef("config", "app"), "config", fact("app"), file_text=fact("password = hV9kq2Lw0zR")
    )
    assert judge("committed-value", stored) is False


@pytest.mark.parametrize(
    "name,value,verdict",
    [
        ("COOKIE_SALT", "k8Vq2ZpX7mNw4RtY9sLb3JhD", True),
        ("COOKIE_SALT", None, False),
        ("COOKIE_SALT", UNKNOWN, None),
    ],
)
def test_random_value_needs_a_value(name, value, verdict):
    assert judge("random-value", EnvVar(fact(name), fact(value))) is verdict


@pytest.mark.parametrize(
    "name,value,verdict",
    [
        ("NPM_TOKEN", None, True),
        ("NPM_TOKEN", UNKNOWN, True),
        ("NPM_TOKEN", "7f3kP0xq9WmZ", True),
        ("NPM_TOKEN", "", False),
        ("VERSION", "7f3kP0xq9WmZ", False),
    ],
)
def test_credential_is_passed_wherever_its_value_comes_from(name, value, verdict):
    assert judge("passes-credential", EnvVar(fact(name), fact(value))) is verdict


def test_finding_names_the_profiles_that_its_service_needs(tmp_path: Path):
    body = "services:\n  web: {image: a:1, privileged: true}\n"
    body += "  tool: {image: a:1, privileged: true, profiles: [debug, test]}\n"
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": body}), "privileged")
    assert [found.message for found in report.findings] == [
        "container 'web' runs in privileged mode",
        "container 'tool' runs in privileged mode (with profile 'debug' or 'test')",
    ]


def test_secret_on_the_command_line_is_shown_nowhere(tmp_path: Path):
    body = "services:\n  db:\n    image: a:1\n    command: [mysqld, --password, hV9kq2Lw0zR]\n"
    report = scan_tree(write_tree(tmp_path, {"compose.yaml": body}), "secret-in-args")
    assert [found.location.span.line for found in report.findings] == [4]
    assert "hV9kq2Lw0zR" not in repr(report.findings)
