"""What is told of a resource beside its name: what the files together decide about it, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, NamedTuple, Protocol

from scanner.model.redacted import Redacted
from scanner.model.resolved import Step
from scanner.model.source import Located, Unknown

Value = Redacted | int | bool | tuple[Redacted, ...] | None


class Conceal(Protocol):
    """Takes the secrets out of texts."""

    def __call__(self, text: str) -> Redacted:
        """Return a text without secrets."""

    def name(self, name: str) -> Redacted:
        """Return what somebody called something, without secrets."""

    def path(self, path: str) -> Redacted:
        """Return the path of a file, which people must be able to find."""


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

    text: Redacted
    path: Redacted | None
    line: int | None


class DrawnFact(NamedTuple):
    """A fact of a resource. `value` is None where it cannot be decided; `unknown` then says why."""

    name: str
    value: Value
    unknown: Redacted | None
    path: Redacted | None
    line: int | None
    steps: tuple[FactStep, ...] = ()


def facts_of(kind: str, resource: Any, resolved: Any, conceal: Conceal) -> tuple[DrawnFact, ...]:
    """Return what is written and what was decided about a resource, in the order of the types."""
    return (*_written(kind, resource, conceal), *_decided(resolved, conceal))


def _written(kind: str, resource: Any, conceal: Conceal) -> Iterator[DrawnFact]:
    for name in _WRITTEN.get(kind, ()):
        fact = getattr(resource, name)
        if fact is not None:
            yield _fact(name, fact, (), conceal)


def _decided(resolved: Any, conceal: Conceal) -> Iterator[DrawnFact]:
    if resolved is None:
        return
    for field in fields(resolved):
        fact = getattr(resolved, field.name)
        if isinstance(fact, Located):
            yield _fact(field.name, fact, resolved.steps.get(field.name, ()), conceal)


def _fact(name: str, fact: Located[Any], steps: tuple[Step, ...], conceal: Conceal) -> DrawnFact:
    value: Any = fact.value
    unknown: Redacted | None = None
    if isinstance(value, Unknown):
        unknown, value = conceal(value.reason), None
    elif isinstance(value, str):
        value = conceal(value)
    elif isinstance(value, tuple):
        value = tuple(conceal(str(one)) for one in value)
    return DrawnFact(
        name, value, unknown, *place_of(fact, conceal), tuple(_step(step, conceal) for step in steps)
    )


def _step(step: Step, conceal: Conceal) -> FactStep:
    return FactStep(conceal(step.text), *place_of(step.fact, conceal))


def place_of(fact: Located[Any] | None, conceal: Conceal) -> tuple[Redacted | None, int | None]:
    """Return the path and the line of a fact, two None for no fact."""
    if fact is None:
        return None, None
    path, span = fact.location
    return conceal.path(path), span.line
