"""The changes that a kustomization's fields ask for, in Kustomize's order."""

from __future__ import annotations

from collections.abc import Callable

from scanner.formats.kustomize.accumulator import Accumulator
from scanner.formats.kustomize.images import set_images
from scanner.formats.kustomize.merge_keys import Types
from scanner.formats.kustomize.nodes import Budget
from scanner.formats.kustomize.patches import Patcher
from scanner.formats.kustomize.plugins import Plugin
from scanner.formats.kustomize.replacements import set_replacements
from scanner.formats.kustomize.transformers import (
    set_annotations,
    set_labels,
    set_names,
    set_namespace,
    set_replicas,
)
from scanner.formats.kustomize.workspace import Workspace


def changes(
    asked: Plugin, built: Accumulator, workspace: Workspace, budget: Budget, types: Types
) -> tuple[Callable[[], None], ...]:
    """Return the changes, each of which may raise FormatError at what is wrong with it."""
    owner, fields = asked.kustomization, asked.configuration
    patcher = Patcher(owner, built, workspace, budget, types)
    return (
        patcher.merge_old,
        patcher.apply,
        lambda: set_namespace(owner, built, fields, unset_only=asked.unset_only, subjects=asked.subjects),
        lambda: set_names(owner, built, fields),
        lambda: set_labels(owner, built, fields),
        lambda: set_annotations(owner, built, fields),
        patcher.apply_json,
        lambda: set_replicas(owner, built, fields),
        lambda: set_images(owner, built, fields),
        lambda: set_replacements(owner, built, workspace, budget),
    )
