"""What generated code sees of a graph, made once for each relation."""

from __future__ import annotations

from typing import Any

from scanner.engine.compile import View
from scanner.model.graph import Graph
from scanner.model.relations import Relation


class Viewer:
    """Makes the views of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sides: dict[Relation, Any] = {}
        self._views: dict[tuple[Relation, ...], View] = {}

    def of(self, relations: tuple[Relation, ...]) -> View:
        """Return the view for code that follows these relations, in their order."""
        if relations not in self._views:
            missing = [one for one in relations if one not in self._sides]
            self._sides.update(zip(missing, self._graph.sides(missing), strict=True))
            sides = [self._sides[one] for one in relations]
            self._views[relations] = View(
                sides, self._graph.resolved, self._graph.owners, self._graph.removals
            )
        return self._views[relations]
