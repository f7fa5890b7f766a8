"""Small reports built by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scanner.model.finding import Finding, RelatedLocation
from scanner.model.report import Action, Coverage, Diagnostic, Report, Status
from scanner.model.resources import Format, ResourceRef
from scanner.model.rule import All, Confidence, Rule, Severity, Tier
from scanner.model.source import Location, Span

COMPOSE = """\
services:
  web:
    image: nginx:1.27
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: correct-horse
"""
DOCKERFILE = "FROM nginx:1.27\nRUN true\n"


def rule(id: str = "runtime-socket-mounted", **changes: object) -> Rule:
    """Return a complete rule; its title is made from its id."""
    base = Rule(
        id=id,
        title=id.replace("-", " ").capitalize(),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        tier=Tier.CORE,
        applies_to=("container",),
        formats=(Format.COMPOSE, Format.KUBERNETES),
        when=All(()),
        at=("mounts",),
        message="container '{name}' breaks the rule",
        description="Whoever controls the container controls the host. It is as good as root.",
        remediation={"compose": "Remove the mount.", "any": "Remove the volume."},
        references=("https://docs.docker.com/engine/security/",),
        tags=("supply-chain",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def at(path: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Location:
    """Return a place, on one line unless told otherwise."""
    return Location(path, Span(line, column, end_line or line, end_column))


def finding(
    place: Location | None = None,
    rule: str = "runtime-socket-mounted",
    message: str = "container 'web' mounts the Docker socket",
    severity: Severity = Severity.HIGH,
    resource: ResourceRef | None = None,
    field: str = "mounts",
    **changes: object,
) -> Finding:
    """Return a finding; without more words the one on the socket mount of COMPOSE."""
    return Finding(
        rule=rule,
        severity=severity,
        message=message,
        location=place or at("compose.yaml", 5, 9, 50),
        resource=resource or ResourceRef("service", "web", None, "web", 0),
        field=field,
        **changes,  # type: ignore[arg-type]
    )


def report(
    *findings: Finding,
    texts: Mapping[str, str] | None = None,
    rules: tuple[Rule, ...] | None = None,
    **changes: object,
) -> Report:
    """Return a report on COMPOSE and DOCKERFILE, or on the texts given."""
    texts = {"compose.yaml": COMPOSE, "Dockerfile": DOCKERFILE} if texts is None else texts
    ids = sorted({one.rule for one in findings})
    every = rules if rules is not None else tuple(rule(id) for id in ids)
    base = Report(
        findings=tuple(sorted(findings, key=lambda one: (one.location, one.rule))),
        coverage=tuple(Coverage(path, "compose", Status.EVALUATED) for path in sorted(texts)),
        rules={one.id: one for one in every},
        frameworks={"runtime-socket-mounted": {"cis-docker": ("5.32",), "pss-baseline": ("HostPath",)}},
        text_of=dict(texts).get,
        resources=3,
        files=len(texts),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def rich_report() -> Report:
    """Return a report in which everything that a report may hold occurs."""
    socket = finding(
        related=(RelatedLocation(at("Dockerfile", 1, 6, 16), "no USER in any stage, so it runs as uid 0"),),
        environments=("dev", "prod"),
    )
    secret = finding(
        at("compose.yaml", 9, 26, 39),
        "secret-literal-env",
        "variable 'POSTGRES_PASSWORD' holds a literal secret",
        Severity.CRITICAL,
        ResourceRef("service", "db", None, "db", 0),
        "env.value",
        item="POSTGRES_PASSWORD",
    )
    tag = finding(
        at("compose.yaml", 3, 12, 22), "image-digest-missing", "image is not pinned by digest", Severity.LOW,
        field="image.digest",
    )  # fmt: skip
    hint = finding(
        at("compose.yaml", 7, 12, 23), "healthcheck-missing", "service 'db' has no healthcheck", Severity.INFO,
        field="healthcheck",
    )  # fmt: skip
    rules = (
        rule(),
        rule("secret-literal-env", severity=Severity.CRITICAL, sensitive=True),
        rule("image-digest-missing", severity=Severity.LOW, tier=Tier.EXTRA),
        rule("healthcheck-missing", severity=Severity.INFO, confidence=Confidence.MEDIUM),
        rule("never-met", severity=Severity.MEDIUM),
    )
    return report(
        socket, secret, tag, hint,
        rules=rules,
        coverage=(
            Coverage("compose.yaml", "compose", Status.EVALUATED),
            Coverage("Dockerfile", "dockerfile", Status.EVALUATED),
            Coverage("bad.yaml", "kubernetes", Status.FAILED, "not well-formed"),
            Coverage("chart/", "helm", Status.PARTIAL, "no Helm engine; pip install hullcheck[helm]"),
            Coverage("docs/", None, Status.IGNORED),
        ),
        diagnostics=(
            Diagnostic("bad.yaml", 6, 17, "error", "mapping values are not allowed here"),
            Diagnostic(None, None, None, "warning", "the configuration has no rules"),
        ),
        masked={"compose.yaml": (Span(9, 26, 9, 39),)},
    )  # fmt: skip


GROUP = "0123456789abcdef"


def grouped_report() -> Report:
    """Return a report of three findings, two of which one edit cures."""
    capabilities = finding(
        at("compose.yaml", 2, 3, 6), "caps-drop-all-missing", "container 'web' keeps capabilities",
        Severity.MEDIUM, field="cap_drop", group=GROUP,
    )  # fmt: skip
    writable = finding(
        at("compose.yaml", 6, 3, 5), "read-only-rootfs", "container 'db' can write", field="read_only",
        group=GROUP,
    )  # fmt: skip
    action = Action(
        GROUP,
        at("compose.yaml", 1, 1, 9),
        "in 'x-common', which services merge, add",
        ("cap_drop: [ALL]", "read_only: true"),
        2,
        ("caps-drop-all-missing", "read-only-rootfs"),
        Severity.HIGH,
    )
    socket = finding(at("compose.yaml", 9, 7, 20), field="other")
    return report(capabilities, writable, socket, actions=(action,))


def flowing_report() -> Report:
    """Return a report of one finding that is reached through two files."""
    steps = (
        RelatedLocation(at("compose.yaml", 3, 5, 10), "Ingress 'shop' leads to Service 'web'"),
        RelatedLocation(at("compose.yaml", 5, 9, 50), "the socket is mounted"),
        RelatedLocation(at("Dockerfile", 1, 6, 16), "root it is"),
    )
    beside = RelatedLocation(at("compose.yaml", 7, 5, 10), "the database beside it")
    return report(finding(related=(steps[0], steps[2], beside), flow=steps))
