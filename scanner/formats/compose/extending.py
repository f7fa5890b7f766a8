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

MAX_CHAIN = 100
"""So many services may stand below one; what each of a chain gives is kept for all that are built upon it."""


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


_Name: TypeAlias = tuple[str, str]
"""A file and a service of it."""


class _Link(NamedTuple):
    """What a service says itself, and upon which other one it is built (of `services`)."""

    entry: Entry
    gap: Gap | None = None
    asked: Entry | None = None
    base: _Name | None = None
    services: Mapping = EMPTY


class _Extended(NamedTuple):
    """A service with all that it is built upon, and how many services that are."""

    entry: Entry
    gap: Gap | None
    below: int


class Extender:
    """Resolves the `extends` of one file's services; where that fails, the service keeps
    what it says itself and `gaps` has the reason."""

    def __init__(self, loader: LayerLoader, ledger: Ledger, gaps: dict[str, Gap]) -> None:
        self._loader = loader
        self._ledger = ledger
        self._gaps = gaps
        self._done: dict[_Name, _Extended] = {}
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
            extended = self._extend(path, name, services)
            found[name] = extended.entry
            if extended.gap is not None:
                self._gaps[name] = extended.gap
        return Mapping({**layer.entries, "services": entry._replace(value=Mapping(found))})

    def _extend(self, path: str, name: str, services: Mapping) -> _Extended:
        """Go down to the first service of the chain, then build upon it one after the other.

        So the depth of a service is the same wherever in the chain one begins.
        """
        way: dict[_Name, _Link] = {}
        at: _Name | None = (path, name)
        while at is not None and at not in self._done:
            way[at] = _Link(services.entries[at[1]])  # on the way: to come by here again is a cycle
            way[at] = link = self._link(at, services, way)
            at, services = link.base, link.services
        for each, link in reversed(way.items()):
            self._done[each] = self._built(link)
        return self._done[path, name]

    def _link(self, at: _Name, services: Mapping, way: dict[_Name, _Link]) -> _Link:
        entry = services.entries[at[1]]
        own = entry.value
        if not isinstance(own, Mapping) or "extends" not in own.entries:
            return _Link(entry)
        asked = own.entries["extends"]
        rest = entry._replace(
            value=own._replace(entries={key: each for key, each in own.entries.items() if key != "extends"})
        )
        if isinstance(asked.value, Scalar) and asked.value.style == "null":
            return _Link(rest)
        base = self._base(at[0], services, asked, way)
        return _Link(rest, base) if isinstance(base, Gap) else base._replace(entry=rest)

    def _built(self, link: _Link) -> _Extended:
        rest, asked = link.entry, link.asked
        if link.base is None or asked is None:
            return _Extended(rest, link.gap, 0)
        base = self._done[link.base]
        if base.below >= MAX_CHAIN:
            return _Extended(
                rest, self._wrong(asked, f"more than {MAX_CHAIN} services extend one another"), 0
            )
        try:
            merged = merge_services(_as_home(link.base[1], base.entry), rest)
        except FormatError as error:
            self._ledger.error(error)
            return _Extended(rest, Gap(error.message, asked.place, asked.source), 0)
        return _Extended(merged._replace(place=rest.place, source=rest.source), base.gap, base.below + 1)

    def _base(self, path: str, services: Mapping, asked: Entry, way: dict[_Name, _Link]) -> _Link | Gap:
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
        base = (path, service.text)
        if base in way:
            steps = " -> ".join(f"{step[1]} ({step[0]})" for step in (*list(way)[-4:], base))
            return self._wrong(asked, f"the service extends itself: {steps}")
        return _Link(asked, None, asked, base, services)

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
