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
    from scanner.cli.ending import Ended, ending_in_order

    try:
        with ending_in_order():
            from scanner.cli.main import run

            code = run(sys.argv[1:])
    except Ended as ended:
        from scanner.cli.streams import say

        say("interrupted")
        code = ended.code
    sys.exit(code)


if __name__ == "__main__":
    main()
