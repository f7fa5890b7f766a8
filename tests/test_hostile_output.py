"""No output shows a secret or obeys what is scanned, wherever it stands in a project."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from scanner.cli.explanations import Telling
from scanner.engine.explaining import Explainer
from scanner.pipeline import Settings, catalog_of, whole_graph
from scanner.secrets.concealing import Concealing
from tests.hostile_trees import WEAPONS, armed, secrets_everywhere
from tests.support import hullcheck, write_tree

SCANS = [
    ("scan", "--profile", "all", "-v", "--format", form)
    for form in ("console", "json", "sarif", "markdown", "github", "junit", "gitlab")
]
GRAPHS = [("graph", "--detail", "--format", form) for form in ("json", "mermaid", "dot")]
COMMANDS = [*SCANS, *GRAPHS, ("graph", "--html", "page.html")]
LINES = {"console", "github", "mermaid", "dot"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("secrets"), secrets_everywhere().files)


def shown(command: tuple[str, ...], root: Path, page: Path) -> str:
    """What a command writes, to wherever it writes."""
    words = [str(page) if word == "page.html" else word for word in command]
    ran = hullcheck(*words, str(root))
    assert ran.code in (0, 1, 2), ran.err
    assert "internal error" not in ran.err + ran.out
    return ran.out + ran.err + (page.read_text(encoding="utf-8") if str(page) in words else "")


def told_of(root: Path) -> list[str]:
    """What `explain` says of every rule and resource, as text and as JSON."""
    settings = Settings(paths=(root,))
    graph = whole_graph(settings)
    telling = Telling(Concealing(graph))
    texts = []
    for rule in catalog_of(settings).rules.values():
        explainer = Explainer(rule, graph, {})
        found = [*explainer.findings(), *explainer.others()]
        texts += [telling.data(found), *map(telling.one_line, found), *map(telling.text, found)]
    return texts


def leaks(text: str) -> list[str]:
    return [place for place, secret in secrets_everywhere().secrets.items() if secret in text]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command[0]} {command[-1]}")
def test_no_secret_is_shown_wherever_it_stands(planted: Path, tmp_path: Path, command) -> None:
    assert leaks(shown(command, planted, tmp_path / "page.html")) == []


def test_no_secret_is_explained(planted: Path) -> None:
    assert leaks("\n".join(told_of(planted))) == []


def test_every_rule_can_be_explained_for_every_resource(planted: Path) -> None:
    assert len(told_of(planted)) > 1000


@cache
def harmful() -> re.Pattern[str]:
    """What no text for people may hold: control characters, and those that reorder or hide."""
    return re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")


@pytest.mark.parametrize("weapon", WEAPONS.values(), ids=WEAPONS)
def test_no_output_obeys_a_name(tmp_path: Path, weapon: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    root = write_tree(tmp_path / "root", armed(weapon))
    for command in COMMANDS:
        text = shown(command, root, tmp_path / "page.html")
        assert harmful().search(text) is None, command
        assert "##[" not in text, command
        if command[-1] in LINES - {"github"}:
            assert re.search(r"^\s*::", text, re.MULTILINE) is None, command
        if command[-1] in ("json", "sarif", "gitlab"):
            json.loads(text)
        if command[-1] == "page.html":
            assert "<script>owned" not in text
        if command[-1] in ("mermaid", "dot"):
            assert re.search(r"^\s*(?:click|owned)\b", text, re.MULTILINE) is None
    for text in told_of(root):
        assert harmful().search(text) is None
        assert "##[" not in text
        assert re.search(r"^\s*::", text, re.MULTILINE) is None


def test_a_very_long_name_is_no_trouble(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "root", armed("x" * 100_000))
    for command in COMMANDS:
        shown(command, root, tmp_path / "page.html")
