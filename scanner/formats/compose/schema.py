"""What the Compose specification allows: unknown keys and wrong types of a file, with their places.

The table `schema.json` is distilled from the official schema by `tools/distil_compose_schema.py`.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from scanner.files.own import own_text
from scanner.formats.compose.tree import Entry, Mapping, Scalar, Sequence, Value
from scanner.model.source import Located
from scanner.parsing.yaml import read_bool, read_int

_KINDS = {"s": "text", "i": "a whole number", "n": "a number", "b": "a boolean", "z": "nothing"}

# A shape of the table; the words are those of the script.
_Shape = dict[str, Any]


class SchemaError(NamedTuple):
    """A place that the specification does not allow. `path` is dotted (`services.web.prots`);
    `place` is the key's or the value's, and its value the message."""

    path: str
    place: Located[str]


def schema_errors(tree: Mapping) -> tuple[SchemaError, ...]:
    """Return what a file's tree has that the specification does not allow, in file order.

    Values that variables give are not judged: compose casts them. What must be there is
    not asked for: another file of the project may say it.
    """
    found: list[SchemaError] = []
    first = _first_format(tree)
    if first is not None:
        key, entry = first
        _add(found, key, entry, f"service '{key}' stands outside of 'services', {_FIRST_FORMAT}")
    else:
        _check_mapping(tree, _table()["top"], "", found)
    return tuple(found)


_FIRST_FORMAT = "as in the first Compose format, which is not read any more"


def _first_format(tree: Mapping) -> tuple[str, Entry] | None:
    """Return the first service of a file of the first Compose format: its services are its top-level
    keys, and nothing else is (https://docs.docker.com/reference/compose-file/legacy-versions/)."""
    known = _table()["top"]["m"]
    for key, entry in tree.entries.items():
        value = entry.value
        if key in known or not isinstance(value, Mapping):
            return None
        if "image" not in value.entries and "build" not in value.entries:
            return None
    return next(iter(tree.entries.items()), None)


@cache
def _table() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(own_text("formats/compose/schema.json"))
    return loaded


def _named(shape: _Shape) -> _Shape:
    while "d" in shape:
        shape = _table()["definitions"][shape["d"]]
    return shape


def _check(entry: Entry, shape: _Shape, path: str, found: list[SchemaError]) -> None:
    shape = _named(shape)
    if not shape or entry.tag == "!reset":
        return
    value = entry.value
    match value:
        case Mapping():
            if "m" in shape:
                _check_mapping(value, shape, path, found)
                return
        case Sequence():
            if "l" in shape:
                for index, item in enumerate(value.items):
                    _check(item, shape["l"], f"{path}[{index}]", found)
                return
        case Scalar():
            if _allows(value, shape):
                return
    _add(found, path, entry, f"expected {_wanted(shape)} for '{_last(path)}', found {_kind(value)}")


def _check_mapping(mapping: Mapping, shape: _Shape, path: str, found: list[SchemaError]) -> None:
    known: dict[str, _Shape] = shape["m"]
    for key, entry in mapping.entries.items():
        inner = f"{path}.{key}" if path else key
        if key in known:
            _check(entry, known[key], inner, found)
        elif "o" in shape:
            _check(entry, shape["o"], inner, found)
        elif not key.startswith("x-"):
            where = f" in '{path}'" if path else ""
            _add(found, inner, entry, f"unknown key '{key}'{where}{_suggestion(key, known)}")


def _suggestion(key: str, known: dict[str, _Shape]) -> str:
    import difflib  # costs a millisecond; needed only when something is wrong

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def _allows(scalar: Scalar, shape: _Shape) -> bool:
    if scalar.unknown is not None or scalar.decided or "$" in scalar.node.value:
        return "t" in shape
    if "e" in shape:
        return scalar.text in shape["e"]
    letters: str = shape.get("t", "")
    return _letter(scalar) in letters or (_letter(scalar) == "i" and "n" in letters)


def _letter(scalar: Scalar) -> str:
    if scalar.style == "null":
        return "z"
    if scalar.style == "text":
        return "s"
    if read_bool(scalar.node, yaml_1_1=False) is not None:
        return "b"
    if read_int(scalar.node) is not None:
        return "i"
    return "n" if _is_float(scalar.text) else "s"


def _is_float(text: str) -> bool:
    if text.lower() in (".inf", "+.inf", "-.inf", ".nan"):
        return True
    if not text[:1] or text[0] not in "+-.0123456789" or "_" in text:
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True


def _wanted(shape: _Shape) -> str:
    kinds: list[str] = []
    if "e" in shape:
        kinds.append("one of " + ", ".join(f"'{each}'" for each in shape["e"]))
    else:
        kinds += [_KINDS[letter] for letter in shape.get("t", "") if letter != "z"]
    kinds += [word for letter, word in (("l", "a list"), ("m", "a mapping")) if letter in shape]
    return " or ".join(kinds) or "nothing"


def _kind(value: Value) -> str:
    match value:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar():
            kind = _KINDS[_letter(value)]
            # Text may be a secret in the wrong place; numbers and booleans are none.
            return kind if kind in ("text", "nothing") else f"{kind} '{value.text}'"


def _last(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0]


def _add(found: list[SchemaError], path: str, entry: Entry, message: str) -> None:
    found.append(SchemaError(path, Located(message, entry.place, entry.source)))
