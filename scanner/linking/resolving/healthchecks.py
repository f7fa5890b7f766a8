"""Which containers and images have no health check where the engine would ask for one."""

from __future__ import annotations

from typing import Any

from scanner.linking.work import Linking
from scanner.model.basics import Fact, Format
from scanner.model.dockerfiles import BuildStage
from scanner.model.resources import Container
from scanner.model.source import Located, Unknown


def unchecked_container(container: Container, stage: BuildStage | None) -> Fact[bool]:
    """Return whether a container that Docker runs has no health check: none of its own, and none of
    the stage that builds its image. One that is turned off is none; that of an image from elsewhere
    is taken for one where the container says that it is not turned off."""
    check = container.healthcheck
    if check is not None and check.value == "IMAGE":
        if stage is None:
            return None
        check = None
    if check is None and stage is not None:
        check = stage.healthcheck
    if check is None:
        return Located(True, container.name.place, container.name.source)
    value = check.value
    turned_off = value if isinstance(value, Unknown) else value == "NONE"
    return Located(turned_off, check.place, check.source)


def unchecked_stages(work: Linking) -> dict[BuildStage, Fact[bool]]:
    """Return the final stages without a health check, but for those that only hold files, and those
    whose images run in Kubernetes alone, which uses none: at least one pod does, and no Compose service.
    What is based on an image that only a variable names has the check of that one, which is unknown."""
    formats: dict[Any, set[Format]] = {}
    for entry in work.index.of("workloads"):
        for container in entry.resource.containers:
            for link in work.links.of("built-from", container):
                formats.setdefault(link.target, set()).add(entry.resource.format)
    found: dict[BuildStage, Fact[bool]] = {}
    for entry in work.index.of("dockerfiles"):
        for stage in entry.resource.stages:
            only_pods = formats.get(stage) == {Format.KUBERNETES}
            runs = not stage.only_files or stage in formats
            if stage.final and stage.healthcheck is None and runs and not only_pods:
                based_on = None if stage.origin is None else stage.origin.text.value
                verdict = based_on if isinstance(based_on, Unknown) else True
                found[stage] = Located(verdict, stage.name.place, stage.name.source)
    return found
