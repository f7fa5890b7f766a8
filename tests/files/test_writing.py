"""Reports are written whole or not at all, and only where they were meant to go."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scanner.errors import ConfigError
from scanner.files.scratch import make_folder, put, scratch_folder
from scanner.files.writing import append, write_report
from tests.processes import as_ordinary_user, finish
from tests.support import ROOT, write_tree

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a:1}]}\n"


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_report_is_written_with_its_folders_and_nothing_is_left_beside_it(tmp_path):
    write_report(tmp_path / "a/b/report", "é\r\n")
    assert (tmp_path / "a/b/report").read_bytes() == "é\r\n".encode()
    assert names(tmp_path / "a/b") == ["report"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o007, 0o000])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_report_has_the_permissions_of_a_new_file(tmp_path, umask, is_there):
    report = tmp_path / "report"
    if is_there:
        report.write_text("old")
        report.chmod(0o640)
    before = os.umask(umask)
    try:
        write_report(report, "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(report.stat().st_mode) == 0o666 & ~umask


def test_a_report_replaces_the_old_one_and_does_not_change_it(tmp_path):
    report = tmp_path / "report"
    report.write_text("old")
    with open(report) as reader:
        write_report(report, "new")
        assert reader.read() == "old"
    assert report.read_text() == "new"


@pytest.mark.parametrize("target", ["real/report", "new/report"])
def test_a_link_stays_and_its_target_is_written(tmp_path, target):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/report").write_text("old")
    (tmp_path / "link").symlink_to(target)
    write_report(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / target).read_text() == "new"


def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()
    write_report(tmp_path / "pipe", "x" * 200_000)
    reader.join()
    assert got == ["x" * 200_000]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_is_written_to():
    write_report(Path("/dev/null"), "x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(OSError, match="No space left"):
        write_report(Path("/dev/full"), "x")


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_to_by_its_name_and_what_stands_there_stays(tmp_path, name):
    write_tree(tmp_path, {"t/a.yaml": POD})
    with open(tmp_path / "all", "wb", buffering=0) as out:
        out.write(b"before\n")
        options = ("--select", "memory-limit-missing", "--format", f"github={name}")
        subprocess.run(
            [sys.executable, "-m", "scanner", "scan", str(tmp_path / "t"), *options], stdout=out, cwd=ROOT
        )
        out.write(b"after\n")
    lines = (tmp_path / "all").read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert lines[1].startswith("::")


def test_a_folder_is_no_place_for_a_report(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_report(tmp_path, "x")


def test_a_full_disk_leaves_the_old_report_and_nothing_else(tmp_path):
    write_tree(tmp_path, {"t/a.yaml": POD, "out/report": "old"})
    limited = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    for name, left in (("report", ["report"]), ("other", ["report"])):
        ran = finish("scan", "t", "--format", f"json=out/{name}", cwd=tmp_path, preexec_fn=limited)
        assert ran.returncode == 2
        assert ran.stderr == f"hullcheck: out/{name}: cannot write the report: File too large\n"
        assert names(tmp_path / "out") == left
    assert (tmp_path / "out/report").read_text() == "old"


def test_an_interrupt_while_writing_leaves_the_old_report_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "report").write_text("old")

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path / "report", "new")
    monkeypatch.undo()
    assert names(tmp_path) == ["report"]
    assert (tmp_path / "report").read_text() == "old"


def test_a_file_in_a_folder_that_takes_no_other_is_written_in_place(tmp_path):
    write_tree(tmp_path, {"t/a.yaml": POD, "out/report": "old" * 10_000})
    (tmp_path / "out").chmod(0o555)
    try:
        ran = as_ordinary_user("scan", "t", "--format", "json=out/report", "--exit-zero", cwd=tmp_path)
        new = as_ordinary_user("scan", "t", "--format", "json=out/new", "--exit-zero", cwd=tmp_path)
    finally:
        (tmp_path / "out").chmod(0o755)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "out/report").read_text().endswith("}\n")
    assert (new.returncode, new.stderr) == (
        2,
        "hullcheck: out/new: cannot write the report: Permission denied\n",
    )


@pytest.mark.parametrize("place", ["report", "folder/report", "folder/new/report"])
def test_a_link_in_the_scanned_folder_does_not_lead_a_report_out_of_it(tmp_path, place):
    write_tree(tmp_path, {"t/a.yaml": POD, "far/report": "old"})
    (tmp_path / "t/report").symlink_to("../far/report")
    (tmp_path / "t/folder").symlink_to(tmp_path / "far")
    (tmp_path / "t/inner").symlink_to("a/b")
    scanned = str((tmp_path / "t").resolve())
    with pytest.raises(ConfigError, match="leads out"):
        write_report(tmp_path / "t" / place, "x", scanned)
    write_report(tmp_path / "t/inner", "x", scanned)
    assert (tmp_path / "far/report").read_text() == "old"
    assert names(tmp_path / "far") == ["report"]
    write_report(tmp_path / "far/report", "new", scanned)
    for command in (("scan", ".", "--format", f"json={place}"), ("graph", ".", "-o", place)):
        ran = finish(*command, cwd=tmp_path / "t")
        assert (ran.returncode, "leads out" in ran.stderr) == (2, True)
    assert (tmp_path / "far/report").read_text() == "new"


def test_a_file_of_the_surroundings_is_added_to(tmp_path):
    append(tmp_path / "summary", b"a")
    append(tmp_path / "summary", b"b")
    assert (tmp_path / "summary").read_bytes() == b"ab"


@pytest.mark.parametrize("name", ["../x", "/tmp/hullcheck-x", "a/../../x", "a/..", "", "a/", "."])
def test_nothing_is_written_outside_of_a_temporary_folder(name):
    with scratch_folder() as folder:
        with pytest.raises(OSError, match="Errno"):
            put(folder / "in", name, b"x")
        assert not os.path.exists("/tmp/hullcheck-x")
        assert put(folder, "a/b", b"x").read_bytes() == b"x"
        assert make_folder(folder, "c/d").is_dir()
    assert not folder.exists()


def test_an_example_of_a_rule_is_written_to_its_temporary_folder_only(tmp_path):
    rule = (
        (ROOT / "rules/workload/privileged.yaml")
        if (ROOT / "rules/workload/privileged.yaml").exists()
        else None
    )
    source = next(ROOT.glob("rules/*/privileged.yaml")) if rule is None else rule
    text = source.read_text().replace("id: privileged", "id: my-privileged", 1)
    text = text.replace(
        "examples:\n",
        f"examples:\n  - name: out\n    format: compose\n    expect: []\n    path: {tmp_path}/written\n    source: x\n",
        1,
    )
    write_tree(tmp_path, {"rules/my-privileged.yaml": text})
    ran = finish("rules", "test", "rules", cwd=tmp_path)
    assert not (tmp_path / "written").exists()
    assert "FAIL my-privileged: out: the example cannot be written" in ran.stdout
    assert ran.returncode == 1
