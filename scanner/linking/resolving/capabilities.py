"""Which capabilities a container begins with, by what its runtime gives, adds and drops."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from scanner.model.basics import Fact, Format
from scanner.model.resolved import Step
from scanner.model.resources import Container
from scanner.model.source import Located, Unknown

# The default of Docker and of containerd (moby, oci/caps/defaults.go); CRI-O gives fewer.
DEFAULT = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
"""What a container has that asks for nothing."""

EVERY = ("ALL",)
"""What a privileged container has."""

# capability.h of Linux 6.12.
_OTHERS = (
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "DAC_READ_SEARCH",
    "IPC_LOCK",
    "IPC_OWNER",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "NET_BROADCAST",
    "PERFMON",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
)
_ALL = frozenset(DEFAULT + _OTHERS)


def effective_capabilities(container: Container, form: Format) -> Fact[tuple[str, ...]]:
    """Return the capabilities that a container begins with: `ALL` alone for every one."""
    privileged, add, drop = container.privileged, container.cap_add, container.cap_drop
    if privileged is not None and privileged.value is not False:
        if isinstance(privileged.value, Unknown):
            return privileged  # type: ignore[return-value]
        return Located(EVERY, privileged.place, privileged.source)
    if add is None and drop is None:
        return Located(DEFAULT, container.name.place, container.name.source)
    for fact in (add, drop):
        if fact is not None and isinstance(fact.value, Unknown):
            return fact
    at: Located[Any] = add if add is not None else drop  # type: ignore[assignment]
    added: Any = () if add is None else add.value
    dropped: Any = () if drop is None else drop.value
    return Located(_changed(added, dropped, form), at.place, at.source)


@lru_cache(maxsize=512)
def _changed(added: tuple[str, ...], dropped: tuple[str, ...], form: Format) -> tuple[str, ...]:
    """Docker adds behind what it drops (moby, TweakCapabilities), Kubernetes drops behind what it adds
    (containerd, CRI); ALL comes before the others in both."""
    if "ALL" in added and not set(dropped) - {"ALL"}:
        return EVERY
    if "ALL" in added:
        start = set(_ALL)
    else:
        start = set() if "ALL" in dropped else set(DEFAULT)
    more, less = set(added) - {"ALL"}, set(dropped) - {"ALL"}
    kept = (start | more) - less if form is Format.KUBERNETES or "ALL" in added else (start - less) | more
    return tuple(sorted(kept))


def capability_steps(container: Container) -> tuple[Step, ...]:
    """Say in steps how a container came to its capabilities."""
    privileged = container.privileged
    if privileged is not None and privileged.value is True:
        return (Step("privileged gives every capability", privileged),)
    steps = [Step("the runtime gives its usual capabilities", container.name)]
    for word, fact in (("drops", container.cap_drop), ("adds", container.cap_add)):
        if fact is not None:
            value = fact.value
            shown = value.reason if isinstance(value, Unknown) else ", ".join(value) or "none"
            steps.append(Step(f"the container {word} {shown}", fact))
    return tuple(steps)
