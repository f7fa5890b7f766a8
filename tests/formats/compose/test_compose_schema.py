"""What the Compose specification allows, against the official schema as oracle."""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.formats.compose.schema import schema_errors
from scanner.formats.compose.tree import ComposeSource, Mapping, TreeBuilder
from scanner.parsing.yaml import parse_yaml
from tests.formats.compose.compose_texts import place, read_files


def errors(text: str) -> list[str]:
    parsed = parse_yaml(text, "compose.yaml")
    root = parsed.documents[0].root
    assert root is not None
    tree = TreeBuilder(ComposeSource(parsed.source, "", {})).build(root)
    assert isinstance(tree, Mapping)
    found = []
    for error in schema_errors(tree):
        span = error.place.location.span
        found.append(f"{span.line}:{span.column} {error.place.value}")
    return found


def test_an_unknown_key_is_told_with_the_one_that_was_meant() -> None:
    assert errors("services:\n  web:\n    image: a\n    priviledged: true\n") == [
        "4:5 unknown key 'priviledged' in 'services.web'; did you mean 'privileged'?"
    ]
    assert errors("servics: {}\n") == ["1:1 unknown key 'servics'; did you mean 'services'?"]


def test_a_file_of_the_first_format_is_told_once() -> None:
    first = "web:\n  build: .\n  links: [db]\ndb:\n  image: postgres\n"
    (told,) = errors(first)
    assert told.startswith("1:1 service 'web' stands outside of 'services', as in the first Compose format")
    assert errors(first + "services: {}\n") == ["1:1 unknown key 'web'", "4:1 unknown key 'db'"]
    assert errors("servics:\n  web: {image: a}\n") == ["1:1 unknown key 'servics'; did you mean 'services'?"]


def test_a_wrong_type_is_told_with_its_place() -> None:
    assert errors("services:\n  web:\n    ports: 80\n    cgroup: hosts\n    user: 5\n") == [
        "3:5 expected a list for 'ports', found a whole number '80'",
        "4:5 expected one of 'host', 'private' for 'cgroup', found text",
        "5:5 expected text for 'user', found a whole number '5'",
    ]


def test_items_and_nested_keys_are_checked() -> None:
    assert errors("services:\n  web:\n    cap_add: [1]\n    deploy: {resources: {limit: {}}}\n") == [
        "3:15 expected text for 'cap_add', found a whole number '1'",
        "4:26 unknown key 'limit' in 'services.web.deploy.resources'; did you mean 'limits'?",
    ]


def test_extensions_resets_and_variables_are_fine() -> None:
    assert (
        errors(
            "x-a: 1\nservices: {web: {x-b: [1], ports: !reset null, scale: '${N}', tty: $T, mem_limit: 1g}}"
        )
        == []
    )


# Our check knows keys, types and enumerations; the others ask for what may stand elsewhere.
_NOT_CHECKED = ("required", "pattern", "minimum", "maximum", "uniqueItems", "format")


def _checked(part: Any) -> Any:
    if isinstance(part, dict):
        kept = {key: _checked(each) for key, each in part.items()}
        return {key: each for key, each in kept.items() if key not in _NOT_CHECKED or isinstance(each, dict)}
    return [_checked(each) for each in part] if isinstance(part, list) else part


def test_a_reading_tells_what_is_invalid_in_each_file() -> None:
    texts = {"a.yaml": "services: {web: {imag: x}}", "b.yaml": "services: {web: {user: root, prots: []}}"}
    resources = read_files(texts, "a.yaml", "b.yaml").resources
    assert resources is not None
    assert [(place(each.message), each.message.value) for each in resources.invalid] == [
        ("a.yaml:1:18", "unknown key 'imag' in 'services.web'; did you mean 'image'?"),
        ("b.yaml:1:30", "unknown key 'prots' in 'services.web'; did you mean 'ports'?"),
    ]


@cache
def _oracle() -> Any:
    vendor = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads(vendor.joinpath("compose-spec.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(_checked(schema))


def oracle_agrees(project: dict[str, Any]) -> bool:
    return bool(_oracle().is_valid(project)) != bool(errors(json.dumps(project)))


@pytest.mark.parametrize(
    "service",
    [
        {"build": {"context": ".", "args": ["A=1"], "privileged": "yes"}},
        {"build": {"contxt": "."}},
        {"build": 5},
        {"ports": ["80", 80, {"target": 80, "published": "80"}]},
        {"ports": {"a": 1}},
        {"environment": {"A": None, "B": 1, "C": True, "D": [1]}},
        {"environment": ["A", 1]},
        {"networks": {"a": None, "b": {"aliases": ["x"]}}},
        {"networks": {"a": {"alias": ["x"]}}},
        {"healthcheck": {"test": ["CMD", "x"], "interval": "1s", "retries": 3, "disable": False}},
        {"healthcheck": {"test": {"a": 1}}},
        {"ulimits": {"nofile": {"soft": 1, "hard": 2}, "nproc": 3}},
        {"gpus": "all"},
        {"gpus": "some"},
        {"command": None},
        {"command": [1]},
        {"logging": {"driver": "x", "options": {"a": None, "b": 1}}},
        {"deploy": {"replicas": 1, "placement": {"constraints": ["a"]}}},
        {"depends_on": {"a": {"condition": "service_started"}}},
        {"depends_on": {"a": {"condition": "soon"}}},
        {"env_file": [{"path": "a", "required": False}, "b"]},
        {"extra_hosts": {"a": ["1.1.1.1"]}},
        {"volumes": [{"type": "bind", "source": "a", "target": "b", "bind": {"propagation": "x"}}]},
        {"volumes": None},
        {"cpus": 0.5, "mem_limit": "1g", "pids_limit": -1},
    ],
)
def test_the_official_schema_judges_the_same(service: dict[str, Any]) -> None:
    assert oracle_agrees({"services": {"web": {"image": "x", **service}}})


@cache
def _service_keys() -> list[str]:
    definitions = _oracle().schema["$defs"]
    return sorted(
        key
        for name in ("service", "container_spec", "workload_spec")
        for key in definitions[name]["properties"]
    )


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["a", "80", "host", "all"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["a", "target", "source", "context", "test"]), inner, max_size=2),
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.deferred(lambda: st.dictionaries(st.sampled_from(_service_keys()), json_values, max_size=2)))
def test_the_official_schema_judges_random_services_the_same(service: dict[str, Any]) -> None:
    assert oracle_agrees({"services": {"web": service}})
