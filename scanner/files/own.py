"""The door to what the package brings along: tables, pages and rules beside its modules."""

from __future__ import annotations

import os

from scanner.files.named import text_of
from scanner.files.opening import open_file, read

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def own_text(path: str) -> str:
    """Return the text of a file of the package, by its path in it (`data/base-images.tsv`)."""
    return text_of(read(open_file(own_path(path), follow=True)))


def own_path(path: str) -> str:
    """Return where something of the package stands, whether it is there or not."""
    return os.path.join(_PACKAGE, *path.split("/"))
