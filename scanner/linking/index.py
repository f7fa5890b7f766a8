"""Which resources of a scan can mean each other: by what deploys them, namespace and folder.

Objects that one tool builds together (a chart with its values, an overlay) are a world of
their own. Plain manifests share one world: there, the same namespace must be written on both sides,
or on neither, and of several objects that answer to a name or a selector the nearest are meant: those of
the same file before those of the same folder, before those of the folders around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from scanner.model.cluster import Selector
from scanner.model.graph import GraphUnit
from scanner.model.labels import matches
from scanner.model.resources import Format, Workload

PLAIN = "kubernetes"
"""The tool of files that nothing builds."""

_FEW = 8
"""So many of one name are compared one by one."""

_MANY = 64
"""So many of one name answer to it at most: their links must not grow with the square of their number."""

_DEFAULT_NAMESPACE = "default"


class Entry(NamedTuple):
    """A resource with where it belongs. `world` is that of its tool; `namespace` is empty for
    cluster-wide kinds, and for those that leave it to who deploys them; `folder` is where
    it is written: the path of its file."""

    resource: Any
    unit: GraphUnit
    world: object
    namespace: str
    path: str


class Index:
    """The resources of a scan, to be found by name and by label."""

    def __init__(self, units: Iterable[GraphUnit]) -> None:
        self.units = tuple(units)
        self._entries: dict[str, list[Entry]] = {}
        self._named: dict[tuple[object, str, str, str], list[Entry]] = {}
        self._named_in: dict[tuple[object, str, str, str], dict[str, list[Entry]]] = {}
        self._labelled: dict[tuple[object, str, str, str, str], list[Entry]] = {}
        self._housed: dict[tuple[object, str, str], list[Entry]] = {}
        self._folders: dict[tuple[object, str, str], set[str]] = {}
        for unit in self.units:
            self._add(unit)

    def of(self, member: str) -> list[Entry]:
        """Return all resources of a kind, by the member of a unit (or of its cluster) that holds
        them: `workloads`, `services`, `role_bindings`, ..."""
        return self._entries.get(member, [])

    def named(
        self, member: str, name: str, near: Entry, namespace: str | None = None, kind: str | None = None
    ) -> tuple[Entry, ...]:
        """Return the nearest resources of that name (the first `_MANY`) in the world of `near`, in its
        namespace or in the given one (empty for cluster-wide kinds). `kind` is that of the ref."""
        space = near.namespace if namespace is None else plain_namespace(namespace)
        key = (near.world, member, space, name)
        found = self._named.get(key, ())
        if len(found) <= _FEW or near.world != PLAIN:
            named = (one for one in found if kind is None or one.resource.ref.kind == kind)
            return nearest(near, islice(named, _MANY))
        folders = self._folders_of(key)
        for folder in _around(near.path):
            chosen = (one for one in folders.get(folder, ()) if kind is None or one.resource.ref.kind == kind)
            if inside := tuple(islice(chosen, _MANY)):
                return inside
        return ()

    def _folders_of(self, key: tuple[object, str, str, str]) -> dict[str, list[Entry]]:
        """Return what has a name that many have, by the files and folders around it."""
        if key not in self._named_in:
            folders = self._named_in[key] = {}
            for entry in self._named[key]:
                for folder in _around(entry.path):
                    folders.setdefault(folder, []).append(entry)
        return self._named_in[key]

    def selected(
        self,
        selector: Selector,
        near: Entry,
        namespace: str | None = None,
        *,
        widely: bool = False,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Return the workloads whose pods a selector matches, surely or possibly (see
        `labels.matches`), in the namespace of `near` or in the given one: the nearest, or
        with `widely` all of a namespace that is written on both sides; the first `limit` of them."""
        space = near.namespace if namespace is None else plain_namespace(namespace)
        folders = ("",) if near.world != PLAIN or (widely and space) else _around(near.path)
        for folder in folders:
            candidates = self._candidates(selector, near.world, space, folder)
            chosen = (one for one in candidates if matches(selector, one.resource.labels) is not False)
            found = tuple(islice(chosen, limit))
            if found:
                return found if widely else _beside(near, found)
        return ()

    def around(self, near: Entry, namespace: str | None = None, *, widely: bool = False) -> list[Entry]:
        """Return the first workloads that a selector of every pod means, as `selected` does."""
        space = near.namespace if namespace is None else plain_namespace(namespace)
        folders = ("",) if near.world != PLAIN or (widely and space) else _around(near.path)
        for folder in folders:
            found = self._housed.get((near.world, space, folder))
            if found:
                return found
        return []

    def is_defined(
        self, member: str, near: Entry, namespace: str | None = None, *, beside: bool = True
    ) -> bool:
        """Whether resources of a kind (one of `_LOOKED_FOR`) stand where those that `near`
        speaks of would: in its world and namespace (or the given one) and, of plain manifests, in
        its folder, beside that folder (unless `beside` is false), or below. One that is not found then
        does not exist."""
        space = near.namespace if namespace is None else plain_namespace(namespace)
        folders = self._folders.get((near.world, member, space))
        if folders is None or near.world != PLAIN:
            return folders is not None
        own = near.path.rpartition("/")[0]
        return own in folders or (beside and own.rpartition("/")[0] in folders)

    def may_have_others(self, near: Entry, namespace: str | None = None) -> bool:
        """Whether an operator may make pods of its own where `near` looks for them: a custom
        resource stands there that its kind does not rule out."""
        return self.is_defined(_OPERATED, near, namespace)

    def may_be_named(self, near: Entry) -> bool:
        """Whether something whose fields are not known stands around `near`, in any namespace: it may
        name what nothing else names."""
        return self.is_defined(_UNTYPED, near, "")

    def workloads_in(self, world: object, namespace: str) -> list[Entry]:
        """Return the workloads of a world in a namespace."""
        return self._housed.get((world, namespace, ""), [])

    def _candidates(self, selector: Selector, world: object, namespace: str, folder: str) -> Iterable[Entry]:
        if not selector.labels:
            return self._housed.get((world, namespace, folder), ())
        labels = selector.labels.items()
        return min((self._labelled.get((world, namespace, folder, *one), ()) for one in labels), key=len)

    def _add(self, unit: GraphUnit) -> None:
        world = world_of(unit)
        for member, resource in _top_level(unit):
            ref = resource.ref
            space = "" if ref.kind in _CLUSTER_WIDE else plain_namespace(ref.namespace)
            entry = Entry(resource, unit, world, space, resource.name.source.path)
            self._entries.setdefault(member, []).append(entry)
            self._named.setdefault((world, member, entry.namespace, ref.name), []).append(entry)
            if member in _LOOKED_FOR:
                self._note(member, world, entry.namespace, entry.path)
            if resource.__class__ is Workload and resource.format is Format.KUBERNETES:
                self._place(entry)
        for ref in unit.resources.operated:
            self._note(_OPERATED, world, plain_namespace(ref.namespace), unit.path)
        if unit.resources.untyped:
            self._note(_UNTYPED, world, "", unit.path)

    def _note(self, member: str, world: object, namespace: str, path: str) -> None:
        self._folders.setdefault((world, member, namespace), set()).update(_around(path))

    def _place(self, entry: Entry) -> None:
        labels = (entry.resource.labels or _NO_LABELS).items()
        space = (entry.world, entry.namespace)
        for folder in _around(entry.path) if entry.world == PLAIN else ("",):
            self._housed.setdefault((*space, folder), []).append(entry)
            for key, value in labels:
                self._labelled.setdefault((*space, folder, key, value), []).append(entry)


@lru_cache(maxsize=1 << 14)
def _around(path: str) -> tuple[str, ...]:
    """Return a file, the folders around it from the inside out, and the root (empty)."""
    parts = path.split("/")
    return tuple("/".join(parts[:end]) for end in range(len(parts), -1, -1))


_NO_LABELS: Mapping[str, str] = {}

_LOOKED_FOR = frozenset(
    ("workloads", "services", "ingresses", "service_accounts", "roles", "secrets", "config_maps")
)
_CLUSTER_WIDE = frozenset(("ClusterRole", "ClusterRoleBinding", "Namespace"))
_OPERATED = "operated"
_UNTYPED = "untyped"

_CLUSTER = [
    "services",
    "ingresses",
    "network_policies",
    "service_accounts",
    "roles",
    "role_bindings",
    "secrets",
    "config_maps",
    "namespaces",
    "disruption_budgets",
    "autoscalers",
    "quotas",
]


def _top_level(unit: GraphUnit) -> Iterator[tuple[str, Any]]:
    resources = unit.resources
    for workload in resources.workloads:
        yield "workloads", workload
    for member in _CLUSTER:
        for one in getattr(resources.cluster, member):
            yield member, one
    for member in ("dockerfiles", "networks", "stored", "env_files", "builds"):
        for one in getattr(resources, member):
            yield member, one


def world_of(unit: GraphUnit) -> object:
    """Return what tells the resources that can mean each other from others."""
    return PLAIN if unit.tool == PLAIN else unit.number


def plain_namespace(namespace: str | None) -> str:
    """Return a namespace as entries have it: empty for `default` and for none."""
    return "" if namespace is None or namespace == _DEFAULT_NAMESPACE else namespace


def nearest(near: Entry, found: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return those of the entries that are written nearest to one: in its file, else in its folder,
    else in the innermost folder around it that has any."""
    entries = tuple(found)
    if len(entries) < 2 or near.world != PLAIN:
        return entries
    depths = [_shared(near.path, entry.path) for entry in entries]
    best = max(depths)
    return tuple(entry for entry, depth in zip(entries, depths, strict=True) if depth == best)


def _beside(near: Entry, found: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Those of the entries that stand in the same folder as one, else all."""
    folder = near.path.rpartition("/")[0]
    return tuple(one for one in found if one.path.rpartition("/")[0] == folder) or found


def _shared(one: str, other: str) -> int:
    """How near two paths are: by the parts that they have in common at their beginning, and among
    equals those before others that stand in that folder itself; a file is nearest to itself."""
    if one == other:
        return 1 << 30
    folder = other.split("/")[:-1]
    shared = 0
    for mine, theirs in zip(one.split("/")[:-1], folder, strict=False):
        if mine != theirs:
            break
        shared += 1
    return 2 * shared + (shared == len(folder))
