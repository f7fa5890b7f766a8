"""What foreign patterns cost: the linear engine against `re`, and ignore lines on many paths.

    python benchmarks/patterns.py

Ratios are of two measurements that take turns in one run, each the smallest of many. They say what an
ordinary pattern pays for the promise that no pattern can hang a scan.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scanner.ignoring import IgnoreRules
from scanner.patterns.matching import Pattern
from scanner.patterns.syntax import parse

PATTERNS = (
    r"^ci/",
    r"(?:^|/)(?:docker|containerd|crio|podman|cri-dockerd|dockershim)\.sock$",
    r"\b(docker|containerd|podman|crio)\.sock\b",
    r"^[0-9a-f]{7,64}$",
    r"^[1-9][0-9]*%?$",
    r"[1-9]",
    r"(?i)^http://",
    r"^[A-Za-z0-9_./:-]+$",
    r"(?:^|/)kubernetes-?dashboard(?:-amd64|-web|-api|-auth)?$",
    r"(?i)(?:^|[-_./ ])(?:dev|devel|development|local|localhost|test|tests|testing|ci|e2e|demo)(?:[-_./ ]|$)",
)
TEXTS = (
    "registry.example.com/team/app-server:1.2.3",
    "production",
    "/var/run/docker.sock",
    "500m",
    "3f786850e387550fdab836ed7e6dc881de23001b",
    "apt-get update && apt-get install -y --no-install-recommends ca-certificates curl",
)
IGNORE = (
    "node_modules/", "*.log", "/dist", "build/", ".env", "*.py[co]", "__pycache__", "!keep.log",
    "coverage/**", "**/tmp/*.bak", "target", "*.swp",
)  # fmt: skip


def smallest(function: Callable[[], object], times: int = 400) -> float:
    """Return the shortest of many runs, in seconds: what others do on the machine only adds."""
    best = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - begin)
    return best


def engine() -> None:
    print(
        "pattern                                             re µs  ours µs  ratio  first use: re µs  ours µs"
    )
    all_old = all_new = 0.0
    for text in PATTERNS:
        old, new = re.compile(text).search, Pattern(text, parse(text)).search
        times = [(smallest(lambda: old(one)), smallest(lambda: new(one))) for one in TEXTS]  # noqa: B023
        before, after = (sum(column) / len(TEXTS) * 1e6 for column in zip(*times, strict=True))

        def first_of_re(text: str = text) -> None:
            re.purge()
            re.compile(text).search(TEXTS[0])

        first = smallest(first_of_re, 20) * 1e6
        own = smallest(lambda: Pattern(text, parse(text)).search(TEXTS[0]), 20) * 1e6  # noqa: B023
        print(f"{text[:50]:50} {before:7.2f} {after:8.2f} {after / before:6.1f} {first:17.0f} {own:8.0f}")
        all_old += before
        all_new += after
    print(f"all of them: {all_new / all_old:.1f} times the time of re")


def ignoring() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        (root / ".git").mkdir()
        (root / ".gitignore").write_text("\n".join(IGNORE) + "\n", encoding="utf-8")
        rules = IgnoreRules(root)
        rules.enter(str(root), [".gitignore"])
        paths = [
            (f"{root}/src/part{number % 97}/module{number}.py", f"module{number}.py")
            for number in range(20_000)
        ]
        begin = time.process_time()
        left_out = sum(rules.reason(full, file, is_folder=False) is not None for full, file in paths)
        took = time.process_time() - begin
    print(f"{len(IGNORE)} ignore lines: {took / len(paths) * 1e6:.2f} µs of CPU a path ({left_out} left out)")


if __name__ == "__main__":
    engine()
    ignoring()
