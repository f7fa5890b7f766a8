"""Kubernetes manifests: any object, and the pods in it."""

from scanner.formats.kubernetes.objects import is_kubernetes, read_objects

__all__ = ["is_kubernetes", "read_objects"]
