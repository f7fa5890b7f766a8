"""Say how well findings in rendered charts name the template line and the values key.

    PYTHONPATH=.:benchmarks .venv/bin/python benchmarks/helm_values_keys.py [--core] [-v] [FOLDER...]

For every chart below the folders (default: the corpus) and all rules (--core: those of
the core profile) it prints and sums up:

- findings, and how many have a template line that an experiment of its own shows to be
  right: with the line changed, just what is traced to it changes (`helm_provenance.py`);
- how many stand on a line that mentions a value, and how many of these name a key;
- the closed loop: with the named key set to a safe value (of this script's own table, by
  the key's name and the rule) in one more file of values, the scan is done again; the
  finding must be gone and its resource still there;
- the time of reading and of finding the keys, once the helper is up.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from helm_provenance import DiskFiles, _rows, _trace, check_line

from scanner.errors import ScannerError
from scanner.formats.helm.bundle import load_bundle, values_root
from scanner.formats.helm.engine import RenderJob, engine_for
from scanner.formats.helm.influence import InfluenceReader
from scanner.formats.helm.masking import fix_clock
from scanner.formats.helm.plain import to_plain
from scanner.formats.helm.rendering import Renderer
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import DEFAULT_SET
from scanner.formats.helm.values_view import labels_of
from scanner.model.finding import Finding
from scanner.model.report import Report
from scanner.pipeline import Settings, catalog_of, scan
from scanner.policy.catalog import Selection

_CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
_DIGEST = "@sha256:" + "ab" * 32
_BY_DIGEST = ("image-digest-missing", "image-pull-policy-not-always")
_SAFE: dict[str, Any] = {
    "privileged": False,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 20000,
    "runAsGroup": 20000,
    "automountServiceAccountToken": False,
    "automount": False,
    "pullPolicy": "Always",
    "replicas": 3,
    "replicaCount": 3,
    "ephemeral-storage": "1Gi",
    "drop": ["ALL"],
    "add": [],
    "type": "RuntimeDefault",
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "memory": "256Mi",
    "cpu": "250m",
}


def safe_value(finding: Finding, key: str, held: object) -> object:
    """What somebody who knows the rule and sees the key would set it to."""
    leaf = key.rpartition(".")[2]
    rule = finding.rule
    if leaf in _SAFE:
        return _SAFE[leaf]
    if isinstance(held, bool):
        return not held
    if rule.startswith("image-"):
        if leaf.lower().endswith(("digest", "sha")):
            return _DIGEST[1:]
        if leaf.lower().endswith(("tag", "version")):
            return "2.0.1" + (_DIGEST if rule in _BY_DIGEST else "")
        if leaf == "registry" or rule in ("image-public-registry", "image-registry-not-allowed"):
            return "registry.example.org/own/app" if leaf != "registry" else "registry.example.org"
        return f"registry.example.org/own/app:2.0.1{_DIGEST}"
    if "probe" in leaf.lower() or "healthcheck" in rule:
        return {"httpGet": {"path": "/healthz", "port": 8080}}
    if isinstance(held, list):
        return []
    if isinstance(held, dict):
        return None
    if isinstance(held, int):
        return 8443 if "port" in rule else held + 1
    return "" if rule.startswith("secret-") else "changed-by-hand"


def nested(key: str, value: object) -> dict[str, Any]:
    """A map that sets a dotted key."""
    whole: Any = value
    for name in reversed(key.split(".")):
        whole = {name: whole}
    assert isinstance(whole, dict)
    return whole


def held_at(values: Any, key: str) -> object:
    """What stands at a dotted key."""
    for name in key.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


def identity(finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same in another scan."""
    return (finding.rule, finding.field, finding.item, finding.resource._replace(document=None))


def main(roots: list[Path], *, profile: str, verbose: bool) -> None:
    """Print the table and the sums."""
    settings = Settings(selection=Selection(profile=profile))
    catalog = catalog_of(settings)
    engine = engine_for("auto", HelmSettings().memory_limit)
    assert engine is not None, "no Helm engine"
    totals: Counter[str] = Counter()
    base = _base_cost(settings, catalog)
    costs: list[float] = []
    loops: Counter[str] = Counter()
    print(
        f"{'chart':50} {'read':>8} {'keys':>8} {'found':>6} {'line':>6} {'value':>6} {'key':>6} {'loop':>9}"
    )
    for root in roots:
        for chart in sorted(path.parent for path in root.rglob("Chart.yaml")):
            one = replace(settings, paths=(chart,), helm=HelmSettings(value_files=_own_values(chart)))
            plain = replace(one, helm=replace(one.helm, trials=0))
            reading, _ = _fastest(plain, catalog)
            cost, report = _fastest(one, catalog)
            findings = [
                found
                for found in report.findings
                # Findings about the chart itself stand on lines that need not render anything.
                if found.location.path.startswith(_INNER) and found.resource.kind != "Chart"
            ]
            counts = _count(chart, findings, verbose)
            gone, tried = _close(chart, findings, one, catalog, verbose)
            totals += counts
            loops[chart.name] += gone
            totals["gone"] += gone
            totals["tried"] += tried
            totals["charts"] += tried > 0
            costs.append(cost)
            print(
                f"{chart.relative_to(root).as_posix()[-50:]:50} {1000 * reading:6.1f}ms "
                f"{1000 * cost:6.1f}ms {counts['findings']:6} {counts['right']:6} "
                f"{counts['mentions']:6} {counts['confirmed']:6} {gone:4}/{tried:<4}"
            )
    print(
        f"template line right: {totals['right']}/{totals['findings']} = "
        f"{_share(totals, 'right', 'findings')}\n"
        f"lines that mention a value, names included: {totals['all mentions']}\n"
        f"line mentions a value and names a key: {totals['confirmed']}/{totals['mentions']} = "
        f"{_share(totals, 'confirmed', 'mentions')} (keys in all: {totals['keys']}, "
        f"hard-coded: {totals['fixed']})\n"
        f"closed loop: {totals['gone']}/{totals['tried']} gone = {_share(totals, 'gone', 'tried')}, "
        f"over {totals['charts']} charts\n"
        f"median of a whole scan: {1000 * statistics.median(costs):.1f} ms, of rendering, reading and "
        f"finding keys in it: {1000 * (statistics.median(costs) - base):.1f} ms"
    )


def _fastest(settings: Settings, catalog: Any) -> tuple[float, Report]:
    """The time of the fastest of some scans (others may use the machine), and its report."""
    costs = []
    for _ in range(5):
        started = time.perf_counter()
        report = scan(settings, catalog)
        costs.append(time.perf_counter() - started)
    return min(costs), report


def _base_cost(settings: Settings, catalog: Any) -> float:
    """What a scan of one small manifest costs: the rules are compiled, nothing is rendered."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pod.yaml").write_text(pod)
        return _fastest(replace(settings, paths=(Path(folder),)), catalog)[0]


_INNER = ("templates/", "charts/", "Chart.yaml")


def _own_values(chart: Path) -> tuple[str, ...]:
    """With a file of values given, no other set is rendered: the chart's own once more."""
    path = chart / "values.yaml"
    return (str(path),) if path.is_file() else ()


def _share(totals: Counter[str], part: str, whole: str) -> str:
    return f"{100 * totals[part] / max(totals[whole], 1):.1f}%"


def _count(chart: Path, findings: list[Finding], verbose: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    settings = HelmSettings()
    engine = engine_for("auto", settings.memory_limit)
    assert engine is not None
    try:
        bundle = load_bundle("", DiskFiles(chart))
    except ScannerError:
        return counts
    renderer = Renderer(bundle, engine, settings)
    (rendering,) = renderer.render_sets([DEFAULT_SET])
    _, traced = _trace(rendering, False)
    fixed = {path: fix_clock(bundle.files[path]) for path in bundle.templates.values()}
    fixed |= dict.fromkeys(rendering.left_out, "")
    job = RenderJob({**bundle.files, **fixed}, settings, bundle.binary)
    before = Counter((name, row) for name, _, row in _rows(rendering))
    reader = InfluenceReader(renderer.templates)
    influences = [reader.read(path, labels_of(name)) for name, path in bundle.templates.items()]
    known: dict[tuple[str, int], bool | None] = {}
    for found in findings:
        place = (found.location.path, found.location.span.line)
        counts["findings"] += 1
        if place not in known:
            expected = traced.get(place, [])
            known[place] = check_line(engine, job, (), place, expected, before) if expected else False
            if expected and known[place] is None:
                known[place] = True  # no experiment fits; traced by its marker
        counts["right"] += bool(known[place])
        text = bundle.files.get(place[0], "").split("\n")
        mentions = place[1] <= len(text) and ".Values" in text[place[1] - 1]
        mentions = mentions or any(place in one.own for one in influences)
        # Where a field is absent, the finding stands at the name, whose values are not its own.
        is_name = mentions and text[place[1] - 1].strip().removeprefix("- ").startswith("name:")
        counts["all mentions"] += mentions
        mentions = mentions and not is_name
        counts["mentions"] += mentions
        counts["keys"] += found.values_key is not None
        counts["fixed"] += "hard-coded" in found.message
        counts["confirmed"] += mentions and found.values_key is not None
        if verbose:
            key = found.values_key.key if found.values_key else "-"
            flag = "" if known[place] else " WRONG LINE"
            print(f"    {place[0]}:{place[1]} {found.rule} {'v' if mentions else ' '} {key}{flag}")
    return counts


def _close(
    chart: Path, findings: list[Finding], settings: Settings, catalog: Any, verbose: bool
) -> tuple[int, int]:
    path = chart / "values.yaml"
    values = to_plain(values_root(path.read_text("utf-8-sig"), "")) if path.is_file() else {}
    gone = tried = 0
    for found in findings:
        key = found.values_key
        if key is None or "[" in key.key:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            value = safe_value(found, key.key, held_at(values, key.key))
            file.write(json.dumps(nested(key.key, value)))
            file.flush()
            files = (*settings.helm.value_files, file.name)
            helm = replace(settings.helm, value_files=files, trials=0)
            report = scan(replace(settings, helm=helm), catalog)
        count = sum(identity(one) == identity(found) for one in report.findings)
        is_gone = count < sum(identity(one) == identity(found) for one in findings)
        tried += 1
        gone += is_gone
        if verbose and not is_gone:
            print(
                f"    STILL {found.location.path}:{found.location.span.line} {found.rule} {key.key}={value!r}"
            )
    return gone, tried


if __name__ == "__main__":
    folders = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("-")]
    chosen = "core" if "--core" in sys.argv else "all"
    main(folders or [_CORPUS], profile=chosen, verbose="-v" in sys.argv)
