"""Pod templates to workloads, with what the pod sets inherited by its containers."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from scanner.formats.kubernetes.containers import PodDefaults, read_container
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.model.resources import Container, Fact, Format, ResourceRef, Role, Volume, Workload
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import MappingNode, ScalarNode, SequenceNode, entries, is_null


class PodTemplate(NamedTuple):
    """A pod specification found in an object, and the metadata that stands beside it."""

    spec: Index
    metadata: Index


def read_workload(
    template: PodTemplate,
    ref: ResourceRef,
    name: Located[str],
    facts: FactReader,
    *,
    replicas: Fact[int] = None,
    hook: str | None = None,
) -> Workload:
    """Return the workload that a pod template makes, its containers in the order that
    the kubelet starts them: init, then main, then ephemeral ones."""
    spec = template.spec
    annotations = _texts(facts.mapping(template.metadata, "annotations"))
    security = facts.mapping(spec, "securityContext")
    selinux = facts.mapping(security, "seLinuxOptions")
    windows = facts.mapping(security, "windowsOptions")
    volumes = _read_volumes(spec, facts)
    defaults = PodDefaults(
        run_as_non_root=facts.boolean(security, "runAsNonRoot"),
        user=facts.text(security, "runAsUser"),
        uid=facts.integer(security, "runAsUser"),
        group=facts.text(security, "runAsGroup"),
        gid=facts.integer(security, "runAsGroup"),
        seccomp=facts.text(facts.mapping(security, "seccompProfile"), "type"),
        apparmor=facts.text(facts.mapping(security, "appArmorProfile"), "type"),
        selinux_type=facts.text(selinux, "type"),
        selinux_user=facts.text(selinux, "user"),
        selinux_role=facts.text(selinux, "role"),
        windows_host_process=facts.boolean(windows, "hostProcess"),
        volumes={volume.name.value: volume for volume in volumes if volume.name is not None},
        annotations=facts.mapping(template.metadata, "annotations") if annotations else {},
    )
    containers = _read_containers(spec, ref, defaults, facts)
    return Workload(
        ref,
        name,
        ref.kind,
        Format.KUBERNETES,
        containers,
        volumes,
        labels=_texts(facts.mapping(template.metadata, "labels")),
        annotations=annotations,
        operating_system=facts.text(facts.mapping(spec, "os"), "name"),
        host_network=facts.boolean(spec, "hostNetwork"),
        host_pid=facts.boolean(spec, "hostPID"),
        host_ipc=facts.boolean(spec, "hostIPC"),
        host_users=facts.boolean(spec, "hostUsers"),
        run_as_non_root=defaults.run_as_non_root,
        uid=defaults.uid,
        seccomp=defaults.seccomp,
        apparmor=defaults.apparmor,
        selinux_type=defaults.selinux_type,
        selinux_user=defaults.selinux_user,
        selinux_role=defaults.selinux_role,
        windows_host_process=defaults.windows_host_process,
        sysctls=_read_sysctls(security, facts),
        service_account=facts.text(spec, "serviceAccountName") or facts.text(spec, "serviceAccount"),
        automount_token=facts.boolean(spec, "automountServiceAccountToken"),
        share_process_namespace=facts.boolean(spec, "shareProcessNamespace"),
        replicas=replicas,
        restart=facts.text(spec, "restartPolicy"),
        security_context=facts.presence(spec, "securityContext"),
        hook=hook,
    )


def _read_containers(
    spec: Index, ref: ResourceRef, defaults: PodDefaults, facts: FactReader
) -> tuple[Container, ...]:
    containers = []
    if "initContainers" in spec:
        for node, index in facts.objects(spec, "initContainers"):
            restart = index.get("restartPolicy")
            sidecar = restart is not None and restart[1].value == "Always"
            role = Role.SIDECAR if sidecar else Role.INIT
            containers.append(read_container(node, index, role, ref, defaults, facts))
    for node, index in facts.objects(spec, "containers"):
        containers.append(read_container(node, index, Role.MAIN, ref, defaults, facts))
    if "ephemeralContainers" in spec:
        for node, index in facts.objects(spec, "ephemeralContainers"):
            containers.append(read_container(node, index, Role.EPHEMERAL, ref, defaults, facts))
    return tuple(containers)


def _read_volumes(spec: Index, facts: FactReader) -> tuple[Volume, ...]:
    if "volumes" not in spec:
        return ()
    volumes = []
    for node, index in facts.objects(spec, "volumes"):
        name = facts.text(index, "name")
        # A volume names its type by the key that is not `name`; without one it is an
        # emptyDir (API defaulting of core/v1 Volume).
        types = [key for key, pair in index.items() if key != "name" and not is_null(pair[1])]
        kind: Located[str | Unknown]
        if types:
            kind = Located(types[0], index[types[0]], facts.source)
        else:
            kind = Located("emptyDir", index.get("name", node), facts.source)
        host_path = None
        if kind.value == "hostPath":
            host_path = facts.text(facts.mapping(index, "hostPath"), "path")
            if host_path is not None and isinstance(host_path.value, str):
                host_path = host_path._replace(value=_normalized(host_path.value))
        volumes.append(Volume(name, kind, host_path))
    return tuple(volumes)


def _normalized(path: str) -> str:
    """Return a host path without doubled or trailing slashes, `.` and `..`."""
    if not path.startswith("/"):
        return path
    return posixpath.normpath("/" + path.lstrip("/"))


def _read_sysctls(security: Index, facts: FactReader) -> Fact[tuple[str, ...]]:
    pair = security.get("sysctls")
    if pair is None or pair[1].__class__ is not SequenceNode:
        return None
    names = []
    for item in pair[1].value:
        name = entries(item).get("name") if item.__class__ is MappingNode else None
        if name is not None and name[1].__class__ is ScalarNode:
            names.append(name[1].value)
    return Located(tuple(names), pair, facts.source) if names else None


def _texts(index: Index) -> dict[str, str]:
    return {key: pair[1].value for key, pair in index.items() if pair[1].__class__ is ScalarNode}
