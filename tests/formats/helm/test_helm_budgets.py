"""What is tried for charts is bounded by counts: no clock and no slow machine changes a report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scanner.formats.helm import helper
from scanner.formats.helm.budget import UNTRIED, TrialBudget
from scanner.formats.helm.engine import Engine, Failure, Rendered, RenderJob, Variant
from scanner.formats.helm.helper import HelperEngine
from scanner.formats.helm.settings import HelmSettings
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter
from tests.support import ROOT, write_tree

SHOP = ROOT / "fixtures" / "helm-webshop"
FORMS = ("json", "sarif", "markdown")


def reports(root: Path, **helm: Any) -> list[str]:
    settings = Settings(paths=(root,), selection=Selection(profile="all"), helm=HelmSettings(**helm))
    report = scan(settings)
    return [load_reporter(form).render(report, RenderOptions()) for form in FORMS]


def test_an_engine_that_is_slow_changes_no_byte(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = reports(SHOP)
    quick = HelperEngine.render

    def slow(self: HelperEngine, job: RenderJob, variants: Sequence[Variant]) -> list[Rendered | Failure]:
        # More than ten times what a rendering of this chart takes.
        time.sleep(0.1)
        return quick(self, job, variants)

    monkeypatch.setattr(HelperEngine, "render", slow)
    assert reports(SHOP) == plain


def test_a_clock_that_jumps_changes_no_byte(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = reports(SHOP)
    told = iter(range(0, 10**12, 10**6))
    for name in ("monotonic", "time", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: float(next(told)))
    assert reports(SHOP) == plain


def test_the_watch_reads_no_clock() -> None:
    assert not hasattr(helper, "time")


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
"""


def keyed(tmp_path: Path, trials: int) -> tuple[list[str | None], list[str], list[str]]:
    """Scan a chart of two containers with a key each, whose values weigh as two renderings."""
    lines = "".join(f"    - {{name: c{n}, image: 'x/y:{{{{ .Values.v{n}.tag }}}}'}}\n" for n in range(2))
    values = "v0: {tag: latest}\nv1: {tag: latest}\n" + f"# {'x' * 98}\n" * 3_000
    files = {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "values.yaml": values}
    write_tree(tmp_path, {**files, "templates/a.yaml": POD + lines})
    chosen = Selection(select=("image-tag-latest",))
    report = scan(Settings(paths=(tmp_path,), selection=chosen, helm=HelmSettings(trials=trials)))
    keys = [one.values_key.key if one.values_key else None for one in report.findings]
    return keys, [one.message for one in report.findings], [one.message for one in report.diagnostics]


def test_what_a_budget_left_untried_is_told_at_the_finding_and_at_the_chart(
    engine: Engine, tmp_path: Path
) -> None:
    keys, _, told = keyed(tmp_path, 480)
    assert (keys, told) == (["v0.tag", "v1.tag"], [])
    keys, messages, (told,) = keyed(tmp_path, 1)
    assert keys == [None, None]
    assert all(message.endswith(UNTRIED) for message in messages)
    assert told.startswith("the values key of 2 findings was not found with 1 renderings; more may")


def test_a_budget_that_is_off_leaves_nothing_untried(engine: Engine, tmp_path: Path) -> None:
    keys, messages, told = keyed(tmp_path, 0)
    assert (set(keys), told) == ({None}, [])
    assert not any(message.endswith(UNTRIED) for message in messages)


def test_a_large_chart_uses_up_a_budget_sooner() -> None:
    small, large = TrialBudget(8), TrialBudget(8)
    small.spend(4, 1_000)
    large.spend(4, 300_000)
    assert small.suffices(4, 1_000)
    assert not large.suffices(1, 300_000)


def test_every_template_that_fails_costs_itself_alone(engine: Engine, tmp_path: Path) -> None:
    files = {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"}
    bad = {f"templates/bad{n:02}.yaml": '{{ fail "no" }}\n' for n in range(20)}
    good = POD + "    - {name: c, image: 'x:1', securityContext: {privileged: true}}\n"
    write_tree(tmp_path, {**files, **bad, "templates/good.yaml": good})
    report = scan(Settings(paths=(tmp_path,), selection=Selection(select=("privileged",))))
    assert [one.location.path for one in report.findings] == ["templates/good.yaml"]


def test_a_chart_of_which_too_much_fails_says_so(engine: Engine, tmp_path: Path) -> None:
    files = {"Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"}
    bad = {f"templates/bad{n:02}.yaml": '{{ fail "no" }}\n' for n in range(40)}
    write_tree(tmp_path, {**files, **bad})
    report = scan(Settings(paths=(tmp_path,), selection=Selection(select=("privileged",))))
    assert "more than 32 templates do not render; no others are tried" in {
        one.message for one in report.diagnostics
    }
