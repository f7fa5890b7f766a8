"""Findings about a chart as a whole: default credentials, insecure defaults, what is fixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.formats.helm.engine import Engine
from scanner.formats.helm.settings import HelmSettings
from scanner.model.finding import Finding
from scanner.model.report import Report
from scanner.model.rule import Severity
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from tests.support import hullcheck, write_tree

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: '{{ .Release.Name }}-a'}\nspec:\n  containers:\n"
CONTAINER = "  - name: a\n    image: x/y:1\n    securityContext: {{- toYaml .Values.security | nindent 6 }}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n"

Scan = Callable[..., Report]


@pytest.fixture
def scan_chart(engine: Engine, tmp_path: Path) -> Scan:
    """Scans a chart that stands at `web/` with the given rules."""

    def run(files: dict[str, str | bytes], *select: str, **settings: object) -> Report:
        write_tree(tmp_path / "web", {"Chart.yaml": CHART, **files})
        selection = Selection(profile="core", select=select)
        return scan(Settings((tmp_path,), selection, **settings))  # type: ignore[arg-type]

    return run


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def test_a_default_that_only_one_environment_mends_is_one_finding_with_its_key(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "security:\n  privileged: true\n",
        "values-prod.yaml": "security: {privileged: false}\n",
        "values-stage.yaml": "security: {privileged: false}\n",
        "values-dev.yaml": "other: 1\n",
        "templates/a.yaml": POD + CONTAINER,
    }
    finding = only(scan_chart(files, "helm-default-insecure"))
    assert (finding.location.path, finding.location.span.line) == ("web/values.yaml", 2)
    assert finding.values_key is not None
    assert finding.values_key[:3] == ("web/values.yaml", 2, "security.privileged")
    assert (finding.resource.kind, finding.resource.name) == ("Chart", "web")
    assert finding.message == (
        "container 'a' of Pod 'release-name-a' has privileged with the default values, "
        "and not with those of prod, stage"
    )


def test_an_object_under_the_name_of_another_release_is_the_same(scan_chart: Scan) -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: prod}\n"
        "spec:\n  project: web\n  source:\n    repoURL: https://example.com/r.git\n    path: web\n"
        "    helm:\n      releaseName: shop\n      valuesObject: {security: {privileged: false}}\n"
        "  destination: {namespace: shop}\n"
    )
    files: dict[str, str | bytes] = {
        "values.yaml": "security: {privileged: true}\n",
        "templates/a.yaml": POD + CONTAINER,
        "../app.yaml": application,
    }
    assert "those of prod" in only(scan_chart(files, "helm-default-insecure")).message


def test_what_a_chart_is_tested_with_counts_for_hardening_alone(scan_chart: Scan) -> None:
    role = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules:\n"
        "  - apiGroups: ['{{ .Values.group }}']\n    resources: ['*']\n    verbs: ['*']\n"
    )
    values = "group: '*'\nsecurity: {privileged: true}\n"
    files: dict[str, str | bytes] = {
        "values.yaml": values,
        "templates/role.yaml": role,
        "templates/a.yaml": POD + CONTAINER,
        "ci/a-values.yaml": "group: apps\nsecurity: {privileged: false}\n",
    }
    assert "privileged" in only(scan_chart(files, "helm-default-insecure")).message


def test_rules_that_are_asked_for_a_chart_alone_are_not_reported(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "security: {privileged: true}\n",
        "values-prod.yaml": "security: {privileged: false}\n",
        "templates/a.yaml": POD + CONTAINER,
    }
    report = scan_chart(files, "helm-default-insecure")
    assert {found.rule for found in report.findings} == set(report.rules) == {"helm-default-insecure"}
    ignored = Selection(select=("helm-default-insecure",), ignore=("privileged",))
    assert scan(Settings((Path(report.root),), ignored)).findings == ()


def test_a_severity_of_the_configuration_decides_what_counts(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "security: {privileged: true}\n",
        "values-prod.yaml": "security: {privileged: false}\n",
        "templates/a.yaml": POD + CONTAINER,
    }
    lowered = scan_chart(files, "helm-default-insecure", severities={"privileged": Severity.LOW})
    assert lowered.findings == ()
    wider = {"helm-default-insecure": {"severities": ("low",)}}
    again = scan_chart(files, "helm-default-insecure", severities={"privileged": Severity.LOW}, params=wider)
    assert len(again.findings) == 1


def test_what_no_value_hardens_is_one_finding_for_each_container(scan_chart: Scan) -> None:
    head = POD.replace(
        "  containers:", "  automountServiceAccountToken: {{ .Values.automount }}\n  containers:"
    )
    fixed = "  - name: a\n    image: {{ .Values.image }}\n    securityContext: {privileged: true}\n"
    open_ = (
        "  - name: b\n    image: {{ .Values.image }}\n"
        "    securityContext: {{- toYaml .Values.security | nindent 6 }}\n"
        "    resources: {{- toYaml .Values.resources | nindent 6 }}\n"
    )
    files: dict[str, str | bytes] = {
        "values.yaml": "image: x/y:1.0.0\nsecurity: {}\nresources: {}\nautomount: true\n",
        "templates/a.yaml": head + fixed,
        "templates/b.yaml": head.replace("-a'", "-b'") + open_,
    }
    finding = only(scan_chart(files, "helm-hardening-not-overridable"))
    assert finding.location.path == "web/templates/a.yaml"
    assert finding.location.span.line in (7, 9)
    assert finding.message.startswith("container 'a' of Pod 'release-name-a' cannot be hardened by values:")
    assert "privileged" in finding.message


def test_the_templates_of_a_vendored_chart_are_not_the_users_to_open(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "charts/db/Chart.yaml": CHART.replace("web", "db"),
        "charts/db/templates/a.yaml": POD + "  - name: a\n    image: x/y:1\n",
    }
    assert scan_chart(files, "helm-hardening-not-overridable").findings == ()


def test_a_default_credential_stands_at_its_key_and_says_where_it_arrives(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "auth:\n  user: postgres\n  password: postgres\n",
        "templates/a.yaml": SECRET + "  user: {{ .Values.auth.user }}\n  pass: {{ .Values.auth.password }}\n",
    }
    finding = only(scan_chart(files, "helm-values-secret-default"))
    assert (finding.location.path, finding.location.span.line) == ("web/values.yaml", 3)
    assert finding.item == "auth.password"
    assert finding.values_key is not None
    assert finding.values_key[:3] == ("web/values.yaml", 3, "auth.password")
    assert [(one.location.path, one.location.span.line, one.message) for one in finding.related] == [
        ("web/templates/a.yaml", 6, "arrives in entry 'pass' of Secret 'a'")
    ]


def test_a_value_that_the_parent_gives_a_subchart_arrives_too(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "db:\n  password: hV9kq2Lw0zR\n",
        "charts/db/Chart.yaml": CHART.replace("web", "db"),
        "charts/db/values.yaml": "password: ''\n",
        "charts/db/templates/a.yaml": SECRET + "  password: {{ .Values.password | b64enc }}\n",
    }
    whole = files | {
        "charts/db/templates/a.yaml": str(files["charts/db/templates/a.yaml"]).replace("stringData", "data")
    }
    assert only(scan_chart(whole, "helm-values-secret-default")).item == "db.password"


def test_a_set_of_values_that_replaces_the_default_keeps_the_finding_for_the_others(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "on: 1\nenabled: false\npassword: hV9kq2Lw0zR\n",
        "values-a.yaml": "enabled: true\npassword: Zq8mN2vB7xC\n",
        "templates/a.yaml": "{{ if .Values.enabled }}\n"
        + SECRET
        + "  password: {{ .Values.password }}\n{{ end }}\n",
    }
    assert scan_chart(files, "helm-values-secret-default").findings == ()
    files["values-b.yaml"] = "enabled: true\n"
    (place,) = only(scan_chart(files, "helm-values-secret-default")).related
    assert place.message == "arrives in entry 'password' of Secret 'a' with the values of 'b'"


@pytest.mark.parametrize("limit", [0, 480])
def test_without_time_to_confirm_only_what_is_all_of_an_entry_counts(scan_chart: Scan, limit: int) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "password: hV9kq2Lw0zR\ntoken: 7f3kP0xq9WmZ\n",
        "templates/a.yaml": SECRET
        + "  password: {{ .Values.password }}\n  conf: 'token={{ .Values.token }};'\n",
    }
    report = scan_chart(files, "helm-values-secret-default", helm=HelmSettings(trials=limit))
    assert [found.item for found in report.findings] == ["password", "token"][: 2 if limit else 1]


@pytest.mark.parametrize("form", ["console", "json", "sarif", "github", "markdown", "junit", "gitlab"])
def test_no_report_shows_a_default_credential(engine: Engine, tmp_path: Path, form: str) -> None:
    files: dict[str, str | bytes] = {
        "Chart.yaml": CHART,
        "values.yaml": "auth:\n  password: hV9kq2Lw0zR\n",
        "templates/a.yaml": SECRET + "  password: {{ .Values.auth.password }}\n",
    }
    write_tree(tmp_path, files)
    ran = hullcheck("scan", str(tmp_path), "--format", form, "--profile", "all")
    assert "auth.password" in ran.out
    assert "hV9kq2Lw0zR" not in ran.out + ran.err


def test_a_chart_that_is_not_rendered_is_judged_by_what_it_declares(tmp_path: Path) -> None:
    declared = "dependencies:\n  - {name: db, version: ^1, repository: 'http://charts.example.com'}\n"
    write_tree(tmp_path, {"Chart.yaml": CHART + declared, ".hullcheck.yaml": "helm: {engine: none}\n"})
    ran = hullcheck(
        "scan", str(tmp_path), "--format", "json", "--allow-partial", "--config", str(tmp_path / ".hullcheck.yaml"),
        "--select", "helm-dependency-unpinned,helm-repository-insecure",
    )  # fmt: skip
    found = [(one["rule"], one["line"]) for one in json.loads(ran.out)["findings"]]
    assert found == [("helm-dependency-unpinned", 5), ("helm-repository-insecure", 5)]


def test_what_follows_relations_counts_for_a_chart_too(scan_chart: Scan) -> None:
    template = (
        POD
        + "  - name: a\n    image: nginx:1.27\n    securityContext: {{- toYaml .Values.security | nindent 6 }}\n"
    )
    files: dict[str, str | bytes] = {
        "values.yaml": "security: {allowPrivilegeEscalation: false}\n",
        "values-prod.yaml": "security: {runAsUser: 10001, runAsNonRoot: true}\n",
        "templates/a.yaml": template,
    }
    finding = only(scan_chart(files, "helm-default-insecure"))
    assert "has run-as-root with the default values" in finding.message


def test_values_that_aliases_blow_up_are_walked_within_bounds(scan_chart: Scan) -> None:
    rows = ["a0: &a0 [[], []]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 25)]
    files: dict[str, str | bytes] = {
        "values.yaml": "password: hV9kq2Lw0zR\n" + "\n".join(rows) + "\n",
        "templates/a.yaml": SECRET + "  password: {{ .Values.password }}\n",
    }
    report = scan_chart(files, "helm-values-secret-default")
    assert report.findings == ()
    assert ["excessive aliasing" in one.message for one in report.diagnostics] == [True]
