"""Amounts of memory and of processors, as container engines and Kubernetes write them."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"([0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE]([+-]?[0-9]{1,2}))?\s*([A-Za-z]*)")

# docker/go-units takes all of these for powers of 1024.
_ENGINE_UNITS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def parse_bytes(text: str) -> float | None:
    """Return the bytes that a container engine reads (`512m`, `1.5g`, `1GiB`, `-1`), or None.

    Units are powers of 1024 and their case does not count (docker/go-units `RAMInBytes`).
    """
    text = text.strip()
    if text == "-1":
        return -1.0
    found = _AMOUNT.fullmatch(text)
    if found is None or found.group(2):
        return None
    unit = found.group(3).lower()
    unit = unit.removesuffix("ib") if len(unit) == 3 else unit.removesuffix("b") if len(unit) == 2 else unit
    power = _ENGINE_UNITS.get(unit)
    return None if power is None else float(found.group(1)) * 1024.0**power


def parse_cpus(text: str) -> float | None:
    """Return a number of processors (`0.5`, `2`, `250m`), or None."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found.group(3) not in ("", "m"):
        return None
    value = float(found.group(1)) * 10.0 ** int(found.group(2) or 0)
    return value / 1000 if found.group(3) else value
