"""The graph as one page that draws itself, with the findings of a scan; it needs no network.

Nothing of the scanned text can become markup or script: it stands in a block of JSON without a
`<`, and the page's policy allows no script, style or request but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterable

from scanner.drawing.drawing import Drawing, Node
from scanner.drawing.narrowing import ASIDE
from scanner.drawing.texts import fact_data, printable
from scanner.files.own import own_text
from scanner.model.redacted import Redacted
from scanner.reporting.shared.shown import Shown, ShownFinding, ShownRelated, ShownResource

_SCRIPTS = ("layout.js", "views.js", "canvas.js", "details.js", "controls.js")
"""The scripts, in the order in which they need each other."""


def as_page(drawing: Drawing, report: Shown) -> Redacted:
    """Return an HTML document that shows a drawing and the open findings of its resources."""
    style = _asset("page.css")
    script = "\n".join(map(_asset, _SCRIPTS))
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)};"
    parts = {
        "@policy@": f"{policy} base-uri 'none'; form-action 'none'",
        "@style@": style,
        "@data@": _embedded(_data(drawing, report)),
        "@script@": script,
    }
    # In pieces: what was put in is not searched again.
    page = _asset("page.html")
    written = []
    for mark, text in parts.items():
        before, _, page = page.partition(mark)
        written += [before, text]
    return Redacted("".join([*written, page]))


def _asset(name: str) -> str:
    return own_text(f"drawing/{name}")


def _hash(text: str) -> str:
    """Return what a policy calls an inline text (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _embedded(data: object) -> str:
    """Return JSON that nothing in an HTML document ends or begins."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return text.replace("##[", "#\\u0023[")


def _data(drawing: Drawing, report: Shown) -> dict[str, object]:
    numbers = {node.id: number for number, node in enumerate(drawing.nodes)}
    targets = _Targets(drawing.nodes)
    elsewhere = [_finding(finding, report) for finding in report.findings if not targets.take(finding)]
    shown = {id(finding): number for number, finding in enumerate(targets.taken)}
    return {
        "nodes": [
            {
                **_node(node),
                "parent": None if node.parent is None else numbers.get(node.parent),
                "findings": [shown[id(finding)] for finding in targets.of(node)],
            }
            for node in drawing.nodes
        ],
        "edges": [
            {
                "source": numbers[edge.source],
                "target": numbers[edge.target],
                "kind": edge.kind,
                "path": None if edge.path is None else printable(edge.path),
                "line": edge.line,
                "sure": edge.sure,
                "note": printable(edge.note),
            }
            for edge in drawing.edges
            if edge.kind not in ASIDE or edge.kind == "shares-volume"
        ],
        "findings": [_finding(finding, report) for finding in targets.taken],
        "elsewhere": elsewhere,
        "incomplete": sum(one.severity == "error" for one in report.diagnostics),
    }


def _node(node: Node) -> dict[str, object]:
    word, _, _ = node.label.partition(f" {node.name}")
    return {
        "id": printable(node.id),
        "kind": node.kind.replace("_", "-"),
        "word": printable(word),
        "name": printable(node.name),
        "path": None if node.path is None else printable(node.path),
        "line": node.line,
        "namespace": None if node.namespace is None else printable(node.namespace),
        "environment": printable(node.environment),
        "project": printable(node.project),
        "facts": [{"name": fact.name.replace("_", " "), **_clean(fact_data(fact))} for fact in node.facts],
    }


def _clean(value: dict[str, object]) -> dict[str, object]:
    return {name: _cleaned(one) for name, one in value.items()}


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return _clean(value)
    if isinstance(value, (list, tuple)):
        return [_cleaned(one) for one in value]
    return value


def _finding(finding: ShownFinding, report: Shown) -> dict[str, object]:
    path, span = finding.location
    rule = report.rules.get(finding.rule)
    return {
        "rule": finding.rule,
        "title": None if rule is None else printable(rule.title),
        "severity": finding.severity.value,
        "message": printable(finding.message),
        "path": printable(path),
        "line": span.line,
        "related": _places(finding.related),
        "flow": _places(finding.flow),
    }


def _places(places: Iterable[ShownRelated]) -> list[dict[str, object]]:
    return [
        {
            "path": printable(place.path),
            "line": place.span.line,
            "text": printable(message),
        }
        for place, message in places
    ]


class _Targets:
    """Finds the nodes of findings: by how people name the resource, its file and its environments."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.taken: list[ShownFinding] = []
        self._named: dict[ShownResource, list[Node]] = {}
        self._wholes: dict[ShownResource, list[Node]] = {}
        self._placed: dict[tuple[str, str | None, int | None], list[Node]] = {}
        self._findings: dict[str, list[ShownFinding]] = {}
        for node in nodes:
            self._placed.setdefault((node.kind, node.path, node.line), []).append(node)
            if node.ref is not None:
                self._named.setdefault(node.ref, []).append(node)
                if node.parent is None:
                    self._wholes.setdefault(node.ref._replace(container=None), []).append(node)

    def take(self, finding: ShownFinding) -> bool:
        """Give a finding to its nodes; False where none of them is drawn."""
        ref = finding.resource
        nodes = self._named.get(ref) or self._wholes.get(ref._replace(container=None)) or []
        inside = [node for node in nodes if node.environment in finding.environments]
        here = [node for node in inside if node.path == finding.location.path] or inside
        if len({node.path for node in here}) > 1:
            return False  # two resources of one name: neither is where the finding is
        # A workload and its only container have one name in Compose files: the part is meant.
        found = ([node for node in here if node.parent is not None] if ref.container else here) or here
        for node in self._everywhere(found, finding.environments):
            self._findings.setdefault(node.id, []).append(finding)
        if here:
            self.taken.append(finding)
        return bool(here)

    def _everywhere(self, nodes: Iterable[Node], environments: Collection[str]) -> Iterable[Node]:
        """Return with some nodes what the same lines define in other environments of a finding: an
        overlay may give it another name, and a finding has that of one environment."""
        found = {}
        for node in nodes:
            for other in self._placed[node.kind, node.path, node.line]:
                if other is node or other.environment in environments:
                    found[other.id] = other
        return found.values()

    def of(self, node: Node) -> list[ShownFinding]:
        """Return the findings of a node that were taken."""
        return self._findings.get(node.id, [])
