"""The revision that was scanned, read without running Git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scanner.reporting.base import Provenance
from scanner.reporting.shared.provenance import read_provenance

REVISION = "0123456789abcdef0123456789abcdef01234567"


def repository(root: Path, url: str, head: str = "ref: refs/heads/main") -> Path:
    folder = root / ".git"
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n')
    (folder / "HEAD").write_text(f"{head}\n")
    (folder / "refs" / "heads" / "main").write_text(f"{REVISION}\n")
    return root


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://user:token@github.com/o/r?x=1", "https://github.com/o/r"),
        ("ssh://git@github.com:22/o/r", "https://github.com:22/o/r"),
        ("git@github.com:o/r.git", "https://github.com/o/r.git"),
    ],
)
def test_the_address_has_no_credentials(tmp_path: Path, url: str, address: str):
    assert read_provenance(repository(tmp_path, url)) == Provenance(address, REVISION, "main")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/r.git",
        "file:///srv/r.git",
        "../r",
        "javascript:alert(1) x",
        "https://",
        "https://u:p@",
        "https://:80/x",
        "ftp://h/x",
    ],
)
def test_other_addresses_are_not_given(tmp_path: Path, url: str):
    known = read_provenance(repository(tmp_path, url))
    assert known is None or known.repository.startswith("https://")
    assert url == "javascript:alert(1) x" or known is None


def test_a_detached_head_is_a_revision_without_a_branch(tmp_path: Path):
    assert read_provenance(repository(tmp_path, "https://h/r", REVISION)) == Provenance(
        "https://h/r", REVISION
    )


def test_packed_refs_are_read(tmp_path: Path):
    root = repository(tmp_path, "https://h/r")
    (root / ".git" / "refs" / "heads" / "main").unlink()
    (root / ".git" / "packed-refs").write_text(f"# pack-refs\n{REVISION} refs/heads/main\n")
    assert read_provenance(root) == Provenance("https://h/r", REVISION, "main")


def test_a_head_that_leaves_the_folder_is_not_followed(tmp_path: Path):
    (tmp_path / "secret").write_text(REVISION)
    known = read_provenance(repository(tmp_path / "r", "https://h/r", "ref: refs/heads/../../../../secret"))
    assert known is not None
    assert known.revision is None


@pytest.mark.parametrize("config", ["[", "no section = 1", '[remote "origin"]\nurl\n', "\x00"])
def test_a_broken_configuration_is_no_trouble(tmp_path: Path, config: str):
    root = repository(tmp_path, "https://h/r")
    (root / ".git" / "config").write_text(config)
    assert read_provenance(root) is None


def test_no_repository_has_none(tmp_path: Path):
    assert read_provenance(tmp_path) is None


def test_git_itself_says_the_same(tmp_path: Path):
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "remote", "add", "origin", "https://h/r"],
        ["git", "-c", "user.name=t", "-c", "user.email=t@e.org", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True)
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout.strip()
    assert read_provenance(tmp_path) == Provenance("https://h/r", revision, "main")
