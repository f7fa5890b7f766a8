"""Environments: which one of a project a unit is, what they are made of, what counts in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from scanner.model.rule import Severity


class Lineage(NamedTuple):
    """Where a unit stands among the environments of its project.

    `layer` names it, unlike any other of the scan (`compose:compose.yaml+compose.prod.yaml`,
    `helm:charts/web:prod`, `kustomize:overlays/prod`); `below` are the layers that it is
    built on, the nearest first. Units that are built on one layer are environments of one project.
    """

    layer: str
    below: tuple[str, ...] = ()


class DeclaredEnvironment(NamedTuple):
    """What the configuration says that an environment is made of: projects of Compose files, each in
    the order in which they are merged; files of values for charts, the last on top; folders of
    kustomizations. Paths are relative to the scanned root, or absolute where nothing is scanned yet."""

    name: str
    compose: tuple[tuple[str, ...], ...] = ()
    values: tuple[str, ...] = ()
    kustomize: tuple[str, ...] = ()


class EnvironmentPolicy(NamedTuple):
    """What a user decided for one environment: severities by rule id, and the rules (or tags of
    rules) that do not count there."""

    severities: Mapping[str, Severity]
    ignored: Collection[str] = ()


def answers_to(environment: str, name: str) -> bool:
    """Whether an environment goes by a name: its own, or the last part of the path that it is called
    by where several projects have one of that name (`shop/overlays/prod`)."""
    return environment == name or (environment.endswith(f"/{name}") and not environment.startswith("ci/"))
