"""What `explain` and `graph` show of scanned text: no value of a secret, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model.graph import Graph
from scanner.model.redacted import Redacted
from scanner.secrets.hiding import Redactor
from scanner.secrets.learning import Learning
from scanner.secrets.registry import Registry


class Concealing:
    """Conceals the secrets of a graph, and further values that a scan of the same files has found:
    `values` are all of them."""

    def __init__(self, graph: Graph, values: Iterable[str] = ()) -> None:
        learning = Learning()
        for unit in (*graph.units, *graph.variants):
            learning.learn_unit(unit.resources)
        self.values = tuple(sorted({*learning.values, *values}))
        self._redactor = Redactor(Registry(self.values))

    def __call__(self, text: str) -> Redacted:
        """Return a text without secrets."""
        return self._redactor.text(text)

    def name(self, name: str) -> Redacted:
        """Return a name without secrets."""
        return self._redactor.name(name)

    def path(self, path: str) -> Redacted:
        """Return the path of a file."""
        return self._redactor.path(path)
