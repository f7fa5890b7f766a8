"""Patterns that a scanned tree or a user brings: they end, and what cannot be used is told."""

from __future__ import annotations

import pytest

from tests.support import hullcheck, write_tree

RULE = """\
id: own-rule
title: An own rule
severity: high
confidence: high
tier: core
applies_to: container
formats: [compose]
when: {field: image.text, matches: '^(a+)+$'}
message: "container '{name}' is odd"
description: d
remediation: r
examples:
  - {name: odd, format: compose, expect: [], source: "services: {}"}
  - {name: even, format: compose, expect: [], source: "services: {}"}
"""


def test_a_catastrophic_pattern_of_a_rule_ends(tmp_path):
    files = {"compose.yaml": f"services: {{web: {{image: '{'a' * 60}!'}}}}\n", "own/own-rule.yaml": RULE}
    done = hullcheck(
        "scan", str(write_tree(tmp_path, files) / "compose.yaml"), "--rules", str(tmp_path / "own")
    )
    assert done.code in (0, 1)


@pytest.mark.parametrize(
    ("rule", "param", "message"),
    [
        ("config-bind-writable", "files: 'a(?=b)'", "'(?=' looks ahead, which patterns here cannot"),
        ("build-download-http", "plain: '(a)\\1'", "refers back to a group"),
        ("labels-required", "labels: [a, 'b=(']", "a '(' is not closed"),
    ],
)
def test_a_parameter_that_is_no_usable_pattern_is_refused(tmp_path, rule, param, message):
    write_tree(
        tmp_path,
        {
            "compose.yaml": "services: {}\n",
            ".hullcheck.yaml": f"rules:\n  {rule}:\n    params:\n      {param}\n",
        },
    )
    done = hullcheck("scan", str(tmp_path))
    assert done.code == 2
    assert message in done.err
    assert rule in done.err
