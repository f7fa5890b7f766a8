"""What tests of several modules need: small trees on disk, and scans of them."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from scanner.cli.main import run
from scanner.model.report import Report
from scanner.pipeline import Settings, scan
from scanner.policy.catalog import Selection

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, without any translation of line ends."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def scan_tree(root: Path, *select: str, profile: str = "all") -> Report:
    """Scan a folder with the given rules, or with those of a profile."""
    return scan(Settings(paths=(root,), selection=Selection(profile=profile, select=select)))


def listing(report: Report) -> list[str]:
    """Each finding as `path:line rule`."""
    return [f"{found.location.path}:{found.location.span.line} {found.rule}" for found in report.findings]


class Ran(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str


def hullcheck(*arguments: str, stdin: bytes = b"") -> Ran:
    """Run a command line in this process."""
    out, err = _Stream(), _Stream()
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run(arguments)
    finally:
        sys.stdin = before
    return Ran(int(code), out.text(), err.text())


class _Stream(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()
