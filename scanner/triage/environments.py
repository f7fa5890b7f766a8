"""One finding where several environments of a project say the same."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model.finding import Finding


def merge_environments(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with those that are equal but for their environments made one.

    Equal means: the same rule at the same place for the same object of the file (its kind,
    document and container) and item. Overlays may deploy that object under other names;
    the finding then has that of the first environment. Environments are sorted, with
    `default` first.
    """
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        of = finding.resource
        key = (finding.rule, finding.location, of.kind, of.container, of.document, finding.item)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
        elif known.environments != finding.environments:
            first = min(known, finding, key=lambda one: _order(one.environments[0]))
            names = {*known.environments, *finding.environments}
            merged[key] = first._replace(environments=tuple(sorted(names, key=_order)))
        else:
            # Two resources of one name in one file: both stand.
            merged[(*key, len(merged))] = finding
    return list(merged.values())


def _order(name: str) -> tuple[bool, str]:
    return (name != "default", name)
