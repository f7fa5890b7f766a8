"""The report as GitLab's Code Quality JSON."""

from __future__ import annotations

import json

from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.remedies import REACHED
from scanner.reporting.shared.shown import Shown, ShownFinding
from scanner.reporting.shared.summary import prefixed, report_fingerprints
from scanner.reporting.shared.text import defuse_json, visible
from scanner.reporting.shared.where import sentence

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}

_MOST_PLACES = 6
_encode = json.JSONEncoder(sort_keys=True).encode


class GitlabReporter:
    """Renders the open findings as a list, each with a fingerprint of its own: GitLab shows
    those that share one only once."""

    name = "gitlab"

    def render(self, report: Shown, options: RenderOptions) -> str:
        prints = report_fingerprints(report).findings
        entries = [
            _encode(
                {
                    "description": _description(finding, options),
                    "check_name": finding.rule,
                    "fingerprint": fingerprint,
                    "severity": _SEVERITIES[finding.severity],
                    "location": {
                        "path": prefixed(options.base_path, finding.location.path),
                        "lines": {"begin": finding.location.span.line},
                    },
                }
            )
            for finding, fingerprint in zip(report.findings, prints, strict=True)
        ]
        return defuse_json(f"[{','.join(f'{chr(10)}  {entry}' for entry in entries)}]\n")


REPORTER = GitlabReporter()


def _description(finding: ShownFinding, options: RenderOptions) -> str:
    """The message, with the first of the other places: the format has no room for more."""
    places = dict.fromkeys(
        f"{visible(prefixed(options.base_path, place.path))}:{place.span.line}"
        for place, _ in finding.flow or finding.related
    )
    if not places:
        return sentence(finding)
    shown = list(places)[:_MOST_PLACES]
    told = f"{REACHED}: {' > '.join(shown)}" if finding.flow else f"see {', '.join(shown)}"
    return f"{sentence(finding)} ({told}{', ...' if len(places) > len(shown) else ''})"
