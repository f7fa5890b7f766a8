"""GitHub's `primaryLocationLineHash`: what code scanning recognises an alert by.

A value is the hash of the 100 UTF-16 units from the start of a line that are neither
space nor tab, and how often that hash has occurred in the file so far. Line ends count
as LF, the file ends with the unit 0xFFFF, and zeros follow. The hash is the polynomial
of base 37 modulo 2**64 (github/codeql-action, src/fingerprints.ts).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable
from operator import mul

WINDOW = 100
"""Units that a hash is made of."""

_BASE = 37
_MODULUS = (1 << 64) - 1
_END = "\uffff"


def line_hashes(
    text: str, lines: Iterable[int], instead: Callable[[int], str | None] = lambda _line: None
) -> dict[int, str]:
    """Return the hash of each of the 1-based lines that the text has. `instead` gives what the hash of
    a line is made of in place of the text from there on (at least so much), or None.

    The windows of two lines are compared as text and hashed only for the lines asked
    for: hashing every line of every file would cost more than the scan.
    """
    wanted = set(lines)
    last = max(wanted, default=0)
    units = _units(text)
    seen: dict[str, int] = {}
    hashes: dict[int, str] = {}
    start = 0
    for number in range(1, last + 1):
        window = units[start : start + WINDOW]
        count = seen.get(window, 0) + 1
        seen[window] = count
        if number in wanted:
            other = instead(number)
            hashed = window if other is None else _units(other)[:WINDOW]
            hashes[number] = f"{_hash(hashed):x}:{count}"
        end = units.find("\n", start)
        if end < 0:
            break
        start = end + 1
    return hashes


def _units(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    if not text.isascii() and max(text) > "\uffff":
        pairs = array("H")
        pairs.frombytes(text.encode(f"utf-16-{sys.byteorder[0]}e", "surrogatepass"))
        text = "".join(map(chr, pairs))
    return text + _END


_POWERS: tuple[int, ...] = tuple(pow(_BASE, WINDOW - 1 - place, _MODULUS + 1) for place in range(WINDOW))


def _hash(window: str) -> int:
    """The polynomial of the window's units, the first with the highest power; zeros follow."""
    value: int = sum(map(mul, map(ord, window), _POWERS))
    return value & _MODULUS
