"""The type of a text that may leave the program: no secret that the scan knows is in it."""

from __future__ import annotations

from typing import NewType

Redacted = NewType("Redacted", str)
"""A text without secrets. Few may make one of any text (a test of the architecture names them): the
room for secrets, and the border of the reports. Whatever prints or writes takes nothing else."""


def own(text: str) -> Redacted:
    """Return a text of the program itself. Only for what stands in the source as it is: the same test
    refuses any call with more than a constant."""
    return Redacted(text)


def joined(*parts: Redacted, between: Redacted = Redacted("")) -> Redacted:
    """Return a text made of texts without secrets."""
    return Redacted(between.join(parts))


NOTHING = own("")
"""No text."""


def number(value: int) -> Redacted:
    """Return a number as text."""
    return Redacted(str(value))
