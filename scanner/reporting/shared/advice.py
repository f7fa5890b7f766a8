"""What a finding's rule says to its reader: why it matters, what to do, where to read on."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.reporting.shared.shown import ShownFinding, ShownRule
from scanner.reporting.shared.summary import prefixed
from scanner.reporting.shared.text import visible

ANY = "any"
_FORMATS = {
    "service": "compose",
    "project": "compose",
    "stage": "dockerfile",
    "dockerfile": "dockerfile",
    "chart": "helm",
}


def remedy(rule: ShownRule, finding: ShownFinding) -> str | None:
    """Return what to do about a finding in the language of its file, or None."""
    language = _FORMATS.get(finding.resource.kind.lower(), "kubernetes")
    return rule.remediation.get(language) or rule.remediation.get(ANY)


def controls(frameworks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the controls that a rule serves, such as `cis-docker 5.25`, sorted."""
    return [f"{framework} {control}" for framework in sorted(frameworks) for control in frameworks[framework]]


def values_advice(finding: ShownFinding, base_path: str = "") -> str | None:
    """Return which Helm value to set, and where (relative to the repository where the scanned
    root's place in it is given), or None when no value controls the finding."""
    key = finding.values_key
    if key is None:
        return None
    path, name = visible(prefixed(base_path, key.path)), visible(key.key)
    if key.line is None:
        return f"add '{name}' to {path}"
    return f"'{name}' in {path}:{key.line}"
