"""The frameworks pss-baseline and pss-restricted give the verdict of Kubernetes' admission.

The oracle below is pod-security-admission (policy version 1.37) once more, written from its
definition (https://kubernetes.io/docs/concepts/security/pod-security-standards/) and
straight over the object, without any of our resources and rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.engine.evaluate import Engine
from scanner.formats.kubernetes import read_objects
from scanner.parsing.yaml import parse_yaml
from scanner.pipeline import Settings, catalog_of
from scanner.policy.catalog import Selection, select_rules

Json = dict[str, Any]

_CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
    "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}  # fmt: skip
_SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
}  # fmt: skip
_SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
    "projected", "secret",
}  # fmt: skip
_PROFILES = ("RuntimeDefault", "Localhost")


def _containers(spec: Json) -> list[Json]:
    return [
        container
        for key in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(key, [])
    ]


def _contexts(spec: Json) -> list[Json]:
    """The pod's own security context, then those of its containers."""
    return [spec.get("securityContext", {}), *(c.get("securityContext", {}) for c in _containers(spec))]


def _types(spec: Json, key: str) -> list[str]:
    return [context[key]["type"] for context in _contexts(spec) if key in context]


def _baseline(pod: Json) -> Iterator[str]:
    """Yield the checks of the baseline that a pod fails."""
    spec = pod["spec"]
    contexts = _contexts(spec)
    if any(context.get("windowsOptions", {}).get("hostProcess") for context in contexts):
        yield "windowsHostProcess"
    if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        yield "hostNamespaces"
    if any(context.get("privileged") for context in contexts):
        yield "privileged"
    if any(not set(c.get("capabilities", {}).get("add", [])) <= _CAPABILITIES for c in contexts):
        yield "capabilities_baseline"
    if any("hostPath" in volume for volume in spec.get("volumes", [])):
        yield "hostPathVolumes"
    if any(port.get("hostPort") for c in _containers(spec) for port in c.get("ports", [])):
        yield "hostPorts"
    if any(_names_host(container) for container in _containers(spec)):
        yield "hostProbesAndHostLifecycle"
    annotations = pod["metadata"].get("annotations", {}).values()
    if any(kind not in _PROFILES for kind in _types(spec, "appArmorProfile")) or any(
        not (value in ("", "runtime/default") or value.startswith("localhost/")) for value in annotations
    ):
        yield "appArmorProfile"
    if any(_leaves_selinux(context.get("seLinuxOptions", {})) for context in contexts):
        yield "seLinuxOptions"
    unmasked = any(context.get("procMount", "Default") != "Default" for context in contexts)
    if unmasked and spec.get("hostUsers") is not False:
        yield "procMount"
    if any(kind not in _PROFILES for kind in _types(spec, "seccompProfile")):
        yield "seccompProfile_baseline"
    if any(entry["name"] not in _SYSCTLS for entry in contexts[0].get("sysctls", [])):
        yield "sysctls"


def _names_host(container: Json) -> bool:
    handlers = [container.get(key, {}) for key in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += container.get("lifecycle", {}).values()
    return any(
        handler[action].get("host")
        for handler in handlers
        for action in ("httpGet", "tcpSocket")
        if action in handler
    )


def _leaves_selinux(options: Json) -> bool:
    return bool(options.get("type", "") not in _SELINUX_TYPES or options.get("user") or options.get("role"))


def _restricted(pod: Json) -> Iterator[str]:
    """Yield the checks of the restricted profile, without those of the baseline."""
    spec = pod["spec"]
    own, *contexts = _contexts(spec)
    linux = spec.get("os", {}).get("name") != "windows"
    host_users = spec.get("hostUsers") is not False
    for volume in spec.get("volumes", []):
        kinds = [key for key in volume if key != "name"]
        if kinds and kinds[0] not in _VOLUMES:
            yield "restrictedVolumes"
    if host_users:
        if own.get("runAsNonRoot") is False or any(
            not context.get("runAsNonRoot", own.get("runAsNonRoot")) for context in contexts
        ):
            yield "runAsNonRoot"
        if any(context.get("runAsUser") == 0 for context in (own, *contexts)):
            yield "runAsUser"
    if any(context.get("procMount", "Default") != "Default" for context in contexts):
        yield "procMount_restricted"
    if not linux:
        return
    for context in contexts:
        capabilities = context.get("capabilities", {})
        if context.get("allowPrivilegeEscalation") is not False:
            yield "allowPrivilegeEscalation"
        if "seccompProfile" not in context and "seccompProfile" not in own:
            yield "seccompProfile_restricted"
        if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {
            "NET_BIND_SERVICE"
        }:
            yield "capabilities_restricted"


def _some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


def _list(*values: object) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), max_size=3, unique_by=json.dumps)


_PROFILE = st.sampled_from(({"type": "RuntimeDefault"}, {"type": "Localhost"}, {"type": "Unconfined"}))
_SHARED: dict[str, st.SearchStrategy[Any]] = {
    "runAsNonRoot": st.booleans(),
    "runAsUser": st.sampled_from((0, 1, 1000)),
    "seccompProfile": _PROFILE,
    "appArmorProfile": _PROFILE,
    "seLinuxOptions": _some(
        {
            "type": st.sampled_from(("", "container_t", "container_engine_t", "spc_t")),
            "user": st.sampled_from(("", "system_u")),
            "role": st.sampled_from(("", "sysadm_r")),
            "level": st.just("s0"),
        }
    ),
    "windowsOptions": _some({"hostProcess": st.booleans()}),
}
_ADDED = (
    "ALL",
    "CHOWN",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "SYS_TIME",
    "CAP_KILL",
    "chown",
)
_TARGET = _some({"host": st.sampled_from(("", "127.0.0.1")), "port": st.just(80)})
_HANDLER = st.sampled_from(("httpGet", "tcpSocket", "grpc")).flatmap(
    lambda action: st.fixed_dictionaries({action: _TARGET})
)
_CONTAINER = st.fixed_dictionaries(
    {"name": st.just("web"), "image": st.just("nginx")},
    optional={
        "securityContext": _some(
            {
                **_SHARED,
                "privileged": st.booleans(),
                "allowPrivilegeEscalation": st.booleans(),
                "procMount": st.sampled_from(("Default", "Unmasked")),
                "capabilities": _some({"add": _list(*_ADDED), "drop": _list("ALL", "all", "NET_RAW")}),
            }
        ),
        "ports": _list({"containerPort": 80}, {"containerPort": 80, "hostPort": 0}, {"hostPort": 80}),
        "livenessProbe": _HANDLER,
        "lifecycle": _some({"postStart": _HANDLER, "preStop": _HANDLER}),
    },
)
_HARDENED = {
    "name": "web",
    "image": "nginx",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
_SPEC = st.fixed_dictionaries(
    {"containers": st.lists(_CONTAINER | st.just(_HARDENED), min_size=1, max_size=2)},
    optional={
        "initContainers": st.lists(_CONTAINER, max_size=1),
        "ephemeralContainers": st.lists(_CONTAINER, max_size=1),
        "hostNetwork": st.booleans(),
        "hostPID": st.booleans(),
        "hostIPC": st.booleans(),
        "hostUsers": st.booleans(),
        "os": st.sampled_from(({"name": "linux"}, {"name": "windows"})),
        "securityContext": _some(
            {**_SHARED, "sysctls": _list({"name": "net.ipv4.tcp_rmem"}, {"name": "kernel.msgmax"})}
        )
        | st.just({"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}),
        "volumes": _list(
            {"name": "a"},
            {"name": "b", "emptyDir": {}},
            {"name": "c", "hostPath": {"path": "/data"}},
            {"nfs": {"server": "nfs"}, "name": "d"},
            {"name": "e", "image": {"reference": "nginx"}},
        ),
    },
)
_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/web"
_POD = st.fixed_dictionaries(
    {
        "apiVersion": st.just("v1"),
        "kind": st.just("Pod"),
        "metadata": st.sampled_from(
            (
                {"name": "web"},
                {"name": "web", "annotations": {_ANNOTATION: "localhost/web"}},
                {"name": "web", "annotations": {_ANNOTATION: "unconfined"}},
            )
        ),
        "spec": _SPEC,
    }
)


@cache
def _engine(framework: str) -> tuple[Engine, dict[str, tuple[str, ...]]]:
    catalog = catalog_of(Settings())
    rules = select_rules(catalog, Selection(frameworks=(framework,)))
    return Engine(rules), {rule.id: catalog.controls[rule.id][framework] for rule in rules}


def _refused(framework: str, pod: Json) -> set[str]:
    """Return the controls that a pod does not meet, by our rules."""
    engine, controls = _engine(framework)
    file = parse_yaml(json.dumps(pod), "pod.json")
    resources, _ = read_objects(file, file.source)
    found = engine.evaluate(resources)
    assert not found.broken
    return {control for finding in found.findings for control in controls[finding.rule]}


def _annotation_counts(pod: Json) -> bool:
    """Admission's validation refuses a pod whose annotation and fields disagree."""
    if "annotations" not in pod["metadata"]:
        return True
    return not _types(pod["spec"], "appArmorProfile")


@given(_POD.filter(_annotation_counts))
@settings(max_examples=200, deadline=None)
def test_baseline_is_that_of_kubernetes(pod: Json) -> None:
    assert _refused("pss-baseline", pod) == set(_baseline(pod))


_REPLACED = {
    "hostPathVolumes": "restrictedVolumes",
    "capabilities_baseline": "capabilities_restricted",
    "seccompProfile_baseline": "seccompProfile_restricted",
    "procMount": "procMount_restricted",
}
"""The baseline checks that restricted ones stand in for. Those of the latter that pass over
Windows pods make no difference: validation refuses Linux' fields on such pods before."""


@given(_POD.filter(_annotation_counts))
@settings(max_examples=200, deadline=None)
def test_restricted_is_that_of_kubernetes(pod: Json) -> None:
    expected = {_REPLACED.get(check, check) for check in (*_baseline(pod), *_restricted(pod))}
    assert _refused("pss-restricted", pod) == expected
