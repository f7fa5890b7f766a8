"""What a configuration took out of a report is told for each key, with counts and places."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from tests.reporting.sarif_checks import complaints
from tests.support import ROOT, hullcheck, write_tree

COMPOSE = """\
services:
  web:
    image: nginx:latest
    privileged: true
    network_mode: host
  db:
    # hullcheck: ignore[image-tag-latest] reason="local only"
    image: postgres:latest
"""
OWN_RULE = """\
id: our-own
title: Ours
severity: low
confidence: high
tier: core
applies_to: container
formats: [compose, kubernetes]
when: {field: privileged, equals: true}
at: privileged
message: "ours"
description: Ours.
remediation: Ours.
examples:
  - name: bad
    format: compose
    expect: [3]
    source: |
      services:
        a:
          privileged: true
  - name: good
    format: compose
    expect: []
    source: |
      services:
        a:
          image: b
"""
TREE = {"compose.yaml": COMPOSE, "vendor/compose.yaml": COMPOSE, "policy/our-own.yaml": OWN_RULE}
ALL = "profile: all\n"


def told(root, config, *options, files=TREE):
    write_tree(root, {**files, ".hullcheck.yaml": config})
    done = hullcheck("scan", str(root), "--format", "json", *options)
    policy = json.loads(done.out)["policy"]
    return {one["key"]: one for one in policy["effects"]}, policy


CASES = {
    "select": ("select: [privileged]\n", "select", 1, "rules", None),
    "frameworks": ("frameworks: [pss-baseline]\n", "frameworks", 1, "rules", None),
    "ignore": ("ignore: [privileged, host-network]\n", "ignore", 1, "rules", 2),
    "exclude a folder": ("exclude: [vendor/]\n", "exclude", 1, "files", 1),
    "exclude files": ('exclude: ["compose.*"]\n', "exclude", 1, "files", 2),
    "a severity below its own": (
        "rules:\n  privileged: {severity: low}\n",
        "rules.privileged.severity",
        2,
        "findings",
        2,
    ),
    "a severity above its own": (
        "rules:\n  privileged: {severity: critical}\n",
        "rules.privileged.severity",
        2,
        "findings",
        0,
    ),
    "a parameter": (
        "rules:\n  image-tag-latest:\n    params: {moving: [nightly]}\n",
        "rules.image-tag-latest.params.moving",
        3,
        "parameters",
        1,
    ),
    "a threshold": ("fail-on: critical\n", "fail-on", 1, "findings", None),
    "rules of its own": ("rule-folders: [policy]\n", "rule-folders", 1, "rules", 0),
    "a suppression": (
        "suppressions:\n  - {rule: privileged, path: vendor/, reason: known}\n",
        "suppressions",
        2,
        "findings",
        1,
    ),
    "a profile": ("profile: strict\n", "profile", 1, "rules", 0),
    "limits of charts": ("helm:\n  subcharts: ignore\n", "helm.subcharts", 2, "charts", 0),
}


@pytest.mark.parametrize(("config", "key", "line", "counted", "count"), CASES.values(), ids=list(CASES))
def test_each_key_is_told_with_its_place_and_what_it_did(tmp_path, config, key, line, counted, count):
    effects, policy = told(tmp_path, config)
    effect = effects[key]
    assert (effect["path"], effect["line"], effect["counted"]) == (".hullcheck.yaml", line, counted)
    assert effect["count"] == count if count is not None else effect["count"] > 0
    assert (policy["configuration"], policy["source"]) == (".hullcheck.yaml", "tree")


def test_what_an_environment_leaves_out_or_lowers_is_counted(tmp_path):
    config = "environments:\n  prod:\n    ignore: [host-network]\n    severity: {privileged: info}\n"
    files = {**TREE, "compose.prod.yaml": "services:\n  web:\n    privileged: true\n"}
    effects, _ = told(tmp_path, config, files=files)
    assert effects["environments.prod.ignore"]["count"] == 1
    assert effects["environments.prod.severity.privileged"]["count"] == 1
    assert "environments.prod" not in effects, "it does not say what prod is made of"


def test_charts_are_counted_that_a_limit_applies_to(tmp_path):
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "chart/templates/a.yaml": "a: 1\n",
    }
    effects, _ = told(tmp_path, "helm: {engine: none}\n", files={**TREE, **chart})
    assert effects["helm.engine"]["count"] == 1


def test_a_suppression_in_a_file_is_told_without_a_configuration_too(tmp_path):
    write_tree(tmp_path, TREE)
    document = json.loads(hullcheck("scan", str(tmp_path), "--format", "json").out)
    effects = document["policy"]["effects"]
    places = [(one["key"], one["path"], one["line"], one["count"]) for one in effects]
    assert places == [("in-file", "compose.yaml", 7, 1), ("in-file", "vendor/compose.yaml", 7, 1)]
    assert document["policy"]["source"] is None
    assert document["summary"]["suppressed"] == sum(one["count"] for one in effects)


@pytest.mark.parametrize(
    ("config", "option", "key"),
    [
        ("profile: all\n", ["--profile", "core"], "profile"),
        ("profile: all\n", ["--select", "privileged"], "profile"),
        ("select: [privileged]\n", ["--select", "host-network"], "select"),
        ("fail-on: never\n", ["--fail-on", "high"], "fail-on"),
    ],
)
def test_a_key_that_an_option_overrides_did_nothing(tmp_path, config, option, key):
    assert key in told(tmp_path, config)[0]
    assert key not in told(tmp_path, config, *option)[0]


def test_a_configuration_that_the_user_names_is_his_own_word(tmp_path):
    write_tree(tmp_path, {"ours.yaml": "ignore: [privileged]\n", **{f"tree/{k}": v for k, v in TREE.items()}})
    done = hullcheck(
        "scan", str(tmp_path / "tree"), "--config", str(tmp_path / "ours.yaml"), "--format", "json"
    )
    policy = json.loads(done.out)["policy"]
    assert (policy["configuration"], policy["source"]) == ("../ours.yaml", "user")


def test_the_summaries_for_people_name_what_got_smaller(tmp_path):
    write_tree(tmp_path, {**TREE, ".hullcheck.yaml": "fail-on: never\nignore: [privileged]\n"})
    for form in ("console", "markdown"):
        text = hullcheck("scan", str(tmp_path), "--format", form).out
        assert "Smaller by .hullcheck.yaml of the scanned tree and suppressions in files" in text
        assert ".hullcheck.yaml:2 ignore: 1 rule not asked: privileged" in text
        assert "do not fail the scan" in text
        assert "2 findings suppressed at 2 places in files" in text


def test_many_keys_are_cut_in_the_summary_and_shown_with_v(tmp_path):
    ids = sorted(path.stem for path in (ROOT / "rules" / "privileges").glob("*.yaml"))[:15]
    config = "rules:\n" + "".join(f"  {id}: {{severity: info}}\n" for id in ids)
    pods = "".join(f"  s{n}: {{image: 'a:latest', privileged: true, network_mode: host}}\n" for n in range(2))
    write_tree(tmp_path, {"compose.yaml": f"services:\n{pods}", ".hullcheck.yaml": config})
    short = hullcheck("scan", str(tmp_path)).out
    whole = hullcheck("scan", str(tmp_path), "-v").out
    assert whole.count(".severity: ") == len(ids) >= short.count(".severity: ")


def test_without_any_of_it_nothing_is_said(tmp_path):
    write_tree(tmp_path, {"compose.yaml": "services: {web: {image: nginx}}\n"})
    assert "Smaller" not in hullcheck("scan", str(tmp_path)).out
    write_tree(tmp_path, {".hullcheck.yaml": "profile: strict\n"})
    assert ".hullcheck.yaml of the scanned tree made nothing smaller" in hullcheck("scan", str(tmp_path)).out


def test_sarif_tells_it_as_notifications_on_the_configuration(tmp_path):
    write_tree(tmp_path, {**TREE, ".hullcheck.yaml": "ignore: [privileged]\n"})
    document = json.loads(hullcheck("scan", str(tmp_path), "--format", "sarif").out)
    notes = document["runs"][0]["invocations"][0]["toolConfigurationNotifications"]
    first = notes[0]
    assert first["level"] == "note"
    assert first["properties"] == {"key": "ignore", "count": 1, "counted": "rules"}
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == ".hullcheck.yaml"
    assert complaints(document, TREE) == []


def test_the_schema_of_the_report_holds_it(tmp_path):
    schema = json.loads((ROOT / "scanner" / "reporting" / "report.schema.json").read_text())
    write_tree(tmp_path, {**TREE, ".hullcheck.yaml": "ignore: [privileged]\nexclude: [vendor/]\n"})
    document = json.loads(hullcheck("scan", str(tmp_path), "--format", "json").out)
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    del document["policy"]["effects"][0]["count"]
    assert list(Draft202012Validator(schema).iter_errors(document)) != []


def test_a_key_that_a_mapping_merges_is_told_like_its_own(tmp_path):
    config = "environments:\n  a: &a {ignore: [privileged]}\n  b: {<<: *a}\n"
    effects, _ = told(tmp_path, config)
    assert {"environments.a.ignore", "environments.b.ignore"} <= set(effects)
