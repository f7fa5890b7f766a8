"""How time and memory of a scan grow with its input: from n to 4n, for inputs that have hurt.

    python benchmarks/growth.py [--command .venv/bin/hullcheck] [--scale 1.0] [--only WORD]

Prints for each kind of input the CPU seconds and the peak memory at n and at 4n, the exponent of growth
(1.0 is proportional; what a scan of nothing costs is taken off both) and, where the input is one large
file, the memory for each MB of it. CPU time counts, so that a busy machine may be used; it is a
figure to read, and no test.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{0}}}\nspec:\n  containers:\n"
    "    - {{name: c, image: 'registry.example/app:1.{0}', securityContext: {{privileged: true}}}}\n"
)
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{0}}}\ndata: {{key: value-{0}}}\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{0}}}\nspec:\n"
    "  selector: {{matchLabels: {{app: d{0}}}}}\n  template:\n    metadata: {{labels: {{app: d{0}}}}}\n"
    "    spec: {{containers: [{{name: c, image: 'a:1'}}]}}\n"
)
CHART = "apiVersion: v2\nname: c{0}\nversion: 1.0.0\n"


def many_documents_one_broken(root: Path, n: int) -> None:
    _write(root, "k.yaml", "---\n".join([CONFIG.format(i) for i in range(n)] + ["a: [\n"]))


def chain_of_extends(root: Path, n: int) -> None:
    links = "".join(f"  s{i}: {{extends: s{i - 1}, environment: {{V{i}: x}}}}\n" for i in range(1, n))
    _write(root, "compose.yaml", "services:\n  s0: {image: 'a:1'}\n" + links)


def long_lines(root: Path, n: int) -> None:
    words = " && ".join(f"echo word{i}" for i in range(n))
    _write(root, "Dockerfile", f"FROM alpine:3.20\nRUN {words}\nUSER 1\n")
    value = "x=" + "-".join(f"part{i}" for i in range(n))
    _write(root, "compose.yaml", f"services: {{a: {{image: 'a:1', environment: {{A: '{value}'}}}}}}\n")


def dockerfiles(root: Path, n: int) -> None:
    for i in range(n):
        run = f"RUN apk add --no-cache curl={i}"
        text = f"FROM alpine:3.20 AS build\n{run}\nFROM scratch\nCOPY --from=build /a /a\n"
        _write(root, f"d{i // 100}/s{i}/Dockerfile", text)


def ignored_files(root: Path, n: int) -> None:
    (root / ".git").mkdir(parents=True, exist_ok=True)
    _write(root, ".gitignore", "*.log\n/build/\nnode_modules/\n!keep.log\n**/cache/*.bin\n")
    _write(root, "compose.yaml", "services: {a: {image: 'a:1'}}\n")
    for i in range(n):
        _write(root, f"logs/d{i // 500}/f{i}.log", "")


def manifest_of_many_documents(root: Path, n: int) -> None:
    _write(root, "k.yaml", "---\n".join(POD.format(i) for i in range(n)))


def manifest_of_one_document(root: Path, n: int) -> None:
    data = "".join(f"  key-{i}: value number {i} of a long configuration\n" for i in range(n))
    _write(root, "k.yaml", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{data}")


def charts(root: Path, n: int) -> None:
    for i in range(n):
        _write(root, f"c{i}/Chart.yaml", CHART.format(i))
        _write(root, f"c{i}/values.yaml", "tag: latest\n")
        _write(root, f"c{i}/templates/a.yaml", POD.format(i).replace(f"1.{i}", "{{ .Values.tag }}"))


def overlays_of_deployments(root: Path, n: int) -> None:
    _write(root, "base/kustomization.yaml", "resources: [all.yaml]\n")
    _write(root, "base/all.yaml", "---\n".join(DEPLOYMENT.format(i) for i in range(60)))
    for i in range(n):
        _write(root, f"overlays/o{i}/kustomization.yaml", f"resources: [../../base]\nnameSuffix: -o{i}\n")


def remote_base_pattern(root: Path, n: int) -> None:
    _write(root, "kustomization.yaml", f"resources: ['https://github.com/{'a/' * n}b?x={'r' * n}']\n")


def argocd_revision_pattern(root: Path, n: int) -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n"
        "  source: {repoURL: 'https://example.org/x.git', path: a, targetRevision: '%s'}\n"
        "  destination: {namespace: a}\n"
    )
    _write(root, "app.yaml", text % ("v1." * n + "x"))


class Kind(NamedTuple):
    """A kind of input: how it is made, and its least size."""

    make: Callable[[Path, int], None]
    size: int
    is_one_file: bool = False


KINDS = (
    Kind(many_documents_one_broken, 5_000, is_one_file=True),
    Kind(chain_of_extends, 400),
    Kind(long_lines, 10_000),
    Kind(dockerfiles, 1_250),
    Kind(ignored_files, 50_000),
    Kind(manifest_of_many_documents, 12_000, is_one_file=True),
    Kind(manifest_of_one_document, 40_000, is_one_file=True),
    Kind(charts, 250),
    Kind(overlays_of_deployments, 38),
    Kind(remote_base_pattern, 4_000),
    Kind(argocd_revision_pattern, 20_000),
)


class Cost(NamedTuple):
    """CPU seconds, peak memory in MB, and the size of the largest file in MB."""

    cpu: float
    memory: float
    megabytes: float


def main() -> None:
    """Measure the kinds that were asked for."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--command", default=str(Path(sys.executable).with_name("hullcheck")))
    ask.add_argument("--scale", type=float, default=1.0, help="times the least sizes")
    ask.add_argument("--only", default="", help="kinds whose name has this word")
    ask.add_argument("--profile", default="all")
    said = ask.parse_args()
    scan = [os.path.abspath(said.command), "scan", "--profile", said.profile, "-qq"]
    idle = min((_cost(scan, _nothing, 0) for _ in range(3)), key=lambda one: one.cpu)
    print(f"nothing to scan: {idle.cpu:.2f} s CPU, {idle.memory:.0f} MB")
    print(f"{'kind':30} {'n':>7} {'CPU n':>8} {'CPU 4n':>8} {'exp':>5} {'MB n':>6} {'MB 4n':>6} {'MB/MB':>6}")
    for kind in KINDS:
        if said.only not in kind.make.__name__:
            continue
        n = max(int(kind.size * said.scale), 1)
        small, large = (_cost(scan, kind.make, size) for size in (n, 4 * n))
        least = 0.01
        grown = max(large.cpu - idle.cpu, least) / max(small.cpu - idle.cpu, least)
        each = (large.memory - idle.memory) / large.megabytes if kind.is_one_file else math.nan
        print(
            f"{kind.make.__name__:30} {n:7} {small.cpu:8.2f} {large.cpu:8.2f} {math.log(grown, 4):5.2f} "
            f"{small.memory:6.0f} {large.memory:6.0f} {each:6.1f}",
            flush=True,
        )


def _cost(scan: list[str], make: Callable[[Path, int], None], n: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, n)
        sizes = [path.stat().st_size for path in root.rglob("*") if path.is_file()] if n < 100_000 else [0]
        running = subprocess.Popen([*scan, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, used = os.wait4(running.pid, 0)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, max(sizes, default=0) / 1e6)


def _nothing(root: Path, _n: int) -> None:
    _write(root, "compose.yaml", "services: {a: {image: 'a:1'}}\n")


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
