"""What `docs/exit-codes.md` says of bad luck: each line of its table, with its code and its message."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.model.report import Report, Status
from scanner.pipeline import Settings, catalog_of
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter, reporter_names
from scanner.scanning import Scan
from tests.processes import COMMAND, as_ordinary_user, children, finish, is_running, start, surroundings
from tests.support import ROOT, write_tree

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a:1}]}\n"
COMPOSE = "services: {web: {image: 'a:1', privileged: true}}\n"
CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
PROJECT = {
    "pod.yaml": POD,
    "Dockerfile": "FROM a:1\n",
    "app/compose.yaml": COMPOSE,
    "chart/Chart.yaml": CHART,
    "chart/values.yaml": "a: 1\n",
    "chart/templates/pod.yaml": POD,
    "base/kustomization.yaml": "resources: [pod.yaml]\n",
    "base/pod.yaml": POD,
    "docker-bake.hcl": 'target "a" {}\n',
}
INPUTS = {
    "pod.yaml",
    "Dockerfile",
    "app/compose.yaml",
    "chart/Chart.yaml",
    "base/kustomization.yaml",
    "docker-bake.hcl",
}
"""The files of the project that stand for a unit of it."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "t", PROJECT)


# Standard streams


@pytest.mark.parametrize("form", ["console", "json", "sarif", "github"])
def test_closed_standard_output_is_told(tree, form):
    ran = finish("scan", str(tree), "--format", form, shell=">&-")
    assert (ran.returncode, ran.stderr) == (2, "hullcheck: cannot write to standard output: it is closed\n")


@pytest.mark.parametrize(
    "command", [("rules", "list"), ("frameworks", "list"), ("graph", "."), ("explain", "privileged", ".")]
)
def test_closed_standard_output_is_told_by_each_command(tree, command):
    ran = finish(*command, shell=">&-", cwd=tree)
    assert (ran.returncode, ran.stderr) == (2, "hullcheck: cannot write to standard output: it is closed\n")


def test_closed_standard_output_is_no_trouble_where_nothing_is_printed(tree, tmp_path):
    assert finish("scan", str(tree), "-qq", shell=">&-").returncode == 1
    ran = finish("scan", str(tree), "--format", f"json={tmp_path}/r.json", shell=">&-")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert json.loads((tmp_path / "r.json").read_text())["findings"]


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full", "<&- 2>&-"])
def test_closed_or_full_standard_error_changes_no_code_and_no_report(tree, shell):
    usual = finish("scan", str(tree), "-q")
    ran = finish("scan", str(tree), "-q", shell=shell)
    assert (ran.returncode, ran.stdout) == (usual.returncode, usual.stdout)
    for misuse in (("scan", "gone"), ("scan", "--bogus"), ("bogus",)):
        assert (ran := finish(*misuse, shell=shell)).returncode == 2
        assert ran.stdout == ""


def test_no_file_takes_the_place_of_a_closed_stream(tree, tmp_path):
    target = tmp_path / "report.json"
    ran = finish("scan", str(tree), "gone", "--format", f"json={target}", shell="<&- >&- 2>&-")
    assert ran.returncode == 2
    assert finish("scan", str(tree), "--format", f"json={target}", shell="<&- >&- 2>&-").returncode == 1
    json.loads(target.read_text())


def test_closed_standard_input_is_told():
    ran = finish("scan", "-", shell="<&-")
    assert (ran.returncode, ran.stderr) == (2, "hullcheck: standard input is closed\n")


def test_standard_input_has_the_limit_of_a_file():
    ran = finish("scan", "-", shell="< /dev/zero")
    assert (ran.returncode, ran.stderr) == (2, "hullcheck: standard input holds more than 16 MiB\n")


@pytest.mark.parametrize("command", [("scan", "."), ("rules", "list"), ("--help",), ("scan", "--help")])
def test_full_standard_output_is_told(tree, command):
    ran = finish(*command, shell="> /dev/full", cwd=tree)
    message = "hullcheck: cannot write to standard output: No space left on device\n"
    assert (ran.returncode, ran.stderr) == (2, message)


@pytest.mark.parametrize("command", [("rules", "list"), ("--help",), ("scan", "--help")])
def test_a_reader_that_has_left_is_told_nothing(command):
    reading, writing = os.pipe()
    os.close(reading)
    running = start(*command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, err = running.communicate(timeout=300)
    assert (running.returncode, err) == (141, b"")


# The working folder


@pytest.fixture
def gone(tmp_path: Path) -> Path:
    """A folder that is deleted by the command that runs in it."""
    folder = tmp_path / "gone"
    folder.mkdir()
    return folder


def in_gone(gone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = 'rmdir "$0" && exec "$@"'
    return subprocess.run(
        ["sh", "-c", script, str(gone), *COMMAND, *arguments],
        env=surroundings(),
        cwd=gone,
        capture_output=True,
        encoding="utf-8",
        input="FROM a:1\n",
        timeout=300,
    )


@pytest.mark.parametrize(
    "arguments", [("scan",), ("scan", "."), ("scan", "-"), ("graph",), ("explain", "privileged")]
)
def test_a_working_folder_that_is_gone_is_told(gone, arguments):
    ran = in_gone(gone, *arguments)
    assert ran.returncode == 2
    assert "the working folder does not exist any more" in ran.stderr
    assert "internal error" not in ran.stderr


def test_absolute_paths_do_without_a_working_folder(gone, tree, tmp_path):
    usual = finish("scan", str(tree), "--format", "json")
    assert (ran := in_gone(gone, "scan", str(tree), "--format", "json")).returncode == 1
    assert ran.stdout == usual.stdout
    gone.mkdir()
    both = (str(tree / "pod.yaml"), str(tree / "app"))
    ran = in_gone(gone, "scan", *both, "--format", f"json={tmp_path}/r.json")
    assert ran.returncode == 1, ran.stderr


# Files that change, and what cannot be read


def scan_while(tree: Path, change: object) -> Report:
    """Scan a folder that changes when it has been walked."""
    settings = Settings(paths=(tree,), selection=Selection(profile="all"))
    scan = Scan(settings, catalog_of(settings))
    assert callable(change)
    change()
    return scan.run()


def rendered(report: Report) -> Iterator[str]:
    for name in reporter_names():
        yield load_reporter(name).render(report, RenderOptions())


def statuses(report: Report) -> dict[str, Status]:
    return {line.path: line.status for line in report.coverage}


def test_files_that_vanish_during_the_scan_failed(tree):
    report = scan_while(tree, lambda: shutil.rmtree(tree))
    assert {path for path, status in statuses(report).items() if status is Status.FAILED} >= INPUTS
    assert report.is_incomplete()
    assert not [one for one in report.diagnostics if "internal error" in one.message]
    assert all(rendered(report))


@pytest.mark.parametrize("name", sorted(PROJECT))
def test_a_file_that_vanishes_costs_no_other_findings(tree, name):
    report = scan_while(tree, (tree / name).unlink)
    assert not [one for one in report.diagnostics if "internal error" in one.message]
    others = INPUTS - {name, f"{name.partition('/')[0]}/Chart.yaml", "base/kustomization.yaml"}
    assert {path for path in others if statuses(report)[path] is Status.FAILED} == set()
    if name in INPUTS:
        assert statuses(report)[name] is Status.FAILED
        assert report.is_incomplete()
    assert all(rendered(report))


@pytest.mark.parametrize("name", sorted(INPUTS))
@pytest.mark.parametrize("becomes", ["a folder", "a pipe", "a link out", "empty", "binary"])
def test_a_file_that_becomes_something_else_is_no_crash(tree, tmp_path, name, becomes):
    place = tree / name
    write_tree(tmp_path, {"far.yaml": POD.replace("a:1", "foreign:1")})

    def change() -> None:
        place.unlink()
        match becomes:
            case "a folder":
                place.mkdir()
            case "a pipe":
                os.mkfifo(place)
            case "a link out":
                place.symlink_to(tmp_path / "far.yaml")
            case "empty":
                place.touch()
            case "binary":
                place.write_bytes(b"\0\xff" * 10)

    report = scan_while(tree, change)
    assert not [one for one in report.diagnostics if "internal error" in one.message]
    texts = list(rendered(report))
    assert all(texts)
    assert not [text for text in texts if "foreign:1" in text]


@pytest.mark.parametrize("shorter", [None, "", "x"])
def test_files_that_change_before_they_are_shown_are_no_crash(tree, shorter):
    settings = Settings(paths=(tree,), selection=Selection(profile="all"))
    report = Scan(settings, catalog_of(settings)).run()
    for name in PROJECT:
        if shorter is None:
            (tree / name).unlink()
        else:
            (tree / name).write_text(shorter)
    assert all(rendered(report))


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_a_file_that_an_ordinary_user_cannot_read_failed(tree, name):
    (tree / name).chmod(0)
    ran = as_ordinary_user("scan", str(tree), "--format", "json")
    report = json.loads(ran.stdout)
    lines = {line["path"]: line for line in report["coverage"]}
    assert ran.returncode == 2
    assert lines[name]["status"] == "failed"
    assert (name, "cannot be read: Permission denied") in [
        (one["path"], one["message"]) for one in report["diagnostics"]
    ]
    assert report["findings"]


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_folder_that_an_ordinary_user_cannot_read_is_told_and_costs_no_other_finding(tree, mode):
    (tree / "app").chmod(mode)
    try:
        ran = as_ordinary_user("scan", str(tree), "--format", "json")
    finally:
        (tree / "app").chmod(0o755)
    report = json.loads(ran.stdout)
    assert ran.returncode == 2, ran.stderr
    assert [one for one in report["diagnostics"] if one["path"].startswith("app/")]
    assert {one["path"] for one in report["findings"]} >= {"pod.yaml"}


def test_a_tree_that_cannot_be_written_is_scanned_as_any_other(tree):
    usual = finish("scan", str(tree), "--format", "json")
    for folder in (tree, *(one for one in tree.rglob("*") if one.is_dir())):
        folder.chmod(0o555)
    ran = as_ordinary_user("scan", str(tree), "--format", "json", cwd=tree)
    for folder in (tree, *(one for one in tree.rglob("*") if one.is_dir())):
        folder.chmod(0o755)
    assert (ran.returncode, ran.stdout) == (usual.returncode, usual.stdout)


@pytest.mark.parametrize("path", ["x" * 5000, "gone", "loop", "app/compose.yaml/x", "\udcff"])
def test_a_path_that_leads_nowhere_is_told(tree, path):
    (tree / "loop").symlink_to("loop")
    ran = finish("scan", path, cwd=tree)
    assert (ran.returncode, "no such file or folder" in ran.stderr) == (2, True)


# Temporary folders, two scans, signals


def test_a_temporary_folder_that_is_missing_is_no_trouble(tree, tmp_path):
    usual = finish("scan", str(tree), "--format", "json")
    ran = finish("scan", str(tree), "--format", "json", env=surroundings(TMPDIR=str(tmp_path / "gone")))
    assert (ran.returncode, ran.stdout) == (usual.returncode, usual.stdout)


def nothing_to_write() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_no_temporary_folder_at_all_is_told_by_the_command_that_needs_one():
    ran = finish("rules", "test", preexec_fn=nothing_to_write)
    assert (ran.returncode, "no temporary folder can be used: No usable" in ran.stderr) == (2, True)


def test_no_temporary_folder_at_all_costs_a_chart_and_no_other_finding(tree, tmp_path):
    write_tree(tmp_path, {"bin/helm": "#!/bin/sh\n", "t/.hullcheck.yaml": "helm: {engine: binary}\n"})
    (tmp_path / "bin/helm").chmod(0o755)
    env = surroundings(PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    ran = finish("scan", str(tree), env=env, preexec_fn=nothing_to_write)
    assert (ran.returncode, "no temporary folder can be used" in ran.stdout) == (2, True)
    assert "pod.yaml:" in ran.stdout


def test_two_scans_at_once_leave_one_whole_report(tree, tmp_path):
    target = tmp_path / "report.json"
    (tree / "more.yaml").write_text((POD + "---\n") * 200)
    running = [start("scan", str(tree), "--format", f"json={target}") for _ in range(3)]
    assert [one.wait(300) for one in running] == [1, 1, 1]
    json.loads(target.read_text())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["report.json", "t"]


SLOW = """{{- range $a := until 9000 }}{{- range $b := until 9000 }}
{{- $c := sha256sum (printf "%d %d" $a $b) }}{{- end }}{{- end }}
apiVersion: v1
"""


def wait_until(reached: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(reached)
    while not reached():
        assert process.poll() is None, "the scan ended too early"
        time.sleep(0.01)


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("twice", [False, True])
def test_a_signal_while_helm_renders_leaves_no_process_and_no_file(tmp_path, number, code, twice):
    pytest.importorskip("helm_python")
    write_tree(
        tmp_path, {"c/Chart.yaml": CHART, "c/templates/a.yaml": SLOW, "tmp/x": "", "out/report": "old"}
    )
    env = surroundings(TMPDIR=str(tmp_path / "tmp"))
    options = ("--format", f"json={tmp_path}/out/report")
    running = start(
        "scan", str(tmp_path / "c"), *options, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: any(_has_worked(one) for one in children(running.pid)), running)
    helpers = list(children(running.pid))
    running.send_signal(number)
    if twice:
        running.send_signal(number)
    out, err = running.communicate(timeout=300)
    assert (running.returncode, out, err) == (code, b"", b"interrupted\n")
    assert helpers
    assert not [one for one in helpers if is_running(one)]
    assert os.listdir(tmp_path / "tmp") == ["x"]
    assert os.listdir(tmp_path / "out") == ["report"]
    assert (tmp_path / "out/report").read_text() == "old"


def _has_worked(process: int) -> bool:
    """Whether a helper has used a second of processor time, most of it for what it was asked."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(words[11]) > os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_a_helm_command_runs_leaves_no_process_and_no_file(tmp_path, number, code):
    mark = tmp_path / "mark"
    write_tree(
        tmp_path,
        {
            "bin/helm": f"#!/bin/sh\necho $$ > {mark}.new\nmv {mark}.new {mark}\nexec sleep 3600\n",
            "c/Chart.yaml": CHART,
            "c/templates/a.yaml": POD,
            "c/.hullcheck.yaml": "helm: {engine: binary, time-limit: 3000}\n",
            "tmp/x": "",
        },
    )
    (tmp_path / "bin/helm").chmod(0o755)
    env = surroundings(TMPDIR=str(tmp_path / "tmp"), PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    running = start("scan", str(tmp_path / "c"), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(mark.exists, running)
    helm = int(mark.read_text())
    assert len(os.listdir(tmp_path / "tmp")) == 2
    running.send_signal(number)
    _, err = running.communicate(timeout=300)
    assert (running.returncode, err) == (code, b"interrupted\n")
    assert not is_running(helm)
    assert os.listdir(tmp_path / "tmp") == ["x"]


def test_a_signal_that_was_ignored_at_the_start_stays_so():
    script = "trap '' HUP; echo ready >&2; exec \"$@\""
    running = subprocess.Popen(
        ["sh", "-c", script, "sh", *COMMAND, "scan", "-", "--format", "json"],
        env=surroundings(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == b"ready\n"
    running.send_signal(signal.SIGHUP)
    out, _ = running.communicate(b"FROM a:1\n", timeout=300)
    assert running.returncode == 1
    assert json.loads(out)["findings"]


def test_a_fourth_signal_ends_at_once_what_does_not_end():
    script = """
import signal
from scanner.cli.ending import Ended, ending_in_order
with ending_in_order():
    for number in range(9):
        try:
            signal.raise_signal(signal.SIGTERM)
            print("passed over", flush=True)
        except Ended as ended:
            print(ended.code, flush=True)
"""
    ran = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert ran.stdout.split("\n") == ["143", "passed over", "passed over", ""]
    assert ran.returncode == -signal.SIGTERM
