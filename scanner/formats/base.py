"""What every input format gives to the pipeline, and what it may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from scanner.model.environments import Lineage
from scanner.model.finding import Finding
from scanner.model.report import Coverage, Diagnostic
from scanner.model.resources import UnitResources
from scanner.model.rule import Rule


class Files(Protocol):
    """Read access to the scanned tree and to nothing else.

    Paths are relative to the scanned root, with `/` between parts.
    """

    def text(self, path: str) -> str:
        """Return a file's text, decoded, without a byte order mark.

        Raises InputError when it is missing, outside the root (symlinks followed),
        binary, over the size limit or not decodable.
        """

    def exists(self, path: str) -> bool:
        """Whether a regular file of that path stands inside the root."""

    def listing(self, folder: str) -> tuple[str, ...]:
        """Return the paths of all files found below a folder, sorted; git-ignored and
        excluded ones are left out."""


Evaluate: TypeAlias = Callable[[UnitResources], tuple[Finding, ...]]
"""What the rules of the scan say of a unit."""

Refine: TypeAlias = Callable[[tuple[Finding, ...], Evaluate, Mapping[str, Rule]], tuple[Finding, ...]]
"""Takes the findings of its unit, which may be none, with the rules by id, and returns them in
their order with what the format found out about each, without those that it disproved or
that nobody wants. The related places that it adds, behind those that are there, may show
text that a sensitive rule hides."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one unit said: resources (None when nothing could be read), its lines of the
    coverage ledger, and its diagnostics. `refine` is there where the format can find out
    more about findings by reading the unit anew under other conditions. `lineage` tells which
    environment it is. A `context` is read for the environments that are built on it: it gives
    no findings, and of its files others tell. `late` gives another reading of the unit, which
    rests on what was found in all others and is asked for when these have been judged."""

    resources: UnitResources | None
    coverage: tuple[Coverage, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    refine: Refine | None = None
    lineage: Lineage | None = None
    context: bool = False
    late: Callable[[], Reading] | None = None
