"""The functions of Bake that are cheap and sure (buildx, bake/hclparser/stdlib.go)."""

from __future__ import annotations

import base64
import hashlib
import math
import operator
import posixpath
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from scanner.model.source import Unknown

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | Unknown | None"
"""What an expression comes to; a collection may hold Unknown values."""

LONGEST = 64 * 1024
"""Texts and collections that grow over this are not followed."""

TOO_LONG = Unknown("its value is too long")

_LARGEST = 10**18
"""A number from here on, which Bake would calculate exactly, is not followed."""


class NotDecided(Exception):
    """A function was called with what it does not take."""


def call(name: str, arguments: Sequence[Value]) -> Value:
    """Return the result of a function; Unknown where it is not known here, was called wrongly,
    or has an argument that is unknown."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return Unknown(f"the function '{name}' is not evaluated")
    unknown = next((one for one in arguments if isinstance(one, Unknown)), None) or _unknown_in(arguments)
    if unknown is not None:
        return unknown
    try:
        return _bounded(function(*arguments))
    except (NotDecided, TypeError, ValueError, ArithmeticError, LookupError):
        return Unknown(f"the function '{name}' cannot be evaluated for these arguments")


def as_text(value: Value) -> str:
    """Return a value as HCL puts it into a text. Raises NotDecided for what is no text there."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    raise NotDecided


def as_number(value: Value) -> int | float:
    """Return a number, or the number that a text holds. Raises NotDecided."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotDecided
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,18}(?:\.\d{1,18})?", value):
            raise NotDecided
        return float(value) if "." in value else int(value)
    return value


def as_truth(value: Value) -> bool:
    """Return a boolean, or the one that a text holds. Raises NotDecided."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise NotDecided


def is_equal(left: Value, right: Value) -> bool:
    """Whether two plain values are the same. Raises NotDecided for collections."""
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        raise NotDecided
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _unknown_in(values: Sequence[Value]) -> Unknown | None:
    for value in values:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        found = next((one for one in inner if isinstance(one, Unknown)), None)
        if found is not None:
            return found
    return None


def _bounded(value: Value) -> Value:
    if isinstance(value, int | float) and not abs(value) < _LARGEST:
        raise NotDecided
    is_long = isinstance(value, str | list | dict) and not isinstance(value, Unknown) and len(value) > LONGEST
    return TOO_LONG if is_long else value


def _items(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise NotDecided
    return value


def _map(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise NotDecided
    return value


def _texts(value: Value) -> list[str]:
    return [as_text(item) for item in _items(value)]


def _on_numbers(function: Callable[..., int | float | bool]) -> Callable[..., Value]:
    return lambda *values: function(*map(as_number, values))


def _on_texts(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *values: function(*map(as_text, values))


def _replace(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/") and len(old) > 1:
        raise NotDecided
    if text.count(old) * max(len(new), 1) > LONGEST:
        raise NotDecided
    return text.replace(old, new)


def _format(form: Value, *values: Value) -> str:
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        value = rest.pop(0)
        return str(int(as_number(value))) if found.group() == "%d" else as_text(value)

    text = as_text(form)
    if re.search(r"%(?![%svd])", text.replace("%%", "")):
        raise NotDecided
    made = re.sub(r"%[%svd]", one, text)
    if rest:
        raise NotDecided
    return made


def _coalesce(*values: Value) -> Value:
    return next(value for value in values if value is not None)


def _merge(*values: Value) -> Value:
    return {key: item for value in values if value is not None for key, item in _map(value).items()}


def _concat(*values: Value) -> Value:
    return [item for value in values for item in _items(value)]


def _distinct(value: Value) -> Value:
    found: list[Value] = []
    for item in _items(value)[:1000]:
        if not any(is_equal(item, other) for other in found):
            found.append(item)
    return found


def _flatten(value: Value) -> Value:
    if any(isinstance(inner, list) for item in _items(value) if isinstance(item, list) for inner in item):
        raise NotDecided
    return [inner for item in _items(value) for inner in (item if isinstance(item, list) else [item])]


def _lookup(value: Value, key: Value, *default: Value) -> Value:
    found = _map(value)
    return found[as_text(key)] if as_text(key) in found or not default else default[0]


def _element(value: Value, index: Value) -> Value:
    return _items(value)[int(as_number(index)) % len(_items(value))]


def _divide(left: int | float, right: int | float) -> int | float:
    made = left / right
    return int(made) if made.is_integer() else made


def _substr(text: Value, start: Value, length: Value) -> str:
    begin, count = int(as_number(start)), int(as_number(length))
    if begin < 0:
        raise NotDecided
    return as_text(text)[begin : None if count < 0 else begin + count]


def _length(value: Value) -> int:
    if not isinstance(value, list | dict):
        raise NotDecided
    return len(value)


def _title(text: str) -> str:
    return re.sub(r"(?<![^\s])\S", lambda found: found.group().upper(), text)


def _dirname(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path) or ".")


def _basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def _sorted_texts(value: Value) -> Value:
    return [*sorted(_texts(value))]


def _keys(value: Value) -> Value:
    return [*sorted(_map(value))]


def _compact(value: Value) -> Value:
    return [text for text in _texts(value) if text]


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "add": _on_numbers(operator.add),
    "and": lambda left, right: as_truth(left) and as_truth(right),
    "base64encode": _on_texts(lambda text: base64.b64encode(text.encode()).decode()),
    "basename": _on_texts(_basename),
    "ceil": _on_numbers(math.ceil),
    "chomp": _on_texts(lambda text: text.rstrip("\r\n")),
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": lambda value, wanted: any(is_equal(item, wanted) for item in _items(value)),
    "dirname": _on_texts(_dirname),
    "distinct": _distinct,
    "divide": _on_numbers(_divide),
    "element": _element,
    "equal": is_equal,
    "flatten": _flatten,
    "floor": _on_numbers(math.floor),
    "format": _format,
    "greaterthan": _on_numbers(operator.gt),
    "greaterthanorequalto": _on_numbers(operator.ge),
    "join": lambda by, *values: as_text(by).join(text for value in values for text in _texts(value)),
    "keys": _keys,
    "length": _length,
    "lessthan": _on_numbers(operator.lt),
    "lessthanorequalto": _on_numbers(operator.le),
    "lookup": _lookup,
    "lower": _on_texts(str.lower),
    "max": _on_numbers(max),
    "md5": _on_texts(lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()),
    "merge": _merge,
    "min": _on_numbers(min),
    "modulo": _on_numbers(math.fmod),
    "multiply": _on_numbers(operator.mul),
    "negate": _on_numbers(operator.neg),
    "not": lambda value: not as_truth(value),
    "notequal": lambda left, right: not is_equal(left, right),
    "or": lambda left, right: as_truth(left) or as_truth(right),
    "replace": _on_texts(_replace),
    "reverse": _on_texts(lambda text: text[::-1]),
    "reverselist": lambda value: _items(value)[::-1],
    "sanitize": _on_texts(lambda text: re.sub(r"[^a-zA-Z0-9_-]", "_", text)),
    "sha1": _on_texts(lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()),
    "sha256": _on_texts(lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "slice": lambda value, start, end: _items(value)[int(as_number(start)) : int(as_number(end))],
    "sort": _sorted_texts,
    "split": lambda by, text: list(as_text(text).split(as_text(by)) if as_text(by) else as_text(text)),
    "strlen": _on_texts(len),
    "substr": _substr,
    "subtract": _on_numbers(operator.sub),
    "title": _on_texts(_title),
    "trim": _on_texts(str.strip),
    "trimprefix": _on_texts(str.removeprefix),
    "trimspace": lambda text: as_text(text).strip(),
    "trimsuffix": _on_texts(str.removesuffix),
    "upper": _on_texts(str.upper),
    "values": lambda value: [_map(value)[key] for key in sorted(_map(value))],
}
