"""Which user a container runs as: what its manifest says, else its image."""

from __future__ import annotations

from typing import Any, NamedTuple

from scanner.linking.resolving.users_of_images import (
    SEVERAL,
    ImageUser,
    ImageUsers,
    is_root,
    is_without_dockerfile,
    of_table,
    undecided,
)
from scanner.linking.work import Linking
from scanner.model.basics import Fact, Format
from scanner.model.resolved import Step
from scanner.model.resources import Container, Workload
from scanner.model.source import Located, Unknown


class EffectiveUser(NamedTuple):
    """The user of a container's first process; see `ResolvedContainer`."""

    user: Fact[str]
    uid: Fact[int]
    group: Fact[str]
    gid: Fact[int]
    root: Fact[bool]
    source: str


_GROUP_OF_IMAGE = Unknown("the image's list of users decides the group")


def user_of_image(work: Linking, users: ImageUsers, container: Container) -> ImageUser:
    """Return the user of a container's image: of the stage that builds it, else of the table."""
    links = work.links.of("built-from", container)
    is_open = container in work.links.open_ends.get(("built-from", True), ())
    if links and not is_open:
        return users.of_links(links)
    image = container.image
    if image is not None and isinstance(image.text.value, Unknown):
        return undecided(image.text, image.text.value)
    if is_open:
        if is_without_dockerfile(work, container):
            return ImageUser()
        return undecided(container.name if image is None else image.text, _why(work, container))
    if container.build_spec is not None or image is None:
        return ImageUser()
    return of_table(image)


def _why(work: Linking, container: Container) -> Unknown:
    match = work.made.get(container)
    for one in match.candidates if match is not None else ():
        if one.outcome.missing is not None:
            return Unknown(f"{one.outcome.missing.value} does not exist")
        if one.outcome.why:
            return Unknown(one.outcome.why)
    return SEVERAL


def effective_user(container: Container, workload: Workload, image: ImageUser) -> EffectiveUser:
    """Return the user that a container runs as.

    Kubernetes takes runAsUser of the container, else of the pod, and Compose `user`; only without
    one is the image asked. runAsGroup alone changes the group of the image's user.
    """
    user, uid = container.user, container.uid
    if user is None:
        user, uid, root, source = image.user, image.uid, image.root, image.source
    else:
        source = "unknown" if isinstance(user.value, Unknown) else "manifest"
        root = _root_of(user, uid)
    group, gid = container.group, container.gid
    if group is None and gid is None and user is not None:
        group, gid = _group_of(user, root)
    required = container.run_as_non_root
    if required is not None and required.value is True and root is not None:
        root = Located(False, required.place, required.source)
    if workload.format is Format.KUBERNETES and _is_windows(workload):
        root = None
    return EffectiveUser(user, uid, group, gid, root, source)


def _root_of(user: Located[str | Unknown], uid: Fact[int]) -> Located[bool | Unknown]:
    if isinstance(user.value, Unknown):
        return user  # type: ignore[return-value]
    number = None if uid is None or isinstance(uid.value, Unknown) else uid.value
    return Located(is_root(user.value, number), user.place, user.source)


def _group_of(user: Located[str | Unknown], root: Fact[bool]) -> tuple[Fact[str], Fact[int]]:
    """The group of a user that comes without one: root's is 0, that of others the image tells."""
    place, source = user.place, user.source
    if isinstance(user.value, Unknown):
        return user, user  # type: ignore[return-value]
    group = user.value.partition(":")[2]
    if group:
        number = 0 if group == "root" else int(group) if group.isascii() and group.isdigit() else None
        return Located(group, place, source), None if number is None else Located(number, place, source)
    if root is not None and root.value is True:
        return Located("0", place, source), Located(0, place, source)
    unknown: Any = Located(_GROUP_OF_IMAGE, place, source)
    return unknown, unknown


def _is_windows(workload: Workload) -> bool:
    return workload.operating_system is not None and workload.operating_system.value == "windows"


def user_steps(container: Container, workload: Workload, image: tuple[Step, ...]) -> tuple[Step, ...]:
    """Say in steps how a container came to its user; `image` are those to that of its image."""
    user = container.user
    is_pod = workload.format is Format.KUBERNETES
    if user is not None:
        word = "runAsUser" if is_pod else "user"
        path = user.source.path
        if isinstance(user.value, Unknown):
            steps: tuple[Step, ...] = (Step(f"{word} in {path} is not known: {user.value.reason}", user),)
        else:
            steps = (Step(f"{word} {user.value} in {path} decides", user),)
    else:
        steps = image
    required = container.run_as_non_root
    if required is not None and required.value is True:
        steps = (*steps, Step("runAsNonRoot keeps it from starting as root", required))
    return steps
