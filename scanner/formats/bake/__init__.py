"""Bake files: which images `docker buildx bake` builds, and from what."""

from scanner.formats.bake.reader import bake_units, read_bake

__all__ = ["bake_units", "read_bake"]
