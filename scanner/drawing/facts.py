"""What is told of a resource beside its name: what the files together decide about it, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, NamedTuple

from scanner.model.resolved import Step
from scanner.model.source import Located, Unknown

Value = str | int | bool | tuple[str, ...] | None
Hide = Callable[..., str]
"""Returns a text (first) that speaks of some files (the others) with secrets masked."""

_WRITTEN = {
    "workload": ("replicas", "host_network", "host_pid", "network_mode"),
    "service": ("type", "external_name"),
    "ingress": ("class_name",),
    "network": ("driver", "external", "internal"),
    "stored_value": ("file", "environment", "external"),
}
"""The fields of each kind that are shown as they are written, none of which holds a secret."""


class FactStep(NamedTuple):
    """One step of how a fact came about, and its place (None where no file speaks)."""

    text: str
    path: str | None
    line: int | None


class DrawnFact(NamedTuple):
    """A fact of a resource. `value` is None where it cannot be decided; `unknown` then says why."""

    name: str
    value: Value
    unknown: str | None
    path: str | None
    line: int | None
    steps: tuple[FactStep, ...] = ()


def facts_of(kind: str, resource: Any, resolved: Any, hide: Hide) -> tuple[DrawnFact, ...]:
    """Return what is written and what was decided about a resource, in the order of the types."""
    return (*_written(kind, resource, hide), *_decided(resolved, hide))


def _written(kind: str, resource: Any, hide: Hide) -> Iterator[DrawnFact]:
    for name in _WRITTEN.get(kind, ()):
        fact = getattr(resource, name)
        if fact is not None:
            yield _fact(name, fact, (), hide)


def _decided(resolved: Any, hide: Hide) -> Iterator[DrawnFact]:
    if resolved is None:
        return
    for field in fields(resolved):
        fact = getattr(resolved, field.name)
        if isinstance(fact, Located):
            yield _fact(field.name, fact, resolved.steps.get(field.name, ()), hide)


def _fact(name: str, fact: Located[Any], steps: tuple[Step, ...], hide: Hide) -> DrawnFact:
    value: Any = fact.value
    own = fact.source.path
    unknown: str | None = None
    if isinstance(value, Unknown):
        unknown, value = hide(value.reason, own), None
    elif isinstance(value, str):
        value = hide(value, own)
    elif isinstance(value, tuple):
        value = tuple(hide(str(one), own) for one in value)
    return DrawnFact(name, value, unknown, *place_of(fact), tuple(_step(step, hide) for step in steps))


def _step(step: Step, hide: Hide) -> FactStep:
    paths = () if step.fact is None else (step.fact.source.path,)
    return FactStep(hide(step.text, *paths), *place_of(step.fact))


def place_of(fact: Located[Any] | None) -> tuple[str | None, int | None]:
    """Return the path and the line of a fact, two None for no fact."""
    if fact is None:
        return None, None
    path, span = fact.location
    return path, span.line
