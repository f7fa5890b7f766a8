"""Telling Compose files from other YAML, by name and by content."""

from __future__ import annotations

from scanner.parsing.yaml import MappingNode, Node, entries, is_null, parse_yaml

# Docker Compose takes the first of these that is there (compose-go `cli.DefaultFileNames`).
BASE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)

_STEMS = ("docker-compose", "compose")
_TOP_KEYS = frozenset(
    ("version", "name", "services", "networks", "volumes", "secrets", "configs", "include", "models", "jobs")
)
_SERVICE_MARKS = frozenset(
    ("image", "build", "extends", "provider", "container_name", "depends_on", "command")
)


def environment_of(path: str) -> str | None:
    """The environment that an overlay's name tells (`prod` of `docker-compose.prod.yml`), or None."""
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    if not dot or ending not in ("yml", "yaml"):
        return None
    for known in _STEMS:
        if len(stem) > len(known) + 1:
            if stem.startswith((known + ".", known + "-", known + "_")):
                return stem[len(known) + 1 :]
            if stem.endswith((f".{known}", f"-{known}", f"_{known}")):
                return stem[: -len(known) - 1]
    return None


def recognizes(path: str, text: str) -> bool:
    """Whether a file is Compose.

    One with a base's name always is, so that what is wrong with it gets told; any other
    must look like Compose and like nothing else.
    """
    name = path.rpartition("/")[2]
    if name in BASE_NAMES or name in OVERRIDE_NAMES:
        return True
    named = environment_of(path) is not None
    if "services" not in text and not named:
        return False
    if name.startswith(("values", ".gitlab-ci")) or "/.github/" in f"/{path}":
        return False
    parsed = parse_yaml(text, path)
    if parsed.errors and not parsed.documents:
        return named
    roots = [document.root for document in parsed.documents if document.root is not None]
    return bool(roots) and all(_looks_like_project(root, named) for root in roots)


def _looks_like_project(root: Node, named: bool) -> bool:
    if root.__class__ is not MappingNode:
        return False
    index = entries(root)
    if not index or not all(key in _TOP_KEYS or key.startswith("x-") for key in index):
        return False
    services = services_of(root)
    if not services:
        return named and bool(_TOP_KEYS & index.keys() - {"version", "name"})
    if any(node.__class__ is not MappingNode and not is_null(node) for node in services.values()):
        return False
    return named or any(
        _SERVICE_MARKS & entries(node).keys() for node in services.values() if node.__class__ is MappingNode
    )


def services_of(root: Node | None) -> dict[str, Node]:
    """The services that a document defines, by name; empty where there are none."""
    if root.__class__ is not MappingNode:
        return {}
    pair = entries(root).get("services")
    if pair is None or pair[1].__class__ is not MappingNode:
        return {}
    return {name: inner[1] for name, inner in entries(pair[1]).items()}
