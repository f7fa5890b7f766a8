"""Charts on a machine without Helm's engine, and with a `helm` binary in its place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.formats.helm import engine as engines
from scanner.formats.helm.binary import BinaryEngine, split_output
from scanner.formats.helm.engine import Engine, Failure, Rendered, RenderJob, Variant
from scanner.formats.helm.masking import fix_clock, mask_chance
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Status
from scanner.model.resources import Container
from scanner.model.source import Unknown

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
Tree = Callable[..., object]


def read_values(tree: Tree, values: str) -> dict[str, Container]:
    files = tree({"web/Chart.yaml": CHART, "web/values.yaml": values})
    reading, _ = read_chart("web", files, HelmSettings(engine="none"))  # type: ignore[arg-type]
    assert reading.resources is not None
    assert not reading.resources.certain
    return {one.name.value: one for workload in reading.resources.workloads for one in workload.containers}


def test_without_an_engine_the_chart_is_partial_and_the_command_that_helps_is_named(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_library_folder", lambda: None)
    monkeypatch.setenv("PATH", "")
    engines.engine_for.cache_clear()
    files = tree(
        {"web/Chart.yaml": CHART, "web/values.yaml": "a: 1\n", "web/templates/a.yaml": "a: {{ .x }}"}
    )
    reading, _ = read_chart("web", files)  # type: ignore[arg-type]
    engines.engine_for.cache_clear()
    assert {line.status for line in reading.coverage} == {Status.PARTIAL}
    assert all("pip install 'hullcheck[helm]'" in (line.reason or "") for line in reading.coverage)
    assert [found.severity for found in reading.diagnostics] == ["error"]


def test_values_are_read_by_convention_at_their_places(tree: Tree) -> None:
    values = (
        "image:\n  registry: ghcr.io\n  repository: shop/web\n  tag: '1.2'\n"
        "podSecurityContext:\n  runAsNonRoot: true\n"
        "securityContext:\n  privileged: true\n  capabilities:\n    drop: [ALL]\n"
        "resources:\n  limits: {memory: 1Gi}\n"
    )
    web = read_values(tree, values)["web"]
    assert web.image is not None
    assert (web.image.text.value, web.image.text.location.span.line) == ("ghcr.io/shop/web:1.2", 4)
    assert web.privileged is not None
    assert (web.privileged.value, web.privileged.location.span.line) == (True, 8)
    assert web.cap_drop is not None
    assert web.cap_drop.value == ("ALL",)
    assert web.run_as_non_root is not None
    assert web.memory_limit is not None
    assert (web.memory_limit.value, web.memory_limit.location.span.line) == ("1Gi", 12)
    assert web.cpu_limit is None
    assert web.ref.kind == "Chart values"


def test_what_the_values_do_not_speak_of_is_unknown_and_not_absent(tree: Tree) -> None:
    worker = read_values(tree, "worker:\n  image:\n    repository: shop/worker\n")["worker"]
    for fact in (worker.privileged, worker.run_as_non_root, worker.memory_limit, worker.security_context):
        assert fact is not None
        assert isinstance(fact.value, Unknown)
        assert fact.location.span.line == 1
    assert worker.image is not None
    assert isinstance(worker.image.text.value, Unknown)


def test_components_are_found_under_their_names_and_environment_mappings_are_read(tree: Tree) -> None:
    values = (
        "global: {image: {repository: not/this}}\n"
        "server:\n  image: shop/server:1\n  env: {A: x}\n"
        "  reloader:\n    image: {repository: shop/reloader, digest: sha256:" + "a" * 64 + "}\n"
        "none:\n  image: ''\n"
    )
    found = read_values(tree, values)
    assert sorted(found) == ["server", "server-reloader"]
    assert [(one.name.value, one.name.location.span.line) for one in found["server"].env] == [("A", 4)]
    image = found["server-reloader"].image
    assert image is not None
    assert image.digest is not None


def test_output_of_the_binary_is_split_by_template() -> None:
    text = (
        "---\n# Source: web/templates/a.yaml\na: 1\n---\n# Source: web/templates/b.yaml\nb: 1\n"
        "---\n# Source: web/templates/a.yaml\nc: 1\n"
    )
    assert split_output(text) == {"web/templates/a.yaml": "a: 1\n---\nc: 1\n", "web/templates/b.yaml": "b: 1"}


_FAKE = """#!{python}
import os, sys
sys.path[:] = {path!r}
import helm_python
assert sys.argv[1] == "template" and sys.argv[-3] == "--"
assert "SECRET" not in os.environ and os.path.isdir(os.environ["HELM_CONFIG_HOME"])
try:
    if any(one["status"] == "missing" for one in helm_python.dependency_list(sys.argv[-1])):
        sys.exit("Error: found in Chart.yaml, but missing in charts/ directory")
    with helm_python.Chart.load(sys.argv[-1]) as chart:
        for name, text in chart.render(name=sys.argv[-2], namespace=sys.argv[3]).items():
            print("---\\n# Source: " + name + "\\n" + text)
except helm_python.HelmError as error:
    sys.exit("Error: " + error.detail)
"""


@pytest.fixture
def binary(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BinaryEngine:
    """A `helm` that renders as the real one does."""
    program = tmp_path / "helm"
    program.write_text(_FAKE.format(python=sys.executable, path=sys.path))
    program.chmod(0o755)
    monkeypatch.setenv("SECRET", "1")
    return BinaryEngine(str(program))


@pytest.mark.skipif(sys.platform == "win32", reason="needs scripts as programs")
def test_a_helm_binary_renders_in_place_of_the_library(binary: BinaryEngine) -> None:
    settings = HelmSettings(kube_version="v1.29.0", api_versions=("x/v1",))
    absent = "dependencies:\n- name: absent\n  version: 1.0.0\n"
    files = {"Chart.yaml": CHART + absent, "templates/a.yaml": "a: {{ .Release.Name }}"}
    job = RenderJob(files, settings, {"files/a": b"\0"})
    values = Variant({}, ("b: 1\n",), ("a=1",), {"c": {"d": 1}})
    found = binary.render(job, [values, Variant({"templates/a.yaml": "{{ fail `no` }}"})])
    assert found[0] == Rendered({"web/templates/a.yaml": "a: release-name\n"})
    assert isinstance(found[1], Failure)
    assert "web/templates/a.yaml:1:3" in found[1].detail
    tight = RenderJob(files, HelmSettings(output_limit=3))
    assert isinstance(outcome := binary.render(tight, [Variant()])[0], Failure)
    assert outcome.kind == "output"
    binary.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs scripts as programs")
def test_a_helm_binary_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    program = tmp_path / "helm"
    program.write_text(f"#!{sys.executable}\nimport time; time.sleep(20)\n")
    program.chmod(0o755)
    job = RenderJob({"Chart.yaml": CHART}, HelmSettings(time_limit=0.3))
    assert BinaryEngine(str(program)).render(job, [Variant()]) == [Failure("time", "0.3 s")]
    assert BinaryEngine(str(tmp_path / "none")).render(job, [Variant()])[0].kind == "engine"  # type: ignore[union-attr]


def test_the_clock_stands_still_in_actions_and_nowhere_else() -> None:
    text = 'a: now {{ now | date "now" }} {{ .now }} {{ $now }} {{/* now */}} {{ nowhere }}\n'
    fixed = fix_clock(text)
    assert fixed == text.replace("{{ now |", '{{ (toDate "2006-01-02" "2000-01-01") |')


def test_random_words_are_masked_whole() -> None:
    masked = mask_chance('a: "xx-ab1"\nb: 1\nc: u:aaa@h', 'a: "xx-ab2"\nb: 1\nc: u:bba@h')
    assert masked is not None
    assert masked.text == 'a: "<random>"\nb: 1\nc: u:<random>@h'
    assert masked.lines == {0, 2}
    assert mask_chance("a\nb", "a") is None
