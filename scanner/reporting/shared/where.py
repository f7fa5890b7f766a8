"""In which environments a finding is, in words."""

from __future__ import annotations

from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.reporting.shared.shown import ShownFinding
from scanner.reporting.shared.text import visible


def where(finding: ShownFinding) -> str:
    """Return `only in prod` where other environments of the project do not have the finding, `in dev,
    prod` where all have it, and nothing for what is in no environment."""
    if finding.only:
        return f"only in {_named(finding)}"
    if finding.environments == (DEFAULT_ENVIRONMENT,):
        return ""
    return f"in {_named(finding)}"


def sentence(finding: ShownFinding) -> str:
    """Return a finding's message with its environments."""
    told = where(finding)
    return f"{finding.message} ({told})" if told else finding.message


def _named(finding: ShownFinding) -> str:
    return visible(", ".join(finding.environments))
