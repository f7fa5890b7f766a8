"""Charts that a kustomization renders, where they are in the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scanner.errors import ScannerError
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import Layer, ValueSet, read_layer
from scanner.formats.kustomize.identity import Resource
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.nodes import (
    Budget,
    MappingNode,
    child,
    claim,
    copy_tree,
    find,
    text_at,
    text_of,
    trouble,
)
from scanner.formats.kustomize.scalars import as_value
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.report import Diagnostic
from scanner.model.source import Location, Source, Span
from scanner.parsing.yaml import Node, SequenceNode, parse_yaml, read_bool

_HOME = "charts"


def inflate(
    owner: Kustomization, workspace: Workspace, helm: HelmSettings, budget: Budget
) -> Iterator[tuple[Node, list[Resource]]]:
    """Yield the objects of each chart, with the place that asks for it. They stand in the
    chart's templates. A chart that is not in the repository, or cannot be rendered, is a gap."""
    for item in owner.mappings("helmCharts", "helmChartInflationGenerator"):
        name = text_at(item, "name") or text_at(item, "chartName")
        folder = _folder(item, name, owner)
        if folder is None or not workspace.files.exists(f"{folder}/Chart.yaml"):
            message = f"the chart '{name}' is elsewhere and never fetched: its objects are not seen"
            workspace.gap(item, owner.path, message)
            continue
        try:
            yield item, _render(item, folder, owner, workspace, helm, budget)
        except ScannerError as error:
            workspace.gap(item, owner.path, f"the chart '{name}' is not rendered: {error.message}")


def _folder(item: Node, name: str, owner: Kustomization) -> str | None:
    home = text_at(owner.node("helmGlobals"), "chartHome") or text_at(item, "chartHome") or _HOME
    version, repo = text_at(item, "version"), text_at(item, "repo")
    if version and repo:
        home = f"{home}/{name}-{version}"
    return owner.join(f"{home}/{name}") if name else None


def _render(
    item: Node,
    folder: str,
    owner: Kustomization,
    workspace: Workspace,
    helm: HelmSettings,
    budget: Budget,
) -> list[Resource]:
    from scanner.formats.helm.bundle import load_bundle
    from scanner.formats.helm.engine import engine_for
    from scanner.formats.helm.provenance import TemplateSource
    from scanner.formats.helm.rendering import Renderer, is_notes

    engine = engine_for(helm.engine, helm.memory_limit)
    if engine is None:
        raise trouble(item, "there is no Helm engine")
    bundle = load_bundle(folder, workspace.files)
    values = ValueSet(
        owner.path,
        tuple(_layers(item, owner, workspace)),
        (),
        text_at(item, "releaseName") or helm.release_name,
        text_at(item, "namespace") or helm.namespace,
    )
    (rendering,) = Renderer(bundle, engine, helm).render_sets([values])
    if rendering.texts is None:
        raise trouble(item, _first(rendering.diagnostics))
    for diagnostic in rendering.diagnostics:
        workspace.gap(item, owner.path, f"a template is not rendered: {diagnostic.message}")
    texts = {path: (bundle.origins[path].path, text) for path, text in bundle.files.items()}
    found: list[Resource] = []
    for name in sorted(rendering.texts):
        path = bundle.templates.get(name)
        if path is None or is_notes(name):
            continue
        file = parse_yaml(rendering.texts[name], bundle.origins[path].path)
        whole = Location(bundle.origins[path].path, Span(1, 1, 1, 2))
        source = TemplateSource(file.source, whole, rendering.alignments.get(name), texts)
        for number, root in file.documents:
            found += _objects(root, number, source, item, budget)
    if _says(item, "includeCRDs"):
        for path in workspace.files.listing(f"{folder}/crds"):
            for number, root in workspace.manifest(path, "kubernetes").documents:
                found += _objects(root, number, None, item, budget)
    return found


def _first(diagnostics: list[Diagnostic]) -> str:
    return diagnostics[-1].message if diagnostics else "it gives nothing"


def _objects(
    root: Node | None, number: int, source: Source | None, item: Node, budget: Budget
) -> list[Resource]:
    if root is None or root.__class__ is not MappingNode:
        return []
    if source is not None:
        claim(root, source)
    hook = text_of(child(root, "metadata", "annotations", "helm.sh/hook"))
    if hook is not None and (_says(item, "skipHooks") or ("test" in hook and _says(item, "skipTests"))):
        return []
    resource = Resource(copy_tree(root, budget), number)
    return [resource] if resource.identity.of.kind and resource.identity.name else []


def _says(item: Node, key: str) -> bool:
    pair = find(item, key)
    return pair is not None and read_bool(pair[1], yaml_1_1=True) is True


def _layers(item: Node, owner: Kustomization, workspace: Workspace) -> list[Layer]:
    """The values that go over the chart's own, the last ones win."""
    written = []
    more = child(item, "additionalValuesFiles")
    names = [text_at(item, "valuesFile") or text_at(item, "values")]
    if more is not None and more.__class__ is SequenceNode:
        names += [text_of(node) or "" for node in more.value]
    for name in filter(None, names):
        path = owner.join(name)
        if path is None:
            raise trouble(item, f"the path '{name}' leaves the scanned root")
        workspace.use(path, "kustomize")
        written.append(read_layer(path, workspace.files))
    inline = child(item, "valuesInline") or child(item, "valuesLocal")
    if inline is None or inline.__class__ is not MappingNode:
        return written
    layer = Layer(owner.path, json.dumps(as_value(copy_tree(inline, Budget()))), inline)
    way = text_at(item, "valuesMerge")
    if way == "replace":
        return [layer]
    return [layer, *written] if way == "merge" else [*written, layer]
