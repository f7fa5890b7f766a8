"""What a chart says of itself: Chart.yaml, its dependencies, and which files are its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from scanner.errors import FormatError
from scanner.model.source import Span
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    entries,
    parse_yaml,
    read_bool,
    span_of,
)


class Dependency(NamedTuple):
    """A chart that another one declares to need; `path` and `span` say where."""

    name: str
    version: str
    repository: str
    alias: str | None
    condition: str | None
    path: str
    span: Span

    @property
    def label(self) -> str:
        """The name under which the engine and the values know it."""
        return self.alias or self.name


class Chart(NamedTuple):
    """A chart's own description. `path` is its Chart.yaml."""

    path: str
    name: str
    version: str | None
    app_version: str | None
    is_library: bool
    dependencies: tuple[Dependency, ...] = ()


def describe_chart(text: str, path: str, requirements: tuple[str, str] | None = None) -> Chart:
    """Read a Chart.yaml; `requirements` is the path and text of an old chart's requirements.yaml.

    Raises ParseError when it is no YAML, FormatError when it is no description of a chart.
    """
    file = parse_yaml(text, path)
    if file.errors:
        raise file.errors[0]
    root = file.documents[0].root if file.documents else None
    if not isinstance(root, MappingNode):
        raise FormatError("expected a mapping with apiVersion, name and version", path=path, line=1, column=1)
    index = entries(root)
    for key in ("apiVersion", "name"):
        if not _text(index, key):
            raise FormatError(f"a chart needs '{key}'", path=path, line=1, column=1)
    dependencies = _dependencies(index, path)
    if requirements is not None and not dependencies:
        old_path, old_text = requirements
        dependencies = _dependencies(_root_index(old_text, old_path) or {}, old_path)
    return Chart(
        path,
        _text(index, "name") or "",
        _text(index, "version"),
        _text(index, "appVersion"),
        _text(index, "type") == "library",
        dependencies,
    )


def is_switched_off(dependency: Dependency, values: Node | None) -> bool:
    """Whether a dependency's condition is false in these values: the first path of the
    condition that is there decides, none means that it is on."""
    for path in (dependency.condition or "").split(","):
        node = values
        for key in path.strip().split("."):
            pair = entries(node).get(key) if isinstance(node, MappingNode) else None
            node = pair[1] if pair else None
        value = read_bool(node, yaml_1_1=True) if node is not None else None
        if value is not None:
            return not value
    return False


def locked_versions(text: str, path: str) -> dict[str, str]:
    """Return the exact version of each dependency that a Chart.lock names."""
    return {found.name: found.version for found in _dependencies(_root_index(text, path) or {}, path)}


def keep_dependencies(text: str, path: str, names: Collection[str]) -> str:
    """Return a text that declares dependencies, one below the other, with only those named."""
    pair = (_root_index(text, path) or {}).get("dependencies")
    if pair is None or not isinstance(pair[1], SequenceNode) or pair[1].flow_style:
        return text
    starts = [item.start_mark.line for item in pair[1].value]
    lines = text.split("\n")
    for item, start, end in zip(pair[1].value, starts, [*starts[1:], pair[1].end_mark.line], strict=True):
        if isinstance(item, MappingNode) and _text(entries(item), "name") not in names:
            lines[start:end] = [""] * (end - start)
    return "\n".join(lines)


_OWN_FOLDERS = ("templates/", "crds/", "charts/", "ci/")
_OWN_STEMS = ("Chart.", "requirements.")


def own_files(folder: str, listing: Iterable[str]) -> tuple[str, ...]:
    """Return those of the files below a chart's folder that are read as the chart's.

    Others may stand there too (a chart at the root of a repository has the Dockerfile
    beside it) and are scanned for what they are.
    """
    skip = len(folder) + 1 if folder else 0
    return tuple(path for path in listing if _is_own(path[skip:]))


def is_values_file(path: str) -> bool:
    """Whether a path inside a chart is named like a file of values."""
    if "/" in path:
        return path.startswith("ci/") and path.endswith((".yaml", ".yml"))
    return path.startswith("values") and path.endswith((".yaml", ".yml"))


def _is_own(path: str) -> bool:
    if "/" in path:
        return path.startswith(_OWN_FOLDERS)
    return (path.startswith(_OWN_STEMS) and path.endswith((".yaml", ".yml", ".lock"))) or (
        path.startswith("values") and path.endswith((".yaml", ".yml", ".json"))
    )


def _root_index(text: str, path: str) -> dict[str, Pair] | None:
    documents = parse_yaml(text, path).documents
    root = documents[0].root if documents else None
    return entries(root) if isinstance(root, MappingNode) else None


def _text(index: dict[str, Pair], key: str) -> str | None:
    pair = index.get(key)
    return pair[1].value if pair is not None and isinstance(pair[1], ScalarNode) else None


def _dependencies(index: dict[str, Pair], path: str) -> tuple[Dependency, ...]:
    pair = index.get("dependencies")
    if pair is None or not isinstance(pair[1], SequenceNode):
        return ()
    found = []
    for item in pair[1].value:
        if not isinstance(item, MappingNode):
            continue
        own = entries(item)
        name = _text(own, "name")
        if name:
            found.append(
                Dependency(
                    name,
                    _text(own, "version") or "",
                    _text(own, "repository") or "",
                    _text(own, "alias"),
                    _text(own, "condition"),
                    path,
                    span_of(own["name"]),
                )
            )
    return tuple(found)
