"""What can be set once for several containers, and which rules are content with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.model.refuting import holds
from scanner.model.resources import Container, Format
from scanner.model.rule import All, Any, Condition, FieldTest, Not, Rule


class Setting(NamedTuple):
    """Lines that give containers a safe value where they have none.

    `field` is the field of a container that they are about; `gives` are the values that it and
    others get, and those of `needs` must be absent before.
    """

    field: str
    lines: tuple[str, ...]
    gives: Mapping[str, object]
    needs: tuple[str, ...]


_UID = 10001
_USER: Mapping[str, object] = {
    "uid": _UID,
    "user": str(_UID),
    "resolved.uid": _UID,
    "resolved.root": False,
    "resolved.user_source": "manifest",
}
_USER_AND_GROUP = {**_USER, "user": f"{_UID}:{_UID}", "gid": _UID, "group": str(_UID), "resolved.gid": _UID}

_COMPOSE = (
    Setting("cap_drop", ("cap_drop: [ALL]",), {"cap_drop": ("ALL",)}, ("cap_drop",)),
    Setting("read_only_root", ("read_only: true",), {"read_only_root": True}, ("read_only_root",)),
    Setting(
        "allow_privilege_escalation",
        ('security_opt: ["no-new-privileges:true"]',),
        {"allow_privilege_escalation": False},
        ("security_context",),
    ),
    Setting("uid", (f'user: "{_UID}:{_UID}"',), _USER_AND_GROUP, ("user",)),
    Setting(
        "memory_limit", ("mem_limit: 512m",), {"memory_limit": "512m"}, ("memory_limit", "memory_request")
    ),
    Setting("cpu_limit", ("cpus: 1.0",), {"cpu_limit": "1.0"}, ("cpu_limit", "cpu_request")),
    Setting("pids_limit", ("pids_limit: 200",), {"pids_limit": 200}, ("pids_limit",)),
)
"""What a mapping that services merge or extend can say for them."""

_POD = (
    Setting(
        "uid",
        ("runAsNonRoot: true", f"runAsUser: {_UID}"),
        {**_USER, "run_as_non_root": True},
        ("uid", "run_as_non_root"),
    ),
    Setting("run_as_non_root", ("runAsNonRoot: true",), {"run_as_non_root": True}, ("run_as_non_root",)),
    Setting("gid", (f"runAsGroup: {_UID}",), {"gid": _UID, "resolved.gid": _UID}, ("gid",)),
    Setting(
        "seccomp", ("seccompProfile: {type: RuntimeDefault}",), {"seccomp": "RuntimeDefault"}, ("seccomp",)
    ),
)
"""What the securityContext of a pod can say for its containers."""

SETTINGS = {Format.COMPOSE: _COMPOSE, Format.KUBERNETES: _POD}
"""By format, in the order in which they are preferred."""


def possible_settings(container: Container, form: Format) -> frozenset[str]:
    """Return the fields of the settings that a container would take over: nothing is in their way."""
    return frozenset(
        setting.field
        for setting in SETTINGS.get(form, ())
        if all(getattr(container, need) is None for need in setting.needs)
    )


def setting_for(rule: Rule, form: Format) -> Setting | None:
    """Return the setting with which a rule on containers surely does not fire, None where there is none.

    Those for what the rule points at come before those for what else it tests.
    """
    if "container" not in rule.applies_to:
        return None
    asked = dict.fromkeys((*rule.at, *_fields(rule.when)))
    settings = {setting.field: setting for setting in SETTINGS.get(form, ())}
    for field in asked:
        setting = settings.get(field.removeprefix("resolved."))
        if setting is not None and holds(rule.when, setting.gives) is False:
            return setting
    return None


def _fields(condition: Condition) -> list[str]:
    match condition:
        case All(parts) | Any(parts):
            return [field for part in parts for field in _fields(part)]
        case Not(inner):
            return _fields(inner)
        case FieldTest(path):
            return ["uid" if path in ("user", "resolved.root", "resolved.user") else path]
        case _:
            return []
