"""The environment of a Compose service: its env files, then what it says itself."""

from __future__ import annotations

from typing import Protocol

from scanner.formats.compose.dotenv import EnvText
from scanner.formats.compose.fields import FactReader, part_of
from scanner.formats.compose.interpolation import Variables
from scanner.formats.compose.ledger import Ledger
from scanner.formats.compose.paths import join
from scanner.formats.compose.tree import Entry, Mapping, Sequence
from scanner.model.resources import DecidedBy, EnvVar, Fact
from scanner.model.source import Located, Unknown


class EnvFiles(Protocol):
    """Reads env files of the project."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""

    def env_text(
        self, path: str, known: Variables, *, raw: bool, asked: Entry | None = None
    ) -> EnvText | None:
        """Return what a file says, or None where it cannot be read."""


def read_environment(
    service: Mapping, facts: FactReader, files: EnvFiles, ledger: Ledger
) -> tuple[EnvVar, ...]:
    """Return a service's variables, each once, with the places that it overrides."""
    found: dict[str, EnvVar] = {}
    for item in facts.items(service, "env_file", single=True):
        for variable in _from_file(item, facts, files, ledger):
            _put(found, variable)
    whole = service.entries.get("environment")
    for name, entry, value in facts.pairs(service, "environment", as_written=True):
        _put(found, _own(name, entry, value, repeated=_is_repeated(entry, whole)))
    return tuple(found.values())


def env_file_paths(service: Mapping, facts: FactReader) -> tuple[Located[str | Unknown], ...]:
    """Return the env files of a service, relative to the scanned root; unknown where a variable decides."""
    found: list[Located[str | Unknown]] = []
    for item in facts.items(service, "env_file", single=True):
        path: Fact[str]
        if isinstance(item.value, Mapping):
            path = facts.text(item.value, "path")
        else:
            path = facts.text_of(item, "env_file")
        if path is None or path.value == "":
            continue
        if isinstance(path.value, str):
            path = path._replace(value=join(item.source.directory, path.value))
        found.append(path)
    return tuple(found)


def read_variables(mapping: Mapping, key: str, facts: FactReader) -> tuple[EnvVar, ...]:
    """Return the variables of a mapping or list without env files (build arguments)."""
    return tuple(_own(name, entry, value) for name, entry, value in facts.pairs(mapping, key))


def _is_repeated(item: Entry, whole: Entry | None) -> bool:
    """Whether what an item overrides stands in the same list, and not in a file or service below it."""
    if whole is None or not item.overridden or not isinstance(whole.value, Sequence):
        return False
    path, span = whole.source.extent(whole.place)
    return any(
        lost.source.path == path and span.line <= lost.location.span.line <= span.end_line
        for lost in item.overridden
    )


def _own(name: str, entry: Entry, value: str | Unknown | None, *, repeated: bool = False) -> EnvVar:
    place = Located(name, entry.place, entry.source, entry.overridden)
    if value is not None:
        return EnvVar(place, part_of(entry, value), repeated=repeated)
    # A bare name takes the value of the project's own variables (`.env`), else the caller's.
    variable = entry.source.variables.get(name)
    if variable is None or variable.source is None:
        return EnvVar(place, None, "inherited", repeated)
    decided = Located[object](DecidedBy(name), variable.place, variable.source)
    return EnvVar(
        place,
        Located(variable.value, entry.place, entry.source, (*entry.overridden, decided)),
        "file",
        repeated,
    )


def _put(found: dict[str, EnvVar], variable: EnvVar) -> None:
    below = found.get(variable.name.value)
    if below is not None:
        lost: tuple[Located[object], ...] = (below.value or below.name, *below.name.overridden)
        name = variable.name._replace(overridden=variable.name.overridden + lost)
        value = variable.value
        if value is not None:
            value = value._replace(overridden=value.overridden + lost)
        variable = EnvVar(name, value, variable.origin, variable.repeated)
    found[variable.name.value] = variable


def _from_file(item: Entry, facts: FactReader, files: EnvFiles, ledger: Ledger) -> list[EnvVar]:
    required = raw = False
    path: Fact[str]
    if isinstance(item.value, Mapping):
        path = facts.text(item.value, "path")
        wanted = facts.boolean(item.value, "required")
        required = wanted is None or wanted.value is not False
        form = facts.text(item.value, "format")
        raw = form is not None and form.value == "raw"
    else:
        path = facts.text_of(item, "env_file")
        required = True
    if path is None:
        facts.complain(item, "the env file has no 'path'")
        return []
    if isinstance(path.value, Unknown) or path.value == "":
        return []
    name = join(item.source.directory, path.value)
    if not files.exists(name):
        if required:
            ledger.gap(item, f"the env file '{path.value}' is not there, so its variables are not known")
        return []
    text = files.env_text(name, item.source.variables, raw=raw, asked=item)
    return [] if text is None else read_env_text(text, facts)


def read_env_text(text: EnvText, facts: FactReader) -> list[EnvVar]:
    """Return the variables of an env file at their places in it."""
    variables: list[EnvVar] = []
    for entry in text.entries:
        name = Located(entry.name, entry.span, text.source)
        if entry.value is None:
            variables.append(EnvVar(name, None, "inherited"))
            continue
        value: str | Unknown = entry.value.text
        if entry.value.unknown is not None:
            value = facts.unknown(entry.value.unknown)
        variables.append(EnvVar(name, Located(value, entry.span, text.source, entry.value.decided), "file"))
    return variables
