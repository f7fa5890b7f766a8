"""The containers of a pod, each with what it inherits field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from scanner.formats.kubernetes.environment import set_sources, set_variables
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.shared.credentials import with_credentials
from scanner.formats.shared.images import image_reference
from scanner.model.resources import (
    Argument,
    Container,
    Device,
    Fact,
    ImageReference,
    Mount,
    Port,
    Probe,
    ResourceRef,
    Role,
    Volume,
)
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import Node, Pair, ScalarNode, is_null

_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


class PodDefaults(NamedTuple):
    """What a pod gives to each of its containers that does not say otherwise.

    `fields` are the fields of a Container that the pod sets for all of them.
    """

    fields: Mapping[str, Any]
    volumes: Mapping[str | Unknown, Volume]
    annotations: Index


def read_container(
    node: Node, index: Index, role: Role, ref: ResourceRef, pod: PodDefaults, facts: FactReader
) -> Container:
    """Return one container of a pod (core/v1 Container, SecurityContext over PodSecurityContext).

    What is read follows the keys that are there, not the fields that there could be.
    """
    name = _name(node, index, facts)
    fields: dict[str, Any] = dict(pod.fields)
    for key, pair in index.items():
        reader = _FIELDS.get(key)
        if reader is not None:
            reader(fields, pair, facts)
    if "arguments" in fields:
        fields["arguments"] = with_credentials(fields["arguments"])
    if "image" in index:
        fields["image"] = _read_image(index, facts)
    if "volumeMounts" in index:
        fields["mounts"] = mounts = _read_mounts(index, pod, facts)
        fields["devices"] = tuple(_devices(mounts))
    if (
        "lifecycle" in index
        or "livenessProbe" in index
        or "readinessProbe" in index
        or "startupProbe" in index
    ):
        fields["probes"] = _read_probes(index, facts)
        fields["arguments"] = (*fields.get("arguments", ()), *_beside(index, facts))
    if pod.annotations and "apparmor" not in fields:
        fields["apparmor"] = _annotated_apparmor(name.value, pod, facts)
    return Container(ref._replace(container=name.value), name, role, **fields)


def security_fields(index: Index, facts: FactReader, fields: dict[str, Any]) -> None:
    """Set the fields that a securityContext, of a pod or of a container, sets."""
    for key, pair in index.items():
        reader = _SECURITY.get(key)
        if reader is not None:
            reader(fields, pair, facts)


_Reader = Callable[[dict[str, Any], Pair, FactReader], None]


def _field(name: str, read: Callable[[FactReader, Pair], object]) -> _Reader:
    """Return a reader that sets a field, unless there is nothing (null) to set."""

    def set_field(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
        fact = read(facts, pair)
        if fact is not None:
            fields[name] = fact

    return set_field


def _user(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    uid, user = facts.as_numeral(pair)
    if uid is not None:
        fields["uid"], fields["user"] = uid, user


def _group(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    gid, group = facts.as_numeral(pair)
    if gid is not None:
        fields["gid"], fields["group"] = gid, group


def _capabilities(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    for key, entry in facts.as_mapping(pair).items():
        if key in ("add", "drop"):
            names = facts.as_texts(entry)
            if names is None:
                continue
            if not isinstance(names.value, Unknown):  # which is a tuple, too
                known = tuple(map(_capability, names.value))
                if known != names.value:
                    fields[f"cap_{key}_written"] = names
                    names = names._replace(value=known)
            fields["cap_" + key] = names


def _profile(name: str) -> _Reader:
    def set_type(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
        kind = facts.text(facts.as_mapping(pair), "type")
        if kind is not None:
            fields[name] = kind

    return set_type


def _selinux(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    if is_null(pair[1]):
        return
    index = facts.as_mapping(pair)
    for key in ("type", "user", "role"):
        # A container's own seLinuxOptions replace the pod's as a whole.
        fields["selinux_" + key] = facts.text(index, key)


def _windows(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    value = facts.boolean(facts.as_mapping(pair), "hostProcess")
    if value is not None:
        fields["windows_host_process"] = value


_SECURITY: dict[str, _Reader] = {
    "allowPrivilegeEscalation": _field("allow_privilege_escalation", FactReader.as_boolean),
    "appArmorProfile": _profile("apparmor"),
    "capabilities": _capabilities,
    "privileged": _field("privileged", FactReader.as_boolean),
    "procMount": _field("proc_mount", FactReader.as_text),
    "readOnlyRootFilesystem": _field("read_only_root", FactReader.as_boolean),
    "runAsGroup": _group,
    "runAsNonRoot": _field("run_as_non_root", FactReader.as_boolean),
    "runAsUser": _user,
    "seLinuxOptions": _selinux,
    "seccompProfile": _profile("seccomp"),
    "supplementalGroups": _field("supplementary_groups", FactReader.as_texts),
    "windowsOptions": _windows,
}

_QUANTITIES = {
    "limits": {
        "cpu": "cpu_limit",
        "memory": "memory_limit",
        "ephemeral-storage": "ephemeral_storage_limit",
    },
    "requests": {"cpu": "cpu_request", "memory": "memory_request"},
}


def resource_fields(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    """Set the fields that the resources of a container, or of a whole pod, set."""
    present = facts.as_presence(pair)
    if present is None:
        return
    fields["resources"] = present
    for key, entry in facts.as_mapping(pair).items():
        for resource, field in _QUANTITIES.get(key, {}).items():
            quantity = facts.text(facts.as_mapping(entry), resource)
            if quantity is not None:
                fields[field] = quantity
    # A request that is not set defaults to the limit (API defaulting of core/v1).
    for resource in ("cpu", "memory"):
        if resource + "_request" not in fields and resource + "_limit" in fields:
            fields[resource + "_request"] = fields[resource + "_limit"]


def _security(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    present = facts.as_presence(pair)
    if present is not None:
        fields["security_context"] = present
        security_fields(facts.as_mapping(pair), facts, fields)


def _ports(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    fields["ports"] = _read_ports({"ports": pair}, facts)


def _words(name: str) -> _Reader:
    """Return a reader that sets a list of words, and each of them as an argument."""

    def set_words(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
        words = facts.as_texts(pair)
        fields[name] = words
        if words is None or isinstance(words.value, Unknown):
            return
        own = _arguments(facts.scalars({name: pair}, name), facts, "command line")
        others = fields.get("arguments", ())
        fields["arguments"] = (*own, *others) if name == "command" else (*others, *own)

    return set_words


def _arguments(nodes: Iterable[ScalarNode], facts: FactReader, use: str) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for item in nodes:
        before = None if not found else str(found[-1].text.value)
        found.append(Argument(Located(item.value, item, facts.source), before, use))
    return tuple(found)


def _beside(index: Index, facts: FactReader) -> Iterator[Argument]:
    """The words of what is run in a container beside its own command: by probes and hooks."""
    uses = [(key, index, "health check") for key in _PROBES]
    uses += [(key, facts.mapping(index, "lifecycle"), "hook") for key in ("postStart", "preStop")]
    for key, holder, use in uses:
        words = facts.scalars(facts.mapping(facts.mapping(holder, key), "exec"), "command")
        yield from with_credentials(_arguments(words, facts, use))


_FIELDS: dict[str, _Reader] = {
    "args": _words("args"),
    "command": _words("command"),
    "env": set_variables,
    "envFrom": set_sources,
    "livenessProbe": _field("liveness_probe", FactReader.as_presence),
    "ports": _ports,
    "readinessProbe": _field("readiness_probe", FactReader.as_presence),
    "resources": resource_fields,
    "securityContext": _security,
    "startupProbe": _field("startup_probe", FactReader.as_presence),
    "stdin": _field("stdin", FactReader.as_boolean),
    "tty": _field("tty", FactReader.as_boolean),
}


def _name(node: Node, index: Index, facts: FactReader) -> Located[str]:
    pair = index.get("name")
    if pair is not None and pair[1].__class__ is ScalarNode:
        return Located(pair[1].value, pair, facts.source)
    facts.text(index, "name")  # says what stands there
    return Located("(unnamed)", index.get("image", node), facts.source)


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _read_image(index: Index, facts: FactReader) -> ImageReference | None:
    text = facts.text(index, "image")
    if text is None:
        return None
    return image_reference(text, pull_policy=facts.text(index, "imagePullPolicy"))


def _annotated_apparmor(name: str, pod: PodDefaults, facts: FactReader) -> Fact[str]:
    """The profile that the annotation of before Kubernetes 1.30 sets."""
    pair = pod.annotations.get(_APPARMOR_ANNOTATION + name)
    if pair is None or pair[1].__class__ is not ScalarNode:
        return None
    value = pair[1].value
    if value in ("runtime/default", ""):
        value = "RuntimeDefault"
    elif value.startswith("localhost/"):
        value = "Localhost"
    elif value == "unconfined":
        value = "Unconfined"
    return Located(value, pair, facts.source)


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


def _devices(mounts: tuple[Mount, ...]) -> Iterator[Device]:
    """The devices of the host that mounts bring in."""
    for mount in mounts:
        source = mount.source
        if mount.kind != "hostPath" or source is None or isinstance(source.value, Unknown):
            continue
        if source.value.startswith("/dev/") and source.value != "/dev/shm":
            yield Device(source, mount.target, text=source)


def _read_probes(index: Index, facts: FactReader) -> tuple[Probe, ...]:
    handlers: list[tuple[str, Index]] = []
    for key in _PROBES:
        if key in index:
            handlers.append((key, facts.mapping(index, key)))
    if "lifecycle" in index:
        hooks = facts.mapping(index, "lifecycle")
        handlers += [(hook, facts.mapping(hooks, hook)) for hook in hooks]
    if not handlers:
        return ()
    probes = []
    for kind, handler in handlers:
        for action in ("httpGet", "tcpSocket", "grpc"):
            if action in handler:
                target = facts.mapping(handler, action)
                # A GRPCAction has no host; one that is written is dropped by the API server.
                host = facts.text(target, "host") if action != "grpc" else None
                probes.append(Probe(kind, host, facts.text(target, "port")))
    return tuple(probes)
