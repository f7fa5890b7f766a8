"""Ignore files and configurations that are links, pipes or unreadable: told, and never obeyed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scanner.discovery import discover
from scanner.model.report import Status
from tests.processes import as_ordinary_user
from tests.support import SHARED, hullcheck, scan_tree, write_tree

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a:1}]}\n"


def told(root: Path) -> list[tuple[str | None, str, str]]:
    return [(one.path, one.severity, one.message) for one in discover([root]).diagnostics]


@pytest.mark.parametrize(
    "target",
    ["../patterns", "patterns", "/dev/zero", "/dev/stdin", "/proc/self/environ", ".gitignore", "gone"],
)
@pytest.mark.parametrize("where", ["", "sub/"])
def test_a_linked_ignore_file_is_not_used_as_git_does_not(tmp_path, target, where):
    write_tree(
        tmp_path, {"patterns": "*\n", "t/.git/HEAD": "", "t/patterns": "*\n", f"t/{where}pod.yaml": POD}
    )
    (tmp_path / f"t/{where}.gitignore").symlink_to(target)
    root = tmp_path / "t"
    assert f"{where}pod.yaml" in discover([root]).documents
    message = "this is a symbolic link, which is not followed here, so the file is not used"
    assert told(root) == [(f"{where}.gitignore", "warning", message)]
    assert not scan_tree(root).is_incomplete()


def test_a_linked_ignore_file_above_the_root_is_not_used(tmp_path):
    write_tree(tmp_path, {"patterns": "*\n", ".git/HEAD": "", "t/pod.yaml": POD})
    (tmp_path / ".gitignore").symlink_to("patterns")
    assert discover([tmp_path / "t"]).documents == ("pod.yaml",)
    assert [place for place, _, _ in told(tmp_path / "t")] == ["../.gitignore"]


def test_an_ignore_file_below_a_linked_folder_is_that_of_where_it_stands(tmp_path):
    write_tree(
        tmp_path, {".git/HEAD": "", "real/.gitignore": "a.yaml\n", "real/a.yaml": POD, "real/b.yaml": POD}
    )
    (tmp_path / "link").symlink_to("real")
    assert discover([tmp_path / "link"]).documents == ("b.yaml",)


@pytest.mark.parametrize("kind", ["a named pipe, not a file", "a folder"])
def test_an_ignore_file_that_is_no_file_is_told(tmp_path, kind):
    write_tree(tmp_path, {".git/HEAD": "", "pod.yaml": POD})
    os.mkdir(tmp_path / ".gitignore") if kind == "a folder" else os.mkfifo(tmp_path / ".gitignore")
    assert told(tmp_path) == [(".gitignore", "warning", f"this is {kind}, so the file is not used")]


def test_the_excludes_of_git_are_read_and_not_followed_out(tmp_path):
    write_tree(
        tmp_path, {"t/.git/info/exclude": "a.yaml\n", "t/a.yaml": POD, "t/b.yaml": POD, "far/exclude": "*\n"}
    )
    assert discover([tmp_path / "t"]).documents == ("b.yaml",)
    (tmp_path / "t/.git/info/exclude").unlink()
    (tmp_path / "t/.git/info").rmdir()
    (tmp_path / "t/.git/info").symlink_to(tmp_path / "far")
    assert discover([tmp_path / "t"]).documents == ("a.yaml", "b.yaml")
    assert [place for place, _, _ in told(tmp_path / "t")] == [".git/info/exclude"]


def test_an_ignore_file_that_cannot_be_read_is_told(tmp_path):
    write_tree(tmp_path, {".git/HEAD": "", ".gitignore": "*\n", "pod.yaml": POD})
    (tmp_path / ".gitignore").chmod(0)
    ran = as_ordinary_user("scan", str(tmp_path), "--format", "json")
    report = json.loads(ran.stdout)
    assert [(one["path"], one["message"]) for one in report["diagnostics"]] == [
        (".gitignore", "cannot be read: Permission denied, so the file is not used")
    ]
    assert report["findings"]


def test_a_linked_ignore_file_of_the_shared_case_hides_nothing():
    case = SHARED / "faults" / "gitignore-link-out-of-the-tree"
    if not case.is_dir():
        pytest.skip("the shared cases are not there")
    report = json.loads(hullcheck("scan", str(case / "input/app"), "--format", "json").out)
    assert "privileged" in {one["rule"] for one in report["findings"]}


@pytest.mark.parametrize(
    "name", ["compose.yaml", "Dockerfile", "Dockerfile.prod", "kustomization.yaml", "docker-bake.hcl"]
)
@pytest.mark.parametrize("target", [None, "pipe"])
def test_a_pipe_with_the_name_of_an_input_is_told_and_fails(tmp_path, name, target):
    write_tree(tmp_path, {"good.yaml": POD})
    os.mkfifo(tmp_path / (target or name))
    if target:
        (tmp_path / name).symlink_to(target)
    report = scan_tree(tmp_path)
    lines = {line.path: (line.status, line.reason) for line in report.coverage}
    if target is None:
        assert lines[name] == (Status.FAILED, "this is a named pipe, not a file")
        assert report.is_incomplete()
    else:
        assert name in lines
    assert "good.yaml" in {finding.location.path for finding in report.findings}


def test_a_pipe_with_the_name_of_a_document_stands_in_the_ledger(tmp_path):
    os.mkfifo(tmp_path / "k.yaml")
    (line,) = scan_tree(tmp_path).coverage
    assert (line.path, line.status, line.reason) == (
        "k.yaml",
        Status.IGNORED,
        "this is a named pipe, not a file",
    )


def test_a_pipe_that_was_asked_for_fails(tmp_path):
    os.mkfifo(tmp_path / "k.yaml")
    ran = hullcheck("scan", str(tmp_path / "k.yaml"))
    assert (ran.code, "this is a named pipe" in ran.out) == (2, True)


@pytest.mark.parametrize(
    "part", ["templates/a.yaml", "values.yaml", "Chart.yaml", ".helmignore", "values.schema.json"]
)
def test_a_pipe_in_a_chart_ends_and_costs_no_other_finding(tmp_path, part):
    chart = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/templates/b.yaml": POD,
        "good.yaml": POD,
    }
    write_tree(tmp_path, chart)
    (tmp_path / "c" / part).unlink(missing_ok=True)
    os.mkfifo(tmp_path / "c" / part)
    report = scan_tree(tmp_path)
    assert "good.yaml" in {finding.location.path for finding in report.findings}
    assert not [one for one in report.diagnostics if "internal error" in one.message]


@pytest.mark.parametrize(
    "target,reason",
    [
        ("../far.yaml", "the configuration is a link that leads out of its folder"),
        ("/etc/passwd", "the configuration is a link that leads out of its folder"),
        ("/dev/zero", "the configuration is a link that leads out of its folder"),
        (".hullcheck.yaml", "cannot read the configuration: this is a symbolic link that leads in a circle"),
        ("gone", "cannot read the configuration: no such file"),
        ("folder", "cannot read the configuration: this is a folder"),
    ],
)
def test_a_linked_configuration_is_refused_unless_it_stays_in_its_folder(tmp_path, target, reason):
    write_tree(tmp_path, {"far.yaml": "secret-key: 1\n", "t/pod.yaml": POD, "t/folder/x": ""})
    (tmp_path / "t/.hullcheck.yaml").symlink_to(target)
    ran = hullcheck("scan", str(tmp_path / "t"))
    assert (ran.code, reason in ran.err, "secret-key" in ran.err) == (2, True, False)


def test_a_linked_configuration_that_stays_in_its_folder_is_used(tmp_path):
    write_tree(tmp_path, {"config/h.yaml": "fail-on: never\n", "pod.yaml": POD})
    (tmp_path / ".hullcheck.yaml").symlink_to("config/h.yaml")
    assert hullcheck("scan", str(tmp_path)).code == 0


def test_a_configuration_that_is_no_file_is_refused_and_not_passed_over(tmp_path):
    write_tree(tmp_path, {".hullcheck.yaml": "fail-on: never\n", "t/pod.yaml": POD})
    os.mkfifo(tmp_path / "t/.hullcheck.yaml")
    ran = hullcheck("scan", str(tmp_path / "t"))
    assert (ran.code, "cannot read the configuration: this is a named pipe" in ran.err) == (2, True)


def test_a_configuration_that_the_user_names_may_be_a_link_anywhere(tmp_path):
    write_tree(tmp_path, {"far.yaml": "fail-on: never\n", "t/pod.yaml": POD})
    (tmp_path / "t/config").symlink_to("../far.yaml")
    assert hullcheck("scan", str(tmp_path / "t"), "--config", str(tmp_path / "t/config")).code == 0
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        ran = hullcheck("scan", str(tmp_path / "t"), "--config", str(path))
        assert (ran.code, "not a file" in ran.err) == (2, True)


@pytest.mark.parametrize("word", ['"a\\0b"', '"\\uD800"', "loop", "x" * 300])
def test_a_path_in_a_configuration_that_no_file_can_have_has_a_place(tmp_path, word):
    (tmp_path / "loop").symlink_to("loop")
    for key in (f"rule-folders: [{word}]", f"environments: {{e: {{values: [{word}]}}}}"):
        write_tree(tmp_path, {".hullcheck.yaml": f"{key}\n", "pod.yaml": POD})
        ran = hullcheck("scan", str(tmp_path))
        assert (ran.code, "internal error" in ran.err) == (2, False), ran.err


@pytest.mark.parametrize("target", ["/etc/passwd", "../far.yaml", "/dev/zero"])
def test_a_rule_that_is_a_link_out_of_its_folder_is_refused(tmp_path, target):
    write_tree(tmp_path, {"far.yaml": "secret-key: 1\n", "pod.yaml": POD, "rules/note.txt": ""})
    (tmp_path / "rules/r.yaml").symlink_to(target)
    ran = hullcheck("scan", str(tmp_path), "--rules", str(tmp_path / "rules"))
    message = "the file is a link that leads out of the folder of rules"
    assert (ran.code, message in ran.err, "secret-key" in ran.err) == (2, True, False)


def test_a_folder_of_rules_that_cannot_be_listed_is_no_empty_one(tmp_path):
    write_tree(tmp_path, {"pod.yaml": POD, "rules/deep/r.yaml": "x"})
    (tmp_path / "rules/deep").chmod(0)
    try:
        ran = as_ordinary_user("scan", str(tmp_path / "pod.yaml"), "--rules", str(tmp_path / "rules"))
    finally:
        (tmp_path / "rules/deep").chmod(0o755)
    assert (ran.returncode, "cannot list the folder: Permission denied" in ran.stderr) == (2, True)
