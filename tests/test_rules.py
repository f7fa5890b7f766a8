"""Every rule's examples are its tests; every rule file is what the schema says."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
import yaml
from jsonschema import Draft202012Validator

from scanner.pipeline import Settings, catalog_of
from scanner.policy.catalog import builtin_folder
from scanner.rule_tests import run_example
from tests.support import ROOT

CATALOG = catalog_of(Settings(), examples=True)
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.name}")
    for rule in CATALOG.rules.values()
    for example in rule.examples
]
FILES = sorted(path for path in builtin_folder().rglob("*.yaml") if path.parent.name != "frameworks")


@pytest.mark.parametrize("rule,example", EXAMPLES)
def test_example_lights_up_on_exactly_the_lines_it_says(rule, example):
    assert run_example(rule, example, CATALOG) is None


@pytest.mark.parametrize("rule", CATALOG.rules.values(), ids=lambda rule: rule.id)
def test_rule_shows_a_violation_and_a_compliant_input_for_every_format_it_claims(rule):
    shown = defaultdict(set)
    for example in rule.examples:
        shown[example.format].add(bool(example.expect))
    assert {form: shown[form.value] for form in rule.formats} == {
        form: {True, False} for form in rule.formats
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule_file_is_valid_by_the_published_schema(path):
    schema = json.loads((ROOT / "scanner/policy/rule.schema.json").read_text())
    rule = yaml.safe_load(path.read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(rule)] == []


@pytest.mark.parametrize("rule", CATALOG.rules.values(), ids=lambda rule: rule.id)
def test_rule_reads_well(rule):
    assert not rule.title.endswith(".")
    assert rule.description.endswith(".")
    assert all(reference.startswith("https://") for reference in rule.references)
    assert len(rule.title) <= 90


def test_issue_two_rules_are_all_there():
    wanted = [
        "image-tag-latest",
        "image-digest-missing",
        "image-reference-invalid",
        "privileged",
        "privilege-escalation",
        "run-as-root",
        "run-as-uid-zero",
        "run-as-non-root-unset",
        "caps-drop-all-missing",
        "caps-added-host-takeover",
        "caps-added-sys-admin",
        "caps-added-other",
        "seccomp-unset",
        "seccomp-unconfined",
        "apparmor-unconfined",
        "selinux-override",
        "proc-mount-unmasked",
        "sysctls-unsafe",
        "windows-host-process",
        "read-only-rootfs",
        "host-network",
        "host-pid",
        "host-ipc",
        "host-port",
        "host-path-any",
        "host-path-root-writable",
        "runtime-socket-mounted",
        "volume-types-restricted",
        "host-probe-host-field",
        "memory-limit-missing",
        "cpu-limit-missing",
        "cpu-request-missing",
        "memory-request-missing",
        "port-all-interfaces",
        "secret-literal-env",
        "secret-in-url",
        "secret-weak-default",
        "dockerfile-user-missing",
        "dockerfile-user-root",
        "dockerfile-secret-in-env-arg",
    ]
    assert [rule for rule in wanted if rule not in CATALOG.rules] == []


def test_frameworks_of_the_pod_security_standards_are_there():
    assert {"pss-baseline", "pss-restricted"} <= set(CATALOG.frameworks)
