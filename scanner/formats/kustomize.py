"""Kustomizations: which of the files beside them are patches and no objects of their own."""

from __future__ import annotations

import posixpath

from scanner.errors import InputError
from scanner.formats.base import Files
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, entries, parse_yaml

_PATCH_LISTS = ("patches", "patchesStrategicMerge", "patchesJson6902")


def patch_files(kustomization: str, files: Files) -> tuple[str, ...]:
    """Return the files that a kustomization applies as patches, relative to the root.

    What cannot be read names none: discovery reports the file itself.
    """
    try:
        parsed = parse_yaml(files.text(kustomization), kustomization)
    except InputError:
        return ()
    folder = posixpath.dirname(kustomization)
    found = []
    for _, root in parsed.documents:
        if root is None or root.__class__ is not MappingNode:
            continue
        index = entries(root)
        for key in _PATCH_LISTS:
            if key in index and index[key][1].__class__ is SequenceNode:
                found += [_path(item) for item in index[key][1].value]
    paths = (posixpath.normpath(posixpath.join(folder, path)) for path in found if path)
    return tuple(path for path in paths if files.exists(path))


def _path(item: Node) -> str | None:
    if item.__class__ is MappingNode:
        pair = entries(item).get("path")
        item = pair[1] if pair is not None else item
    if item.__class__ is ScalarNode and "\n" not in item.value:
        text: str = item.value
        return text
    return None
