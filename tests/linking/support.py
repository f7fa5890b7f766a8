"""What tests of linkers need: the graph of a small tree, and its parts by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scanner.model.graph import Graph, GraphUnit, Link
from scanner.pipeline import Settings, whole_graph


def graph_of(root: Path) -> Graph:
    """Read and link all that stands below a folder."""
    return whole_graph(Settings(paths=(root,)))


def container_of(graph: Graph, name: str) -> Any:
    """Return the only container of that name."""
    (found,) = [
        container
        for unit in graph.units
        for workload in unit.resources.workloads
        for container in workload.containers
        if container.name.value == name
    ]
    return found


def links_of(graph: Graph, verb: str, source: Any) -> list[Link]:
    """Return the links of one verb that lead away from a resource."""
    return [link for link in graph.links if link.verb == verb and link.source is source]


def place_of(fact: Any) -> str:
    """Where a fact stands, as `path:line`."""
    location = fact.location
    return f"{location.path}:{location.span.line}"


def unit_named(graph: Graph, tool: str, path: str) -> list[GraphUnit]:
    """Return the units of a tool and a file, one for each environment."""
    return [unit for unit in graph.units if unit.tool == tool and unit.path == path]
