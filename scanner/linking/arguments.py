"""Which ARG of a Dockerfile takes each argument of a Compose build, and which arguments none takes.

An ARG before the first FROM is not there for a stage, unless the stage declares it again.
"""

from __future__ import annotations

from scanner.linking.work import Linking
from scanner.model.graph import Link
from scanner.model.resources import BuildStage, Container, Dockerfile


def link_arguments(work: Linking) -> None:
    """Link arguments to the ARGs that take them (`fills`), or to the Dockerfile that knows none of that
    name (`unknown-to`). Where the Dockerfile is not known there is neither."""
    files: dict[BuildStage, Dockerfile] | None = None
    for entry in work.index.of("workloads"):
        for container in entry.resource.containers:
            if container.build_spec is None or not container.build_spec.args:
                continue
            if files is None:
                files = _files(work)
            _link(work, container, files)


def _files(work: Linking) -> dict[BuildStage, Dockerfile]:
    known = [entry.resource for entry in work.index.of("dockerfiles")]
    known += [dockerfile for unit in work.variants for dockerfile in unit.resources.dockerfiles]
    return {stage: dockerfile for dockerfile in known for stage in dockerfile.stages}


def _link(work: Linking, container: Container, files: dict[BuildStage, Dockerfile]) -> None:
    assert container.build_spec is not None
    built = [link for link in work.links.of("built-from", container) if link.sure and link.target in files]
    for link in built[:1]:
        dockerfile = files[link.target]
        for argument in container.build_spec.args:
            name = argument.name.value
            taken = [arg for stage in dockerfile.stages for arg in stage.args if arg.name.value == name]
            for arg in taken:
                work.links.add(Link(argument, "fills", arg, argument.name, arg.name))
            if not taken:
                work.links.add(Link(argument, "unknown-to", dockerfile, argument.name))
