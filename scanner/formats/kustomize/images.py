"""Images that a kustomization renames, retags or pins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.configuration import Configuration
from scanner.formats.kustomize.field_paths import Slot, slots
from scanner.formats.kustomize.identity import kind_of
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import MappingNode, find, key_at, new_scalar, text_at, trouble
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, scalar_text
from scanner.patterns.matching import Dialect, PatternError, compile_pattern

_TAG = r"(:[a-zA-Z0-9_.{}\-]*)?(@sha256:[a-zA-Z0-9_.{}\-]*)?"
_CHANGES = ("digest", "newTag", "tagSuffix", "newName")


class _Image(NamedTuple):
    slot: Slot
    times: int
    """Kustomize finds the images of plain pod templates in two ways and changes them twice,
    which shows in a suffix."""


def set_images(owner: Kustomization, built: Accumulator, fields: Configuration) -> None:
    """Change the images that the kustomization names, wherever containers are. The image
    stands from then on at the entry's digest, tag, suffix or name, the first it has.
    Raises FormatError at a name that cannot be used."""
    changes = list(owner.mappings("images", "imageTags"))
    if not changes:
        return
    found: list[_Image] = []
    for resource in built.resources:
        if kind_of(resource.root).kind == "CustomResourceDefinition":
            continue
        times: dict[tuple[int, int], int] = {}
        places = _anywhere(resource.root)
        for field in fields.images:
            if kind_of(resource.root).is_selected(field.of):
                places += [
                    slot for slot in slots(resource.root, field.path) if slot.node.__class__ is ScalarNode
                ]
        for slot in places:
            place = id(slot.holder), slot.number
            times[place] = times.get(place, 0) + 1
        distinct = {(id(slot.holder), slot.number): slot for slot in places}
        found += [_Image(slot, times[place]) for place, slot in distinct.items()]
    for change in changes:
        name = text_at(change, "name")
        at = next((pair for key in _CHANGES if (pair := find(change, key)) is not None), None)
        if name and at is not None:
            _set_image(change, name, at[0], found)


def _set_image(change: Node, name: str, at: Node, found: list[_Image]) -> None:
    try:
        pattern = compile_pattern(name + _TAG, Dialect.GO) if set("*+?()|[]{}^$\\") & set(name) else None
    except PatternError as error:
        raise trouble(change, f"the image name '{name}' cannot be used: {error}") from None
    for image in found:
        for _ in range(image.times):
            node = image.slot.node
            text = scalar_text(node) or ""
            is_meant = pattern.fullmatch(text) if pattern is not None else split_image(text)[0] == name
            if is_meant:
                image.slot.set(new_scalar(_changed(text, change), at, like=node), key_at("image", at))


def _changed(text: str, change: Node) -> str:
    name, tag, digest = split_image(text)
    new_tag, new_digest = text_at(change, "newTag"), text_at(change, "digest")
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
    elif suffix := text_at(change, "tagSuffix"):
        tag, digest = tag + suffix, ""
    name = text_at(change, "newName") or name
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def split_image(text: str) -> tuple[str, str, str]:
    """Return an image's name, tag and digest, as Kustomize cuts them."""
    rest, _, digest = text.partition("@")
    start = max(rest.find("/"), 0)
    colon = rest.find(":", start)
    if colon < 0:
        return rest, "", digest
    return rest[:colon], rest[colon + 1 :], digest


def _anywhere(root: Node) -> list[Slot]:
    """The images of the items of every list that is called `containers` or `initContainers`."""
    found: list[Slot] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if node.__class__ is SequenceNode:
            pending += [item for item in node.value if item.__class__ is not ScalarNode]
        elif node.__class__ is MappingNode:
            for key, value in node.value:
                if value.__class__ is ScalarNode:
                    continue
                pending.append(value)
                if key.value in ("containers", "initContainers") and value.__class__ is SequenceNode:
                    for item in value.value:
                        found += _texts(slots(item, ("image",)))
    return found


def _texts(found: Iterable[Slot]) -> list[Slot]:
    return [slot for slot in found if slot.node.__class__ is ScalarNode]
