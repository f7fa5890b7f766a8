"""The pre-commit hooks: their manifest, a trial run, and a commit that is really blocked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
BAD = "services:\n  web:\n    image: nginx:1.27\n    privileged: true\n"
GOOD = "services: {}\n"


def hooks() -> dict[str, dict[str, object]]:
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text())}


def test_the_manifest_is_valid():
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize(
    "path",
    ["compose.yaml", "a/deploy.YML", "Dockerfile", "x/api.Dockerfile", "Dockerfile.prod", "Containerfile"]
    + ["chart/templates/_helpers.tpl", "chart/templates/NOTES.txt", "pod.json", ".env", "a/.env.prod"],
)
def test_hooks_are_triggered_by_what_the_scan_reads(path: str):
    for hook in hooks().values():
        assert re.search(str(hook["files"]), path)


@pytest.mark.parametrize("path", ["main.py", "README.md", "templates.txt", "dockerfile-notes/README", "yaml"])
def test_hooks_are_not_triggered_by_other_files(path: str):
    for hook in hooks().values():
        assert not re.search(str(hook["files"]), path)


def test_one_process_sees_all_files():
    assert all(hook["require_serial"] for hook in hooks().values())


class Sandbox:
    """A home of its own with a repository of hooks made of the working tree, and a consumer."""

    def __init__(self, root: Path) -> None:
        self.hooks, self.consumer = root / "hooks", root / "consumer"
        home = root / "home"
        for folder in (self.hooks, self.consumer, home):
            folder.mkdir()
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GIT_", "PRE_COMMIT"))
            },
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "PRE_COMMIT_HOME": str(root / "cache"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "NO_COLOR": "1",
        }
        for name, value in (
            ("user.email", "t@example.org"),
            ("user.name", "t"),
            ("init.defaultBranch", "main"),
        ):
            self.run("git", "config", "--global", name, value, folder=home)
        self.run("git", "config", "--global", "protocol.file.allow", "always", folder=home)
        listing = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
        )
        for name in filter(None, listing.stdout.decode().split("\0")):
            if (ROOT / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
                target = self.hooks / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        for folder in (self.hooks, self.consumer):
            self.run("git", "init", "-q", folder=folder)
        self.run("git", "add", "-A", folder=self.hooks)
        self.run("git", "commit", "-qm", "hooks", folder=self.hooks)
        self.revision = self.run("git", "rev-parse", "HEAD", folder=self.hooks).stdout.strip()

    def run(
        self, *command: str, folder: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the consumer's repository, or another folder."""
        done = subprocess.run(
            command,
            cwd=folder or self.consumer,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def write(self, name: str, text: str) -> None:
        """Write and stage a file of the consumer."""
        path = self.consumer / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.run("git", "add", "--", f"./{name}")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    made = Sandbox(tmp_path_factory.mktemp("pre-commit"))
    # One configuration for all: pre-commit then installs the hooks once.
    configuration = (
        f"repos:\n- repo: file://{made.hooks}\n  rev: {made.revision}\n"
        "  hooks: [{id: hullcheck}, {id: hullcheck-all, stages: [manual]}]\n"
    )
    made.write(".pre-commit-config.yaml", configuration)
    made.run("pre-commit", "install")
    made.run("git", "commit", "-qm", "start", "--no-verify")
    return made


@pytest.mark.slow
def test_a_commit_with_a_finding_is_blocked_and_told_why(sandbox: Sandbox):
    sandbox.write("old/compose.yaml", BAD)
    sandbox.run("git", "commit", "-qm", "old", "--no-verify")
    sandbox.write("new/compose.yaml", BAD)
    blocked = sandbox.run("git", "commit", "-m", "bad", check=False)
    assert blocked.returncode == 1
    assert "critical[privileged]" in blocked.stdout
    assert "new/compose.yaml:4" in blocked.stdout
    assert "old/compose.yaml" not in blocked.stdout, "only the files of the commit are reported"
    sandbox.write("new/compose.yaml", GOOD)
    passed = sandbox.run("git", "commit", "-m", "good")
    assert "Passed" in passed.stdout


@pytest.mark.slow
def test_names_that_look_like_options_are_names(sandbox: Sandbox):
    sandbox.write("--exit-zero.compose.yaml", BAD)
    run = sandbox.run("pre-commit", "run", "hullcheck", check=False)
    sandbox.run("git", "rm", "-qf", "--", "--exit-zero.compose.yaml")
    assert "--exit-zero.compose.yaml:4" in run.stdout
    assert run.returncode == 1


@pytest.mark.slow
def test_the_other_hook_reports_the_whole_repository(sandbox: Sandbox):
    sandbox.write("old/compose.yaml", BAD)
    command = ["pre-commit", "run", "hullcheck-all", "--hook-stage", "manual", "--all-files"]
    run = sandbox.run(*command, check=False)
    assert run.returncode == 1
    assert "old/compose.yaml:4" in run.stdout


@pytest.mark.slow
def test_the_hook_can_be_tried(sandbox: Sandbox):
    sandbox.write("old/compose.yaml", BAD)
    run = sandbox.run("pre-commit", "try-repo", str(sandbox.hooks), "hullcheck", "--all-files", check=False)
    assert run.returncode == 1
    assert "old/compose.yaml:4" in run.stdout
