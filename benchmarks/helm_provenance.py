"""Render every chart below some folders and say how well its lines are traced.

    .venv/bin/python benchmarks/helm_provenance.py [FOLDER...]

Prints for each chart whether it renders (or why not), the time of the plain rendering
and of the whole reading, the share of rendered lines that have a template line, and
how many of those hold in a check that knows nothing of markers: the key (or the text)
of the rendered line stands on the named template line, or an action does that can have
written it.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from scanner.errors import InputError, ScannerError
from scanner.formats.helm.bundle import load_bundle
from scanner.formats.helm.engine import RenderJob, engine_for
from scanner.formats.helm.provenance import resolve_lines
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.rendering import is_notes, render_chart
from scanner.formats.helm.settings import HelmSettings

_CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


class DiskFiles:
    """The tree below a folder, as the formats read it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, path: str) -> str:
        """Return a file's text."""
        try:
            return (self.root / path).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(str(error), path=path) from error

    def bytes(self, path: str) -> bytes:
        """Return a file's bytes."""
        return (self.root / path).read_bytes()

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return (self.root / path).is_file()

    def listing(self, folder: str) -> tuple[str, ...]:
        """Return the files below a folder."""
        found = (path for path in (self.root / folder).rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(self.root).as_posix() for path in found))


def main(roots: list[Path]) -> None:
    """Print the table."""
    settings = HelmSettings()
    engine = engine_for("auto", settings.memory_limit)
    assert engine is not None, "no Helm engine"
    totals = [0, 0, 0, 0]
    costs = []
    started = time.perf_counter()
    engine.render(RenderJob({"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n"}, settings), [{}])
    print(f"helper up in {1000 * (time.perf_counter() - started):.0f} ms")
    print(f"{'chart':58} {'plain':>7} {'marked':>7} {'read':>7} {'lines':>6} {'exact':>6} {'range':>6} {'held':>6}")
    for chart in sorted(path for root in roots for path in root.rglob("Chart.yaml")):
        root = next(root for root in roots if root in chart.parents)
        folder = chart.parent.relative_to(root).as_posix()
        files = DiskFiles(root)
        try:
            bundle = load_bundle(folder, files)
        except ScannerError as error:
            print(f"{folder[-58:]:58} not loaded: {error}")
            continue
        started = time.perf_counter()
        engine.render(RenderJob(bundle.files, settings, bundle.binary), [{}])
        plain = time.perf_counter() - started
        started = time.perf_counter()
        rendering = render_chart(bundle, engine, settings, ())
        marked = time.perf_counter() - started
        started = time.perf_counter()
        read_chart(folder, files, settings)
        read = time.perf_counter() - started
        costs.append(read)
        counts = _trace(bundle.files, rendering)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        shares = [f"{100 * count / max(counts[0], 1):5.1f}%" for count in counts[1:3]]
        held = f"{100 * counts[3] / max(counts[1], 1):5.1f}%"
        times = " ".join(f"{1000 * seconds:5.1f}ms" for seconds in (plain, marked, read))
        print(f"{folder[-58:]:58} {times} {counts[0]:6} {' '.join(shares)} {held}")
        for diagnostic in [*bundle.gaps, *rendering.diagnostics]:
            print(f"    {diagnostic.path}:{diagnostic.line}:{diagnostic.column}: {diagnostic.message[:200]}")
    share = [100 * total / max(totals[0], 1) for total in totals]
    print(f"all: {totals[0]} lines, {share[1]:.2f}% exact, {share[2]:.2f}% in a range of lines, "
          f"{100 * totals[3] / max(totals[1], 1):.2f}% of the exact ones held")
    print(f"median cost of reading a chart: {1000 * statistics.median(costs):.1f} ms")
    engine.close()


def _trace(texts: dict[str, str], rendering) -> list[int]:  # type: ignore[no-untyped-def]
    """Count the rendered lines with content: all, exact, in a range, and exact ones that hold."""
    counts = [0, 0, 0, 0]
    for name, text in (rendering.texts or {}).items():
        alignment = rendering.alignments.get(name)
        rows = text.split("\n")
        found = resolve_lines(text, alignment) if alignment else [None] * len(rows)
        if is_notes(name):
            continue
        for row, lines in zip(rows, found, strict=True):
            if not row.strip() or row.strip() == "---" or row.lstrip().startswith("#"):
                continue
            counts[0] += 1
            if lines is None:
                if "-v" in sys.argv:
                    print(f"      ? {name}: {row}")
                continue
            counts[1 if lines.is_exact else 2] += 1
            if lines.is_exact:
                line = texts[lines.template].split("\n")[lines.first - 1]
                counts[3] += _holds(row, line)
                if "-v" in sys.argv and not _holds(row, line):
                    print(f"      ! {name}: {row!r} <- {lines.template}:{lines.first} {line!r}")
                if "-vv" in sys.argv:
                    print(f"      = {row!r} <- {lines.template}:{lines.first} {line!r}")
    return counts


def _holds(row: str, line: str) -> bool:
    key = row.strip().removeprefix("- ").partition(":")[0].strip("\"'")
    return row.strip() == line.strip() or key in line or ("{{" in line and "toYaml" in line) or "include" in line or "tpl" in line or "template" in line


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:] if not name.startswith("-")] or [_CORPUS])
