"""`hullcheck explain` says why, where, and what would change the verdict."""

from __future__ import annotations

import json

import pytest

from tests.support import hullcheck, write_tree

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostNetwork: false
  containers:
    - name: app
      image: nginx:1.27
      securityContext:
        privileged: true
        allowPrivilegeEscalation: false
    - name: side
      image: nginx:1.27
      securityContext:
        privileged: false
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    write_tree(tmp_path, {"pod.yaml": POD})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explained(*arguments):
    ran = hullcheck("explain", *arguments, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)["explanations"]


def test_a_rule_lists_what_it_says_of_every_resource(project):
    ran = hullcheck("explain", "privileged")
    assert ran.code == 0
    assert "fires      container 'app'  pod.yaml:11" in ran.out
    assert "passes     container 'side'  pod.yaml:13" in ran.out


def test_a_place_explains_the_findings_there(project):
    ran = hullcheck("explain", "pod.yaml:11")
    assert "privileged fires on container 'app'" in ran.out
    assert "privileged is true  (it is true, pod.yaml:11)" in ran.out


def test_a_fingerprint_explains_its_finding(project):
    report = json.loads(hullcheck("scan", "--format", "json").out)
    (finding,) = [one for one in report["findings"] if one["rule"] == "privileged"]
    (one,) = explained(finding["fingerprint"])
    assert (one["rule"], one["verdict"], one["place"]) == ("privileged", "fires", "pod.yaml:11")
    (again,) = explained(finding["fingerprint"][:12])
    assert again == one


@pytest.mark.parametrize(
    "rule, container, before, after",
    [
        ("privileged", "app", "privileged: true", "privileged: false"),
        ("privileged", "side", "privileged: false", "privileged: true"),
        ("privilege-escalation", "app", "Escalation: false", "Escalation: true"),
        (
            "image-tag-latest",
            "side",
            "image: nginx:1.27\n      securityContext:\n        privileged: false",
            "image: nginx:latest\n      securityContext:\n        privileged: false",
        ),
        ("host-network", "web", "hostNetwork: false", "hostNetwork: true"),
    ],
)
def test_changing_the_decisive_fact_turns_the_verdict(project, rule, container, before, after):
    (one,) = explained(rule, "--resource", container)
    (leaf,) = one["decisive"]
    line = int(leaf["place"].rpartition(":")[2])
    start = POD.index(before)
    assert POD[:start].count("\n") + 1 <= line <= POD[: start + len(before)].count("\n") + 1
    (project / "pod.yaml").write_text(POD.replace(before, after))
    (changed,) = explained(rule, "--resource", container)
    assert {one["verdict"], changed["verdict"]} == {"fires", "passes"}


def test_a_secret_is_not_shown(tmp_path, monkeypatch):
    text = "services:\n  db:\n    image: postgres:16\n    environment:\n      DB_PASSWORD: hunter2-x9f3\n"
    write_tree(tmp_path, {"compose.yaml": text})
    monkeypatch.chdir(tmp_path)
    for form in ("text", "json"):
        for what in ("compose.yaml:5", "secret-literal-env"):
            ran = hullcheck("explain", what, "--resource", "db", "--format", form)
            assert ran.code == 0, ran.err
            assert "hunter2" not in ran.out + ran.err


def test_what_is_neither_a_rule_nor_a_finding_gets_a_hint(project):
    ran = hullcheck("explain", "priviledged")
    assert ran.code == 2
    assert "did you mean 'privileged'?" in ran.err


def test_a_rule_that_applies_to_nothing_says_so(project):
    ran = hullcheck("explain", "dockerfile-user-root")
    assert ran.code == 2
    assert "applies to no resource" in ran.err


def test_what_cannot_be_decided_names_what_is_not_known(tmp_path, monkeypatch):
    write_tree(tmp_path, {"compose.yaml": "services:\n  web:\n    image: nginx:1\n    privileged: ${PRIV}\n"})
    monkeypatch.chdir(tmp_path)
    ran = hullcheck("explain", "privileged", "--resource", "web")
    assert ran.code == 0
    assert "privileged cannot be decided for" in ran.out
    assert "PRIV" in ran.out
