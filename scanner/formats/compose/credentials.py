"""Credentials in a Compose project outside of variables, secrets and command lines: in labels,
options of drivers, arguments of builds and whatever else is written out."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.compose.tree import Entry, Mapping, Scalar, Sequence
from scanner.formats.shared.credentials import MOST, Leaf, is_suspect, of_file, of_leaf, written
from scanner.model.resources import ResourceRef
from scanner.model.settings import WrittenCredential
from scanner.secrets.credentials import telling

_SECTIONS = {
    "services": "service",
    "jobs": "job",
    "volumes": "volume",
    "networks": "network",
    "models": "model",
}
_PASSED_OVER = frozenset(
    ("environment", "command", "entrypoint", "test", "env_file", "args", "image", "secrets", "configs",
     "dockerfile_inline", "pre_start", "post_start", "pre_stop")
)  # fmt: skip
"""Told elsewhere, or names of what is defined elsewhere."""


def read_credentials(project: Mapping) -> tuple[WrittenCredential, ...]:
    """Return what is written out in the definitions of a project; what a variable fills in is told
    where that is set."""
    found: list[WrittenCredential] = []
    for section, kind in _SECTIONS.items():
        entry = project.entries.get(section)
        if entry is None or not isinstance(entry.value, Mapping):
            continue
        for name, each in entry.value.entries.items():
            ref = ResourceRef(kind, name)
            for leaf, at in _leaves("", each):
                found += of_leaf(leaf, at.source, ref, "field")
            found += _in_open_variables(each, ref)
            if len(found) >= MOST:
                return tuple(found[:MOST])
    configs = project.entries.get("configs")
    if configs is not None and isinstance(configs.value, Mapping):
        for name, each in configs.value.entries.items():
            content = each.value.entries.get("content") if isinstance(each.value, Mapping) else None
            if content is not None and isinstance(content.value, Scalar):
                leaf = Leaf(name, content.value.node, content.place)  # type: ignore[arg-type]
                found += of_file(name, leaf, content.source, ResourceRef("config", name), "config")
    return tuple(found[:MOST])


def _leaves(name: str, entry: Entry) -> Iterator[tuple[Leaf, Entry]]:
    value = entry.value
    if isinstance(value, Mapping):
        for key, each in value.entries.items():
            if key not in _PASSED_OVER:
                yield from _leaves(key, each)
    elif isinstance(value, Sequence):
        for item in value.items:
            yield from _leaves("", item)
    elif isinstance(value, Scalar) and is_suspect(name, value.node.value):
        yield Leaf(name, value.node, entry.place), entry  # type: ignore[arg-type]


def _in_open_variables(entry: Entry, ref: ResourceRef) -> Iterator[WrittenCredential]:
    """What is written out of a variable's value that another variable is a part of, which leaves the
    whole undecided: the password of `postgres://${USER}:x@db`."""
    value = entry.value.entries.get("environment") if isinstance(entry.value, Mapping) else None
    if value is None or isinstance(value.value, Scalar):
        return
    entries = (
        value.value.entries.items()
        if isinstance(value.value, Mapping)
        else (("", one) for one in value.value.items)
    )
    for key, each in entries:
        if (
            isinstance(each.value, Scalar)
            and each.value.unknown is not None
            and "//" in each.value.node.value
        ):
            name = key or each.value.node.value.partition("=")[0]
            leaf = Leaf(name, each.value.node, each.place)  # type: ignore[arg-type]
            for one in telling(each.value.node.value, name):
                yield written(one, name, leaf, each.source, ref, "field")
