"""Rules with a hostile text in the place of any key and any value."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import yaml

SHAPES: tuple[str, ...] = (
    """
    applies_to: container
    formats: [compose, kubernetes]
    params: {numbers: {default: [22, 23], description: Ports.}}
    when:
      all:
        - {field: privileged, equals: true}
        - {field: image.tag, matches: '^v'}
        - {field: image.text, starts_with: [a, b]}
        - {field: role, in: [main, init]}
        - {field: uid, at_least: 5}
        - {field: cap_add, contains_any: [ALL]}
        - {field: cap_add, any_of: {field: value, is: secret-name}}
        - {field: ports, any_of: {field: number, in: {param: numbers}}}
        - not: {field: workload.name, ends_with: [x]}
    at: [privileged, name]
    message: "container '{name}' of {workload.name} shows {ports.number}"
    """,
    """
    applies_to: mount
    formats: [compose]
    params: {paths: {default: [/etc], description: Paths.}, exactly: {default: true, description: So.}}
    when: {predicate: path-under, with: {paths: {param: paths}, exactly: {param: exactly}}}
    at: source
    message: "mount '{source}' of {container.name}"
    """,
    """
    applies_to: mount
    formats: [compose]
    when: {predicate: path-under, with: {paths: [/etc], exactly: false}}
    at: source
    message: "mount '{source}' of {container.name}"
    """,
    """
    applies_to: document
    kinds: [Service, Ingress]
    formats: [kubernetes]
    when:
      any:
        - {field: 'spec.rules[].host', equals: a.b}
        - {field: 'metadata.annotations[x.y/z]', exists: true}
        - {field: spec.count, greater_than: 3}
        - {field: 'spec.list', contains: a}
        - {predicate: lacks-keys, with: {path: metadata.labels, keys: [app]}}
    at: ['spec.rules[].host', name]
    message: "{kind} '{name}' says {spec.type}"
    """,
    """
    applies_to: workload
    formats: [kubernetes]
    params: {least: {default: 2, description: Many.}}
    when:
      all:
        - {related: services, any_of: {field: name, matches: x}}
        - {related: secrets, at_least: {param: least}}
        - {related: bindings, none_of: {related: roles, any_of: {field: name, equals: admin}}}
        - {field: resolved.exposure, equals: internet}
        - {field: containers, none_of: {field: privileged, equals: true}}
    at: [name]
    message: "'{name}' beside {services.name}"
    """,
    """
    applies_to: [container, workload]
    formats: [kubernetes, helm]
    when: {field: uid, equals: 0}
    cases:
      - {name: own, applies_to: [container], when: {field: privileged, equals: true}, at: privileged}
      - {name: both, when: {field: seccomp, is_not: known-token}, message: "'{name}' of both"}
    message: "'{name}' is bad"
    sensitive: false
    flow: true
    """,
)
"""Conditions of every sort, and what goes with them."""

FRAME = """
id: own-rule
title: A title
severity: low
confidence: high
tier: extra
description: Why.
remediation: {any: Do this., compose: Do that.}
references: [https://example.com]
tags: [mine]
aliases: [old-name]
examples: [{name: none, format: kubernetes, expect: [1], source: "a: b", params: {a: b}, path: x.yaml}]
"""

TEXTS: tuple[str, ...] = (
    "x=print(1) or False, paths",
    "exactly=__import__('os').system('true'), paths",
    "**{}",
    "*paths",
    "__import__('os').system('true')",
    "__class__",
    "name.__class__.__mro__",
    "{name.__class__.__init__.__globals__}",
    "{0.__class__} {name!r:>10} {}",
    "container.__class__",
    "lambda: 1",
    "value)) or exit(",
    "'''+exit()+'''",
    '"]; import os; ["',
    "\\",
    "a\nb",
    "a\n    import os",
    "None",
    "True",
    "0",
    "-1",
    "self",
    "unit",
    "hit",
    "resolved.get",
    "%s${x}$(x)`x`",
    "ｐａｔｈｓ",  # an identifier to Python, which normalises it to "paths"
    "a.b[c].d[",
    "",
    "{",
    "{name",
    "name}",
    "(a+)+$",
    "#",
)
"""Texts that would mean something if they came into code, formats or paths."""


def whole(shape: str) -> dict[str, Any]:
    """Return a rule that is right."""
    rule: dict[str, Any] = yaml.safe_load(FRAME)
    rule.update(yaml.safe_load(shape))
    rule["examples"][0]["format"] = rule["formats"][0]
    return rule


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """Yield the path of each key and each value in a rule, and whether the key is meant."""
    if path:
        yield path, False
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(value, dict):
            yield (*path, key), True
        yield from places(inner, (*path, key))


def replaced(rule: dict[str, Any], path: tuple[Any, ...], new: Any, *, is_key: bool) -> dict[str, Any]:
    """Return a rule with something else as one of its keys or values."""
    made = copy.deepcopy(rule)
    held: Any = made
    try:
        for step in path[:-1]:
            held = held[step]
        if is_key:
            held[new] = held.pop(path[-1])
        else:
            held[path[-1]] = new
    except (AttributeError, KeyError, IndexError, TypeError):
        return made  # an earlier change has taken the place away
    return made
