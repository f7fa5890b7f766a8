"""Facts hold what their fields declare, in all that there is to scan."""

from __future__ import annotations

import pytest

from scanner.formats.helm.settings import HelmSettings
from scanner.model.resources import Container, EnvVar, Mount, ResourceRef
from scanner.model.source import Located, Span, SpanSource, Unknown
from scanner.pipeline import Settings
from tests.fuzz.fact_types import mistyped, mistyped_of_tree
from tests.fuzz.projects import seeds
from tests.support import SHARED, write_tree

CORPUS = SHARED / "corpus"
_WITHOUT_CHARTS = HelmSettings(engine="none")


def at(value: object) -> Located[object]:
    return Located(value, Span(1, 1, 1, 2), SpanSource("x"))


def container(**fields: object) -> Container:
    return Container(ResourceRef("Pod", "p"), at("c"), **fields)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "field, value",
    [
        ("user", at(["a"])),
        ("user", at(1)),
        ("uid", at("1")),
        ("uid", at(True)),
        ("privileged", at("yes")),
        ("cap_add", at("ALL")),
        ("cap_add", at((1,))),
        ("cap_add", at(["ALL"])),
        ("user", "plain"),
        ("env", (at("A"),)),
        ("env", [EnvVar(at("A"))]),
        ("env", (EnvVar(at(1)),)),
        ("mounts", (Mount(read_only=at("true")),)),
        ("role", "main of all"),
    ],
)
def test_a_value_of_another_type_is_told(field, value):
    assert len(mistyped(container(**{field: value}))) == 1


@pytest.mark.parametrize(
    "field, value",
    [
        ("user", at("a")),
        ("uid", at(0)),
        ("uid", None),
        ("user", at(Unknown("x"))),
        ("cap_add", at(("A", "B"))),
    ],
)
def test_a_value_of_the_declared_type_is_not(field, value):
    assert mistyped(container(**{field: value})) == []


def test_facts_of_all_own_projects_fixtures_and_examples_are_typed(tmp_path):
    files = {
        f"{number}/{path}": text for number, (_, own) in enumerate(seeds()) for path, text in own.items()
    }
    write_tree(tmp_path, files)
    assert mistyped_of_tree(Settings(paths=(tmp_path,), helm=_WITHOUT_CHARTS)) == []


@pytest.mark.parametrize(
    "folder", ["awesome-compose", "kubernetes-goat", "microservices-demo", "opentelemetry-demo"]
)
def test_facts_of_real_projects_are_typed(folder):
    if not (CORPUS / folder).is_dir():
        pytest.skip("the corpus is not here")
    assert mistyped_of_tree(Settings(paths=(CORPUS / folder,), helm=_WITHOUT_CHARTS)) == []
