"""Ways to pods from outside, from the widest to the narrowest, and which of several counts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from scanner.linking.resolving.ranges import is_everywhere, is_reachable
from scanner.model.basics import Fact
from scanner.model.resolved import Step
from scanner.model.source import Located, Unknown

INTERNET, HOST, CLUSTER, NONE = "internet", "host", "cluster", "none"

_WIDTHS = {INTERNET: 3, HOST: 2, CLUSTER: 1, NONE: 0}


class Way(NamedTuple):
    """One way to a workload: how far out it begins, the fact that makes it so, and the steps from there
    to the pods. A `level` that is an Unknown may be any."""

    level: str | Unknown
    fact: Located[object]
    steps: tuple[Step, ...]


def widest(ways: Iterable[Way]) -> Way | None:
    """Return the widest of several ways, None of none. One of which it is not known how wide it is
    leaves all open but a known way from the internet."""
    best: Way | None = None
    open_way: Way | None = None
    for way in ways:
        if isinstance(way.level, Unknown):
            open_way = open_way or way
        elif best is None or _WIDTHS[way.level] > _WIDTHS[str(best.level)]:
            best = way
    return best if open_way is None or (best is not None and best.level == INTERNET) else open_way


def located(way: Way) -> Located[str | Unknown]:
    """Return the level of a way as the fact that it was decided by."""
    return Located(way.level, way.fact.place, way.fact.source)


def address_level(fact: Fact[str]) -> str | Unknown:
    """Return who can reach a port that a host opens on an address: everybody where none is
    written, or where it stands for all; `host` for loopback and private ones."""
    if fact is None:
        return INTERNET
    return fact.value if isinstance(fact.value, Unknown) else _level_of(fact.value)


@lru_cache(maxsize=1024)
def _level_of(text: str) -> str:
    address = text.strip("[]")
    try:
        return INTERNET if is_everywhere(address) or is_reachable(address) else HOST
    except ValueError:
        return HOST if text == "localhost" else INTERNET


@lru_cache(maxsize=1024)
def is_private_range(text: str) -> bool:
    """Whether a range of addresses holds none of the internet's."""
    try:
        return not is_reachable(text.strip())
    except ValueError:
        return False
