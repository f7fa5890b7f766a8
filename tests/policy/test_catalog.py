"""Folders of rules add to what there is: no name that means something gets another meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import RuleError
from scanner.pipeline import Settings, catalog_of
from tests.support import hullcheck, write_tree

RULE = """\
id: {id}
title: A title
severity: high
confidence: high
tier: core
applies_to: container
formats: [compose]
when: {{field: privileged, equals: true}}
at: privileged
message: "'{{name}}' is bad"
description: Why.
remediation: Do this.
tags: [secrets, own]
aliases: [{aliases}]
examples: []
"""
FRAMEWORK = "id: {id}\ntitle: T\nversion: '1'\nurl: https://x\ncontrols:\n  - {{id: '1', title: One, rules: [{rule}]}}\n"
COMPOSE = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n"


def rule(identifier, aliases=""):
    return RULE.format(id=identifier, aliases=aliases)


def load(root: Path, files, *more):
    return catalog_of(Settings(rule_folders=(write_tree(root, files), *more)))


def failure(root, files):
    with pytest.raises(RuleError) as caught:
        load(root, files)
    return caught.value


def test_a_folder_adds_its_rules_and_frameworks(tmp_path):
    files = {
        "own-rule.yaml": rule("own-rule"),
        "frameworks/own.yaml": FRAMEWORK.format(id="own-framework", rule="own-rule"),
    }
    catalog = load(tmp_path, files)
    assert catalog.rules["own-rule"].title == "A title"
    assert catalog.controls["own-rule"] == {"own-framework": ("1",)}
    assert len(catalog.rules) == len(catalog_of(Settings()).rules) + 1


@pytest.mark.parametrize(
    "name,what",
    [
        ("privileged", "it is a rule in rules/privilege/privileged.yaml"),
        ("secrets", "it is a tag of built-in rules"),
        ("core", "it is a tier"),
        ("pss-baseline", "it is a framework"),
    ],
)
def test_a_name_that_means_something_is_no_name_of_another_rule(tmp_path, name, what):
    as_id = failure(tmp_path / "id", {f"{name}.yaml": rule(name)})
    assert what in str(as_id)
    assert (as_id.line, as_id.column) == (1, 5)
    as_alias = failure(tmp_path / "alias", {"own-rule.yaml": rule("own-rule", name)})
    assert what in str(as_alias)
    assert (as_alias.line, as_alias.column) == (14, 10)


def test_the_alias_of_a_rule_is_no_name_of_another_rule(tmp_path):
    error = failure(tmp_path, {"a-rule.yaml": rule("a-rule", "old"), "old.yaml": rule("old")})
    assert "the name 'old' is taken: it is an alias of rule 'a-rule' in " in str(error)
    assert error.path.endswith("old.yaml")


def test_two_rules_of_folders_do_not_share_a_name(tmp_path):
    error = failure(tmp_path, {"a/own-rule.yaml": rule("own-rule"), "b/own-rule.yaml": rule("own-rule")})
    assert "a/own-rule.yaml" in error.message
    assert error.path.endswith("b/own-rule.yaml")
    error = failure(tmp_path / "own", {"own-rule.yaml": rule("own-rule", "own-rule")})
    assert "the rule's own id" in error.message


@pytest.mark.parametrize("name", ["pss-baseline", "privileged", "secrets", "core"])
def test_a_framework_of_a_folder_does_not_take_a_name_either(tmp_path, name):
    error = failure(tmp_path, {f"frameworks/{name}.yaml": FRAMEWORK.format(id=name, rule="privileged")})
    assert f"the name '{name}' is taken" in error.message
    assert (error.line, error.column) == (1, 5)


def test_a_framework_that_names_no_rule_is_told_with_its_place(tmp_path):
    error = failure(tmp_path, {"frameworks/own.yaml": FRAMEWORK.format(id="own", rule="privilegd")})
    assert str(error).endswith(
        "own.yaml:6:34: unknown rule 'privilegd' in a control; did you mean 'privileged'?"
    )


def test_rules_that_a_scanned_tree_names_cannot_replace_built_in_ones(tmp_path):
    harmless = rule("privileged").replace("equals: true", "equals: false")
    files = {
        ".hullcheck.yaml": "rule-folders: [policy]\n",
        "policy/privileged.yaml": harmless,
        "compose.yaml": COMPOSE,
    }
    ran = hullcheck("scan", str(write_tree(tmp_path, files)))
    assert ran.code == 2
    assert "policy/privileged.yaml:1:5: the name 'privileged' is taken" in ran.err


def test_rules_that_the_user_names_cannot_replace_built_in_ones(tmp_path):
    write_tree(tmp_path, {"tree/compose.yaml": COMPOSE, "mine/privileged.yaml": rule("privileged")})
    ran = hullcheck("scan", str(tmp_path / "tree"), "--rules", str(tmp_path / "mine"))
    assert ran.code == 2
    assert "mine/privileged.yaml:1:5: the name 'privileged' is taken" in ran.err


def test_rules_that_the_user_names_add_findings(tmp_path):
    write_tree(tmp_path, {"tree/compose.yaml": COMPOSE, "mine/own-rule.yaml": rule("own-rule")})
    ran = hullcheck("scan", str(tmp_path / "tree"), "--rules", str(tmp_path / "mine"), "-q")
    assert ran.code == 1
    assert "own-rule" in ran.out
    assert " privileged" in ran.out
