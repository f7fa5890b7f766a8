"""The GitHub Action, its steps executed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.integrations.action_runner import ActionRunner, Outcome, evaluate, expanded
from tests.reporting.sarif_checks import complaints

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
BAD = """\
services:
  web:
    image: nginx:1.27
    privileged: true
"""
GOOD = "services: {}\n"
INSTALLED = {"python": {"python-path": sys.executable}, "install": {"python": sys.executable}}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / ".git").mkdir(parents=True)
    return folder


def run(workspace: Path, environment: dict[str, str] | None = None, **inputs: str) -> Outcome:
    temporary = workspace.parent / "temp"
    temporary.mkdir(exist_ok=True)
    return ActionRunner(ACTION, workspace, temporary, INSTALLED, environment).run(**inputs)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_findings_fail_the_last_step_after_everything_is_written(workspace: Path):
    (workspace / "compose.yaml").write_text(BAD)
    outcome = run(workspace)
    assert not outcome.succeeded
    assert outcome.outputs["exit-code"] == "1"
    assert int(outcome.outputs["critical"]) == 1
    assert int(outcome.outputs["findings"]) >= 1
    sarif = json.loads(Path(outcome.outputs["sarif-file"]).read_text())
    assert complaints(sarif, {"compose.yaml": BAD}) == []
    assert json.loads(Path(outcome.outputs["report-file"]).read_text())["schema_version"] == 1
    assert "## hullcheck: failed" in outcome.summary
    errors = [properties for level, properties, _message in outcome.commands() if level == "error"]
    assert {"file": "compose.yaml", "line": "4"}.items() <= errors[0].items()
    assert "critical[privileged]" in outcome.log


def test_no_findings_pass_and_still_write_a_report(workspace: Path):
    (workspace / "compose.yaml").write_text(GOOD)
    outcome = run(workspace)
    assert outcome.succeeded
    assert outcome.outputs["exit-code"] == "0"
    assert json.loads(Path(outcome.outputs["sarif-file"]).read_text())["runs"][0]["results"] == []
    assert "## hullcheck: passed" in outcome.summary


def test_fail_on_never_passes_with_findings(workspace: Path):
    (workspace / "compose.yaml").write_text(BAD)
    outcome = run(workspace, fail_on="never")
    assert outcome.succeeded
    assert outcome.outputs["critical"] == "1"


@pytest.mark.parametrize(
    "inputs",
    [{"fail_on": "sometimes"}, {"path": "gone"}, {"annotations": "perhaps"}, {"args": "'open"}]
    + [{"args": "--no-such-option"}, {"config": "gone.yaml"}],
)
def test_misuse_fails_with_exit_code_2(workspace: Path, inputs: dict[str, str]):
    (workspace / "compose.yaml").write_text(GOOD)
    outcome = run(workspace, None, **inputs)
    assert not outcome.succeeded
    assert outcome.outputs["exit-code"] == "2"
    assert outcome.outputs["sarif-file"] == ""


def test_unreadable_input_fails_with_exit_code_2_and_is_reported(workspace: Path):
    (workspace / "compose.yaml").write_text("services:\n  web: [\n")
    outcome = run(workspace)
    assert outcome.outputs["exit-code"] == "2"
    assert any(level == "error" for level, _properties, _message in outcome.commands())
    (result,) = json.loads(Path(outcome.outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("coverage-gap", "note")


def test_annotations_and_summary_can_be_switched_off(workspace: Path):
    (workspace / "compose.yaml").write_text(BAD)
    outcome = run(workspace, annotations="false", summary="false")
    assert outcome.commands() == []
    assert outcome.summary == ""


def test_upload_happens_only_when_asked_for_and_before_the_verdict(workspace: Path):
    (workspace / "compose.yaml").write_text(BAD)
    (setup,) = run(workspace).used
    assert setup[0].startswith("actions/setup-python@")
    outcome = run(workspace, upload_sarif="true", category="app")
    name, given = outcome.used[1]
    assert name.startswith("github/codeql-action/upload-sarif@")
    assert given == {"sarif_file": outcome.outputs["sarif-file"], "category": "app"}


def test_nothing_is_uploaded_when_there_is_no_report(workspace: Path):
    (workspace / "compose.yaml").write_text(GOOD)
    outcome = run(workspace, upload_sarif="true", args="--no-such-option")
    assert [name.split("@")[0] for name, _given in outcome.used] == ["actions/setup-python"]


def test_inputs_stay_data(workspace: Path):
    (workspace / "compose.yaml").write_text(GOOD)
    mark = workspace.parent / "pwned"
    for value in (f"$(touch {mark})", f"a b; touch {mark}", f'"; touch {mark}; "', f"`touch {mark}`"):
        for name in ("path", "config", "fail_on", "profile", "rules", "args", "sarif_file", "framework"):
            run(workspace, None, **{name: value})
    assert not mark.exists()


def test_hostile_names_inject_nothing(workspace: Path):
    name = "::error::x ##[add-mask]y\n::set-output name=a::b\x1b[31m <script> compose.yaml"
    (workspace / name).write_text(BAD.replace("web", '"w\\e[31m##[group]\\n::debug::z"'))
    (workspace / "Dockerfile").write_text("FROM a:1\n# ::error::x ##[add-mask]y\n")
    outcome = run(workspace, sarif_file="out/a\nexit-code=0\nb.sarif")
    assert "\x1b" not in outcome.log
    assert "<script" not in outcome.summary
    for command, properties, _message in outcome.commands():
        assert command in ("error", "warning", "notice")
        assert "title" in properties


def test_python_files_of_the_workspace_are_not_run(workspace: Path):
    (workspace / "compose.yaml").write_text(BAD)
    mark = workspace.parent / "pwned"
    code = f"open({str(mark)!r}, 'w').close()\n"
    (workspace / "scanner" / "action").mkdir(parents=True)
    for name in (
        "scanner/__init__.py",
        "scanner/action/__init__.py",
        "json.py",
        "sitecustomize.py",
        "yaml.py",
    ):
        (workspace / name).write_text(code)
    environment = {"PYTHONPATH": str(workspace)}
    assert run(workspace, environment).outputs["exit-code"] == "1"
    assert not mark.exists()


def test_paths_with_blanks_and_folders_are_relative_to_the_checkout(workspace: Path):
    folder = workspace / "my app" / "deploy"
    folder.mkdir(parents=True)
    (folder / "compose.yaml").write_text(BAD)
    outcome = run(workspace, path="my app/deploy", sarif_file="out dir/my report.sarif")
    assert outcome.outputs["sarif-file"] == str(workspace / "out dir" / "my report.sarif")
    result = json.loads(Path(outcome.outputs["sarif-file"]).read_text())["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "my%20app/deploy/compose.yaml"
    files = {properties.get("file") for _level, properties, _message in outcome.commands()}
    assert files == {"my app/deploy/compose.yaml"}


def test_at_most_ten_annotations_of_a_level(workspace: Path):
    for number in range(25):
        (workspace / f"d{number}").mkdir()
        (workspace / f"d{number}" / "compose.yaml").write_text(BAD)
    outcome = run(workspace)
    levels = [level for level, _properties, _message in outcome.commands()]
    assert levels.count("error") == 10
    assert "without an annotation" in outcome.log
    assert outcome.outputs["critical"] == "25"


def pull_request(workspace: Path) -> dict[str, str]:
    """Make a checkout of a pull request that adds b/compose.yaml beside a/compose.yaml."""
    (workspace / ".git").rmdir()
    git(workspace, "init", "-q", "-b", "main")
    for folder in ("a", "b"):
        (workspace / folder).mkdir()
        (workspace / folder / "compose.yaml").write_text(BAD)
        git(workspace, "add", folder)
        git(workspace, "commit", "-qm", folder)
        if folder == "a":
            git(workspace, "branch", "base")
    event = workspace.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": git(workspace, "rev-parse", "base")}}}))
    return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}


def reported(outcome: Outcome) -> set[str]:
    findings = json.loads(Path(outcome.outputs["report-file"]).read_text())["findings"]
    return {finding["path"] for finding in findings}


def test_changed_only_reports_the_files_of_the_pull_request(workspace: Path):
    environment = pull_request(workspace)
    assert reported(run(workspace, environment, changed_only="true")) == {"b/compose.yaml"}
    assert reported(run(workspace, environment)) == {"a/compose.yaml", "b/compose.yaml"}


def test_changed_only_follows_the_merge_that_is_checked_out(workspace: Path):
    environment = pull_request(workspace)
    git(workspace, "checkout", "-q", "base")
    (workspace / "c").mkdir()
    (workspace / "c" / "compose.yaml").write_text(BAD)
    git(workspace, "add", "c")
    git(workspace, "commit", "-qm", "later")
    git(workspace, "merge", "-q", "-m", "merge", "main")
    assert reported(run(workspace, environment, changed_only="true")) == {"b/compose.yaml"}


def test_changed_only_with_nothing_changed_reports_nothing(workspace: Path):
    environment = pull_request(workspace)
    outcome = run(workspace, environment, changed_only="true", path="a")
    assert outcome.succeeded
    assert reported(outcome) == set()


@pytest.mark.parametrize(
    "event", [{}, {"pull_request": {"base": {"sha": "0" * 40}}}, {"pull_request": None}, []]
)
def test_changed_only_without_a_base_reports_everything_and_says_so(workspace: Path, event: object):
    environment = pull_request(workspace)
    Path(environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
    outcome = run(workspace, environment, changed_only="true")
    assert reported(outcome) == {"a/compose.yaml", "b/compose.yaml"}
    assert any("every file is reported" in message for _level, _properties, message in outcome.commands())


def test_a_base_that_is_an_option_of_git_is_refused(workspace: Path):
    environment = pull_request(workspace)
    mark = workspace.parent / "pwned"
    event = {"pull_request": {"base": {"sha": f"--output={mark}"}}}
    Path(environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(event))
    run(workspace, environment, changed_only="true")
    assert not mark.exists()


def test_scripts_hold_no_expressions_and_uses_are_pinned():
    text = ACTION.read_text()
    for step in yaml.safe_load(text)["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])
            assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+\n", text)


def test_every_input_is_used_and_every_input_used_is_declared():
    text = ACTION.read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(yaml.safe_load(text)["inputs"])


def test_the_action_is_valid_for_github():
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"]
    subprocess.run([*checker, str(ACTION)], check=True, capture_output=True)


def test_expressions_are_evaluated_as_github_does():
    context = {"inputs": {"a": "true", "b": ""}, "steps": {"s": {"outputs": {"x": "1"}}}}
    cases = {
        "inputs.a == 'true' && steps.s.outputs.x != ''": True,
        "inputs.b || 'default'": "default",
        "!(inputs.b == '') || always()": True,
        "steps.gone.outputs.x": "",
        "success()": True,
        "inputs.a && 'it''s'": "it's",
    }
    for expression, value in cases.items():
        assert evaluate(expression, context) == value
    assert expanded("x ${{ inputs.a }} y", context) == "x true y"


@pytest.mark.slow
def test_the_action_installs_itself(workspace: Path, tmp_path: Path):
    (workspace / "compose.yaml").write_text(BAD)
    (tmp_path / "temp").mkdir()
    given = {"python": {"python-path": sys.executable}}
    outcome = ActionRunner(ACTION, workspace, tmp_path / "temp", given).run()
    assert outcome.outputs["exit-code"] == "1", outcome.log
    assert (tmp_path / "temp" / "hullcheck-venv").is_dir()
