"""A kustomization file: its fields, each with its place, and what it refers to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import FormatError
from scanner.formats.kubernetes.facts import describe
from scanner.formats.kustomize.nodes import MappingNode, claim, find, text_at, text_of, trouble
from scanner.model.source import Source
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, YamlFile, entries, is_null

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
GROUP = "kustomize.config.k8s.io"

SUPPORTED = frozenset(
    (
        "apiVersion",
        "kind",
        "metadata",
        "bases",
        "buildMetadata",
        "commonAnnotations",
        "commonLabels",
        "components",
        "configMapGenerator",
        "configurations",
        "crds",
        "generatorOptions",
        "generators",
        "helmChartInflationGenerator",
        "helmCharts",
        "helmGlobals",
        "images",
        "imageTags",
        "labels",
        "namePrefix",
        "nameSuffix",
        "namespace",
        "openapi",
        "patches",
        "patchesJson6902",
        "patchesStrategicMerge",
        "replacements",
        "replicas",
        "resources",
        "secretGenerator",
        "sortOptions",
        "transformers",
        "validators",
        "vars",
    )
)
"""Fields that are applied, or that change no object."""


_KNOWN = {key.lower(): key for key in SUPPORTED}


_WANTED: dict[str, tuple[type[Node], str]] = {
    **dict.fromkeys(("namePrefix", "nameSuffix", "namespace"), (ScalarNode, "text")),
    **dict.fromkeys(
        ("commonAnnotations", "commonLabels", "generatorOptions", "helmGlobals", "metadata", "openapi"),
        (MappingNode, "a mapping"),
    ),
}
"""What fields that are no lists hold; `items` says it of lists."""


class Reference(NamedTuple):
    """What a path in a kustomization means: `kind` is `file`, `folder` (with a kustomization),
    `remote`, `outside` (of the scanned root) or `missing`; `path` is relative to the root."""

    kind: str
    path: str
    place: Node


class Kustomization:
    """A kustomization file that could be read."""

    __slots__ = ("folder", "index", "is_component", "path", "root", "source")

    def __init__(self, path: str, source: Source, root: Node | None) -> None:
        self.path = path
        self.folder = posixpath.dirname(path)
        self.source = source
        self.root = root
        written = entries(root) if root is not None and root.__class__ is MappingNode else {}
        # Go's decoder of JSON, which reads the file, takes no notice of case.
        self.index: dict[str, Pair] = {_KNOWN.get(key.lower(), key): pair for key, pair in written.items()}
        self.is_component = root is not None and text_at(root, "kind") == "Component"

    def node(self, key: str) -> Node | None:
        """Return a field's value; None when it is absent or null."""
        pair = self.index.get(key)
        return None if pair is None or is_null(pair[1]) else pair[1]

    def text(self, key: str) -> str:
        """Return a field's text, empty when there is none."""
        return text_of(self.node(key)) or ""

    def mistyped(self) -> Iterator[FormatError]:
        """Yield an error for each field that wants a text or a mapping and holds something else."""
        for key, pair in self.index.items():
            wanted = _WANTED.get(key)
            if wanted is not None and pair[1].__class__ is not wanted[0] and not is_null(pair[1]):
                yield trouble(pair, f"expected {wanted[1]} for '{key}', found {describe(pair[1])}")

    def items(self, key: str) -> list[Node]:
        """Return the items of a field. Raises FormatError when it is no list."""
        node = self.node(key)
        if node is None:
            return []
        if node.__class__ is not SequenceNode:
            raise trouble(self.index[key], f"expected a list for '{key}'")
        return [item for item in node.value if not is_null(item)]

    def mappings(self, *keys: str) -> Iterator[MappingNode]:
        """Yield the mappings in some fields' lists. Raises FormatError at another item."""
        for key in keys:
            for item in self.items(key):
                if item.__class__ is not MappingNode:
                    raise trouble(item, f"expected a mapping as item of '{key}'")
                yield item

    def paths(self, *keys: str) -> Iterator[ScalarNode]:
        """Yield the texts in some fields' lists. Raises FormatError at another item."""
        for key in keys:
            for item in self.items(key):
                if item.__class__ is not ScalarNode:
                    raise trouble(item, f"expected a path as item of '{key}'")
                yield item

    def join(self, path: str) -> str | None:
        """Return a path of this file relative to the root; None when it leaves it."""
        if path.startswith(("/", "~")) or "\\" in path or "\0" in path:
            return None
        joined = posixpath.normpath(posixpath.join(self.folder, path))
        if joined == ".." or joined.startswith("../"):
            return None
        return "" if joined == "." else joined


def read_kustomization(file: YamlFile, path: str) -> Kustomization | None:
    """Return the kustomization of a parsed file; None when it is an object of another kind.

    Raises ParseError when it is not well-formed, FormatError when it is no mapping.
    """
    if file.errors:
        raise file.errors[0]
    roots = [root for _, root in file.documents if root is not None]
    if not roots:
        return Kustomization(path, file.source, None)
    root = roots[0]
    if root.__class__ is not MappingNode:
        raise FormatError("expected the fields of a kustomization", path=path, line=1, column=1)
    version = text_at(root, "apiVersion")
    if version and not version.startswith(GROUP + "/") and find(root, "kind") is not None:
        return None
    if len(roots) > 1:
        raise FormatError(
            "a kustomization is one document", path=path, line=roots[1].start_mark.line + 1, column=1
        )
    claim(root, file.source)
    return Kustomization(path, file.source, root)


def is_path(text: str) -> bool:
    """Whether an item of a field that takes objects names where they are, and is not itself
    their text."""
    return "\n" not in text and ": " not in text and not text.lstrip().startswith("{")


def is_remote(text: str) -> bool:
    """Whether a path that stands for no file or folder names something to fetch."""
    if "://" in text or text.startswith(("git@", "git::", "github.com:")) or "?ref=" in text:
        return True
    host, slash, rest = text.partition("/")
    return bool(slash) and "." in host.strip(".") and "/" in rest
