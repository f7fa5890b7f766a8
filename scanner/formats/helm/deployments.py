"""What deploys the charts of a repository, and with which values: helmfile, Argo CD, Flux."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from posixpath import normpath
from typing import NamedTuple

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.bundle import as_diagnostic
from scanner.formats.helm.plain import to_plain
from scanner.formats.helm.value_sets import Layer, ValueSet, read_layer
from scanner.guarding import bug_of
from scanner.model.report import Bug, Coverage, Diagnostic
from scanner.model.source import Location
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, YamlFile, parse_yaml

KINDS = frozenset(("Application", "ApplicationSet", "HelmRelease"))
"""The kinds of objects that may deploy a chart."""

UNKNOWN = "~unknown~"
"""Stands in values and paths for what cannot be known from the files."""


class Release(NamedTuple):
    """A deployment of a chart as it is written.

    `chart` and the files among `layers` are paths; `resolve` turns such a file's path
    into one of the scanned tree. With `lenient`, files that are not there are left out.
    """

    name: str
    chart: str
    origin: Location
    layers: tuple[str | Layer, ...] = ()
    assignments: tuple[str, ...] = ()
    release: str | None = None
    namespace: str | None = None
    lenient: bool = False
    is_anywhere: bool = True


@dataclass(slots=True)
class Deployments:
    """The sets of values by the folder of their chart, and what the search showed."""

    sets: dict[str, list[ValueSet]] = field(default_factory=dict)
    coverage: list[Coverage] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    bugs: list[Bug] = field(default_factory=list)

    def warn(self, place: Location, message: str, severity: str = "warning") -> None:
        """Note what could not be followed."""
        self.diagnostics.append(Diagnostic(place.path, place.span.line, place.span.column, severity, message))


def is_helmfile(path: str) -> bool:
    """Whether a path is named like a helmfile, or a part of one."""
    *folders, name = path.split("/")
    if folders and folders[-1] == "helmfile.d":
        return name.endswith((".yaml", ".yml"))
    return name.startswith("helmfile.") and ".y" in name


def find_deployments(charts: Sequence[str], paths: Iterable[str], files: Files) -> Deployments:
    """Read helmfiles and manifests with objects of `KINDS` (given by path) for what they
    say of charts (given by folder). Trouble is in the diagnostics, never raised."""
    from scanner.formats.helm.gitops import read_manifests
    from scanner.formats.helm.helmfile import read_helmfile

    found = Deployments()
    for path in sorted(set(paths)):
        read: Callable[[str, Files, Deployments], list[Release]]
        read = read_helmfile if is_helmfile(path) else read_manifests
        try:
            for release in read(path, files, found):
                _resolve(release, charts, files, found)
        except ScannerError as error:
            found.diagnostics.append(as_diagnostic(error, path))
        except Exception as error:
            found.bugs.append(bug_of("reading", path, error))
    return found


def _resolve(release: Release, charts: Sequence[str], files: Files, into: Deployments) -> None:
    written = normpath(release.chart).removeprefix("/")
    written = "" if written == "." else written
    folder = _chart_of(written, charts) if release.is_anywhere else written if written in charts else None
    if folder is None:
        return  # a chart of another repository
    layers: list[Layer] = []
    for layer in release.layers:
        path = None if isinstance(layer, Layer) else _moved(layer, written, folder)
        if isinstance(layer, Layer) and UNKNOWN not in layer.text:
            layers.append(layer)
            continue
        if path is None or "{{" in path or UNKNOWN in path:
            what = "what stands here" if isinstance(layer, Layer) else f"'{layer.replace(UNKNOWN, '...')}'"
            message = f"the values of '{release.name}' are not known: {what} depends on more than the files"
            into.warn(release.origin, f"{message}; this set of values was not rendered")
            return
        if release.lenient and not files.exists(path):
            continue
        try:
            layers.append(read_layer(path, files))
        except ScannerError as error:
            message = f"the values of '{release.name}' cannot be read: {path}: {error.message}"
            into.warn(release.origin, message, "warning" if path.startswith("../") else "error")
            return
    into.sets.setdefault(folder, []).append(
        ValueSet(
            release.name,
            tuple(layers),
            release.assignments,
            release.release,
            release.namespace,
            release.origin,
        )
    )


def _chart_of(written: str, charts: Sequence[str]) -> str | None:
    """The chart that a path in a repository means, whose root need not be the scanned one:
    the only one that agrees with it from the end."""
    if written in charts:
        return written
    ending = [
        chart
        for chart in charts
        if chart and written and (chart.endswith(f"/{written}") or written.endswith(f"/{chart}"))
    ]
    return ending[0] if len(ending) == 1 else None


def _moved(path: str, written: str, folder: str) -> str | None:
    """A path of the repository as one of the scanned tree; None when it is a URL."""
    if "://" in path:
        return None
    path = normpath(path).removeprefix("/")
    if written == folder:
        return path
    if written.endswith(f"/{folder}"):
        lead = written[: -len(folder)]
        return path[len(lead) :] if path.startswith(lead) else f"../{path}"
    return folder[: -len(written)] + path


def inline_layer(path: str, node: Node) -> Layer:
    """Values that stand in another file as a mapping."""
    return Layer(path, json.dumps(to_plain(node)), node if isinstance(node, MappingNode) else None)


def text_layer(path: str, node: Node, text: str, lines: Sequence[str]) -> Layer:
    """Values that stand in another file (with these lines) as a block of text."""
    root = _root(text)
    if not isinstance(node, ScalarNode) or node.style not in ("|", ">"):
        return Layer(path, text, None)
    shift = node.start_mark.line + 1
    first = next((line for line in lines[shift:] if line.strip()), "")
    inner = next((line for line in text.split("\n") if line.strip()), "")
    indent = (len(first) - len(first.lstrip())) - (len(inner) - len(inner.lstrip()))
    return Layer(path, text, root, shift, max(indent, 0))


def _root(text: str) -> Node | None:
    documents = parse_yaml(text, "").documents
    return documents[0].root if documents else None


def roots(file: YamlFile) -> list[MappingNode]:
    """The documents of a file that are mappings."""
    return [one.root for one in file.documents if isinstance(one.root, MappingNode)]
