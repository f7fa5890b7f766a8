"""Mounts and devices of a Compose service: volumes, tmpfs, secrets, configs, the API socket."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from scanner.errors import FormatError
from scanner.formats.compose.fields import FactReader, is_absent, part_of, with_value
from scanner.formats.compose.paths import host_path
from scanner.formats.compose.shorthand import PROPAGATIONS, has_hole, is_host_path, split_volume
from scanner.formats.compose.tree import Entry, Mapping, Scalar, Sequence
from scanner.model.resources import Device, Fact, Mount, Reference
from scanner.model.source import Unknown

API_SOCKET = "/var/run/docker.sock"


def read_mounts(service: Mapping, facts: FactReader) -> tuple[Mount, ...]:
    """Return all mounts of a service, in the order of volumes, tmpfs, secrets and configs."""
    mounts: list[Mount] = []
    for item in facts.items(service, "volumes"):
        mount = (
            _long_mount(item.value, item, facts)
            if isinstance(item.value, Mapping)
            else _short_mount(item, facts)
        )
        if mount is not None:
            mounts.append(mount)
    for item in facts.items(service, "tmpfs", single=True):
        mount = _tmpfs(item, facts)
        if mount is not None:
            mounts.append(mount)
    for key, folder in (("secrets", "/run/secrets/"), ("configs", "/")):
        for item in facts.items(service, key):
            mount = _granted(item, key, folder, facts)
            if mount is not None:
                mounts.append(mount)
    socket = facts.boolean(service, "use_api_socket")
    if socket is not None and socket.value is not False:
        mounts.append(_api_socket(socket.value, service.entries["use_api_socket"], facts))
    return tuple(mounts)


def _api_socket(value: bool | Unknown, entry: Entry, facts: FactReader) -> Mount:
    if isinstance(value, Unknown):
        unknown = facts.undecided(entry, value.reason)
        return Mount(part_of(entry, API_SOCKET), unknown, "unknown")
    path = part_of(entry, API_SOCKET)
    return Mount(path, path, "bind", text=part_of(entry, "use_api_socket"))


def _short_mount(item: Entry, facts: FactReader) -> Mount | None:
    scalar = item.value
    if not isinstance(scalar, Scalar) or scalar.style == "null":
        facts.mistyped(item, "volumes", "a volume as item")
        return None
    try:
        volume = split_volume(scalar.text)
    except FormatError as error:
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        if scalar.unknown is None:
            facts.complain(item, message)
        return Mount(source=facts.undecided(item, message), kind="unknown")

    def known(text: str | None) -> Fact[str]:
        if text is None:
            return None
        return facts.undecided(item, scalar.unknown or "") if has_hole(text) else part_of(item, text)

    source, kind = volume.source, "volume"
    if source is not None and (has_hole(source[:1]) or (source[:1].isalpha() and has_hole(source[:2]))):
        kind = "unknown"
    elif source is not None and is_host_path(source):
        kind = "npipe" if source.startswith("\\\\") else "bind"
        source = host_path(item.source.directory, source)
    options = volume.options
    if any(has_hole(option) for option in options):
        unknown = facts.undecided(item, scalar.unknown or "")
        return Mount(known(volume.target), known(source), kind, unknown, unknown, known(scalar.text), unknown)
    propagation = next((option for option in options if option in PROPAGATIONS), None)
    return Mount(
        known(volume.target),
        known(source),
        kind,
        part_of(item, "ro" in options) if "ro" in options or "rw" in options else None,
        known(propagation),
        known(scalar.text),
        part_of(item, options) if options else None,
    )


def _long_mount(mapping: Mapping, item: Entry, facts: FactReader) -> Mount:
    kind_fact = facts.text(mapping, "type")
    source = facts.text(mapping, "source")
    kind = "volume" if kind_fact is None else kind_fact.value
    if isinstance(kind, Unknown):
        kind = "unknown"
    if kind == "bind" and source is not None and isinstance(source.value, str):
        source = source._replace(value=host_path(item.source.directory, source.value))
    bind = facts.mapping(mapping, "bind")
    selinux = facts.texts(bind, "selinux")
    return Mount(
        facts.text(mapping, "target"),
        source,
        kind,
        facts.boolean(mapping, "read_only"),
        facts.text(bind, "propagation"),
        part_of(item, _written(mapping)),
        selinux,
    )


def _written(mapping: Mapping) -> str:
    values = [mapping.entries.get(key) for key in ("source", "target")]
    texts = [entry.value.text for entry in values if entry is not None and isinstance(entry.value, Scalar)]
    return ":".join(text for text in texts if not has_hole(text))


def _tmpfs(item: Entry, facts: FactReader) -> Mount | None:
    text = facts.text_of(item, "tmpfs")
    if text is None or isinstance(text.value, Unknown):
        return None if text is None else Mount(text, kind="tmpfs")
    path, colon, options = text.value.partition(":")
    return Mount(
        text._replace(value=path),
        kind="tmpfs",
        text=text,
        options=with_value(text, tuple(options.split(","))) if colon else None,
    )


def _granted(item: Entry, key: str, folder: str, facts: FactReader) -> Mount | None:
    """A secret or config that the service is given; the engine mounts it read-only."""
    kind = key.removesuffix("s")
    if isinstance(item.value, Mapping):
        source = facts.text(item.value, "source")
        target = facts.text(item.value, "target")
        if source is None:
            facts.complain(item, f"the {kind} has no 'source'; write its name there")
            return None
    elif is_absent(item) or isinstance(item.value, Sequence):
        facts.mistyped(item, key, "a name as item")
        return None
    else:
        source, target = facts.text_of(item, key), None
    if target is None and source is not None and isinstance(source.value, str):
        target = source._replace(value=folder + source.value)
    elif target is not None and isinstance(target.value, str) and not target.value.startswith("/"):
        target = target._replace(value=normpath(folder + target.value))
    return Mount(target, source, kind, part_of(item, True), text=source)


def granted_references(mounts: tuple[Mount, ...]) -> Iterator[Reference]:
    """Yield a reference for each secret or config that is among a service's mounts."""
    for mount in mounts:
        if mount.kind in ("secret", "config") and mount.source is not None:
            yield Reference(mount.kind, mount.source, "mount")


def read_devices(service: Mapping, facts: FactReader) -> tuple[Device, ...]:
    """Return the devices of the host that a service gets, and its device cgroup rules."""
    devices: list[Device] = []
    for item in facts.items(service, "devices"):
        if isinstance(item.value, Mapping):
            source, target = facts.text(item.value, "source"), facts.text(item.value, "target")
            mode = facts.text(item.value, "permissions")
            devices.append(Device(source, target or source, mode, text=source))
            continue
        text = facts.text_of(item, "devices")
        if text is None:
            continue
        if isinstance(text.value, Unknown):
            devices.append(Device(text, text=text))
            continue
        path, _, rest = text.value.partition(":")
        target_text, colon, permissions = rest.partition(":")
        # CDI names are vendor/class=device.
        is_path = path.startswith("/")
        devices.append(
            Device(
                text._replace(value=path if is_path else text.value),
                text._replace(value=target_text or path) if is_path else None,
                text._replace(value=permissions) if colon and is_path else None,
                text=text._replace(value=path if is_path else text.value),
            )
        )
    for item in facts.items(service, "device_cgroup_rules"):
        rule = facts.text_of(item, "device_cgroup_rules")
        if rule is not None:
            devices.append(Device(rule=rule, text=rule))
    return tuple(devices)
