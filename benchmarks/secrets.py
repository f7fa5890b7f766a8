"""Plants secrets in files of every kind and tells what a scan shows, finds and takes for one.

    python benchmarks/secrets.py [--seed 1] [--command hullcheck] [--show]

Runs scan (every format, -q, -v), explain and graph (every format) over a tree of `planted`, and prints
how many secrets stand in any output, the share that a rule tells of at the line of the secret, by kind
of place, and how many look-alikes are taken for one. `--show` lists each by form and place, without
the secrets themselves. The exit code is 1 where a secret is shown, fewer than 85 % are found, or more
than 2 % of the look-alikes are reported.
"""

from __future__ import annotations

import argparse
import base64
import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from planted import Secret, Tree, forms, plant

FORMATS = ("console", "json", "sarif", "markdown", "junit", "gitlab", "github")
LEAST_FOUND = 0.85
MOST_ALARMS = 0.02
_NOT_ON_VALUES = frozenset(
    ("rbac-read-secrets", "secret-as-env", "secret-overshared", "secret-ref-dangling",
     "secret-mount-world-readable")
)  # fmt: skip
"""Rules about secrets that point at names and references, not at values."""


def _is_on_secrets(rule: str) -> bool:
    return ("secret" in rule or rule == "dockerfile-password-set") and rule not in _NOT_ON_VALUES


class Outcome(NamedTuple):
    """What was planted, what was shown (with the names of the outputs), found, and wrongly reported."""

    tree: Tree
    shown: dict[Secret, list[str]]
    found: dict[Secret, str]
    alarms: list[tuple[str, int, str]]


def measure(folder: Path, seed: int, command: list[str], formats: tuple[str, ...] = ()) -> Outcome:
    """Plant a tree below an empty folder and look at all that the commands say of it, or at these
    formats of a scan alone (`json` among them)."""
    tree = plant(folder, seed)
    outputs = scans_of(folder, command, formats) if formats else outputs_of(folder, command)
    report = json.loads(outputs["scan --format json"])
    rules = {name for name in report["rules"] if _is_on_secrets(name)}
    lines: dict[tuple[str, int], str] = {}
    for finding in report["findings"]:
        if finding["rule"] in rules:
            for place in (finding, *finding["related"]):
                for line in range(place["line"], (place.get("end_line") or place["line"]) + 1):
                    lines.setdefault((place["path"], line), finding["rule"])
    shown: dict[Secret, list[str]] = {}
    for secret in tree.secrets:
        texts = {secret.text, *secret.shown_as, base64.b64encode(secret.text.encode()).decode()}
        where = [name for name, output in outputs.items() if any(text in output for text in texts)]
        if where:
            shown[secret] = where
    found = {one: lines[one.path, one.line] for one in tree.secrets if (one.path, one.line) in lines}
    alarms = [
        (path, line, lines[path, line])
        for path, harmless in tree.look_alikes.items()
        for line in harmless
        if (path, line) in lines
    ]
    return Outcome(tree, shown, found, alarms)


def scans_of(folder: Path, command: list[str], formats: tuple[str, ...]) -> dict[str, str]:
    """What a scan prints in some formats."""
    return {
        f"scan --format {name}": _run(folder, command, ["scan", "--profile", "all", "--format", name, "."])
        for name in formats
    }


def outputs_of(folder: Path, command: list[str]) -> dict[str, str]:
    """What each command prints, on both of its streams, by its options."""
    outputs = scans_of(folder, command, FORMATS)
    scans = [["-q"], ["-v"], ["-v", "--format", "json"]]
    calls = {f"scan {' '.join(options)}": ["scan", "--profile", "all", *options, "."] for options in scans}
    for name in ("json", "mermaid", "dot"):
        calls[f"graph {name}"] = ["graph", "--format", name, "."]
        calls[f"graph {name} --detail"] = ["graph", "--format", name, "--detail", "."]
    outputs |= {name: _run(folder, command, arguments) for name, arguments in calls.items()}
    report = json.loads(outputs["scan --format json"])
    explained = {name for name in report["rules"] if _is_on_secrets(name)}
    for number, rule in enumerate(sorted({*explained, "image-tag-latest"})):
        name = ("text", "json")[number % 2]
        outputs[f"explain {name} {rule}"] = _run(folder, command, ["explain", "--format", name, rule, "."])
    with tempfile.TemporaryDirectory() as page:
        path = Path(page) / "graph.html"
        outputs["graph --html"] = _run(folder, command, ["graph", "--html", str(path), "."])
        outputs["graph --html"] += path.read_text(encoding="utf-8")
    return outputs


def _run(folder: Path, command: list[str], arguments: list[str]) -> str:
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=600
    )
    if "--format json" in " ".join(arguments) and arguments[0] == "scan":
        return done.stdout if done.stdout.strip() else done.stderr
    return done.stdout + done.stderr


def main() -> int:
    """Print the figures; 1 where one is not good enough."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", default=f"{sys.executable} -m scanner")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = measure(Path(folder), options.seed, shlex.split(options.command))
    secrets, look_alikes = outcome.tree.secrets, outcome.tree.look_alikes
    whole = [one for one in secrets if one.path not in outcome.tree.broken and one.place != "comment"]
    found = [one for one in whole if one in outcome.found]
    count = sum(map(len, look_alikes.values()))
    kinds, files = len(set(forms(secrets))), len({one.path for one in secrets})
    print(f"{len(secrets)} secrets of {kinds} forms in {files} files")
    print(f"shown in an output: {len(outcome.shown)}")
    print(f"found at their line: {len(found)} of {len(whole)} ({len(found) / len(whole):.1%})")
    of_place = Counter(one.place for one in whole)
    for place, number in of_place.most_common():
        print(f"  {place:20} {sum(one.place == place for one in found):4} of {number}")
    print(f"look-alikes taken for one: {len(outcome.alarms)} of {count} ({len(outcome.alarms) / count:.1%})")
    if options.show:
        for secret, where in outcome.shown.items():
            names = ", ".join(where[:4])
            print(f"shown: {secret.form} at {secret.path}:{secret.line} in {names} ({len(where)})")
        for one in whole:
            if one not in outcome.found:
                print(f"not found: {one.form} at {one.path}:{one.line}")
        for path, line, rule in outcome.alarms:
            print(f"wrongly reported: {rule} at {path}:{line}")
    few = len(found) < LEAST_FOUND * len(whole)
    return int(bool(outcome.shown) or few or len(outcome.alarms) > MOST_ALARMS * count)


if __name__ == "__main__":
    sys.exit(main())
