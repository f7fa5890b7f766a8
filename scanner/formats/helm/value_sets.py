"""Sets of values: what a chart is deployed with, each an environment of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import basename
from typing import NamedTuple

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.bundle import as_diagnostic, values_root
from scanner.formats.helm.settings import HelmSettings
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.report import Diagnostic
from scanner.model.source import Location
from scanner.parsing.yaml import Node

_MOST = 24
"""Sets of one chart that are rendered; more are a gap."""
_BASES = ("_base", "base", "common", "_common")
_ENDINGS = (".yaml", ".yml")


class Layer(NamedTuple):
    """Values that go over those below: as the engine gets them, and as they are written.

    `root` is a node of the file at `path`, or of a text that stands in it below `shift`
    lines and right of `indent` columns.
    """

    path: str
    text: str
    root: Node | None
    shift: int = 0
    indent: int = 0


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One way to deploy a chart. `name` is the environment, `layers` and then
    `assignments` (`a.b=c`) go over the chart's own values, and `origin` is what asks for
    it where that is no file of values."""

    name: str
    layers: tuple[Layer, ...] = ()
    assignments: tuple[str, ...] = ()
    release: str | None = None
    namespace: str | None = None
    origin: Location | None = None

    @property
    def is_default(self) -> bool:
        """Whether it is the one that nobody had to ask for."""
        return self.name == DEFAULT_ENVIRONMENT


DEFAULT_SET = ValueSet(DEFAULT_ENVIRONMENT)


def escape(value: str) -> str:
    """Return a text as the value of an assignment."""
    return value.replace("\\", "\\\\").replace(",", "\\,")


def read_layer(path: str, files: Files) -> Layer:
    """Read a file of values. Raises ScannerError when it is none."""
    text = files.text(path)
    return Layer(path, text, values_root(text, path))


def find_sets(
    folder: str, files: Files, helm: HelmSettings, declared: Sequence[ValueSet] = ()
) -> tuple[list[ValueSet], list[Diagnostic]]:
    """Return the sets of values of a chart, the default first, with what went wrong.

    `helm.value_files` are the user's word: no other set is then looked for. Otherwise
    the files of values in the chart's folder are sets, but for those that the
    configuration or a `declared` set (of a tool that deploys the chart) puts to use.
    """
    diagnostics: list[Diagnostic] = []

    def read(paths: Iterable[str]) -> tuple[Layer, ...] | None:
        layers = []
        for path in paths:
            try:
                layers.append(read_layer(path, files))
            except ScannerError as error:
                diagnostics.append(as_diagnostic(error, path))
                return None
        return tuple(layers)

    if helm.value_files:
        layers = read(helm.value_files)
        found = [] if layers is None else [ValueSet(DEFAULT_ENVIRONMENT, layers)]
        return _assigned(found, helm.set_values), diagnostics
    wanted = [DEFAULT_SET, *declared]
    used = {layer.path for one in declared for layer in one.layers}
    for name, paths in helm.environments:
        present = [_beside(folder, path, files) for path in paths]
        if not any(files.exists(path) for path in present):
            continue  # the configuration speaks of another chart
        used.update(present)
        layers = read(present)
        if layers is not None:
            wanted.append(ValueSet(name, layers))
    for name, paths in _named_sets(folder, files):
        if paths[-1] in used:
            continue
        layers = read(paths)
        if layers is not None:
            wanted.append(ValueSet(name, layers))
    if len(wanted) > _MOST:
        message = f"only the first {_MOST} of {len(wanted)} sets of values were rendered"
        place = f"{folder}/Chart.yaml" if folder else "Chart.yaml"
        diagnostics.append(Diagnostic(place, None, None, "warning", message))
    return _assigned(_told_apart(wanted[:_MOST]), helm.set_values), diagnostics


def _assigned(sets: list[ValueSet], assignments: tuple[str, ...]) -> list[ValueSet]:
    if not assignments:
        return sets
    return [replace(one, assignments=(*one.assignments, *assignments)) for one in sets]


def _told_apart(sets: list[ValueSet]) -> list[ValueSet]:
    """Return the sets with no name twice: a later one gets where it comes from behind it."""
    names: set[str] = set()
    result = []
    for one in sets:
        name = one.name
        if name in names:
            path = one.origin.path if one.origin else one.layers[-1].path if one.layers else ""
            name = f"{name} ({path})"
        number = 2
        unique = name
        while unique in names:
            unique, number = f"{name} {number}", number + 1
        names.add(unique)
        result.append(replace(one, name=unique))
    return result


def _beside(folder: str, path: str, files: Files) -> str:
    """A path of the configuration: inside the chart's folder, else below the root."""
    inner = f"{folder}/{path}" if folder else path
    return inner if files.exists(inner) else path


def _named_sets(folder: str, files: Files) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the name and the files, lowest first, of each set that a file's name tells of."""
    skip = len(folder) + 1 if folder else 0
    inner = [path[skip:] for path in files.listing(folder) if path.startswith(f"{folder}/" if folder else "")]

    def full(path: str) -> str:
        return f"{folder}/{path}" if folder else path

    groups: list[Mapping[str, str]] = [
        _between(inner, "values-"),
        _between(inner, "values."),
        _between(inner, "values/"),
    ]
    for path in inner:
        if path.startswith("ci/") and path.count("/") == 1:
            for ending in _ENDINGS:
                if path.endswith(f"-values{ending}"):
                    yield f"ci/{basename(path).removesuffix(f'-values{ending}')}", (full(path),)
    for group in groups:
        base = next((group[name] for name in _BASES if name in group), None) if len(group) > 1 else None
        for name, path in group.items():
            if path != base:
                yield name, (full(path),) if base is None else (full(base), full(path))


def _between(paths: Iterable[str], start: str) -> dict[str, str]:
    found = {}
    for path in paths:
        for ending in _ENDINGS:
            name = path[len(start) : -len(ending)]
            if path.startswith(start) and path.endswith(ending) and name and "/" not in name:
                found[name] = path
    return found
