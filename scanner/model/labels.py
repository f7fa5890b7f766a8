"""What a label selector matches, by the rules of Kubernetes (apimachinery, labels.Selector)."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model.cluster import Requirement, Selector

_NO_LABELS: Mapping[str, str] = {}


def matches(selector: Selector, labels: Mapping[str, str] | None) -> bool | None:
    """Return whether a selector matches labels, None where a part of it could not be read.

    A selector that asks nothing matches; that a Service without one has no pods is for the
    caller to know. A NotIn or DoesNotExist also holds for labels that lack the key.
    """
    known = labels or _NO_LABELS
    for key, value in selector.labels.items():
        if known.get(key) != value:
            return False
    if not all(_holds(requirement, known) for requirement in selector.requirements):
        return False
    return True if selector.certain else None


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return True
