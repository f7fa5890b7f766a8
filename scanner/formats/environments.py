"""The environments that projects are deployed in: which of them a scan is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scanner.model.environments import DeclaredEnvironment, answers_to
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.resources import UnitResources


@dataclass(frozen=True, slots=True)
class Environments:
    """Which environments are read.

    `asked` are the names of those that the scan is about, all when there are none; `declared`
    those of the configuration. With `bases`, what an environment is built on is read too where
    it is not one itself. `met` collects the names that projects have.
    """

    asked: tuple[str, ...] = ()
    declared: tuple[DeclaredEnvironment, ...] = ()
    bases: bool = False
    met: set[str] = field(default_factory=set)

    def chosen(self, names: Iterable[str]) -> frozenset[str]:
        """Return which of a project's environments to judge: all, else those that are asked for, and
        for each that the project does not have its default, when it has one."""
        known = frozenset(names)
        self.met.update(known)
        if not self.asked:
            return known
        found: set[str] = set()
        for name in self.asked:
            answering = {one for one in known if answers_to(one, name)}
            found |= answering or {DEFAULT_ENVIRONMENT} & known
        return frozenset(found)


def left_out(environment: str) -> str:
    """Say of a file why it was not judged."""
    return f"belongs to the environment '{environment}', which was not asked for"


def in_environment(unit: UnitResources, name: str) -> UnitResources:
    """Return a unit as that of an environment, which its workloads then know too."""
    if name == unit.environment and all(one.environment == name for one in unit.workloads):
        return unit
    workloads = tuple(replace(workload, environment=name) for workload in unit.workloads)
    return replace(unit, environment=name, workloads=workloads)
