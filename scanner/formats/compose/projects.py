"""Which files make up a Compose project, and in which environments it is deployed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.errors import InputError
from scanner.formats.base import Files
from scanner.formats.compose.dotenv import parse_dotenv
from scanner.formats.compose.paths import folder_of, is_inside, is_remote, join
from scanner.formats.compose.recognition import BASE_NAMES, OVERRIDE_NAMES, environment_of, services_of
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, entries, parse_yaml

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class ComposeUnit:
    """A project in one environment: `files` in the order in which they are merged, the
    `directory` that relative paths start at, and the env files that give its variables."""

    directory: str
    files: tuple[str, ...]
    environment: str = DEFAULT
    env_files: tuple[str, ...] = ()


def group_projects(paths: Iterable[str], files: Files) -> tuple[ComposeUnit, ...]:
    """Group Compose files into projects and environments.

    A base with the override beside it is the environment `default`; each overlay beside
    a base is an environment of its own on top of the base, also where only the overlay
    was asked for. Every other file is a project of its own, but those that another file
    extends or includes are parts of that one only. Where files include or extend each
    other, so that no project reaches them, the first of them is a project too.
    """
    wanted = sorted(set(paths))
    reader = _Outlines(files)
    parts = _without_cycles(wanted, _parts(wanted, reader), reader)
    folders: dict[str, list[str]] = {}
    for path in wanted:
        folders.setdefault(folder_of(path), []).append(path)
    units: list[ComposeUnit] = []
    for folder in sorted(folders):
        units += _group_folder(folder, folders[folder], parts, reader)
    return tuple(units)


class _Outline:
    """What grouping must know of a file: its services' nodes and what it refers to."""

    __slots__ = ("included", "services", "shared")

    def __init__(self, roots: list[Node]) -> None:
        self.services: dict[str, Node] = {}
        self.included: list[str] = []
        self.shared: list[str] = []
        for root in roots:
            self.services.update(services_of(root))
            if root.__class__ is MappingNode:
                self.included += _included(entries(root).get("include"))
        for node in self.services.values():
            if node.__class__ is MappingNode:
                pair = entries(node).get("extends")
                if pair is not None and pair[1].__class__ is MappingNode:
                    self.shared += _texts(entries(pair[1]).get("file"))


def _included(pair: tuple[Node, Node] | None) -> list[str]:
    if pair is None or pair[1].__class__ is not SequenceNode:
        return []
    found: list[str] = []
    for item in pair[1].value:
        if item.__class__ is ScalarNode:
            found.append(item.value)
        elif item.__class__ is MappingNode:
            found += _texts(entries(item).get("path"))
    return found


def _texts(pair: tuple[Node, Node] | None) -> list[str]:
    if pair is None:
        return []
    nodes = pair[1].value if pair[1].__class__ is SequenceNode else [pair[1]]
    return [node.value for node in nodes if node.__class__ is ScalarNode]


class _Outlines:
    """Reads the outlines of files, each once; an unreadable file has an empty one."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._known: dict[str, _Outline] = {}

    def of(self, path: str) -> _Outline:
        if path not in self._known:
            self._known[path] = _Outline(self._roots(path))
        return self._known[path]

    def refers(self, path: str) -> bool:
        """Whether a file may include or extend another one; cheaper than its outline."""
        text = self._text(path)
        return "include" in text or "extends" in text

    def _text(self, path: str) -> str:
        try:
            return self.files.text(path)
        except InputError:
            return ""

    def _roots(self, path: str) -> list[Node]:
        parsed = parse_yaml(self._text(path), path)
        return [document.root for document in parsed.documents if document.root is not None]


def _without_cycles(wanted: list[str], parts: frozenset[str], reader: _Outlines) -> frozenset[str]:
    """The parts that a project reaches; of a circle of files the first, a base if it can be, is none."""
    reached: set[str] = set()
    kept = set(parts)
    alone = [path for path in wanted if path not in parts]
    rest = sorted(parts & set(wanted), key=lambda path: (path.rpartition("/")[2] not in BASE_NAMES, path))
    for path in (*alone, *rest):
        if path in reached:
            continue
        kept.discard(path)
        open_paths = [path]
        while open_paths:
            current = open_paths.pop()
            if current not in reached:
                reached.add(current)
                open_paths += _references(current, reader)
    return frozenset(kept)


def _references(path: str, reader: _Outlines) -> list[str]:
    if not reader.refers(path):
        return []
    outline = reader.of(path)
    names = (join(folder_of(path), name) for name in outline.included + outline.shared if not is_remote(name))
    return [name for name in names if is_inside(name)]


def _parts(paths: list[str], reader: _Outlines) -> frozenset[str]:
    """The files that are parts of another one's project."""
    parts: set[str] = set()
    for path in paths:
        if not reader.refers(path):
            continue
        outline = reader.of(path)
        folder = folder_of(path)
        included = {join(folder, name) for name in outline.included if not is_remote(name)}
        # A shared file with a base's name is a project that others borrow from.
        shared = {join(folder, name) for name in outline.shared if name.rpartition("/")[2] not in BASE_NAMES}
        parts |= {name for name in included | shared if name != path and is_inside(name)}
    return frozenset(parts)


def _group_folder(
    folder: str, paths: list[str], parts: frozenset[str], reader: _Outlines
) -> list[ComposeUnit]:
    files = reader.files
    env_files = tuple(path for path in (join(folder, ".env"),) if files.exists(path))
    base = _first_of(BASE_NAMES, folder, paths, files)
    if base is None:
        return [ComposeUnit(folder, (path,), env_files=env_files) for path in paths if path not in parts]
    override = _first_of(OVERRIDE_NAMES, folder, paths, files)
    default = _configured(folder, env_files, files) or ((base, override) if override else (base,))
    units: list[ComposeUnit] = []
    if (base in paths and base not in parts) or override in paths:
        units.append(ComposeUnit(folder, default, DEFAULT, env_files))
    for path in paths:
        if path in (base, override) or path in parts:
            continue
        environment = environment_of(path)
        if environment is not None and _is_overlay(reader.of(path), reader.of(base)):
            units.append(ComposeUnit(folder, (base, path), environment, env_files))
        elif path not in default:
            units.append(ComposeUnit(folder, (path,), DEFAULT, env_files))
    return units


def _first_of(names: tuple[str, ...], folder: str, paths: list[str], files: Files) -> str | None:
    candidates = [join(folder, name) for name in names]
    return next((path for path in candidates if path in paths or files.exists(path)), None)


def _configured(folder: str, env_files: tuple[str, ...], files: Files) -> tuple[str, ...]:
    """The files that `COMPOSE_FILE` of the project's `.env` names, when they are all there."""
    if not env_files:
        return ()
    try:
        text = files.text(env_files[0])
    except InputError:
        return ()
    if "COMPOSE_FILE" not in text:
        return ()
    variables = parse_dotenv(text, env_files[0], {}).variables()
    if "COMPOSE_FILE" not in variables:
        return ()
    separator = variables["COMPOSE_PATH_SEPARATOR"].value if "COMPOSE_PATH_SEPARATOR" in variables else ":"
    names = variables["COMPOSE_FILE"].value.split(separator or ":")
    paths = tuple(join(folder, name) for name in names if name)
    return paths if all(is_inside(path) and files.exists(path) for path in paths) else ()


def _is_overlay(outline: _Outline, base: _Outline) -> bool:
    """Whether a file says only what differs from the base.

    A service without image and build needs the base's. A file that defines all of the
    base's services anew stands alone, as does one that has none of them and needs none.
    """
    for node in outline.services.values():
        keys = entries(node).keys() if node.__class__ is MappingNode else set()
        if not {"image", "build", "extends", "provider"} & keys:
            return True
    if not outline.services:
        return True
    common = outline.services.keys() & base.services.keys()
    if common:
        return not base.services.keys() <= outline.services.keys()
    return any(name in base.services for node in outline.services.values() for name in _needs(node))


def _needs(node: Node) -> list[str]:
    """The services that one depends on."""
    if node.__class__ is not MappingNode:
        return []
    pair = entries(node).get("depends_on")
    if pair is None:
        return []
    if pair[1].__class__ is MappingNode:
        return list(entries(pair[1]))
    return _texts(pair)
