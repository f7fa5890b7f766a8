"""What to set in Kubernetes to give a field a safe value, for trials with a chart's values."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from scanner.formats.helm.plain import Plain
from scanner.model.refuting import holds
from scanner.model.rule import All, Any, Condition, FieldTest, Not, Predicate, Quantified, Related, Rule


class Setting(NamedTuple):
    """A path below a container or a pod, and a value that no rule on the field minds."""

    path: tuple[str, ...]
    value: Plain


def _security(name: str, value: Plain) -> Setting:
    return Setting(("securityContext", *name.split(".")), value)


_SEALED: list[Plain] = ["ALL"]
_SETTINGS: dict[str, Setting] = {
    "privileged": _security("privileged", False),
    "allow_privilege_escalation": _security("allowPrivilegeEscalation", False),
    "read_only_root": _security("readOnlyRootFilesystem", True),
    "run_as_non_root": _security("runAsNonRoot", True),
    "uid": _security("runAsUser", 10001),
    "gid": _security("runAsGroup", 10001),
    "cap_drop": _security("capabilities.drop", _SEALED),
    "cap_add": _security("capabilities.add", []),
    "seccomp": _security("seccompProfile.type", "RuntimeDefault"),
    "apparmor": _security("appArmorProfile.type", "RuntimeDefault"),
    "proc_mount": _security("procMount", "Default"),
    "windows_host_process": _security("windowsOptions.hostProcess", False),
    "sysctls": _security("sysctls", []),
    "supplementary_groups": _security("supplementalGroups", []),
    "host_network": Setting(("hostNetwork",), False),
    "host_pid": Setting(("hostPID",), False),
    "host_ipc": Setting(("hostIPC",), False),
    "host_users": Setting(("hostUsers",), False),
    "share_process_namespace": Setting(("shareProcessNamespace",), False),
    "automount_token": Setting(("automountServiceAccountToken",), False),
    "namespace": Setting(("namespace",), "hullcheck"),
    "pull_policy": Setting(("imagePullPolicy",), "Always"),
    "service_account": Setting(("serviceAccountName",), "hullcheck"),
    "memory_limit": Setting(("resources", "limits", "memory"), "512Mi"),
    "memory_request": Setting(("resources", "requests", "memory"), "64Mi"),
    "cpu_limit": Setting(("resources", "limits", "cpu"), "500m"),
    "cpu_request": Setting(("resources", "requests", "cpu"), "50m"),
    "ephemeral_storage_limit": Setting(("resources", "limits", "ephemeral-storage"), "1Gi"),
    "replicas": Setting(("replicas",), 3),
    "stdin": Setting(("stdin",), False),
    "tty": Setting(("tty",), False),
}
_ONLY_GUARDS = frozenset(("host_users",))
"""Fields that rules mention to leave something alone rather than to ask for it."""
_PROBE: Plain = {"httpGet": {"path": "/", "port": 8080}}
_PROBES = {
    "liveness_probe": "livenessProbe",
    "readiness_probe": "readinessProbe",
    "startup_probe": "startupProbe",
}
CONTAINER_ONLY = frozenset(
    ("privileged", "allow_privilege_escalation", "read_only_root", "cap_drop", "cap_add", "proc_mount")
)
"""Fields that a pod cannot set for its containers."""


_NO_HARDENING = frozenset(("namespace", "service_account", "replicas", "stdin", "tty", *_PROBES))
"""Fields that are about how something is run rather than about what it may do."""


def is_hardening(rule: Rule) -> bool:
    """Whether a rule is about what a pod or container may do or use up, or which image it runs."""
    if follows_relations(rule):
        return False
    return "image" in rule.applies_to or bool(wanted_settings(rule).keys() - _NO_HARDENING)


def follows_relations(rule: Rule) -> bool:
    """Whether a rule asks for other objects: what it minds may be mended in these."""
    return _has_relation(rule.when)


def _has_relation(condition: Condition) -> bool:
    match condition:
        case All(inner) | Any(inner):
            return any(map(_has_relation, inner))
        case Not(inner) | Quantified(_, _, inner):
            return _has_relation(inner)
        case _:
            return isinstance(condition, Related)


def wanted_settings(rule: Rule) -> dict[str, Setting]:
    """Return the settings for the fields that a rule speaks of, those it points at first."""
    names = dict.fromkeys(path.rpartition(".")[2] for path in rule.at)
    tested = dict.fromkeys(tested_fields(rule))
    found: dict[str, Setting] = {}
    for name in (*names, *(one for one in tested if one not in _ONLY_GUARDS)):
        if name in _SETTINGS and not _is_guard(rule, name):
            found[name] = _SETTINGS[name]
        elif name in _PROBES:
            found[name] = Setting((_PROBES[name],), _PROBE)
    return found


def _is_guard(rule: Rule, field: str) -> bool:
    """Whether a rule leaves alone what has an unsafe value in a field: that is no cure of its findings."""
    unsafe = {path: True for path in _fields(rule.when) if path.rpartition(".")[2] == field}
    return _SETTINGS[field].value is False and holds(rule.when, unsafe) is False


def tested_fields(rule: Rule) -> list[str]:
    """Return the names of the fields that a rule tests."""
    return [path.rpartition(".")[2] for path in _fields(rule.when)]


def _fields(condition: Condition) -> list[str]:
    match condition:
        case All(inner) | Any(inner):
            return [name for one in inner for name in _fields(one)]
        case Not(inner):
            return _fields(inner)
        case FieldTest(path):
            return [path]
        case Quantified(path, _, inner):
            return [path, *_fields(inner)]
        case Predicate() | Related():
            return []
        case _:
            assert_never(condition)
