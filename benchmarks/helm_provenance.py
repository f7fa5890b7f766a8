"""Render every chart below some folders and say how well its lines are traced.

    PYTHONPATH=. .venv/bin/python benchmarks/helm_provenance.py [--ci] [-v] [FOLDER...]

Prints for each chart (with --ci also for each of its ci value sets) whether it renders
or why not, the time of one plain rendering, of rendering with provenance and of the
whole reading, and the share of rendered lines that have one template line (exact) or a
range of them.

Then it checks the exact ones by experiments that know nothing of markers. A template
line that begins with text gets a word of its own in front: the rendered lines that begin
with this word must be those that are traced to it. A template line that is one action is
deleted: the rendered lines that are traced to it must be gone. `held` is the share of
checked lines for which that is so.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from scanner.errors import InputError, ScannerError
from scanner.formats.helm.actions import scan_actions, scan_lines
from scanner.formats.helm.bundle import Bundle, load_bundle
from scanner.formats.helm.engine import Engine, Rendered, RenderJob, Variant, engine_for
from scanner.formats.helm.masking import fix_clock
from scanner.formats.helm.provenance import resolve_lines
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.rendering import Renderer, Rendering, is_notes
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import Layer, ValueSet

_CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
Traced = dict[tuple[str, int], list[tuple[str, str]]]
"""(template, line) to the rendered lines (engine's name of the template, text) traced to it."""


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


def main(roots: list[Path], *, with_ci: bool, verbose: bool) -> None:
    """Print the table."""
    settings = HelmSettings()
    engine = engine_for("auto", settings.memory_limit)
    assert engine is not None, "no Helm engine"
    started = time.perf_counter()
    engine.render(
        RenderJob({"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n"}, settings), [Variant()]
    )
    print(f"helper up in {1000 * (time.perf_counter() - started):.0f} ms")
    heads = " ".join(
        f"{head:>8}" for head in ("plain", "traced", "read", "lines", "exact", "range", "checked", "held")
    )
    print(f"{'chart':60} {heads}")
    totals: Counter[str] = Counter()
    costs: list[float] = []
    for root in roots:
        files = DiskFiles(root)
        for chart in sorted(root.rglob("Chart.yaml")):
            folder = chart.parent.relative_to(root).as_posix()
            try:
                bundle = load_bundle(folder, files)
            except ScannerError as error:
                print(f"{folder[-60:]:60} not loaded: {error}")
                continue
            sets = sorted((chart.parent / "ci").glob("*.y*ml")) if with_ci else []
            for values in [None, *sets]:
                title = folder if values is None else f"{folder}:{values.name}"
                texts = () if values is None else (values.read_text(),)
                _measure(
                    title, bundle, engine, settings, texts, totals, costs if values is None else [], verbose
                )
            started = time.perf_counter()
            list(read_chart(folder, files, settings))
            costs[-1:] = [time.perf_counter() - started]
    lines, exact = max(totals["lines"], 1), totals["exact"]
    print(
        f"all: {totals['lines']} lines, {100 * exact / lines:.2f}% exact, "
        f"{100 * totals['range'] / lines:.2f}% in a range; {totals['checked']} checked, "
        f"{100 * totals['held'] / max(totals['checked'], 1):.2f}% held"
    )
    print(f"median cost of reading a chart: {1000 * statistics.median(costs):.1f} ms")
    engine.close()


def _measure(
    title: str,
    bundle: Bundle,
    engine: Engine,
    settings: HelmSettings,
    values: tuple[str, ...],
    totals: Counter[str],
    costs: list[float],
    verbose: bool,
) -> None:
    started = time.perf_counter()
    engine.render(RenderJob(bundle.files, settings, bundle.binary), [Variant(values=values)])
    plain = time.perf_counter() - started
    started = time.perf_counter()
    layers = tuple(Layer("", text, None) for text in values)
    (rendering,) = Renderer(bundle, engine, settings).render_sets([ValueSet("default", layers)])
    costs.append(time.perf_counter() - started)
    counts, traced = _trace(rendering, verbose)
    counts += _check(bundle, engine, settings, values, rendering, traced, verbose)
    totals += counts
    shares = [counts["exact"] / max(counts["lines"], 1), counts["range"] / max(counts["lines"], 1)]
    held = counts["held"] / max(counts["checked"], 1)
    print(
        f"{title[-60:]:60} {1000 * plain:6.1f}ms {1000 * costs[-1]:6.1f}ms {'':8} {counts['lines']:8} "
        f"{100 * shares[0]:7.1f}% {100 * shares[1]:7.1f}% {counts['checked']:8} {100 * held:7.1f}%"
    )
    for diagnostic in [*bundle.gaps, *rendering.diagnostics]:
        print(f"    {diagnostic.path}:{diagnostic.line}:{diagnostic.column}: {diagnostic.message[:160]}")


def _rows(rendering: Rendering) -> list[tuple[str, int, str]]:
    """The rendered lines that say something: (template, 0-based line, text)."""
    return [
        (name, number, row)
        for name, text in (rendering.texts or {}).items()
        if not is_notes(name)
        for number, row in enumerate(text.split("\n"))
        if row.strip() and row.strip() != "---" and not row.lstrip().startswith("#")
    ]


def _trace(rendering: Rendering, verbose: bool) -> tuple[Counter[str], Traced]:
    counts: Counter[str] = Counter()
    traced: Traced = {}
    resolved = {
        name: resolve_lines((rendering.texts or {})[name], alignment)
        for name, alignment in rendering.alignments.items()
    }
    for name, number, row in _rows(rendering):
        counts["lines"] += 1
        lines = resolved[name][number] if name in resolved else None
        if lines is None:
            counts["unknown"] += 1
            if verbose:
                print(f"      ? {name}: {row}")
            continue
        counts["exact" if lines.is_exact else "range"] += 1
        if lines.is_exact:
            traced.setdefault((lines.template, lines.first), []).append((name, row))
    return counts, traced


def _check(
    bundle: Bundle,
    engine: Engine,
    settings: HelmSettings,
    values: tuple[str, ...],
    rendering: Rendering,
    traced: Traced,
    verbose: bool,
) -> Counter[str]:
    """Experiment on each template line that something is traced to."""
    fixed = {path: fix_clock(bundle.files[path]) for path in bundle.templates.values()}
    fixed |= dict.fromkeys(rendering.left_out, "")
    job = RenderJob({**bundle.files, **fixed}, settings, bundle.binary)
    counts: Counter[str] = Counter()
    before = Counter((name, row) for name, _, row in _rows(rendering))
    for (template, number), expected in traced.items():
        held = check_line(engine, job, values, (template, number), expected, before)
        if held is None:
            continue
        counts["checked"] += len(expected)
        counts["held"] += len(expected) if held else 0
        if verbose and not held:
            print(f"      ! {template}:{number} does not write {expected[:3]}")
    return counts


def check_line(
    engine: Engine,
    job: RenderJob,
    values: tuple[str, ...],
    place: tuple[str, int],
    expected: list[tuple[str, str]],
    before: Counter[tuple[str, str]],
) -> bool | None:
    """Whether a template line writes the rendered lines that are traced to it, by experiment;
    None where no experiment fits."""
    template, number = place
    text = job.files[template]
    actions = scan_actions(text)
    line = scan_lines(text, actions)[number - 1]
    rows = text.split("\n")
    row = rows[number - 1]
    word = row.lstrip()
    if word.startswith("{{"):
        here = [action for action in actions if line.start <= action.start < line.start + len(row)]
        if len(here) != 1 or not here[0].writes or row.strip() != text[here[0].start : here[0].end]:
            return None
        rows[number - 1] = ""
    else:
        indent = row[: len(row) - len(word)]
        dash = "- " if word.startswith("- ") else ""
        rows[number - 1] = f"{indent}{dash}QZ{word.removeprefix(dash)}"
    (outcome,) = engine.render(job, [Variant({template: "\n".join(rows)}, values)])
    if not isinstance(outcome, Rendered):
        return None
    after = _after(outcome.files)
    if word.startswith("{{"):
        return Counter(expected) <= before - after
    marked = [
        (name, row.replace("QZ", "", 1)) for name, row in after if row.strip().removeprefix("- ")[:2] == "QZ"
    ]
    return set(marked) <= set(expected) and bool(marked)


def _after(files: Mapping[str, str]) -> Counter[tuple[str, str]]:
    return Counter((name, row) for name, _, row in _rows(Rendering(texts=dict(files))))


if __name__ == "__main__":
    folders = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("-")]
    main(folders or [_CORPUS], with_ci="--ci" in sys.argv, verbose="-v" in sys.argv)
