"""The `hullcheck` command; answers `--version` before anything heavy is imported."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from scanner import __version__

        print(f"hullcheck {__version__}")
        return
    # The process is short, and what it makes is freed by counting references.
    gc.disable()
    from scanner.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
