"""`extends`: services that are built upon another one, of the same file or of another."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeAlias

from scanner.errors import FormatError
from scanner.formats.compose.interpolation import Variables
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.merge import merge_projects, merge_services
from scanner.formats.compose.paths import folder_of, is_remote, join
from scanner.formats.compose.tree import EMPTY, Entry, Mapping, Scalar, mapping_of
from scanner.model.source import Located, Source

MAX_CHAIN = 50


class Gap(NamedTuple):
    """Why a part of a service is not known, and the place that says so."""

    reason: str
    place: object
    source: Source


class LayerLoader(Protocol):
    """Reads the documents of another file of the project."""

    def layers(self, path: str, directory: str, variables: Variables, asked: Entry) -> list[Mapping]:
        """Return them without what they extend or include."""

    def note_remote(self, at: Entry, address: str, keyword: str) -> None:
        """Note that `keyword` at a place asks for a file that is not in the repository."""


_Chain: TypeAlias = tuple[tuple[str, str], ...]
"""The files and services that extended one another on the way here."""


class _Extended(NamedTuple):
    entry: Entry
    gap: Gap | None


class Extender:
    """Resolves the `extends` of one file's services; where that fails, the service keeps
    what it says itself and `gaps` has the reason."""

    def __init__(self, loader: LayerLoader, ledger: Ledger, gaps: dict[str, Gap]) -> None:
        self._loader = loader
        self._ledger = ledger
        self._gaps = gaps
        self._done: dict[tuple[str, str], _Extended] = {}
        self._services: dict[str, Mapping | None] = {}

    def extend_services(self, layer: Mapping, path: str) -> Mapping:
        """Return a file's top level with its services extended."""
        entry = layer.entries.get("services")
        if entry is None or not isinstance(entry.value, Mapping):
            return layer
        services = entry.value
        if not any(_extends(each) for each in services.entries.values()):
            return layer
        self._services[path] = services
        found: dict[str, Entry] = {}
        for name in services.entries:
            extended = self._extend(path, name, services, ())
            found[name] = extended.entry
            if extended.gap is not None:
                self._gaps[name] = extended.gap
        return Mapping({**layer.entries, "services": entry._replace(value=Mapping(found))})

    def _extend(self, path: str, name: str, services: Mapping, chain: _Chain) -> _Extended:
        key = (path, name)
        if key not in self._done:
            entry = services.entries[name]
            if isinstance(entry.value, Mapping) and "extends" in entry.value.entries:
                self._done[key] = self._on_base(path, name, services, entry, entry.value, chain)
            else:
                self._done[key] = _Extended(entry, None)
        return self._done[key]

    def _on_base(
        self,
        path: str,
        name: str,
        services: Mapping,
        entry: Entry,
        own: Mapping,
        chain: _Chain,
    ) -> _Extended:
        asked = own.entries["extends"]
        rest = entry._replace(
            value=own._replace(entries={key: each for key, each in own.entries.items() if key != "extends"})
        )
        if isinstance(asked.value, Scalar) and asked.value.style == "null":
            return _Extended(rest, None)
        chain = (*chain, (path, name))
        base = self._base(path, services, asked, chain)
        if isinstance(base, Gap):
            return _Extended(rest, base)
        try:
            merged = merge_services(base.entry, rest)
            return _Extended(merged._replace(place=rest.place, source=rest.source), base.gap)
        except FormatError as error:
            self._ledger.error(error)
            return _Extended(rest, Gap(error.message, asked.place, asked.source))

    def _base(self, path: str, services: Mapping, asked: Entry, chain: _Chain) -> _Extended | Gap:
        named = asked.value if isinstance(asked.value, Mapping) else Mapping({"service": asked})
        service, file = _text(named, "service"), _text(named, "file")
        if service is None:
            return self._wrong(asked, "'extends' does not say which service; write its name as 'service'")
        unknown = service.unknown or (file.unknown if file is not None else None)
        if unknown is not None:
            return self._gap(asked, f"what the service extends is not known: {unknown}")
        if file is not None:
            if is_remote(file.text):
                self._loader.note_remote(named.entries["file"], file.text, "extends")
                return self._gap(asked, f"the extended file '{file.text}' is not in the repository")
            path = join(asked.source.directory, file.text)
            found = self._services_of(path, asked)
            if found is None:
                return Gap(f"the extended file '{file.text}' cannot be read", asked.place, asked.source)
            services = found
        if service.text not in services.entries:
            return self._wrong(asked, f"the extended service '{service.text}' is not in {path}")
        if (path, service.text) in chain:
            steps = " -> ".join(f"{step[1]} ({step[0]})" for step in (*chain[-4:], (path, service.text)))
            return self._wrong(asked, f"the service extends itself: {steps}")
        if len(chain) > MAX_CHAIN:
            return self._wrong(asked, f"more than {MAX_CHAIN} services extend one another")
        extended = self._extend(path, service.text, services, chain)
        return extended._replace(entry=_as_home(service.text, extended.entry))

    def _services_of(self, path: str, asked: Entry) -> Mapping | None:
        if path not in self._services:
            layers = self._loader.layers(path, folder_of(path), asked.source.variables, asked)
            self._services[path] = self._merged_services(layers) if layers else None
        return self._services[path]

    def _merged_services(self, layers: list[Mapping]) -> Mapping:
        merged = EMPTY
        for layer in layers:
            try:
                merged = merge_projects(merged, layer)
            except FormatError as error:
                self._ledger.error(error)
        entry = merged.entries.get("services")
        return EMPTY if entry is None else mapping_of(entry)

    def _gap(self, asked: Entry, message: str) -> Gap:
        self._ledger.gap(asked, message)
        return Gap(message, asked.place, asked.source)

    def _wrong(self, asked: Entry, message: str) -> Gap:
        self._ledger.complain(asked, message)
        return Gap(message, asked.place, asked.source)


def _as_home(name: str, base: Entry) -> Entry:
    """Return a service as a base: it is the first of the mappings that give keys to who extends it."""
    value = base.value
    if not isinstance(value, Mapping):
        return base
    home = Located(f"services.{name}", base.place, base.source)
    return base._replace(value=value._replace(homes=(home, *value.homes)))


def _extends(entry: Entry) -> bool:
    return isinstance(entry.value, Mapping) and "extends" in entry.value.entries


def _text(mapping: Mapping, key: str) -> Scalar | None:
    entry = mapping.entries.get(key)
    if entry is None or not isinstance(entry.value, Scalar) or entry.value.style == "null":
        return None
    return entry.value
