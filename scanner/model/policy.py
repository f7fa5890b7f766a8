"""What a configuration, and the files themselves, did to a report: every key that can make it smaller."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from scanner.model.source import Location

IN_FILES = "in-file"
"""The key of suppressions that stand in the scanned files: comments, annotations and labels."""


class Counted(StrEnum):
    """What an effect counts."""

    RULES = "rules"
    FILES = "files"
    FINDINGS = "findings"
    PARAMETERS = "parameters"
    CHARTS = "charts"
    ENVIRONMENTS = "environments"


class Said(NamedTuple):
    """One key of a configuration that can make a report smaller.

    `key` is its path, with dots between the parts (`rules.host-port.severity`); what comes under
    it is part of the key where each of it has an effect of its own. `place` is that of the key, or of
    the item of a list, with the absolute path of the file. `values` are its texts, if it has some.
    """

    key: str
    place: Location
    values: tuple[str, ...] = ()


class Configured(NamedTuple):
    """The configuration that is in force. `path` is absolute; `from_tree` says that it was found in or
    above what is scanned, and not named by the user. `said` are its keys that no option overrode."""

    path: str
    from_tree: bool
    said: tuple[Said, ...] = ()


class Effect(NamedTuple):
    """What one key did. `place` is relative to the scanned root; `amount` is how much of `counted` is left
    out, lowered, changed or passed, 0 where it made nothing smaller. `message` says it in a sentence
    without a full stop."""

    key: str
    place: Location
    amount: int
    counted: Counted
    message: str


class Policy(NamedTuple):
    """What made a report smaller. `configuration` is the path of the file relative to the scanned root,
    None where there is none; the effects are in the order of their places."""

    configuration: str | None = None
    from_tree: bool = True
    effects: tuple[Effect, ...] = ()

    @property
    def source(self) -> str | None:
        """Whose word the configuration is: `tree` where it came with what is scanned, `user` where it was
        named, None where there is none."""
        if self.configuration is None:
            return None
        return "tree" if self.from_tree else "user"

    def shrinking(self) -> tuple[Effect, ...]:
        """Return the effects that made something smaller."""
        return tuple(effect for effect in self.effects if effect.amount)


NO_POLICY = Policy()
"""Nothing made the report smaller."""
