"""What a configuration and suppressions took out of a report, put together from all that tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from scanner.model.finding import Finding
from scanner.model.policy import Policy
from scanner.model.report import Coverage
from scanner.policy.catalog import Catalog, left_out_by
from scanner.settings import Settings, excluded_by, rules_of_configuration
from scanner.triage.policy import Facts, policy_of


def policy_told(
    settings: Settings,
    catalog: Catalog,
    root: Path,
    findings: tuple[Finding, ...],
    suppressed: tuple[Finding, ...],
    coverage: Iterable[Coverage],
    tally: Mapping[str, int],
) -> Policy:
    """Return what the configuration and suppressions in files took out of a report with these
    findings and lines; `tally` counts what the policies of environments did."""
    configured, own = settings.configured, catalog.rules
    excluded = charts = 0
    left_out: dict[str, frozenset[str]] = {}
    if configured is not None:
        lines = list(coverage)
        excluded = excluded_by(settings, root, lines)
        charts = len(
            {line.path for line in lines if line.kind == "helm" and line.path.endswith("Chart.yaml")}
        )
        left_out = {
            key: left_out_by(key, catalog, settings.selection)
            for key in ("profile", "select", "frameworks", "ignore")
        }
    facts = Facts(
        findings=findings,
        suppressed=suppressed,
        left_out=left_out,
        added=rules_of_configuration(catalog, settings),
        lowered={rule for rule, level in settings.severities.items() if level.rank < own[rule].severity.rank},
        excluded=excluded,
        charts=charts,
        environments=tally,
    )
    return policy_of(configured, facts, str(root))
