"""Manifests to resources: which objects a text holds, and where pods hide in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.formats.kubernetes.cluster import Found, cluster_objects, read_object
from scanner.formats.kubernetes.controllers import NO_CONTROLLER, makes_pods, read_controller
from scanner.formats.kubernetes.credentials import read_credentials
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.operators import may_make_pods
from scanner.formats.kubernetes.paths import RawTree
from scanner.formats.kubernetes.pods import PodTemplate, read_workload
from scanner.model.report import Diagnostic
from scanner.model.resources import Document, Format, ResourceRef, UnitResources, Workload
from scanner.model.settings import WrittenCredential
from scanner.model.source import Located, Source
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    YamlDocument,
    YamlFile,
    duplicate_keys,
    entries,
    scalar_text,
)

MAX_OBJECTS = 50_000
"""More objects than this in one file, or Lists nested deeper than `_MAX_LISTS`, are
refused: aliases can make a small text mean a vast number of them."""
_MAX_LISTS = 4

_NO_PODS = frozenset(
    (
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "CustomResourceDefinition",
        "HorizontalPodAutoscaler",
        "Ingress",
        "LimitRange",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "Secret",
        "Service",
        "ServiceAccount",
        "StorageClass",
    )
)
"""Kinds of Kubernetes' own that hold no pod template; others are searched for one."""


def read_objects(file: YamlFile, source: Source) -> tuple[UnitResources, tuple[Diagnostic, ...]]:
    """Return the resources of a manifest file's documents, and what was wrong in them.

    `source` locates the facts; it is the file's own, or one that maps rendered text to
    what people edit. Documents without apiVersion and kind are passed over.
    """
    facts = FactReader(source)
    shared = "*" in file.source.text
    for _, root in file.documents:
        if root is not None:
            _warn_of_duplicates(root, facts, shared=shared)
    return _read_documents(file.documents, facts, rendered=source is not file.source)


def read_nodes(
    documents: Iterable[YamlDocument], source: Source
) -> tuple[UnitResources, tuple[Diagnostic, ...]]:
    """Return the resources of objects that were put together from several texts.

    `source` can locate each of their nodes. A document's number is that of the text it
    comes from, and need not be unique.
    """
    return _read_documents(documents, FactReader(source), rendered=True)


def repeated_keys(file: YamlFile) -> tuple[Diagnostic, ...]:
    """Return a warning for each key that stands twice in one mapping of a file."""
    facts = FactReader(file.source)
    for _, root in file.documents:
        if root is not None:
            _warn_of_duplicates(root, facts, shared="*" in file.source.text)
    return tuple(facts.diagnostics)


def _warn_of_duplicates(root: Node, facts: FactReader, *, shared: bool) -> None:
    for first, second in duplicate_keys(root, shared=shared):
        line = facts.source.locate(first).span.line
        facts.warn(second, f"key '{second.value}' stands twice, first in line {line}; the last one counts")


def _read_documents(
    yaml_documents: Iterable[YamlDocument], facts: FactReader, *, rendered: bool
) -> tuple[UnitResources, tuple[Diagnostic, ...]]:
    workloads: list[Workload] = []
    documents: list[Document] = []
    operated: list[ResourceRef] = []
    untyped: list[ResourceRef] = []
    credentials: list[WrittenCredential] = []
    found: Found = {}
    for number, root in yaml_documents:
        if root is None:
            continue
        for node, index in _objects(root, facts, 0):
            document = _read_document(node, index, number, facts, rendered=rendered)
            if document is None:
                continue
            documents.append(document)
            if len(documents) > MAX_OBJECTS:
                facts.complain(node, f"the file means more than {MAX_OBJECTS} objects; the rest is not read")
                break
            is_typed = read_object(index, document, facts, found)
            shown: list[Workload] = []
            if not _is_without_pods(document):
                shown = _read_workloads(node, index, document, facts)
                if not shown and may_make_pods(document.kind, document.api_version):
                    operated.append(document.ref)
                workloads += shown
            credentials += read_credentials(node, index, document, facts, has_pods=bool(shown))
            if not is_typed and not shown:
                untyped.append(document.ref)
    resources = UnitResources(
        Format.KUBERNETES,
        tuple(workloads),
        (),
        tuple(documents),
        certain=facts.certain,
        cluster=cluster_objects(found),
        operated=tuple(operated),
        untyped=tuple(untyped),
        credentials=tuple(credentials),
    )
    return resources, tuple(facts.diagnostics)


def _is_without_pods(document: Document) -> bool:
    if document.kind not in _NO_PODS:
        return False
    group = document.api_version.rpartition("/")[0]  # Knative has a Service of its own
    return "." not in group or group.endswith(".k8s.io")


def is_kubernetes(file: YamlFile) -> bool:
    """Whether a document of the file says apiVersion and kind at its top."""
    for _, root in file.documents:
        if root.__class__ is MappingNode:
            keys = {key.value for key, _ in root.value if key.__class__ is ScalarNode}
            if "apiVersion" in keys and "kind" in keys:
                return True
    return False


def _objects(node: Node, facts: FactReader, depth: int) -> Iterator[tuple[Node, Index]]:
    """Yield an object, or those of a List of them."""
    if node.__class__ is not MappingNode:
        return
    index = entries(node)
    kind = index.get("kind")
    if kind is None or "items" not in index or not (scalar_text(kind[1]) or "").endswith("List"):
        yield node, index
        return
    if depth >= _MAX_LISTS:
        facts.complain(node, f"Lists are nested more than {_MAX_LISTS} deep")
        return
    for item in facts.items(index, "items"):
        yield from _objects(item, facts, depth + 1)


def _read_document(
    node: Node, index: Index, number: int, facts: FactReader, *, rendered: bool
) -> Document | None:
    kind_pair, version_pair = index.get("kind"), index.get("apiVersion")
    if kind_pair is None or version_pair is None:
        return None
    if kind_pair[1].__class__ is not ScalarNode or version_pair[1].__class__ is not ScalarNode:
        facts.complain(kind_pair, "apiVersion and kind must be text")
        return None
    metadata = facts.mapping(index, "metadata")
    name = facts.text(metadata, "name") or facts.text(metadata, "generateName")
    namespace = facts.text(metadata, "namespace")
    known_name = name is not None and isinstance(name.value, str)
    ref = ResourceRef(
        kind_pair[1].value,
        str(name.value) if name is not None and known_name else "",
        namespace.value if namespace is not None and isinstance(namespace.value, str) else None,
        None,
        number,
    )
    place = name.place if name is not None and known_name else kind_pair
    return Document(
        ref,
        Located(ref.name or "(unnamed)", place, facts.source),
        ref.kind,
        version_pair[1].value,
        RawTree(node, facts.source),
        rendered,
    )


def _read_workloads(node: Node, index: Index, document: Document, facts: FactReader) -> list[Workload]:
    controller = NO_CONTROLLER
    metadata = facts.mapping(index, "metadata")
    hook = _hook(metadata, facts)
    spec = facts.mapping(index, "spec")
    if document.kind == "Pod":
        templates = [PodTemplate(spec, metadata)]
    else:
        if document.kind == "CronJob":
            spec = facts.mapping(facts.mapping(spec, "jobTemplate"), "spec")
        controller = read_controller(document, spec, facts)
        templates = _known_template(spec, facts) or _search_templates(node, document)
        if not templates and makes_pods(document):
            # Says what stands where the containers should.
            facts.items(facts.mapping(facts.mapping(spec, "template"), "spec"), "containers")
    return [
        read_workload(template, document.ref, document.name, facts, controller, hook=hook)
        for template in templates
    ]


def _hook(metadata: Index, facts: FactReader) -> str | None:
    pair = facts.mapping(metadata, "annotations").get("helm.sh/hook")
    return None if pair is None else scalar_text(pair[1])


def _known_template(spec: Index, facts: FactReader) -> list[PodTemplate]:
    """The pod template where Kubernetes' own kinds and most others have it."""
    template = spec.get("template")
    if template is None or template[1].__class__ is not MappingNode:
        return []
    index = entries(template[1])
    pod = index.get("spec")
    if pod is None or pod[1].__class__ is not MappingNode:
        return []
    pod_spec = entries(pod[1])
    if "containers" not in pod_spec:
        return []
    return [PodTemplate(pod_spec, facts.mapping(index, "metadata"))]


_SINGLE = {"argoproj.io": ("container", "script")}
_LISTS = {"tekton.dev": ("steps", "sidecars")}


def _search_templates(root: Node, document: Document) -> list[PodTemplate]:
    """Find pod specifications anywhere in an object: a mapping whose `containers` is a
    list of mappings with an image (and the one-container forms of Argo and Tekton)."""
    group = document.api_version.partition("/")[0]
    single, lists = _SINGLE.get(group, ()), _LISTS.get(group, ())
    found: list[PodTemplate] = []
    stack: list[tuple[Node, Index]] = [(root, {})]
    seen: set[int] = set()
    while stack:
        node, metadata = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.__class__ is SequenceNode:
            stack += [(item, {}) for item in reversed(node.value) if item.__class__ is not ScalarNode]
            continue
        if node.__class__ is not MappingNode:
            continue
        index = entries(node)
        containers = index.get("containers")
        if containers is not None and _holds_images(containers[1]):
            found.append(PodTemplate(index, metadata))
            continue
        for key in single:
            if key in index and _is_container(index[key][1]):
                found.append(PodTemplate({**index, "containers": _as_list(index[key])}, _metadata(index)))
        for key in lists:
            if key in index and _holds_images(index[key][1]):
                found.append(PodTemplate({**index, "containers": index[key]}, metadata))
        beside = _metadata(index)
        for pair in reversed(index.values()):
            if pair[1].__class__ is not ScalarNode:
                stack.append((pair[1], beside))
    return found


def _metadata(index: Index) -> Index:
    pair = index.get("metadata")
    return entries(pair[1]) if pair is not None and pair[1].__class__ is MappingNode else {}


def _as_list(pair: Pair) -> Pair:
    key, value = pair
    return key, SequenceNode("tag:yaml.org,2002:seq", [value], value.start_mark, value.end_mark)


def _holds_images(node: Node) -> bool:
    return node.__class__ is SequenceNode and any(_is_container(item) for item in node.value)


def _is_container(node: Node) -> bool:
    if node.__class__ is not MappingNode:
        return False
    keys = {key.value for key, _ in node.value if key.__class__ is ScalarNode}
    return "image" in keys
