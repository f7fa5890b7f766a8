"""Measures what the graph costs of a scan, and how it grows, all in one run.

    python benchmarks/graph.py [--files 1000 3000 12000] [--corpus DIR ...] [--profile all]

Copies the manifests of the corpus, with their objects renamed in each copy, and scans them
with all rules. Prints for each size the CPU of the scan, that of the graph (keeping what it
needs, linking, the rules that follow relations), its share, and the CPU a thousand manifests
against that of the smallest size. Only ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from speed import DEFAULT_CORPUS, HERE

MEASURE = """
import sys, time
from pathlib import Path
from scanner import gathering
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter

spent = 0.0

def timed(function):
    def run(*arguments):
        global spent
        start = time.process_time()
        try:
            return function(*arguments)
        finally:
            spent += time.process_time() - start
    return run

gathering.Gathering.keep = timed(gathering.Gathering.keep)
judge = gathering.Gathering.judge
gathering.Gathering.judge = timed(lambda self, rules: list(judge(self, rules)))
start = time.process_time()
report = scan(Settings(paths=(Path(sys.argv[1]),), selection=Selection(profile=sys.argv[2])))
load_reporter("sarif").render(report, RenderOptions())
print(time.process_time() - start, spent, len(report.findings))
"""

_NAME = re.compile(r"^  name: [\"']?([a-z0-9][a-z0-9.-]*)[\"']?[ \t]*$", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 3_000, 6_000, 12_000])
    parser.add_argument("--corpus", type=Path, action="append", help="folders with manifests")
    parser.add_argument("--profile", default="all")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    texts = manifests(options.corpus or DEFAULT_CORPUS)
    if not texts:
        print("no manifests found; give --corpus", file=sys.stderr)
        return 2
    first = None
    print(f"{'files':>7} {'scan s':>8} {'graph s':>8} {'share':>7} {'per 1000':>9} {'growth':>7}")
    for count in options.files:
        folder = Path(tempfile.mkdtemp())
        try:
            write_copies(folder, texts, count)
            whole, graph = min(measured(folder, options.profile) for _ in range(options.runs))
        finally:
            shutil.rmtree(folder)
        each = graph / count * 1000
        first = first or each
        print(f"{count:7} {whole:8.2f} {graph:8.2f} {graph / whole:7.1%} {each:9.4f} {each / first:6.2f}x")
    return 0


def manifests(corpus: object) -> list[tuple[str, str]]:
    """The plain manifests below some folders: (path, text)."""
    found = []
    for folder in corpus:  # type: ignore[attr-defined]
        for path in sorted(folder.rglob("*.y*ml")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if "apiVersion" in text and "{{" not in text and not path.name.startswith("kustomiz"):
                found.append((f"{folder.name}/{path.relative_to(folder)}", text))
    return found


def write_copies(folder: Path, texts: list[tuple[str, str]], count: int) -> None:
    """Write so many manifests: whole copies of the corpus, each with names of its own."""
    names = {name for _, text in texts for name in _NAME.findall(text)}
    words = re.compile(
        r"(?<=[ \"'])("
        + "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        + r")(?=[\"']?[ \t]*$)",
        re.MULTILINE,
    )
    for number in range(count):
        copy, index = divmod(number, len(texts))
        name, text = texts[index]
        path = folder / f"copy-{copy}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words.sub(rf"\1-c{copy}", text), encoding="utf-8")


def measured(folder: Path, profile: str) -> tuple[float, float]:
    """CPU seconds of a scan, and of the graph in it."""
    command = [sys.executable, "-c", MEASURE, str(folder), profile]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parent)
    whole, graph, _ = run.stdout.split()
    return float(whole), float(graph)


if __name__ == "__main__":
    sys.exit(main())
