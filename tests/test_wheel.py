"""The wheel carries everything that a scan needs, into an environment that has nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_holds_the_rules_and_the_schemas_and_nothing_of_the_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    rules = [name for name in names if name.startswith("scanner/rules/") and name.endswith(".yaml")]
    assert len(rules) == len(list((ROOT / "rules").rglob("*.yaml")))
    wanted = {"scanner/policy/bundle.json"}
    for data in (ROOT / "scanner").rglob("*"):
        if data.suffix in (".json", ".tsv", ".txt", ".html", ".css", ".js"):
            wanted.add(data.relative_to(ROOT).as_posix())
    assert wanted <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", "benchmarks/"))]


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(wheel, tmp_path):
    environment = {**os.environ, "PYTHONPATH": ""}
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(scripts / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True, env=environment)
    command = [
        str(scripts / "hullcheck"),
        "scan",
        str(ROOT / "fixtures" / "shop" / "deploy"),
        "--format",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["summary"]["findings"]["critical"] >= 1
    page = tmp_path / "graph.html"
    command = [
        str(scripts / "hullcheck"),
        "graph",
        str(ROOT / "fixtures" / "shop" / "deploy"),
        "--html",
        str(page),
    ]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment)
    assert "<svg" in page.read_text(encoding="utf-8")
    shown = subprocess.run(
        [str(scripts / "hullcheck"), "rules", "show", "privileged"], capture_output=True, text=True
    )
    assert "Example (" in shown.stdout
