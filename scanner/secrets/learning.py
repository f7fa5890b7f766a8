"""Which values of what a scan has read are secrets: the source of its registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from scanner.model.resources import EnvVar, UnitResources
from scanner.model.source import Located, Unknown
from scanner.secrets.command_lines import listed_option, program_options
from scanner.secrets.distinctive import SHORTEST, is_distinctive
from scanner.secrets.values import LiteralKind, decoded_base64, literal_kind
from scanner.secrets.verdicts import mask_spans

_LONGEST_LINE = 1_000


class Learning:
    """Collects the values of secrets while a scan reads; in no order."""

    def __init__(self) -> None:
        self._values: dict[str, None] = {}

    @property
    def values(self) -> tuple[str, ...]:
        """All values, sorted."""
        return tuple(sorted(self._values))

    def learn(self, name: str, value: object) -> None:
        """Take in what is secret of the value of a setting with some name (empty for none)."""
        if isinstance(value, str) and len(value) >= SHORTEST:
            self._values.update(dict.fromkeys(secret_parts(name, value)))

    def learn_found(self, name: str, fact: Located[object]) -> None:
        """Take in a fact, and those that it overrode, of which a rule says that it holds a secret."""
        for one in (fact, *fact.overridden):
            value = one.value
            if isinstance(value, str) and len(value) >= SHORTEST and value != name:
                parts = secret_parts(name, value) or _whole(value)
                self._values.update(dict.fromkeys(parts))

    def learn_unit(self, unit: UnitResources, *, every: bool = True) -> None:
        """Take in the secrets of a unit; without `every`, variables of its containers are left out, which
        no other field of a plain manifest is filled in from."""
        for variable in _variables(unit, every=every):
            if variable.value is not None:
                self.learn(variable.name.value, variable.value.value)
        for name, value in unit.private:
            self.learn(name, value)
        for stored in unit.stored:
            for fact in (stored.content, stored.file_text):
                if fact is not None:
                    self._learn_kept(stored.name.value, fact.value, is_secret=stored.kind == "secret")
        for chart in unit.charts:
            for shipped in chart.shipped_values:
                if shipped.value is not None:
                    self.learn(shipped.name.value, shipped.value.value)
        for secret in unit.cluster.secrets:
            self._learn_entries(secret.entries, is_secret=True)
        for config in unit.cluster.config_maps:
            self._learn_entries(config.entries, is_secret=False)

    def _learn_entries(self, entries: Iterable[EnvVar], *, is_secret: bool) -> None:
        for entry in entries:
            value = None if entry.value is None else entry.value.value
            if not isinstance(value, str):
                continue
            decoded = decoded_base64(value) if entry.origin == "base64" else None
            if decoded is not None:
                self._learn_kept(entry.name.value, decoded, is_secret=is_secret)
            if entry.origin != "base64" or decoded is None:
                self._learn_kept(entry.name.value, value, is_secret=is_secret)

    def _learn_kept(self, name: str, value: str | Unknown, *, is_secret: bool) -> None:
        """Take in what is kept under a name, in an object that says of itself whether it is for secrets."""
        if isinstance(value, Unknown):
            return
        self.learn(name, value)
        if is_secret and _opens_something(value):
            self._values[value.strip()] = None


@lru_cache(maxsize=1 << 12)
def secret_parts(name: str, value: str) -> tuple[str, ...]:
    """Return the parts of a setting's value that are secrets, judged by its name and by itself."""
    parts = [value[begin:end] for begin, end in mask_spans(name, value)]
    for line in value.splitlines():
        if len(line) <= _LONGEST_LINE:
            parts += [line[begin:end] for begin, end in (*program_options(line), *listed_option(line))]
    return tuple(part.strip("\"'") for part in parts)


def _whole(value: str) -> tuple[str, ...]:
    """Return a value that is of one piece; in one of several, what is no secret would be hidden with it."""
    return () if any(map(str.isspace, value.strip())) else (value.strip(),)


def _opens_something(value: str) -> bool:
    """Whether a value that stands in an object for secrets is one: no user's name, host or file."""
    text = value.strip()
    return (
        is_distinctive(text)
        and not any(map(str.isspace, text))
        and literal_kind(text) in (LiteralKind.LITERAL, LiteralKind.HASH)
        and not _host().fullmatch(text)
    )


@cache
def _host() -> re.Pattern[str]:
    return re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10}")


def _variables(unit: UnitResources, *, every: bool) -> Iterator[EnvVar]:
    for file in unit.env_files:
        yield from file.variables
    for build in unit.builds:
        yield from build.args
    for dockerfile in unit.dockerfiles:
        yield from dockerfile.args
        for stage in dockerfile.stages:
            yield from stage.args
            yield from stage.env
    for workload in unit.workloads if every else ():
        for container in workload.containers:
            yield from container.env
            if container.build_spec is not None:
                yield from container.build_spec.args
