"""What a Compose project defines beside its services: networks, volumes, secrets and configs."""

from __future__ import annotations

import dataclasses

from scanner.errors import InputError
from scanner.formats.base import Files
from scanner.formats.compose.fields import FactReader, is_absent, part_of, with_value
from scanner.formats.compose.paths import folder_of, join
from scanner.formats.compose.tree import EMPTY, Entry, Mapping
from scanner.model.resources import Container, Fact, Mount, Network, ResourceRef, StoredValue, Workload
from scanner.model.source import Located, Unknown


def read_networks(project: Mapping, facts: FactReader) -> tuple[Network, ...]:
    """Return the networks that the project defines."""
    networks: list[Network] = []
    for name, entry, body in _definitions(project, "networks", facts):
        networks.append(
            Network(
                ResourceRef("network", name),
                Located(name, entry.place, entry.source, entry.overridden),
                facts.text(body, "driver"),
                _external(body, facts),
                facts.boolean(body, "internal"),
            )
        )
    return tuple(networks)


def read_stored(project: Mapping, facts: FactReader, files: Files) -> tuple[StoredValue, ...]:
    """Return the secrets and configs that the project defines."""
    stored: list[StoredValue] = []
    for section in ("secrets", "configs"):
        kind = section.removesuffix("s")
        for name, entry, body in _definitions(project, section, facts):
            file = _file(body, facts)
            stored.append(
                StoredValue(
                    ResourceRef(kind, name),
                    kind,
                    Located(name, entry.place, entry.source, entry.overridden),
                    file,
                    facts.text(body, "environment"),
                    facts.text(body, "content"),
                    _external(body, facts),
                    _text_of(file, files),
                )
            )
    return tuple(stored)


def is_committed(path: str, files: Files) -> bool:
    """Whether a file is one of the repository's, as far as the tree shows: git ignores it nowhere."""
    return path in files.listing(folder_of(path))


def _text_of(file: Fact[str], files: Files) -> Fact[str]:
    if file is None or isinstance(file.value, Unknown) or not is_committed(file.value, files):
        return None
    try:
        text = files.text(file.value)
    except InputError:
        return None
    return with_value(file, text)


def resolve_bound_volumes(
    workloads: tuple[Workload, ...], project: Mapping, facts: FactReader
) -> tuple[Workload, ...]:
    """Show mounts of named volumes that are bind mounts in disguise (local driver, `o: bind`) as such."""
    bound: dict[str, Located[str | Unknown]] = {}
    for name, _, body in _definitions(project, "volumes", facts):
        device = _bound_device(body, facts)
        if device is not None:
            bound[name] = device
    if not bound:
        return workloads
    return tuple(
        dataclasses.replace(workload, containers=tuple(_resolve(each, bound) for each in workload.containers))
        for workload in workloads
    )


def _resolve(container: Container, bound: dict[str, Located[str | Unknown]]) -> Container:
    mounts = tuple(_resolve_mount(mount, bound) for mount in container.mounts)
    return dataclasses.replace(container, mounts=mounts)


def _resolve_mount(mount: Mount, bound: dict[str, Located[str | Unknown]]) -> Mount:
    source = mount.source
    if (
        mount.kind != "volume"
        or source is None
        or not isinstance(source.value, str)
        or source.value not in bound
    ):
        return mount
    return dataclasses.replace(mount, kind="bind", source=bound[source.value])


def _bound_device(body: Mapping, facts: FactReader) -> Located[str | Unknown] | None:
    options = {name: (entry, value) for name, entry, value in facts.pairs(body, "driver_opts")}
    if "device" not in options or "o" not in options:
        return None
    flags = options["o"][1]
    entry, device = options["device"]
    if not isinstance(flags, str) or "bind" not in flags.split(",") or device is None:
        return None
    return part_of(entry, device)


def _definitions(project: Mapping, section: str, facts: FactReader) -> list[tuple[str, Entry, Mapping]]:
    found: list[tuple[str, Entry, Mapping]] = []
    entry = project.entries.get(section)
    body = entry.value if entry is not None and isinstance(entry.value, Mapping) else EMPTY
    for name, each in body.entries.items():
        if isinstance(each.value, Mapping):
            found.append((name, each, each.value))
        elif is_absent(each):
            found.append((name, each, EMPTY))
        else:
            facts.mistyped(each, name, "a mapping")
    return found


def _external(body: Mapping, facts: FactReader) -> Fact[bool]:
    entry = body.entries.get("external")
    # The old form `external: {name: ...}` means true.
    if entry is not None and isinstance(entry.value, Mapping):
        return part_of(entry, True)
    return facts.boolean(body, "external")


def _file(body: Mapping, facts: FactReader) -> Fact[str]:
    path = facts.text(body, "file")
    if path is None or isinstance(path.value, Unknown):
        return path
    return path._replace(value=join(body.entries["file"].source.directory, path.value))
