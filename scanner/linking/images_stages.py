"""Which stage of which Dockerfile a build has as its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from scanner.linking.work import Linking
from scanner.model.basics import Fact
from scanner.model.graph import GraphUnit
from scanner.model.resources import (
    Build,
    BuildStage,
    Dockerfile,
    EnvVar,
    Format,
    ImageBuild,
    ImageReference,
    UnitResources,
)
from scanner.model.source import Located, Unknown


class Outcome(NamedTuple):
    """What a build leads to: a stage; or what it asks for and is not there (`missing`); or neither,
    and then `why` says what the files do not tell."""

    stage: BuildStage | None = None
    missing: Located[str] | None = None
    why: str = ""


NO_DOCKERFILE = Outcome(why="it is built without a Dockerfile")
"""The outcome of a build by a tool that makes images of its own."""

BUILT_HERE = "built.hullcheck.invalid/"
"""Names, which no registry can have, of what another build of the repository gives as a context."""

_MAX_DEPTH = 16
_MAX_READS = 500
"""A Dockerfile is read anew for so many builds that differ, and for no more."""
_MAX_STAGES = 20_000
"""Nor for more, once all that was read anew has so many stages."""


class StageFinder:
    """Finds the result of builds. The Dockerfile that is read for a build is that of the graph
    wherever both say the same of the image; what else is read is kept among the variants."""

    def __init__(self, work: Linking) -> None:
        self._work = work
        self._own: dict[str, Dockerfile] = {
            entry.path: entry.resource for entry in work.index.of("dockerfiles")
        }
        self._read: dict[object, Dockerfile | None] = {}
        self._outcomes: dict[Any, Outcome] = {}
        self._contexts: dict[str, BuildStage] = {}
        self._siblings: dict[tuple[Any, str], Build | ImageBuild] = {}
        self._depth = 0
        self._stages_read = 0
        self.dockerfiles: list[Dockerfile] = list(self._own.values())

    def add_sibling(self, unit: GraphUnit, name: str, build: Build | ImageBuild) -> None:
        """Let other builds of a unit name this one as a context (`service:web`, `target:base`)."""
        self._siblings[unit.number, name] = build

    def result_of(self, build: Build | ImageBuild, unit: GraphUnit) -> Outcome:
        """Return what a build leads to."""
        known = self._outcomes.get(build)
        if known is None:
            self._outcomes[build] = Outcome(why="its contexts go round in a circle")
            self._depth += 1
            known = self._result_of(build, unit)
            self._depth -= 1
            self._outcomes[build] = known
        return known

    def given_as(self, image: ImageReference) -> BuildStage | None:
        """Return the stage that a build is given as a context under an image's name."""
        text = image.text.value
        return self._contexts.get(text) if isinstance(text, str) else None

    def _result_of(self, build: Build | ImageBuild, unit: GraphUnit) -> Outcome:
        if self._depth > _MAX_DEPTH:
            return Outcome(why="its contexts are nested too deeply")
        if not build.is_local:
            return Outcome(why="it is built from a context that is not in the repository")
        contexts = self._named_contexts(build, unit)
        if isinstance(contexts, Unknown):
            return Outcome(why=contexts.reason)
        found = self._dockerfile(build, contexts)
        if isinstance(found, Outcome):
            return found
        return _stage_of(found, build)

    def _dockerfile(
        self, build: Build | ImageBuild, contexts: Mapping[str, str]
    ) -> tuple[Dockerfile, str] | Outcome:
        """The Dockerfile of a build as it reads it, and what people call it."""
        args = {arg.name.value: _given(arg) for arg in build.args}
        if build.inline is not None:
            if isinstance(build.inline.value, Unknown):
                return Outcome(why=build.inline.value.reason)
            inline = build.inline._replace(value=build.inline.value)
            name = f"the Dockerfile in {inline.source.path}"
            read = self._work.read_build(inline.source.path, args, contexts, inline)  # type: ignore[arg-type]
            return Outcome(why=f"{name} cannot be read") if read is None else (self._kept(read), name)
        if build.dockerfile is None:
            return NO_DOCKERFILE
        path = build.dockerfile.value
        if isinstance(path, Unknown):
            return Outcome(why=path.reason)
        if path.startswith(("..", "/", "~")):
            return Outcome(why=f"{path} is outside of the scanned folder")
        own = self._own.get(path)
        if own is not None and not args and not contexts:
            return own, path
        key = (path, tuple(args.items()), tuple(contexts.items()))
        if key not in self._read:
            if len(self._read) == _MAX_READS or self._stages_read >= _MAX_STAGES:
                return Outcome(why="too many builds give arguments to Dockerfiles")
            read = self._work.read_build(path, args, contexts)
            if read is not None:
                self._stages_read += len(read.stages)
                read = own if own is not None and _agree(own, read) else self._kept(read)
            self._read[key] = read
        dockerfile = self._read[key]
        if dockerfile is None:
            return Outcome(missing=_called(build.dockerfile, f"the Dockerfile '{path}'"))
        if not dockerfile.stages:
            return Outcome(why=f"{path} cannot be read")
        return dockerfile, path

    def _kept(self, dockerfile: Dockerfile) -> Dockerfile:
        if dockerfile.stages:
            number = -1 - len(self._work.variants)
            resources = UnitResources(Format.DOCKERFILE, dockerfiles=(dockerfile,))
            unit = GraphUnit(resources, number, "dockerfile", dockerfile.name.source.path)
            self._work.variants.append(unit)
            self.dockerfiles.append(dockerfile)
        return dockerfile

    def _named_contexts(self, build: Build | ImageBuild, unit: GraphUnit) -> dict[str, str] | Unknown:
        """The named contexts of a build; for those that other builds give, a name to know them by."""
        if build.contexts is None:
            return {}
        if isinstance(build.contexts.value, Unknown):
            return build.contexts.value
        found: dict[str, str] = {}
        for pair in build.contexts.value:
            name, _, source = pair.partition("=")
            kind, _, rest = source.partition(":")
            sibling = self._siblings.get((unit.number, rest)) if kind in ("service", "target") else None
            stage = None if sibling is None else self.result_of(sibling, unit).stage
            if stage is not None:
                text = f"{BUILT_HERE}{len(self._contexts)}"
                self._contexts[text] = stage
                source = f"docker-image://{text}"
            found[name] = source
        return found


def _given(arg: EnvVar) -> str | None:
    return arg.value.value if arg.value is not None and isinstance(arg.value.value, str) else None


def _called(fact: Located[Any], text: str) -> Located[str]:
    return Located(text, fact.place, fact.source, fact.overridden)


def _stage_of(found: tuple[Dockerfile, str], build: Build | ImageBuild) -> Outcome:
    dockerfile, name = found
    target: Fact[str] = build.target
    if target is None or target.value == "":
        last = dockerfile.stages[-1]
        return Outcome(last) if last.final else Outcome(why=f"{name} has no FROM")
    if isinstance(target.value, Unknown):
        return Outcome(why=target.value.reason)
    wanted = target.value.lower()
    for stage in reversed(dockerfile.stages):
        if stage.name.value == wanted:
            return Outcome(stage)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 and int(wanted) < len(dockerfile.stages):
        return Outcome(dockerfile.stages[int(wanted)])
    return Outcome(missing=_called(target, f"the stage '{target.value}' of {name}"))


def _agree(one: Dockerfile, other: Dockerfile) -> bool:
    """Whether two readings of a Dockerfile say the same of every image that it can give."""
    return len(one.stages) == len(other.stages) and all(
        _told(mine) == _told(theirs) for mine, theirs in zip(one.stages, other.stages, strict=True)
    )


def _told(stage: BuildStage) -> tuple[object, ...]:
    return (
        stage.user and stage.user.value,
        stage.base and stage.base.text.value,
        stage.origin and stage.origin.text.value,
        tuple(port.text.value for port in stage.ports),
        tuple(volume.value for volume in stage.volumes),
        stage.healthcheck and stage.healthcheck.value,
    )
