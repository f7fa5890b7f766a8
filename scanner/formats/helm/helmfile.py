"""Helmfiles: which charts of the repository they release, with which values, per environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from scanner.formats.base import Files
from scanner.formats.helm.actions import scan_actions
from scanner.formats.helm.deployments import UNKNOWN, Deployments, Release, inline_layer, roots
from scanner.formats.helm.plain import items_at, node_at, text_at
from scanner.formats.helm.value_sets import Layer, escape
from scanner.model.report import Coverage, Status
from scanner.model.source import Location, Span
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, YamlFile, entries, parse_yaml, span_of

_RELEASE = "~release~"


def read_helmfile(path: str, files: Files, found: Deployments) -> list[Release]:
    """Return the releases of a helmfile for each of its environments.

    Of its template language only the environment's and the release's name are
    understood; a release that needs more is left out with a warning. Raises ScannerError
    when the file cannot be read.
    """
    text = files.text(path)
    names = list(_environments(parse_yaml(_filled(text, "default"), path))) or ["default"]
    releases: list[Release] = []
    status, why = Status.EVALUATED, None
    for name in names:
        file = parse_yaml(_filled(text, name), path)
        if file.errors:
            error = file.errors[0]
            place = Location(path, Span(error.line or 1, error.column or 1, error.line or 1, 2))
            found.warn(place, f"the helmfile is a template that is not understood: {error.message}")
            status, why = Status.PARTIAL, error.message
            continue
        releases += _releases(file, name, len(names) > 1 or name != "default")
    found.coverage.append(Coverage(path, "helm", status, why))
    return releases


def _filled(text: str, environment: str) -> str:
    """The text without its template language: names are put in, the rest is unknown."""
    pieces = []
    position = 0
    for action in scan_actions(text):
        pieces.append(text[position : action.start])
        position = action.end
        if action.inner == ".Environment.Name":
            pieces.append(environment)
        elif action.writes and action.inner != ".Release.Name":
            pieces.append(UNKNOWN)
        elif action.writes:
            pieces.append(_RELEASE)
    return "".join(pieces) + text[position:]


def _environments(file: YamlFile) -> Iterator[str]:
    for root in roots(file):
        environments = node_at(root, "environments")
        if isinstance(environments, MappingNode):
            yield from entries(environments)


def _releases(file: YamlFile, environment: str, is_named: bool) -> Iterator[Release]:
    path = file.source.path
    items = [item for root in roots(file) for item in items_at(root, "releases")]
    charts = Counter(text_at(item, "chart") for item in items)
    for item in items:
        name, chart = text_at(item, "name"), text_at(item, "chart")
        if not name or not chart or not chart.startswith((".", "/")) or text_at(item, "installed") == "false":
            continue
        is_only = charts[chart] == 1
        title = (environment if is_only else f"{environment}/{name}") if is_named else name
        layers = tuple(_layer(one, path, name) for one in items_at(item, "values"))
        pair = entries(item)["name"] if isinstance(item, MappingNode) else item
        yield Release(
            title,
            normpath(join(dirname(path), chart)),
            Location(path, span_of(pair)),
            layers,
            tuple(_assignments(item)),
            name,
            text_at(item, "namespace"),
            lenient=(text_at(item, "missingFileHandler") or "Error") != "Error",
            is_anywhere=False,
        )


def _layer(node: Node, path: str, release: str) -> str | Layer:
    if not isinstance(node, ScalarNode):
        return inline_layer(path, node)
    written = node.value.replace(_RELEASE, release)
    if written.endswith(".gotmpl"):
        return f"{written} {UNKNOWN}"
    return normpath(join(dirname(path), written))


def _assignments(item: Node) -> Iterator[str]:
    for one in items_at(item, "set"):
        name, value = text_at(one, "name"), text_at(one, "value")
        if name and value is not None:
            yield f"{name}={escape(value)}"
        elif name and (values := items_at(one, "values")):
            texts = (escape(inner.value) for inner in values if isinstance(inner, ScalarNode))
            yield f"{name}={{{','.join(texts)}}}"
