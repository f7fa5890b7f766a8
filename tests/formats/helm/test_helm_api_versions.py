"""What `.Capabilities.APIVersions` answers: as a cluster of the version does, without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.formats.base import Reading
from scanner.formats.helm.api_versions import Absence, served_versions
from scanner.formats.helm.engine import Engine
from scanner.formats.helm.settings import HelmSettings
from tests.support import listing, scan_tree, write_tree

Read = Callable[..., Reading]

ASKED = (
    "v1",
    "apiregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "policy/v1",
    "policy/v1/PodDisruptionBudget",
    "policy/v1beta1",
    "autoscaling/v2",
    "autoscaling/v2beta2",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1/Ingress",
    "networking.k8s.io/v1beta1",
    "extensions/v1beta1",
    "batch/v1",
    "batch/v1/CronJob",
    "batch/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "monitoring.coreos.com/v1",
    "autoscaling.k8s.io/v1",
)
NOW = {
    "v1",
    "apiregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "policy/v1",
    "policy/v1/PodDisruptionBudget",
    "autoscaling/v2",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1/Ingress",
    "batch/v1",
    "batch/v1/CronJob",
    "rbac.authorization.k8s.io/v1",
}
IN_1_18 = {
    "v1",
    "apiregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "policy/v1beta1",
    "autoscaling/v2beta2",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "extensions/v1beta1",
    "batch/v1",
    "batch/v1beta1",
    "rbac.authorization.k8s.io/v1",
}


@pytest.mark.parametrize(
    "settings,expected",
    [
        (HelmSettings(), NOW),
        (HelmSettings(kube_version="v1.33.0"), NOW),
        (HelmSettings(kube_version="v1.18.20"), IN_1_18),
        (
            HelmSettings(api_versions=("monitoring.coreos.com/v1", "batch/v1beta1")),
            NOW | {"monitoring.coreos.com/v1", "batch/v1beta1"},
        ),
    ],
)
def test_a_chart_is_told_what_a_cluster_of_the_version_serves(
    read: Read, settings: HelmSettings, expected: set[str]
) -> None:
    rows = "".join(
        f"  {number}: {{{{ ternary `yes` `no` (.Capabilities.APIVersions.Has `{name}`) }}}}\n"
        for number, name in enumerate(ASKED)
    )
    template = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n{rows}"
    resources = read({"templates/a.yaml": template}, settings).resources
    assert resources is not None
    (document,) = resources.documents
    answers = [document.find(f"data.{number}")[0].value for number in range(len(ASKED))]
    assert {name for name, answer in zip(ASKED, answers, strict=True) if answer in ("yes", True)} == expected


def test_a_question_for_what_is_gone_is_answered_in_its_place() -> None:
    text = (
        'a {{ if and (.Capabilities.APIVersions.Has "batch/v1beta1") $.Values.a }}\n'
        "b {{ $root.Capabilities.APIVersions.Has `policy/v1beta1` }}\n"
        '.Capabilities.APIVersions.Has "batch/v1beta1" {{ .Capabilities.APIVersions.Has "batch/v1" }}'
    )
    answered = Absence(None).answer(text)
    assert [len(row) for row in answered.split("\n")] == [len(row) for row in text.split("\n")]
    assert [" ".join(row.split()) for row in answered.split("\n")] == [
        "a {{ if and (false ) $.Values.a }}",
        "b {{ false }}",
        '.Capabilities.APIVersions.Has "batch/v1beta1" {{ .Capabilities.APIVersions.Has "batch/v1" }}',
    ]


def test_a_version_that_cannot_be_read_is_the_latest() -> None:
    assert served_versions("stable") == served_versions(None) == served_versions("v1.40.0")
    assert "policy/v1beta1" in served_versions("1.24+")
    assert Absence(None).holds("batch/v1beta1")
    assert not Absence(None, ("batch/v1beta1",)).holds("batch/v1beta1")
    assert not Absence(None).holds("example.com/v1")


def test_a_chart_that_asks_before_it_chooses_gets_no_finding_about_the_other_choice(
    engine: Engine, tmp_path: Path
) -> None:
    template = (
        '{{- if .Capabilities.APIVersions.Has "apiregistration.k8s.io/v1" }}\n'
        "apiVersion: apiregistration.k8s.io/v1\n{{- else }}\n"
        "apiVersion: apiregistration.k8s.io/v1beta1\n{{- end }}\n"
        "kind: APIService\nmetadata: {name: v1.example.com}\n"
    )
    chart = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
    write_tree(tmp_path, {"web/Chart.yaml": chart, "web/templates/a.yaml": template})
    assert listing(scan_tree(tmp_path, "api-deprecated")) == []
