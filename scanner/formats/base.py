"""What every input format gives to the pipeline, and what it may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scanner.model.report import Coverage, Diagnostic
from scanner.model.resources import UnitResources


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What one unit said: resources (None when nothing could be read), its lines of the
    coverage ledger, and its diagnostics."""

    resources: UnitResources | None
    coverage: tuple[Coverage, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
