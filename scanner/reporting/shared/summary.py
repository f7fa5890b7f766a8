"""The figures and gaps of a report, in the words that every format uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import quote

from scanner.model.report import Status
from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.shown import Shown, ShownCoverage, ShownFinding
from scanner.triage.fingerprint import fingerprints

SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
"""The severities, worst first."""


class Fingerprints(NamedTuple):
    """The fingerprints of a report's three lists of findings, in their order."""

    findings: tuple[str, ...]
    suppressed: tuple[str, ...]
    baseline: tuple[str, ...]


def report_fingerprints(report: Shown, shown: Collection[ShownFinding] | None = None) -> Fingerprints:
    """Return the fingerprints of a report; what triage took out takes part in the numbering.

    With `shown`, only those of these findings (the report's own objects) are worked out.
    """
    found = (*report.findings, *report.suppressed, *report.baseline)
    wanted = None
    if shown is not None and len(shown) < len(found):
        ids = set(map(id, shown))
        wanted = {index for index, finding in enumerate(found) if id(finding) in ids}
    every = fingerprints(found, wanted)
    first = len(report.findings)
    second = first + len(report.suppressed)
    return Fingerprints(every[:first], every[first:second], every[second:])


def severity_counts(findings: tuple[ShownFinding, ...]) -> dict[Severity, int]:
    """Return how many findings there are of each severity, worst first, zeros included."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts.get(severity, 0) for severity in SEVERITIES}


def worst_first(findings: tuple[ShownFinding, ...]) -> list[ShownFinding]:
    """Return the findings by severity, worst first, and by place within a severity."""
    return sorted(findings, key=_severity_order)


_ORDER = {severity: -severity.rank for severity in SEVERITIES}


def _severity_order(finding: ShownFinding) -> int:
    return _ORDER[finding.severity]


def gaps(report: Shown) -> list[ShownCoverage]:
    """Return the lines of the ledger that tell of an input that was not evaluated whole."""
    return [entry for entry in report.coverage if entry.status in (Status.FAILED, Status.PARTIAL)]


def scanned(report: Shown) -> str:
    """Return what was read, such as `3 compose, 2 dockerfile: 12 resources, 40 rules`."""
    kinds = Counter(
        entry.kind for entry in report.coverage if entry.kind and entry.status is not Status.IGNORED
    )
    files = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "nothing"
    return f"{files}: {plural(report.resources, 'resource')}, {plural(len(report.rules), 'rule')}"


def found(report: Shown) -> str:
    """Return how many findings there are, such as `2 findings: 1 high, 1 low (3 suppressed)`."""
    counts = severity_counts(report.findings)
    text = plural(len(report.findings), "finding") if report.findings else "no findings"
    parts = ", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count)
    text = f"{text}: {parts}" if parts else text
    aside = [f"{len(report.suppressed)} suppressed"] if report.suppressed else []
    aside += [f"{len(report.baseline)} in the baseline"] if report.baseline else []
    return f"{text} ({', '.join(aside)})" if aside else text


def verdict(report: Shown, options: RenderOptions) -> tuple[bool, str]:
    """Return whether the scan passes, and a sentence that says why or why not."""
    threshold = options.fail_on
    if threshold is not None and report.reaches(threshold):
        count = sum(finding.severity.rank >= threshold.rank for finding in report.findings)
        return False, f"{plural(count, 'finding')} at or above '{threshold.value}' (--fail-on)"
    if report.is_incomplete() and not options.allow_partial:
        return False, "the scan is incomplete (--allow-partial accepts that)"
    if report.files == 0 and not options.allow_empty:
        return False, "nothing was scanned (--allow-empty accepts that)"
    if threshold is None:
        return True, "findings do not fail this scan (--fail-on never)"
    return True, f"nothing at or above '{threshold.value}' (--fail-on)"


def plural(count: int, word: str) -> str:
    """Return a count with its word, such as `1 file` or `2 files`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def prefixed(base_path: str, path: str) -> str:
    """Return a path of a report relative to the repository's root."""
    base = base_path.strip("/")
    return f"{base}/{path}" if base and base != "." else path


def address(base_path: str, path: str) -> str:
    """Return a path of a report as a percent-encoded URI relative to the repository's root."""
    name = prefixed(base_path, path)
    try:
        data = name.encode("utf-8", "surrogateescape")  # the bytes of the file's name
    except UnicodeEncodeError:
        data = name.encode("utf-8", "replace")
    return quote(data, safe="/")
