"""The configuration file: `.hullcheck.yaml` to settings, every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scanner.errors import ConfigError, RuleError
from scanner.model.rule import Operand, ParamRef, Severity
from scanner.parsing.yaml import Node, read_int
from scanner.policy.nodes import PolicyFile

FILE_NAME = ".hullcheck.yaml"

NEVER = "never"
"""The threshold that no finding reaches."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says; None and empty mean that it does not say.

    `rule_folders` and `base` are absolute; `excludes` are patterns as in .gitignore,
    relative to the folder of the file (`base`).
    """

    base: Path | None = None
    profile: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    rule_folders: tuple[Path, ...] = ()
    fail_on: str | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Operand]] = field(default_factory=dict)
    helm_engine: str | None = None
    helm_time_limit: float | None = None


_KEYS = ("profile", "select", "ignore", "frameworks", "exclude", "rule-folders", "fail-on", "rules", "helm")


def find_config(start: Path) -> Path | None:
    """Return the configuration file of a path: in its folder or the nearest one above."""
    folder = start if start.is_dir() else start.parent
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        path = candidate / FILE_NAME
        if path.is_file():
            return path
    return None


def load_config(path: Path) -> Config:
    """Read a configuration file.

    Raises ConfigError with path, line and column for an unknown key, a wrong type or
    value; whether rule ids exist is for the caller to check, who knows the rules.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the configuration: {error}", path=str(path)) from None
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Config(base=path.parent)
    try:
        return _read(PolicyFile(str(path), text), path.parent)
    except RuleError as error:
        raise ConfigError(
            error.message, path=error.path, line=error.line, column=error.column, hint=error.hint
        ) from None


def _read(file: PolicyFile, base: Path) -> Config:
    entries = file.keys(file.root, "the configuration", (), _KEYS)

    def texts(key: str) -> tuple[str, ...]:
        return file.texts(entries[key], key) if key in entries else ()

    severities: dict[str, Severity] = {}
    params: dict[str, dict[str, Operand]] = {}
    if "rules" in entries:
        for identifier, node in file.mapping(entries["rules"], "rules").items():
            _read_rule(file, identifier, node, severities, params)
    helm = file.keys(entries["helm"], "helm", (), ("engine", "time-limit")) if "helm" in entries else {}
    return Config(
        base=base,
        profile=_one_of(file, entries.get("profile"), "profile", ("core", "strict", "all")),
        select=texts("select"),
        ignore=texts("ignore"),
        frameworks=texts("frameworks"),
        excludes=texts("exclude"),
        rule_folders=tuple((base / folder).resolve() for folder in texts("rule-folders")),
        fail_on=_one_of(
            file, entries.get("fail-on"), "fail-on", (*(member.value for member in Severity), NEVER)
        ),
        severities=severities,
        params=params,
        helm_engine=_one_of(file, helm.get("engine"), "engine", ("auto", "library", "binary", "none")),
        helm_time_limit=_seconds(file, helm.get("time-limit")),
    )


def _read_rule(
    file: PolicyFile,
    identifier: str,
    node: Node,
    severities: dict[str, Severity],
    params: dict[str, dict[str, Operand]],
) -> None:
    rule = file.keys(node, f"rule '{identifier}'", (), ("severity", "params"))
    if "severity" in rule:
        severities[identifier] = file.choice(rule["severity"], "severity", Severity)
    if "params" in rule:
        values = params.setdefault(identifier, {})
        for name, value in file.mapping(rule["params"], "params").items():
            operand = file.operand(value, name)
            if isinstance(operand, ParamRef):
                file.fail(value, "a parameter cannot refer to another")
            values[name] = operand


def _one_of(file: PolicyFile, node: Node | None, what: str, choices: tuple[str, ...]) -> str | None:
    if node is None:
        return None
    text = file.text(node, what)
    if text not in choices:
        file.fail(node, f"unknown {what} '{text}'", f"use one of {', '.join(choices)}")
    return text


def _seconds(file: PolicyFile, node: Node | None) -> float | None:
    if node is None:
        return None
    value = read_int(node)
    if value is None or value < 1:
        raise file.fail(node, "expected a whole number of seconds, at least 1")
    return float(value)
