"""A policy file that is too large, too deep or endless is an error with a place, whatever it holds."""

from __future__ import annotations

import pytest

from scanner.config import load_config
from scanner.engine.closed import strangers_of
from scanner.engine.compile import compile_graph_rules, compile_rules
from scanner.engine.questions import crosses_files
from scanner.errors import ConfigError, RuleError
from scanner.pipeline import Settings, catalog_of, words
from scanner.policy import catalog as catalogs
from scanner.policy import nodes
from scanner.policy.conditions import MAX_CONDITIONS, MAX_DEPTH
from scanner.policy.loader import load_rule
from scanner.policy.showing import MAX_MESSAGE, MAX_SHOWN
from tests.support import write_tree

FRAME = """\
id: my-rule
title: A title
severity: high
confidence: high
tier: core
applies_to: {kind}
formats: [kubernetes]
description: Why.
remediation: Do this.
examples: []
message: "{message}"
at: [{at}]
when: {when}
"""
TEST = "{field: name, equals: x}"


def load(when=TEST, kind="workload", message="bad", at="name", more=""):
    text = FRAME.format(kind=kind, when=when, message=message, at=at) + more
    return load_rule("rules/x/my-rule.yaml", text, words())


def failure(*arguments, **more):
    with pytest.raises(RuleError) as caught:
        load(*arguments, **more)
    assert caught.value.line is not None
    assert caught.value.column is not None
    return caught.value.message


def nested(before, after, times, inner=TEST):
    return before * times + inner + after * times


NESTS = {
    "not": ("{not: ", "}", "workload"),
    "all": ("{all: [", "]}", "workload"),
    "any": ("{any: [{field: kind, exists: true}, ", "]}", "workload"),
    "related": ("{related: dependencies, any_of: ", "}", "workload"),
    "every": ("{related: dependencies, all_of: ", "}", "workload"),
    "none": ("{related: siblings, none_of: ", "}", "container"),
}


@pytest.mark.parametrize("nest", NESTS)
def test_conditions_of_the_greatest_depth_are_compiled_and_deeper_ones_refused(nest):
    before, after, kind = NESTS[nest]
    rule = load(nested(before, after, MAX_DEPTH - 1), kind)
    assert list(strangers_of({0: rule}, {})) == []
    for form in rule.formats:
        if crosses_files(rule.when):
            compile_graph_rules({0: rule}, {}, form)
        else:
            compile_rules({0: rule}, {}, form, certain=False)
    assert "conditions are nested more than" in failure(nested(before, after, MAX_DEPTH), kind)
    assert "nested more than" in failure(nested(before, after, 120), kind)
    assert "nested more than" in failure(nested(before, after, 5_000), kind)


def test_lists_of_conditions_have_an_end():
    load("{all: [" + ", ".join([TEST] * (MAX_CONDITIONS - 1)) + "]}")
    assert "5000 conditions at most" in failure("{all: [" + ", ".join([TEST] * MAX_CONDITIONS) + "]}")


def test_cases_times_conditions_have_an_end():
    cases = "".join(
        f"  - {{name: c{number}, when: {{all: [{', '.join([TEST] * 99)}]}}}}\n" for number in range(51)
    )
    assert "5000 conditions at most" in failure(more="cases:\n" + cases)


def test_aliases_that_multiply_are_refused():
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(RuleError, match="more than 200000 values, those of aliases included"):
        nodes.PolicyFile("x.yaml", "\n".join(lists))


def test_conditions_that_aliases_multiply_are_refused():
    levels = [f"&c{n} {{all: [{', '.join([f'*c{n - 1}'] * 8)}]}}" for n in range(1, 5)]
    all_ = f"{{any: [&c0 {TEST}, {', '.join(levels)}]}}"
    assert "5000 conditions at most" in failure(all_)


@pytest.mark.parametrize("text", ["a: &a [*a]", "&a a: &b {c: *b}", "when: &w {not: *w}"])
def test_aliases_of_what_holds_them_are_refused(text):
    with pytest.raises(RuleError, match=f"nested more than {nodes.MAX_DEPTH} deep"):
        nodes.PolicyFile("x.yaml", text)


def test_a_configuration_has_the_same_bounds(tmp_path):
    path = tmp_path / ".hullcheck.yaml"
    for text in ("rules: &a {x: *a}\n", "rules: {x: {params: {y: &a [1, *a]}}}\n"):
        path.write_text(text)
        with pytest.raises(ConfigError, match=f":1:.* nested more than {nodes.MAX_DEPTH} deep"):
            load_config(path)


def test_a_long_file_is_refused_before_it_is_parsed():
    with pytest.raises(RuleError, match=r"^x.yaml:1:1: the file has 2000001 characters"):
        nodes.PolicyFile("x.yaml", "#" * (nodes.MAX_TEXT + 1))


def test_what_a_rule_shows_has_an_end():
    load(message="{name}" * MAX_SHOWN, at=", ".join(["name"] * MAX_SHOWN))
    assert "32 fields in braces at most" in failure(message="{name}" * (MAX_SHOWN + 1))
    assert "2000 characters" in failure(message="x" * (MAX_MESSAGE + 1))
    assert "points at 32 fields at most" in failure(at=", ".join(["name"] * (MAX_SHOWN + 1)))


def test_folders_have_bounds_of_files_and_of_work(tmp_path, monkeypatch):
    text = FRAME.format(kind="workload", when=TEST, message="bad", at="name")
    files = {f"rule-{n}.yaml": text.replace("my-rule", f"rule-{n}") for n in range(5)}
    folder = write_tree(tmp_path, files)
    settings = Settings(rule_folders=(folder,))
    assert len(catalog_of(settings).rules) > 5
    monkeypatch.setattr(catalogs, "MAX_FILES", 4)
    with pytest.raises(RuleError, match="hold 5 files, and may hold 4"):
        catalog_of(settings)
    monkeypatch.undo()
    monkeypatch.setattr(catalogs, "MAX_WEIGHT", 11)
    with pytest.raises(RuleError, match=r"rule-3.yaml:1:1: the folders of rules ask for too much"):
        catalog_of(settings)


@pytest.mark.parametrize(
    "old,new,told",
    [
        ("applies_to: workload", "applies_to: []", "'applies_to' is empty"),
        ("applies_to: workload", "applies_to: [workload, workload]", "kind 'workload' stands twice"),
        ("formats: [kubernetes]", "formats: []", "'formats' is empty"),
        ("at: [name]", "at: [kind]", "'kind' has no place of its own"),
        ("at: [name]", "at: [containers]", "'containers' has no place of its own"),
        ('"bad"', '"bad {volumes}"', "'volumes' is a resource"),
    ],
)
def test_what_could_not_be_asked_or_shown_is_refused(old, new, told):
    text = FRAME.format(kind="workload", when=TEST, message="bad", at="name").replace(old, new)
    with pytest.raises(RuleError, match=told):
        load_rule("rules/x/my-rule.yaml", text, words())


def test_what_is_no_path_into_a_document_is_refused_wherever_it_stands():
    for more in ({"at": "'a[b'"}, {"message": "{a..b}"}, {"when": "{field: '.a', exists: true}"}):
        assert "is no path" in failure(kind="document", **{"when": "{field: spec.x, exists: true}", **more})
