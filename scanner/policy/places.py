"""Where the names in a configuration stand that only the catalog of rules can know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.source import Location
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, span_of
from scanner.policy.nodes import PolicyFile


def places_in(file: PolicyFile) -> dict[tuple[str, ...], Location]:
    """Return the place of each name of a rule, a tag, a framework, a parameter and its value in a
    configuration that was read without an error: under ("select", name), ("ignore", name),
    ("frameworks", name), ("rules", rule), ("params", rule, name), ("values", rule, name), and within
    an environment under ("environments", environment, name). Paths are as the user named the file."""
    return dict(_places(file))


def _places(file: PolicyFile) -> Iterator[tuple[tuple[str, ...], Location]]:
    def listed(node: Node | None) -> Iterator[tuple[str, Node]]:
        items = node.value if isinstance(node, SequenceNode) else [node]
        return ((item.value.strip(), item) for item in items if isinstance(item, ScalarNode))

    def pairs(node: Node | None, what: str) -> Iterable[tuple[str, tuple[Node, Node]]]:
        return file.pairs(node, what).items() if isinstance(node, MappingNode) else ()

    def place(node: Node) -> Location:
        return Location(file.path, span_of(node))

    entries = file.mapping(file.root, "the configuration")
    for key in ("select", "ignore", "frameworks"):
        yield from (((key, name), place(node)) for name, node in listed(entries.get(key)))
    for rule, (key_node, inner) in pairs(entries.get("rules"), "rules"):
        yield ("rules", rule), place(key_node)
        for name, (word, value) in pairs(file.mapping(inner, rule).get("params"), "params"):
            yield ("params", rule, name), place(word)
            yield ("values", rule, name), place(value)
    for environment, (_, inner) in pairs(entries.get("environments"), "environments"):
        said = file.mapping(inner, environment)
        named = [(name, word) for name, (word, _) in pairs(said.get("severity"), "severity")]
        for name, node in (*named, *listed(said.get("ignore"))):
            yield ("environments", environment, name), place(node)
