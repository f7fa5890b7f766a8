"""Charts that loop, fail, draw at random, or hold secrets: the rest of the scan does not suffer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.formats.helm import engine as engines
from scanner.formats.helm.engine import Engine
from scanner.formats.helm.ownership import IN_TEST
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from tests.support import Ran, hullcheck, listing, scan_tree, write_tree

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
    "  - name: a\n    image: x/y:1\n    securityContext: {privileged: true}\n"
)
ENDLESS = "{{ range until 30000 }}{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}{{ end }}"
SEARCH = "hV9kq2Lw0zR"


def run(root: Path, *options: str) -> Ran:
    return hullcheck("scan", str(root), "--config", str(root / ".hullcheck.yaml"), *options)


def statuses(ran: Ran) -> dict[str, tuple[str, str | None]]:
    return {one["path"]: (one["status"], one["reason"]) for one in json.loads(ran.out)["coverage"]}


def test_a_chart_that_loops_for_ever_is_stopped_and_the_rest_of_the_scan_goes_on(
    engine: Engine, tmp_path: Path
) -> None:
    write_tree(
        tmp_path,
        {
            ".hullcheck.yaml": "helm: {time-limit: 4}\n",
            "a/Chart.yaml": CHART,
            "a/templates/a.yaml": POD,
            "loop/Chart.yaml": CHART,
            "loop/templates/loop.yaml": ENDLESS,
            "pod.yaml": POD,
            "z/Chart.yaml": CHART,
            "z/templates/a.yaml": POD,
        },
    )
    ran = run(tmp_path, "--select", "privileged", "--format", "json")
    assert ran.code == 2
    found = [one["path"] for one in json.loads(ran.out)["findings"]]
    assert found == ["a/templates/a.yaml", "pod.yaml", "z/templates/a.yaml"]
    status, reason = statuses(ran)["loop/templates/loop.yaml"]
    assert (status, reason) == ("failed", "time was up: rendering took longer than 4 s and was stopped")
    assert statuses(ran)["z/templates/a.yaml"] == ("evaluated", None)


RANDOM = (
    "{{- $ca := genCA `web-ca` 365 }}\n"
    "{{- $cert := genSignedCert `web` nil (list `web.example.com`) 365 $ca }}\n"
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a-{{ randAlphaNum 5 | lower }}}\n"
    "data:\n  tls.crt: {{ $cert.Cert | b64enc }}\n  ca.crt: {{ $ca.Cert | b64enc }}\n"
    "stringData:\n  password: {{ randAlphaNum 24 | quote }}\n  id: {{ uuidv4 }}\n"
    "  number: {{ randNumeric 12 | quote }}\n  hash: {{ htpasswd `admin` `hV9kq2Lw0zR` | quote }}\n"
    "  at: {{ now | date `2006-01-02T15:04:05.000` | quote }}\n  key: |\n"
    "{{ genPrivateKey `rsa` | indent 4 }}\n  self: |\n"
    "{{ (genSelfSignedCert `web` nil nil 365).Key | indent 4 }}\n---\n" + POD
    + "    env: [{name: API_TOKEN, value: {{ randAlphaNum 32 | quote }}}]\n"
)  # fmt: skip


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_two_scans_of_charts_that_draw_at_random_are_the_same(
    engine: Engine, tmp_path: Path, form: str
) -> None:
    write_tree(
        tmp_path,
        {
            ".hullcheck.yaml": "profile: all\nhelm: {time-limit: 60}\n",
            "web/Chart.yaml": CHART,
            "web/templates/a.yaml": RANDOM,
            "web/values-b.yaml": "a: 1\n",
        },
    )
    first, second = (run(tmp_path, "--format", form) for _ in range(2))
    assert first == second
    assert "privileged" in first.out
    assert first.code == 1, first.err


def test_a_word_in_a_text_is_no_function(engine: Engine, tmp_path: Path) -> None:
    template = '{{ if .Values.off }}{{ fail "it is now too late for genCA" }}{{ end }}\n' + POD
    write_tree(tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": template})
    assert listing(scan_tree(tmp_path, "privileged")) == ["web/templates/a.yaml:9 privileged"]


def test_what_a_chart_requires_is_told_at_its_line_while_other_values_are_rendered(
    engine: Engine, tmp_path: Path
) -> None:
    template = '{{- $a := required "set the host" .Values.host }}\n' + POD
    broken = '{{- if eq .Values.host "bad" }}\n  {{- fail "no such host" }}\n{{- end }}\n' + POD
    write_tree(
        tmp_path,
        {
            ".hullcheck.yaml": "{}\n",
            "web/Chart.yaml": CHART,
            "web/templates/a.yaml": template,
            "web/templates/b.yaml": broken.replace("name: a", "name: b"),
            "web/values.yaml": "host: ''\n",
            "web/values-bad.yaml": "host: bad\n",
            "web/values-good.yaml": "host: good\n",
        },
    )
    ran = run(tmp_path, "--select", "privileged", "--format", "json")
    report = json.loads(ran.out)
    told = {(one["path"], one["line"], one["severity"]) for one in report["diagnostics"]}
    assert told == {("web/templates/a.yaml", 1, "warning"), ("web/templates/b.yaml", 2, "error")}
    found = {one["path"]: one["environments"] for one in report["findings"]}
    assert found == {"web/templates/a.yaml": ["bad", "good"], "web/templates/b.yaml": ["default", "good"]}
    assert ran.code == 2


HOOK = POD.replace("{name: a}", "{name: a, annotations: {helm.sh/hook: '%s'}}")


@pytest.mark.parametrize(
    "hook,is_test",
    [("test", True), ("test-success", True), ("test-failure,test", True), ("pre-install,test", False)],
)
def test_a_pod_that_only_helm_test_runs_is_no_production_workload(
    engine: Engine, tmp_path: Path, hook: str, is_test: bool
) -> None:
    write_tree(tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": HOOK % hook})
    (finding,) = scan_tree(tmp_path, "privileged").findings
    assert (finding.severity, finding.message.endswith(IN_TEST)) == (
        ("low", True) if is_test else ("critical", False)
    )


def test_a_credential_in_a_test_is_as_severe_as_any_other(engine: Engine, tmp_path: Path) -> None:
    template = HOOK % "test" + "    env: [{name: DB_PASSWORD, value: hV9kq2Lw0zR}]\n"
    write_tree(tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": template})
    (finding,) = scan_tree(tmp_path, "secret-literal-env").findings
    assert finding.severity == "high"


@pytest.mark.parametrize("form", ["console", "json", "sarif"])
@pytest.mark.parametrize(
    "files",
    [
        {"values.yaml": f"auth: {{password: {SEARCH}}}\n"},
        {"values.yaml": "auth: {password: ''}\n", "values-prod.yaml": f"auth: {{password: {SEARCH}}}\n"},
        {
            "values.yaml": f"db: {{auth: {{password: {SEARCH}}}}}\nauth: {{password: ''}}\n",
            "charts/db/Chart.yaml": CHART.replace("web", "db"),
            "charts/db/templates/a.yaml": '{{ fail (printf "refused: %s" .Values.auth.password) }}',
        },
    ],
)
def test_a_failing_template_shows_no_secret_of_the_values(
    engine: Engine, tmp_path: Path, files: dict[str, str | bytes], form: str
) -> None:
    template = '{{ fail (printf "refused: %s" .Values.auth.password) }}'
    write_tree(tmp_path / "web", {"Chart.yaml": CHART, "templates/a.yaml": template, **files})
    (tmp_path / ".hullcheck.yaml").write_text("{}\n")
    ran = run(tmp_path, "--format", form)
    assert "refused: ***" in ran.out + ran.err
    assert SEARCH not in ran.out + ran.err


def test_a_secret_of_the_command_line_is_not_shown_either(engine: Engine, tmp_path: Path) -> None:
    template = '{{ fail (printf "refused: %s" .Values.auth.password) }}'
    write_tree(tmp_path, {"web/Chart.yaml": CHART, "web/templates/a.yaml": template, ".hullcheck.yaml": "{}"})
    ran = run(tmp_path, "--set", f"auth.password={SEARCH}")
    assert "refused: ***" in ran.out + ran.err
    assert SEARCH not in ran.out + ran.err


def test_without_any_engine_the_ledger_names_the_one_command_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_library_folder", lambda: None)
    monkeypatch.setenv("PATH", "")
    engines.engine_for.cache_clear()
    write_tree(
        tmp_path,
        {
            "web/Chart.yaml": CHART,
            "web/values.yaml": "image: {repository: nginx, tag: latest}\n",
            "web/templates/a.yaml": POD,
        },
    )
    (tmp_path / ".hullcheck.yaml").write_text("{}\n")
    ran = run(tmp_path, "--select", "image-tag-latest", "--format", "json")
    engines.engine_for.cache_clear()
    status, reason = statuses(ran)["web/templates/a.yaml"]
    assert status == "partial"
    assert reason is not None
    assert reason.endswith("install one with: pip install 'hullcheck[helm]'")
    assert [one["path"] for one in json.loads(ran.out)["findings"]] == ["web/values.yaml"]
    assert ran.code == 2


DB = {
    "Chart.yaml": CHART + "dependencies:\n  - {name: db, alias: store, version: 0.1.0}\n",
    "charts/db/Chart.yaml": CHART.replace("web", "db"),
    "charts/db/templates/a.yaml": POD.replace("name: a", "name: db"),
    "templates/a.yaml": POD,
}


@pytest.mark.parametrize(
    "choice,expected",
    [
        ("report", ["critical", "critical"]),
        ("lower", ["high", "critical"]),
        ("ignore", ["critical"]),
        ("{store: lower}", ["high", "critical"]),
        ("{db: ignore, '*': lower}", ["critical"]),
        ("{other: ignore}", ["critical", "critical"]),
        ("{store: report, '*': ignore}", ["critical", "critical"]),
    ],
)
def test_findings_in_vendored_charts_are_lowered_or_left_out(
    engine: Engine, tmp_path: Path, choice: str, expected: list[str]
) -> None:
    write_tree(tmp_path / "web", DB)
    (tmp_path / ".hullcheck.yaml").write_text(f"helm: {{subcharts: {choice}}}\n")
    ran = run(tmp_path, "--select", "privileged", "--format", "json")
    assert [one["severity"] for one in json.loads(ran.out)["findings"]] == expected
    status, reason = statuses(ran)["web/charts/db/templates/a.yaml"]
    assert (status, reason is not None) == ("evaluated", len(expected) == 1)


def test_a_chart_of_the_same_repository_is_lowered_by_its_name_alone(engine: Engine, tmp_path: Path) -> None:
    files = {
        "web/Chart.yaml": CHART
        + "dependencies:\n  - {name: db, version: 0.1.0, repository: 'file://../db'}\n",
        "db/Chart.yaml": CHART.replace("web", "db"),
        "db/templates/a.yaml": POD.replace("{name: a}", "{name: '{{ .Release.Name }}'}"),
        ".hullcheck.yaml": "helm: {subcharts: ignore}\n",
    }
    write_tree(tmp_path, files)
    assert "privileged" in run(tmp_path, "--select", "privileged").out
    one = scan(Settings((tmp_path / "web",), Selection(select=("privileged",))))
    assert one.findings == ()  # outside of the root, so a gap
    assert "not in charts/" in one.diagnostics[0].message


def test_a_choice_that_does_not_exist_is_an_error_with_its_place(tmp_path: Path) -> None:
    write_tree(tmp_path, {".hullcheck.yaml": "helm:\n  subcharts: {db: hide}\n"})
    ran = run(tmp_path)
    assert ran.code == 2
    assert ".hullcheck.yaml:2:" in ran.err
    assert "unknown choice for subcharts 'hide'; use one of report, lower, ignore" in ran.err
