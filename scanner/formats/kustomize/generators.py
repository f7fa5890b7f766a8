"""ConfigMaps and Secrets that a kustomization generates, and the hashes of their content."""

from __future__ import annotations

import base64
import hashlib
import posixpath
from typing import NamedTuple

from scanner.errors import InputError
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import (
    MappingNode,
    child,
    find,
    key_at,
    new_mapping,
    new_scalar,
    put,
    text_at,
    text_of,
    trouble,
)
from scanner.formats.kustomize.scalars import as_value, go_json
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.source import Location, Source, Span
from scanner.parsing.yaml import Node, Pair, ScalarNode, SequenceNode, entries, read_bool
from scanner.parsing.yaml_nodes import Mark

UNKNOWN_HASH = "unknownhash"
"""Stands in a name for the hash of content that cannot be read."""
_MAX_LINES = 100_000


class Datum(NamedTuple):
    """A key of a generated object, at the place that asks for it or, of an env file, where it
    is written. The value is None when it cannot be read as text; `file` holds it, if one does."""

    key: str
    value: str | None
    at: Node
    file: str | None = None


def generate(owner: Kustomization, workspace: Workspace) -> list[Resource]:
    """Return the objects that a kustomization generates. Files that are missing are gaps.

    Raises FormatError at an entry that says nothing that can be generated.
    """
    found = [_generate(args, "ConfigMap", owner, workspace) for args in owner.mappings("configMapGenerator")]
    found += [_generate(args, "Secret", owner, workspace) for args in owner.mappings("secretGenerator")]
    return found


def _generate(args: Node, kind: str, owner: Kustomization, workspace: Workspace) -> Resource:
    name = find(args, "name")
    if name is None or text_of(name[1]) is None:
        raise trouble(args, f"a generated {kind} needs a name")
    data = read_data(args, owner, workspace)
    at = name[0]
    metadata = new_mapping(at, [name])
    namespace = find(args, "namespace")
    if namespace is not None and text_of(namespace[1]):
        metadata.value.append(namespace)
    root = new_mapping(
        at,
        [
            (key_at("apiVersion", at), new_scalar("v1", at)),
            (key_at("kind", at), new_scalar(kind, at)),
            (key_at("metadata", at), metadata),
        ],
    )
    if kind == "Secret":
        written = find(args, "type")
        if written is None or not text_of(written[1]):
            written = (key_at("type", at), new_scalar("Opaque", at))
        root.value.append(written)
    _fill(root, data, is_secret=kind == "Secret")
    resource = Resource(root)
    resource.behavior = text_at(args, "behavior") or "create"
    resource.needs_hash = not _is_option(args, owner, "disableNameSuffixHash")
    _add_options(root, metadata, args, owner)
    return resource


def _fill(root: MappingNode, data: list[Datum], *, is_secret: bool) -> None:
    for datum in data:
        is_binary = datum.value is None
        field = "binaryData" if is_binary and not is_secret else "data"
        holder = child(root, field)
        if holder.__class__ is not MappingNode:
            holder = new_mapping(datum.at)
            root.value.append((key_at(field, datum.at), holder))
        text = "" if datum.value is None else datum.value
        value = new_scalar(_base64(text) if is_secret else text, datum.at)
        if datum.value is None:
            value.__dict__["is_unread"] = True
        holder.value.append((key_at(datum.key, datum.at), value))
    if is_secret and child(root, "data") is None:
        root.value.append((key_at("data", root), new_mapping(root)))


def _base64(text: str) -> str:
    """Return the base64 of a text, in lines of 70 as Kustomize writes it."""
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    if len(encoded) < 70:
        return encoded
    return "".join(encoded[start : start + 70] + "\n" for start in range(0, len(encoded), 70))


def read_data(args: Node, owner: Kustomization, workspace: Workspace) -> list[Datum]:
    """Return what an entry of a generator asks for. Raises FormatError at what is no key."""
    found: list[Datum] = []
    for item in (*_texts(args, "envs"), *_texts(args, "env")):
        found += _env_file(item, owner, workspace)
    for item in _texts(args, "literals"):
        key, equals, value = item.value.partition("=")
        if not key or not equals:
            raise trouble(item, "a literal is not of the form key=value")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found.append(Datum(key, value, item))
    for item in _texts(args, "files"):
        key, equals, path = item.value.partition("=")
        if not equals:
            key, path = posixpath.basename(item.value), item.value
        found.append(Datum(key, _content(path, item, owner, workspace), item, owner.join(path)))
    seen: set[str] = set()
    for datum in found:
        if datum.key in seen:
            raise trouble(datum.at, f"the key '{datum.key}' stands twice")
        seen.add(datum.key)
    return found


def _texts(args: Node, key: str) -> list[ScalarNode]:
    node = child(args, key)
    if node is None:
        return []
    if node.__class__ is ScalarNode:
        return [node] if text_of(node) else []
    items = node.value if node.__class__ is SequenceNode else [node]
    texts = [item for item in items if item.__class__ is ScalarNode]
    if len(texts) < len(items):
        raise trouble(node, f"expected a list of texts for '{key}'")
    return texts


def _content(path: str, item: Node, owner: Kustomization, workspace: Workspace) -> str | None:
    """Return a file's text; None, which is a gap or a binary file, when it has none."""
    joined = owner.join(path)
    if joined is None:
        workspace.gap(item, owner.path, f"'{path}' leaves the scanned root")
        return None
    try:
        text = workspace.files.text(joined)
    except InputError as error:
        if "binary" not in error.message and "decoded" not in error.message:
            workspace.gap(item, owner.path, f"'{path}' cannot be read: {error.message}")
        return None
    workspace.use(joined, "kustomize")
    return text


class _LineSource:
    """An env file, whose nodes are whole lines."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def locate(self, place: object) -> Location:
        node = place[0] if isinstance(place, tuple) else place
        assert isinstance(node, Node)
        start, end = node.start_mark, node.end_mark
        return Location(self.path, Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: there are few such places, and where they stand is asked late."""
        return self, place

    def extent(self, place: object) -> Location:
        """Return the whole line."""
        return self.locate(place)


def _env_file(item: ScalarNode, owner: Kustomization, workspace: Workspace) -> list[Datum]:
    text = _content(item.value, item, owner, workspace)
    if text is None:
        return []
    source = _LineSource(owner.join(item.value) or owner.path)
    found = []
    for number, line in enumerate(text.split("\n")[:_MAX_LINES], 1):
        written = line.removesuffix("\r").lstrip()
        if not written or written.startswith("#"):
            continue
        key, _, value = written.partition("=")
        at = new_scalar("", item)
        at.start_mark, at.end_mark = _mark(number, 0), _mark(number, len(line))
        at.__dict__["origin"] = source
        found.append(Datum(key, value, at))
    return found


def _mark(line: int, column: int) -> Mark:
    return Mark("", 0, line - 1, column, None, 0)


def _options(args: Node, owner: Kustomization) -> tuple[Node | None, Node | None]:
    return child(args, "options"), owner.node("generatorOptions")


def _is_option(args: Node, owner: Kustomization, key: str) -> bool:
    pairs = (find(options, key) for options in _options(args, owner))
    return any(pair is not None and _is_true(pair) for pair in pairs)


def _is_true(pair: Pair) -> bool:
    return read_bool(pair[1], yaml_1_1=True) is True


def _add_options(root: MappingNode, metadata: MappingNode, args: Node, owner: Kustomization) -> None:
    for field in ("labels", "annotations"):
        merged: dict[str, Pair] = {}
        for options in _options(args, owner):
            holder = child(options, field)
            if holder is not None and holder.__class__ is MappingNode:
                for key, pair in entries(holder).items():
                    merged.setdefault(key, pair)
        if merged:
            at = next(iter(merged.values()))[0]
            metadata.value.append((key_at(field, at), new_mapping(at, list(merged.values()))))
    if _is_option(args, owner, "immutable"):
        found = (find(options, "immutable") for options in _options(args, owner))
        put(root, next(pair for pair in found if pair is not None and _is_true(pair)))


def add_hash(resource: Resource) -> None:
    """Put the hash of a generated object's content behind its name, as Kustomize does.

    Where content could not be read, a stand-in takes its place.
    """
    resource.remember()
    resource.rename(f"{resource.identity.name}-{_hash(resource.root)}")


def _hash(root: Node) -> str:
    values = [*_values(child(root, "data")), *_values(child(root, "binaryData"))]
    if any("is_unread" in value.__dict__ for value in values):
        return UNKNOWN_HASH
    kind = text_at(root, "kind")
    # Kustomize looks for the name at a path that is never there: it is empty in every hash.
    content: dict[str, object] = {"kind": kind, "name": ""}
    data = child(root, "data")
    content["data"] = "" if data is None else as_value(data)
    binary = child(root, "binaryData")
    if kind == "ConfigMap" and binary is not None and binary.__class__ is MappingNode:
        content["binaryData"] = as_value(binary)
    if kind == "Secret":
        content["type"] = text_at(root, "type")
        strings = child(root, "stringData")
        if strings is not None and strings.__class__ is MappingNode:
            content["stringData"] = as_value(strings)
    digest = hashlib.sha256(go_json(content).encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))


def _values(data: Node | None) -> list[Node]:
    if data is None or data.__class__ is not MappingNode:
        return []
    return [pair[1] for pair in data.value]


def merge_generated(old: Resource, new: Resource) -> None:
    """Let a generated object change one that is there: replace it, or merge its data over."""
    root, metadata = new.root, new.metadata()
    before = child(old.root, "metadata")
    for field in ("labels", "annotations"):
        kept = child(before, field)
        if kept is not None and kept.__class__ is MappingNode:
            holder = child(metadata, field)
            if holder.__class__ is not MappingNode:
                holder = new_mapping(kept)
                metadata.value.append((key_at(field, kept), holder))
            present = {pair[0].value for pair in holder.value}
            holder.value[:0] = [pair for pair in kept.value if pair[0].value not in present]
    for key in ("name", "namespace"):
        pair = find(before, key)
        if pair is not None:
            put(metadata, pair)
    if new.behavior == "merge":
        for field in ("data", "binaryData"):
            kept = child(old.root, field)
            if kept is None or kept.__class__ is not MappingNode:
                continue
            holder = child(root, field)
            if holder.__class__ is not MappingNode:
                holder = new_mapping(kept)
                root.value.append((key_at(field, kept), holder))
            present = {pair[0].value for pair in holder.value}
            holder.value[:0] = [pair for pair in kept.value if pair[0].value not in present]
    new.previous, new.prefixes, new.suffixes = old.previous, old.prefixes, old.suffixes
    new.variables = old.variables
    new.needs_hash = new.needs_hash and old.needs_hash
    new.behavior = old.behavior
