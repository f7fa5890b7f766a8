"""Measures a scan against the floor that YAML parsing sets, all in one run.

    python benchmarks/speed.py [--files 12000] [--corpus DIR ...] [--profile all] [--python PATH]

Prints F (CPU of plain PyYAML C event parsing of the same files), the CPU of a whole
scan with SARIF written, their ratio, files per second, peak memory, the start-up of
`--version` against `python -c pass`, and a one-file scan. CPU is user and system time of
a child process, the best of several runs; only ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
DEFAULT_CORPUS = tuple(
    SHARED / "corpus" / folder
    for folder in (
        "kubernetes-examples",
        "argo-rollouts/manifests",
        "kubernetes-goat/scenarios",
        "microservices-demo",
    )
)

EVENTS = """
import gc, sys, time
gc.disable()
from yaml._yaml import CParser
from yaml import YAMLError
paths = open(sys.argv[1]).read().split("\\n")
texts = [open(path, "rb").read() for path in paths]
start = time.process_time()
for text in texts:
    parser = CParser(text)
    try:
        while parser.check_event():
            parser.get_event()
    except YAMLError:
        pass
print(time.process_time() - start)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=12_000, help="how many files to scan")
    parser.add_argument("--corpus", type=Path, action="append", help="folders with manifests")
    parser.add_argument("--profile", default="all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--python", default=sys.executable, help="an interpreter with hullcheck installed from its wheel"
    )
    options = parser.parse_args()
    corpus = [folder for folder in options.corpus or DEFAULT_CORPUS if folder.is_dir()]
    if not corpus:
        print("no corpus found; name one with --corpus", file=sys.stderr)
        return 2
    hullcheck = [options.python, "-m", "scanner"]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "tree"
        paths = replicate(corpus, root, options.files)
        size = sum(path.stat().st_size for path in paths)
        listing = Path(name) / "paths"
        listing.write_text("\n".join(map(str, paths)), encoding="utf-8")
        floor = min(
            float(subprocess.check_output([options.python, "-c", EVENTS, str(listing)]))
            for _ in range(options.runs)
        )
        sarif = Path(name) / "out.sarif"
        command = [
            *hullcheck,
            "scan",
            str(root),
            "--profile",
            options.profile,
            "--format",
            f"sarif={sarif}",
            "--exit-zero",
            "--allow-partial",
            "--no-cache",
            "--jobs",
            "1",
        ]
        cost = min(cpu_of(command) for _ in range(options.runs))
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        one = paths[0]
        base = wall_of([options.python, "-c", "pass"])
        version = wall_of([*hullcheck, "--version"])
        single = wall_of([*hullcheck, "scan", str(one), "--exit-zero", "--allow-partial"])
        print(f"files                {len(paths):>10,}   {size / 1e6:.1f} MB")
        print(f"F (events only)      {floor:>10.3f} s CPU   {size / 1e6 / floor:.1f} MB/s")
        print(f"scan + SARIF         {cost:>10.3f} s CPU   {len(paths) / cost:,.0f} files/s")
        print(f"ratio                {cost / floor:>10.2f} F")
        print(f"peak memory          {memory:>10.0f} MB   {sarif.stat().st_size / 1e6:.1f} MB of SARIF")
        print(f"python -c pass       {base * 1e3:>10.1f} ms")
        print(f"--version            {version * 1e3:>10.1f} ms   {version / base:.2f}x python -c pass")
        print(f"one file             {single * 1e3:>10.1f} ms   {one.stat().st_size} bytes")
    return 0


def replicate(corpus: list[Path], root: Path, wanted: int) -> list[Path]:
    """Copy the manifests of the corpus, again and again, until there are enough."""
    sources = [
        path
        for folder in corpus
        for path in sorted(folder.rglob("*.y*ml"))
        if path.is_file() and "templates" not in path.parts and b"{{" not in path.read_bytes()
    ]
    made: list[Path] = []
    while len(made) < wanted:
        for source in sources:
            if len(made) == wanted:
                break
            folder = root / f"copy{len(made) // len(sources):04}" / f"dir{len(made) % 97:02}"
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / f"{len(made):06}-{source.name}"
            if source.name.startswith(("kustomization", "Chart")):
                target = folder / f"{len(made):06}.yaml"
            shutil.copyfile(source, target)
            made.append(target)
    return made


def cpu_of(command: list[str]) -> float:
    """Run a command and return its user and system time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, cwd=tempfile.gettempdir())
    if done.returncode not in (0, 1):
        print(done.stderr[-2000:], file=sys.stderr)
        raise SystemExit(f"exit {done.returncode}: {' '.join(command)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def wall_of(command: list[str], runs: int = 15) -> float:
    """Return the median wall time of a command in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, cwd=tempfile.gettempdir())
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
