"""A Compose service as a workload with one container."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from scanner.formats.compose.build import build_references, read_build
from scanner.formats.compose.commands import read_arguments, read_command, read_hooks
from scanner.formats.compose.environment import EnvFiles, env_file_paths, read_environment
from scanner.formats.compose.extending import Gap
from scanner.formats.compose.fields import FactReader, describe, is_absent, part_of, with_value
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.limits import read_limits, read_restart
from scanner.formats.compose.ports import read_ports
from scanner.formats.compose.security import (
    read_capabilities,
    read_namespaces,
    read_security_options,
    read_user,
)
from scanner.formats.compose.tree import Entry, Mapping, Sequence
from scanner.formats.compose.volumes import granted_references, read_devices, read_mounts
from scanner.formats.shared.images import image_reference
from scanner.model.resources import (
    Container,
    Fact,
    Format,
    ImageReference,
    ResourceRef,
    Workload,
)
from scanner.model.source import Located, Unknown

T = TypeVar("T", Container, Workload)


class ServiceReader:
    """Reads the services of one project."""

    def __init__(self, facts: FactReader, files: EnvFiles, ledger: Ledger) -> None:
        self._facts = facts
        self._files = files
        self._ledger = ledger

    def read(self, kind: str, name: str, entry: Entry, gap: Gap | None) -> Workload | None:
        """Return the workload of a service or job, or None (a diagnostic) where it is no mapping.

        Where a part of it is not known (`gap`), what it does not say is unknown
        and not absent.
        """
        service = entry.value
        if not isinstance(service, Mapping):
            self._facts.complain(
                entry, f"expected a mapping for the {kind} '{name}', found {describe(entry)}"
            )
            return None
        ref = ResourceRef(kind, name)
        container = self._container(ref, entry, service)
        workload = self._workload(ref, entry, service, container)
        if gap is None:
            return workload
        self._facts.certain = False
        unknown: Located[Unknown] = Located(Unknown(gap.reason), gap.place, gap.source)
        return _with_unknowns(
            dataclasses.replace(workload, containers=(_with_unknowns(container, unknown),)), unknown
        )

    def _container(self, ref: ResourceRef, entry: Entry, service: Mapping) -> Container:
        facts = self._facts
        user = read_user(service, facts)
        security = read_security_options(service, facts)
        limits = read_limits(service, facts)
        logging = facts.mapping(service, "logging")
        build = read_build(service, facts)
        mounts = read_mounts(service, facts)
        return Container(
            ref._replace(container=ref.name),
            Located(ref.name, entry.place, entry.source),
            image=_read_image(service, build is not None, facts),
            user=user.user,
            uid=user.uid,
            group=user.group,
            gid=user.gid,
            privileged=facts.boolean(service, "privileged"),
            allow_privilege_escalation=security.allow_privilege_escalation,
            cap_add=read_capabilities(service, "cap_add", facts),
            cap_drop=read_capabilities(service, "cap_drop", facts),
            seccomp=security.seccomp,
            apparmor=security.apparmor,
            selinux_type=security.selinux_type,
            selinux_user=security.selinux_user,
            selinux_role=security.selinux_role,
            selinux_disabled=security.selinux_disabled,
            proc_mount=security.proc_mount,
            read_only_root=facts.boolean(service, "read_only"),
            memory_limit=limits.memory,
            memory_request=limits.memory_request,
            cpu_limit=limits.cpu,
            cpu_request=limits.cpu_request,
            pids_limit=limits.pids,
            command=read_command(service, "entrypoint", facts),
            args=read_command(service, "command", facts),
            stdin=facts.boolean(service, "stdin_open"),
            tty=facts.boolean(service, "tty"),
            healthcheck=_read_healthcheck(service, facts),
            security_context=facts.presence(service, "security_opt"),
            resources=limits.presence,
            build=facts.presence(service, "build"),
            ports=read_ports(service, facts),
            env=read_environment(service, facts, self._files, self._ledger),
            mounts=mounts,
            build_spec=build,
            fixed_name=facts.text(service, "container_name"),
            supplementary_groups=facts.texts(service, "group_add"),
            devices=read_devices(service, facts),
            ulimits=limits.ulimits,
            logging=facts.text(logging, "driver"),
            logging_options=_read_options(logging, facts),
            oom_kill_disabled=facts.boolean(service, "oom_kill_disable"),
            hooks=read_hooks(service, facts),
            security_options=security.written,
            arguments=read_arguments(service, facts),
            references=(*granted_references(mounts), *build_references(service, facts)),
        )

    def _workload(self, ref: ResourceRef, entry: Entry, service: Mapping, container: Container) -> Workload:
        facts = self._facts
        namespaces = read_namespaces(service, facts)
        deploy = facts.mapping(service, "deploy")
        restart = read_restart(service, deploy, facts)
        return Workload(
            ref,
            Located(ref.name, entry.place, entry.source),
            ref.kind,
            Format.COMPOSE,
            (container,),
            labels=_read_labels(service, "labels", facts),
            annotations=_read_labels(service, "annotations", facts),
            host_network=namespaces.network,
            host_pid=namespaces.pid,
            host_ipc=namespaces.ipc,
            host_users=namespaces.users,
            sysctls=_read_names(service, "sysctls", facts),
            replicas=facts.integer(deploy, "replicas") or facts.integer(service, "scale"),
            restart=restart.policy,
            restart_attempts=restart.attempts,
            host_uts=namespaces.uts,
            host_cgroup=namespaces.cgroup,
            cgroup_parent=facts.text(service, "cgroup_parent"),
            joins=namespaces.joins,
            networks=_read_references(service, "networks", facts),
            network_mode=facts.text(service, "network_mode"),
            profiles=facts.texts(service, "profiles"),
            depends_on=_read_references(service, "depends_on", facts),
            env_files=env_file_paths(service, facts),
            homes=service.homes,
        )


_KEPT = frozenset(
    (
        *("ref", "name", "image", "windows_host_process", "build", "build_spec", "labels", "annotations"),
        *("hook", "selector", "service_name", "fs_group"),
    )
)


def _with_unknowns(resource: T, unknown: Located[Unknown]) -> T:
    """Make unknown what a resource does not say."""
    missing: dict[str, Any] = {
        each.name: unknown
        for each in dataclasses.fields(resource)
        if each.default is None and each.name not in _KEPT and getattr(resource, each.name) is None
    }
    return dataclasses.replace(resource, **missing)


def _read_image(service: Mapping, built: bool, facts: FactReader) -> ImageReference | None:
    text = facts.text(service, "image")
    if text is None:
        return None
    return image_reference(text, built=built, pull_policy=facts.text(service, "pull_policy"))


def _read_healthcheck(service: Mapping, facts: FactReader) -> Fact[str]:
    check = facts.mapping(service, "healthcheck")
    disabled = facts.boolean(check, "disable")
    if disabled is not None and disabled.value is not False:
        if isinstance(disabled.value, Unknown):
            return Located(disabled.value, disabled.place, disabled.source, disabled.overridden)
        return part_of(check.entries["disable"], "NONE")
    entry = check.entries.get("test")
    if entry is None or is_absent(entry):
        return None if disabled is None else part_of(check.entries["disable"], "IMAGE")
    words = facts.texts(check, "test")
    if words is None:
        return None
    if isinstance(words.value, Unknown):
        return with_value(words, words.value)
    if words.value[:1] == ("NONE",) and isinstance(entry.value, Sequence):
        return part_of(entry, "NONE")
    return part_of(entry, " ".join(words.value))


def _read_options(logging: Mapping, facts: FactReader) -> Fact[tuple[str, ...]]:
    entry = logging.entries.get("options")
    if entry is None or is_absent(entry):
        return None
    options: list[str] = []
    for name, _, value in facts.pairs(logging, "options"):
        if isinstance(value, Unknown):
            return facts.undecided(entry, value.reason)
        options.append(f"{name}={'' if value is None else value}")
    return part_of(entry, tuple(options))


def _read_names(service: Mapping, key: str, facts: FactReader) -> Fact[tuple[str, ...]]:
    entry = service.entries.get(key)
    if entry is None or is_absent(entry):
        return None
    names = tuple(name for name, _, _ in facts.pairs(service, key))
    return Located(names, entry.place, entry.source, entry.overridden) if names else None


def _read_labels(service: Mapping, key: str, facts: FactReader) -> dict[str, str] | None:
    pairs = facts.pairs(service, key)
    if not pairs:
        return None
    return {name: value or "" for name, _, value in pairs if not isinstance(value, Unknown)}


def _read_references(service: Mapping, key: str, facts: FactReader) -> tuple[Located[str | Unknown], ...]:
    """The names that a list or the keys of a mapping give."""
    entry = service.entries.get(key)
    if entry is None or is_absent(entry):
        return ()
    if isinstance(entry.value, Mapping):
        return tuple(
            Located(name, inner.place, inner.source, inner.overridden)
            for name, inner in entry.value.entries.items()
        )
    texts = [facts.text_of(item, key) for item in facts.items(service, key)]
    return tuple(text for text in texts if text is not None)
