"""What a Compose service may do: its user, capabilities, security options and namespaces."""

from __future__ import annotations

from typing import NamedTuple

from scanner.formats.compose.fields import FactReader, is_absent, part_of, whole_number, with_value
from scanner.formats.compose.shorthand import has_hole
from scanner.formats.compose.tree import Mapping, Scalar
from scanner.model.resources import Fact, NamespaceJoin
from scanner.model.source import Located, Unknown


class User(NamedTuple):
    """Who a container runs as: the parts of `user` and the numbers that they mean."""

    user: Fact[str] = None
    uid: Fact[int] = None
    group: Fact[str] = None
    gid: Fact[int] = None


def read_user(mapping: Mapping, facts: FactReader) -> User:
    """Read `user: name|uid[:group|gid]`."""
    entry = mapping.entries.get("user")
    if entry is None or is_absent(entry):
        return User()
    scalar = entry.value
    if not isinstance(scalar, Scalar):
        unknown = facts.mistyped(entry, "user", "text")
        return User(unknown, unknown, unknown, unknown)
    if scalar.text == "":
        return User()
    name, colon, group = scalar.text.partition(":")

    def text(part: str) -> Fact[str]:
        return facts.undecided(entry, scalar.unknown or "") if has_hole(part) else part_of(entry, part)

    def number(part: str) -> Fact[int]:
        if has_hole(part):
            return facts.undecided(entry, scalar.unknown or "")
        value = 0 if part == "root" else whole_number(part)
        return None if value is None else part_of(entry, value)

    # A variable in the first part may bring the group along.
    open_group = has_hole(name) and not colon
    return User(
        text(name),
        number(name),
        text(scalar.text if open_group else group) if group or open_group else None,
        number(scalar.text if open_group else group) if group or open_group else None,
    )


def read_capabilities(service: Mapping, key: str, facts: FactReader) -> Fact[tuple[str, ...]]:
    """Read capabilities as upper-case names without `CAP_`."""
    names = facts.texts(service, key)
    if names is None or isinstance(names.value, Unknown):
        return names
    return names._replace(value=tuple(name.strip().upper().removeprefix("CAP_") for name in names.value))


class SecurityOptions(NamedTuple):
    """The meaning of `security_opt`."""

    allow_privilege_escalation: Fact[bool] = None
    seccomp: Fact[str] = None
    apparmor: Fact[str] = None
    selinux_type: Fact[str] = None
    selinux_user: Fact[str] = None
    selinux_role: Fact[str] = None
    selinux_disabled: Fact[bool] = None
    proc_mount: Fact[str] = None
    written: Fact[tuple[str, ...]] = None


def read_security_options(service: Mapping, facts: FactReader) -> SecurityOptions:
    """Read `security_opt`; `name:value` and `name=value` mean the same (moby `parseSecurityOpt`)."""
    found = SecurityOptions(written=facts.texts(service, "security_opt"))
    for item in facts.items(service, "security_opt"):
        text = facts.text_of(item, "security_opt")
        if text is None:
            continue
        if isinstance(text.value, Unknown):
            found = _all_open(found, Located(text.value, text.place, text.source, text.overridden))
            continue
        found = _with_option(found, text, text.value)
    return found


def _all_open(found: SecurityOptions, unknown: Located[Unknown]) -> SecurityOptions:
    """An option that is not decided may set any of the facts that are not set yet."""
    return SecurityOptions(
        found.allow_privilege_escalation or unknown,
        found.seccomp or unknown,
        found.apparmor or unknown,
        found.selinux_type or unknown,
        found.selinux_user or unknown,
        found.selinux_role or unknown,
        found.selinux_disabled or unknown,
        found.proc_mount or unknown,
        found.written,
    )


def _with_option(found: SecurityOptions, at: Located[object], text: str) -> SecurityOptions:
    if text == "no-new-privileges":
        return found._replace(allow_privilege_escalation=with_value(at, False))
    name, mark, value = _cut(text)
    if not mark:
        # `disable` alone is an old spelling of label:disable.
        return found._replace(selinux_disabled=with_value(at, True)) if text == "disable" else found
    match name:
        case "no-new-privileges":
            lower = value.lower()
            if lower in ("true", "1", "t", "false", "0", "f"):
                return found._replace(allow_privilege_escalation=with_value(at, lower in ("false", "0", "f")))
        case "seccomp":
            return found._replace(seccomp=with_value(at, _profile(value, "builtin")))
        case "apparmor":
            return found._replace(apparmor=with_value(at, _profile(value, "docker-default")))
        case "systempaths":
            return found._replace(
                proc_mount=with_value(at, "Unmasked" if value == "unconfined" else "Default")
            )
        case "label":
            return _with_label(found, at, value)
    return found


def _with_label(found: SecurityOptions, at: Located[object], value: str) -> SecurityOptions:
    if value == "disable":
        return found._replace(selinux_disabled=with_value(at, True))
    name, _, label = _cut(value)
    match name:
        case "type":
            return found._replace(selinux_type=with_value(at, label))
        case "user":
            return found._replace(selinux_user=with_value(at, label))
        case "role":
            return found._replace(selinux_role=with_value(at, label))
        case _:
            return found


def _cut(text: str) -> tuple[str, str, str]:
    """Split at the first `=` or `:`, whichever comes first."""
    marks = [position for position in (text.find("="), text.find(":")) if position >= 0]
    if not marks:
        return text, "", ""
    first = min(marks)
    return text[:first], text[first], text[first + 1 :]


def _profile(value: str, default: str) -> str:
    if value == "unconfined":
        return "Unconfined"
    return "RuntimeDefault" if value in (default, "runtime/default") else "Localhost"


class Namespaces(NamedTuple):
    """Which namespaces a service shares with the host, and whose it joins."""

    network: Fact[bool] = None
    pid: Fact[bool] = None
    ipc: Fact[bool] = None
    users: Fact[bool] = None
    uts: Fact[bool] = None
    cgroup: Fact[bool] = None
    joins: tuple[NamespaceJoin, ...] = ()


def read_namespaces(service: Mapping, facts: FactReader) -> Namespaces:
    """Read `network_mode`, `pid`, `ipc`, `userns_mode`, `uts` and `cgroup`."""
    joins: list[NamespaceJoin] = []

    def host(key: str, name: str) -> Fact[bool]:
        mode = facts.text(service, key)
        if mode is None:
            return None
        if isinstance(mode.value, Unknown):
            return with_value(mode, mode.value)
        if mode.value.startswith(("service:", "container:")):
            joins.append(NamespaceJoin(name, with_value(mode, mode.value)))
        return with_value(mode, mode.value == "host")

    return Namespaces(
        host("network_mode", "network"),
        host("pid", "pid"),
        host("ipc", "ipc"),
        host("userns_mode", "user"),
        host("uts", "uts"),
        host("cgroup", "cgroup"),
        tuple(joins),
    )
