"""Reading typed facts out of a service's tree, with the casts that compose-go makes."""

from __future__ import annotations

from typing import TypeVar

from scanner.formats.compose.interpolation import HOLE
from scanner.formats.compose.shorthand import has_hole
from scanner.formats.compose.tree import EMPTY, Entry, Mapping, Scalar, Sequence
from scanner.model.report import Diagnostic
from scanner.model.resources import Fact
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import read_bool, read_int

T = TypeVar("T")

_TRUE = frozenset(("y", "yes", "on"))
_FALSE = frozenset(("n", "no", "off"))


class FactReader:
    """Reads fields of a project's services.

    A field that is missing or null is absent (None). A field of the wrong type is a
    diagnostic and becomes Unknown; `certain` turns false with the first Unknown.
    """

    __slots__ = ("certain", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.certain = True

    def boolean(self, mapping: Mapping, key: str) -> Fact[bool]:
        """A boolean, or a text that compose-go takes for one."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return None
        scalar = entry.value
        if not isinstance(scalar, Scalar):
            return self.mistyped(entry, key, "a boolean", "write true or false")
        if scalar.unknown is not None:
            return self.undecided(entry, scalar.unknown)
        value = read_bool(scalar.node, yaml_1_1=False) if scalar.style == "plain" else None
        if value is None and (scalar.style == "text" or read_int(scalar.node) is None):
            value = self._cast_boolean(entry, scalar.text, key)
        if value is None:
            return self.mistyped(entry, key, "a boolean", "write true or false")
        return part_of(entry, value)

    def _cast_boolean(self, entry: Entry, text: str, key: str) -> bool | None:
        lower = text.lower()
        if lower in ("true", "false"):
            return lower == "true"
        if lower in _TRUE or lower in _FALSE:
            value = lower in _TRUE
            wanted = "true" if value else "false"
            self.warn(entry, f"'{text}' is no boolean of YAML 1.2 for '{key}'; write {wanted}")
            return value
        return None

    def integer(self, mapping: Mapping, key: str) -> Fact[int]:
        """A whole number, or a text of one."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return None
        scalar = entry.value
        if not isinstance(scalar, Scalar):
            return self.mistyped(entry, key, "a whole number")
        if scalar.unknown is not None:
            return self.undecided(entry, scalar.unknown)
        value = read_int(scalar.node) if scalar.style == "plain" else whole_number(scalar.text)
        if value is None:
            return self.mistyped(entry, key, "a whole number")
        return part_of(entry, value)

    def text(self, mapping: Mapping, key: str) -> Fact[str]:
        """A text, or a number or boolean as it is written."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return None
        return self.text_of(entry, key)

    def text_of(self, entry: Entry, key: str) -> Fact[str]:
        """The text of an entry or item; `key` names it in messages."""
        scalar = entry.value
        if not isinstance(scalar, Scalar):
            return self.mistyped(entry, key, "text")
        if scalar.unknown is not None:
            return self.undecided(entry, scalar.unknown)
        return part_of(entry, scalar.text)

    def texts(self, mapping: Mapping, key: str) -> Fact[tuple[str, ...]]:
        """A list of texts; one item that is not decided leaves the whole list so."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return None
        found: list[str] = []
        for item in self.items(mapping, key, single=True):
            text = self.text_of(item, key)
            if text is None:
                continue
            if isinstance(text.value, Unknown):
                return self.undecided(entry, text.value.reason)
            found.append(text.value)
        return part_of(entry, tuple(found))

    def mapping(self, mapping: Mapping, key: str) -> Mapping:
        """The entries of a mapping; empty when it is absent or mistyped."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return EMPTY
        if isinstance(entry.value, Mapping):
            return entry.value
        self.mistyped(entry, key, "a mapping")
        return EMPTY

    def items(self, mapping: Mapping, key: str, *, single: bool = False) -> tuple[Entry, ...]:
        """The items of a list; `single` allows one value without a list."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return ()
        if isinstance(entry.value, Sequence):
            return entry.value.items
        if single and isinstance(entry.value, Scalar):
            return (entry,)
        self.mistyped(entry, key, "a list")
        return ()

    def pairs(
        self, mapping: Mapping, key: str, *, as_written: bool = False
    ) -> list[tuple[str, Entry, str | Unknown | None]]:
        """A mapping, or a list of `name=value`, as names with their entry and value.

        The value is None where there is none, and Unknown where it is not decided;
        `as_written` gives one that is nothing but undecided variables as its own text.
        """
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return []
        match entry.value:
            case Sequence():
                found = [self._split_pair(item, key, as_written) for item in entry.value.items]
                return [pair for pair in found if pair is not None]
            case Mapping():
                return [
                    (name, inner, self._pair_value(inner, name, as_written))
                    for name, inner in entry.value.entries.items()
                ]
            case _:
                self.mistyped(entry, key, "a mapping or a list")
                return []

    def _split_pair(
        self, item: Entry, key: str, as_written: bool
    ) -> tuple[str, Entry, str | Unknown | None] | None:
        scalar = item.value
        if not isinstance(scalar, Scalar):
            self.mistyped(item, key, "text as item", "write NAME=value")
            return None
        name, equals, value = scalar.text.partition("=")
        if scalar.unknown is None:
            return name, item, value if equals else None
        if not equals or has_hole(name):
            self.undecided(item, scalar.unknown)
            return None
        if not has_hole(value):
            return name, item, value
        reference = _reference(scalar, value) if as_written else None
        return name, item, reference or self.unknown(scalar.unknown)

    def _pair_value(self, entry: Entry, name: str, as_written: bool) -> str | Unknown | None:
        scalar = entry.value
        if not isinstance(scalar, Scalar):
            mistyped = self.mistyped(entry, name, "text")
            return mistyped.value
        if scalar.style == "null":
            return None
        if scalar.unknown is None:
            return scalar.text
        reference = _reference(scalar, scalar.text) if as_written else None
        return reference or self.unknown(scalar.unknown)

    def presence(self, mapping: Mapping, key: str) -> Located[str | Unknown] | None:
        """That a field is there at all; the value is its key."""
        entry = mapping.entries.get(key)
        if entry is None or is_absent(entry):
            return None
        return Located(key, entry.place, entry.source, entry.overridden)

    def unknown(self, reason: str) -> Unknown:
        """Note that a fact is not decided."""
        self.certain = False
        return Unknown(reason)

    def undecided(self, entry: Entry, reason: str) -> Located[Unknown]:
        """A fact at an entry that is not decided."""
        self.certain = False
        scalar = entry.value
        decided = scalar.decided if isinstance(scalar, Scalar) else ()
        return Located(Unknown(reason), entry.place, entry.source, entry.overridden + decided)

    def mistyped(self, entry: Entry, key: str, wanted: str, hint: str | None = None) -> Located[Unknown]:
        """Report an entry of the wrong type; its fact is not decided."""
        message = f"expected {wanted} for '{key}', found {describe(entry)}"
        self.complain(entry, f"{message}; {hint}" if hint else message)
        return self.undecided(entry, message)

    def complain(self, entry: Entry, message: str) -> None:
        """Report a place whose content cannot be read."""
        self._report(entry, "error", message)

    def warn(self, entry: Entry, message: str) -> None:
        """Report a place that is read all the same, though hardly as its author means."""
        self._report(entry, "warning", message)

    def _report(self, entry: Entry, severity: str, message: str) -> None:
        location = entry.source.locate(entry.place)
        self.diagnostics.append(
            Diagnostic(location.path, location.span.line, location.span.column, severity, message)
        )


def _reference(scalar: Scalar, value: str) -> str | None:
    """The text as written of a value that is nothing but variables without a value, else None."""
    if value.strip(HOLE) or not (scalar.unknown or "").startswith("the variable"):
        return None
    written: str = scalar.node.value
    name, equals, rest = written.partition("=")
    return rest if equals and "$" not in name else written


def part_of(entry: Entry, value: T) -> Located[T]:
    """A value that an entry's text gives, with all that decided it."""
    scalar = entry.value
    decided = scalar.decided if isinstance(scalar, Scalar) else ()
    return Located(value, entry.place, entry.source, entry.overridden + decided)


def with_value(fact: Located[object], value: T) -> Located[T]:
    """Another value that stands where a fact stands and was decided by the same."""
    return Located(value, fact.place, fact.source, fact.overridden)


def is_absent(entry: Entry) -> bool:
    """Whether an entry says nothing."""
    return isinstance(entry.value, Scalar) and entry.value.style == "null"


def describe(entry: Entry) -> str:
    """Say in words what stands at an entry, for messages; long text is cut."""
    value = entry.value
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence):
        return "a list"
    if value.style == "null":
        return "nothing"
    # Not the text after interpolation: a variable's value may be a secret.
    written: str = value.node.value
    text = written if len(written) <= 40 else written[:40] + "..."
    plain = value.style == "plain" and (read_int(value.node) is not None or _is_boolean(value))
    return f"'{text}'" if plain else f"the text '{text}'"


def _is_boolean(scalar: Scalar) -> bool:
    return read_bool(scalar.node, yaml_1_1=False) is not None


def whole_number(text: str) -> int | None:
    """A decimal number with or without a sign, as Go's `Atoi` takes it."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 18:
        return None
    return int(text)
