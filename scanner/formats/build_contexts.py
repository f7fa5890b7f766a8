"""From which folder each Dockerfile is built, as the files of Compose, Skaffold and Bake say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.formats.base import Reading
from scanner.guarding import bug_of
from scanner.model.resources import Build, ImageBuild, UnitResources


class BuildContexts:
    """Takes in what readings say, and knows the context of a Dockerfile that has one alone."""

    def __init__(self) -> None:
        self._folders: dict[str, set[str]] = {}

    def noting(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Pass readings on, with a look at what they say is built."""
        for reading in readings:
            yield self.noted(reading)

    def noted(self, reading: Reading) -> Reading:
        """Return a reading after a look at what it says is built."""
        try:
            if reading.resources is not None:
                self._note_all(reading.resources)
        except Exception as error:
            path = reading.coverage[0].path if reading.coverage else None
            return replace(reading, bugs=(*reading.bugs, bug_of("reading", path, error)))
        return reading

    def _note_all(self, resources: UnitResources) -> None:
        for workload in resources.workloads:
            for container in workload.containers:
                if container.build_spec is not None:
                    self._note(container.build_spec)
        for build in resources.builds:
            self._note(build)

    def of(self, dockerfile: str) -> str | None:
        """Return the folder that a Dockerfile is built from, None where nothing says so, or several
        builds say something else."""
        folders = self._folders.get(dockerfile, ())
        return next(iter(folders)) if len(folders) == 1 else None

    def _note(self, build: Build | ImageBuild) -> None:
        if build.is_local and build.dockerfile is not None and build.context is not None:
            path, folder = build.dockerfile.value, build.context.value
            if isinstance(path, str) and isinstance(folder, str) and not folder.startswith(("..", "/", "~")):
                self._folders.setdefault(path, set()).add(folder)
