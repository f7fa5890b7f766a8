"""The inputs of the action, and the arguments of `hullcheck scan` that they mean."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "HULLCHECK_INPUT_"
_OPTIONS = (("CONFIG", "--config"), ("PROFILE", "--profile"), ("FAIL_ON", "--fail-on"))
_LISTS = (("RULES", "--rules"), ("FRAMEWORK", "--framework"), ("SELECT", "--select"), ("IGNORE", "--ignore"))
_TRUE, _FALSE = frozenset({"true"}), frozenset({"", "false"})


class InputError(Exception):
    """An input of the action has a value that it cannot have; told to the user as it is."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asks for. Paths are absolute; `temporary` is a folder for the run."""

    path: Path
    temporary: Path
    sarif: Path
    options: tuple[str, ...]
    annotations: bool
    summary: bool
    changed_only: bool

    @property
    def report(self) -> Path:
        """Where the JSON report goes."""
        return self.temporary / "hullcheck.json"

    @property
    def markdown(self) -> Path:
        """Where the summary goes before it is added to the job's."""
        return self.temporary / "hullcheck.md"

    @property
    def commands(self) -> Path:
        """Where the annotations go before they are printed."""
        return self.temporary / "hullcheck.commands"

    def arguments(self, report_only: tuple[str, ...] | None) -> list[str]:
        """Return the arguments of the scan, to be run in the folder of `path` when it is
        restricted to files, and anywhere else when it is not (None)."""
        formats = [f"sarif={self.sarif}", f"json={self.report}", "console"]
        formats += [f"markdown={self.markdown}"] if self.summary else []
        formats += [f"github={self.commands}"] if self.annotations else []
        arguments = ["scan", *(word for name in formats for word in ("--format", name)), *self.options]
        if report_only is None:
            return [*arguments, "--", str(self.path)]
        return [*arguments, "--report-only", "--", *report_only]


def read_inputs(environment: Mapping[str, str], workspace: Path) -> Inputs:
    """Return the inputs that `action.yml` hands over. Raises InputError."""
    temporary = Path(environment.get("RUNNER_TEMP") or workspace)
    path = workspace / (_value(environment, "PATH") or ".")
    if not path.is_dir():
        raise InputError(f"path '{_value(environment, 'PATH')}' is no folder of the checkout")
    sarif = _value(environment, "SARIF_FILE")
    options: list[str] = []
    for name, option in _OPTIONS:
        value = _value(environment, name)
        options += [option, value] if value else []
    for name, option in _LISTS:
        for line in _value(environment, name).splitlines():
            options += [option, line.strip()] if line.strip() else []
    try:
        options += shlex.split(_value(environment, "ARGS"))
    except ValueError as error:
        raise InputError(f"args cannot be split into words: {error}") from None
    return Inputs(
        path=path,
        temporary=temporary,
        sarif=workspace / sarif if sarif else temporary / "hullcheck.sarif",
        options=tuple(options),
        annotations=_flag(environment, "ANNOTATIONS"),
        summary=_flag(environment, "SUMMARY"),
        changed_only=_flag(environment, "CHANGED_ONLY"),
    )


def _value(environment: Mapping[str, str], name: str) -> str:
    return environment.get(_PREFIX + name, "").strip()


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = _value(environment, name).lower()
    if value not in _TRUE | _FALSE:
        written = name.lower().replace("_", "-")
        raise InputError(f"{written} is '{value}', and must be 'true' or 'false'")
    return value in _TRUE
