"""Traces scans and prints every socket, program and file outside of the scanned root that they touch.

    python benchmarks/border.py [--command .venv/bin/hullcheck] FOLDER...

Needs Linux and `strace`. Exit code 1 where a scan opened a socket, started a program other than the
helper process of the Helm engine, or wrote or read a file of others. Files of Python, of its packages
and of the system's loader and time zones are its own.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

_CALL = re.compile(r"^(?:\[pid\s+\d+\]\s+|\d+\s+)?(?P<name>\w+)\((?P<rest>.*)$")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r"\)\s+= \d+<(/[^>]*)>$")
"""The file that was opened, with every link on the way followed."""
_ABOUT_ITSELF = re.compile(r"/proc/\d+/(?:cgroup|maps|mountinfo)")
"""What Go's runtime asks about the limits of its process."""
_HELPER = "scanner/formats/helm/worker.py"
_OWN = ("/usr/", "/lib", "/etc/", "/proc/self/", "/proc/sys/", "/proc/meminfo", "/sys/", "/dev/null")
_CALLS = "openat,open,creat,rename,renameat2,unlink"


def main() -> None:
    """Trace the scans that were asked for."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--command", default=str(Path(sys.executable).with_name("hullcheck")))
    ask.add_argument("folders", nargs="+", type=Path)
    said = ask.parse_args()
    wrong = 0
    for folder in said.folders:
        found = trace(os.path.abspath(said.command), folder.resolve())
        wrong += sum(found.values())
        print(f"{folder}: {summary(found)}")
    sys.exit(bool(wrong))


def trace(command: str, folder: Path) -> Counter[str]:
    """Scan a folder under strace and return what it should not have done."""
    with tempfile.TemporaryDirectory() as temporary:
        log, report = Path(temporary, "log"), Path(temporary, "report.json")
        scan = [command, "scan", str(folder), "--profile", "all", "--format", f"json={report}"]
        watched = "trace=network,execve,openat,open,creat,rename,renameat2,unlink"
        subprocess.run(
            ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", watched, "-o", str(log), *scan],
            stdout=subprocess.DEVNULL,
        )
        return Counter(
            complaint
            for line in log.read_text(errors="replace").splitlines()
            for complaint in judged(line, str(folder), command, temporary)
        )


def judged(line: str, folder: str, command: str, temporary: str) -> list[str]:
    """Return what is wrong with a line of the trace."""
    call = _CALL.match(line)
    if call is None:
        return []
    name, rest = call["name"], call["rest"]
    if name in _CALLS.split(","):
        texts = _TEXT.findall(rest)
        opened = _OPENED.search(rest)
        path = opened[1] if opened else texts[0] if texts else ""
        own = (
            folder,
            temporary,
            sys.prefix,
            sys.base_prefix,
            str(Path(command).parent.parent),
            _package(),
            *_OWN,
        )
        inside = path.startswith(own) or not path.startswith("/") or _ABOUT_ITSELF.fullmatch(path)
        return [] if inside or "ENOENT" in rest else [f"{name} {path}"]
    if name == "execve":
        is_start = f'execve("{command}"' in line
        return [] if is_start or _HELPER in rest or "ENOENT" in rest else [f"execve {rest[:120]}"]
    return [f"{name} {rest[:120]}"]


def _package() -> str:
    return str(Path(__file__).resolve().parent.parent)


def summary(found: Counter[str]) -> str:
    """Return what was found in words."""
    return (
        ", ".join(f"{text} ({count})" for text, count in sorted(found.items()))
        or "nothing crossed the border"
    )


if __name__ == "__main__":
    main()
