"""A chart with everything that rendering needs, in memory, and where each file came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from typing import NamedTuple

from scanner.errors import FormatError, InputError, ParseError, ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.archives import BinaryFiles, unpack
from scanner.formats.helm.chart import Chart, Dependency, describe_chart, is_switched_off, locked_versions
from scanner.formats.helm.ignore import ignore_rules
from scanner.model.report import Diagnostic
from scanner.parsing.yaml import MappingNode, Node, parse_yaml

_MAX_BYTES = 24 << 20
_MAX_NESTING = 5
_RENDERED = ("Chart.yaml", "values.yaml", "values.schema.json", "requirements.yaml")


class Origin(NamedTuple):
    """The file of the scanned tree that a file of a bundle is (or is packed in)."""

    path: str
    is_packed: bool = False


@dataclass(slots=True)
class Bundle:
    """A chart and its subcharts.

    `files` and `binary` are by path inside the chart; `origins` tells where each comes
    from, and `templates` translates the engine's name of a template to its path here.
    `packed_by` gives for a packed subchart's path prefix the dependency that asks for
    it. `gaps` are the diagnostics for what is missing from it.
    """

    chart: Chart
    folder: str
    files: dict[str, str] = field(default_factory=dict)
    binary: dict[str, bytes] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    packed_by: dict[str, Dependency] = field(default_factory=dict)
    gaps: list[Diagnostic] = field(default_factory=list)
    size: int = 0

    def values(self) -> Node | None:
        """The root of the chart's values.yaml, None when it has none.

        Raises ParseError or FormatError with the place when it is no mapping."""
        return values_root(self.files.get("values.yaml"), self.origins.get("values.yaml", Origin("")).path)


def values_root(text: str | None, path: str) -> Node | None:
    """Return the root mapping of a file of values; the same errors as `Bundle.values`."""
    if text is None:
        return None
    file = parse_yaml(text, path)
    if file.errors:
        raise file.errors[0]
    root = file.documents[0].root if file.documents else None
    if root is not None and not isinstance(root, MappingNode):
        raise FormatError("expected a mapping of values", path=path, line=root.start_mark.line + 1, column=1)
    return root


def load_bundle(folder: str, files: Files) -> Bundle:
    """Gather a chart from the scanned tree.

    Raises ScannerError when it is no chart or holds too much; what can be left out (a
    dependency, an unreadable file) is a gap.
    """
    bundle = Bundle(_describe(folder, files), folder)
    _gather(bundle, files, folder, "", ())
    bundle.values()
    _check_schemas(bundle)
    _name_templates(bundle, "", bundle.chart, bundle.chart.name, 0)
    return bundle


def _describe(folder: str, files: Files) -> Chart:
    path = _join(folder, "Chart.yaml")
    old = _join(folder, "requirements.yaml")
    return describe_chart(files.text(path), path, (old, files.text(old)) if files.exists(old) else None)


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _gather(bundle: Bundle, files: Files, folder: str, prefix: str, above: tuple[str, ...]) -> None:
    """Take a chart's folder in under a prefix, then the charts that it depends on by path."""
    ignore_path = _join(folder, ".helmignore")
    is_ignored = ignore_rules(files.text(ignore_path) if files.exists(ignore_path) else "")
    listing = [path for path in files.listing(folder) if path.startswith(folder + "/" if folder else "")]
    skip = len(folder) + 1 if folder else 0
    inner = [path[skip:] for path in listing if not is_ignored(path[skip:])]
    for name in inner:
        if name.startswith(("templates/", "charts/")) or name in _RENDERED:
            _take(bundle, files, _join(folder, name), prefix + name)
    if any(".Files" in text for text in bundle.files.values()):
        for name in inner:
            if prefix + name not in bundle.files and not name.startswith((".", "charts/")):
                _take(bundle, files, _join(folder, name), prefix + name)
    _depend(bundle, files, folder, prefix, above)


def _take(bundle: Bundle, files: Files, path: str, name: str) -> None:
    if path.endswith((".tgz", ".tar.gz")):
        if name.rpartition("/")[0].endswith("charts"):
            _take_archive(bundle, files, path, name)
        return
    try:
        text = files.text(path)
    except InputError as error:
        # A picture or a font is no template; what must be text is a gap when it is not.
        if "/templates/" in "/" + name or name.endswith(".yaml"):
            bundle.gaps.append(as_diagnostic(error, path))
        return
    _add(bundle, name, text, Origin(path))


def _add(bundle: Bundle, name: str, text: str, origin: Origin) -> None:
    bundle.files[name] = text
    bundle.origins[name] = origin
    bundle.size += len(text)
    if bundle.size > _MAX_BYTES:
        raise InputError(
            f"the chart holds more than {_MAX_BYTES >> 20} MiB of text",
            path=bundle.chart.path,
            hint="leave large files out with .helmignore",
        )


def _take_archive(bundle: Bundle, files: Files, path: str, name: str) -> None:
    if not isinstance(files, BinaryFiles):
        bundle.gaps.append(Diagnostic(path, None, None, "warning", "packed subcharts cannot be read here"))
        return
    try:
        _unpack_into(bundle, files.bytes(path), path, name, 1)
    except InputError as error:
        bundle.gaps.append(as_diagnostic(error, path))


def _unpack_into(bundle: Bundle, content: bytes, path: str, name: str, depth: int) -> None:
    """Add the files of a packed chart under a folder named like the archive."""
    prefix = name.removesuffix(".tgz").removesuffix(".tar.gz") + "/"
    for inner, data in unpack(content, path).items():
        if inner.endswith(".tgz") and inner.startswith("charts/"):
            if depth < _MAX_NESTING:
                _unpack_into(bundle, data, path, prefix + inner, depth + 1)
            continue
        try:
            _add(bundle, prefix + inner, data.decode("utf-8-sig"), Origin(path, is_packed=True))
        except UnicodeDecodeError:
            continue


def _chart_at(bundle: Bundle, prefix: str) -> Chart | None:
    text = bundle.files.get(prefix + "Chart.yaml")
    if text is None:
        return None
    origin = bundle.origins[prefix + "Chart.yaml"]
    old = bundle.files.get(prefix + "requirements.yaml")
    try:
        return describe_chart(text, origin.path, (origin.path, old) if old is not None else None)
    except (ParseError, FormatError):
        return None


def _depend(bundle: Bundle, files: Files, folder: str, prefix: str, above: tuple[str, ...]) -> None:
    """Bring in declared dependencies that are charts of the same tree; the absent are gaps."""
    chart = bundle.chart if not prefix else _chart_at(bundle, prefix)
    if chart is None:
        return
    present = {found.name for _, found in subcharts(bundle, prefix)}
    values = values_root(bundle.files.get(prefix + "values.yaml"), _join(folder, "values.yaml"))
    for dependency in chart.dependencies:
        if dependency.name in present:
            continue
        present.add(dependency.name)
        local = _local_folder(folder, dependency, files)
        if local is not None and local not in (*above, folder) and len(above) < _MAX_NESTING:
            _gather(bundle, files, local, f"{prefix}charts/{dependency.name}/", (*above, folder))
        elif _take_unlisted(bundle, files, folder, prefix, dependency):
            continue
        elif not is_switched_off(dependency, values):
            bundle.gaps.append(_absent(dependency, folder))


def _take_unlisted(bundle: Bundle, files: Files, folder: str, prefix: str, dependency: Dependency) -> bool:
    """Take a packed dependency that Git ignores, as `helm dependency build` leaves it."""
    lock = _join(folder, "Chart.lock")
    locked = locked_versions(files.text(lock), lock) if files.exists(lock) else {}
    for version in (locked.get(dependency.name), dependency.version):
        name = f"charts/{dependency.name}-{version}.tgz"
        if version and "/" not in version and files.exists(_join(folder, name)):
            _take_archive(bundle, files, _join(folder, name), prefix + name)
            return True
    return False


def _local_folder(folder: str, dependency: Dependency, files: Files) -> str | None:
    if not dependency.repository.startswith("file://"):
        return None
    local = normpath(_join(folder, dependency.repository.removeprefix("file://")))
    if local.startswith(("..", "/")):
        return None
    local = "" if local == "." else local
    return local if files.exists(_join(local, "Chart.yaml")) else None


def _absent(dependency: Dependency, folder: str) -> Diagnostic:
    return Diagnostic(
        dependency.path,
        dependency.span.line,
        dependency.span.column,
        "warning",
        f"dependency '{dependency.label}' is not in charts/ and was not rendered; "
        f"run `helm dependency build {folder or '.'}` before the scan",
    )


def subcharts(bundle: Bundle, prefix: str = "") -> Iterator[tuple[str, Chart]]:
    """Give the prefix and description of each chart directly below another."""
    start = prefix + "charts/"
    seen = set()
    for path in list(bundle.files):
        if path.startswith(start) and path.endswith("/Chart.yaml") and path.count("/", len(start)) == 1:
            child = path.removesuffix("Chart.yaml")
            chart = _chart_at(bundle, child)
            if chart is not None and child not in seen:
                seen.add(child)
                yield child, chart


def _name_templates(bundle: Bundle, prefix: str, chart: Chart, name: str, depth: int) -> None:
    """Learn the engine's names: a chart is known by its name or alias, not by its folder."""
    start = prefix + "templates/"
    for path in bundle.files:
        if path.startswith(start):
            bundle.templates[f"{name}/{path[len(prefix) :]}"] = path
    if depth < _MAX_NESTING:
        for child, found in subcharts(bundle, prefix):
            wanted = [known for known in chart.dependencies if known.name == found.name]
            if bundle.origins[child + "Chart.yaml"].is_packed and wanted:
                bundle.packed_by[child] = bundle.packed_by.get(prefix, wanted[0])
            for label in sorted({found.name, *(known.label for known in wanted)}):
                _name_templates(bundle, child, found, f"{name}/charts/{label}", depth + 1)


def _check_schemas(bundle: Bundle) -> None:
    """Leave out schemas that point elsewhere: the engine would fetch what they name."""
    for path in [path for path in bundle.files if path.endswith("values.schema.json")]:
        try:
            is_closed = _is_closed(json.loads(bundle.files[path]))
        except (ValueError, RecursionError):
            is_closed = "$ref" not in bundle.files[path]
        if not is_closed:
            origin = bundle.origins[path]
            del bundle.files[path]
            message = (
                "the schema refers to another document, which is never fetched; values were not validated"
            )
            bundle.gaps.append(Diagnostic(origin.path, None, None, "warning", message))


def _is_closed(schema: object) -> bool:
    if isinstance(schema, list):
        return all(map(_is_closed, schema))
    if not isinstance(schema, dict):
        return True
    for key in ("$ref", "$dynamicRef", "$recursiveRef"):
        if isinstance(schema.get(key), str) and not schema[key].startswith("#"):
            return False
    dialect = schema.get("$schema")
    if isinstance(dialect, str) and "//json-schema.org/" not in dialect:
        return False
    return all(map(_is_closed, schema.values()))


def as_diagnostic(error: ScannerError, path: str) -> Diagnostic:
    """Return an error as the diagnostic that makes the scan incomplete."""
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return Diagnostic(error.path or path, error.line, error.column, "error", text)
