"""Which files make up a project, and which files are Compose at all."""

from __future__ import annotations

import pytest

from scanner.formats.compose.projects import ComposeUnit, group_projects
from scanner.formats.compose.recognition import recognizes
from tests.formats.compose.compose_texts import TextFiles

BASE = "services: {web: {image: a}, db: {image: b}}"
OVERLAY = "services: {web: {user: root}}"


def units(texts: dict[str, str], *asked: str) -> list[ComposeUnit]:
    return list(group_projects(asked or [path for path in texts if path.endswith("ml")], TextFiles(texts)))


def test_a_base_and_its_override_are_one_environment() -> None:
    texts = {"a/compose.yaml": BASE, "a/compose.override.yaml": OVERLAY, "a/.env": ""}
    assert units(texts) == [
        ComposeUnit("a", ("a/compose.yaml", "a/compose.override.yaml"), "default", ("a/.env",))
    ]


@pytest.mark.parametrize(
    "name, environment",
    [
        ("docker-compose.prod.yml", "prod"),
        ("compose.prod.yaml", "prod"),
        ("docker-compose-prod.yml", "prod"),
        ("compose_staging.yml", "staging"),
        ("prod.compose.yml", "prod"),
    ],
)
def test_each_overlay_is_an_environment_on_the_base(name: str, environment: str) -> None:
    found = units({"docker-compose.yml": BASE, name: OVERLAY, "docker-compose.override.yml": OVERLAY})
    assert ComposeUnit("", ("docker-compose.yml", name), environment) in found
    assert ComposeUnit("", ("docker-compose.yml", "docker-compose.override.yml")) in found
    assert len(found) == 2


@pytest.mark.parametrize(
    "text, is_overlay",
    [
        (OVERLAY, True),
        ("services: {web: {image: other}}", True),
        ("services: {extra: {image: x, depends_on: [db]}}", True),
        ("networks: {a: {}}", True),
        ("services: {extra: {image: x}}", False),
        ("services: {web: {image: x}, db: {build: .}, more: {image: y}}", False),
    ],
)
def test_a_sibling_is_an_overlay_when_it_needs_the_base(text: str, is_overlay: bool) -> None:
    found = units({"compose.yaml": BASE, "compose.dev.yaml": text}, "compose.dev.yaml")
    files = ("compose.yaml", "compose.dev.yaml") if is_overlay else ("compose.dev.yaml",)
    assert [unit.files for unit in found] == [files]


def test_without_a_base_each_file_is_a_project() -> None:
    found = units({"docker-compose.prod.yml": OVERLAY, "docker-compose.dev.yml": OVERLAY, "stack.yml": BASE})
    assert [(unit.files, unit.environment) for unit in found] == [
        (("docker-compose.dev.yml",), "default"),
        (("docker-compose.prod.yml",), "default"),
        (("stack.yml",), "default"),
    ]


def test_files_that_others_extend_or_include_are_parts_of_them() -> None:
    texts = {
        "compose.yaml": "include: [db/compose.yaml]\nservices: {web: {extends: {service: a, file: common.yml}}}",
        "common.yml": "services: {a: {image: x}}",
        "db/compose.yaml": BASE,
    }
    assert [unit.files for unit in units(texts)] == [("compose.yaml",)]


def test_the_env_file_may_name_the_files() -> None:
    texts = {
        "compose.yaml": BASE,
        "compose.prod.yaml": OVERLAY,
        ".env": "COMPOSE_FILE=compose.yaml:compose.prod.yaml\n",
    }
    assert ComposeUnit("", ("compose.yaml", "compose.prod.yaml"), "default", (".env",)) in units(texts)


def test_the_order_of_paths_does_not_matter() -> None:
    texts = {"compose.yaml": BASE, "compose.prod.yaml": OVERLAY, "b/compose.yml": BASE}
    assert units(texts, *texts) == units(texts, *reversed(texts))


@pytest.mark.parametrize(
    "path, text, expected",
    [
        ("compose.yaml", "not even close", True),
        ("stack.yml", BASE, True),
        ("stack.yml", "x-a: 1\nservices: {a: {build: .}}\nvolumes: {}", True),
        ("compose.prod.yaml", OVERLAY, True),
        ("compose.prod.yaml", "a: b", False),
        ("stack.yml", OVERLAY, False),
        ("svc.yaml", "apiVersion: v1\nkind: Service\nservices: {a: {image: b}}", False),
        ("values.yaml", BASE, False),
        ("chart/values-prod.yaml", BASE, False),
        (".github/workflows/ci.yml", "on: push\njobs: {a: {services: {db: {image: x}}}}", False),
        (".gitlab-ci.yml", "services: [docker:dind]", False),
        ("config/services.yaml", "services: {App\\Foo: {class: X}}", False),
        ("list.yaml", "- services", False),
        ("broken.yaml", "services: [", False),
        ("compose.dev.yml", "services: [", True),
    ],
)
def test_recognition(path: str, text: str, expected: bool) -> None:
    assert recognizes(path, text) is expected


def test_files_that_include_each_other_are_one_project_of_the_base() -> None:
    texts = {"compose.yaml": "include: [b.yaml]", "b.yaml": "include: [compose.yaml]"}
    assert units(texts) == [ComposeUnit("", ("compose.yaml",))]


def test_files_that_extend_each_other_are_one_project_of_the_first() -> None:
    texts = {
        "a.yaml": "services: {web: {extends: {file: b.yaml, service: web}}}",
        "b.yaml": "services: {web: {extends: {file: a.yaml, service: web}}}",
    }
    assert units(texts) == [ComposeUnit("", ("a.yaml",))]
