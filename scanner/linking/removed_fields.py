"""Which facts of a workload and its containers are gone with a value that an environment took out."""

from __future__ import annotations

from scanner.model.removals import RemovedValue

_COMPOSE: dict[str, tuple[str, ...]] = {
    "cap_add": ("cap_add",),
    "cap_drop": ("cap_drop",),
    "cpus": ("cpu_limit",),
    "deploy": ("memory_limit", "cpu_limit", "pids_limit"),
    "deploy.resources": ("memory_limit", "cpu_limit", "pids_limit"),
    "deploy.resources.limits": ("memory_limit", "cpu_limit", "pids_limit"),
    "deploy.resources.limits.cpus": ("cpu_limit",),
    "deploy.resources.limits.memory": ("memory_limit",),
    "deploy.resources.limits.pids": ("pids_limit",),
    "mem_limit": ("memory_limit",),
    "pids_limit": ("pids_limit",),
    "read_only": ("read_only_root",),
    "security_opt": ("allow_privilege_escalation", "apparmor", "seccomp"),
    "user": ("user", "uid"),
}

_KUBERNETES: dict[str, tuple[str, ...]] = {
    "resources.limits.cpu": ("cpu_limit",),
    "resources.limits.memory": ("memory_limit",),
    "securityContext.allowPrivilegeEscalation": ("allow_privilege_escalation",),
    "securityContext.appArmorProfile.type": ("apparmor",),
    "securityContext.capabilities.drop": ("cap_drop",),
    "securityContext.procMount": ("proc_mount",),
    "securityContext.readOnlyRootFilesystem": ("read_only_root",),
    "securityContext.runAsNonRoot": ("run_as_non_root",),
    "securityContext.runAsUser": ("uid", "user"),
    "securityContext.seccompProfile.type": ("seccomp",),
}

_POD = {"automountServiceAccountToken": ("automount_token",), "hostUsers": ("host_users",)}


def fields_of_removal(removed: RemovedValue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields of the workload, and those of its containers, that are absent without a value.

    What is gone from a pod is gone from all of its containers, which inherit it.
    """
    if removed.ref.kind in ("service", "job"):
        return (), _COMPOSE.get(removed.path, ())
    if removed.ref.container is not None:
        return (), _KUBERNETES.get(removed.path, ())
    # What stands below a `spec` that is no part of a list.
    behind = removed.path[max(removed.path.rfind("["), removed.path.rfind("]")) + 1 :]
    below = (behind if len(behind) < len(removed.path) else f".{behind}").partition(".spec.")[2]
    path = below.rpartition("spec.")[2]
    return _POD.get(path, ()), _KUBERNETES.get(path, ()) + _POD.get(path, ())
