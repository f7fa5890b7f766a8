"""The containers of a pod, each with what it inherits field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.shared.images import image_reference
from scanner.model.resources import (
    Container,
    EnvVar,
    Fact,
    ImageReference,
    Mount,
    Port,
    Probe,
    ResourceRef,
    Role,
    Volume,
)
from scanner.model.source import Located, Source, Unknown
from scanner.parsing.yaml import MappingNode, Node, entries

_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


class PodDefaults(NamedTuple):
    """What a pod gives to each of its containers that does not say otherwise."""

    run_as_non_root: Fact[bool]
    user: Fact[str]
    uid: Fact[int]
    group: Fact[str]
    gid: Fact[int]
    seccomp: Fact[str]
    apparmor: Fact[str]
    selinux_type: Fact[str]
    selinux_user: Fact[str]
    selinux_role: Fact[str]
    windows_host_process: Fact[bool]
    volumes: Mapping[str | Unknown, Volume]
    annotations: Index


def read_container(
    node: Node, index: Index, role: Role, ref: ResourceRef, pod: PodDefaults, facts: FactReader
) -> Container:
    """Return one container of a pod (core/v1 Container, SecurityContext over PodSecurityContext)."""
    source = facts.source
    name = _name(node, index, source)
    security = facts.mapping(index, "securityContext")
    selinux = facts.mapping(security, "seLinuxOptions")
    capabilities = facts.mapping(security, "capabilities")
    resources = facts.mapping(index, "resources")
    limits = facts.mapping(resources, "limits")
    requests = facts.mapping(resources, "requests")
    uid = facts.integer(security, "runAsUser")
    gid = facts.integer(security, "runAsGroup")
    return Container(
        ref._replace(container=name.value),
        name,
        role,
        _read_image(index, facts),
        user=pod.user if uid is None else facts.text(security, "runAsUser"),
        uid=uid or pod.uid,
        group=pod.group if gid is None else facts.text(security, "runAsGroup"),
        gid=gid or pod.gid,
        run_as_non_root=facts.boolean(security, "runAsNonRoot") or pod.run_as_non_root,
        privileged=facts.boolean(security, "privileged"),
        allow_privilege_escalation=facts.boolean(security, "allowPrivilegeEscalation"),
        cap_add=facts.texts(capabilities, "add", _capability),
        cap_drop=facts.texts(capabilities, "drop", _capability),
        seccomp=facts.text(facts.mapping(security, "seccompProfile"), "type") or pod.seccomp,
        apparmor=_read_apparmor(security, name.value, pod, facts),
        selinux_type=facts.text(selinux, "type") or pod.selinux_type,
        selinux_user=facts.text(selinux, "user") or pod.selinux_user,
        selinux_role=facts.text(selinux, "role") or pod.selinux_role,
        proc_mount=facts.text(security, "procMount"),
        read_only_root=facts.boolean(security, "readOnlyRootFilesystem"),
        windows_host_process=facts.boolean(facts.mapping(security, "windowsOptions"), "hostProcess")
        or pod.windows_host_process,
        memory_limit=facts.text(limits, "memory"),
        memory_request=facts.text(requests, "memory") or facts.text(limits, "memory"),
        cpu_limit=facts.text(limits, "cpu"),
        cpu_request=facts.text(requests, "cpu") or facts.text(limits, "cpu"),
        ephemeral_storage_limit=facts.text(limits, "ephemeral-storage"),
        command=facts.texts(index, "command"),
        args=facts.texts(index, "args"),
        stdin=facts.boolean(index, "stdin"),
        tty=facts.boolean(index, "tty"),
        liveness_probe=facts.presence(index, "livenessProbe"),
        readiness_probe=facts.presence(index, "readinessProbe"),
        startup_probe=facts.presence(index, "startupProbe"),
        security_context=facts.presence(index, "securityContext"),
        resources=facts.presence(index, "resources"),
        ports=_read_ports(index, facts) if "ports" in index else (),
        env=_read_env(index, facts),
        mounts=_read_mounts(index, pod, facts) if "volumeMounts" in index else (),
        probes=_read_probes(index, facts),
    )


def _name(node: Node, index: Index, source: Source) -> Located[str]:
    pair = index.get("name")
    if pair is not None and isinstance(pair[1].value, str):
        return Located(pair[1].value, pair, source)
    return Located("(unnamed)", index.get("image", node), source)


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _read_image(index: Index, facts: FactReader) -> ImageReference | None:
    text = facts.text(index, "image")
    if text is None:
        return None
    return image_reference(text, pull_policy=facts.text(index, "imagePullPolicy"))


def _read_apparmor(security: Index, name: str, pod: PodDefaults, facts: FactReader) -> Fact[str]:
    own = facts.text(facts.mapping(security, "appArmorProfile"), "type")
    if own is not None:
        return own
    if pod.annotations:
        pair = pod.annotations.get(_APPARMOR_ANNOTATION + name)
        if pair is not None and isinstance(pair[1].value, str):
            return Located(_annotated_apparmor(pair[1].value), pair, facts.source)
    return pod.apparmor


def _annotated_apparmor(value: str) -> str:
    if value in ("runtime/default", ""):
        return "RuntimeDefault"
    if value.startswith("localhost/"):
        return "Localhost"
    return "Unconfined" if value == "unconfined" else value


def _read_ports(index: Index, facts: FactReader) -> tuple[Port, ...]:
    ports = []
    for node, port in facts.objects(index, "ports"):
        number = facts.integer(port, "containerPort")
        published = facts.integer(port, "hostPort")
        text: Located[str | Unknown] = Located(
            "" if number is None else str(number.value),
            node if number is None else number.place,
            facts.source,
        )
        # hostPort 0 is the same as none (API: "if this is not needed, 0").
        is_published = published is not None and published.value != 0
        ports.append(
            Port(
                text,
                number,
                published if is_published else None,
                is_published,
                facts.text(port, "hostIP"),
                facts.text(port, "protocol"),
                facts.text(port, "name"),
            )
        )
    return tuple(ports)


def _read_env(index: Index, facts: FactReader) -> tuple[EnvVar, ...]:
    variables = []
    if "env" in index:
        for _, variable in facts.objects(index, "env"):
            name = facts.text(variable, "name")
            if name is None or isinstance(name.value, Unknown):
                continue
            known = Located(name.value, name.place, name.source)
            if "value" in variable:
                value = facts.text(variable, "value")
                if value is not None:  # the place is the value alone: it may have to be masked
                    value = value._replace(place=variable["value"][1])
                variables.append(EnvVar(known, value))
            else:
                variables.append(EnvVar(known, None, _origin(facts.mapping(variable, "valueFrom"))))
    return tuple(variables)


_ORIGINS = {
    "secretKeyRef": "secret",
    "configMapKeyRef": "config",
    "fieldRef": "field",
    "resourceFieldRef": "field",
    "fileKeyRef": "file",
}


def _origin(value_from: Index) -> str:
    for key in value_from:
        if key in _ORIGINS:
            return _ORIGINS[key]
    return "literal"


def _read_mounts(index: Index, pod: PodDefaults, facts: FactReader) -> tuple[Mount, ...]:
    mounts = []
    for _, mount in facts.objects(index, "volumeMounts"):
        name = facts.text(mount, "name")
        volume = pod.volumes.get(name.value) if name is not None else None
        kind = "volume"
        source: Fact[str] = name
        if volume is not None and isinstance(volume.kind.value, str):
            kind = volume.kind.value
            source = volume.host_path or name
        mounts.append(
            Mount(
                facts.text(mount, "mountPath"),
                source,
                kind,
                facts.boolean(mount, "readOnly"),
                facts.text(mount, "mountPropagation"),
                name,
            )
        )
    return tuple(mounts)


def _read_probes(index: Index, facts: FactReader) -> tuple[Probe, ...]:
    handlers: list[tuple[str, Index]] = []
    for key in _PROBES:
        if key in index:
            handlers.append((key, facts.mapping(index, key)))
    if "lifecycle" in index:
        for hook, pair in facts.mapping(index, "lifecycle").items():
            if pair[1].__class__ is MappingNode:
                handlers.append((hook, entries(pair[1])))
    if not handlers:
        return ()
    probes = []
    for kind, handler in handlers:
        for action in ("httpGet", "tcpSocket"):
            if action in handler:
                target = facts.mapping(handler, action)
                host = facts.text(target, "host")
                probes.append(Probe(kind, host, facts.text(target, "port")))
    return tuple(probes)
