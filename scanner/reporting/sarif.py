"""The report as SARIF 2.1.0, as GitHub's code scanning takes it in.

The envelope is made of sarif-om's objects and written by a walk of our own: its
serializer leaves out a level or kind that equals the default, which changes what a
result means, and is slow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sarif_om as om

from scanner import __version__
from scanner.model.redacted import NOTHING, Redacted
from scanner.model.rule import Confidence, Severity
from scanner.reporting.base import HOMEPAGE, Provenance, RenderOptions
from scanner.reporting.shared.advice import controls
from scanner.reporting.shared.sarif_results import (
    LEVELS,
    ROOT,
    ResultBuilder,
    artifact_location,
    line_hashes_of,
)
from scanner.reporting.shared.shown import Shown, ShownDiagnostic, ShownFinding, ShownRule
from scanner.reporting.shared.summary import report_fingerprints, worst_first
from scanner.reporting.shared.text import capped, defuse_json, in_markdown, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 5_000
"""GitHub keeps the 5,000 worst results of a run and drops the others without a word."""

_MOST_TAGS = 10
_LONGEST_NAME = 255
_LONGEST_DESCRIPTION = 1_024
# GitHub: above 9.0 is critical, from 7.0 high, from 4.0 medium, above 0 low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_NOTIFICATIONS = (
    ("scan-error", "error", "An input could not be evaluated.", "Correct the input, or exclude it."),
    ("scan-warning", "warning", "The scan met something unexpected.", "See the message."),
    (
        "results-cut",
        "warning",
        "The report holds more results than GitHub shows.",
        "Raise the severity, exclude folders, or read the JSON report, which holds them all.",
    ),
    (
        "policy-effect",
        "note",
        "The configuration, or a suppression in a file, made the report smaller.",
        "Look at the key at the place that is named, and whether you agree with it.",
    ),
)
_POLICY = len(_NOTIFICATIONS) - 1
_CUT = "{} less severe findings are left out of this file"
# A value that equals the default means the same when it is left out, except for these:
# a reader takes the level of the rule where a result has none (SARIF 3.27.10).
_ALWAYS_WRITTEN = frozenset({"level", "kind"})

_encode = json.JSONEncoder(separators=(", ", ": ")).encode


class SarifReporter:
    """Renders one run with every evaluated rule and a result for each open finding.

    At most `MOST_RESULTS` of them, the worst; a notification tells when there are more.
    """

    name = "sarif"

    def render(self, report: Shown, options: RenderOptions) -> str:
        run = serialized(_run(report, options))
        results = ",\n".join(map(_encode, _results(report, options)))
        members = [f"{_encode(key)}: {_encode(value)}" for key, value in run.items()]
        members.append(f'"results": [{results}]')
        body = ",\n".join(members)
        text = f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{\n{body}}}]}}\n'
        return defuse_json(text)


REPORTER = SarifReporter()


def serialized(value: Any) -> Any:
    """Return a sarif-om object as JSON values, under the names of the SARIF schema."""
    if isinstance(value, Mapping):
        return {key: serialized(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [serialized(one) for one in value]
    if not hasattr(type(value), "__attrs_attrs__"):
        return value
    members = {}
    for attribute, name, default in _attributes(type(value)):  # type: ignore[arg-type]  # a class hashes
        one = getattr(value, attribute)
        if one is None or (one == default and name not in _ALWAYS_WRITTEN):
            continue
        members[name] = serialized(one)
    return members


@cache
def _attributes(kind: type[Any]) -> tuple[tuple[str, str, object], ...]:
    found = []
    for one in kind.__attrs_attrs__:
        factory: Callable[[], object] | None = getattr(one.default, "factory", None)
        default = one.default if factory is None else factory()
        found.append((one.name, one.metadata["schema_property_name"], default))
    return tuple(found)


def _run(report: Shown, options: RenderOptions) -> om.Run:
    driver = om.ToolComponent(
        name="hullcheck",
        organization="hullcheck",
        semantic_version=__version__,
        version=__version__,
        information_uri=HOMEPAGE,
        rules=[_descriptor(report.rules[name], report) for name in sorted(report.rules)],
        notifications=[_notification_descriptor(*notification) for notification in _NOTIFICATIONS],
    )
    return om.Run(
        tool=om.Tool(driver=driver),
        automation_details=om.RunAutomationDetails(id=f"{options.category.rstrip('/')}/"),
        column_kind="utf16CodeUnits",
        original_uri_base_ids={
            ROOT: om.ArtifactLocation(description=om.Message(text="The root of the repository."))
        },
        version_control_provenance=_version_control(options.provenance),
        invocations=[
            om.Invocation(
                execution_successful=not report.is_incomplete(),
                tool_execution_notifications=_notifications(report, options),
                tool_configuration_notifications=_policy_notifications(report, options),
            )
        ],
    )


def _results(report: Shown, options: RenderOptions) -> list[dict[str, object]]:
    findings = _kept(report.findings)
    every = report_fingerprints(report, findings).findings
    prints = dict(zip(map(id, report.findings), every, strict=True))
    sources = report.sources
    hashes = line_hashes_of(findings, sources)
    indexes = {name: index for index, name in enumerate(sorted(report.rules))}
    builder = ResultBuilder(sources, indexes, options.base_path)
    return [
        builder.build(
            finding, prints[id(finding)], hashes[finding.location.path].get(finding.location.span.line)
        )
        for finding in findings
    ]


def _kept(findings: tuple[ShownFinding, ...]) -> tuple[ShownFinding, ...]:
    return findings if len(findings) <= MOST_RESULTS else tuple(worst_first(findings)[:MOST_RESULTS])


def _descriptor(rule: ShownRule, report: Shown) -> om.ReportingDescriptor:
    served = controls(report.frameworks.get(rule.id, {}))
    return om.ReportingDescriptor(
        id=rule.id,
        name=_name(rule.id),
        short_description=om.MultiformatMessageString(text=_sentence(rule.title)),
        full_description=om.MultiformatMessageString(text=_sentence(rule.description)),
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
        help=om.MultiformatMessageString(text=_help_text(rule), markdown=_help_markdown(rule, served)),
        help_uri=rule.references[0] if rule.references else HOMEPAGE,
        properties=_properties(rule, served),
    )


def _name(id: str) -> str:
    # SARIF 3.49.7: a name says something that the id does not; one word alone would not.
    words = id.split("-") if "-" in id else [id, "rule"]
    return capped("".join(word.capitalize() for word in words), _LONGEST_NAME)


def _properties(rule: ShownRule, served: list[str]) -> dict[str, object]:
    properties: dict[str, object] = {"precision": _PRECISION[rule.confidence]}
    tags = [*rule.applies_to, *rule.tags, *(control.replace(" ", "-") for control in served)]
    if rule.severity in _SECURITY_SEVERITY:
        properties["security-severity"] = _SECURITY_SEVERITY[rule.severity]
        tags.insert(0, "security")
    else:
        properties["problem.severity"] = "recommendation"
    properties["tags"] = list(dict.fromkeys(tags))[:_MOST_TAGS]
    return properties


def _help_text(rule: ShownRule) -> str:
    parts = [rule.description, *(f"{_language(key)}{text}" for key, text in rule.remediation.items())]
    return "\n\n".join((*parts, *rule.references))


def _help_markdown(rule: ShownRule, served: list[str]) -> str:
    parts = [_paragraphs(rule.description)]
    if rule.remediation:
        parts.append("## What to do")
        parts += [f"{_language(key)}{_paragraphs(text)}" for key, text in rule.remediation.items()]
    if served:
        parts.append("## Controls\n\n" + "\n".join(f"- {in_markdown(control)}" for control in served))
    if rule.references:
        parts.append("## References\n\n" + "\n".join(f"- <{reference}>" for reference in rule.references))
    return "\n\n".join((*parts, f"Run `hullcheck rules show {rule.id}` for examples."))


def _language(key: str) -> str:
    return "" if key == "any" else f"{key.capitalize()}: "


def _paragraphs(text: str) -> str:
    return "\n\n".join(in_markdown(" ".join(part.split())) for part in text.strip().split("\n\n"))


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return capped(text if text.endswith((".", "!", "?")) else f"{text}.", _LONGEST_DESCRIPTION)


def _notification_descriptor(name: str, level: str, meaning: str, cure: str) -> om.ReportingDescriptor:
    return om.ReportingDescriptor(
        id=name,
        name="".join(part.capitalize() for part in name.split("-")),
        short_description=om.MultiformatMessageString(text=meaning),
        full_description=om.MultiformatMessageString(text=f"{meaning} {cure}"),
        default_configuration=om.ReportingConfiguration(level=level),
        help=om.MultiformatMessageString(text=cure, markdown=cure),
        help_uri=HOMEPAGE,
    )


def _notifications(report: Shown, options: RenderOptions) -> list[om.Notification]:
    told = [_notification(diagnostic, options) for diagnostic in report.diagnostics]
    dropped = len(report.findings) - MOST_RESULTS
    if dropped > 0:
        cut = ShownDiagnostic(None, None, None, "cut", Redacted(_CUT.format(dropped)))
        told.append(_notification(cut, options))
    return told


def _policy_notifications(report: Shown, options: RenderOptions) -> list[om.Notification] | None:
    """Tell of each key of the configuration what it did (SARIF 3.20.22)."""
    return [
        om.Notification(
            message=om.Message(text=f"{visible(effect.key)}: {effect.message}."),
            level="note",
            descriptor=om.ReportingDescriptorReference(id=_NOTIFICATIONS[_POLICY][0], index=_POLICY),
            locations=_notification_places(
                ShownDiagnostic(effect.place.path, *effect.place.span[:2], "note", NOTHING), options.base_path
            ),
            properties={"key": visible(effect.key), "count": effect.amount, "counted": effect.counted.value},
        )
        for effect in report.policy.effects
    ] or None


def _notification(diagnostic: ShownDiagnostic, options: RenderOptions) -> om.Notification:
    index = {"error": 0, "warning": 1}.get(diagnostic.severity, 2)
    return om.Notification(
        message=om.Message(text=f"{diagnostic.message}."),
        level="error" if index == 0 else "warning",
        descriptor=om.ReportingDescriptorReference(id=_NOTIFICATIONS[index][0], index=index),
        locations=_notification_places(diagnostic, options.base_path),
    )


def _notification_places(diagnostic: ShownDiagnostic, base_path: str) -> list[om.Location] | None:
    path, line, column, _severity, _message = diagnostic
    if path is None:
        return None
    region = None if line is None else om.Region(start_line=line, start_column=column)
    place = om.PhysicalLocation(artifact_location=artifact_location(base_path, path), region=region)
    return [om.Location(physical_location=place)]


def _version_control(provenance: Provenance | None) -> list[om.VersionControlDetails] | None:
    if provenance is None:
        return None
    return [
        om.VersionControlDetails(
            repository_uri=provenance.repository,
            revision_id=provenance.revision,
            branch=provenance.branch,
            mapped_to=om.ArtifactLocation(uri_base_id=ROOT),
        )
    ]
