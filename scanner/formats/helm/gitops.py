"""Argo CD's Applications and Flux's HelmReleases: which chart, with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from posixpath import basename, dirname, join

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.deployments import Deployments, Release, inline_layer, roots, text_layer
from scanner.formats.helm.plain import Plain, items_at, node_at, text_at, to_plain
from scanner.formats.helm.value_sets import Layer, escape
from scanner.model.source import Location
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    ScalarNode,
    YamlFile,
    entries,
    parse_yaml,
    scalar_text,
    span_of,
)
from scanner.patterns.globs import wildcard_fits

_MOST = 50
"""Applications that one generator may give."""

_Params = Mapping[str, str]


def read_manifests(path: str, files: Files, found: Deployments) -> list[Release]:
    """Return what the objects of a manifest deploy. Raises ScannerError when it cannot be read."""
    text = files.text(path)
    file = parse_yaml(text, path)
    releases: list[Release] = []
    for root in roots(file):
        version = text_at(root, "apiVersion") or ""
        match text_at(root, "kind"):
            case "Application" if version.startswith("argoproj.io/"):
                releases += _application(root, file, {})
            case "ApplicationSet" if version.startswith("argoproj.io/"):
                template = node_at(root, "spec", "template")
                if template is not None:
                    for params in _generated(root, file, files, found):
                        releases += _application(template, file, params)
            case "HelmRelease" if version.startswith("helm.toolkit.fluxcd.io/"):
                releases += _helm_release(root, file, found)
    return releases


def _application(root: Node, file: YamlFile, params: _Params) -> Iterator[Release]:
    """Give what an Application deploys: each of its sources that is a path."""
    name = _filled(text_at(root, "metadata", "name"), params) or "application"
    namespace = _filled(text_at(root, "spec", "destination", "namespace"), params)
    source = node_at(root, "spec", "source")
    for one in items_at(root, "spec", "sources") or ([source] if source is not None else []):
        chart = _filled(text_at(one, "path"), params)
        if chart is None:
            continue
        helm = node_at(one, "helm")
        layers: list[str | Layer] = []
        for item in items_at(helm, "valueFiles"):
            path = _filled(scalar_text(item), params) or ""
            layers.append(_value_file(path, chart))
        layers += _inline(helm, file, params)
        yield Release(
            name,
            chart,
            _place(root, file),
            tuple(layers),
            tuple(_parameters(helm, params)),
            _filled(text_at(helm, "releaseName"), params) or name,
            _filled(text_at(helm, "namespace"), params) or namespace,
            lenient=text_at(helm, "ignoreMissingValueFiles") == "true",
        )


def _value_file(path: str, chart: str) -> str:
    """A path of `valueFiles`: in the chart's folder, or in the root of a repository."""
    if path.startswith("$"):  # $name/path: the root of the source of that name
        return path.partition("/")[2]
    return path if path.startswith("/") or "://" in path else join(chart, path)


def _inline(helm: Node | None, file: YamlFile, params: _Params) -> Iterator[Layer]:
    block = node_at(helm, "values")
    if block is not None and isinstance(block, ScalarNode):
        text = _filled(block.value, params) or ""
        yield text_layer(file.source.path, block, text, file.source.text.split("\n"))
    whole = node_at(helm, "valuesObject")
    if whole is not None:
        layer = inline_layer(file.source.path, whole)
        yield layer._replace(text=_filled(layer.text, params) or "")


def _parameters(helm: Node | None, params: _Params) -> Iterator[str]:
    for item in items_at(helm, "parameters"):
        name, value = text_at(item, "name"), _filled(text_at(item, "value"), params)
        if name and value is not None:
            yield f"{name}={escape(value)}"


def _place(root: Node, file: YamlFile) -> Location:
    metadata = node_at(root, "metadata")
    pair = entries(metadata).get("name") if isinstance(metadata, MappingNode) else None
    return Location(file.source.path, span_of(pair or root))


def _filled(text: str | None, params: _Params) -> str | None:
    """A text with the parameters of a generator put in, in both dialects of templates."""
    if text is None or "{{" not in text:
        return text
    for name, value in params.items():
        for form in (f"{{{{{name}}}}}", f"{{{{ {name} }}}}", f"{{{{.{name}}}}}", f"{{{{ .{name} }}}}"):
            text = text.replace(form, value)
    return text


def _generated(root: Node, file: YamlFile, files: Files, found: Deployments) -> list[dict[str, str]]:
    generators = items_at(root, "spec", "generators")
    place = _place(root, file)
    params = [one for item in generators for one in _generate(item, files, found, place)]
    if len(params) > _MOST:
        found.warn(place, f"only the first {_MOST} of {len(params)} applications were looked at")
    return params[:_MOST]


def _generate(node: Node, files: Files, found: Deployments, place: Location) -> list[dict[str, str]]:
    """Return the parameters that a generator gives."""
    if node_at(node, "list") is not None:
        return [dict(_flat("", to_plain(item))) for item in items_at(node, "list", "elements")]
    if node_at(node, "matrix") is not None:
        inner = [_generate(item, files, found, place) for item in items_at(node, "matrix", "generators")]
        return [{key: text for part in parts for key, text in part.items()} for parts in product(*inner)]
    if node_at(node, "git", "directories") is not None:
        return [_path_params(path) for path in _folders(items_at(node, "git", "directories"), files)]
    if node_at(node, "git", "files") is not None:
        return list(_file_params(items_at(node, "git", "files"), files))
    kind = ", ".join(entries(node)) if isinstance(node, MappingNode) else "unknown"
    found.warn(place, f"what the generator '{kind}' gives is not in the files; its applications are left out")
    return []


def _folders(items: list[Node], files: Files) -> list[str]:
    folders: set[str] = set()
    for path in files.listing(""):
        while path := dirname(path):
            folders.add(path)
    wanted: set[str] = set()
    for item in items:
        pattern = text_at(item, "path") or ""
        matching = {folder for folder in folders if _matches(folder, pattern)}
        wanted = wanted - matching if text_at(item, "exclude") == "true" else wanted | matching
    return sorted(wanted)


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    if "**" in wanted:
        return wildcard_fits(path, pattern.replace("**/", "*").replace("**", "*"))
    return len(parts) == len(wanted) and all(map(wildcard_fits, parts, wanted))


def _path_params(folder: str) -> dict[str, str]:
    name = basename(folder)
    return {
        "path": folder,
        "path.path": folder,
        "path.basename": name,
        "path.basenameNormalized": name.replace("_", "-").lower(),
        **{f"path[{number}]": part for number, part in enumerate(folder.split("/"))},
    }


def _file_params(items: list[Node], files: Files) -> Iterator[dict[str, str]]:
    patterns = [text_at(item, "path") or "" for item in items]
    for path in files.listing(""):
        if not any(_matches(path, pattern) for pattern in patterns):
            continue
        try:
            documents = parse_yaml(files.text(path), path).documents
        except ScannerError:
            continue  # the file's own reading says what is wrong with it
        root = documents[0].root if documents else None
        own = {"path.filename": basename(path), **_path_params(dirname(path))}
        yield {**dict(_flat("", to_plain(root))), **own}


def _flat(prefix: str, value: Plain) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else key, inner)
    elif isinstance(value, bool):
        yield prefix, "true" if value else "false"
    elif value is not None and not isinstance(value, list):
        yield prefix, str(value)


def _helm_release(root: Node, file: YamlFile, found: Deployments) -> Iterator[Release]:
    chart = node_at(root, "spec", "chart", "spec")
    path = text_at(chart, "chart")
    if path is None or text_at(chart, "sourceRef", "kind") not in ("GitRepository", "Bucket"):
        return
    name = text_at(root, "metadata", "name") or "release"
    place = _place(root, file)
    layers: list[str | Layer] = [
        item.value for item in items_at(chart, "valuesFiles") if isinstance(item, ScalarNode)
    ]
    for item in items_at(root, "spec", "valuesFrom"):
        kind, source = text_at(item, "kind") or "object", text_at(item, "name") or ""
        found.warn(place, f"the values of '{name}' that come from {kind} '{source}' were left out")
    values = node_at(root, "spec", "values")
    if values is not None:
        layers.append(inline_layer(file.source.path, values))
    namespace = text_at(root, "spec", "targetNamespace") or text_at(root, "metadata", "namespace")
    released = text_at(root, "spec", "releaseName") or name
    yield Release(name, path, place, tuple(layers), (), released, namespace)
