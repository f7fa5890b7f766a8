"""What a scan reads: the files of its paths, or the one text that it was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from scanner.artifacts import Tree
from scanner.discovery import COMPOSE_NAME, DOCKERFILE_NAME, Inventory, discover
from scanner.errors import InputError
from scanner.files.named import working_folder
from scanner.settings import Settings


def inputs_of(settings: Settings) -> tuple[Inventory, Tree]:
    """Return what there is to read, and how. Raises InputError for a path that is not there."""
    if settings.stdin is None:
        inventory = discover(settings.paths, settings.excludes)
        return inventory, Tree(inventory.root, inventory.files, special=inventory.special)
    name, text = settings.stdin
    root = working_folder()
    tree = Tree(root, (name,), {name: text})
    kind = _kind_of_text(name, text)
    explicit = frozenset((name,))
    inventory = Inventory(root, files=(name,), explicit=explicit)
    if kind == "dockerfile":
        return replace(inventory, dockerfiles=(name,)), tree
    if kind == "compose":
        return replace(inventory, compose=(name,)), tree
    return replace(inventory, documents=(name,)), tree


def _kind_of_text(name: str, text: str) -> str:
    base = name.rpartition("/")[2]
    if DOCKERFILE_NAME.fullmatch(base):
        return "dockerfile"
    if COMPOSE_NAME.fullmatch(base):
        return "compose"
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return "dockerfile" if first.upper().split()[:1] in (["FROM"], ["ARG"]) else "document"


def text_reader(tree: Tree) -> Callable[[str], str | None]:
    """Return a function that gives the text of a scanned artifact, None when it cannot be read."""

    @lru_cache(maxsize=8)
    def text_of(path: str) -> str | None:
        try:
            return tree.text(path)
        except InputError:
            return None

    return text_of
