"""A chart's own description and its dependencies as facts, each at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.bundle import Bundle, subcharts
from scanner.model.basics import ResourceRef
from scanner.model.charts import Chart, ChartDependency
from scanner.model.source import Located, Source, Span, SpanSource
from scanner.parsing.yaml import (
    MappingNode,
    Pair,
    ScalarNode,
    SequenceNode,
    entries,
    is_null,
    parse_yaml,
    read_bool,
)

KIND = "Chart"
"""The kind by which findings name a chart."""

_LOCKS = ("Chart.lock", "requirements.lock")


class _Entry(NamedTuple):
    """An item of a list of dependencies."""

    keys: dict[str, Pair]
    source: Source

    def text(self, key: str) -> Located[str] | None:
        """The text under a key, None when there is none."""
        return _text(self.keys, key, self.source)


def chart_ref(bundle: Bundle) -> ResourceRef:
    """Return how findings name the chart."""
    return ResourceRef(KIND, bundle.chart.name)


def read_metadata(bundle: Bundle, files: Files) -> Chart:
    """Return what a chart's description says; nothing of what its templates write.

    Chart.yaml has been read before. A lock file or a list of requirements that cannot be
    read is as if it were absent: Helm itself says why when it needs them.
    """
    path = bundle.chart.path
    file = parse_yaml(files.text(path), path)
    root = file.documents[0].root
    index = entries(root) if isinstance(root, MappingNode) else {}
    name = _text(index, "name", file.source)
    deprecated = read_bool(index["deprecated"][1], yaml_1_1=True) if "deprecated" in index else None
    declared = list(_declared(index.get("dependencies"), file.source))
    locks = [lock for lock in _LOCKS if files.exists(_beside(bundle, lock))]
    if not declared:
        declared = list(_listed(_beside(bundle, "requirements.yaml"), files))
    locked = [entry for lock in locks[:1] for entry in _listed(_beside(bundle, lock), files)]
    return Chart(
        ref=chart_ref(bundle),
        name=name or Located(bundle.chart.name, Span(1, 1, 1, 1), SpanSource(path)),
        version=_text(index, "version", file.source),
        app_version=_text(index, "appVersion", file.source),
        kube_version=_text(index, "kubeVersion", file.source),
        type=_text(index, "type", file.source),
        deprecated=None if deprecated is None else Located(deprecated, index["deprecated"], file.source),
        has_lock=bool(locks),
        dependencies=tuple(_dependencies(declared, locked, list(_vendored(bundle)))),
    )


def _dependencies(
    declared: list[_Entry], locked: list[_Entry], vendored: list[tuple[str, Located[str]]]
) -> Iterator[ChartDependency]:
    positions: dict[str, int] = {}
    for entry in declared:
        name = entry.text("name")
        if name is None:
            continue
        number = positions.get(name.value, 0)
        positions[name.value] = number + 1
        # A lock file lists dependencies of one name in the order in which they are declared.
        locks = [one.text("version") for one in locked if _value(one.text("name")) == name.value]
        lock = locks[min(number, len(locks) - 1)] if locks else None
        copies = [version for of, version in vendored if of == name.value]
        copy = next((one for one in copies if lock is not None and one.value == lock.value), None)
        repository = entry.text("repository")
        address = _value(repository)
        yield ChartDependency(
            name=name,
            version=entry.text("version"),
            repository=repository,
            alias=entry.text("alias"),
            condition=entry.text("condition"),
            locked_version=lock,
            vendored_version=copy or (copies[0] if copies else None),
            digest=entry.text("digest"),
            is_local=address.startswith("file://") or (not address and bool(copies)),
        )


def _vendored(bundle: Bundle) -> Iterator[tuple[str, Located[str]]]:
    """Give the name and the version of each copy in the chart's own charts/ folder."""
    start = _beside(bundle, "charts/")
    for prefix, chart in subcharts(bundle):
        origin = bundle.origins[f"{prefix}Chart.yaml"]
        if not origin.path.startswith(start) or chart.version is None:
            continue
        whole: Located[str] = Located(chart.version, Span(1, 1, 1, 1), SpanSource(origin.path))
        if origin.is_packed:
            yield chart.name, whole
            continue
        file = parse_yaml(bundle.files[f"{prefix}Chart.yaml"], origin.path)
        root = file.documents[0].root
        index = entries(root) if isinstance(root, MappingNode) else {}
        yield chart.name, _text(index, "version", file.source) or whole


def _listed(path: str, files: Files) -> Iterator[_Entry]:
    """Give the dependencies that a file of its own lists."""
    try:
        file = parse_yaml(files.text(path), path) if files.exists(path) else None
    except ScannerError:
        return
    if file is None or file.errors or not file.documents:
        return
    root = file.documents[0].root
    if isinstance(root, MappingNode):
        yield from _declared(entries(root).get("dependencies"), file.source)


def _declared(pair: Pair | None, source: Source) -> Iterator[_Entry]:
    if pair is not None and isinstance(pair[1], SequenceNode):
        for item in pair[1].value:
            if isinstance(item, MappingNode):
                yield _Entry(entries(item), source)


def _text(index: dict[str, Pair], key: str, source: Source) -> Located[str] | None:
    pair = index.get(key)
    if pair is None or not isinstance(pair[1], ScalarNode) or is_null(pair[1]):
        return None
    return Located(pair[1].value, pair, source)


def _value(fact: Located[str] | None) -> str:
    return "" if fact is None else fact.value


def _beside(bundle: Bundle, name: str) -> str:
    return f"{bundle.folder}/{name}" if bundle.folder else name
