"""The objects of a kustomization while it is built."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.formats.kustomize.configuration import default_configuration
from scanner.formats.kustomize.identity import Identity, Kind, Resource
from scanner.parsing.yaml import Node


class Accumulator:
    """The objects of a kustomization so far, in order, the variables that it declares, and
    the fields that its changes are for (`fields`)."""

    __slots__ = ("_by_name", "fields", "resources", "variables")

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self.variables: dict[str, Node] = {}
        self.fields = default_configuration()
        self._by_name: dict[str, list[Resource]] | None = None

    def changed(self) -> None:
        """Say that names, or the list of objects, were changed."""
        self._by_name = None

    def named(self, wanted: Identity) -> list[Resource]:
        """Return the objects that are or were called so."""
        if self._by_name is None:
            self._by_name = {}
            for resource in self.resources:
                for name in {identity.name for identity in resource.identities()}:
                    self._by_name.setdefault(name, []).append(resource)
        return [
            resource
            for resource in self._by_name.get(wanted.name, ())
            if any(wanted.equals(identity) for identity in resource.identities())
        ]

    def add(self, resources: Iterable[Resource]) -> list[Resource]:
        """Add objects; those whose name is taken are left out and returned."""
        taken = {_key(resource.identity) for resource in self.resources}
        refused = []
        for resource in resources:
            key = _key(resource.identity)
            if key in taken:
                refused.append(resource)
                continue
            taken.add(key)
            self.resources.append(resource)
        self.changed()
        return refused


def _key(identity: Identity) -> tuple[Kind, str, str]:
    return identity.of, identity.name, identity.effective_namespace
