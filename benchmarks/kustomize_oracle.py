"""Build every kustomization below some folders and compare with what `kustomize build` gives.

    PYTHONPATH=. .venv/bin/python benchmarks/kustomize_oracle.py --kustomize PATH [--cases] [FOLDER...]

With `--cases` the small ones of the tests, each about one feature, are built in place of
folders. Objects are compared whole, whatever their order. Kustomizations that `kustomize` itself
cannot build offline are listed with its reason. Prints a line for each, and ends with 1
when one differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scanner.artifacts import Tree
from scanner.formats.base import Files
from scanner.formats.kustomize.kustomization import NAMES
from scanner.formats.kustomize.reader import objects_of
from scanner.formats.kustomize.scalars import as_value
from scanner.parsing.yaml import parse_yaml

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def built_by(kustomize: str, folder: Path) -> list[str] | str:
    """Return the objects that the oracle gives, as sorted JSON, or why it gives none."""
    command = [kustomize, "build", "--load-restrictor", "LoadRestrictionsNone", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        return (lines or ["failed"])[-1][:200]
    documents = parse_yaml(done.stdout, "oracle").documents
    return as_lines([as_value(root) for _, root in documents if root is not None])


def as_lines(objects: list[object]) -> list[str]:
    """Return objects in a form in which their order and that of their keys is no matter."""
    return sorted(json.dumps(_as_applied(one), sort_keys=True) for one in objects)


def _as_applied(one: object) -> object:
    """Return an object with annotations as text, as which `kustomize` writes them."""
    metadata = one.get("metadata") if isinstance(one, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict):
        for key, value in annotations.items():
            if not isinstance(value, str):
                annotations[key] = json.dumps(value)
    return one


def built_by_us(files: Files, folder: str) -> list[str]:
    """Return the objects that we build, as sorted JSON."""
    return as_lines([as_value(resource.root) for resource in objects_of(folder, files)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kustomize", required=True)
    parser.add_argument("--cases", action="store_true")
    parser.add_argument("folders", nargs="*", type=Path, default=[CORPUS])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = written_cases(Path(scratch)) if options.cases else options.folders
        return compare(options.kustomize, folders)


def written_cases(scratch: Path) -> list[Path]:
    """Write the kustomizations of the tests, each in a folder of its own."""
    from tests.formats.kustomize.cases import CASES
    from tests.formats.kustomize.plugin_cases import PLUGIN_CASES

    for name, files in (CASES | PLUGIN_CASES).items():
        for path, text in files.items():
            target = scratch / name.replace(" ", "-") / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return sorted(scratch.iterdir())


def compare(kustomize: str, folders: list[Path]) -> int:
    """Print how each kustomization compares; return 1 when one differs."""
    equal = differing = unbuildable = 0
    for top in folders:
        found = sorted(path for name in NAMES for path in top.rglob(name))
        tree = Tree(top.resolve())
        for path in found:
            folder = path.parent.relative_to(top).as_posix()
            theirs = built_by(kustomize, path.parent)
            if isinstance(theirs, str):
                unbuildable += 1
                print(f"not built  {folder}: {theirs}")
                continue
            start = time.perf_counter()
            ours = built_by_us(tree, "" if folder == "." else folder)
            took = (time.perf_counter() - start) * 1000
            if ours == theirs:
                equal += 1
                print(f"equal      {folder}: {len(ours)} objects, {took:.1f} ms")
                continue
            differing += 1
            print(f"DIFFERENT  {folder}")
            for line in theirs:
                if line not in ours:
                    print(f"    theirs: {line}")
            for line in ours:
                if line not in theirs:
                    print(f"    ours:   {line}")
    print(f"{equal} equal, {differing} different, {unbuildable} not built by kustomize")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
