"""Less of a drawing: some kinds, one environment, what is near one resource, or an outline."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from scanner.drawing.drawing import SHARED_KINDS, Drawing, Edge, Node
from scanner.model.environments import answers_to

ASIDE = frozenset(
    ("shares-network", "shares-volume", "shares-selector", "shares-account", "stands-beside", "varies")
)
"""Relations between every two of a set: they say what others show already, with many more lines."""

_TELLING = (
    *("built-from", "built-by", "makes", "has-stage", "based-on", "runs", "uses-image", "selects", "governs"),
    *(
        "routes-to",
        "acts-as",
        "empowered-by",
        "mounts-secret",
        "mounts-config",
        "reads-secret",
        "reads-config",
    ),
)
"""The verbs that say most of two resources, the most telling first."""

_RANK = {verb: rank for rank, verb in enumerate(_TELLING)}


def of_kinds(drawing: Drawing, kinds: Collection[str]) -> Drawing:
    """Return the nodes of some kinds (as people write them) and what is between them."""
    wanted = {kind.replace("-", "_") for kind in kinds}
    return _kept(drawing, {node.id for node in drawing.nodes if node.kind in wanted})


def in_environment(drawing: Drawing, name: str) -> Drawing:
    """Return an environment with the files and images that it uses. A name that no node's
    environment answers to gives an empty drawing."""
    own = {
        node.id
        for node in drawing.nodes
        if node.kind not in SHARED_KINDS and answers_to(node.environment, name)
    }
    shared = {node.id for node in drawing.nodes if node.kind in SHARED_KINDS}
    after: dict[str, set[str]] = {}
    for edge in drawing.edges:
        if edge.target in shared and edge.kind not in ASIDE:
            after.setdefault(edge.source, set()).add(edge.target)
    for node in drawing.nodes:
        if node.parent is not None and node.id in shared:
            after.setdefault(node.id, set()).add(node.parent)
    return _kept(drawing, _reached(own, after))


def environments_of(drawing: Drawing) -> list[str]:
    """Return the names of the environments, sorted."""
    return sorted({node.environment for node in drawing.nodes if node.kind not in SHARED_KINDS})


def named(drawing: Drawing, name: str) -> list[Node]:
    """Return the nodes that a name may mean: an id, a kind and a name (`deployment/web`,
    `Deployment web`), a name with its namespace (`shop/web`), or a name alone. The first of these
    forms that means anything counts; parts are left out where they have the name of the whole."""
    forms = (
        lambda node: node.id,
        lambda node: node.label.lower(),
        lambda node: node.label.lower().replace(" ", "/", 1),
        lambda node: f"{node.kind.replace('_', '-')}/{node.name}".lower(),
        lambda node: f"{node.namespace}/{node.name}".lower(),
        lambda node: node.name.lower(),
    )
    for form in forms:
        found = [node for node in drawing.nodes if form(node) in (name, name.lower())]
        if found:
            ids = {node.id for node in found}
            return [node for node in found if node.parent not in ids]
    return []


def around(drawing: Drawing, centres: Iterable[Node], depth: int) -> Drawing:
    """Return what is at most `depth` relations away from any of some nodes, either way. A part
    comes with its whole at no distance. Zones, which everything would be near to, are ends."""
    beside: dict[str, set[str]] = {}
    parts: dict[str, set[str]] = {}
    for edge in drawing.edges:
        if edge.kind not in ASIDE:
            beside.setdefault(edge.source, set()).add(edge.target)
            beside.setdefault(edge.target, set()).add(edge.source)
    for node in drawing.nodes:
        if node.parent is not None:
            parts.setdefault(node.parent, set()).add(node.id)
            parts.setdefault(node.id, set()).add(node.parent)
    ends = {node.id for node in drawing.nodes if node.kind == "zone"}
    first = {node.id for node in centres}
    found = _reached(first, parts)
    front = set(found)
    for _ in range(depth):
        if not front:
            break
        step = {other for one in front if one in first or one not in ends for other in beside.get(one, ())}
        front = _reached(step - found, parts) - found
        found |= front
    return _kept(drawing, found)


def outline(drawing: Drawing) -> Drawing:
    """Return a drawing that is easy to look at: containers drawn as their workload and stages as
    their Dockerfile, without images, with one edge between two nodes at most."""
    whole = {node.id: node.parent or node.id for node in drawing.nodes}
    nodes = tuple(node for node in drawing.nodes if node.parent is None and node.kind != "image")
    drawn = {node.id for node in nodes}
    edges: dict[tuple[str, str], Edge] = {}
    for edge in drawing.edges:
        source, target = whole[edge.source], whole[edge.target]
        if edge.kind in ASIDE or source == target or not {source, target} <= drawn:
            continue
        known = edges.get((source, target))
        if known is None or _weight(edge) < _weight(known):
            edges[source, target] = edge._replace(source=source, target=target)
    return Drawing(nodes, tuple(edges[pair] for pair in sorted(edges)))


def without_pairs(drawing: Drawing) -> Drawing:
    """Return a drawing without the relations of `ASIDE`."""
    return drawing._replace(edges=tuple(edge for edge in drawing.edges if edge.kind not in ASIDE))


def _weight(edge: Edge) -> tuple[bool, int, str]:
    return not edge.sure, _RANK.get(edge.kind, len(_RANK)), edge.kind


def _reached(first: Iterable[str], after: dict[str, set[str]]) -> set[str]:
    found = set(first)
    front = list(found)
    while front:
        for other in after.get(front.pop(), ()):
            if other not in found:
                found.add(other)
                front.append(other)
    return found


def _kept(drawing: Drawing, ids: set[str]) -> Drawing:
    return Drawing(
        tuple(node for node in drawing.nodes if node.id in ids),
        tuple(edge for edge in drawing.edges if edge.source in ids and edge.target in ids),
    )
