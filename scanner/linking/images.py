"""Links from containers to the stages that build their images, and from stages to those they are based on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.linking.images_built import BuiltImages, How, Match
from scanner.linking.images_choosing import MOST
from scanner.linking.images_folders import FolderNames
from scanner.linking.images_names import Production, split_name
from scanner.linking.images_stages import Outcome, StageFinder
from scanner.linking.index import Entry
from scanner.linking.work import Linking
from scanner.model.graph import GraphUnit, Link
from scanner.model.resolved import ResolvedBuild
from scanner.model.resources import Build, BuildStage, Container, Dockerfile, Fact, ImageBuild, ImageReference
from scanner.model.source import Located, Unknown


def link_images(work: Linking) -> None:
    """Link each container to what builds its image (`built-from`, `built-by`), each build to its
    result (`makes`), and each stage to the one that it is based on, of its own Dockerfile or of
    another (`based-on`). What a build asks for and is not there is decided here, too.

    Where the files leave several candidates, all of them are linked, none surely; where there
    may be others, the relation is left open.
    """
    compose = [entry for entry in work.index.of("workloads") if entry.unit.tool == "compose"]
    tools = work.index.of("builds")
    dockerfiles = work.index.of("dockerfiles")
    if not dockerfiles and not tools and not any(_builds(entry) for entry in compose):
        return
    linker = _Linker(work, compose, tools)
    linker.link_builds()
    for entry in work.index.of("workloads"):
        for container in entry.resource.containers:
            linker.link_container(container, entry)
    linker.link_bases()


def _builds(entry: Entry) -> Iterator[tuple[Container, Build]]:
    for container in entry.resource.containers:
        if container.build_spec is not None:
            yield container, container.build_spec


class _Linker:
    def __init__(self, work: Linking, compose: list[Entry], tools: list[Entry]) -> None:
        self._work = work
        self._tools = tools
        self._compose = compose
        self._stages = StageFinder(work)
        for entry in compose:
            for container, build in _builds(entry):
                self._stages.add_sibling(entry.unit, container.name.value, build)
        for entry in tools:
            self._stages.add_sibling(entry.unit, entry.resource.name.value, entry.resource)
        self._units: dict[str, GraphUnit] = {entry.path: entry.unit for entry in work.index.of("dockerfiles")}
        self._images: BuiltImages | None = None
        self._certain: dict[object, Match | None] = {}

    def link_builds(self) -> None:
        """Link what is said to be built to its result."""
        productions = [*self._produced()]
        folders = FolderNames([entry.resource for entry in self._work.index.of("dockerfiles")])
        self._images = BuiltImages(productions, folders)

    def _produced(self) -> Iterator[Production]:
        for entry in self._compose:
            for container, build in _builds(entry):
                outcome = self._stages.result_of(build, entry.unit)
                self._note_missing(build, outcome)
                self._link_to(container, outcome, build.place)
                image = container.image
                written = None if image is None else _known(image.text)
                if written is not None:
                    yield Production(split_name(written.value), written, outcome, entry.unit)
        for entry in self._tools:
            build = entry.resource
            outcome = self._stages.result_of(build, entry.unit)
            self._note_missing(build, outcome)
            if outcome.stage is not None:
                end = outcome.stage.name
                self._work.links.add(Link(build, "makes", outcome.stage, build.dockerfile or build.name, end))
            for image in build.images:
                written = _known(image)
                if written is not None:
                    name = split_name(written.value)
                    conditional = build.variant is not None
                    yield Production(name, written, outcome, entry.unit, build, conditional)

    def _note_missing(self, build: Build | ImageBuild, outcome: Outcome) -> None:
        missing: Fact[str] = outcome.missing
        if missing is None and outcome.stage is None:
            missing = Located(Unknown(outcome.why), *_place_of(build))
        self._work.resolved[build] = ResolvedBuild(missing)

    def _link_to(self, container: Container, outcome: Outcome, place: Located[Any]) -> None:
        if outcome.stage is not None:
            stage = outcome.stage
            self._work.links.add(Link(container, "built-from", stage, place, stage.name))
            match = Match(How.BUILD, stage=stage)
        else:
            self._work.links.leave_open("built-from", container)
            match = Match(How.BUILD, (Production(_NO_NAME, place, outcome, None),))
        self._work.made[container] = match

    def link_container(self, container: Container, entry: Entry) -> None:
        """Link a container that has no build of its own by the name of its image."""
        image = container.image
        if image is None or container.build_spec is not None:
            return
        if isinstance(image.text.value, Unknown):
            self._work.links.leave_open("built-from", container)
            return
        match = self._find(image, entry.unit, image.text.source.path)
        if match is None:
            return
        self._work.made[container] = match
        for one in match.candidates:
            if one.build is not None and len(match.candidates) == 1:
                self._work.links.add(
                    Link(container, "built-by", one.build, image.text, one.written, True, *match[3:])
                )
        self._link(container, "built-from", match, image.text)

    def link_bases(self) -> None:
        """Link the stages of the files, and of their variants, to the stages that FROM means."""
        for dockerfile in self._stages.dockerfiles:
            earlier: dict[str, BuildStage] = {}
            for stage in dockerfile.stages:
                base = stage.base
                if base is not None and base.stage:
                    parent = earlier.get(str(base.text.value).lower())
                    if parent is not None:
                        self._work.links.add(Link(stage, "based-on", parent, base.text, parent.name))
                elif base is not None and not base.scratch:
                    self._link_base(stage, base, dockerfile)
                earlier[stage.name.value] = stage

    def _link_base(self, stage: BuildStage, base: ImageReference, dockerfile: Dockerfile) -> None:
        given = self._stages.given_as(base)
        if given is not None:
            self._work.links.add(Link(stage, "based-on", given, base.text, given.name))
            return
        if isinstance(base.text.value, Unknown):
            self._work.links.leave_open("based-on", stage)
            return
        path = dockerfile.name.source.path
        unit = self._units.get(path)
        match = self._find(base, unit, path)
        if match is None:
            return
        found = (*(one.outcome.stage for one in match.candidates), match.stage)
        own = {one.name.location for one in dockerfile.stages}
        # Its own Dockerfile, however it is read, gives what the image had under that name before.
        if not any(one is not None and one.name.location in own for one in found):
            self._work.made[stage] = match
            self._link(stage, "based-on", match, base.text)

    def _link(self, source: Any, verb: str, match: Match, place: Located[Any]) -> None:
        stages = [match.stage, *(one.outcome.stage for one in match.candidates)]
        found = [*{id(stage): stage for stage in stages if stage is not None}.values()]
        is_open = any(one.outcome.stage is None for one in match.candidates) or len(found) > MOST
        if is_open:
            self._work.links.leave_open(verb, source)
        for stage in found if len(found) <= MOST else ():
            sure = len(found) == 1 and not is_open
            self._work.links.add(
                Link(source, verb, stage, place, stage.name, sure, match.confidence, match.note)
            )

    def _find(self, image: ImageReference, unit: GraphUnit | None, path: str) -> Match | None:
        assert self._images is not None
        if not self._images:
            return None
        key = (image.text.value, image.original and image.original.value)
        if key in self._certain:
            return self._certain[key]
        match, is_same_everywhere = self._images.find(image, unit, path)
        if is_same_everywhere:
            self._certain[key] = match
        return match


_NO_NAME = split_name("")


def _known(fact: Located[Any]) -> Located[str] | None:
    return fact if isinstance(fact.value, str) and fact.value else None


def _place_of(build: Build | ImageBuild) -> tuple[object, Any]:
    at: Located[Any] = build.place if isinstance(build, Build) else build.name
    return at.place, at.source
