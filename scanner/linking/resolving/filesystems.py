"""What a container can write to, and what its image was made to write."""

from __future__ import annotations

from scanner.model.basics import Fact
from scanner.model.dockerfiles import BuildStage
from scanner.model.resolved import Step
from scanner.model.resources import Container
from scanner.model.source import Located, Unknown


def unwritable_paths(container: Container, stage: BuildStage) -> Fact[tuple[str, ...]]:
    """Return the folders that a stage declares to be written (VOLUME) and that nothing is mounted at
    or above, None for none. Stands at the first of them.

    Docker gives each of them a volume of its own, so this is of interest in Kubernetes alone.
    """
    mounted = []
    for mount in container.mounts:
        if mount.target is None or isinstance(mount.target.value, Unknown):
            return None
        mounted.append(mount.target.value.rstrip("/") or "/")
    bare = []
    for volume in stage.volumes:
        if isinstance(volume.value, Unknown):
            continue
        path = volume.value.rstrip("/") or "/"
        if path.startswith("/") and not any(_covers(target, path) for target in mounted):
            bare.append(volume._replace(value=path))
    if not bare:
        return None
    first = bare[0]
    paths = tuple(str(one.value) for one in bare)
    return Located(tuple(dict.fromkeys(paths)), first.place, first.source)


def _covers(target: str, path: str) -> bool:
    """Whether a mount takes the place of a folder, or of one in it: which is then looked after."""
    return target in ("/", path) or path.startswith(target + "/") or target.startswith(path + "/")


def read_only_steps(container: Container) -> tuple[Step, ...]:
    """Say in steps whether a container's root file system can be written."""
    fact = container.read_only_root
    if fact is None:
        return (Step("nothing makes its root file system read-only", container.name),)
    if isinstance(fact.value, Unknown):
        return (
            Step(f"it is not known whether its root file system is read-only: {fact.value.reason}", fact),
        )
    return (Step(f"its root file system is {'read-only' if fact.value else 'writable'}", fact),)


def path_steps(stage: BuildStage, paths: Fact[tuple[str, ...]]) -> tuple[Step, ...]:
    """Say in steps which folders a stage declares that nothing is mounted at."""
    if paths is None:
        return ()
    shown = ", ".join(paths.value) if isinstance(paths.value, tuple) else ""
    return (Step(f"{stage.name.source.path} declares {shown} as a VOLUME", paths),)
