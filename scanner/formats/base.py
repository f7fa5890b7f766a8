"""What every input format gives to the pipeline, and what it may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from scanner.errors import ScannerError
from scanner.guarding import bug_of, in_ledger
from scanner.model.environments import Lineage
from scanner.model.finding import Finding
from scanner.model.report import Bug, Coverage, Diagnostic, Status
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
    rests on what was found in all others and is asked for when these have been judged. `bugs` are
    those of ours that reading it brought to light."""

    resources: UnitResources | None
    coverage: tuple[Coverage, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    refine: Refine | None = None
    lineage: Lineage | None = None
    context: bool = False
    late: Callable[[], Reading] | None = None
    bugs: tuple[Bug, ...] = ()


def broken_reading(path: str, error: Exception) -> Reading:
    """Return the reading of a unit that an exception in its reader has cost; `path` is a file of it."""
    bug = bug_of("reading", path, error)
    if isinstance(error, ScannerError):  # trouble of the user's, told in the user's terms
        told = f"{error.message}; {error.hint}" if error.hint else error.message
        diagnostic = Diagnostic(error.path or path, error.line, error.column, "error", told)
        return Reading(None, (Coverage(path, None, Status.FAILED, error.message),), (diagnostic,))
    return Reading(None, (Coverage(path, None, Status.FAILED, in_ledger("reading")),), bugs=(bug,))
