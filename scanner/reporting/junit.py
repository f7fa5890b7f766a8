"""The report as JUnit XML: a suite for each file, a test case for each finding."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scanner.model.report import Status
from scanner.reporting.base import RenderOptions
from scanner.reporting.shared.advice import remedy
from scanner.reporting.shared.remedies import REACHED, beside_flow
from scanner.reporting.shared.shown import Shown, ShownDiagnostic, ShownFinding
from scanner.reporting.shared.summary import plural, prefixed
from scanner.reporting.shared.text import visible
from scanner.reporting.shared.where import sentence


class JunitReporter:
    """Renders findings as failures, inputs that could not be read as errors, and evaluated
    files without a finding as a case that passed."""

    name = "junit"

    def render(self, report: Shown, options: RenderOptions) -> str:
        findings: dict[str, list[ShownFinding]] = {}
        for finding in report.findings:
            findings.setdefault(finding.location.path, []).append(finding)
        errors: dict[str, list[ShownDiagnostic]] = {}
        for diagnostic in report.diagnostics:
            if diagnostic.severity == "error":
                errors.setdefault(diagnostic.path or ".", []).append(diagnostic)
        evaluated = {entry.path for entry in report.coverage if entry.status is Status.EVALUATED}
        root = Element("testsuites", name="hullcheck")
        for path in sorted({*findings, *errors, *evaluated}):
            _add_suite(root, report, options, path, findings.get(path, []), errors.get(path, []))
        for name in ("tests", "failures", "errors"):
            root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
        indent(root)
        text = tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text.replace("##[", "##&#91;")}\n'


REPORTER = JunitReporter()


def _add_suite(
    root: Element,
    report: Shown,
    options: RenderOptions,
    path: str,
    findings: list[ShownFinding],
    errors: list[ShownDiagnostic],
) -> None:
    shown = visible(prefixed(options.base_path, path))
    cases = max(len(findings) + len(errors), 1)
    counts = {"tests": str(cases), "failures": str(len(findings)), "errors": str(len(errors))}
    suite = SubElement(root, "testsuite", {"name": shown, **counts})
    for finding in findings:
        span = finding.location.span
        name = f"{finding.rule} {shown}:{span.line}:{span.column}"
        case = SubElement(suite, "testcase", {"name": name, "classname": shown, "file": shown})
        failure = SubElement(case, "failure", {"message": sentence(finding), "type": finding.severity.value})
        failure.text = "\n".join(_details(report, options, finding))
    for diagnostic in errors:
        case = SubElement(suite, "testcase", {"name": "evaluation", "classname": shown, "file": shown})
        place = f" (line {diagnostic.line})" if diagnostic.line is not None else ""
        message = f"{diagnostic.message}{place}"
        SubElement(case, "error", {"message": message, "type": "error"}).text = message
    if not findings and not errors:
        name = f"no finding in {plural(len(report.rules), 'rule')}"
        SubElement(suite, "testcase", {"name": name, "classname": shown, "file": shown})


def _details(report: Shown, options: RenderOptions, finding: ShownFinding) -> list[str]:
    path, span = finding.location
    lines = [f"{visible(prefixed(options.base_path, path))}:{span.line}:{span.column} {sentence(finding)}"]
    lines += [
        f"{visible(prefixed(options.base_path, place.path))}:{place.span.line} {words}"
        for place, words in beside_flow(finding)
    ]
    if finding.flow:
        lines.append(f"{REACHED}:")
        lines += [
            f"  {number}. {visible(prefixed(options.base_path, place.path))}:{place.span.line} {words}"
            for number, (place, words) in enumerate(finding.flow, 1)
        ]
    rule = report.rules.get(finding.rule)
    fix = None if rule is None else remedy(rule, finding)
    return [*lines, f"fix: {visible(' '.join(fix.split()))}"] if fix else lines
