"""A drawing as JSON, as Mermaid, and in the DOT language of Graphviz."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from scanner.drawing.drawing import Drawing, Edge, Node
from scanner.drawing.facts import DrawnFact
from scanner.model.redacted import Redacted

MERMAID_EDGES = 500
MERMAID_LENGTH = 50_000
"""What Mermaid draws at most, unless the page that shows it allows more (`maxEdges`,
`maxTextSize` of https://mermaid.js.org/config/schema-docs/config.html)."""

_SHAPES = {
    "workload": ("[[", "]]"),
    "container": ("[", "]"),
    "image": ("([", "])"),
    "stage": ("[/", "/]"),
    "dockerfile": ("[(", ")]"),
    "zone": ("((", "))"),
    "service": ("{{", "}}"),
    "ingress": (">", "]"),
}
_DOT_SHAPES = {
    "workload": "component",
    "container": "box",
    "image": "ellipse",
    "stage": "parallelogram",
    "dockerfile": "note",
    "zone": "doublecircle",
    "service": "hexagon",
    "ingress": "cds",
    "secret": "folder",
    "config_map": "folder",
}


def as_json(drawing: Drawing) -> Redacted:
    """Return the document that `graph.schema.json` describes: resources and relations, keys sorted; in
    it nothing is a command to GitHub's runner."""
    data = {
        "schema_version": 1,
        "resources": [_resource(node) for node in drawing.nodes],
        "relations": [_relation(edge) for edge in drawing.edges],
    }
    text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=True)
    return Redacted(text.replace("##[", "#\\u0023[") + "\n")


def _resource(node: Node) -> dict[str, object]:
    return {
        "id": node.id,
        "kind": node.kind.replace("_", "-"),
        "name": node.name,
        "namespace": node.namespace,
        "environment": node.environment,
        "path": node.path,
        "line": node.line,
        "part_of": node.parent,
        "facts": {fact.name.replace("_", "-"): fact_data(fact) for fact in node.facts},
    }


def fact_data(fact: DrawnFact) -> dict[str, object]:
    """Return a fact for JSON, without its name."""
    return {
        "value": fact.value,
        "unknown": fact.unknown,
        "path": fact.path,
        "line": fact.line,
        "steps": [step._asdict() for step in fact.steps],
    }


def _relation(edge: Edge) -> dict[str, object]:
    return {
        "source": edge.source,
        "kind": edge.kind,
        "target": edge.target,
        "path": edge.path,
        "line": edge.line,
        "sure": edge.sure,
        "note": edge.note or None,
    }


def as_mermaid(drawing: Drawing) -> Redacted:
    """Return a flowchart (https://mermaid.js.org/syntax/flowchart.html)."""
    short = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    lines = ["flowchart LR"]
    for number, (environment, nodes) in enumerate(_by_environment(drawing)):
        if environment is not None:
            lines.append(f'  subgraph e{number}["environment {_entities(environment)}"]')
        for node in nodes:
            left, right = _SHAPES.get(node.kind, ("[", "]"))
            lines.append(f'  {short[node.id]}{left}"{_entities(node.label)}"{right}')
        if environment is not None:
            lines.append("  end")
    for edge in drawing.edges:
        arrow = "-->" if edge.sure else "-.->"
        lines.append(f'  {short[edge.source]} {arrow}|"{_entities(edge.kind)}"| {short[edge.target]}')
    return Redacted("\n".join(lines) + "\n")


def _entities(text: str) -> str:
    """Return a text that Mermaid takes for nothing but text: all else as entity codes."""
    return "".join(one if one.isalnum() or one in " -_./:" else f"#{ord(one)};" for one in printable(text))


def as_dot(drawing: Drawing) -> Redacted:
    """Return a directed graph (https://graphviz.org/doc/info/lang.html)."""
    lines = ["digraph hullcheck {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10];']
    lines.append('  edge [fontname="sans-serif", fontsize=8];')
    for number, (environment, nodes) in enumerate(_by_environment(drawing)):
        if environment is not None:
            lines.append(f"  subgraph cluster_{number} {{ label={_label(f'environment {environment}')};")
        for node in nodes:
            shape = _DOT_SHAPES.get(node.kind, "box")
            lines.append(f"  {_quoted(node.id)} [label={_label(node.label)}, shape={shape}];")
        if environment is not None:
            lines.append("  }")
    for edge in drawing.edges:
        style = "" if edge.sure else ", style=dashed"
        lines.append(
            f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [label={_label(edge.kind)}{style}];"
        )
    return Redacted("\n".join([*lines, "}"]) + "\n")


def _label(text: str) -> str:
    """Return a label that shows the text itself: in labels, Graphviz reads HTML's entities."""
    return _quoted(text.replace("&", "&amp;"))


def _quoted(text: str) -> str:
    """Return a quoted string. GitHub's runner takes `##[` for a command, so it is written in two parts."""
    quoted = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("##[", '##" + "[')
    return f'"{quoted}"'


def printable(text: str) -> str:
    """Return a text with what controls, hides or reorders characters shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return _hidden().sub(lambda found: _escape(ord(found.group())), text)


@cache
def _hidden() -> re.Pattern[str]:
    """Match what `str.isprintable` says no to, but for characters that no Unicode has yet: which
    these are depends on the Python."""
    return re.compile(
        "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f"
        "\u2028-\u202f\u205f-\u206f\u3000\ud800-\uf8ff\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
        "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
        "\U000e01f0-\U0010ffff]"
    )


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _by_environment(drawing: Drawing) -> Iterator[tuple[str | None, list[Node]]]:
    """Yield the nodes by environment; with None what is in none that has a name of its own."""
    found: dict[str | None, list[Node]] = {None: []}
    for node in drawing.nodes:
        found.setdefault(None if node.environment == "default" else node.environment, []).append(node)
    yield from found.items()
