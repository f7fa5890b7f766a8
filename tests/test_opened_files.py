"""What a scan of a hostile tree opens, starts and connects to, as Python's audit hooks see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, write_tree

WATCHED = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event == "open":
        path, _, flags = arguments
        if not isinstance(path, int):
            seen.append([event, os.fsdecode(path), flags])
    elif event.split(".")[0] in ("subprocess", "socket", "shutil", "tempfile") or event in (
        "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.system", "os.listdir",
        "os.scandir", "os.remove", "os.rename", "os.mkdir", "os.chmod", "os.link", "os.symlink", "pty.spawn",
    ):
        seen.append([event, str(arguments[0] if arguments else ""), 0])
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
sys.addaudithook(watch)
from scanner.cli.main import run
code = run(sys.argv[2:])
os.write(out, json.dumps([code, seen]).encode())
"""

HOSTILE = {
    ".git/HEAD": "ref: refs/heads/../../../../secret\n",
    ".git/config": '[remote "origin"]\nurl = https://example.com/x\n[include]\npath = ../../secret\n',
    "compose.yaml": """
include: [{path: ../secret.yaml, env_file: /etc/passwd}, https://example.com/compose.yaml, linked/compose.yaml]
services:
  web:
    image: a:1
    env_file: [../secret, /proc/self/environ, link.env, /dev/zero]
    extends: {file: ../secret.yaml, service: x}
    build: {context: .., dockerfile: /etc/passwd}
    volumes: ["/etc:/x"]
configs: {c: {file: ../secret}}
secrets: {s: {file: /etc/shadow}}
""",
    "k/kustomization.yaml": """
resources: [../../secret.yaml, /etc/passwd, https://example.com/x.yaml, link.yaml]
bases: [../..]
configMapGenerator: [{name: c, files: [../../secret, /etc/passwd], envs: [/proc/self/environ]}]
patches: [{path: ../../secret.yaml}]
openapi: {path: /etc/passwd}
helmCharts: [{name: c, valuesFile: ../../secret}]
""",
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: d, version: 1.0.0, repository: 'file://../../far'}\n",
    "c/templates/a.yaml": '{{ .Files.Get "../../secret" }}\n{{ .Files.Get "/etc/passwd" }}\napiVersion: v1\n',
    "c/values.schema.json": '{"$ref": "file:///etc/passwd"}',
    "docker-bake.hcl": 'target "a" { context = "../far"\n dockerfile = "/etc/passwd" }\n',
    "Dockerfile": "FROM a:1\nCOPY ../secret /x\nADD file:///etc/passwd /x\n",
    "skaffold.yaml": "apiVersion: skaffold/v3\nkind: Config\nbuild: {artifacts: [{image: a, context: ../far, docker: {dockerfile: /etc/passwd}}]}\n",
    "app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {path: ../far, helm: {valueFiles: [/etc/passwd, ../../secret]}}}\n",
    ".hullcheck.yaml": "fail-on: never\n",
}
LINKS = {
    ".gitignore": "../secret",
    "link.env": "../secret",
    "k/link.yaml": "../../secret.yaml",
    "linked": "../far",
    "Dockerfile.prod": "/etc/passwd",
    "c/values.yaml": "/proc/self/environ",
    "c/charts": "../../far",
    "c/.helmignore": "/dev/zero",
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    write_tree(
        tmp_path, {"secret": "S3CRET\n", "secret.yaml": "a: S3CRET\n", "far/compose.yaml": "services: {}\n"}
    )
    root = write_tree(tmp_path / "root", HOSTILE)
    for name, target in LINKS.items():
        (root / name).symlink_to(target)
    return root


@pytest.mark.parametrize("form", ["json", "sarif", "console"])
def test_a_scan_opens_nothing_outside_of_the_tree_and_starts_and_connects_to_nothing(hostile, tmp_path, form):
    told = tmp_path / "told"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            WATCHED,
            str(told),
            "scan",
            str(hostile),
            "--profile",
            "all",
            "--format",
            form,
        ],
        cwd=ROOT,
        env={**os.environ, "HULLCHECK_DEBUG": "1"},
        capture_output=True,
        timeout=300,
    )
    assert b"S3CRET" not in done.stdout + done.stderr
    code, seen = json.loads(told.read_bytes())
    assert code == 2, done.stderr
    root = os.path.realpath(hostile)
    program = (os.path.realpath(sys.prefix), sys.prefix, sys.base_prefix, str(ROOT), *filter(None, sys.path))
    foreign = []
    for event, path, flags in seen:
        if event == "open" and not os.path.isabs(path):
            if not flags & os.O_NOFOLLOW:  # relative to a folder that is open, and no link
                foreign.append((event, path))
        elif event == "open" or event in ("os.listdir", "os.scandir"):
            if path != os.devnull and not path.startswith((root, *program)):
                foreign.append((event, path))
        elif (event, path) != ("subprocess.Popen", sys.executable):  # the helper of Helm
            foreign.append((event, path))
    assert foreign == []
    assert [path for event, path, _ in seen if event == "open" and path == root]
