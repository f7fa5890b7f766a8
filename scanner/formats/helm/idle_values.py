"""Credentials in the values of a chart that arrive in nothing that its templates write."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence

from scanner.errors import ScannerError
from scanner.formats.base import Files
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.rendering import Rendering
from scanner.formats.shared.credentials import MOST, Leaf, of_leaf, suspects
from scanner.model.resources import ResourceRef
from scanner.model.settings import WrittenCredential
from scanner.parsing.yaml import YamlSource, parse_yaml

_PASSED_OVER = ("existingSecret", "secretKeys", "passwordKey", "tokenKey")
"""Keys under which charts take the names of Secrets and of their entries."""


def idle_credentials(
    bundle: Bundle, files: Files, paths: Collection[str], renderings: Sequence[Rendering]
) -> tuple[WrittenCredential, ...]:
    """Return the credentials of values.yaml and of other files of values (`paths` in the scanned tree)
    whose text no rendering holds: what arrives in an object is told there, or as a default."""
    written = "\0".join(text for one in renderings for text in (one.texts or {}).values())
    ref = ResourceRef("Chart", bundle.chart.name)
    found: list[WrittenCredential] = []
    for path in dict.fromkeys(
        (bundle.origins["values.yaml"].path, *paths) if "values.yaml" in bundle.origins else paths
    ):
        try:
            text = files.text(path)
        except ScannerError:
            continue  # the ledger tells of it
        found += (one for one in _of_text(path, text, ref) if not _arrives(str(one.value.value), written))
    return tuple(found[:MOST])


def _arrives(text: str, written: str) -> bool:
    """Whether a rendering holds the text: as it is, or packed as a Secret has it."""
    stripped = text.strip()
    return stripped in written or b64encode(stripped.encode()).decode() in written


def _of_text(path: str, text: str, ref: ResourceRef) -> Iterator[WrittenCredential]:
    file = parse_yaml(text, path)
    source: YamlSource = file.source
    for _, root in file.documents:
        if root is not None:
            for leaf in suspects(root, _PASSED_OVER):
                yield from of_leaf(Leaf(leaf.name, leaf.node, leaf.place), source, ref, "values")
