"""Loading a Compose project: its files, what they include, and the ledger of how far each was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from scanner.errors import FormatError, InputError
from scanner.formats.base import Files
from scanner.formats.compose.dotenv import EnvText, parse_dotenv
from scanner.formats.compose.extending import Extender, Gap
from scanner.formats.compose.fields import part_of
from scanner.formats.compose.interpolation import Variables, defaults_in
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.merge import merge_projects, without_duplicates, without_resets
from scanner.formats.compose.paths import folder_of, is_remote, join
from scanner.formats.compose.schema import schema_errors
from scanner.formats.compose.tree import (
    EMPTY,
    ComposeSource,
    Entry,
    Mapping,
    Scalar,
    Sequence,
    TreeBuilder,
    Value,
    is_larger_than,
)
from scanner.model.resources import InvalidPlace, ProjectFile, RemoteFile, ResourceRef
from scanner.model.source import Located, Location
from scanner.parsing.yaml import MappingNode, Node, duplicate_keys, parse_yaml

MAX_INCLUDES = 200

MAX_VALUES = 1_000_000
"""A project that grows larger than this by what its services extend is refused."""

_SECTIONS = ("services", "jobs", "networks", "volumes", "secrets", "configs", "models")


class LoadedProject(NamedTuple):
    """A project's merged tree, the defaults of variables in its files (name and text), by service
    what of it could not be had, the places in its files that the specification does not allow, the
    files, and those that gave its variables."""

    tree: Mapping
    defaults: tuple[tuple[str, str], ...]
    gaps: dict[str, Gap]
    invalid: tuple[InvalidPlace, ...]
    files: tuple[ProjectFile, ...]
    env_texts: dict[str, EnvText]


class ProjectLoader:
    """Loads the files of one project; nothing outside of `files` is read, nothing raises
    ScannerError, and what went wrong stands in the ledger."""

    def __init__(self, files: Files, ledger: Ledger) -> None:
        self._files = files
        self._ledger = ledger
        self._env_texts: dict[tuple[str, bool], EnvText | None] = {}
        self._layers: dict[tuple[str, str], list[Mapping]] = {}
        self._gaps: dict[str, Gap] = {}
        self._includes = 0
        self._invalid: dict[tuple[object, str], InvalidPlace] = {}
        self._project_files: dict[str, ProjectFile] = {}
        self._remotes: dict[Location, RemoteFile] = {}
        self._env_used: dict[str, EnvText] = {}
        self._defaults: dict[tuple[str, str], None] = {}

    def load(self, paths: tuple[str, ...], directory: str, env_files: tuple[str, ...]) -> LoadedProject:
        """Load files in the order in which they are merged."""
        tree = self._merged(paths, directory, self.variables(env_files, {}), ())
        if paths and is_larger_than(tree, MAX_VALUES):
            message = f"the project has more than {MAX_VALUES} values; it is not read"
            self._ledger.error(FormatError(message, path=paths[0]))
            self._ledger.fail(paths[0], message)
            tree = EMPTY
        return LoadedProject(
            tree,
            tuple(self._defaults),
            self._gaps,
            tuple(self._invalid.values()),
            self._with_remotes(),
            self._env_used,
        )

    def _with_remotes(self) -> tuple[ProjectFile, ...]:
        by_path: dict[str, list[RemoteFile]] = {}
        for location, remote in self._remotes.items():
            by_path.setdefault(location.path, []).append(remote)
        return tuple(
            replace(file, remotes=tuple(by_path.get(path, ()))) for path, file in self._project_files.items()
        )

    def note_remote(self, at: Entry, address: str, keyword: str) -> None:
        """Note a file of the project that is not in the repository."""
        self._remotes[at.source.locate(at.place)] = RemoteFile(part_of(at, address), keyword)

    def variables(self, env_files: tuple[str, ...], outer: Variables) -> Variables:
        """The variables of env files, of which the later win; `outer` ones win over all."""
        found = dict(outer)
        for path in env_files:
            text = self.env_text(path, found, raw=False)
            if text is not None:
                self._env_used[path] = text
                found.update({name: each for name, each in text.variables().items() if name not in outer})
        return found

    def env_text(
        self, path: str, known: Variables, *, raw: bool, asked: Entry | None = None
    ) -> EnvText | None:
        """Read an env file, or None (noted in the ledger) where it cannot be read."""
        key = (path, raw)
        if key not in self._env_texts:
            self._env_texts[key] = self._read_env(path, known, raw, asked)
        return self._env_texts[key]

    def _read_env(self, path: str, known: Variables, raw: bool, asked: Entry | None) -> EnvText | None:
        try:
            text = parse_dotenv(self._files.text(path), path, known, raw=raw)
        except InputError as error:
            self._ledger.unread(path, error, asked)
            return None
        self._ledger.read(path, "dotenv")
        for problem in text.errors:
            self._ledger.error(problem)
        return text

    def _merged(
        self, paths: tuple[str, ...], directory: str, variables: Variables, chain: tuple[str, ...]
    ) -> Mapping:
        merged = EMPTY
        for path in paths:
            for layer in self._layers_of(path, directory, variables, None):
                extender = Extender(self, self._ledger, self._gaps)
                extended = extender.extend_services(layer, path)
                whole = self._with_includes(extended, directory, variables, (*chain, path))
                merged = self._laid_over(merged, whole)
        return without_duplicates(without_resets(merged))

    def _laid_over(self, base: Mapping, over: Mapping) -> Mapping:
        """Merge section by section, service by service, so that one clash costs one of them."""
        try:
            return merge_projects(base, over)
        except FormatError as error:
            self._ledger.error(error)
        merged = base
        for section, entry in over.entries.items():
            if not isinstance(entry.value, Mapping):
                continue
            for name, each in entry.value.entries.items():
                single = Mapping({section: entry._replace(value=Mapping({name: each}))})
                try:
                    merged = merge_projects(merged, single)
                except FormatError as error:
                    if section == "services":
                        self._gaps[name] = Gap(error.message, each.place, each.source)
        return merged

    def layers(self, path: str, directory: str, variables: Variables, asked: Entry) -> list[Mapping]:
        """The documents of a file that another one asks for, without what they extend or include."""
        key = (path, directory)
        if key not in self._layers:
            self._layers[key] = list(self._layers_of(path, directory, variables, asked))
        return self._layers[key]

    def _layers_of(
        self, path: str, directory: str, variables: Variables, asked: Entry | None
    ) -> Iterator[Mapping]:
        try:
            text = self._files.text(path)
        except InputError as error:
            self._ledger.unread(path, error, asked)
            return
        parsed = parse_yaml(text, path)
        self._ledger.read(path, "compose")
        for problem in parsed.errors:
            self._ledger.error(problem)
        if parsed.errors and not parsed.documents:
            self._ledger.fail(path, parsed.errors[0].message)
        source = ComposeSource(parsed.source, directory, variables)
        for name, defaults in defaults_in(text).items():
            self._defaults.update(((name, default), None) for default in defaults)
        for document in parsed.documents:
            if document.root is None:
                continue
            builder = TreeBuilder(source)
            try:
                if document.root.__class__ is not MappingNode:
                    raise _at(
                        source, document.root, "expected a mapping with 'services' at the top of the file"
                    )
                self._tell_duplicates(source, document.root)
                value = builder.build(document.root)
            except FormatError as error:
                self._ledger.error(error)
                self._ledger.fail(path, error.message)
                continue
            self._ledger.diagnostics += builder.diagnostics
            if isinstance(value, Mapping):
                self._note_file(value, Located(path, document.root, source))
                yield value

    def _tell_duplicates(self, source: ComposeSource, root: Node) -> None:
        """A key that stands twice makes Compose refuse the file; the last one is read here."""
        for first, second in duplicate_keys(root):
            line = source.locate(first).span.line
            message = f"key '{second.value}' stands twice, first in line {line}; Compose refuses the file"
            self._ledger.error(_at(source, second, message))

    def _note_file(self, tree: Mapping, name: Located[str]) -> None:
        path = name.value
        version = tree.entries.get("version")
        if path not in self._project_files:
            self._project_files[path] = ProjectFile(ResourceRef("file", path), name)
        if version is not None and isinstance(version.value, Scalar):
            said = part_of(version, version.value.text)
            self._project_files[path] = replace(self._project_files[path], version=said)
        for wrong in schema_errors(tree):
            key = (wrong.place.location, wrong.path)
            self._invalid[key] = InvalidPlace(_resource_at(wrong.path, tree, path), wrong.path, wrong.place)

    def _with_includes(
        self, layer: Mapping, directory: str, variables: Variables, chain: tuple[str, ...]
    ) -> Mapping:
        entry = layer.entries.get("include")
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.style == "null"):
            return layer
        if not isinstance(entry.value, Sequence):
            self._ledger.complain(entry, "expected a list for 'include'")
            return layer
        for item in entry.value.items:
            included = self._included(item, directory, variables, chain)
            if included is not None:
                layer = self._imported(included, layer)
        return layer

    def _included(
        self, item: Entry, directory: str, variables: Variables, chain: tuple[str, ...]
    ) -> Mapping | None:
        value = item.value if isinstance(item.value, Mapping) else Mapping({"path": item})
        paths = self._path_list(value, "path", item)
        if not paths:
            return None
        if any(is_remote(path) for path in paths):
            for path in paths:
                if is_remote(path):
                    self.note_remote(self._place_of(path, value, item), path, "include")
            self._ledger.gap(item, "an included file is not in the repository, so its services are not known")
            return None
        files = tuple(join(directory, path) for path in paths)
        self._includes += 1
        if files[0] in chain or self._includes > MAX_INCLUDES:
            reason = "includes itself" if files[0] in chain else "is one of too many includes"
            self._ledger.complain(item, f"'{files[0]}' {reason}: {' -> '.join((*chain[-5:], files[0]))}")
            return None
        named = self._path_list(value, "project_directory", item)
        folder = join(directory, named[0]) if named else folder_of(files[0])
        env_files = tuple(join(directory, path) for path in self._path_list(value, "env_file", item))
        if not env_files:
            default = join(folder, ".env")
            env_files = (default,) if self._files.exists(default) else ()
        return self._merged(files, folder, self.variables(env_files, variables), chain)

    def _place_of(self, path: str, value: Mapping, item: Entry) -> Entry:
        """The entry of an include that says a path."""
        entry = value.entries.get("path", item)
        each = entry.value.items if isinstance(entry.value, Sequence) else (entry,)
        return next((one for one in each if isinstance(one.value, Scalar) and one.value.text == path), item)

    def _path_list(self, value: Mapping, key: str, item: Entry) -> list[str]:
        entry = value.entries.get(key)
        if entry is None:
            if key == "path":
                self._ledger.complain(item, "the include has no 'path'")
            return []
        each = entry.value.items if isinstance(entry.value, Sequence) else (entry,)
        paths: list[str] = []
        for one in each:
            scalar = one.value
            if not isinstance(scalar, Scalar) or scalar.style == "null":
                self._ledger.complain(one, f"expected a path for '{key}' of the include")
                return []
            if scalar.unknown is not None:
                self._ledger.gap(one, f"an included file is not known: {scalar.unknown}")
                return []
            paths.append(scalar.text)
        return paths

    def _imported(self, included: Mapping, layer: Mapping) -> Mapping:
        """Add what an include gives; what the file defines otherwise itself is a conflict."""
        sections = dict(layer.entries)
        for section in _SECTIONS:
            given = included.entries.get(section)
            if given is None or not isinstance(given.value, Mapping):
                continue
            own = sections.get(section)
            if own is None or not isinstance(own.value, Mapping):
                sections[section] = given
                continue
            merged = dict(own.value.entries)
            for name, entry in given.value.entries.items():
                mine = merged.setdefault(name, entry)
                if mine is not entry and not _is_same(mine.value, entry.value):
                    place = entry.source.locate(entry.place)
                    where = f"{place.path}:{place.span.line}"
                    self._ledger.complain(
                        mine, f"'{section}.{name}' conflicts with the included one at {where}"
                    )
            sections[section] = own._replace(value=Mapping(merged))
        return Mapping(sections)


def _resource_at(path: str, tree: Mapping, file: str) -> ResourceRef:
    """The service, network and so on that a dotted path leads into; the file where there is none."""
    section, _, rest = path.partition(".")
    entry = tree.entries.get(section)
    if entry is not None and isinstance(entry.value, Mapping):
        for name in entry.value.entries:
            if rest == name or rest.startswith((f"{name}.", f"{name}[")):
                return ResourceRef(section.removesuffix("s"), name)
    return ResourceRef("file", file)


def _is_same(one: Value, other: Value) -> bool:
    match one, other:
        case Scalar(), Scalar():
            return one.text == other.text and (one.style == "null") == (other.style == "null")
        case Sequence(), Sequence():
            return len(one.items) == len(other.items) and all(
                _is_same(first.value, second.value)
                for first, second in zip(one.items, other.items, strict=True)
            )
        case Mapping(), Mapping():
            return one.entries.keys() == other.entries.keys() and all(
                _is_same(entry.value, other.entries[key].value) for key, entry in one.entries.items()
            )
        case _:
            return False


def _at(source: ComposeSource, place: object, message: str) -> FormatError:
    location = source.locate(place)
    return FormatError(message, path=location.path, line=location.span.line, column=location.span.column)
