"""Rendering charts by Helm's own engine, at arm's length.

The parent never loads the engine: a helper process does (see `worker.py`), or a `helm`
binary. Whatever a chart does to it, the caller gets a `Failure` in bounded time, and the
next chart gets a working engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Protocol

from scanner.formats.helm.settings import HelmSettings


class Rendered(NamedTuple):
    """The text of every template that the engine ran, by the engine's name for it
    (`<chart name>/templates/web.yaml`), empty texts included."""

    files: Mapping[str, str]


class Failure(NamedTuple):
    """Why there is no rendered text.

    `kind` is `render`, `values` or `load` when Helm says so in `detail`, else `time`,
    `memory`, `output` (a limit was hit) or `engine` (it could not be started).
    """

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A chart as the engine gets it: its files by path inside the chart, and the settings."""

    files: Mapping[str, str]
    settings: HelmSettings
    binary: Mapping[str, bytes] = field(default_factory=dict)


class Variant(NamedTuple):
    """One rendering of a job.

    `files` are texts that some files have instead of the job's own. Over the chart's own
    values go the texts of `values`, then the assignments (`a.b=c`), then `over`. A name
    of the release and a namespace replace those of the settings.
    """

    files: Mapping[str, str] = {}
    values: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    over: Mapping[str, object] = {}
    release: str | None = None
    namespace: str | None = None


class Engine(Protocol):
    """Something that renders charts."""

    def render(self, job: RenderJob, variants: Sequence[Variant]) -> list[Rendered | Failure]:
        """Render once for each variant; neighbours with the same files cost least."""

    def close(self) -> None:
        """Let go of what the engine holds; a later render starts it anew."""


@cache
def engine_for(choice: str, memory_limit: int) -> Engine | None:
    """Return the engine that a choice leads to on this machine, None when there is none.

    One for the life of the process: starting the helper costs more than most charts do.
    Nothing is started before the first render.
    """
    import shutil

    if choice in ("auto", "library"):
        library = _library_folder()
        if library is not None:
            from scanner.formats.helm.helper import HelperEngine

            return HelperEngine(library, memory_limit)
    if choice in ("auto", "binary"):
        binary = shutil.which("helm")
        if binary is not None:
            from scanner.formats.helm.binary import BinaryEngine

            return BinaryEngine(binary)
    return None


def _library_folder() -> str | None:
    """Return the folder from which `helm_python` would be imported, without importing it."""
    import importlib.util
    import os

    found = importlib.util.find_spec("helm_python")
    if found is None or not found.submodule_search_locations:
        return None
    return os.path.dirname(os.path.abspath(next(iter(found.submodule_search_locations))))
