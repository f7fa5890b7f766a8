"""How many renderings may be spent on finding values keys: a count, which no clock has a part in."""

from __future__ import annotations

from dataclasses import dataclass

_HEAVY = 256 << 10
"""Bytes of templates and values with which a rendering counts once more."""

UNTRIED = "; not all values were tried for it"
"""Stands at the end of the message of a finding for which the budget was used up before a key was found."""


@dataclass(slots=True)
class TrialBudget:
    """The renderings that are left for the findings of one chart.

    A rendering counts once, and once more for every 256 KiB that the engine has to read for it: what a
    budget reaches must not depend on the machine, and large charts cost more than small ones.
    `untried` is how many findings it did not suffice for.
    """

    left: int
    untried: int = 0

    def suffices(self, renderings: int, size: int) -> bool:
        """Whether that many renderings of `size` bytes may still be made."""
        return self.left >= renderings * _weight(size)

    def spend(self, renderings: int, size: int) -> None:
        """Note renderings that were made."""
        self.left -= renderings * _weight(size)


def _weight(size: int) -> int:
    return 1 + size // _HEAVY
