"""The graph for other programs: JSON as its schema says, Mermaid and DOT that names cannot break."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import scanner.drawing
from scanner.drawing.drawing import Drawing, Edge, Node
from scanner.drawing.narrowing import outline
from scanner.drawing.texts import as_dot, as_json, as_mermaid, printable
from tests.drawing.trees import HOSTILE, ODD, OVERLAYS, SHOP, drawing_of
from tests.support import write_tree

SCHEMA = json.loads((Path(scanner.drawing.__file__).parent / "graph.schema.json").read_text())


def checked(drawing: Drawing) -> dict:
    document = json.loads(as_json(drawing))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    return document


def test_the_schema_is_a_schema_and_finds_a_wrong_document(tmp_path):
    Draft202012Validator.check_schema(SCHEMA)
    document = checked(drawing_of(write_tree(tmp_path, SHOP)))
    document["resources"][0]["line"] = 0
    document["relations"][0]["sure"] = "yes"
    del document["relations"][1]["target"]
    assert len(list(Draft202012Validator(SCHEMA).iter_errors(document))) == 3


@pytest.mark.parametrize("files", [SHOP, ODD, OVERLAYS, {}], ids=["shop", "odd", "overlays", "nothing"])
def test_the_document_keeps_to_the_schema_and_is_the_same_twice(tmp_path, files):
    write_tree(tmp_path, files)
    document = checked(drawing_of(tmp_path))
    assert as_json(drawing_of(tmp_path)) == as_json(drawing_of(tmp_path))
    ids = [resource["id"] for resource in document["resources"]]
    assert len(set(ids)) == len(ids)
    assert {
        end for relation in document["relations"] for end in (relation["source"], relation["target"])
    } <= set(ids)


def test_a_resource_tells_its_place_and_what_was_decided_with_the_steps(tmp_path):
    document = checked(drawing_of(write_tree(tmp_path, SHOP)))
    by_id = {resource["id"]: resource for resource in document["resources"]}
    container = by_id["container:web/web@compose.yaml"]
    assert (container["path"], container["line"], container["part_of"]) == (
        "compose.yaml",
        2,
        "service:web@compose.yaml",
    )
    root = container["facts"]["root"]
    assert (root["value"], root["path"], root["line"]) == (True, "web/Dockerfile", 2)
    assert root["steps"]
    relation = next(one for one in document["relations"] if one["kind"] == "built-from")
    assert (relation["path"], relation["line"], relation["sure"]) == ("compose.yaml", 3, True)
    assert by_id[relation["target"]]["path"] == "web/Dockerfile"


def test_environments_have_resources_of_their_own(tmp_path):
    document = checked(drawing_of(write_tree(tmp_path, OVERLAYS)))
    names = {(one["environment"], one["name"]) for one in document["resources"] if one["kind"] == "workload"}
    assert {("prod", "prod-api"), ("dev", "dev-api")} <= names


def test_a_credential_that_is_filled_into_an_image_is_masked(tmp_path):
    write_tree(
        tmp_path,
        {
            ".env": "DB_PASSWORD=hunter2-Zq81xkPw\n",
            "compose.yaml": "services:\n  db:\n    image: registry.example/${DB_PASSWORD}:1\n    environment: {DB_PASSWORD: '${DB_PASSWORD}'}\n",
        },
    )
    assert "hunter2" not in as_json(drawing_of(tmp_path))
    from tests.support import hullcheck

    ran = hullcheck("graph", str(tmp_path))
    assert ran.code == 0
    assert "hunter2" not in ran.out


def hostile_drawing() -> Drawing:
    names = [
        HOSTILE,
        'a"b',
        "a\\",
        "x]]y)}",
        "line\nbreak",
        "\u202egnp",
        "##[error]",
        "&amp;",
        "#35;",
        "é漢",
        "end",
        "%% x",
    ]
    nodes = tuple(
        Node(
            f"service:{name}",
            "workload",
            name,
            "a.yaml",
            1,
            None,
            'e"\\nv' if number % 2 else "default",
            f"service {name}",
        )
        for number, name in enumerate(names)
    )
    edges = tuple(Edge(one.id, "depends-on", other.id) for one, other in pairwise(nodes))
    return Drawing(nodes, edges)


def test_no_name_gets_out_of_its_quotes_in_mermaid():
    text = as_mermaid(hostile_drawing())
    label = r'"[^"<>&\\\[\]{}()`\n]*"'
    for line in text.splitlines()[1:]:
        assert re.fullmatch(
            rf"  (subgraph e\d+\[{label}\]|end|n\d+\[\[{label}\]\]|n\d+ -->\|{label}\| n\d+)", line
        ), line
    assert "##[" not in text
    assert "\u202e" not in text


def test_no_name_gets_out_of_its_quotes_in_dot():
    text = as_dot(hostile_drawing())
    string = r'"(?:[^"\\]|\\.)*"(?: \+ "(?:[^"\\]|\\.)*")*'
    for line in text.splitlines()[4:-1]:
        node = rf"{string} \[label={string}, shape=\w+\];"
        edge = rf"{string} -> {string} \[label={string}(, style=dashed)?\];"
        assert re.fullmatch(rf"  ({node}|{edge}|subgraph cluster_\d+ \{{ label={string};|\}})", line), line
    assert "##[" not in text
    assert "\u202e" not in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_back_every_label():
    drawing = hostile_drawing()
    done = subprocess.run(["dot", "-Tjson"], input=as_dot(drawing), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    objects = [one for one in json.loads(done.stdout)["objects"] if "shape" in one]
    assert len(objects) == len(drawing.nodes)


def test_the_outline_draws_parts_as_their_whole_and_one_line_between_two(tmp_path):
    drawing = outline(drawing_of(write_tree(tmp_path, SHOP)))
    assert {node.kind for node in drawing.nodes} == {"workload", "dockerfile", "service", "zone"}
    assert [edge.kind for edge in drawing.edges if edge.target.startswith("dockerfile:")] == ["built-from"]
    pairs = [(edge.source, edge.target) for edge in drawing.edges]
    assert len(set(pairs)) == len(pairs)


def test_the_same_characters_are_shown_on_every_python() -> None:
    """What this Python's Unicode knows is shown where `isprintable` says so; the rest is always shown."""
    for code in range(0x110000):
        character = chr(code)
        known = unicodedata.category(character) != "Cn"
        wanted = character.isprintable() if known else printable(character) == character
        assert (printable(character) == character) is wanted, hex(code)
