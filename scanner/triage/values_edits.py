"""Values keys of charts that cure findings, put together where they stand in one mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from scanner.model.finding import Finding
from scanner.model.refuting import holds
from scanner.model.rule import Rule

_PLAIN = re.compile(r"[\w-]+(\.[\w-]+)*\Z")
_INNER = frozenset(("capabilities", "seccompProfile", "appArmorProfile", "limits", "requests"))
"""Mappings that hold a key or two of a setting; the one around them is the place of an edit."""
_RISKS = ("host_network", "host_pid", "host_ipc", "privileged", "share_process_namespace")
_IMAGES = frozenset(("image", "base_image", "copied_image", "syntax_image"))


class ValuesEdit(NamedTuple):
    """A key of a values file to set: `home` is what is edited, as a dotted path, `what` says so as a
    phrase, and `text` is the mapping to write there (as JSON), empty where any other value than
    now will do."""

    home: str
    what: str
    text: str


def values_edit(finding: Finding, rule: Rule | None) -> ValuesEdit | None:
    """Return the edit that was seen to make a finding go, None where there is none."""
    key = finding.values_key
    if key is None or key.cure is None:
        return None
    if not key.cure:
        # With another text at its place a finding is another one, and not gone.
        named = finding.item or rule is None or _IMAGES.intersection(rule.applies_to) or _has_guards(rule)
        return None if named else ValuesEdit(key.key, f"change '{key.key}'", "")
    value = json.loads(key.cure)
    if not _PLAIN.match(key.key):
        return ValuesEdit(key.key, "set", json.dumps({key.key: value}))
    parts = key.key.split(".")
    around = parts if isinstance(value, dict) else parts[:-1]
    while key.line is None and around and around[-1] in _INNER:
        around = around[:-1]
    for part in reversed(parts[len(around) :]):
        value = {part: value}
    home = ".".join(around)
    # Keys at the top of the values have nothing to do with one another.
    return ValuesEdit(home or key.key, f"in '{home}', set" if home else "set", json.dumps(value))


def _has_guards(rule: Rule) -> bool:
    """Whether a rule leaves alone what runs with some unsafe setting: findings that go may have got
    worse."""
    return any(holds(rule.when, {risk: True, f"workload.{risk}": True}) is False for risk in _RISKS)


def written(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of YAML that say all of what mappings (as JSON) say, one for each of their keys."""
    whole: dict[str, object] = {}
    for text in dict.fromkeys(texts):
        if text:
            _merge(whole, json.loads(text))
    return tuple(f"{key}: {_flow(value)}" for key, value in sorted(whole.items()))


def agrees(one: str, other: str) -> bool:
    """Whether two texts (as JSON) say nothing different of one key."""
    return not one or not other or _agree(json.loads(one), json.loads(other))


def _agree(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(value, other[key]) for key, value in one.items() if key in other)
    return one == other


def _merge(whole: dict[str, object], more: dict[str, object]) -> None:
    for key, value in more.items():
        known = whole.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value)
        else:
            whole[key] = value


def _flow(value: object) -> str:
    """Return a value in the flow style of YAML, with keys and words plain where they may be."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value)
