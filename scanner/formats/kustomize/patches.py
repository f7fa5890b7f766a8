"""Patches of a kustomization: read from files or from the kustomization, and applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from scanner.errors import InputError, ScannerError
from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.identity import Resource, identity_of, keep_identity
from scanner.formats.kustomize.inline import parse_inline
from scanner.formats.kustomize.json_patch import Operation, apply_operations, read_operations
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.merge_keys import Types
from scanner.formats.kustomize.nodes import (
    Budget,
    MappingNode,
    check_depth,
    child,
    copy_tree,
    find,
    is_empty,
    new_mapping,
    text_of,
    trouble,
)
from scanner.formats.kustomize.selectors import target_test
from scanner.formats.kustomize.strategic_merge import merge_patch
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import Node, ScalarNode, SequenceNode, read_bool


class _Patch(NamedTuple):
    """A patch and what is said of it in the kustomization (`entry`)."""

    entry: Node
    roots: list[Node]
    operations: list[Operation] | None


class Patcher:
    """Applies the patches of one kustomization. Trouble with one costs only that one."""

    def __init__(
        self,
        owner: Kustomization,
        built: Accumulator,
        workspace: Workspace,
        budget: Budget,
        types: Types,
    ) -> None:
        self._owner = owner
        self._built = built
        self._workspace = workspace
        self._budget = budget
        self._types = types
        self._is_settled = True

    def merge_old(self) -> None:
        """Apply `patchesStrategicMerge`: paths, or patches as text."""
        for item in self._owner.paths("patchesStrategicMerge"):
            with_file = "\n" not in item.value
            self._attempt(item, partial(self._merge_old, item, with_file))

    def _merge_old(self, item: ScalarNode, with_file: bool) -> None:
        roots = self._from_file(item) if with_file else parse_inline(item, "the patch")
        self._merge_all(_Patch(item, roots, None), new_mapping(item))

    def apply(self) -> None:
        """Apply `patches`."""
        for entry in self._owner.mappings("patches"):
            self._attempt(entry, partial(self._read_and_apply, entry, remember=True))

    def apply_json(self) -> None:
        """Apply `patchesJson6902`."""
        for entry in self._owner.mappings("patchesJson6902"):
            self._attempt(entry, partial(self._read_and_apply, entry, remember=False))

    def _read_and_apply(self, entry: Node, *, remember: bool) -> None:
        self._apply(self._read(entry), remember=remember)

    def _attempt(self, entry: Node, work: Callable[[], None]) -> None:
        try:
            work()
        except InputError as error:
            problem = trouble(entry, f"the patch cannot be read: {error.message}")
            self._workspace.report(problem, self._owner.path)
        except ScannerError as error:
            self._workspace.report(error, self._owner.path)

    def _read(self, entry: Node) -> _Patch:
        path, text = find(entry, "path"), find(entry, "patch")
        if path is not None and path[1].__class__ is ScalarNode and text_of(path[1]):
            roots = self._from_file(path[1])
        elif text is not None and text[1].__class__ is ScalarNode and text_of(text[1]):
            roots = parse_inline(text[1], "the patch")
        else:
            raise trouble(entry, "a patch needs 'path' or 'patch'")
        if len(roots) == 1 and roots[0].__class__ is SequenceNode:
            return _Patch(entry, [], read_operations(roots[0]))
        for root in roots:
            if root.__class__ is not MappingNode:
                raise trouble(root, "this is neither a strategic merge patch nor a JSON patch")
        return _Patch(entry, roots, None)

    def _from_file(self, item: ScalarNode) -> list[Node]:
        path = self._owner.join(item.value)
        if path is None:
            raise trouble(item, f"the path '{item.value}' leaves the scanned root")
        manifest = self._workspace.manifest(path, "kustomize")
        if not manifest.documents and manifest.file.errors:
            raise trouble(item, f"the patch '{item.value}' is not well-formed")
        return [root for _, root in manifest.documents if root is not None]

    def _apply(self, patch: _Patch, *, remember: bool) -> None:
        target = child(patch.entry, "target")
        if patch.operations is not None:
            self._apply_operations(patch, patch.operations, target, remember=remember)
        elif target is not None and target.__class__ is MappingNode:
            self._merge_selected(patch, target)
        else:
            self._merge_all(patch, child(patch.entry, "options") or new_mapping(patch.entry))

    def _apply_operations(
        self, patch: _Patch, operations: list[Operation], target: Node | None, *, remember: bool
    ) -> None:
        if target is None:
            raise trouble(patch.entry, "a JSON patch needs a target")
        for resource in self._selected(target):
            if remember:
                resource.remember()
            apply_operations(resource.root, operations, self._budget)
            check_depth(resource.root)
        self._built.changed()

    def _selected(self, target: Node) -> Iterator[Resource]:
        is_target = target_test(target)
        yield from [resource for resource in self._built.resources if is_target(resource)]

    def _merge_selected(self, patch: _Patch, target: Node) -> None:
        options = child(patch.entry, "options") or new_mapping(patch.entry)
        for resource in self._selected(target):
            for root in patch.roots:
                # With a target the patch takes over the version of what it is applied to.
                self._merge(resource, _without(root, "apiVersion"), options)
        self._settle()

    def _merge_all(self, patch: _Patch, options: Node) -> None:
        for root in patch.roots:
            wanted = identity_of(root)
            found = self._built.named(wanted)
            if len(found) != 1:
                many = "more than one object is" if found else "no object is"
                raise trouble(root, f"{many} the {wanted.label()} of the patch")
            self._merge(found[0], root, options)
        self._settle()

    def _merge(self, resource: Resource, patch: Node, options: Node) -> None:
        names, kinds = _allows(options, "allowNameChange"), _allows(options, "allowKindChange")
        if names or kinds:
            resource.remember()
            self._built.changed()
        root = resource.root
        kind, metadata = find(root, "kind"), child(root, "metadata")
        before = new_mapping(root, [kind] if kind is not None else [])
        if metadata is not None and metadata.__class__ is MappingNode:
            key = find(root, "metadata")
            assert key is not None
            before.value.append((key[0], new_mapping(metadata, list(metadata.value))))
        copied = copy_tree(patch, self._budget)
        if copied.__class__ is not MappingNode:
            raise trouble(patch, "this is no strategic merge patch")
        merged = merge_patch(root, copied, self._types)
        if merged is None or is_empty(merged):
            resource.root = new_mapping(root)
            self._is_settled = False
            return
        resource.root = merged
        keep_identity(merged, before, name=not names, kind=not kinds)
        check_depth(merged)

    def _settle(self) -> None:
        """Take out what a patch deleted."""
        if not self._is_settled:
            self._built.resources[:] = [one for one in self._built.resources if not is_empty(one.root)]
            self._built.changed()
            self._is_settled = True


def _without(root: Node, key: str) -> Node:
    written = root.value if root.__class__ is MappingNode else []
    return new_mapping(root, [pair for pair in written if pair[0].value != key])


def _allows(options: Node, key: str) -> bool:
    pair = find(options, key)
    return pair is not None and read_bool(pair[1], yaml_1_1=True) is True
