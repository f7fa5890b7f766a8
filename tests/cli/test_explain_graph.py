"""Of rules over several files: what an explanation calls decisive is what people would change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import hullcheck, scan_tree, write_tree

PROXIED = """\
services:
  proxy:
    image: example.org/proxy:1
    ports: ["80:80"]
  app:
    image: example.org/app:1
  db:
    image: postgres:17
    ports: ["127.0.0.1:5432:5432"]
"""
ENGINE = """\
services:
  portal:
    image: example.org/portal:1
    ports:
      - "9000:9000"
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
"""
BUILT = "services:\n  web:\n    build: web\n"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - name: web
      image: example.org/web:1
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: inward}
spec:
  podSelector: {}
  policyTypes: [Ingress]
"""
SHOWN = {
    "network-flat": ("db", {"compose.yaml": PROXIED}, "compose.yaml", '"80:80"', '"127.0.0.1:80:80"'),
    "attack-path": (
        "portal",
        {"compose.yaml": ENGINE},
        "compose.yaml",
        '"9000:9000"',
        '"127.0.0.1:9000:9000"',
    ),
    "run-as-root": (
        "web",
        {"compose.yaml": BUILT, "web/Dockerfile": "FROM debian:13\nUSER root\n"},
        "web/Dockerfile",
        "USER root",
        "USER 10001",
    ),
    "image-user-override-root": (
        "web",
        {"compose.yaml": BUILT + "    user: root\n", "web/Dockerfile": "FROM debian:13\nUSER 10001\n"},
        "compose.yaml",
        "user: root",
        "user: '10002'",
    ),
    "metadata-api-reachable": (
        "web",
        {
            "pod.yaml": POD,
            "service.yaml": SERVICE.replace("spec:\n", "spec:\n  type: LoadBalancer\n"),
        },
        "service.yaml",
        "app: web",
        "app: shop",
    ),
}


def explained(root: Path, rule: str, name: str):
    ran = hullcheck("explain", rule, str(root), "--resource", name, "--format", "json")
    assert ran.code == 0, ran.err
    (one,) = json.loads(ran.out)["explanations"]
    return one


@pytest.mark.parametrize("rule", SHOWN)
def test_changing_the_decisive_fact_in_whichever_file_turns_the_verdict(rule, tmp_path):
    name, files, path, before, after = SHOWN[rule]
    write_tree(tmp_path, files)
    found = explained(tmp_path, rule, name)
    assert found["verdict"] == "fires"
    (leaf,) = found["decisive"]
    place = leaf["steps"][-1]["place"] if leaf.get("steps") else leaf["place"]
    line = files[path][: files[path].index(before)].count("\n") + 1
    assert place == f"{path}:{line}"
    write_tree(tmp_path, {path: files[path].replace(before, after)})
    assert explained(tmp_path, rule, name)["verdict"] != "fires"


def test_what_the_rule_points_at_comes_before_what_happens_to_be_in_a_file(tmp_path):
    write_tree(tmp_path, {"pod.yaml": POD, "service.yaml": SERVICE})
    (leaf,) = explained(tmp_path, "readiness-probe-missing", "web")["decisive"]
    assert leaf["asks"] == "readiness_probe is set"


def test_what_a_resource_is_does_not_decide_while_something_else_would_do(tmp_path):
    write_tree(tmp_path, {"compose.yaml": PROXIED})
    (leaf,) = explained(tmp_path, "network-flat", "db")["decisive"]
    assert "repository" not in leaf["asks"]


@pytest.mark.parametrize("rule", ["attack-path", "internet-exposed-path"])
def test_a_mount_is_a_hop_with_a_place(rule, tmp_path):
    write_tree(tmp_path, {"compose.yaml": ENGINE})
    (finding,) = scan_tree(tmp_path, rule).findings
    last = finding.related[-1]
    assert (last.location.span.line, last.message) == (7, "mount '/var/run/docker.sock' is set here")


def test_the_binding_that_gives_an_account_its_rights_is_told_at_its_subject(tmp_path):
    binding = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: reads
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
  - kind: ServiceAccount
    name: shop
"""
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: shop\n"
    pods = [
        POD.replace("name: web", f"name: {name}").replace("spec:\n", "spec:\n  serviceAccountName: shop\n")
        for name in ("one", "two")
    ]
    write_tree(tmp_path, {"all.yaml": "---\n".join([binding, account, *pods])})
    (finding,) = scan_tree(tmp_path, "sa-shared").findings
    told = [(one.location.span.line, one.message) for one in finding.related]
    assert told[:2] == [
        (8, "ServiceAccount 'shop' is bound by RoleBinding 'reads'"),
        (4, "RoleBinding 'reads' is defined here"),
    ]
    assert any("acts as the same account as" in message for _, message in told)


def test_what_is_false_is_not_told_as_absent(tmp_path):
    write_tree(tmp_path, {"pod.yaml": POD, "service.yaml": SERVICE})
    ran = hullcheck("explain", "service-port-mismatch", str(tmp_path), "--resource", "web")
    assert "service.selector.is_empty is false  (it is false)" in ran.out
