"""What is found, what is left out, and that everything stands in the ledger."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scanner.discovery import discover
from scanner.errors import InputError
from scanner.ignoring import Excludes
from scanner.model.report import Status
from tests.support import hullcheck, scan_tree, write_tree

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a:1}]}\n"


@pytest.mark.parametrize(
    "name,found",
    [
        ("Dockerfile", True),
        ("dockerfile", True),
        ("Dockerfile.dev", True),
        ("Dockerfile-dev", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("Containerfile.prod", True),
        ("Dockerfile.md", False),
        ("dockerfile.py", False),
        ("Dockerfile.dockerignore", False),
        ("MyDockerfiles", False),
    ],
)
def test_dockerfiles_are_known_by_name(tmp_path, name, found):
    write_tree(tmp_path, {name: "FROM scratch\n"})
    assert bool(discover([tmp_path]).dockerfiles) is found


def test_a_name_that_only_resembles_a_dockerfile_needs_a_from(tmp_path):
    write_tree(tmp_path, {"Dockerfile.notes": "remember the milk\n", "Dockerfile.dev": "ARG A\nFROM x\n"})
    assert discover([tmp_path]).dockerfiles == ("Dockerfile.dev",)


def test_formats_are_told_apart_by_content(tmp_path):
    write_tree(
        tmp_path,
        {
            "pod.yaml": POD,
            "pod.json": '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}',
            "stack.yml": "services:\n  web:\n    image: nginx:1\n",
            "workflow.yml": "on: push\njobs: {}\n",
            "values.yaml": "image: x\n",
            "empty.yaml": "",
            "notes.txt": "x",
        },
    )
    ledger = {line.path: (line.kind, line.status) for line in scan_tree(tmp_path).coverage}
    assert ledger == {
        "pod.yaml": ("kubernetes", Status.EVALUATED),
        "pod.json": ("kubernetes", Status.EVALUATED),
        "stack.yml": ("compose", Status.EVALUATED),
        "workflow.yml": (None, Status.IGNORED),
        "values.yaml": (None, Status.IGNORED),
        "empty.yaml": (None, Status.IGNORED),
        "notes.txt": (None, Status.IGNORED),
    }


def test_every_file_is_in_the_ledger_or_in_a_folder_that_is(tmp_path):
    write_tree(
        tmp_path,
        {
            ".git/config": "",
            ".gitignore": "build/\n*.log\n!keep.log\n",
            "a/b/c/pod.yaml": POD,
            "build/pod.yaml": POD,
            "x.log": "",
            "keep.log": "",
            "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
            "chart/values.yaml": "a: 1\n",
            "chart/templates/pod.yaml": POD,
            "compose.yaml": "services: {web: {image: 'a:1', env_file: web.env}}\n",
            "web.env": "A=1\n",
            "Dockerfile": "FROM scratch\n",
            "kustomization.yaml": "resources: [a/b/c/pod.yaml]\n",
        },
    )
    lines = [line.path for line in scan_tree(tmp_path).coverage]
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    missing = [
        file
        for file in files
        if file not in lines and not any(file.startswith(line) for line in lines if line.endswith("/"))
    ]
    assert missing == []


def test_git_ignored_files_are_left_out_as_git_does(tmp_path):
    write_tree(
        tmp_path,
        {
            ".git/info/exclude": "secret/\n",
            ".gitignore": "*.gen.yaml\n/only-here.yaml\n",
            "deploy/.gitignore": "!kept.gen.yaml\nlocal.yaml\n",
            "a.gen.yaml": POD,
            "only-here.yaml": POD,
            "deploy/only-here.yaml": POD,
            "deploy/kept.gen.yaml": POD,
            "deploy/local.yaml": POD,
            "local.yaml": POD,
            "secret/pod.yaml": POD,
        },
    )
    assert discover([tmp_path]).documents == ("deploy/kept.gen.yaml", "deploy/only-here.yaml", "local.yaml")
    # The outer ignore files count when a folder inside is scanned.
    assert discover([tmp_path / "deploy"]).documents == ("kept.gen.yaml", "only-here.yaml")


def test_outside_of_a_repository_gitignore_means_nothing(tmp_path):
    write_tree(tmp_path, {".gitignore": "*.yaml\n", "pod.yaml": POD})
    assert discover([tmp_path]).documents == ("pod.yaml",)


def test_a_named_file_is_read_even_when_it_is_ignored(tmp_path):
    write_tree(tmp_path, {".git/x": "", ".gitignore": "*.yaml\n", "pod.yaml": POD})
    assert discover([tmp_path / "pod.yaml"]).documents == ("pod.yaml",)


def test_a_named_dockerfile_may_have_any_name(tmp_path):
    write_tree(tmp_path, {"build.txt": "FROM scratch\n"})
    assert discover([tmp_path / "build.txt"]).dockerfiles == ("build.txt",)


def test_excludes_are_patterns_as_in_gitignore(tmp_path):
    write_tree(tmp_path, {"a/pod.yaml": POD, "b/pod.yaml": POD})
    assert discover([tmp_path], [Excludes(("/a/",))]).documents == ("b/pod.yaml",)


def test_symbolic_links_are_not_followed(tmp_path):
    outside = write_tree(tmp_path / "outside", {"pod.yaml": POD})
    inside = write_tree(tmp_path / "inside", {"real.yaml": POD})
    os.symlink(outside / "pod.yaml", inside / "link.yaml")
    os.symlink(outside, inside / "folder")
    os.symlink(inside / "real.yaml", inside / "alias.yaml")
    os.symlink(inside, inside / "loop")
    inventory = discover([inside])
    assert inventory.documents == ("real.yaml",)
    reasons = {line.path: line.reason for line in inventory.coverage}
    assert reasons["link.yaml"] == reasons["folder"] == "symbolic link that leaves the scanned root"
    assert reasons["alias.yaml"].startswith("symbolic link; its target")


def test_a_missing_path_is_an_error():
    with pytest.raises(InputError, match="no such file"):
        discover([Path("/nowhere/at/all")])


@pytest.mark.parametrize(
    "encoding,mark",
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_read(tmp_path, encoding, mark, ending):
    text = POD.replace("name: c,", "name: c, securityContext: {privileged: true},").replace("\n", ending)
    write_tree(tmp_path, {"pod.yaml": mark + text.encode(encoding)})
    (finding,) = scan_tree(tmp_path, "privileged").findings
    assert tuple(finding.location.span) == (4, 49, 4, 65)


def test_several_paths_are_reported_from_the_folder_they_share(tmp_path):
    write_tree(tmp_path, {"a/pod.yaml": POD, "b/Dockerfile": "FROM scratch\n"})
    ran = hullcheck("scan", str(tmp_path / "a"), str(tmp_path / "b"), "--format", "json", "--exit-zero")
    assert '"a/pod.yaml"' in ran.out
    assert '"b/Dockerfile"' in ran.out


def test_the_order_of_paths_and_files_does_not_change_the_findings(tmp_path):
    write_tree(tmp_path, {f"{name}.yaml": POD.replace("name: p", f"name: {name}") for name in "abc"})
    orders = [[tmp_path / "a.yaml", tmp_path / "b.yaml"], [tmp_path / "b.yaml", tmp_path / "a.yaml"]]
    reports = {hullcheck("scan", *map(str, order), "--format", "json", "--exit-zero").out for order in orders}
    assert len(reports) == 1


def test_patches_of_a_kustomization_are_not_judged_as_objects(tmp_path):
    write_tree(
        tmp_path,
        {
            "base/pod.yaml": POD,
            "over/kustomization.yaml": "resources: [../base]\npatches:\n  - path: patch.yaml\n",
            "over/patch.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n",
        },
    )
    report = scan_tree(tmp_path)
    ledger = {line.path: line.status for line in report.coverage}
    assert ledger["over/patch.yaml"] is Status.PARTIAL
    assert {found.location.path for found in report.findings if found.rule != "coverage-gap"} == {
        "base/pod.yaml"
    }


def test_an_input_that_is_a_link_is_read_by_its_name(tmp_path):
    write_tree(tmp_path, {"docker/prod-image": "FROM scratch\n", "pod.yaml": POD})
    os.symlink("docker/prod-image", tmp_path / "Dockerfile")
    os.symlink("pod.yaml", tmp_path / "again.yaml")
    os.symlink("gone", tmp_path / "dangling.yaml")
    inventory = discover([tmp_path])
    assert (inventory.dockerfiles, inventory.documents) == (("Dockerfile",), ("pod.yaml",))
    reasons = {line.path: line.reason for line in inventory.coverage}
    assert reasons["dangling.yaml"] == "symbolic link to nothing"
    ledger = {line.path: line.status for line in scan_tree(tmp_path).coverage}
    assert ledger["Dockerfile"] is Status.EVALUATED


def test_nothing_is_read_through_a_linked_folder_that_leaves_the_root(tmp_path):
    write_tree(tmp_path, {"outside/o.yaml": "services: {evil: {image: 'x:1', privileged: true}}\n"})
    write_tree(
        tmp_path, {"root/compose.yaml": "services: {a: {extends: {file: link/o.yaml, service: evil}}}\n"}
    )
    os.symlink(tmp_path / "outside", tmp_path / "root/link")
    report = scan_tree(tmp_path / "root", "privileged")
    assert report.findings == ()
    assert any(found.path == "compose.yaml" for found in report.diagnostics)


@pytest.mark.parametrize(
    ("pattern", "found"), [("a*a*a*a*a*a*a*a*b", 1), ("*a*a*a*a*a*a*a*a*a.yaml", 0), ("**/*a*a*a/**/x", 1)]
)
def test_an_ignore_pattern_of_many_stars_means_what_git_means(tmp_path, pattern, found):
    write_tree(tmp_path, {".git/x": "", ".gitignore": pattern + "\n", "a" * 200 + ".yaml": POD})
    assert len(discover([tmp_path]).documents) == found


@pytest.mark.parametrize("pattern", ["[a", "a\\"])
def test_what_no_path_can_fit_is_passed_over_in_an_ignore_file_and_refused_as_an_exclude(tmp_path, pattern):
    write_tree(tmp_path, {".git/x": "", ".gitignore": pattern + "\n", "pod.yaml": POD})
    assert len(discover([tmp_path]).documents) == 1
    assert hullcheck("scan", str(tmp_path), "--exclude", pattern).code == 2


def test_what_an_outer_ignore_file_says_of_a_folder_holds_for_a_scan_inside(tmp_path):
    write_tree(tmp_path, {".git/x": "", ".gitignore": "out/\n!out/in/\n", "out/in/pod.yaml": POD})
    assert discover([tmp_path / "out" / "in"]).documents == ()
