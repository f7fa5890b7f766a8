"""In which environments a finding is, in words."""

from __future__ import annotations

from scanner.model.finding import DEFAULT_ENVIRONMENT, Finding


def where(finding: Finding) -> str:
    """Return `only in prod` where other environments of the project do not have the finding, `in dev,
    prod` where all have it, and nothing for what is in no environment."""
    if finding.only:
        return f"only in {', '.join(finding.environments)}"
    if finding.environments == (DEFAULT_ENVIRONMENT,):
        return ""
    return f"in {', '.join(finding.environments)}"


def sentence(finding: Finding) -> str:
    """Return a finding's message with its environments."""
    told = where(finding)
    return f"{finding.message} ({told})" if told else finding.message
