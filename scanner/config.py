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
    relative to the folder of the file (`base`). `helm` are the fields of the settings of
    charts that the file speaks of.
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
    helm: Mapping[str, object] = field(default_factory=dict)


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
    return Config(
        base=base,
        profile=_one_of(file, entries.get("profile"), "profile", ("core", "strict", "all")),
        select=texts("select"),
        ignore=texts("ignore"),
        frameworks=texts("frameworks"),
        excludes=texts("exclude"),
        rule_folders=_folders(file, entries.get("rule-folders"), texts("rule-folders"), base),
        fail_on=_one_of(
            file, entries.get("fail-on"), "fail-on", (*(member.value for member in Severity), NEVER)
        ),
        severities=severities,
        params=params,
        helm=_read_helm(file, entries["helm"]) if "helm" in entries else {},
    )


_HELM_TEXTS = ("kube-version", "namespace", "release-name")
_HELM_SECONDS = ("confirm-limit", "time-limit")
_HELM_KEYS = ("api-versions", "engine", "environments", *_HELM_TEXTS, *_HELM_SECONDS)


def _read_helm(file: PolicyFile, node: Node) -> dict[str, object]:
    helm = file.keys(node, "helm", (), _HELM_KEYS)
    found: dict[str, object] = {name: file.text(helm[name], name) for name in _HELM_TEXTS if name in helm}
    for name in _HELM_SECONDS:
        if name in helm:
            found[name] = _seconds(file, helm[name], least=0 if name == "confirm-limit" else 1)
    if "engine" in helm:
        found["engine"] = _one_of(file, helm["engine"], "engine", ("auto", "library", "binary", "none"))
    if "api-versions" in helm:
        found["api-versions"] = file.texts(helm["api-versions"], "api-versions")
    if "environments" in helm:
        named = file.mapping(helm["environments"], "environments")
        found["environments"] = tuple((name, file.texts(files, name)) for name, files in named.items())
    return {name.replace("-", "_"): value for name, value in found.items()}


def _folders(
    file: PolicyFile, node: Node | None, names: tuple[str, ...], base: Path
) -> tuple[Path, ...]:
    """The folders of rules; a configuration comes with what is scanned, and must not reach out of it."""
    folders = []
    for name in names:
        folder = (base / name).resolve()
        if not folder.is_relative_to(base.resolve()) and node is not None:
            file.fail(node, f"'{name}' lies outside the folder of the configuration", "name it with --rules")
        folders.append(folder)
    return tuple(folders)


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


def _seconds(file: PolicyFile, node: Node, *, least: int) -> float:
    value = read_int(node)
    if value is None or value < least:
        raise file.fail(node, f"expected a whole number of seconds, at least {least}")
    return float(value)
