"""The words that rules may use: resource kinds, their fields, and what contains what.

Read off the types in `resources`, so a field that is added there can be used in rules
at once.
"""

from __future__ import annotations

import types
import typing
from enum import Enum, StrEnum
from functools import cache
from typing import NamedTuple

from scanner.model import (
    builds,
    charts,
    cluster,
    commands,
    resolved,
    resources,
    settings,
    stage_parts,
    suppressions,
)
from scanner.model.source import Located, Unknown


class Shape(StrEnum):
    """How a field is held."""

    FACT = "fact"  # Located or None
    PLAIN = "plain"  # a bare value that is always there
    RESOURCE = "resource"  # one resource or None
    RESOURCES = "resources"  # a tuple of resources
    RESOLVED = "resolved"  # what the graph has decided about the resource, or None


class Field(NamedTuple):
    """A field of a kind. `value` is the Python type of its values (str, int, bool, or
    tuple for a list of texts), or None when it is a resource; `optional` tells whether
    it can be absent; `resource` names the kind that it holds. `choices` are the only values
    that it can have, where they are known."""

    shape: Shape
    value: type | None
    optional: bool
    resource: str | None = None
    choices: tuple[str, ...] = ()


class Kind(NamedTuple):
    """A kind of resource that rules may apply to.

    `container` and `member` say where it is found: it is the member (a field) of the
    kind `container`, or of a unit when that is None. `item` is the field that tells
    items of one list apart, None where the resource has a name of its own (`ref`).
    """

    name: str
    type: type
    container: str | None
    member: str
    item: str | None = None


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("workload", resources.Workload, None, "workloads"),
        Kind("volume", resources.Volume, "workload", "volumes", "name"),
        Kind("container", resources.Container, "workload", "containers"),
        Kind("image", resources.ImageReference, "container", "image"),
        Kind("env", resources.EnvVar, "container", "env", "name"),
        Kind("env_source", resources.EnvSource, "container", "env_from", "name"),
        Kind("reference", resources.Reference, "container", "references", "name"),
        Kind("workload_reference", resources.Reference, "workload", "references", "name"),
        Kind("port", resources.Port, "container", "ports", "text"),
        Kind("mount", resources.Mount, "container", "mounts", "target"),
        Kind("probe", resources.Probe, "container", "probes", "kind"),
        Kind("argument", resources.Argument, "container", "arguments"),
        Kind("device", resources.Device, "container", "devices", "text"),
        Kind("container_hook", resources.Hook, "container", "hooks", "kind"),
        Kind("build", resources.Build, "container", "build_spec"),
        Kind("build_argument", resources.EnvVar, "build", "args", "name"),
        Kind("namespace_join", resources.NamespaceJoin, "workload", "joins", "kind"),
        Kind("dockerfile", resources.Dockerfile, None, "dockerfiles"),
        Kind("global_arg", resources.EnvVar, "dockerfile", "args", "name"),
        Kind("stage", resources.BuildStage, "dockerfile", "stages"),
        Kind("base_image", resources.ImageReference, "stage", "base"),
        Kind("build_env", resources.EnvVar, "stage", "env", "name"),
        Kind("build_arg", resources.EnvVar, "stage", "args", "name"),
        Kind("exposed_port", resources.Port, "stage", "ports", "text"),
        Kind("image_env", resources.EnvVar, "stage", "image_env", "name"),
        Kind("label", resources.EnvVar, "stage", "labels", "name"),
        Kind("instruction", stage_parts.StageInstruction, "stage", "instructions", "keyword"),
        Kind("copy", resources.Copy, "stage", "copies", "destination"),
        Kind("copy_source", stage_parts.CopySource, "copy", "sources", "text"),
        Kind("copied_image", resources.ImageReference, "copy", "image"),
        Kind("workdir", stage_parts.WorkingDirectory, "stage", "workdirs", "text"),
        Kind("undeclared_variable", stage_parts.UndeclaredVariable, "stage", "undeclared", "name"),
        Kind("credential_file", stage_parts.CredentialFile, "stage", "credential_files", "variable"),
        Kind("syntax_image", resources.ImageReference, "dockerfile", "syntax"),
        Kind("run", commands.Run, "stage", "runs", "instruction"),
        Kind("run_mount", commands.BuildMount, "run", "mounts", "text"),
        Kind("command", commands.Command, "stage", "commands", "label"),
        Kind("document", resources.Document, None, "documents"),
        Kind("service", cluster.Service, None, "cluster.services"),
        Kind("service_port", cluster.ServicePort, "service", "ports", "name"),
        Kind("service_annotation", resources.EnvVar, "service", "annotations", "name"),
        Kind("ingress", cluster.Ingress, None, "cluster.ingresses"),
        Kind("ingress_host", cluster.IngressHost, "ingress", "hosts", "name"),
        Kind("backend", cluster.Backend, "ingress", "backends", "name"),
        Kind("ingress_annotation", resources.EnvVar, "ingress", "annotations", "name"),
        Kind("network_policy", cluster.NetworkPolicy, None, "cluster.network_policies"),
        Kind("network_allowance", cluster.NetworkAllowance, "network_policy", "allowances", "name"),
        Kind("network_peer", cluster.NetworkPeer, "network_allowance", "peers", "name"),
        Kind("service_account", cluster.ServiceAccount, None, "cluster.service_accounts"),
        Kind("role", cluster.RoleObject, None, "cluster.roles"),
        Kind("policy_rule", cluster.PolicyRule, "role", "rules", "name"),
        Kind("role_binding", cluster.RoleBinding, None, "cluster.role_bindings"),
        Kind("subject", cluster.Subject, "role_binding", "subjects", "name"),
        Kind("secret", cluster.SecretObject, None, "cluster.secrets"),
        Kind("secret_entry", resources.EnvVar, "secret", "entries", "name"),
        Kind("config_map", cluster.ConfigMap, None, "cluster.config_maps"),
        Kind("config_entry", resources.EnvVar, "config_map", "entries", "name"),
        Kind("namespace", cluster.Namespace, None, "cluster.namespaces"),
        Kind("disruption_budget", cluster.DisruptionBudget, None, "cluster.disruption_budgets"),
        Kind("autoscaler", cluster.Autoscaler, None, "cluster.autoscalers"),
        Kind("quota", cluster.Quota, None, "cluster.quotas"),
        Kind("network", resources.Network, None, "networks"),
        Kind("stored_value", resources.StoredValue, None, "stored"),
        Kind("project_file", resources.ProjectFile, None, "files"),
        Kind("remote_file", resources.RemoteFile, "project_file", "remotes", "address"),
        Kind("env_file", resources.EnvFile, None, "env_files"),
        Kind("file_variable", resources.EnvVar, "env_file", "variables", "name"),
        Kind("image_build", builds.ImageBuild, None, "builds"),
        Kind("written_credential", settings.WrittenCredential, None, "credentials", "name"),
        Kind("schema_error", resources.InvalidPlace, None, "invalid", "path"),
        Kind("chart", charts.Chart, None, "charts"),
        Kind("chart_dependency", charts.ChartDependency, "chart", "dependencies", "name"),
        Kind("chart_template", charts.ChartTemplate, "chart", "templates", "name"),
        Kind("chart_value", charts.ChartValue, "chart", "shipped_values", "key"),
        Kind("fixed_setting", charts.FixedSetting, "chart", "fixed_settings", "name"),
        Kind("default_gap", charts.DefaultGap, "chart", "default_gaps", "name"),
        Kind("suppression", suppressions.StaleSuppression, None, "suppressions", "rule"),
        Kind("coverage_line", suppressions.CoverageLine, None, "coverage_lines", "kind"),
    )
}
"""Every kind by its name, containers before what they contain."""

RESOLVED: dict[str, tuple[str, type]] = {
    "container": ("resolved_container", resolved.ResolvedContainer),
    "workload": ("resolved_workload", resolved.ResolvedWorkload),
    "stage": ("resolved_stage", resolved.ResolvedStage),
    "build": ("resolved_build", resolved.ResolvedBuild),
    "role_binding": ("resolved_binding", resolved.ResolvedBinding),
    "secret": ("resolved_secret", resolved.ResolvedSecret),
    "stored_value": ("resolved_secret", resolved.ResolvedSecret),
    "image_build": ("resolved_build", resolved.ResolvedBuild),
}
"""The kinds about which the graph decides facts: under the field `resolved`, of this kind and type.
Rules do not apply to these kinds of their own."""

RESOLVED_FIELD = "resolved"

PARTS: dict[str, type] = {"selector": cluster.Selector}
"""Types that several kinds have a field of: paths lead through it, and rules do not apply to them."""

_TYPES = {name: kind.type for name, kind in KINDS.items()} | dict(RESOLVED.values()) | PARTS


@cache
def fields_of(kind: str) -> dict[str, Field]:
    """Return the fields of a kind that conditions can test."""
    hints = typing.get_type_hints(_TYPES[kind])
    for name, member in vars(_TYPES[kind]).items():
        if isinstance(member, property):
            hints[name] = typing.get_type_hints(member.fget)["return"]
    fields = {name: field for name, hint in hints.items() if (field := _field(hint)) is not None}
    if kind in RESOLVED:
        fields[RESOLVED_FIELD] = Field(Shape.RESOLVED, None, True, RESOLVED[kind][0])
    return fields


@cache
def _kind_of(type_: type) -> str | None:
    named = {kind.name: kind.type for kind in KINDS.values()} | PARTS
    return next((name for name, known in named.items() if known is type_), None)


def _field(hint: object) -> Field | None:
    members = list(typing.get_args(hint)) if _is_union(hint) else [hint]
    optional = type(None) in members
    members = [member for member in members if member is not type(None)]
    if len(members) != 1:
        return None
    member = members[0]
    origin = typing.get_origin(member)
    if origin is Located:
        return Field(Shape.FACT, _value_type(typing.get_args(member)[0]), optional)
    if origin is tuple:
        item = typing.get_args(member)[0]
        kind = _kind_of(item) if isinstance(item, type) else None
        return Field(Shape.RESOURCES, None, False, kind) if kind else None
    if isinstance(member, type):
        kind = _kind_of(member)
        if kind is not None:
            return Field(Shape.RESOURCE, None, optional, kind)
        if issubclass(member, Enum):
            return Field(Shape.PLAIN, str, optional, choices=tuple(str(one.value) for one in member))
        if issubclass(member, str):
            return Field(Shape.PLAIN, str, optional)
        if member in (bool, int):
            return Field(Shape.PLAIN, member, optional)
    return None


def _value_type(hint: object) -> type:
    members = typing.get_args(hint) if _is_union(hint) else (hint,)
    for member in members:
        if member is Unknown:
            continue
        origin = typing.get_origin(member)
        if origin is tuple:
            return tuple
        if isinstance(member, type):
            return member
    return str


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def containers_of(kind: str) -> tuple[str, ...]:
    """Return the kinds around a kind, innermost first."""
    around = KINDS[kind].container if kind in KINDS else None
    return () if around is None else (around, *containers_of(around))


def type_of(kind: str) -> type:
    """Return the type of the resources of a kind."""
    return _TYPES[kind]


def fields_along(kind: str, path: str) -> list[Field]:
    """Return the fields that a path leads over, which starts at a resource of a kind or with the name
    of a kind around it; there is at least one. Raises KeyError where there is none."""
    steps = path.split(".")
    current: str | None = kind
    if steps[0] not in fields_of(kind):
        current = steps.pop(0)
    found = []
    for step in steps:
        found.append(fields_of(current or "")[step])
        current = found[-1].resource
    return found


def field_at(kind: str, path: str) -> Field:
    """Return the field at the end of such a path. Raises KeyError where there is none."""
    return fields_along(kind, path)[-1]


def is_raw_path(kind: str, path: str) -> bool:
    """Whether a path of a rule on documents goes into the raw tree."""
    return kind == "document" and path not in fields_of("document")


def item_kind(kind: str, path: str) -> str:
    """Return the kind of the items of a list field of resources."""
    current = kind
    steps = path.split(".")
    if steps[0] not in fields_of(kind):
        current = steps.pop(0)
    for step in steps:
        field = fields_of(current)[step]
        assert field.resource is not None
        current = field.resource
    return current
