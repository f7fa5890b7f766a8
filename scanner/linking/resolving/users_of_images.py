"""Which user an image starts with: by its Dockerfile, by those that it is based on, and by the
table of well-known images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from scanner.linking.base_images import BaseUser, default_user
from scanner.linking.images_stages import BUILT_HERE, NO_DOCKERFILE
from scanner.linking.work import Linking
from scanner.model.basics import Fact, ImageReference
from scanner.model.dockerfiles import BuildStage
from scanner.model.graph import Link
from scanner.model.resolved import Step
from scanner.model.rule import Confidence
from scanner.model.source import Located, Unknown


class ImageUser(NamedTuple):
    """The user that an image starts with. `user` is as written, `uid` its number where it has one;
    both and `root` are absent where nothing tells. `source` is image, table, guess or unknown."""

    user: Fact[str] = None
    uid: Fact[int] = None
    root: Fact[bool] = None
    source: str = "guess"
    steps: tuple[Step, ...] = ()
    confidence: Confidence = Confidence.HIGH
    note: str = ""


_LEVELS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
_ROOT_NAMES = frozenset(("root", "containeradministrator", "user manager\\containeradministrator"))


class ImageUsers:
    """Finds out the users of images and of stages; each stage is asked once."""

    def __init__(self, work: Linking) -> None:
        self._work = work
        self._stages: dict[BuildStage, ImageUser] = {}

    def of_stage(self, stage: BuildStage) -> ImageUser:
        """Return the user of a stage as an image. What is based on itself gets it from nowhere."""
        waiting, begun = [stage], set[BuildStage]()
        while waiting:
            current = waiting[-1]
            if current in self._stages:
                waiting.pop()
                continue
            links = self._work.links.of("based-on", current) if current not in begun else ()
            begun.add(current)
            first = [link.target for link in links if link.target not in begun]
            if first:
                waiting += first
            else:
                self._stages[current] = self._of_stage(current)
        return self._stages[stage]

    def of_links(self, links: list[Link]) -> ImageUser:
        """Return the user of an image that one of several stages builds."""
        return self._through_all(links, self.of_stage)

    def _through_all(self, links: list[Link], user_of: Callable[[BuildStage], ImageUser]) -> ImageUser:
        found = [_through(link, user_of(link.target)) for link in links]
        first = found[0]
        if len(found) == 1:
            return first
        at = links[0].place or links[0].target.name
        if first.root is None or len({_value(one.root) for one in found}) > 1:
            return undecided(at, SEVERAL)
        if len({_value(one.user) for one in found}) > 1:
            unknown: Any = Located(SEVERAL, at.place, at.source)
            first = first._replace(user=unknown, uid=unknown)
        return first._replace(confidence=min(first.confidence, Confidence.MEDIUM, key=_LEVELS.index))

    def _of_stage(self, stage: BuildStage) -> ImageUser:
        path = stage.name.source.path
        if stage.user is not None:
            return _written(stage.user, stage.uid, path)
        base = stage.base
        if base is None:
            return ImageUser()
        text = base.text
        if base.scratch:
            step = Step(f"{path} starts from an empty image and sets no USER, so it runs as root", text)
            return _root(text, "image", (step,))
        links = self._work.links.of("based-on", stage)
        is_open = stage in self._work.links.open_ends.get(("based-on", True), ())
        if links and not is_open:
            triggered = links[0].target.child_user if len(links) == 1 else None
            if triggered is not None:
                return _through(links[0], _triggered(triggered))
            found = self._through_all(links, lambda one: self._stages.get(one, ImageUser()))
            if base.stage:
                return found
            given = str(text.value).startswith(BUILT_HERE)
            called = "the base that the build gives it" if given else f"its base '{text.value}'"
            step = Step(f"{path} sets no USER, so {called} decides", text)
            return found._replace(steps=(step, *found.steps))
        if isinstance(text.value, Unknown):
            return undecided(text, text.value)
        if is_open and not is_without_dockerfile(self._work, stage):
            return undecided(text, _LEFT_OPEN)
        found = of_table(base)
        before = f"{path} sets no USER, and "
        return found._replace(steps=tuple(Step(before + step.text, step.fact) for step in found.steps))


SEVERAL = Unknown("several Dockerfiles may build the image")
_LEFT_OPEN = Unknown("the files do not tell how its base image is built")


def of_table(image: ImageReference) -> ImageUser:
    """Return what the table of well-known images says of an image: nothing of most."""
    known = default_user(image)
    if known is not None:
        return _listed(image.text, known)
    return ImageUser(steps=(Step(f"nothing tells which user image '{image.text.value}' has", image.text),))


def is_root(user: str, uid: int | None) -> bool:
    """Whether a user is root: by its number, or by its name where it has none. Another name is taken
    for an ordinary user, though an image's /etc/passwd could say otherwise."""
    return uid == 0 if uid is not None else user.partition(":")[0].lower() in _ROOT_NAMES


def _written(user: Located[str | Unknown], uid: Fact[int], path: str) -> ImageUser:
    if isinstance(user.value, Unknown):
        step = Step(f"the USER in {path} is not known: {user.value.reason}", user)
        return undecided(user, user.value)._replace(steps=(step,))
    number = None if uid is None or isinstance(uid.value, Unknown) else uid.value
    root = Located(is_root(user.value, number), user.place, user.source)
    step = Step(f"USER {user.value} in {path} decides", user)
    return ImageUser(user, uid, root, "image", (step,))


def _triggered(user: Located[str | Unknown]) -> ImageUser:
    """The user that an ONBUILD of its base gives to an image."""
    path = user.source.path
    name = None if isinstance(user.value, Unknown) else user.value.partition(":")[0]
    number = 0 if name == "root" else int(name) if name and name.isascii() and name.isdigit() else None
    found = _written(user, None if number is None else Located(number, user.place, user.source), path)
    step = Step(f"ONBUILD in {path} sets the user of what is based on it", user)
    return found._replace(steps=(step, *found.steps))


def _listed(text: Located[Any], known: BaseUser) -> ImageUser:
    place, source = text.place, text.source
    root = is_root(known.user, known.uid)
    word = "root" if root else f"user {known.user}"
    step = Step(f"image '{text.value}' runs as {word} unless it is told otherwise ({known.why})", text)
    return ImageUser(
        Located(known.user, place, source),
        None if known.uid is None else Located(known.uid, place, source),
        Located(root, place, source),
        "table",
        (step,),
    )


def _root(at: Located[Any], source: str, steps: tuple[Step, ...]) -> ImageUser:
    place = at.place, at.source
    return ImageUser(Located("root", *place), Located(0, *place), Located(True, *place), source, steps)


def undecided(at: Located[Any], why: Unknown) -> ImageUser:
    """Return the user of an image of which the files leave it open."""
    unknown: Located[Any] = Located(why, at.place, at.source)
    step = Step(f"the user of the image is not known: {why.reason}", at)
    return ImageUser(unknown, unknown, unknown, "unknown", (step,))


def is_without_dockerfile(work: Linking, source: Any) -> bool:
    """Whether what builds an image has no Dockerfile that could say who its user is."""
    match = work.made.get(source)
    return match is not None and all(one.outcome is NO_DOCKERFILE for one in match.candidates)


def _through(link: Link, found: ImageUser) -> ImageUser:
    lower = min(found.confidence, link.confidence, key=_LEVELS.index)
    note = found.note if link.note in found.note else found.note + link.note
    return found._replace(confidence=lower, note=note)


def _value(fact: Located[Any] | None) -> object:
    return None if fact is None else fact.value
