"""The same tree gives the same bytes: whatever the order of files, the machine's settings and who scans."""

from __future__ import annotations

import json
import locale
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, hullcheck

FORMS = ("json", "sarif", "markdown")
PLAIN = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "HULLCHECK_TODAY": "2026-01-31"}


def copied(to: Path) -> Path:
    shutil.copytree(ROOT / "fixtures", to / "fixtures")
    return to / "fixtures"


def reports(
    tree: Path, out: Path, environment: Mapping[str, str] | None = None, **process: Any
) -> dict[str, bytes]:
    """Scan in a process of its own; return each report by its format."""
    out.mkdir(exist_ok=True)
    out.chmod(0o777)
    forms = [word for form in FORMS for word in ("--format", f"{form}={out / form}")]
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(tree), "--profile", "all", *forms],
        env={**PLAIN, **(environment or {})},
        capture_output=True,
        check=False,
        **process,
    )
    assert done.returncode in (1, 2), done.stderr
    return {form: (out / form).read_bytes() for form in FORMS}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("plain")
    return reports(copied(folder), folder / "out")


def as_it_is(_tree: Path) -> None:
    pass


def with_other_times(tree: Path) -> None:
    draw = random.Random(7)
    for path in sorted(tree.rglob("*")):
        moment = draw.randrange(2**31)
        os.utime(path, (moment, moment), follow_symlinks=False)


def made_in_another_order(tree: Path) -> None:
    """Make every file anew, the last first: a file system may list them as they were made."""
    for path in sorted((path for path in tree.rglob("*") if path.is_file()), reverse=True):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)


SURROUNDINGS: dict[str, tuple[Callable[[Path], None], dict[str, str], dict[str, Any]]] = {
    "another hash seed": (as_it_is, {"PYTHONHASHSEED": "1"}, {}),
    "a third hash seed": (as_it_is, {"PYTHONHASHSEED": "4294967295"}, {}),
    "the plain locale": (as_it_is, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}),
    "a Turkish locale": (as_it_is, {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}, {}),
    "a time zone a day ahead": (as_it_is, {"TZ": "Pacific/Kiritimati"}, {}),
    "another working folder": (as_it_is, {}, {"cwd": "/"}),
    "a strict umask": (as_it_is, {}, {"umask": 0o077}),
    "a narrow terminal": (as_it_is, {"COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"}, {}),
    "no home": (as_it_is, {"HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}, {}),
    "variables that files ask for": (
        as_it_is,
        {"WATCHTOWER_TAG": "latest", "TAG": "x", "COMPOSE_FILE": "x.yaml", "COMPOSE_PROFILES": "*"},
        {},
    ),
    "other file times": (with_other_times, {}, {}),
    "another order of files": (made_in_another_order, {}, {}),
}


@pytest.mark.parametrize(("prepare", "environment", "process"), SURROUNDINGS.values(), ids=list(SURROUNDINGS))
def test_surroundings_change_no_byte(
    plain: dict[str, bytes],
    tmp_path: Path,
    prepare: Callable[[Path], None],
    environment: dict[str, str],
    process: dict[str, Any],
) -> None:
    tree = copied(tmp_path)
    prepare(tree)
    assert reports(tree, tmp_path / "out", environment, **process) == plain


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to be somebody else")
def test_another_user_changes_no_byte(plain: dict[str, bytes], tmp_path: Path) -> None:
    tree = copied(tmp_path)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005:
            pytest.skip(f"{folder} is closed to others")
    probe = subprocess.run([sys.executable, "-c", ""], user=65534, capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("another user cannot start this Python")
    assert reports(tree, tmp_path / "out", user=65534, group=65534) == plain


def test_two_scans_at_once_change_no_byte(plain: dict[str, bytes], tmp_path: Path) -> None:
    tree = copied(tmp_path)
    command = [sys.executable, "-m", "scanner", "scan", str(tree), "--profile", "all", "--format", "json"]
    running = [subprocess.Popen(command, env=PLAIN, stdout=subprocess.PIPE) for _ in range(2)]
    assert [one.communicate()[0] for one in running] == [plain["json"]] * 2


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_folders_changes_no_byte(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("HULLCHECK_TODAY", "2026-01-31")
    arguments = ("scan", str(ROOT / "fixtures"), "--profile", "all", "--format", "json")
    expected = hullcheck(*arguments).out
    draw, scandir, listdir = random.Random(seed), os.scandir, os.listdir

    class Shuffled:
        def __init__(self, path: str = ".") -> None:
            self._found = list(scandir(path))
            draw.shuffle(self._found)

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return iter(self._found)

        def __enter__(self) -> Shuffled:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def close(self) -> None:
            pass

    def shuffled(path: str = ".") -> list[str]:
        found = listdir(path)
        draw.shuffle(found)
        return found

    monkeypatch.setattr(os, "scandir", Shuffled)
    monkeypatch.setattr(os, "listdir", shuffled)
    assert hullcheck(*arguments).out == expected


def test_a_checkout_with_other_line_ends_has_the_same_findings_at_the_same_places(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    before = json.loads(hullcheck("scan", str(tree), "--profile", "all", "--format", "json").out)
    for path in tree.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    after = json.loads(hullcheck("scan", str(tree), "--profile", "all", "--format", "json").out)
    assert after["findings"] == before["findings"]
    assert after["coverage"] == before["coverage"]


def test_the_locale_of_the_tests_is_not_changed_by_a_scan() -> None:
    before = locale.setlocale(locale.LC_ALL)
    hullcheck("scan", str(ROOT / "fixtures" / "shop"), "-qq")
    assert locale.setlocale(locale.LC_ALL) == before
