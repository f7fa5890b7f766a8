"""What `explain` and `graph` show of scanned text: no value of a secret, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from scanner.model.graph import Graph, GraphUnit
from scanner.secrets.hiding import TEMPLATED, Hiding, secret_pattern
from scanner.secrets.lines import masked
from scanner.secrets.verdicts import is_literal_credential, redact


class Concealing:
    """Conceals the secrets of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._hiding = Hiding()
        for unit in (*graph.units, *graph.variants):
            secret = secret_pattern(unit.resources, is_literal_credential, templated=unit.tool in TEMPLATED)
            if secret is not None:
                self._hiding.add(secret, dict.fromkeys(_paths_of(unit)))

    def __call__(self, text: str, *paths: str) -> str:
        """Return a text that speaks of some files without their secrets, and without what
        looks like one by itself."""
        return _plain(self._hiding.masked(text, paths))


@lru_cache(maxsize=1 << 14)
def _plain(text: str) -> str:
    return "\n".join(map(masked, redact(text).split("\n")))


def _paths_of(unit: GraphUnit) -> Iterator[str]:
    yield unit.path
    resources = unit.resources
    yield from (workload.name.source.path for workload in resources.workloads)
    yield from (dockerfile.name.source.path for dockerfile in resources.dockerfiles)
    yield from (file.name.source.path for file in resources.env_files)
    yield from (build.name.source.path for build in resources.builds)
