"""Reads what discovery found, unit by unit, each with the module of its format.

A format's module is imported when its first input comes up, so that a scan pays for
nothing that it does not meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scanner.artifacts import Tree
from scanner.discovery import Inventory
from scanner.errors import InputError, ParseError, ScannerError
from scanner.formats.base import Reading, broken_reading
from scanner.formats.build_contexts import BuildContexts
from scanner.formats.environments import Environments, left_out
from scanner.formats.helm.settings import HelmSettings
from scanner.guarding import sift
from scanner.model.graph import ReadBuild
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Dockerfile, ResourceRef
from scanner.model.source import Located, Span, SpanSource

if TYPE_CHECKING:
    from scanner.formats.skaffold import SkaffoldFile


def read_units(
    inventory: Inventory, tree: Tree, helm: HelmSettings, environments: Environments | None = None
) -> Iterator[Reading]:
    """Yield a reading per unit, in a stable order; trouble is in the readings, never raised.

    Manifests and Dockerfiles belong to every environment; `environments` are all by default.
    """
    environments = environments or Environments()
    compose = list(inventory.compose)
    documents = list(inventory.documents)
    deployers: list[str] = []
    contexts = BuildContexts()
    if inventory.kustomizations:
        first = inventory.kustomizations[0]
        for built in _all_guarded(
            first, partial(_read_kustomizations, inventory, tree, helm, documents, environments)
        ):
            if inventory.charts and _deploys_charts(built):
                deployers += [line.path for line in built.coverage if line.kind == "kubernetes"]
            yield built
    for path in documents:
        explicit = path in inventory.explicit
        reading = _guarded(path, partial(_read_document, path, tree, explicit=explicit))
        if reading is None:
            compose.append(path)
        else:
            if inventory.charts and _deploys_charts(reading):
                deployers.append(path)
            if reading.resources is not None and reading.resources.builds:
                reading = contexts.noted(reading)
            yield reading
    if compose:
        read = partial(_read_compose_projects, compose, tree, environments)
        yield from contexts.noting(_all_guarded(compose[0], read))
    if inventory.bake:
        read = partial(_read_bake, inventory.bake, tree)
        yield from contexts.noting(_all_guarded(inventory.bake[0], read))
    if inventory.dockerfiles:
        yield from _read_dockerfiles(inventory, tree, contexts)
    if inventory.charts:
        helm = replace(helm, value_files=tuple(map(tree.take, helm.value_files)))
        read = partial(_read_charts, inventory, tree, helm, deployers, environments)
        yield from _all_guarded(_chart_file(inventory.charts[0]), read)


def _guarded(path: str, read: Callable[[], Reading | None]) -> Reading | None:
    """Read one unit; a bug that it brings to light costs no other unit's findings."""
    try:
        return read()
    except Exception as error:
        return broken_reading(path, error)


def _all_guarded(path: str, read: Callable[[], Iterator[Reading]]) -> Iterator[Reading]:
    """Read all units of a format; a bug outside of single units costs no other format's findings."""
    try:
        yield from read()
    except Exception as error:
        yield broken_reading(path, error)


def diagnose(error: ScannerError, path: str, severity: str = "error") -> Diagnostic:
    """Return an error as a line of the report."""
    message = f"{error.message}; {error.hint}" if error.hint else error.message
    return Diagnostic(error.path or path, error.line, error.column, severity, message)


_TOP_LEVEL = re.compile(r"(?:^|[{,])[ \t]*[\"']?apiVersion[\"']?[ \t]*:", re.MULTILINE)
_SERVICES = re.compile(r"^[\"']?services[\"']?[ \t]*:", re.MULTILINE)
_NOT_OURS = "holds nothing that hullcheck reads"


def _read_document(path: str, tree: Tree, *, explicit: bool) -> Reading | None:
    """Read a YAML or JSON file if it is a manifest; None says that it is a Compose file."""
    try:
        text = tree.text(path)
    except InputError as error:
        return _unread(path, tree, error, explicit)
    if "apiVersion" in text and "kind" in text:
        return _read_manifest(path, text, tree)
    if _SERVICES.search(text):
        from scanner.formats.compose.recognition import recognizes

        if recognizes(path, text) or _is_broken_compose(path, text):
            return None
    reason = _NOT_OURS if text.strip() else "empty file"
    return Reading(None, (Coverage(path, None, Status.IGNORED, reason),))


def _is_broken_compose(path: str, text: str) -> bool:
    """Whether a file with services does not parse: Compose's reader then says why."""
    from scanner.parsing.yaml import parse_yaml

    return ("image:" in text or "build:" in text) and bool(parse_yaml(text, path).errors)


def _unread(path: str, tree: Tree, error: InputError, explicit: bool) -> Reading:
    """A file that cannot be read is a failure when it was asked for, or may begin like a manifest."""
    if explicit or tree.may_begin_with(path, ("apiVersion", "services:")):
        return _failed(path, "kubernetes", error)
    return Reading(None, (Coverage(path, None, Status.IGNORED, error.message),))


def _read_manifest(path: str, text: str, tree: Tree) -> Reading:
    from scanner.formats.kubernetes import is_kubernetes, read_objects
    from scanner.parsing.yaml import parse_yaml

    file = parse_yaml(text, path)
    if "skaffold/" in text:
        from scanner.formats.skaffold import read_skaffold

        skaffold = read_skaffold(file, tree)
        if skaffold is not None:
            return _with_builds(path, skaffold)
    if not is_kubernetes(file):
        if file.errors and _TOP_LEVEL.search(text):
            return _unreadable(path, text, file.errors)
        reason = "holds no Kubernetes object"
        return Reading(None, (Coverage(path, None, Status.IGNORED, reason),))
    resources, diagnostics = read_objects(file, file.source)
    status, why = Status.EVALUATED, None
    if file.errors or not resources.certain:
        status = Status.PARTIAL
        problems = [*(_error_place(error) for error in file.errors)] or [
            f"line {found.line}: {found.message}" for found in diagnostics if found.severity == "error"
        ]
        why = problems[0]
    found = [*(diagnose(error, path) for error in file.errors), *diagnostics]
    return Reading(resources, (Coverage(path, "kubernetes", status, why),), _hinted(found, text))


def _with_builds(path: str, skaffold: SkaffoldFile) -> Reading:
    """What a file of Skaffold says, with the manifests that stand in it too."""
    from scanner.formats.kubernetes import read_objects

    file = skaffold.rest
    resources, diagnostics = read_objects(file, file.source)
    resources = replace(resources, builds=skaffold.builds, certain=resources.certain and skaffold.certain)
    found = [*(diagnose(error, path) for error in file.errors), *skaffold.diagnostics, *diagnostics]
    problems = [f"line {one.line}: {one.message}" for one in found if one.severity == "error"]
    why = problems[0] if problems else skaffold.left_out
    status = Status.PARTIAL if why else Status.EVALUATED
    return Reading(resources, (Coverage(path, "skaffold", status, why),), tuple(found))


def _unreadable(path: str, text: str, errors: tuple[ParseError, ...]) -> Reading:
    found = _hinted([diagnose(error, path) for error in errors], text)
    return Reading(None, (Coverage(path, "kubernetes", Status.FAILED, _error_place(errors[0])),), found)


def _hinted(diagnostics: list[Diagnostic], text: str) -> tuple[Diagnostic, ...]:
    """Say of what went wrong in a template that it is one."""
    if "{{" not in text:
        return tuple(diagnostics)
    hint = "; the file looks like a template, and hullcheck renders only those of Helm charts"
    return tuple(
        found._replace(message=found.message + hint) if found.severity == "error" else found
        for found in diagnostics
    )


def _error_place(error: ParseError) -> str:
    return f"line {error.line}: {error.message}" if error.line is not None else error.message


def _failed(path: str, kind: str, error: InputError) -> Reading:
    return Reading(None, (Coverage(path, kind, Status.FAILED, error.message),), (diagnose(error, path),))


def _read_kustomizations(
    inventory: Inventory, tree: Tree, helm: HelmSettings, documents: list[str], environments: Environments
) -> Iterator[Reading]:
    """Read kustomizations; leave in `documents` those files that they do not account for."""
    from scanner.formats.kustomize import Kustomizations

    kustomizations = Kustomizations(inventory.kustomizations, tree, helm, environments)
    yield from kustomizations.readings()
    documents[:] = sorted({*documents, *kustomizations.foreign} - kustomizations.used)


def _read_compose_projects(paths: list[str], tree: Tree, environments: Environments) -> Iterator[Reading]:
    from scanner.formats.compose.environments import deployments
    from scanner.formats.compose.projects import group_projects
    from scanner.formats.compose.reader import read_compose

    projects, broken = sift(
        paths, lambda some: list(deployments(group_projects(some, tree), environments, tree))
    )
    for path, error in broken:
        yield broken_reading(path, error)
    for unit, context, wanted in projects or ():
        if not wanted:
            why = left_out(unit.environment)
            lines = (Coverage(path, "compose", Status.IGNORED, why) for path in unit.files)
            yield Reading(None, tuple(lines))
            continue
        reading = _guarded(unit.files[0], partial(read_compose, unit, tree))
        if reading is not None:
            yield replace(reading, context=True) if context else reading


def _read_bake(paths: tuple[str, ...], tree: Tree) -> Iterator[Reading]:
    from scanner.formats.bake import bake_units, read_bake

    for unit in bake_units(paths):
        reading = _guarded(unit[0], partial(read_bake, unit, tree))
        if reading is not None:
            yield reading


def _read_dockerfiles(inventory: Inventory, tree: Tree, contexts: BuildContexts) -> Iterator[Reading]:
    from scanner.formats.dockerfile import read_dockerfile

    for path in inventory.dockerfiles:
        reading = _guarded(path, partial(read_dockerfile, path, tree, contexts.of(path)))
        if reading is not None:
            yield reading


def _deploys_charts(reading: Reading) -> bool:
    """Whether a manifest holds an object that may deploy a chart."""
    from scanner.formats.helm.deployments import KINDS

    return reading.resources is not None and any(one.kind in KINDS for one in reading.resources.documents)


def _read_charts(
    inventory: Inventory, tree: Tree, helm: HelmSettings, deployers: list[str], environments: Environments
) -> Iterator[Reading]:
    from scanner.formats.helm.deployments import find_deployments, is_helmfile
    from scanner.formats.helm.reader import read_chart

    helmfiles = [path for path in inventory.documents if is_helmfile(path)]
    found = find_deployments(inventory.charts, [*helmfiles, *deployers], tree)
    yield Reading(None, tuple(found.coverage), tuple(found.diagnostics), bugs=tuple(found.bugs))
    for folder in inventory.charts:
        sets = found.sets.get(folder, ())
        try:
            own = replace(
                helm, environments=(*helm.environments, *_values_of(folder, inventory, environments))
            )
            for reading in read_chart(folder, tree, own, sets, environments):
                late = reading.late
                yield reading if late is None else replace(reading, late=partial(_late, folder, late))
        except Exception as error:  # see _guarded
            yield broken_reading(_chart_file(folder), error)


def _late(folder: str, read: Callable[[], Reading]) -> Reading:
    try:
        return read()
    except Exception as error:  # see _guarded
        return broken_reading(_chart_file(folder), error)


def _chart_file(folder: str) -> str:
    return f"{folder}/Chart.yaml" if folder else "Chart.yaml"


def _values_of(
    folder: str, inventory: Inventory, environments: Environments
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The declared environments of a chart: with the files of values that lie in no other chart."""
    for one in environments.declared:
        paths = tuple(path for path in one.values if _chart_of(path, inventory) in (None, folder))
        if paths:
            yield one.name, paths


def _chart_of(path: str, inventory: Inventory) -> str | None:
    """The innermost chart whose folder a file lies in."""
    around = [chart for chart in inventory.charts if not chart or path.startswith(f"{chart}/")]
    return max(around, key=len, default=None)


def build_reader(tree: Tree) -> ReadBuild:
    """Return what reads a Dockerfile as one build does (see `model.graph`), each once."""
    known: dict[object, Dockerfile | None] = {}

    def read(
        path: str,
        args: Mapping[str, str | None],
        contexts: Mapping[str, str],
        inline: Located[str] | None = None,
    ) -> Dockerfile | None:
        text = None if inline is None else (inline.value, inline.location)
        key = (path, text, frozenset(args.items()), frozenset(contexts.items()))
        if key not in known:
            known[key] = _read_for_build(tree, path, args, contexts, inline)
        return known[key]

    return read


def _read_for_build(
    tree: Tree,
    path: str,
    args: Mapping[str, str | None],
    contexts: Mapping[str, str],
    inline: Located[str] | None,
) -> Dockerfile | None:
    if inline is None and tree.is_missing(path):
        return None
    from scanner.formats.dockerfile.variants import read_for_build, read_inline_for_build

    if inline is not None:
        return read_inline_for_build(inline, path, tree, args, contexts)
    found = read_for_build(path, tree, args, contexts)
    if found is None:
        start = Located(path, Span(1, 1, 1, 1), SpanSource(path))
        return Dockerfile(ResourceRef("Dockerfile", path), start)
    return found
