"""A kustomization file as resources that rules can judge: what it says, fetches and gives away."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.errors import ScannerError
from scanner.formats.kubernetes.paths import RawTree
from scanner.formats.kustomize.generators import Datum, read_data
from scanner.formats.kustomize.kustomization import GROUP, Kustomization
from scanner.formats.kustomize.nodes import BuiltSource, key_at, origin_of, text_at
from scanner.formats.kustomize.workspace import Workspace
from scanner.model.resources import (
    Document,
    EnvFile,
    EnvVar,
    ProjectFile,
    RemoteFile,
    ResourceRef,
    UnitResources,
)
from scanner.model.source import Located, Span

_START = Span(1, 1, 1, 2)
_FETCHING = ("resources", "bases", "components")


def expose(
    resources: UnitResources,
    owners: Iterable[Kustomization],
    workspace: Workspace,
    generators: Iterable[Kustomization] = (),
) -> UnitResources:
    """Add kustomization files to the resources that were built from them: each as a document
    and as a file of a project with what it fetches, and the values of the secrets that it
    generates, where they stand in files of the repository. `generators` are those that were
    written as objects of their own."""
    documents: list[Document] = []
    files: list[ProjectFile] = []
    secrets: list[EnvFile] = []
    for owner in owners:
        documents.append(_as_document(owner))
        files.append(_as_file(owner, workspace))
        secrets += _secrets(owner, workspace)
    for generator in generators:
        secrets += _secrets(generator, workspace)
    return replace(
        resources,
        documents=(*resources.documents, *documents),
        files=tuple(files),
        env_files=tuple(secrets),
    )


def _ref(owner: Kustomization) -> ResourceRef:
    kind = "Component" if owner.is_component else "Kustomization"
    return ResourceRef(kind, owner.folder or ".", None, None, 0)


def _name(owner: Kustomization) -> Located[str]:
    place: object = _START if owner.root is None else owner.root
    return Located(owner.folder or ".", place, owner.source)


def _as_document(owner: Kustomization) -> Document:
    version = (text_at(owner.root, "apiVersion") if owner.root is not None else "") or f"{GROUP}/v1beta1"
    find = _nothing if owner.root is None else RawTree(owner.root, owner.source)
    ref = _ref(owner)
    return Document(ref, _name(owner), ref.kind, version, find)


def _nothing(_path: str) -> tuple[Located[object], ...]:
    return ()


def _as_file(owner: Kustomization, workspace: Workspace) -> ProjectFile:
    remotes = []
    for keyword in _FETCHING:
        try:
            places = list(owner.paths(keyword))
        except ScannerError:
            continue  # told when it is built
        for place in places:
            if workspace.resolve(owner, place, only_folder=keyword == "components").kind == "remote":
                remotes.append(RemoteFile(Located(place.value.strip(), place, owner.source), keyword))
    return ProjectFile(_ref(owner), _name(owner), None, tuple(remotes))


def _secrets(owner: Kustomization, workspace: Workspace) -> Iterator[EnvFile]:
    try:
        generators = list(owner.mappings("secretGenerator"))
        data = [(text_at(args, "name"), read_data(args, owner, workspace)) for args in generators]
    except ScannerError:
        return  # told when it is built
    source = BuiltSource(owner.path)
    for (name, found), args in zip(data, generators, strict=True):
        variables = tuple(
            EnvVar(
                Located(datum.key, key_at(datum.key, datum.at), source),
                Located(datum.value, datum.at, source),
            )
            for datum in found
            if datum.value is not None and _is_committed(datum, owner, workspace)
        )
        yield EnvFile(
            _ref(owner)._replace(kind="secretGenerator", name=name), Located(name, args, source), variables
        )


def _is_committed(datum: Datum, owner: Kustomization, workspace: Workspace) -> bool:
    """Whether a value stands in the kustomization, or in a file that Git does not ignore."""
    origin = origin_of(datum.at)
    path = datum.file or (owner.path if origin is None else origin.path)
    return path == owner.path or path in workspace.files.listing(posixpath.dirname(path))
