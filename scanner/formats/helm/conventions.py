"""A chart that cannot be rendered, read from values.yaml by the conventions of charts.

A mapping of values that names an image is a component: `helm create` puts it at the
top, charts of several parts under the names of the parts. Its keys that are called and
shaped like fields of a pod are taken as these fields. What a template adds to them
cannot be seen, so every field whose key the component does not have is Unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from scanner.formats.helm.bundle import Bundle
from scanner.formats.shared.images import image_reference
from scanner.model.report import Diagnostic
from scanner.model.resources import Container, Format, ImageReference, UnitResources, Workload
from scanner.model.source import Located, Source, Unknown
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    YamlDocument,
    YamlFile,
    YamlSource,
    entries,
    is_null,
)

KIND = "Chart values"
_MAX_DEPTH = 6
_REASON = "set by the template, which was not rendered"

_POD_KEYS = ("hostNetwork", "hostPID", "hostIPC", "hostUsers", "volumes", "automountServiceAccountToken")
_CONTAINER_KEYS = (
    "resources",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "command",
    "args",
    "volumeMounts",
    "lifecycle",
)
# Fields that only these keys of a component can give.
_BY_SECURITY = (
    "privileged",
    "allow_privilege_escalation",
    "cap_add",
    "cap_drop",
    "read_only_root",
    "proc_mount",
    "security_context",
)
_BY_BOTH = (
    "user",
    "uid",
    "group",
    "gid",
    "run_as_non_root",
    "seccomp",
    "apparmor",
    "selinux_type",
    "selinux_user",
    "selinux_role",
    "windows_host_process",
)
_BY_RESOURCES = (
    "memory_limit",
    "memory_request",
    "cpu_limit",
    "cpu_request",
    "ephemeral_storage_limit",
    "resources",
)
_BY_KEY = {
    "livenessProbe": "liveness_probe",
    "readinessProbe": "readiness_probe",
    "startupProbe": "startup_probe",
    "command": "command",
    "args": "args",
}
_OF_POD = (
    "run_as_non_root",
    "uid",
    "seccomp",
    "apparmor",
    "selinux_type",
    "selinux_user",
    "selinux_role",
    "windows_host_process",
    "sysctls",
    "security_context",
)
_ALWAYS_OF_POD = {
    "hostNetwork": "host_network",
    "hostPID": "host_pid",
    "hostIPC": "host_ipc",
    "hostUsers": "host_users",
    "automountServiceAccountToken": "automount_token",
    "replicaCount": "replicas",
}


class Component(NamedTuple):
    """A part of a chart: its name, the pair that opens it (at the top: that of its image),
    and its values."""

    name: str
    place: Pair
    values: dict[str, Pair]


def read_values(bundle: Bundle) -> tuple[UnitResources | None, tuple[Diagnostic, ...]]:
    """Return the workloads that a chart's values describe; None when it has no values."""
    root = bundle.values()
    if root is None:
        return None, ()
    from scanner.formats.kubernetes import read_objects

    source = YamlSource(bundle.origins["values.yaml"].path, bundle.files["values.yaml"])
    workloads: list[Workload] = []
    diagnostics: list[Diagnostic] = []
    for component in find_components(root, bundle.chart.name):
        document = YamlDocument(0, _as_deployment(component))
        resources, found = read_objects(YamlFile(source, (document,), ()), source)
        diagnostics += found
        workloads += [_with_unknowns(workload, component, source) for workload in resources.workloads]
    return UnitResources(Format.KUBERNETES, tuple(workloads), certain=False), tuple(diagnostics)


def find_components(root: Node, chart: str) -> Iterator[Component]:
    """Give the components of a chart's values in the order in which they stand."""
    yield from _components(root, None, (), chart, set())


def _components(
    node: Node, place: Pair | None, path: tuple[str, ...], chart: str, above: set[int]
) -> Iterator[Component]:
    if not isinstance(node, MappingNode) or len(path) > _MAX_DEPTH or id(node) in above:
        return
    index = entries(node)
    if "image" in index and _names_image(index["image"][1]):
        yield Component("-".join(path) or chart, place or index["image"], index)
    for key, pair in index.items():
        if key != "global" or path:
            yield from _components(pair[1], pair, (*path, key), chart, above | {id(node)})


def _names_image(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return bool(node.value) and not is_null(node)
    return isinstance(node, MappingNode) and bool(_scalar(entries(node), "repository"))


def _scalar(index: dict[str, Pair], *keys: str) -> str:
    for key in keys:
        node = index[key][1] if key in index else None
        if isinstance(node, ScalarNode) and node.value and not is_null(node):
            return str(node.value)
    return ""


def _as_deployment(component: Component) -> MappingNode:
    """Build the object that a template of the usual kind makes, of the values' own nodes.

    A key that is not moved keeps its pair and thereby its place in values.yaml.
    """
    values = component.values
    at = component.place[0]
    container = [_pair(at, "name", _text(at, component.name))]
    container += [values[key] for key in _CONTAINER_KEYS if key in values]
    container += [_renamed(values[key], "securityContext") for key in _security_keys(values)[:1]]
    environment = _environment(values)
    if environment is not None:
        container.append(environment)
    pod = [values[key] for key in _POD_KEYS if key in values]
    pod += [_renamed(values[key], "securityContext") for key in _pod_security_keys(values)[:1]]
    pod.append(_pair(at, "containers", _sequence(at, [_mapping(at, container)])))
    template = _mapping(at, [_pair(at, "spec", _mapping(at, pod))])
    spec = [_pair(at, "template", template)]
    if "replicaCount" in values:
        spec.append(_renamed(values["replicaCount"], "replicas"))
    top = [
        _pair(at, "apiVersion", _text(at, "apps/v1")),
        _pair(at, "kind", _text(at, "Deployment")),
        _pair(at, "metadata", _mapping(at, [_pair(at, "name", _text(at, component.name))])),
        _pair(at, "spec", _mapping(at, spec)),
    ]
    return _mapping(at, top)


def _security_keys(values: dict[str, Pair]) -> list[str]:
    return [key for key in ("containerSecurityContext", "securityContext") if key in values]


def _pod_security_keys(values: dict[str, Pair]) -> list[str]:
    """A chart that has `containerSecurityContext` means the pod by plain `securityContext`."""
    keys = ["podSecurityContext", *(["securityContext"] if "containerSecurityContext" in values else [])]
    return [key for key in keys if key in values]


def _environment(values: dict[str, Pair]) -> Pair | None:
    """The variables of a component as the list that Kubernetes has; charts also use mappings."""
    for key in ("env", "extraEnv", "extraEnvVars"):
        if key not in values:
            continue
        own, node = values[key]
        if isinstance(node, MappingNode):
            items: list[Node] = [
                _mapping(name, [_pair(name, "name", name), (_text(name, "value"), value)])
                for name, value in node.value
                if isinstance(value, ScalarNode)
            ]
            return _pair(own, "env", _sequence(own, items))
        if isinstance(node, SequenceNode):
            return _renamed(values[key], "env")
    return None


def _renamed(pair: Pair, name: str) -> Pair:
    """A pair with another key that stands where its own key stands."""
    return _text(pair[0], name), pair[1]


def _pair(at: Node, key: str, value: Node) -> Pair:
    return _text(at, key), value


def _text(at: Node, text: str) -> ScalarNode:
    tag: Any = (True, False)
    return ScalarNode(tag, text, at.start_mark, at.end_mark)


def _mapping(at: Node, pairs: list[Pair]) -> MappingNode:
    tag: Any = (True, False)
    return MappingNode(tag, [*pairs], at.start_mark, at.end_mark, False)


def _sequence(at: Node, items: list[Node]) -> SequenceNode:
    tag: Any = (True, False)
    return SequenceNode(tag, items, at.start_mark, at.end_mark, False)


def _with_unknowns(workload: Workload, component: Component, source: Source) -> Workload:
    """Turn what the values do not speak of from absent into unknown."""
    values = component.values
    unknown = Located(Unknown(_REASON), component.place, source)
    has_security, has_pod = bool(_security_keys(values)), bool(_pod_security_keys(values))
    fields = [] if has_security else list(_BY_SECURITY)
    fields += [] if has_security and has_pod else list(_BY_BOTH)
    fields += [] if "resources" in values else list(_BY_RESOURCES)
    fields += [field for key, field in _BY_KEY.items() if key not in values]
    of_pod = [] if has_pod else list(_OF_POD)
    of_pod += [field for key, field in _ALWAYS_OF_POD.items() if key not in values]
    of_pod.append("service_account")
    containers = tuple(
        replace(
            container,
            ref=container.ref._replace(kind=KIND),
            image=_image(component, source),
            **_unknown_where_absent(container, fields, unknown),
        )
        for container in workload.containers
    )
    return replace(
        workload,
        ref=workload.ref._replace(kind=KIND),
        kind=KIND,
        containers=containers,
        **_unknown_where_absent(workload, of_pod, unknown),
    )


def _unknown_where_absent(
    owner: Container | Workload, fields: list[str], unknown: Located[Unknown]
) -> dict[str, Any]:
    return {field: unknown for field in fields if getattr(owner, field) is None}


def _image(component: Component, source: Source) -> ImageReference:
    """The image of a component, put together as `registry/repository:tag@digest`.

    Without a tag and a digest the template chooses one (the chart's appVersion, mostly).
    """
    pair = component.values["image"]
    if isinstance(pair[1], ScalarNode):
        beside = {"tag": component.values["imageTag"]} if "imageTag" in component.values else {}
        text, place = str(pair[1].value), pair
        parts = {**beside, "repository": pair}
        is_whole = ":" in text.rpartition("/")[2] or "@" in text
    else:
        parts = entries(pair[1]) if isinstance(pair[1], MappingNode) else {}
        text, place = _scalar(parts, "repository"), parts["repository"]
        is_whole = False
    tag, digest = _scalar(parts, "tag"), _scalar(parts, "digest", "sha")
    if not is_whole and not tag and not digest:
        return image_reference(Located(Unknown(_REASON), place, source))
    registry = _scalar(parts, "registry")
    if registry:
        text = f"{registry}/{text}"
    if tag and not is_whole:
        text, place = f"{text}:{tag}", parts["tag"]
    if digest and not is_whole:
        text += "@" + (digest if ":" in digest else f"sha256:{digest}")
    policy = parts.get("pullPolicy")
    value: Located[str | Unknown] = Located(text, place, source)
    if policy is None or not isinstance(policy[1], ScalarNode):
        return image_reference(value)
    return image_reference(value, pull_policy=Located(policy[1].value, policy, source))
