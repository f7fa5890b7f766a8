"""The report as GitLab's Code Quality JSON."""

from __future__ import annotations

import json

from scanner.model.report import Report
from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.sources import safe
from scanner.reporting.shared.summary import prefixed, report_fingerprints
from scanner.reporting.shared.text import defuse_json

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}

_encode = json.JSONEncoder(sort_keys=True).encode


class GitlabReporter:
    """Renders the open findings as a list, each with a fingerprint of its own: GitLab shows
    those that share one only once."""

    name = "gitlab"

    def render(self, report: Report, options: RenderOptions) -> str:
        prints = report_fingerprints(report).findings
        entries = [
            _encode(
                {
                    "description": safe(finding.message),
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
