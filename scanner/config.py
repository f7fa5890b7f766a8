"""The configuration file: `.hullcheck.yaml` to settings, every mistake with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner.errors import ConfigError, InputError, RuleError
from scanner.files.border import Border
from scanner.files.named import names_in, read_named, real_path, text_of
from scanner.files.opening import reason_of
from scanner.ignoring import check_patterns
from scanner.model.environments import DeclaredEnvironment, EnvironmentPolicy
from scanner.model.policy import Said
from scanner.model.rule import Operand, ParamRef, Severity
from scanner.model.source import Location
from scanner.model.suppressions import DeclaredSuppression, is_date
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, read_int, span_of
from scanner.policy.declared import said_in
from scanner.policy.nodes import PolicyFile, suggest
from scanner.policy.places import places_in

FILE_NAME = ".hullcheck.yaml"

NEVER = "never"
"""The threshold that no finding reaches."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says; None and empty mean that it does not say.

    `rule_folders` and `base` are absolute; `excludes` are patterns as in .gitignore,
    relative to the folder of the file (`base`). `helm` are the fields of the settings of
    charts that the file speaks of. `environments` say what environments are made of, by
    absolute paths, and `policies` what counts in them, by their names. `suppressions` are in their order.
    `path` is that of the file, and `said` are its keys that can make a report smaller; it is `from_tree`
    where it was found, and not named by the user. `places` tell where names stand that others know.
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
    environments: tuple[DeclaredEnvironment, ...] = ()
    policies: Mapping[str, EnvironmentPolicy] = field(default_factory=dict)
    suppressions: tuple[DeclaredSuppression, ...] = ()
    path: Path | None = None
    said: tuple[Said, ...] = ()
    from_tree: bool = True
    places: Mapping[tuple[str, ...], Location] = field(default_factory=dict)


_KEYS = (
    "profile",
    "select",
    "ignore",
    "frameworks",
    "exclude",
    "rule-folders",
    "fail-on",
    "rules",
    "helm",
    "environments",
    "suppressions",
)


def find_config(start: Path) -> Path | None:
    """Return the configuration file of a path: in its folder or the nearest one above.

    Raises InputError for a relative path when the working folder is gone.
    """
    folder = real_path(start if os.path.isdir(start) else start.parent)
    for candidate in (folder, *folder.parents):
        path = candidate / FILE_NAME
        if os.path.lexists(path):
            return path
    return None


def load_config(path: Path, *, found: bool = False) -> Config:
    """Read a configuration file: one that the user named, or one that was `found`, which may not be
    a link out of its folder.

    Raises ConfigError with path, line and column for an unknown key, a wrong type or
    value; whether rule ids exist is for the caller to check, who knows the rules.
    """
    try:
        data = Border(str(path.parent)).read(path.name) if found else read_named(path)
        text = text_of(data)
    except InputError:
        raise ConfigError(
            "the configuration is a link that leads out of its folder",
            path=str(path),
            hint="name what it leads to with --config",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration: {reason_of(error).removeprefix('cannot be read: ')}",
            path=str(path),
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read the configuration: {error}", path=str(path)) from None
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Config(base=path.parent, path=path)
    try:
        file = PolicyFile(str(path), text)
        return replace(
            _read(file, path.parent),
            path=path,
            said=said_in(file, str(path.resolve())),
            places=places_in(file),
        )
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
    environments, policies = _read_environments(file, entries.get("environments"), base)
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
        environments=environments,
        policies=policies,
        suppressions=tuple(_read_suppressions(file, entries["suppressions"]))
        if "suppressions" in entries
        else (),
    )


_SUPPRESSION_KEYS = ("path", "resource", "owner", "until")


def _read_suppressions(file: PolicyFile, node: Node) -> Iterator[DeclaredSuppression]:
    """Yield what a project suppresses: each with a reason, and for some place or resource."""
    for item in file.sequence(node, "suppressions"):
        entries = file.keys(item, "a suppression", ("rule", "reason"), _SUPPRESSION_KEYS)
        if "path" not in entries and "resource" not in entries:
            file.fail(
                item, "a suppression lacks 'path' or 'resource'", "use 'ignore' to drop a rule altogether"
            )
        rules, paths, resources = (
            file.texts(entries[key], key) if key in entries else () for key in ("rule", "path", "resource")
        )
        if not rules:
            file.fail(entries["rule"], "the list of rules is empty")
        for pattern in paths:
            _check_pattern(file, entries["path"], pattern)
        until = file.text(entries["until"], "until") if "until" in entries else None
        if until is not None and not is_date(until):
            file.fail(entries["until"], f"'{until}' is no date", "write it as 2027-01-31")
        reason = file.text(entries["reason"], "reason")
        owner = file.text(entries["owner"], "owner") if "owner" in entries else None
        place = Location(str(real_path(file.path)), span_of(item))
        yield DeclaredSuppression(rules, reason, place, paths, resources, owner, until)


def _check_pattern(file: PolicyFile, node: Node, pattern: str) -> None:
    try:
        check_patterns((pattern,))
    except ConfigError as error:
        file.fail(node, error.message)


_HELM_TEXTS = ("kube-version", "namespace", "release-name")
_HELM_KEYS = ("api-versions", "engine", "environments", "subcharts", "time-limit", "trials", *_HELM_TEXTS)


def _read_helm(file: PolicyFile, node: Node) -> dict[str, object]:
    helm = file.keys(node, "helm", (), _HELM_KEYS)
    found: dict[str, object] = {name: file.text(helm[name], name) for name in _HELM_TEXTS if name in helm}
    if "time-limit" in helm:
        found["time-limit"] = float(_whole_number(file, helm["time-limit"], "seconds", least=1))
    if "trials" in helm:
        found["trials"] = _whole_number(file, helm["trials"], "renderings", least=0)
    if "engine" in helm:
        found["engine"] = _one_of(file, helm["engine"], "engine", ("auto", "library", "binary", "none"))
    if "api-versions" in helm:
        found["api-versions"] = file.texts(helm["api-versions"], "api-versions")
    if "environments" in helm:
        named = file.mapping(helm["environments"], "environments")
        found["environments"] = tuple((name, file.texts(files, name)) for name, files in named.items())
    if "subcharts" in helm:
        found["subcharts"] = tuple(_subcharts(file, helm["subcharts"]))
    return {name.replace("-", "_"): value for name, value in found.items()}


def _subcharts(file: PolicyFile, node: Node) -> Iterator[tuple[str, str]]:
    """What becomes of findings in subcharts: one word for all vendored ones, or one by name."""
    named = {"*": node} if isinstance(node, ScalarNode) else file.mapping(node, "subcharts")
    for name, word in named.items():
        choice = _one_of(file, word, "choice for subcharts", ("report", "lower", "ignore"))
        yield name, choice or "report"


def _read_environments(
    file: PolicyFile, node: Node | None, base: Path
) -> tuple[tuple[DeclaredEnvironment, ...], dict[str, EnvironmentPolicy]]:
    """Return what environments are made of, and what counts in each."""
    declared = []
    policies = {}
    known = ("compose", "values", "kustomize", "severity", "ignore")
    for name, inner in file.mapping(node, "environments").items() if node is not None else ():
        if not name.strip():
            file.fail(inner, "an environment needs a name")
        entries = file.keys(inner, f"environment '{name}'", (), known)
        compose, values, kustomize, severity = map(entries.get, known[:4])
        declared.append(
            DeclaredEnvironment(
                name,
                _projects(file, compose, base) if compose is not None else (),
                _paths(file, values, base) if values is not None else (),
                _paths(file, kustomize, base, is_folder=True) if kustomize is not None else (),
            )
        )
        levels = file.mapping(severity, "severity") if severity is not None else {}
        severities = {rule: file.choice(level, "severity", Severity) for rule, level in levels.items()}
        ignored = file.texts(entries["ignore"], "ignore") if "ignore" in entries else ()
        if severities or ignored:
            policies[name] = EnvironmentPolicy(severities, ignored)
    return tuple(declared), policies


def _projects(file: PolicyFile, node: Node, base: Path) -> tuple[tuple[str, ...], ...]:
    """One list of Compose files, or a list of such lists."""
    if isinstance(node, SequenceNode) and any(isinstance(item, SequenceNode) for item in node.value):
        found = [_paths(file, item, base) for item in node.value]
    else:
        found = [_paths(file, node, base)]
    if not all(found):
        file.fail(node, "expected Compose files, in the order in which they are merged")
    return tuple(found)


def _paths(file: PolicyFile, node: Node, base: Path, *, is_folder: bool = False) -> tuple[str, ...]:
    """The absolute paths of files, or of folders, that must be there, below the configuration's folder."""
    places = node.value if isinstance(node, SequenceNode) else [node]
    return tuple(_path(file, place, base, is_folder=is_folder) for place in places)


def _path(file: PolicyFile, node: Node, base: Path, *, is_folder: bool) -> str:
    name = file.text(node, "a path")
    found = _below(file, node, base, name)
    if not (os.path.isdir(found) if is_folder else os.path.isfile(found)):
        what = "folder" if is_folder else "file"
        near = names_in(found.parent, folders=is_folder)
        file.fail(node, f"there is no {what} '{name}'", suggest(found.name, near))
    return str(found)


def _below(file: PolicyFile, node: Node, base: Path, name: str, hint: str | None = None) -> Path:
    """The real path that a name means, which must stand in the folder of the configuration."""
    try:
        found = real_path(base / name)
    except InputError as error:
        file.fail(node, error.message)
        raise
    if not found.is_relative_to(real_path(base)):
        file.fail(node, f"'{name}' lies outside the folder of the configuration", hint)
    return found


def _folders(file: PolicyFile, node: Node | None, names: tuple[str, ...], base: Path) -> tuple[Path, ...]:
    """The folders of rules; a configuration comes with what is scanned, and must not reach out of it."""
    if node is None:
        return ()
    return tuple(_below(file, node, base, name, "name it with --rules") for name in names)


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


def _whole_number(file: PolicyFile, node: Node, what: str, *, least: int) -> int:
    value = read_int(node)
    if value is None or value < least:
        raise file.fail(node, f"expected a whole number of {what}, at least {least}")
    return value
