"""Small Compose projects that stand in memory, for the tests of the format."""

from __future__ import annotations

from scanner.errors import InputError
from scanner.formats.base import Reading
from scanner.formats.compose.projects import ComposeUnit, group_projects
from scanner.formats.compose.reader import read_compose
from scanner.model.resources import Container, DecidedBy, Workload
from scanner.model.source import Located


class TextFiles:
    """A scanned tree of texts by path."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def text(self, path: str) -> str:
        if path not in self.texts:
            raise InputError("there is no such file")
        return self.texts[path]

    def exists(self, path: str) -> bool:
        return path in self.texts

    def listing(self, folder: str) -> tuple[str, ...]:
        start = folder + "/" if folder else ""
        return tuple(sorted(path for path in self.texts if path.startswith(start)))


def read(text: str, **others: str) -> Reading:
    """Read `compose.yaml`; `others` are env files by the name before `.env` (`env` is `.env` itself)."""
    texts = {"compose.yaml": text}
    for name, other in others.items():
        texts["." + name if name == "env" else f"{name}.env"] = other
    (unit,) = group_projects(["compose.yaml"], TextFiles(texts))
    return read_compose(unit, TextFiles(texts))


def read_files(texts: dict[str, str], *names: str, directory: str = "") -> Reading:
    """Read a project of files in order, with `.env` beside them if there is one."""
    files = TextFiles(texts)
    env = f"{directory}/.env" if directory else ".env"
    unit = ComposeUnit(directory, names, env_files=(env,) if env in texts else ())
    return read_compose(unit, files)


def workload(reading: Reading, name: str = "web") -> Workload:
    assert reading.resources is not None
    return next(each for each in reading.resources.workloads if each.name.value == name)


def container(reading: Reading, name: str = "web") -> Container:
    return workload(reading, name).containers[0]


def service(body: str, **others: str) -> Container:
    """The container of one service `web`, whose body is given without indentation."""
    return container(read(in_service(body), **others))


def in_service(body: str) -> str:
    return "services:\n  web:\n    image: app:1\n" + "".join(f"    {line}\n" for line in body.splitlines())


def value(fact: Located[object] | None) -> object:
    return None if fact is None else fact.value


def place(fact: Located[object] | None) -> str:
    assert fact is not None
    location = fact.location
    return f"{location.path}:{location.span.line}:{location.span.column}"


def lost(fact: Located[object] | None) -> list[str]:
    """Where the values stand that a fact overrode."""
    assert fact is not None
    return [place(each) for each in fact.overridden if not isinstance(each.value, DecidedBy)]


def decided(fact: Located[object] | None) -> list[tuple[str, str]]:
    """The variables that decided a fact, with the place of their definition."""
    assert fact is not None
    return [
        (each.value.variable, place(each)) for each in fact.overridden if isinstance(each.value, DecidedBy)
    ]


def messages(reading: Reading) -> list[str]:
    return [
        f"{each.path}:{each.line}:{each.column}: {each.severity}: {each.message}"
        for each in reading.diagnostics
    ]


def statuses(reading: Reading) -> dict[str, str]:
    return {line.path: line.status.value for line in reading.coverage}
