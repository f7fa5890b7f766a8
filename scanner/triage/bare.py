"""A finding without any text of the scanned files: what is left where these could not be made safe."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model.finding import Finding
from scanner.model.rule import Rule

_HIDDEN = "***"


def bare(finding: Finding, rules: Mapping[str, Rule], *, named: bool = True) -> Finding:
    """Return a finding that says its rule's title, its place and (if `named`) its resource."""
    rule = rules.get(finding.rule)
    resource = finding.resource
    if not named:
        resource = resource._replace(name=_HIDDEN, container=resource.container and _HIDDEN)
    return finding._replace(
        message=finding.rule if rule is None else rule.title,
        resource=resource,
        item="",
        related=(),
        flow=(),
        cures=(),
        values_key=None,
        suppressed=finding.suppressed and finding.suppressed._replace(reason=_HIDDEN),
    )
