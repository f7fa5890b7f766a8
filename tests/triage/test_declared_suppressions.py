"""Suppressions in the configuration: what they cover, and what is refused."""

from __future__ import annotations

import pytest

from tests.support import hullcheck, write_tree

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  hostNetwork: true
  containers:
    - {name: app, image: "a:1", securityContext: {privileged: true}}
"""
FILES = {"deploy/web.yaml": POD.replace("NAME", "web"), "test/db.yaml": POD.replace("NAME", "db")}
SELECT = "select: [privileged, host-network, suppression-stale]\n"


def ran(root, text, *more):
    write_tree(root, {**FILES, ".hullcheck.yaml": SELECT + text})
    done = hullcheck("scan", str(root), "-q", *more)
    return sorted(" ".join(line.split()[:3]) for line in done.out.splitlines())


EVERYTHING = [
    "deploy/web.yaml:5:3: high host-network",
    "deploy/web.yaml:7:51: critical privileged",
    "test/db.yaml:5:3: high host-network",
    "test/db.yaml:7:51: critical privileged",
]


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("path: test/", [0, 1]),
        ("path: '*.yaml'", []),
        ("path: [/deploy/w*, '!x']", [2, 3]),
        ("resource: db", [0, 1]),
        ("resource: Pod/w*", [2, 3]),
        ("resource: Pod/web/app", [0, 2, 3]),
        ("resource: Deployment/web", [0, 1, 2, 3]),
        ("{path: deploy/, resource: db}", [0, 1, 2, 3]),
    ],
)
def test_a_path_and_a_resource_say_what_is_covered(tmp_path, scope, left):
    lines = scope.strip("{}").replace(", resource", "\n    resource") if scope.startswith("{") else scope
    text = f"suppressions:\n  - rule: '*'\n    reason: known\n    {lines}\n"
    assert ran(tmp_path, text) == [EVERYTHING[index] for index in left]


def test_rules_go_by_their_earlier_names_too_and_several_can_be_named(tmp_path):
    text = "suppressions:\n  - rule: [privileged, host-network]\n    path: test/\n    reason: known\n    owner: ops\n    until: 2999-01-01\n"
    assert ran(tmp_path, text) == EVERYTHING[:2]


def test_one_that_is_of_no_use_is_told_at_its_line(tmp_path):
    text = (
        "suppressions:\n  - rule: privileged\n    path: gone/\n    reason: x\n"
        "  - {rule: host-network, path: test/, reason: x, until: 2020-01-01}\n"
    )
    told = [".hullcheck.yaml:3:5: info suppression-stale", ".hullcheck.yaml:6:5: info suppression-stale"]
    assert ran(tmp_path, text) == [*told, *EVERYTHING]


def test_a_part_of_the_project_says_nothing_of_what_the_rest_needs(tmp_path):
    text = "suppressions:\n  - {rule: privileged, path: test/, reason: x}\n"
    write_tree(tmp_path, {**FILES, ".hullcheck.yaml": SELECT + text})
    assert "stale" not in hullcheck("scan", str(tmp_path / "deploy"), "-q").out
    assert "privileged" not in hullcheck("scan", str(tmp_path / "test"), "-q").out


def test_one_that_has_expired_is_told_where_its_file_lies_outside_of_the_scan(tmp_path):
    text = "suppressions:\n  - {rule: privileged, path: test/, reason: x, until: 2020-01-01}\n"
    write_tree(tmp_path, {**FILES, ".hullcheck.yaml": SELECT + text})
    out = hullcheck("scan", str(tmp_path / "test")).out
    assert "warning: ../.hullcheck.yaml:3: the suppression of 'privileged' is expired" in out.replace(
        "\n", " "
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{rule: privilegd, path: a, reason: x}",
            "3:5: unknown rule 'privilegd' in a suppression; did you mean 'privileged'?",
        ),
        (
            "{rules: privileged, path: a, reason: x}",
            "3:6: unknown key 'rules' in a suppression; did you mean 'rule'?",
        ),
        ("{rule: privileged, path: a}", "3:5: a suppression lacks 'reason'"),
        ("{rule: privileged, path: a, reason: ' '}", "3:41: expected text for reason"),
        ("{rule: privileged, reason: x}", "3:5: a suppression lacks 'path' or 'resource'"),
        (
            "{rule: privileged, path: a, reason: x, until: soon}",
            "3:51: 'soon' is no date; write it as 2027-01-31",
        ),
        ("{rule: [], path: a, reason: x}", "3:12: the list of rules is empty"),
        (
            "{rule: privileged, path: '[a', reason: x}",
            "3:30: '[a' is no pattern that can be matched",
        ),
    ],
)
def test_what_is_wrong_is_an_error_at_its_place(tmp_path, entry, message):
    write_tree(tmp_path, {**FILES, ".hullcheck.yaml": f"{SELECT}suppressions:\n  - {entry}\n"})
    done = hullcheck("scan", str(tmp_path))
    assert done.code == 2
    assert message in done.err


def test_what_the_files_leave_open_says_nothing_of_a_suppression(tmp_path):
    text = "suppressions:\n  - {rule: privileged, path: /compose.yaml, reason: x}\n"
    write_tree(tmp_path, {"compose.yaml": "services:\n  a:\n    image: a:1\n    privileged: ${P}\n"})
    assert ran(tmp_path, text) == EVERYTHING
    write_tree(tmp_path, {"compose.yaml": "services:\n  a: [\n"})
    assert "stale" not in " ".join(ran(tmp_path, text, "--allow-partial"))
