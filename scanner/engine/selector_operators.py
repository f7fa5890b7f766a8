"""The predicates of rules about label selectors."""

from __future__ import annotations

from scanner.engine.registry import predicate
from scanner.model.labels import matches
from scanner.model.resources import Workload


@predicate
def selects_own_pods(workload: Workload) -> bool | None:
    """The selector of a workload matches the labels of the pods that it makes."""
    return None if workload.selector is None else matches(workload.selector, workload.labels)
