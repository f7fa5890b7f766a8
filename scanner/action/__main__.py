"""One step of the action: scan, annotate, summarise, and hand over figures.

The step succeeds whatever the scan finds, so that the report can still be uploaded; the
last step of the action fails with the exit code that is handed over.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanner.action.changes import changed_files
from scanner.action.inputs import InputError, Inputs, read_inputs
from scanner.files.named import read_named
from scanner.files.writing import append, remove
from scanner.guarding import Guard, told_of

_MISUSED = 2
_INTERNAL = 3
# `--report-only` restricts a scan to files; where none changed, none may be reported.
_NO_FILE = "hullcheck-no-file-changed"
_MOST_BYTES = 1 << 30
"""Reports are read that are larger than what is scanned may be."""
_SEVERITIES = ("critical", "high", "medium", "low", "info")


def main() -> None:
    """Run the step in the environment of a GitHub runner."""
    workspace = Path.cwd()
    try:
        inputs = read_inputs(os.environ, workspace)
    except InputError as error:
        _say("error", str(error))
        _hand_over(os.environ, {"exit-code": str(_MISUSED)})
        return
    guard = Guard()
    code, figures = _INTERNAL, dict[str, str]()
    with guard.step("running the scan", None):
        code = _scan(inputs)
    with guard.step("annotating", None):
        if inputs.annotations:
            _copy(inputs.commands, None)
    with guard.step("summarising", None):
        if inputs.summary and os.environ.get("GITHUB_STEP_SUMMARY"):
            _copy(inputs.markdown, Path(os.environ["GITHUB_STEP_SUMMARY"]))
    with guard.step("counting", None):
        figures = _figures(inputs)
    for bug in told_of(guard.bugs):
        _say("error", bug.message)
    code = max(code, _MISUSED) if guard.bugs and code >= 0 else code
    _hand_over(os.environ, {"exit-code": str(code), **figures})


def _scan(inputs: Inputs) -> int:
    for file in (inputs.sarif, inputs.report, inputs.markdown, inputs.commands):
        remove(file)  # of an earlier use of the action in this job
    files = None
    if inputs.changed_only:
        files = changed_files(inputs.path, os.environ)
        if files is None:
            _say("notice", "changed-only: the changed files are not known here, so every file is reported")
        else:
            files = files or (_NO_FILE,)
    return subprocess.run(
        [sys.executable, "-I", "-m", "scanner", *inputs.arguments(files)],
        cwd=inputs.path if files is not None else None,
        check=False,
    ).returncode


def _figures(inputs: Inputs) -> dict[str, str]:
    try:
        report: dict[str, Any] = json.loads(read_named(inputs.report, _MOST_BYTES))
    except (OSError, ValueError):
        return {}
    counts = report["summary"]["findings"]
    return {
        "findings": str(sum(counts.values())),
        **{severity: str(counts[severity]) for severity in _SEVERITIES},
        "sarif-file": str(inputs.sarif),
        "report-file": str(inputs.report),
    }


def _copy(file: Path, to: Path | None) -> None:
    try:
        data = read_named(file, _MOST_BYTES)
    except OSError:
        return
    if to is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        append(to, data)


def _hand_over(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    target = environment.get("GITHUB_OUTPUT")
    if not target:
        return
    lines = []
    for name, value in outputs.items():
        # A path may hold anything: no value can guess the delimiter that ends it.
        delimiter = f"hullcheck-{secrets.token_hex(16)}"
        lines.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    append(Path(target), "".join(lines).encode())


def _say(level: str, message: str) -> None:
    text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::{level} title=hullcheck::{text}", flush=True)


if __name__ == "__main__":
    main()
