"""What is decided about containers and stages, put together from several deciders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from scanner.linking.images_built import How, Match
from scanner.linking.resolving.capabilities import capability_steps, effective_capabilities
from scanner.linking.resolving.exposed_ports import exposed_ports, port_steps
from scanner.linking.resolving.filesystems import path_steps, read_only_steps, unwritable_paths
from scanner.linking.resolving.healthchecks import unchecked_container, unchecked_stages
from scanner.linking.resolving.steps import LaterSteps
from scanner.linking.resolving.users import effective_user, user_of_image, user_steps
from scanner.linking.resolving.users_of_images import ImageUser, ImageUsers
from scanner.linking.work import Linking, not_known
from scanner.model.basics import Fact, Format
from scanner.model.dockerfiles import BuildStage
from scanner.model.graph import Link
from scanner.model.resolved import ResolvedContainer, ResolvedStage, Step
from scanner.model.resources import Container, Workload
from scanner.model.source import Located, Unknown


def resolve_containers(work: Linking) -> None:
    """Decide the facts of every container, and of every stage."""
    users = ImageUsers(work)
    for entry in work.index.of("workloads"):
        workload = entry.resource
        for container in workload.containers:
            try:
                work.resolved[container] = _resolved(work, users, container, workload)
            except Exception as error:
                work.note(entry.path, error)
                work.resolved[container] = _unresolved(container)
    unchecked = unchecked_stages(work)
    variants = (one for unit in work.variants for one in unit.resources.dockerfiles)
    for dockerfile in (*(entry.resource for entry in work.index.of("dockerfiles")), *variants):
        for stage in dockerfile.stages:
            try:
                found = users.of_stage(stage)
            except Exception as error:
                work.note(dockerfile.name.source.path, error)
                unknown = not_known(stage.name)
                work.resolved[stage] = ResolvedStage(unknown, unknown, unknown, "unknown", unknown)
                continue
            user, uid, root, source, _, confidence, note = found
            work.resolved[stage] = ResolvedStage(
                user, uid, root, source, unchecked.get(stage), confidence, note, LaterSteps(_of_stage, found)
            )


def _unresolved(container: Container) -> ResolvedContainer:
    """What is said of a container that a bug keeps from being resolved: nothing is known."""
    unknown = not_known(container.name)
    names = [one.name for one in fields(ResolvedContainer) if one.default is None]
    facts: dict[str, Any] = dict.fromkeys(names, unknown)
    return ResolvedContainer(**facts, user_source="unknown")


def _of_stage(found: ImageUser) -> Mapping[str, tuple[Step, ...]]:
    return dict.fromkeys(("user", "uid", "root"), found.steps)


def _resolved(
    work: Linking, users: ImageUsers, container: Container, workload: Workload
) -> ResolvedContainer:
    image = user_of_image(work, users, container)
    user, uid, group, gid, root, source = effective_user(container, workload, image)
    match = work.made.get(container)
    links = work.links.of("built-from", container) if match is not None else ()
    stage = links[0].target if len(links) == 1 else None
    is_pod = workload.format is Format.KUBERNETES
    ports = exposed_ports(work, stage) if stage is not None else None
    paths = unwritable_paths(container, stage) if stage is not None and is_pod else None
    return ResolvedContainer(
        user,
        uid,
        group,
        gid,
        root,
        source,
        image.user,
        image.uid,
        image.root,
        container.read_only_root,
        effective_capabilities(container, workload.format),
        match is not None,
        None if match is None or not is_pod else _other_name(container, match),
        None if is_pod else unchecked_container(container, stage),
        paths,
        ports,
        image.confidence,
        image.note,
        LaterSteps(_of_container, container, workload, image, links, paths, ports),
    )


def _of_container(
    container: Container,
    workload: Workload,
    image: ImageUser,
    links: Sequence[Link],
    paths: Fact[tuple[str, ...]],
    ports: Fact[tuple[str, ...]],
) -> Mapping[str, tuple[Step, ...]]:
    stage = links[0].target if len(links) == 1 else None
    built = tuple(Step(f"the image is built from {_called(link.target)}", link.place) for link in links)
    from_image = (*built, *image.steps)
    steps = user_steps(container, workload, from_image)
    return {
        **dict.fromkeys(("user", "uid", "group", "gid", "root"), steps),
        **dict.fromkeys(("image_user", "image_uid", "image_root"), from_image),
        "capabilities": capability_steps(container),
        "read_only_root": read_only_steps(container),
        "exposes": (*built, *port_steps(stage, ports)),
        "written_paths": () if stage is None else (*built, *path_steps(stage, paths)),
    }


def _called(stage: BuildStage) -> str:
    path = stage.name.source.path
    return path if stage.final else f"stage '{stage.name.value}' of {path}"


def _other_name(container: Container, match: Match) -> Fact[str]:
    """The name under which the image is built, where the container asks for one that differs in a
    part which both of them tell."""
    image = container.image
    if image is None or not match.candidates:
        return None
    first = match.candidates[0]
    tags = {one.name.tag for one in match.candidates}
    tag = None if image.tag is None else image.tag.value
    is_elsewhere = match.how is How.REGISTRY and first.name.registry != "docker.io"
    is_other = (
        match.how is How.NAME
        and image.digest is None
        and not isinstance(tag, Unknown)
        and None not in tags
        and tag not in tags
    )
    if not is_elsewhere and not is_other:
        return None
    return Located(first.written.value, first.written.place, first.written.source)
