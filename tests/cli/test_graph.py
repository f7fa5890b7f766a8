"""`hullcheck graph`: formats, files, and less of it."""

from __future__ import annotations

import json

import pytest

from tests.drawing.trees import OVERLAYS, SHOP
from tests.support import hullcheck, write_tree


@pytest.fixture
def shop(tmp_path):
    return str(write_tree(tmp_path / "shop", SHOP))


def names(out: str) -> set[str]:
    return {f"{one['kind']} {one['name']}" for one in json.loads(out)["resources"]}


def test_json_is_the_default(shop):
    ran = hullcheck("graph", shop)
    assert ran.code == 0
    assert {"workload web", "stage 0", "service api", "zone internet"} <= names(ran.out)


@pytest.mark.parametrize("form, first", [("mermaid", "flowchart LR\n"), ("dot", "digraph hullcheck {\n")])
def test_other_formats_draw_an_outline_unless_asked_for_detail(shop, form, first):
    plain, detail = (
        hullcheck("graph", shop, "--format", form),
        hullcheck("graph", shop, "--format", form, "--detail"),
    )
    assert plain.out.startswith(first)
    assert "container web" not in plain.out
    assert "container web" in detail.out


def test_a_file_is_written_and_its_folder_made(shop, tmp_path):
    ran = hullcheck("graph", shop, "-o", str(tmp_path / "out" / "graph.json"))
    assert (ran.code, ran.out) == (0, "")
    assert "workload web" in names((tmp_path / "out" / "graph.json").read_text())


def test_a_page_is_written_alone_or_beside_an_export(shop, tmp_path):
    page = tmp_path / "graph.html"
    assert hullcheck("graph", shop, "--html", str(page)).out == ""
    assert page.read_text().startswith("<!doctype html>")
    assert hullcheck("graph", shop, "--html", str(page), "--format", "dot").out.startswith("digraph")


def test_kinds_leave_their_resources(shop):
    ran = hullcheck("graph", shop, "--kind", "service", "--kind", "workload")
    assert names(ran.out) == {"service api", "workload web", "workload db", "workload api"}


def test_an_unknown_kind_is_told_with_a_suggestion(shop):
    ran = hullcheck("graph", shop, "--kind", "servce")
    assert ran.code == 2
    assert "did you mean 'service'?" in ran.err


@pytest.mark.parametrize(
    "name", ["deployment/api", "Deployment api", "workload/api", "deployment:shop/api@deploy/app.yaml"]
)
def test_the_neighbourhood_of_a_resource(shop, name):
    near = names(hullcheck("graph", shop, "--around", name, "--depth", "1").out)
    assert {"workload api", "container api", "service api", "image registry.example/api:1.0"} <= near
    assert not {"workload web", "workload db"} & near
    assert names(hullcheck("graph", shop, "--around", name, "--depth", "0").out) == {
        "workload api",
        "container api",
    }


def test_two_workloads_are_not_near_for_being_on_the_same_internet(shop):
    near = names(hullcheck("graph", shop, "--around", "deployment/api", "--depth", "9").out)
    assert "zone internet" in near
    assert "workload web" not in near


def test_a_name_of_several_is_told(shop):
    ran = hullcheck("graph", shop, "--around", "api", "--depth", "0")
    assert "'api' is the name of" in ran.err
    assert names(ran.out) == {"workload api", "container api", "service api"}


def test_an_unknown_resource_is_an_error_with_a_suggestion(shop):
    ran = hullcheck("graph", shop, "--around", "wbe")
    assert ran.code == 2
    assert "no resource is called 'wbe'" in ran.err


def test_an_environment_comes_with_what_it_uses_and_no_other(tmp_path):
    root = str(write_tree(tmp_path, OVERLAYS))
    ran = hullcheck("graph", root, "--environment", "prod")
    assert {"workload prod-api", "service prod-api", "image registry.example/api:1.0"} <= names(ran.out)
    assert "workload dev-api" not in names(ran.out)
    wrong = hullcheck("graph", root, "--environment", "prd")
    assert wrong.code == 2
    assert "unknown environment 'prd'" in wrong.err
    assert "did you mean 'prod'?" in wrong.err


def test_more_than_mermaid_draws_is_told(tmp_path):
    services = "".join(f"  s{n}:\n    image: nginx:1\n    depends_on: [s{n // 2}]\n" for n in range(1, 600))
    write_tree(tmp_path, {"compose.yaml": "services:\n  s0: {image: 'nginx:1'}\n" + services})
    ran = hullcheck("graph", str(tmp_path), "--format", "mermaid")
    assert ran.code == 0
    assert "more than Mermaid draws" in ran.err


def test_a_folder_that_cannot_be_written_is_an_error(shop, tmp_path):
    (tmp_path / "file").write_text("")
    ran = hullcheck("graph", shop, "-o", str(tmp_path / "file" / "graph.json"))
    assert ran.code == 2
    assert "cannot write" in ran.err
