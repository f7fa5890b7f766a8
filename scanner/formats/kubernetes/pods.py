"""Pod templates to workloads, with what the pod sets inherited by its containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from scanner.formats.kubernetes.containers import (
    PodDefaults,
    read_container,
    resource_fields,
    security_fields,
)
from scanner.formats.kubernetes.controllers import Controller
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.volumes import read_volumes
from scanner.model.resources import Container, Fact, Format, Reference, ResourceRef, Role, Volume, Workload
from scanner.model.source import Located
from scanner.parsing.yaml import Pair


class PodTemplate(NamedTuple):
    """A pod specification found in an object, and the metadata that stands beside it."""

    spec: Index
    metadata: Index


def read_workload(
    template: PodTemplate,
    ref: ResourceRef,
    name: Located[str],
    facts: FactReader,
    controller: Controller,
    *,
    hook: str | None = None,
) -> Workload:
    """Return the workload that a pod template makes, its containers in the order that
    the kubelet starts them: init, then main, then ephemeral ones."""
    spec = template.spec
    annotations = facts.mapping(template.metadata, "annotations")
    labels = facts.mapping(template.metadata, "labels")
    volumes: tuple[Volume, ...] = ()
    references: tuple[Reference, ...] = ()
    if "volumes" in spec or "imagePullSecrets" in spec:
        volumes, references = read_volumes(spec, facts)
    security = facts.mapping(spec, "securityContext")
    inherited: dict[str, Any] = {}
    if security:
        security_fields(security, facts, inherited)
    if "hostUsers" in spec:
        inherited["host_users"] = facts.boolean(spec, "hostUsers")
    if "resources" in spec:
        resource_fields(inherited, spec["resources"], facts)
    defaults = PodDefaults(
        inherited,
        {volume.name.value: volume for volume in volumes if volume.name is not None},
        annotations,
    )
    fields: dict[str, Any] = {key: inherited[key] for key in _SHARED if key in inherited} if inherited else {}
    for key, pair in spec.items():
        reader = _FIELDS.get(key)
        if reader is not None:
            name_of_field, read = reader
            fields[name_of_field] = read(facts, pair)
    if "serviceAccount" in spec and "serviceAccountName" not in spec:
        fields["service_account"] = facts.text(spec, "serviceAccount")
    if "os" in spec:
        fields["operating_system"] = facts.text(facts.mapping(spec, "os"), "name")
    if "sysctls" in security:
        fields["sysctls"] = _read_sysctls(security, facts)
    if "fsGroup" in security:
        fields["fs_group"] = facts.integer(security, "fsGroup")
    containers = _read_containers(spec, ref, defaults, facts)
    if len(containers) > 1:
        fields["homes"] = (_home(spec, facts),)
    return Workload(
        ref,
        name,
        ref.kind,
        Format.KUBERNETES,
        containers,
        volumes,
        labels=facts.labels(labels),
        annotations=facts.labels(annotations),
        replicas=controller.replicas,
        hook=hook,
        references=references,
        selector=controller.selector,
        service_name=controller.service_name,
        **fields,
    )


_SHARED = (
    "run_as_non_root",
    "uid",
    "seccomp",
    "apparmor",
    "selinux_type",
    "selinux_user",
    "selinux_role",
    "windows_host_process",
)
"""Security fields of a pod that are judged for the pod itself as well."""

_FIELDS: dict[str, tuple[str, Callable[[FactReader, Pair], object]]] = {
    "automountServiceAccountToken": ("automount_token", FactReader.as_boolean),
    "hostIPC": ("host_ipc", FactReader.as_boolean),
    "hostNetwork": ("host_network", FactReader.as_boolean),
    "hostPID": ("host_pid", FactReader.as_boolean),
    "hostUsers": ("host_users", FactReader.as_boolean),
    "restartPolicy": ("restart", FactReader.as_text),
    "securityContext": ("security_context", FactReader.as_presence),
    "serviceAccountName": ("service_account", FactReader.as_text),
    "shareProcessNamespace": ("share_process_namespace", FactReader.as_boolean),
}


def _read_containers(
    spec: Index, ref: ResourceRef, defaults: PodDefaults, facts: FactReader
) -> tuple[Container, ...]:
    containers = []
    if "initContainers" in spec:
        for node, index in facts.objects(spec, "initContainers"):
            restart = facts.text(index, "restartPolicy") if "restartPolicy" in index else None
            sidecar = restart is not None and restart.value == "Always"
            role = Role.SIDECAR if sidecar else Role.INIT
            containers.append(read_container(node, index, role, ref, defaults, facts))
    for node, index in facts.objects(spec, "containers"):
        containers.append(read_container(node, index, Role.MAIN, ref, defaults, facts))
    if "ephemeralContainers" in spec:
        for node, index in facts.objects(spec, "ephemeralContainers"):
            containers.append(read_container(node, index, Role.EPHEMERAL, ref, defaults, facts))
    return tuple(containers)


def _home(spec: Index, facts: FactReader) -> Located[str]:
    """Where a pod says what all of its containers are to have."""
    security = facts.presence(spec, "securityContext")
    if security is not None:
        return security
    return Located("spec", next(spec[key] for key in _LISTS if key in spec), facts.source)


_LISTS = ("containers", "initContainers", "ephemeralContainers")


def _read_sysctls(security: Index, facts: FactReader) -> Fact[tuple[str, ...]]:
    written = [facts.text(item, "name") for _, item in facts.objects(security, "sysctls")]
    names = [name.value for name in written if name is not None and isinstance(name.value, str)]
    return Located(tuple(names), security["sysctls"], facts.source) if names else None
