"""From Bake files to a reading of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from scanner.errors import InputError, ParseError
from scanner.formats.bake.credentials import read_credentials
from scanner.formats.bake.definition import MAX_TARGETS, put_together
from scanner.formats.bake.json_syntax import parse_json_body
from scanner.formats.bake.targets import Place, read_targets
from scanner.formats.base import Files, Reading
from scanner.formats.compose.recognition import BASE_NAMES, services_of
from scanner.model.builds import ImageBuild
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Format, UnitResources
from scanner.model.source import SpanSource
from scanner.parsing.hcl import parse_hcl
from scanner.parsing.hcl_tree import Body
from scanner.parsing.yaml import parse_yaml

DEFAULT_NAMES = (
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
)
"""Files that Bake finds by itself and merges, in this order."""


def bake_units(paths: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Group Bake files: those of a folder that Bake merges, in its order, and every other one
    by itself."""
    merged: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, name = posixpath.split(path)
        if name in DEFAULT_NAMES:
            merged.setdefault(folder, []).append(path)
        else:
            yield (path,)
    for found in merged.values():
        yield tuple(sorted(found, key=lambda path: DEFAULT_NAMES.index(posixpath.basename(path))))


def read_bake(unit: tuple[str, ...], files: Files) -> Reading:
    """Read the files of one definition. One that is not well-formed is a diagnostic with its place,
    and nothing is then said of the others: half of a definition would tell of other builds."""
    bodies: list[tuple[Body, SpanSource]] = []
    diagnostics: list[Diagnostic] = []
    coverage: list[Coverage] = []
    for path in unit:
        try:
            text = files.text(path)
            parse = parse_json_body if path.endswith(".json") else parse_hcl
            bodies.append((parse(text, path), SpanSource(path)))
        except (InputError, ParseError) as error:
            message = f"{error.message}; {error.hint}" if error.hint else error.message
            diagnostics.append(Diagnostic(path, error.line, error.column, "error", message))
            where = f"line {error.line}: " if error.line is not None else ""
            coverage.append(Coverage(path, "bake", Status.FAILED, where + error.message))
        else:
            coverage.append(Coverage(path, "bake", Status.EVALUATED))
    if diagnostics:
        why = f"'{posixpath.basename(diagnostics[0].path or '')}', which it is merged with, cannot be read"
        coverage = [
            line if line.status is Status.FAILED else Coverage(line.path, "bake", Status.PARTIAL, why)
            for line in coverage
        ]
        return Reading(None, tuple(coverage), tuple(diagnostics))
    return _reading(unit, bodies, coverage, files)


def _reading(
    unit: tuple[str, ...], bodies: list[tuple[Body, SpanSource]], coverage: list[Coverage], files: Files
) -> Reading:
    folder, name = posixpath.split(unit[0])
    is_default = name in DEFAULT_NAMES
    definition = put_together(bodies)
    shared = _services(folder, files) if is_default else frozenset[str]()
    builds = read_targets(definition, Place(folder, is_default, files.exists, shared))
    if definition.left_out:
        why = f"more than {MAX_TARGETS} targets"
        coverage = [Coverage(line.path, "bake", Status.PARTIAL, why) for line in coverage]
    resources = UnitResources(
        Format.DOCKERFILE, builds=builds, certain=is_known(builds), credentials=read_credentials(bodies)
    )
    return Reading(resources, tuple(coverage))


def is_known(builds: Iterable[ImageBuild]) -> bool:
    """Whether no fact of some builds is unknown."""
    from scanner.model.unknowns import unknown_reasons

    return not any(unknown_reasons(build) for build in builds)


def _services(folder: str, files: Files) -> frozenset[str]:
    """The services of the Compose file that Bake merges with the definition."""
    for name in BASE_NAMES:
        path = posixpath.join(folder, name)
        try:
            file = parse_yaml(files.text(path), path)
        except InputError:
            continue
        roots = [root for _, root in file.documents if root is not None]
        return frozenset(service for root in roots for service in services_of(root))
    return frozenset()
