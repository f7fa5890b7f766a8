"""Schemas that a kustomization brings along (`openapi`), in place of those of Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanner.errors import ScannerError
from scanner.formats.kustomize.kustomization import Kustomization
from scanner.formats.kustomize.merge_keys import BUILT_IN, Field, Type, Types
from scanner.formats.kustomize.nodes import Budget, child, claim, copy_tree, text_of, trouble
from scanner.formats.kustomize.scalars import as_value
from scanner.formats.kustomize.workspace import Workspace
from scanner.parsing.yaml import Node, parse_yaml

_VERSION = "v1.21.2"
"""The version of Kubernetes' API that Kustomize 5 has built in."""
_MAX_REFERENCES = 20


def types_of(owner: Kustomization, workspace: Workspace, budget: Budget) -> Types | None:
    """Return the types that a kustomization asks for; None when it asks for none.

    Raises FormatError when they cannot be read.
    """
    path, version = (child(owner.node("openapi"), key) for key in ("path", "version"))
    asked, wanted = text_of(path), text_of(version)
    if version is not None and wanted:
        if asked or wanted.replace("_", ".") != _VERSION:
            raise trouble(version, f"the schema '{wanted}' is not built in; there is {_VERSION}")
        return BUILT_IN
    if path is None or not asked:
        return None
    joined = owner.join(asked)
    if joined is None or not workspace.files.exists(joined):
        raise trouble(path, f"'{asked}' is not there")
    workspace.use(joined, "kustomize")
    return SchemaTypes(_definitions(workspace.files.text(joined), joined, path, budget))


def _definitions(text: str, path: str, place: Node, budget: Budget) -> Mapping[str, Any]:
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else _from_yaml(text, path, budget)
    except json.JSONDecodeError as error:
        # What Python says of it differs between its versions; the place does not.
        where = f"line {error.lineno} column {error.colno}"
        raise trouble(place, f"the schema '{path}' cannot be read: no valid JSON at {where}") from None
    except (ValueError, RecursionError, ScannerError) as error:
        raise trouble(place, f"the schema '{path}' cannot be read: {error}") from None
    found = content.get("definitions") if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise trouble(place, f"the schema '{path}' has no definitions")
    return found


def _from_yaml(text: str, path: str, budget: Budget) -> object:
    file = parse_yaml(text, path)
    if file.errors:
        raise file.errors[0]
    roots = [root for _, root in file.documents if root is not None]
    if not roots:
        return None
    claim(roots[0], file.source)
    return as_value(copy_tree(roots[0], budget))


class SchemaTypes:
    """The types of OpenAPI definitions (version 2, with Kubernetes' extensions)."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._schemas: dict[str, Mapping[str, Any]] = {}
        self._types: dict[str, Type] = {"": {}}
        self._objects: dict[tuple[str, str], str] = {}
        for name, definition in definitions.items():
            if isinstance(definition, dict):
                pointer = f"#/definitions/{name}"
                self._schemas[pointer] = definition
                for kind in _list(definition.get("x-kubernetes-group-version-kind")):
                    if isinstance(kind, dict):
                        group, version = kind.get("group") or "", kind.get("version") or ""
                        api_version = f"{group}/{version}" if group else str(version)
                        self._objects[api_version, str(kind.get("kind"))] = pointer

    def of_object(self, api_version: str, kind: str) -> Type:
        """Return the type of an object, empty when the schema has none."""
        return self.named(self._objects.get((api_version, kind), ""))

    def named(self, name: str) -> Type:
        """Return the type of a field."""
        known = self._types.get(name)
        if known is None:
            properties = self._schemas.get(name, {}).get("properties")
            known = self._types[name] = {
                key: self._field(value, f"{name}/{key}")
                for key, value in (properties.items() if isinstance(properties, dict) else ())
                if isinstance(value, dict)
            }
        return known

    def _field(self, schema: Mapping[str, Any], pointer: str) -> Field:
        schema, pointer = self._resolved(schema, pointer)
        if schema.get("type") != "array":
            return Field(pointer)
        items = schema.get("items")
        element = self._resolved(items, f"{pointer}/[]")[1] if isinstance(items, dict) else ""
        if "merge" not in str(schema.get("x-kubernetes-patch-strategy", "")).split(","):
            return Field(element)
        keys = _list(schema.get("x-kubernetes-list-map-keys")) or [schema.get("x-kubernetes-patch-merge-key")]
        return Field(element, tuple(key for key in keys if isinstance(key, str)))

    def _resolved(self, schema: Mapping[str, Any], pointer: str) -> tuple[Mapping[str, Any], str]:
        """Follow references to a definition, and keep a schema that is none under its own name."""
        for _ in range(_MAX_REFERENCES):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            pointer, schema = reference, self._schemas.get(reference, {})
        self._schemas.setdefault(pointer, schema)
        return schema, pointer


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
