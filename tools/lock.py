"""Writes the locks of the test environment: every package with its version and hashes.

    pip install uv && python tools/lock.py [--check]

`requirements/test.lock` is what README's second command and CI install, one file for Python 3.11 to
3.14 on every system; `requirements/lowest.lock` has the lower bounds of what `pyproject.toml` asks for,
with which CI runs the short tests too. A release of somebody else's package changes neither.
`--check` writes nothing and fails where `pyproject.toml` asks for something that the locks do not have.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
LOCKS = {
    "test.lock": ("--universal", "--python-version", "3.11"),
    "lowest.lock": ("--resolution", "lowest-direct", "--python-version", "3.11"),
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def main() -> None:
    """Write the locks, or check that they have what the project asks for."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--check", action="store_true", help="write nothing; fail where a package is missing")
    if ask.parse_args().check:
        sys.exit("\n".join(missing()) or None)
    FOLDER.mkdir(exist_ok=True)
    for name, how in LOCKS.items():
        lock(FOLDER / name, how)


def lock(file: Path, how: tuple[str, ...]) -> None:
    """Resolve the project with its extra `test` and write what came of it."""
    command = ["uv", "pip", "compile", "pyproject.toml", "--extra", "test", *how]
    done = subprocess.run(
        [*command, "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "--upgrade"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    head = f"# Made by tools/lock.py; do not edit. {' '.join(how)}\n"
    file.write_text(head + done.stdout, encoding="utf-8")


def missing() -> list[str]:
    """Name what the project asks for and a lock does not have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {_canonical(one) for one in asked} - {project["name"]}
    found = []
    for lock_name in LOCKS:
        lines = (FOLDER / lock_name).read_text(encoding="utf-8").splitlines()
        locked = {_canonical(line) for line in lines if "==" in line}
        found += [
            f"requirements/{lock_name} lacks {name}; run tools/lock.py" for name in sorted(names - locked)
        ]
    return found


def _canonical(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found.group()).lower() if found else ""


if __name__ == "__main__":
    main()
