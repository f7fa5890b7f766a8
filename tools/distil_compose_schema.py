"""Writes `scanner/formats/compose/schema.json`: what the official Compose schema says of keys and types.

`python tools/distil_compose_schema.py [compose-spec.json]`; without an argument the schema
inside of the installed package check-jsonschema is taken. A shape is an object of
`t` (letters of the scalars allowed: s text, i integer, n number, b boolean, z null),
`e` (the texts allowed), `l` (the shape of a list's items), `m` (shapes by key), `o` (the
shape of any other key), `r` (keys that must be there) and `d` (a named shape). An empty
shape allows everything.
"""

from __future__ import annotations

import importlib.resources
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "scanner" / "formats" / "compose" / "schema.json"

_LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "null": "z"}


def distil(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the table of a schema: the shape of the top, and the named shapes."""
    definitions = schema.get("$defs") or schema["definitions"]
    names = {name: shape_of(part, definitions) for name, part in definitions.items()}
    return {"top": shape_of(schema, definitions), "definitions": names}


def shape_of(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a part of the schema; alternatives are told apart by their kind."""
    if "$ref" in part:
        return {"d": part["$ref"].rpartition("/")[2]}
    for word in ("oneOf", "anyOf"):
        if word in part:
            return _either(part[word], definitions)
    if "allOf" in part:
        return _all(part, definitions)
    shape: dict[str, Any] = {}
    types = part.get("type", [])
    types = [types] if isinstance(types, str) else types
    letters = "".join(_LETTERS[name] for name in types if name in _LETTERS)
    if letters:
        shape["t"] = letters
    if "enum" in part:
        shape["e"] = part["enum"]
    if "array" in types:
        shape["l"] = shape_of(part.get("items", {}), definitions)
    if "object" in types:
        shape.update(_mapping(part, definitions))
    return shape


def _either(alternatives: list[dict[str, Any]], definitions: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for alternative in alternatives:
        if "$ref" in alternative:
            alternative = definitions[alternative["$ref"].rpartition("/")[2]]
        shape = shape_of(alternative, definitions)
        letters = merged.get("t", "") + shape.pop("t", "")
        clash = merged.keys() & shape.keys()
        if clash:
            raise ValueError(f"two alternatives of one kind: {clash}")
        merged.update(shape)
        if letters:
            merged["t"] = letters
    return merged


def _all(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Join mappings that a mapping must satisfy all of; no other key is allowed."""
    joined: dict[str, Any] = {"m": {}}
    own = {key: each for key, each in part.items() if key != "allOf"}
    for each in (*part["allOf"], {"type": "object", "additionalProperties": False, **own}):
        if "$ref" in each:
            each = definitions[each["$ref"].rpartition("/")[2]]
        shape = shape_of(each, definitions)
        joined["m"].update(shape["m"])
        joined.setdefault("r", []).extend(shape.get("r", []))
    return joined


def _mapping(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "m": {key: shape_of(each, definitions) for key, each in part.get("properties", {}).items()}
    }
    patterns = [each for key, each in part.get("patternProperties", {}).items() if key != "^x-"]
    extra = part.get("additionalProperties", True)
    if patterns:
        shape["o"] = shape_of(patterns[0], definitions)
    elif extra is not False:
        shape["o"] = {} if extra is True else shape_of(extra, definitions)
    if "required" in part:
        shape["r"] = part["required"]
    return shape


def main() -> None:
    """Write the table."""
    if len(sys.argv) > 1:
        text = Path(sys.argv[1]).read_text(encoding="utf-8")
    else:
        vendor = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
        text = vendor.joinpath("compose-spec.json").read_text(encoding="utf-8")
    table = distil(json.loads(text))
    TARGET.write_text(json.dumps(table, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
