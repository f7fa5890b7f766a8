"""The variables of a container, and the Secrets and ConfigMaps that they come from."""

from __future__ import annotations

from typing import Any

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.model.basics import EnvVar
from scanner.model.references import Reference
from scanner.model.resources import EnvSource
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import Pair

_ORIGINS = {
    "secretKeyRef": "secret",
    "configMapKeyRef": "config",
    "fieldRef": "field",
    "resourceFieldRef": "field",
    "fileKeyRef": "file",
}
_OBJECTS = {
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
}


def set_variables(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    """Set the variables of a container's `env`, and what they refer to."""
    variables: list[EnvVar] = []
    references: list[Reference] = []
    seen: set[str] = set()
    for _, variable in facts.objects({"env": pair}, "env"):
        name = facts.text(variable, "name")
        if name is None or isinstance(name.value, Unknown):
            continue
        known = Located(name.value, name.place, name.source, name.overridden)
        repeated = name.value in seen
        seen.add(name.value)
        if "value" in variable:
            value = facts.text(variable, "value")
            if value is not None:  # the place is the value alone: it may have to be masked
                value = value._replace(place=variable["value"][1])
            variables.append(EnvVar(known, value, repeated=repeated))
            continue
        origin = "literal"
        for key, source in facts.mapping(variable, "valueFrom").items():
            if key in _ORIGINS:
                origin = _ORIGINS[key]
                if key in _OBJECTS:
                    entry = facts.as_mapping(source)
                    _refer(references, key, entry, "env", facts, variable=known.value)
                break
        variables.append(EnvVar(known, None, origin, repeated))
    fields["env"] = tuple(variables)
    _add(fields, references)


def set_sources(fields: dict[str, Any], pair: Pair, facts: FactReader) -> None:
    """Set the objects of a container's `envFrom`, all entries of which become variables."""
    found: list[EnvSource] = []
    references: list[Reference] = []
    for _, source in facts.objects({"envFrom": pair}, "envFrom"):
        for key, origin in (("secretRef", "secret"), ("configMapRef", "config")):
            if key in source:
                name = _refer(references, key, facts.mapping(source, key), "env-from", facts)
                if name is not None:
                    found.append(EnvSource(name, origin, facts.text(source, "prefix")))
    fields["env_from"] = tuple(found)
    _add(fields, references)


def _refer(
    into: list[Reference],
    key: str,
    entry: Index,
    via: str,
    facts: FactReader,
    *,
    variable: str | None = None,
) -> Located[str | Unknown] | None:
    name = facts.text(entry, "name")
    if name is not None:
        asked = facts.text(entry, "key") if variable is not None else None
        optional = facts.boolean(entry, "optional")
        into.append(Reference(_OBJECTS[key], name, via, asked, optional, variable))
    return name


def _add(fields: dict[str, Any], references: list[Reference]) -> None:
    if references:
        fields["references"] = (*fields.get("references", ()), *references)
