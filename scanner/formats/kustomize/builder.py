"""Builds one environment: a kustomization with everything below it, in Kustomize's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from scanner.errors import ScannerError
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.changes import changes
from scanner.formats.kustomize.configuration import merged, read_configuration
from scanner.formats.kustomize.generators import add_hash, generate, merge_generated
from scanner.formats.kustomize.identity import Identity, Resource
from scanner.formats.kustomize.inline import parse_inline
from scanner.formats.kustomize.kustomization import SUPPORTED, Kustomization, is_path
from scanner.formats.kustomize.merge_keys import BUILT_IN, Types
from scanner.formats.kustomize.nodes import Budget, MappingNode, child, copy_tree, text_at, text_of, trouble
from scanner.formats.kustomize.plugins import (
    GENERATORS,
    TRANSFORMERS,
    Plugin,
    is_builtin,
    read_plugin,
)
from scanner.formats.kustomize.references import fix_references
from scanner.formats.kustomize.schemas import types_of
from scanner.formats.kustomize.variables import declare, resolve
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.report import Status
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode

_MAX_NESTING = 40
_MAX_OBJECTS = 20_000
_MAX_LISTS = 4
_COST = 200
"""What reading a kustomization counts for, in nodes: a small tree can name itself often."""


class Builder:
    """Builds kustomizations of one workspace. Trouble with a part costs that part; it is
    noted in the workspace, with its place. `used` are those that were built, by their paths,
    `generators` the generators that were written as objects of their own."""

    def __init__(self, workspace: Workspace, helm: HelmSettings) -> None:
        self._workspace = workspace
        self._helm = helm
        self._budget = Budget()
        self._stack: list[str] = []
        self._kind = "kubernetes"  # what files of objects are used for
        self._types: Types | None = None  # those that the first one that asks for some brings along
        self.used: dict[str, Kustomization] = {}
        self.generators: list[Kustomization] = []

    def build(self, root: Kustomization) -> list[Resource]:
        """Return the objects of an environment, in order."""
        built = Accumulator()
        self._accumulate(root, built)
        self._guard(root, lambda: self._finish(built, root))
        return [resource for resource in built.resources if not _is_local(resource)]

    def _finish(self, built: Accumulator, root: Kustomization) -> None:
        for resource in built.resources:
            if resource.needs_hash:
                add_hash(resource)
        built.changed()
        fix_references(built)
        if built.variables:
            resolve(built, self._workspace, root.path)

    def _guard(self, owner: Kustomization, work: Callable[[], None]) -> None:
        """Do a part of the work; trouble in it is noted."""
        try:
            work()
        except ScannerError as error:
            self._workspace.report(error, owner.path)

    def _accumulate(self, owner: Kustomization, built: Accumulator) -> None:
        """Add a kustomization's objects to those that are there, and apply its changes to all."""
        self.used.setdefault(owner.path, owner)
        self._stack.append(owner.folder)
        self._note_gaps(owner)
        if self._types is None:
            self._guard(owner, lambda: self._read_types(owner))
        for step in (
            lambda: self._add_resources(owner, built),
            lambda: self._read_configurations(owner, built),
            lambda: self._add_generated(owner, built),
            lambda: self._add_charts(owner, built),
            lambda: self._run_generators(owner, built),
            lambda: self._add_components(owner, built),
        ):
            self._guard(owner, step)
        self._change(Plugin(owner, built.fields), built)
        self._guard(owner, lambda: self._run_transformers(owner, built))
        self._guard(owner, lambda: declare(owner, built))
        self._stack.pop()

    def _read_types(self, owner: Kustomization) -> None:
        self._types = types_of(owner, self._workspace, self._budget)

    def _change(self, asked: Plugin, built: Accumulator) -> None:
        for step in changes(asked, built, self._workspace, self._budget, self._types or BUILT_IN):
            self._guard(asked.kustomization, step)

    def _read_configurations(self, owner: Kustomization, built: Accumulator) -> None:
        for place in owner.paths("configurations"):
            path = owner.join(place.value)
            if path is None or not self._workspace.files.exists(path):
                raise trouble(place, f"'{place.value}' is not there")
            for _, root in self._workspace.manifest(path, "kustomize").documents:
                if root is not None:
                    built.fields = merged(built.fields, read_configuration(root), place)

    def _run_generators(self, owner: Kustomization, built: Accumulator) -> None:
        for root in self._plugins(owner, "generators"):
            asked = read_plugin(root, owner, GENERATORS)
            if asked is None:
                self._note_program(root, owner, "generator", "what it makes is not seen")
                continue
            self.generators.append(asked.kustomization)
            self._guard(owner, partial(self._add_generated, asked.kustomization, built))
            self._guard(owner, partial(self._add_charts, asked.kustomization, built))

    def _run_transformers(self, owner: Kustomization, built: Accumulator) -> None:
        for root in self._plugins(owner, "transformers"):
            asked = read_plugin(root, owner, TRANSFORMERS)
            if asked is None:
                self._note_program(root, owner, "transformer", "what it changes is not seen")
            else:
                self._change(asked, built)

    def _note_program(self, root: Node, owner: Kustomization, what: str, loss: str) -> None:
        why = "not supported" if is_builtin(root) else "a program that is never run"
        message = f"the {what} '{text_at(root, 'kind')}' is {why}: {loss}"
        self._workspace.gap(root, owner.path, message)
        self._workspace.mark(owner.path, Status.PARTIAL, message)

    def _plugins(self, owner: Kustomization, key: str) -> list[Node]:
        """The objects of a field that holds them as text, in files, or in folders to be built."""
        found = Accumulator()
        places = list(owner.paths(key))
        before, self._kind = self._kind, "kustomize"
        for place in places:
            if is_path(place.value):
                self._guard(owner, partial(self._add_resource, owner, place, found))
            else:
                self._guard(owner, partial(self._add_inline, owner, place, found))
        self._kind = before
        return [resource.root for resource in found.resources]

    def _add_inline(self, owner: Kustomization, place: ScalarNode, found: Accumulator) -> None:
        objects: list[Resource] = []
        for root in parse_inline(place, "the object"):
            self._collect(root, 0, owner.path, objects, 0)
        self._add(objects, found, place)

    def _note_gaps(self, owner: Kustomization) -> None:
        for key, pair in owner.index.items():
            if key not in SUPPORTED:
                self._workspace.gap(pair[0], owner.path, f"unknown field '{key}' of a kustomization")
        for error in owner.mistyped():
            self._workspace.report(error, owner.path)
        self._guard(owner, lambda: self._read_crds(owner))
        self._guard(owner, lambda: self._note_validators(owner))

    def _note_validators(self, owner: Kustomization) -> None:
        """Validators are programs that change nothing."""
        for place in owner.paths("validators"):
            found = self._workspace.resolve(owner, place) if is_path(place.value) else None
            if found is not None and found.kind == "file":
                self._workspace.use(found.path, "kustomize")

    def _read_crds(self, owner: Kustomization) -> None:
        for item in owner.paths("crds"):
            path = owner.join(item.value)
            if path is None or not self._workspace.files.exists(path):
                raise trouble(item, f"'{item.value}' is not there")
            if "x-kubernetes-object-ref" in self._workspace.files.text(path):
                message = f"the references that '{item.value}' declares are not followed"
                self._workspace.gap(item, owner.path, message)

    def _add_resources(self, owner: Kustomization, built: Accumulator) -> None:
        for place in (*owner.paths("resources"), *owner.paths("bases")):
            self._guard(owner, partial(self._add_resource, owner, place, built))

    def _add_resource(self, owner: Kustomization, place: ScalarNode, built: Accumulator) -> None:
        found = self._workspace.resolve(owner, place)
        if found.kind == "file":
            self._add(self._objects(found.path, place), built, place)
        elif found.kind == "folder":
            below = self._enter(found.path, place)
            if below is None:
                return
            if below.is_component:
                raise trouble(place, f"'{place.value}' is a component; name it under 'components'")
            inner = Accumulator()
            self._accumulate(below, inner)
            self._add(inner.resources, built, place)
            for name, item in inner.variables.items():
                built.variables.setdefault(name, item)
            built.fields = merged(built.fields, inner.fields, place)
        else:
            self._note_absent(found.kind, place, owner)

    def _note_absent(self, kind: str, place: ScalarNode, owner: Kustomization) -> None:
        if kind == "remote":
            message = f"'{place.value}' is elsewhere and never fetched: its objects are not seen"
            self._workspace.gap(place, owner.path, message)
        elif kind == "outside":
            hint = "scan a folder that holds both"
            raise trouble(place, f"the path '{place.value}' leaves the scanned root", hint)
        else:
            raise trouble(place, f"'{place.value}' is no file, and no folder with a kustomization")

    def _enter(self, folder: str, place: ScalarNode) -> Kustomization | None:
        """Return a folder's kustomization, unless it is being built already."""
        if folder in self._stack:
            circle = (*self._stack[self._stack.index(folder) :], folder)
            way = " -> ".join(f"'{one or '.'}'" for one in circle)
            raise trouble(place, f"the kustomizations name each other in a circle: {way}")
        if len(self._stack) >= _MAX_NESTING:
            raise trouble(place, f"kustomizations are nested more than {_MAX_NESTING} deep")
        self._budget.take(_COST, place)
        below = self._workspace.kustomization(folder)
        if below is None:
            raise trouble(place, f"the kustomization of '{place.value}' cannot be read")
        return below

    def _add_components(self, owner: Kustomization, built: Accumulator) -> None:
        for place in owner.paths("components"):
            self._guard(owner, partial(self._add_component, owner, place, built))

    def _add_component(self, owner: Kustomization, place: ScalarNode, built: Accumulator) -> None:
        found = self._workspace.resolve(owner, place, only_folder=True)
        if found.kind != "folder":
            self._note_absent(found.kind, place, owner)
            return
        below = self._enter(found.path, place)
        if below is not None:
            if not below.is_component:
                raise trouble(place, f"'{place.value}' is no component; name it under 'resources'")
            self._accumulate(below, built)

    def _add_generated(self, owner: Kustomization, built: Accumulator) -> None:
        for resource in generate(owner, self._workspace):
            found = built.named(resource.identity)
            at = resource.metadata()
            if resource.behavior == "create" and not found:
                self._add([resource], built, at)
            elif len(found) != 1 or resource.behavior not in ("merge", "replace"):
                label = resource.identity.label()
                error = trouble(at, f"the {label} is there already; its behavior must be merge or replace")
                if not found:
                    error = trouble(at, f"there is no {label} to {resource.behavior}")
                self._workspace.report(error, owner.path)
            else:
                merge_generated(found[0], resource)
                built.resources[built.resources.index(found[0])] = resource
                built.changed()

    def _add_charts(self, owner: Kustomization, built: Accumulator) -> None:
        if owner.node("helmCharts") is not None or owner.node("helmChartInflationGenerator") is not None:
            from scanner.formats.kustomize.charts import inflate

            for place, resources in inflate(owner, self._workspace, self._helm, self._budget):
                self._add(resources, built, place)

    def _add(self, resources: Iterable[Resource], built: Accumulator, place: Node) -> None:
        for refused in built.add(resources):
            label = refused.identity.label()
            error = trouble(place, f"the {label} is there already and is not added again")
            self._workspace.report(error, error.path or "")
        if len(built.resources) > _MAX_OBJECTS:
            raise trouble(place, f"the kustomization means more than {_MAX_OBJECTS} objects")

    def _objects(self, path: str, place: Node) -> list[Resource]:
        found: list[Resource] = []
        for number, root in self._workspace.manifest(path, self._kind).documents:
            if root is not None:
                self._collect(root, number, path, found, 0)
        if not found:
            self._workspace.mark(path, Status.PARTIAL, "holds no Kubernetes object")
        self._budget.take(len(found), place)
        return found

    def _collect(self, root: Node, number: int, path: str, into: list[Resource], depth: int) -> None:
        """Add an object, or those of a List of them."""
        if root.__class__ is not MappingNode:
            raise trouble(root, "expected a Kubernetes object")
        items = child(root, "items")
        if text_at(root, "kind").endswith("List") and items is not None and depth < _MAX_LISTS:
            if items.__class__ is SequenceNode:
                for item in items.value:
                    self._collect(item, number, path, into, depth + 1)
            return
        resource = Resource(copy_tree(root, self._budget), number)
        if not _is_named(resource.identity):
            error = trouble(root, "an object of a kustomization needs a kind and a name")
            self._workspace.report(error, path)
            return
        into.append(resource)


def _is_named(identity: Identity) -> bool:
    return bool(identity.of.kind and identity.name)


def _is_local(resource: Resource) -> bool:
    """Whether an object is there for the kustomization alone and not applied."""
    note = text_of(child(resource.root, "metadata", "annotations", "config.kubernetes.io/local-config"))
    return note is not None and note != "false"
