"""What is built: the objects that Kustomize itself builds, field by field."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.artifacts import Tree
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kustomize.builder import Builder
from scanner.formats.kustomize.scalars import as_value
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import parse_yaml
from tests.formats.kustomize.cases import CASES as PLAIN_CASES
from tests.formats.kustomize.plugin_cases import PLUGIN_CASES
from tests.support import SHARED, write_tree

CASES = PLAIN_CASES | PLUGIN_CASES
EXPECTED = Path(__file__).parent / "expected"
KUSTOMIZE = os.environ.get("HULLCHECK_KUSTOMIZE") or shutil.which("kustomize")


def built(files: dict[str, str], folder: str = "over") -> tuple[list[object], list[str]]:
    """The objects of a kustomization, and what was said about it."""
    workspace = Workspace(Tree(Path("/nowhere"), tuple(sorted(files)), files))
    root = workspace.kustomization(folder)
    assert root is not None
    resources = Builder(workspace, HelmSettings()).build(root)
    return [as_value(one.root) for one in resources], [found.message for found in workspace.diagnostics]


def in_any_order(objects: list[object]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in objects)


def objects_in(text: str) -> list[object]:
    return [as_value(root) for _, root in parse_yaml(text, "expected").documents if root is not None]


def stem(name: str) -> str:
    return name.replace(",", "").replace(" ", "-")


@pytest.mark.parametrize("name", CASES)
def test_the_objects_are_those_of_kustomize(name):
    objects, said = built(CASES[name])
    assert said == []
    expected = (EXPECTED / f"{stem(name)}.yaml").read_text(encoding="utf-8")
    assert in_any_order(objects) == in_any_order(objects_in(expected))


def run_kustomize(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(KUSTOMIZE), "build", "--load-restrictor", "LoadRestrictionsNone", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(KUSTOMIZE is None, reason="no kustomize on PATH or in HULLCHECK_KUSTOMIZE")
@pytest.mark.parametrize("name", CASES)
def test_the_expected_objects_are_what_kustomize_says_today(name, tmp_path):
    write_tree(tmp_path, CASES[name])
    done = run_kustomize(tmp_path / "over")
    assert done.returncode == 0, done.stderr
    expected = (EXPECTED / f"{stem(name)}.yaml").read_text(encoding="utf-8")
    assert in_any_order(objects_in(done.stdout)) == in_any_order(objects_in(expected))


CORPUS = SHARED / "corpus"


@pytest.mark.skipif(KUSTOMIZE is None, reason="no kustomize on PATH or in HULLCHECK_KUSTOMIZE")
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_corpus_is_built_as_kustomize_builds_it():
    compared = 0
    for project in sorted(CORPUS.iterdir()):
        tree = Tree(project)
        for path in sorted(project.rglob("kustomization.y*ml")):
            done = run_kustomize(path.parent)
            if done.returncode:
                continue
            workspace = Workspace(tree)
            root = workspace.kustomization(path.parent.relative_to(project).as_posix())
            assert root is not None
            resources = Builder(workspace, HelmSettings()).build(root)
            ours = in_any_order([as_value(one.root) for one in resources])
            assert ours == in_any_order(objects_in(done.stdout)), path
            compared += 1
    assert compared >= 15
