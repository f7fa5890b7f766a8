"""The page: one file that asks nobody for anything, and that no scanned text can become part of."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import scanner.drawing
from scanner.drawing.page import as_page
from tests.drawing.trees import HOSTILE, ODD, OVERLAYS, SHOP, drawing_of, report_of
from tests.support import write_tree

ASSETS = Path(scanner.drawing.__file__).parent
VOID = {"meta", "link", "input", "br", "path"}


class Parts(HTMLParser):
    """The elements of a document, checked for closing in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data


def page_of(root: Path, files: dict[str, str]) -> str:
    write_tree(root, files)
    return as_page(drawing_of(root), report_of(root))


def data_of(page: str) -> dict:
    return json.loads(Parts(page).texts["script"][0])


@pytest.mark.parametrize("files", [SHOP, ODD, OVERLAYS, {}], ids=["shop", "odd", "overlays", "nothing"])
def test_it_is_one_well_formed_document_with_its_own_scripts_only(tmp_path, files):
    page = page_of(tmp_path, files)
    parts = Parts(page)
    assert parts.open == []
    assert [attributes for tag, attributes in parts.elements if tag == "script"] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    assert not [
        tag for tag, _ in parts.elements if tag in ("img", "iframe", "object", "embed", "base", "form")
    ]
    assert not [
        name
        for _, attributes in parts.elements
        for name in attributes
        if name.startswith("on") or name in ("style", "src")
    ]


def test_the_policy_allows_its_style_and_script_and_nothing_else(tmp_path):
    page = page_of(tmp_path, SHOP)
    parts = Parts(page)
    policy = next(
        attributes["content"]
        for tag, attributes in parts.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "img-src", "style-src", "script-src", "base-uri", "form-action"}

    def allowed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules["style-src"] == allowed(parts.texts["style"][0])
    assert rules["script-src"] == allowed(parts.texts["script"][1])
    assert "unsafe" not in policy


def test_it_refers_to_nothing_outside(tmp_path):
    page = page_of(tmp_path, SHOP)
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+\.\w+[^\s\"']*", re.sub(r"(?m)^\s*// .*$", "", page)))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # the name of SVG, which nobody fetches
    for _, attributes in Parts(page).elements:
        assert attributes.get("href") in (None, "data:,")
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(", page)


def test_scripts_never_make_markup_of_a_text():
    for path in ASSETS.glob("*.js"):
        text = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|setTimeout\(\"", text
        ), path
        assert len(text.splitlines()) <= 400, path


def test_hostile_names_stand_in_the_data_alone(tmp_path):
    page = page_of(tmp_path, ODD)
    assert HOSTILE not in page
    assert "<script>hacked" not in page
    assert "\u202e" not in page
    assert "##[" not in page
    images = [node["name"] for node in data_of(page)["nodes"] if node["kind"] == "image"]
    assert f'a"b\\c{HOSTILE}' in images
    assert "##[error]x\\u202e&lt;" in images


def test_findings_are_with_their_resources(tmp_path):
    data = data_of(page_of(tmp_path, SHOP))
    by_name = {(node["kind"], node["name"]): node for node in data["nodes"]}
    rules = {data["findings"][number]["rule"] for number in by_name["container", "web"]["findings"]}
    assert "privileged" in rules
    assert "privileged" not in {
        data["findings"][number]["rule"] for number in by_name["container", "db"]["findings"]
    }
    report = report_of(tmp_path)
    assert len(data["findings"]) + len(data["elsewhere"]) == len(report.findings)


def test_a_finding_in_every_overlay_is_with_the_resource_of_each(tmp_path):
    data = data_of(page_of(tmp_path, OVERLAYS))
    for node in data["nodes"]:
        if node["kind"] == "container":
            assert node["findings"], node["id"]


def test_input_that_could_not_be_read_is_told(tmp_path):
    assert data_of(page_of(tmp_path / "good", SHOP))["incomplete"] == 0
    bad = {**SHOP, "broken/compose.yaml": "services: [\n"}
    assert data_of(page_of(tmp_path / "bad", bad))["incomplete"] == 1


def test_it_is_the_same_twice(tmp_path):
    assert page_of(tmp_path, SHOP) == as_page(drawing_of(tmp_path), report_of(tmp_path))
