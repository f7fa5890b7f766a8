"""Kustomizations, built without running anything, every field with the place it was set."""

from scanner.formats.kustomize.reader import Kustomizations

__all__ = ["Kustomizations"]
