"""The values key that controls a finding, confirmed by rendering again."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.formats.helm.bundle import Bundle, Origin
from scanner.formats.helm.chart import Chart
from scanner.formats.helm.confirmation import HARD_CODED
from scanner.formats.helm.engine import Engine
from scanner.formats.helm.hardening import wanted_settings
from scanner.formats.helm.plain import Plain
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import DEFAULT_SET
from scanner.formats.helm.values_view import ValuesView
from scanner.model.finding import Finding
from scanner.model.report import Report
from scanner.model.source import Location, Span
from scanner.pipeline import Settings, catalog_of, scan
from scanner.policy.catalog import Selection
from tests.support import hullcheck, write_tree

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
Keys = dict[str, tuple[str, int | None, str] | None]

Scan = Callable[..., Report]


@pytest.fixture
def scan_chart(engine: Engine, tmp_path: Path) -> Scan:
    """Scans a chart that stands at `web/` with the given rules."""

    def run(files: dict[str, str | bytes], *select: str, helm: HelmSettings | None = None) -> Report:
        write_tree(tmp_path / "web", {"Chart.yaml": CHART, **files})
        selection = Selection(profile="all", select=select)
        return scan(Settings((tmp_path,), selection, helm=helm or HelmSettings()))

    return run


def keys(report: Report) -> Keys:
    return {found.rule: key_of(found) for found in report.findings}


def key_of(finding: Finding) -> tuple[str, int | None, str] | None:
    key = finding.values_key
    return None if key is None else (key.path, key.line, key.key)


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def test_a_key_on_the_line_is_named_with_its_place(scan_chart: Scan) -> None:
    template = POD + "  - name: a\n    securityContext:\n      privileged: {{ .Values.admin.enabled }}\n"
    values = "other: 1\nadmin:\n  enabled: true\n"
    finding = only(scan_chart({"templates/a.yaml": template, "values.yaml": values}, "privileged"))
    assert (finding.location.path, finding.location.span.line) == ("web/templates/a.yaml", 8)
    assert key_of(finding) == ("web/values.yaml", 3, "admin.enabled")
    (related,) = finding.related
    assert related.location == ("web/values.yaml", (3, 3, 3, 16))
    assert related.message == "value 'admin.enabled' is set here"


def test_a_field_that_is_absent_names_the_map_that_would_take_it(scan_chart: Scan) -> None:
    template = POD + (
        "  - name: a\n"
        "    {{- with .Values.securityContext }}\n"
        "    securityContext: {{- toYaml . | nindent 6 }}\n"
        "    {{- end }}\n"
        "    {{- if .Values.resources }}\n"
        "    resources:\n{{ toYaml .Values.resources | indent 6 }}\n"
        "    {{- end }}\n"
    )
    rules = ("read-only-rootfs", "caps-drop-all-missing", "memory-limit-missing", "seccomp-unset")
    report = scan_chart({"templates/a.yaml": template, "values.yaml": "securityContext: {}\n"}, *rules)
    assert keys(report) == {
        "read-only-rootfs": ("web/values.yaml", None, "securityContext.readOnlyRootFilesystem"),
        "caps-drop-all-missing": ("web/values.yaml", None, "securityContext.capabilities.drop"),
        "memory-limit-missing": ("web/values.yaml", None, "resources.limits.memory"),
        "seccomp-unset": ("web/values.yaml", None, "securityContext.seccompProfile.type"),
    }


def test_what_no_value_controls_is_called_hard_coded(scan_chart: Scan) -> None:
    template = POD + "  - name: a\n    securityContext:\n      privileged: true\n  hostPID: {{ .Values.a }}\n"
    finding = only(scan_chart({"templates/a.yaml": template, "values.yaml": "a: false\n"}, "privileged"))
    assert finding.values_key is None
    assert finding.message.endswith(HARD_CODED)


def test_what_another_object_may_mend_is_not_called_hard_coded(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "templates/a.yaml": POD + "  - name: a\n    image: x/y:1\n",
        "templates/net.yaml": "{{ if .Values.closed }}\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: a}\nspec: {podSelector: {}}\n{{ end }}\n",
    }
    finding = only(scan_chart(files, "network-policy-missing"))
    assert HARD_CODED not in finding.message


def test_a_switch_around_the_whole_object_is_no_answer(scan_chart: Scan) -> None:
    template = (
        "{{ if .Values.enabled }}\n"
        + POD
        + "  - name: a\n    tty: true\n    securityContext: {privileged: true}\n{{ end }}\n"
    )
    finding = only(scan_chart({"templates/a.yaml": template, "values.yaml": "enabled: true\n"}, "privileged"))
    assert finding.values_key is None


def test_a_switch_around_a_part_is_one(scan_chart: Scan) -> None:
    template = POD + (
        "  - name: a\n  {{- if .Values.root.enabled }}\n  volumes:\n    - name: r\n      hostPath: {path: /}\n  {{- end }}\n"
    )
    values = "root: {enabled: true}\n"
    finding = only(scan_chart({"templates/a.yaml": template, "values.yaml": values}, "host-path-any"))
    assert key_of(finding) == ("web/values.yaml", 1, "root.enabled")


def test_a_switch_that_would_write_the_field_is_named(scan_chart: Scan) -> None:
    template = POD + (
        "  - name: a\n    securityContext:\n      {{- if .Values.seccomp.enabled }}\n"
        "      seccompProfile:\n        type: RuntimeDefault\n      {{- end }}\n      privileged: false\n"
    )
    values = "seccomp:\n  enabled: false\n"
    report = scan_chart({"templates/a.yaml": template, "values.yaml": values}, "seccomp-unset")
    assert key_of(only(report)) == ("web/values.yaml", 2, "seccomp.enabled")


def test_two_containers_have_their_own_keys(scan_chart: Scan) -> None:
    container = (
        "  - name: {{ .Values.%s.name }}\n    {{- with .Values.%s.securityContext }}\n"
        "    securityContext: {{- toYaml . | nindent 6 }}\n    {{- end }}\n"
    )
    template = POD + container % ("one", "one") + container % ("two", "two")
    values = "one: {name: a, securityContext: {}}\ntwo: {name: b, securityContext: {}}\n"
    report = scan_chart({"templates/a.yaml": template, "values.yaml": values}, "read-only-rootfs")
    named = {one.resource.container: one.values_key and one.values_key.key for one in report.findings}
    assert named == {
        "a": "one.securityContext.readOnlyRootFilesystem",
        "b": "two.securityContext.readOnlyRootFilesystem",
    }


def test_values_reach_through_helpers_variables_and_lists(scan_chart: Scan) -> None:
    helper = '{{ define "image" }}{{ printf "%s:%s" .repository (.tag | default "latest") }}{{ end }}'
    template = POD + (
        '{{- $web := index .Values "web" }}\n{{- range $web.containers }}\n'
        '  - name: {{ .name }}\n    image: {{ include "image" .image }}\n{{- end }}\n'
    )
    values = (
        "web:\n  containers:\n    - name: a\n      image:\n        repository: x/y\n        tag: latest\n"
    )
    files: dict[str, str | bytes] = {
        "templates/a.yaml": template,
        "templates/_h.tpl": helper,
        "values.yaml": values,
    }
    finding = only(scan_chart(files, "image-tag-latest"))
    assert key_of(finding) == ("web/values.yaml", 6, "web.containers[0].image.tag")


def test_a_subchart_is_mended_in_the_parents_values(scan_chart: Scan) -> None:
    files: dict[str, str | bytes] = {
        "charts/cache/Chart.yaml": CHART.replace("web", "cache"),
        "charts/cache/values.yaml": "tag: latest\nglobal: {}\n",
        "charts/cache/templates/a.yaml": POD
        + "  - name: a\n    image: x/y:{{ .Values.global.tag | default .Values.tag }}\n",
    }
    assert key_of(only(scan_chart(files, "image-tag-latest"))) == ("web/values.yaml", None, "global.tag")
    files["values.yaml"] = "cache:\n  tag: latest\n"
    files["charts/cache/templates/a.yaml"] = POD + "  - name: a\n    image: x/y:{{ .Values.tag }}\n"
    assert key_of(only(scan_chart(files, "image-tag-latest"))) == ("web/values.yaml", 2, "cache.tag")


def test_a_packed_subchart_is_mended_in_the_parents_values(scan_chart: Scan) -> None:
    buffer = io.BytesIO()
    template = POD + (
        "  - name: a\n    {{- with .Values.securityContext }}\n"
        "    securityContext: {{- toYaml . | nindent 6 }}\n    {{- end }}\n"
    )
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in (
            ("cache/Chart.yaml", CHART.replace("web", "cache")),
            ("cache/values.yaml", "securityContext: {}\n"),
            ("cache/templates/a.yaml", template),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    dependency = "dependencies:\n  - name: cache\n    version: 0.1.0\n"
    files: dict[str, str | bytes] = {
        "Chart.yaml": CHART + dependency,
        "charts/cache-0.1.0.tgz": buffer.getvalue(),
        "values.yaml": "a: 1\n",
    }
    finding = only(scan_chart(files, "read-only-rootfs"))
    assert (finding.location.path, finding.location.span.line) == ("web/Chart.yaml", 5)
    assert key_of(finding) == ("web/values.yaml", None, "cache.securityContext.readOnlyRootFilesystem")


def test_the_file_of_the_set_that_sets_a_key_is_named(scan_chart: Scan) -> None:
    template = POD + "  - name: a\n    image: x/y:{{ .Values.tag }}\n"
    files: dict[str, str | bytes] = {
        "templates/a.yaml": template,
        "values.yaml": "tag: v1\n",
        "values-dev.yaml": "# dev\ntag: latest\n",
        "values-qa.yaml": "tag: latest\n",
    }
    finding = only(scan_chart(files, "image-tag-latest"))
    assert finding.environments == ("dev", "qa")
    assert key_of(finding) == ("web/values-dev.yaml", 2, "tag")


def test_a_finding_in_several_environments_is_one(scan_chart: Scan) -> None:
    template = POD + "  - name: a\n    image: x/y:{{ .Values.tag }}\n"
    files: dict[str, str | bytes] = {
        "templates/a.yaml": template,
        "values.yaml": "tag: latest\n",
        "values-dev.yaml": "b: 1\n",
        "values-prod.yaml": "tag: v2\n",
    }
    finding = only(scan_chart(files, "image-tag-latest"))
    assert finding.environments == ("default", "dev")
    assert key_of(finding) == ("web/values.yaml", 1, "tag")


def test_a_secret_in_the_values_is_hidden_where_its_key_is_named(scan_chart: Scan, tmp_path: Path) -> None:
    template = (
        POD + "  - name: a\n    env:\n      - name: DB_PASSWORD\n        value: {{ .Values.db.password }}\n"
    )
    files: dict[str, str | bytes] = {
        "templates/a.yaml": template,
        "values.yaml": "db:\n  password: s3cr3t-Tr0ub4dor\n",
    }
    report = scan_chart(files, "secret-literal-env")
    assert key_of(only(report)) == ("web/values.yaml", 2, "db.password")
    assert [span.line for span in report.masked["web/values.yaml"]] == [2]
    for form in ("console", "json", "sarif", "markdown"):
        shown = hullcheck("scan", str(tmp_path), "--format", form, "--select", "secret-literal-env")
        assert "secret-literal-env" in shown.out
        assert "s3cr3t" not in shown.out


def test_a_chart_that_refuses_a_change_still_gets_its_other_keys(scan_chart: Scan) -> None:
    template = POD + (
        "{{- if .Values.image.sha }}{{ fail `sha is no more` }}{{ end }}\n"
        "  - name: a\n    image: x/y{{ .Values.image.sha }}:{{ .Values.image.tag }}\n    tty: {{ .Values.tty }}\n"
    )
    values = "image: {sha: '', tag: latest}\ntty: true\n"
    report = scan_chart(
        {"templates/a.yaml": template, "values.yaml": values}, "image-tag-latest", "interactive-tty"
    )
    assert keys(report) == {
        "image-tag-latest": ("web/values.yaml", 1, "image.tag"),
        "interactive-tty": ("web/values.yaml", 2, "tty"),
    }


def test_no_key_is_looked_for_when_there_is_no_time(scan_chart: Scan) -> None:
    template = POD + "  - name: a\n    securityContext:\n      privileged: {{ .Values.a }}\n"
    files: dict[str, str | bytes] = {"templates/a.yaml": template, "values.yaml": "a: true\n"}
    finding = only(scan_chart(files, "privileged", helm=HelmSettings(trials=0)))
    assert (finding.values_key, finding.related) == (None, ())


def test_values_of_an_application_are_named_where_they_stand(engine: Engine, tmp_path: Path) -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec:\n  source:\n"
        "    path: web\n    helm:\n      values: |\n        # chosen\n        tag: latest\n"
    )
    template = POD + "  - name: a\n    image: x/y:{{ .Values.tag }}\n"
    files = {
        "web/Chart.yaml": CHART,
        "web/templates/a.yaml": template,
        "web/values.yaml": "tag: v1\n",
        "argo.yaml": application,
    }
    settings = Settings(
        (write_tree(tmp_path, files),), Selection(profile="all", select=("image-tag-latest",))
    )
    finding = only(scan(settings))
    assert finding.environments == ("shop",)
    assert key_of(finding) == ("argo.yaml", 10, "tag")
    assert finding.related[0].location.span[:2] == (10, 9)


def test_two_scans_are_the_same_byte_by_byte(engine: Engine, tmp_path: Path) -> None:
    template = (
        POD
        + "  - name: a\n    image: x/y:{{ .Values.tag }}\n    env:\n      - {name: A, value: {{ randAlphaNum 9 | quote }} }\n"
    )
    files = {
        "Chart.yaml": CHART,
        "templates/a.yaml": template,
        "values.yaml": "tag: latest\n",
        "values-b.yaml": "c: 1\n",
    }
    write_tree(tmp_path, files)
    first, second = (
        hullcheck("scan", str(tmp_path), "--format", "json", "--profile", "all") for _ in range(2)
    )
    assert first == second
    assert json.loads(first.out)["findings"]


def test_with_the_named_key_set_the_finding_goes(scan_chart: Scan, tmp_path: Path) -> None:
    template = POD + "  - name: a\n    image: x/y:{{ .Values.image.tag }}\n"
    files: dict[str, str | bytes] = {"templates/a.yaml": template, "values.yaml": "image: {tag: latest}\n"}
    key = only(scan_chart(files, "image-tag-latest")).values_key
    assert key is not None
    settings = Settings((tmp_path,), Selection(profile="all", select=("image-tag-latest",)))
    assert scan(replace(settings, helm=HelmSettings(set_values=(f"{key.key}=1.0",)))).findings == ()


def test_options_and_configuration_reach_the_rendering(engine: Engine, tmp_path: Path) -> None:
    template = POD + (
        "  - name: a\n    image: x/y:{{ .Values.tag }}\n    tty: {{ eq .Release.Namespace `live` }}\n"
        "    stdin: {{ .Capabilities.APIVersions.Has `x/v1` }}\n"
    )
    tree = {
        "web/Chart.yaml": CHART,
        "web/templates/a.yaml": template,
        "web/values.yaml": "tag: v1\n",
        "own.yaml": "tag: latest\n",
        "repo/.hullcheck.yaml": "helm: {namespace: live, api-versions: x/v1, environments: {stage: [stage.yaml]}}\n",
        "repo/web/Chart.yaml": CHART,
        "repo/web/templates/a.yaml": template,
        "repo/web/values.yaml": "tag: dev\n",
        "repo/stage.yaml": "tag: latest\n",
    }
    write_tree(tmp_path, tree)
    web, own = str(tmp_path / "web"), str(tmp_path / "own.yaml")
    ran = hullcheck("scan", web, "--values", own, "--select", "image-tag-latest", "--format", "json")
    assert [one["values_key"]["path"] for one in json.loads(ran.out)["findings"]] == ["../own.yaml"]
    ran = hullcheck("scan", web, "--set", "tag=latest", "--select", "image-tag-latest", "--format", "json")
    assert len(json.loads(ran.out)["findings"]) == 1
    repo = str(tmp_path / "repo")
    ran = hullcheck("scan", repo, "--select", "image-tag-latest,interactive-tty", "--format", "json")
    found = {one["rule"]: one["environments"] for one in json.loads(ran.out)["findings"]}
    assert found == {"image-tag-latest": ["default", "stage"], "interactive-tty": ["default", "stage"]}


def test_a_change_that_sends_the_chart_into_a_loop_costs_its_limit_once(scan_chart: Scan) -> None:
    loop = "{{ if .Values.loop }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}"
    template = POD + (
        f"  - name: a\n    image: x/y:{{{{ .Values.tag }}}}{loop}\n    tty: {{{{ .Values.loop | not }}}}\n"
    )
    files: dict[str, str | bytes] = {
        "templates/a.yaml": template,
        "values.yaml": "tag: latest\nloop: false\n",
    }
    report = scan_chart(files, "image-tag-latest", "interactive-tty", helm=HelmSettings(time_limit=2))
    assert keys(report)["interactive-tty"] is None
    assert report.diagnostics == ()


def test_keys_inside_lists_are_changed_with_the_whole_list() -> None:
    bundle = Bundle(Chart("web/Chart.yaml", "web", None, None, False), "web")
    bundle.files["values.yaml"] = "a:\n  - {b: 1, c: [{d: 1}]}\n  - 2\nm: {x: {y: 1}, z: text}\n"
    bundle.origins["values.yaml"] = Origin("web/values.yaml")
    view = ValuesView(bundle, DEFAULT_SET)
    assert list(view.expand(("a", "*", "b"))) == [("a", "[0]", "b"), ("a", "[1]", "b")]
    assert list(view.expand(("m", "*"))) == [("m", "x"), ("m", "z")]
    assert list(view.expand(("none", "*"))) == []
    over: dict[str, Plain] = {}
    view.put(over, ("a", "[0]", "b"), 2)
    view.put(over, ("a", "[0]", "c", "[0]", "d"), 3)
    view.put(over, ("a", "[0]", "e", "f"), 4)
    view.put(over, ("a", "[1]"), 5)
    view.put(over, ("a", "[1]", "b"), 6)
    view.put(over, ("a", "[9]", "b"), 6)
    view.put(over, ("m", "x", "y"), 7)
    assert over == {"a": [{"b": 2, "c": [{"d": 3}], "e": {"f": 4}}, 5], "m": {"x": {"y": 7}}}
    assert view.get(("a", "[0]", "b")) == 1
    assert view.place(("a", "[1]")) == ("web/values.yaml", Location("web/values.yaml", Span(3, 5, 3, 6)))
    assert view.place(("a", "[7]")) == ("web/values.yaml", None)
    assert view.place(("m",))[1] == Location("web/values.yaml", Span(4, 1, 4, 2))


def test_a_rule_wants_the_settings_of_the_fields_that_it_points_at_first() -> None:
    rules = catalog_of(Settings()).rules
    assert list(wanted_settings(rules["run-as-root"]))[:2] == ["uid", "run_as_non_root"]
    assert list(wanted_settings(rules["host-users"])) == ["host_users"]
    assert wanted_settings(rules["image-tag-latest"]) == {}
