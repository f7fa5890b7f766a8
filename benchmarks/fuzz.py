"""Feeds mutated inputs to every parser and to whole scans, and tells what went wrong.

    python benchmarks/fuzz.py --inputs 50000 [--seed 1] [--scans 0.2] [--charts 0.01] [--keep DIR]

At least one input in twenty (`--scans`) is a project that is scanned as a whole with all rules, twelve in
one tree beside files that nobody touched; of these scans every fourth is rendered in all formats, or all of
them with `--render-all`, and of every sixth the facts are held against the types of their fields and the
graph is drawn. `--charts` is the share of the scans that render charts. The same seed gives the same
inputs; the clock decides nothing, and is shown for the slowest inputs alone.

Prints the inputs of each target, the distinct causes (type of the exception and innermost frame of
`scanner/`) with the number of inputs that show them, and the slowest inputs. Exit code 1 when there is a
cause. With `--keep` the first inputs of each cause are written below a folder.
"""

from __future__ import annotations

import argparse
import heapq
import random
import re
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzz.parsers import targets
from tests.fuzz.projects import Mutant, mutant, seeds
from tests.fuzz.whole_scans import WholeScans, cause_of

TOGETHER = 12
"""How many mutated projects are scanned in one tree."""
_KEPT = 3


class Tally:
    """What was run and what came of it."""

    def __init__(self, keep: Path | None) -> None:
        self.inputs: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.details: dict[str, str] = {}
        self._keep = keep
        self._slowest: list[tuple[float, int, str]] = []

    def took(self, target: str, inputs: int, seconds: float, what: str) -> None:
        """Count inputs of a target, and the CPU time that they took."""
        self.inputs[target] += inputs
        self.seconds[target] += seconds
        entry = (seconds, sum(self.inputs.values()), f"{target}: {what}")
        if len(self._slowest) < 5:
            heapq.heappush(self._slowest, entry)
        else:
            heapq.heappushpop(self._slowest, entry)

    def failed(self, cause: str, detail: str, files: dict[str, str | bytes]) -> None:
        """Count an input that failed, and keep it."""
        number = self.causes[cause]
        self.causes[cause] += 1
        self.details.setdefault(cause, detail)
        if self._keep is None or number >= _KEPT:
            return
        folder = self._keep / f"{re.sub('[^A-Za-z0-9.]+', '-', cause)[:100]}-{number}"
        for path, content in files.items():
            full = folder / path
            full.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            full.write_bytes(data)

    def show(self) -> None:
        """Print everything."""
        print(f"{'target':<16}{'inputs':>10}{'CPU s':>10}")
        for target, count in sorted(self.inputs.items()):
            print(f"{target:<16}{count:>10,}{self.seconds[target]:>10.1f}")
        print(f"{'together':<16}{self.inputs.total():>10,}{self.seconds.total():>10.1f}")
        print("\nslowest (CPU s)")
        for seconds, _, what in sorted(self._slowest, reverse=True):
            print(f"{seconds:>8.3f}  {what}")
        print(f"\ndistinct causes: {len(self.causes)}")
        for cause, count in self.causes.most_common():
            print(f"{count:>6}  {cause}")
            print("        " + self.details[cause].strip()[-1_500:].replace("\n", "\n        "))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, choices=[1], default=1, help="one process; give seeds to more")
    parser.add_argument("--scans", type=float, default=0.1, help="share of whole scans, at least 0.05")
    parser.add_argument("--charts", type=float, default=0.0, help="share of the scans that renders charts")
    parser.add_argument("--render-all", action="store_true", help="render every scan in all formats")
    parser.add_argument("--keep", type=Path, help="a folder for inputs that failed")
    options = parser.parse_args()
    warnings.simplefilter("error")
    tally = Tally(options.keep)
    rng = random.Random(options.seed)
    projects = round(options.inputs * max(options.scans, 0.05))
    with_charts = round(projects * options.charts)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run_parsers(tally, rng, options.inputs - projects)
        run_scans(tally, rng, with_charts, charts=True, render_all=options.render_all)
        run_scans(tally, rng, projects - with_charts, charts=False, render_all=options.render_all)
    except KeyboardInterrupt:
        print("stopped early\n")
    tally.show()
    return 1 if tally.causes else 0


def run_scans(tally: Tally, rng: random.Random, inputs: int, *, charts: bool, render_all: bool) -> None:
    """Scan mutated projects; with `charts` those that hold one, which are rendered."""
    if not inputs:
        return
    scans = WholeScans(charts=charts)
    among = (
        [seed for seed in seeds() if any(path.endswith("Chart.yaml") for path in seed[1])] if charts else None
    )
    together = 2 if charts else TOGETHER
    target = "whole, charts" if charts else "whole scans"
    for number, start in enumerate(range(0, inputs, together)):
        mutants = [mutant(rng, among) for _ in range(min(together, inputs - start))]
        before = time.process_time()
        failures = scans.failures(
            mutants, rendered=render_all or number % 4 == 1, types=number % 6 == 0 and not charts
        )
        took = time.process_time() - before
        tally.took(target, len(mutants), took, ", ".join(_title(one) for one in mutants[:2]) + " ...")
        for failure in failures:
            files = {
                f"{number}/{path}": text
                for number, one in enumerate(failure.mutants)
                for path, text in one.files.items()
            }
            tally.failed(failure.cause, failure.detail, dict(files))


def run_parsers(tally: Tally, rng: random.Random, inputs: int) -> None:
    """Give each parser the same number of inputs."""
    for number, target in enumerate(targets()):
        count = inputs // len(targets()) + (number < inputs % len(targets()))
        for _ in range(count):
            data = target.mutant(rng)
            before = time.process_time()
            error = target.try_out(data)
            tally.took(target.name, 1, time.process_time() - before, repr(data[:60]))
            if error is not None:
                detail = "".join(traceback.format_exception(error)) + repr(data[:300])
                tally.failed(f"{target.name}: {cause_of(error)}", detail, {target.name: data})


def _title(one: Mutant) -> str:
    return f"{one.origin} {one.changed}"


if __name__ == "__main__":
    sys.exit(main())
