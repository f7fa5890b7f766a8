"""What is wrong in a rule file is told with its place and with what was probably meant."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest
import yaml
from jsonschema import Draft202012Validator

from scanner.errors import RuleError
from scanner.model.rule import FieldTest
from scanner.pipeline import words
from scanner.policy.loader import load_framework, load_rule
from tests.support import ROOT

GOOD = dedent(
    """\
    id: my-rule
    title: A title
    severity: high
    confidence: high
    tier: core
    applies_to: container
    formats: [kubernetes]
    when:
      all:
        - {field: privileged, equals: true}
        - {field: ports, any_of: {field: number, in: {param: numbers}}}
    at: [privileged, name]
    message: "container '{name}' is bad"
    description: Why.
    remediation: Do this.
    params:
      numbers: {default: [22, 23], description: Ports.}
    examples: []
    """
)

SCHEMA = Draft202012Validator(json.loads((ROOT / "scanner/policy/rule.schema.json").read_text()))


def load(text):
    return load_rule("rules/x/my-rule.yaml", text, words())


def failure(text):
    with pytest.raises(RuleError) as caught:
        load(text)
    return str(caught.value)


def test_a_good_rule_is_read():
    rule = load(GOOD)
    assert (rule.id, rule.severity, rule.params["numbers"]) == ("my-rule", "high", (22, 23))


@pytest.mark.parametrize(
    "old,new,told",
    [
        ("severity: high", "severity: hihg", "3:11: unknown severity 'hihg'; did you mean 'high'?"),
        ("severity: high", "severty: high", "3:1: unknown key 'severty' in a rule; did you mean 'severity'?"),
        (
            "field: privileged,",
            "field: priviledged,",
            "unknown field 'priviledged' of container; did you mean 'privileged'?",
        ),
        ("equals: true", "equal: true", "unknown key 'equal' in a field test; did you mean 'equals'?"),
        (
            "field: number, in",
            "field: numbr, in",
            "11:38: unknown field 'numbr' of port; did you mean 'number'?",
        ),
        ("param: numbers}", "param: number}", "unknown parameter 'number'; did you mean 'numbers'?"),
        (
            "applies_to: container",
            "applies_to: conainer",
            "unknown kind 'conainer'; did you mean 'container'?",
        ),
        (
            "formats: [kubernetes]",
            "formats: [kubernets]",
            "unknown format 'kubernets'; did you mean 'kubernetes'?",
        ),
        (
            "at: [privileged, name]",
            "at: [privileged, nam]",
            "unknown field 'nam' of container; did you mean 'name'?",
        ),
        ("'{name}'", "'{nme}'", "unknown field 'nme' of container; did you mean 'name'?"),
        ("is bad", "is bad.", "a message has no full stop"),
        ("id: my-rule", "id: other", "1:5: id 'other' differs from the file's name 'my-rule'"),
        ("id: my-rule", "id: My_Rule", "'My_Rule' is no rule id"),
        ("title: A title", "title: ''", "2:8: expected text for title"),
        (
            "{field: privileged, equals: true}",
            "{field: privileged, matches: x}",
            "'matches' needs text, and 'privileged' is true or false",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: uid, matches: x}",
            "'matches' needs text, and 'uid' is a number",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: proc_mount, matches: '('}",
            "10:37: the pattern '(' cannot be used: a '(' is not closed",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: proc_mount, matches: 'ab(?!c)'}",
            "10:39: the pattern 'ab(?!c)' cannot be used: '(?!' looks ahead, which patterns here cannot; use",
        ),
        (
            "{field: privileged, equals: true}",
            '{field: proc_mount, matches: "\\\\\\\\(a)\\\\1"}',
            "refers back to a group (at its character 6)",
        ),
        (
            "{field: privileged, equals: true}",
            "{predicate: runs, with: {arguments: 'a++'}}",
            "'++' repeats possessively",
        ),
        (
            "{field: privileged, equals: true}",
            "{predicate: runs, with: {arguments: '('}}",
            "the pattern '(' cannot be used",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: cap_add, equals: ALL}",
            "'equals' needs one value, and 'cap_add' is a list",
        ),
        ("{field: privileged, equals: true}", "{field: image, equals: x}", "'image' is no plain field"),
        ("{field: privileged, equals: true}", "{field: privileged, in: true}", "'in' takes a list"),
        (
            "{field: privileged, equals: true}",
            "{field: image.tag, exists: 1}",
            "'exists' takes true or false",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: privileged}",
            "a field test has one operator, this one has 0",
        ),
        (
            "{field: privileged, equals: true}",
            "{feld: privileged, equals: true}",
            "'feld' starts no condition; did you mean 'field'?",
        ),
        (
            "{field: privileged, equals: true}",
            "{predicate: weak-defalt}",
            "unknown predicate 'weak-defalt'; did you mean 'weak-default'?",
        ),
        (
            "{field: privileged, equals: true}",
            "{field: proc_mount, is: secretname}",
            "unknown test 'secretname'; did you mean 'secret-name'?",
        ),
        ("{field: privileged, equals: true}", "{all: []}", "'all' is empty"),
        ("description: Why.", "description: Why.\nid: again", "key 'id' stands twice"),
        (
            "examples: []",
            "examples: [{name: x, format: compose, expect: [], source: y}]",
            "does not claim the format 'compose'",
        ),
        (
            "examples: []",
            "examples: [{name: x, format: kubernetes, expect: [a], source: y}]",
            "expected a line number",
        ),
        ("title: A title", "title: [", "YAML syntax"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_suggestion(old, new, told):
    message = failure(GOOD.replace(old, new, 1))
    assert message.startswith("rules/x/my-rule.yaml:")
    assert told in message


def test_a_missing_key_is_named():
    assert "lacks 'severity'" in failure(GOOD.replace("severity: high\n", ""))


def test_a_sensitive_rule_cannot_show_a_value():
    text = GOOD.replace("applies_to: container", "applies_to: env\nsensitive: true").replace(
        "{field: privileged, equals: true}", "{field: value, exists: true}"
    )
    text = text.replace("    - {field: ports, any_of: {field: number, in: {param: numbers}}}\n", "")
    text = text.replace("at: [privileged, name]\n", "").replace("'{name}'", "'{value}'")
    assert "cannot show a value" in failure(text)


def test_a_rule_on_several_kinds_may_only_use_what_they_share():
    text = GOOD.replace("applies_to: container", "applies_to: [container, workload]")
    assert "unknown field 'privileged' of workload" in failure(text)


def test_the_schema_accepts_what_the_loader_accepts():
    assert SCHEMA.is_valid(yaml.safe_load(GOOD))


@pytest.mark.parametrize(
    "old,new",
    [
        ("severity: high", "severity: hihg"),
        ("severity: high", "severty: high"),
        ("equals: true", "equal: true"),
        ("formats: [kubernetes]", "formats: [kubernets]"),
        ("id: my-rule", "id: My_Rule"),
        ("is bad", "is bad."),
        ("title: A title", "title: ''"),
        ("{field: privileged, equals: true}", "{field: privileged}"),
        ("{field: privileged, equals: true}", "{all: []}"),
        ("{field: privileged, equals: true}", "{field: uid, exists: 1}"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old, new):
    text = GOOD.replace(old, new, 1)
    failure(text)
    assert not SCHEMA.is_valid(yaml.safe_load(text))


def test_a_framework_needs_rules_or_a_reason_for_each_control():
    text = "id: f\ntitle: T\nversion: '1'\nurl: https://x\ncontrols:\n  - {id: '1', title: One}\n"
    with pytest.raises(RuleError, match="either 'rules' or 'not_assessed'"):
        load_framework("rules/frameworks/f.yaml", text)


CASES = GOOD.replace(
    "description: Why.",
    "cases:\n  - name: loud\n    when: {field: uid, equals: 0}\n    at: ports.number\n"
    '    message: "{base-variants.name} and {ports.number}"\n  - {name: quiet, when: {field: tty, equals: true}}\n'
    "description: Why.",
)


def test_cases_share_what_the_rule_says():
    loud, quiet = load(CASES).cases
    assert (loud.name, loud.at, loud.message) == (
        "loud", ("ports.number",), "{base-variants.name} and {ports.number}"
    )  # fmt: skip
    assert (quiet.at, quiet.message) == (("privileged", "name"), "container '{name}' is bad")
    assert load(CASES).when.conditions == (loud.when, quiet.when)
    assert SCHEMA.is_valid(yaml.safe_load(CASES))


@pytest.mark.parametrize(
    "old,new,told",
    [
        ("name: quiet", "name: loud", "there is a case 'loud' already"),
        ("name: loud", "name: Loud!", "'Loud!' names no case"),
        ("field: tty", "field: ttyy", "did you mean 'tty'?"),
        ("at: ports.number", "at: mounts.source", "nothing says which of 'mounts' is meant"),
        ("at: ports.number", "at: ports.numbr", "unknown field 'numbr' of port; did you mean 'number'?"),
        ("{base-variants.name}", "{base-variants.nam}", "unknown field 'nam' of container"),
        ("{base-variants.name}", "{base-variant.name}", "unknown field 'base-variant'"),
        ("and {ports.number}", "and {env.name}", "nothing says which of 'env' is meant"),
    ],
)
def test_what_is_wrong_with_a_case_is_told(old, new, told):
    assert told in failure(CASES.replace(old, new, 1))


TWO_KINDS = """\
id: my-rule
title: T
severity: low
confidence: high
tier: extra
applies_to: [container, workload]
formats: [kubernetes]
when: {field: uid, equals: 0}
cases:
  - {name: own, applies_to: [container], when: {field: privileged, equals: true}}
  - {name: both, when: {field: name, exists: true}}
message: "'{name}' is bad"
description: Why.
remediation: Mend it.
examples: []
"""


def test_a_case_may_be_about_one_of_the_kinds_of_its_rule():
    assert [case.applies_to for case in load(TWO_KINDS).cases] == [("container",), ("container", "workload")]
    assert SCHEMA.is_valid(yaml.safe_load(TWO_KINDS.replace("examples: []", GOOD[GOOD.index("examples:") :])))
    assert "the rule does not apply to 'stage'" in failure(TWO_KINDS.replace("[container],", "[stage],"))
    assert "unknown field 'privileged' of workload" in failure(
        TWO_KINDS.replace(" applies_to: [container],", "")
    )


def test_cases_need_nothing_in_common():
    text = TWO_KINDS.replace("when: {field: uid, equals: 0}\n", "")
    own, both = load(text).cases
    assert own.when == FieldTest("privileged", "equals", True)
    assert both.when == FieldTest("name", "exists", True)
    assert SCHEMA.is_valid(yaml.safe_load(text.replace("examples: []", GOOD[GOOD.index("examples:") :])))
    assert "a rule lacks 'when'" in failure(text[: text.index("cases:")] + text[text.index("message:") :])


def test_files_of_an_example_may_be_merged_from_another():
    text = GOOD.replace(
        "examples: []",
        "examples:\n"
        "- {name: a, format: kubernetes, expect: [], source: x, files: &f {a.txt: A}}\n"
        "- {name: b, format: kubernetes, expect: [], source: y, files: {<<: *f, b.txt: B}}",
    )
    examples = load_rule("my-rule.yaml", text, words()).examples
    assert dict(examples[1].files) == {"a.txt": "A", "b.txt": "B"}


@pytest.mark.parametrize("example", ["source: [x]", "source: x, files: {a.txt: [A]}"])
def test_a_source_that_is_no_text_is_refused(example):
    text = GOOD.replace("examples: []", f"examples: [{{name: a, format: kubernetes, expect: [], {example}}}]")
    with pytest.raises(RuleError, match="expected text"):
        load_rule("my-rule.yaml", text, words())
