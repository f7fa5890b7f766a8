"""Charts in memory, and Helm's engine where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator

import pytest

from scanner.errors import InputError
from scanner.formats.base import Reading
from scanner.formats.helm.engine import Engine, engine_for
from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.settings import HelmSettings

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


class MemoryFiles:
    """A scanned tree in memory; bytes stand for files that are no text."""

    def __init__(self, files: dict[str, str | bytes], unlisted: frozenset[str] = frozenset()) -> None:
        self.files = files
        self.unlisted = unlisted

    def text(self, path: str) -> str:
        content = self.files.get(path)
        if content is None:
            raise InputError("no such file", path=path)
        if isinstance(content, bytes):
            raise InputError("the file is binary", path=path)
        return content

    def bytes(self, path: str) -> bytes:
        content = self.files[path]
        return content.encode() if isinstance(content, str) else content

    def exists(self, path: str) -> bool:
        return path in self.files

    def listing(self, folder: str) -> tuple[str, ...]:
        prefix = folder + "/" if folder else ""
        return tuple(
            sorted(path for path in self.files if path.startswith(prefix) and path not in self.unlisted)
        )


@pytest.fixture
def tree() -> type[MemoryFiles]:
    """Makes a scanned tree of a mapping."""
    return MemoryFiles


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Helm's engine in its helper process."""
    if importlib.util.find_spec("helm_python") is None:
        pytest.skip("needs the extra [helm]: pip install -e '.[test]'")
    settings = HelmSettings()
    found = engine_for("library", settings.memory_limit)
    assert found is not None
    yield found
    found.close()


ReadChart = Callable[..., Reading]


@pytest.fixture
def read(engine: Engine) -> ReadChart:
    """Reads a chart in memory that stands at `web/`; Chart.yaml is there unless given."""

    def read(files: dict[str, str | bytes], settings: HelmSettings | None = None) -> Reading:
        whole = {"web/Chart.yaml": CHART, **{f"web/{path}": content for path, content in files.items()}}
        return next(read_chart("web", MemoryFiles(whole), settings))

    return read
