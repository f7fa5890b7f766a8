"""Puts the real output of the README's main command into the README.

    python benchmarks/readme_sample.py

Shows the findings of the first rules, as far as they fit, and the end of the output.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 3


def main() -> int:
    command = [sys.executable, "-m", "scanner", "scan", "fixtures/shop"]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    blocks = out.split("\n\n")
    beginning = "\n\n".join(blocks[:SHOWN]) + "\n"
    end = blocks[-1]
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    sample = f"<!-- sample -->\n```text\n{beginning}\n...\n{end}```\n<!-- /sample -->"
    text = re.sub(r"<!-- sample -->.*<!-- /sample -->", lambda _: sample, text, flags=re.S)
    readme.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
