"""Small manifests for the tests of selectors, routes, ports and exposure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scanner.engine.witnesses import called
from scanner.model.graph import Graph
from tests.linking.support import graph_of
from tests.support import write_tree


def linked(root: Path, **files: str) -> Graph:
    """The graph of files: `web__a` is web/a.yaml, and `compose` is compose.yaml."""
    return graph_of(
        write_tree(root, {name.replace("__", "/") + ".yaml": text for name, text in files.items()})
    )


def together(*texts: str) -> str:
    return "\n---\n".join(text.strip("\n") for text in texts) + "\n"


def head(kind: str, name: str, version: str, namespace: str = "", more: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{where}{more}}}\n"


def pod(
    name: str, labels: str = "", namespace: str = "", ports: str = "", more: str = "", spec: str = ""
) -> str:
    return (
        head("Pod", name, "v1", namespace, f", labels: {{{labels or 'app: ' + name}}}{more}")
        + f"spec:\n  {spec or '# nothing more'}\n  containers:\n"
        + f'    - {{name: main, image: "nginx:1.27", ports: [{ports}]}}\n'
    )


def deployment(
    name: str, labels: str = "", namespace: str = "", image: str = "nginx:1.27", more: str = ""
) -> str:
    labels = labels or f"app: {name}"
    return (
        head("Deployment", name, "apps/v1", namespace)
        + f"spec:\n  selector: {{matchLabels: {{{labels}}}}}\n  {more or '# nothing more'}\n"
        + f"  template:\n    metadata: {{labels: {{{labels}}}}}\n"
        + f'    spec: {{containers: [{{name: main, image: "{image}"}}]}}\n'
    )


def service(
    name: str, selector: str = "", namespace: str = "", ports: str = "{port: 80}", more: str = ""
) -> str:
    return (
        head("Service", name, "v1", namespace)
        + f"spec:\n  selector: {{{selector or 'app: ' + name}}}\n  ports: [{ports}]\n  {more or '# nothing more'}\n"
    )


def policy(name: str, selector: str = "", namespace: str = "", more: str = "") -> str:
    return (
        head("NetworkPolicy", name, "networking.k8s.io/v1", namespace)
        + f"spec:\n  podSelector: {{{selector}}}\n  {more or '# nothing more'}\n"
    )


def ingress(name: str, backend: str, port: str = "{number: 80}", namespace: str = "", more: str = "") -> str:
    return (
        head("Ingress", name, "networking.k8s.io/v1", namespace)
        + f"spec:\n  defaultBackend: {{service: {{name: {backend}, port: {port}}}}}\n  {more or '# nothing more'}\n"
    )


def pairs(graph: Graph, verb: str) -> list[str]:
    """Links of a verb as `source -> target`, with `?` where they are not sure."""
    found = [link for link in graph.links if link.verb == verb]
    return sorted(f"{name(one.source)} -> {name(one.target)}{'' if one.sure else ' ?'}" for one in found)


def name(resource: Any) -> str:
    ref = getattr(resource, "ref", None)
    return called(resource).split("'")[1] if ref is None else ref.name


def workload(graph: Graph, wanted: str) -> Any:
    return next(one for unit in graph.units for one in unit.resources.workloads if one.ref.name == wanted)


def exposure(graph: Graph, wanted: str) -> Any:
    """How a workload is exposed, None where that is not decided, and `unknown`."""
    resolved = graph.resolved.get(workload(graph, wanted))
    fact = None if resolved is None else resolved.exposure
    if fact is None:
        return None
    return fact.value if isinstance(fact.value, str) else "unknown"


def steps(graph: Graph, wanted: str) -> list[str]:
    """The steps to a workload's exposure, with the line of each."""
    return [
        f"{step.text} ({step.fact.location.path}:{step.fact.location.span.line})"
        for step in graph.resolved[workload(graph, wanted)].steps["exposure"]
    ]


def is_open(graph: Graph, verb: str, resources: Iterable[Any], *, source: bool = True) -> bool:
    """Whether one of the resources may be linked outside of the files."""
    from scanner.model.relations import RELATIONS

    found = [one for one in RELATIONS if one.verb == verb and one.said_by_source is source]
    return any(graph.related(resource, relation).is_open for resource in resources for relation in found)


def of_kind(graph: Graph, member: str) -> list[Any]:
    """The objects of a kind, by the member of the cluster's objects that holds them."""
    return [one for unit in graph.units for one in getattr(unit.resources.cluster, member)]
